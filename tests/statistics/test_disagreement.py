"""Shares of chosen cases, re-weighted; paired changes; pass^k; how many would tell."""

from itertools import combinations
from math import comb

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from calibration.statistics import (
    Estimate,
    cases_to_tell,
    effective_cases,
    paired_change,
    pairs_to_tell,
    pass_hat_k,
    proportion,
    weighted_share,
)


def limits(found: Estimate) -> tuple[float, float]:
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


@pytest.mark.parametrize(
    ("count", "total"), [(81, 263), (15, 148), (0, 20), (1, 29), (29, 29)]
)
def test_equal_weights_give_the_wilson_limits(count, total):
    scores = [1] * count + [0] * (total - count)

    found = weighted_share(scores, [2.5] * total)

    plain = proportion(count, total)
    assert found.value == pytest.approx(plain.value)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))


def test_newcombe_s_limits_are_reproduced():
    found = weighted_share([1] * 15 + [0] * 133)

    assert limits(found) == pytest.approx((0.0624, 0.1605), abs=5e-5)


def test_weights_may_be_in_any_unit():
    scores, weights = [1, 0, 0, 1, 0, 0, 0, 0], [1, 2, 3, 4, 5, 6, 7, 8]

    found = weighted_share(scores, weights)

    assert found.value == pytest.approx(5 / 36)
    scaled = weighted_share(scores, [weight / 36 for weight in weights])
    assert (found.low, found.high) == pytest.approx((scaled.low, scaled.high))


def test_order_of_cases_changes_nothing():
    rng = np.random.default_rng(3)
    scores, weights = rng.integers(0, 2, 200), rng.uniform(0.1, 4, 200)
    places = rng.permutation(200)

    found = weighted_share(scores, weights)

    again = weighted_share(scores[places], weights[places])
    assert (found.value, found.low) == pytest.approx((again.value, again.low))


def test_limits_cover_where_hard_cases_are_over_weighted():
    # A quarter of the cases stands for a twentieth of the traffic.
    rng = np.random.default_rng(1)
    weights = np.repeat([0.95 / 45, 0.05 / 15], [45, 15])
    rates = np.repeat([0.03, 0.3], [45, 15])
    truth = 0.95 * 0.03 + 0.05 * 0.3

    covered = 0
    for _ in range(400):
        found = weighted_share(rng.random(60) < rates, weights)
        low, high = limits(found)
        covered += low <= truth <= high

    # Resampling the cases covers three times in four here.
    assert covered / 400 >= 0.93


def test_no_disagreement_still_has_an_upper_limit():
    found = weighted_share([0] * 60, [4] * 45 + [1] * 15)

    worth = effective_cases([0] * 60, [4] * 45 + [1] * 15)
    assert found.low == 0
    assert found.high == pytest.approx(1.96**2 / (worth + 1.96**2), abs=1e-4)


def test_no_cases_give_no_share():
    found = weighted_share([])

    assert found.value is None
    assert found.reason == "there are no cases"


@pytest.mark.parametrize(
    ("scores", "weights"),
    [([2], [1]), ([-0.1], [1]), ([1], [0]), ([1], [float("inf")]), ([1, 0], [1])],
)
def test_what_is_no_score_or_weight_is_refused(scores, weights):
    with pytest.raises(ValueError, match=r"scores|weights"):
        weighted_share(scores, weights)


def test_mcnemar_is_that_of_statsmodels():
    before = [0] * 30 + [1] * 30
    after = [1] * 9 + [0] * 21 + [0] * 3 + [1] * 27

    found = paired_change(before, after)

    table = [[21, 9], [3, 27]]
    assert found.p_value == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert (found.rose, found.fell) == (9, 3)


def test_bonett_price_limits_follow_their_formula():
    found = paired_change([0] * 100, [1] * 10 + [0] * 90).difference

    up, down = 11 / 102, 1 / 102
    reach = 1.959964 * ((up + down - (up - down) ** 2) / 102) ** 0.5
    assert found.value == pytest.approx(0.1)
    assert (found.low, found.high) == pytest.approx(
        (up - down - reach, up - down + reach), abs=1e-6
    )


def test_four_more_mistakes_are_no_change_yet():
    # A bootstrap of the cases would leave 0 out; McNemar's test does not.
    found = paired_change([0] * 300, [1] * 4 + [0] * 296)

    low, high = limits(found.difference)
    assert low < 0 < high
    assert found.p_value == pytest.approx(0.125)


def test_the_same_candidate_has_not_changed():
    found = paired_change([0, 1, 0, 1] * 10, [0, 1, 0, 1] * 10)

    assert found.difference.value == 0
    assert found.p_value == 1


def test_scores_between_have_limits_by_student():
    before, after = [0.2, 0.4, 0.6, 0.0], [0.4, 0.4, 1.0, 0.2]

    found = paired_change(before, after)

    wanted = stats.ttest_rel(after, before).confidence_interval()
    assert limits(found.difference) == pytest.approx((wanted.low, wanted.high))
    assert found.p_value is None


def test_one_shared_case_has_no_interval():
    found = paired_change([0.5], [0.25]).difference

    assert (found.value, found.low) == (-0.25, None)


def test_nothing_shared_is_no_change():
    assert paired_change([], []).difference.reason == "the two share no case"


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_pass_hat_k_is_the_share_of_choices_that_pass(k):
    runs = [True, True, False, True, False]

    chosen = list(combinations(runs, k))

    assert pass_hat_k(3, 5, k) == sum(map(all, chosen)) / len(chosen)


def test_pass_hat_k_is_unbiased():
    p, runs, k = 0.7, 6, 3

    mean = sum(
        comb(runs, passed)
        * p**passed
        * (1 - p) ** (runs - passed)
        * pass_hat_k(passed, runs, k)
        for passed in range(runs + 1)
    )

    assert mean == pytest.approx(p**k)


@pytest.mark.parametrize(("passed", "runs", "k"), [(3, 2, 1), (1, 2, 3), (1, 1, 0)])
def test_pass_hat_k_wants_k_runs(passed, runs, k):
    with pytest.raises(ValueError, match="say nothing"):
        pass_hat_k(passed, runs, k)


@pytest.mark.parametrize(("share", "bar"), [(0.05, 0.1), (0.14, 0.1), (0.5, 0.35)])
def test_so_many_cases_tell_four_times_in_five(share, bar):
    n = cases_to_tell(share, bar) or 0

    counts = np.arange(n + 1)
    told = [
        not low <= bar <= high
        for low, high in (limits(proportion(int(count), n)) for count in counts)
    ]
    power = stats.binom.pmf(counts, n, share) @ told
    assert power == pytest.approx(0.8, abs=0.04)


def test_no_number_of_cases_tells_what_is_equal():
    assert cases_to_tell(0.1, 0.1) is None
    assert pairs_to_tell(0.1, 0.0) is None


def test_so_many_pairs_tell_four_times_in_five():
    n = pairs_to_tell(0.1, 0.04) or 0
    rng = np.random.default_rng(5)

    rose, fell = rng.multinomial(n, [0.07, 0.03, 0.9], 4000).T[:2]

    z = (rose - fell) / np.sqrt(rose + fell)
    assert np.mean(np.abs(z) > 1.96) == pytest.approx(0.8, abs=0.03)
