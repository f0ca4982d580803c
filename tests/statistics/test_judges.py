"""Judges on trial: against consensus, as a stand-in, their biases, corrected rates."""

import numpy as np
import pytest

from calibration.statistics import (
    Level,
    RatingMatrix,
    Resampling,
    UnknownLabel,
    alternative_annotator_test,
    benjamini_yekutieli,
    guaranteed_threshold,
    judge_record,
    length_bias,
    prediction_powered,
    rogan_gladen,
    self_preference,
    swap_record,
)
from tests.statistics import published
from tests.statistics.published import make_counted

HUMAN = [1, 1, 0, 1, 0, 1, 1, 0, 1, 1]
JUDGE = [1, 1, 1, 1, 0, 1, 0, 0, 1, 1]
REST = [1] * 70 + [0] * 30


def test_judge_is_compared_with_the_majority_and_ties_are_counted():
    votes = RatingMatrix.from_counts([[3, 0], [0, 3], [2, 1], [0, 3], [1, 1]])

    found = judge_record(votes, {0: 0, 1: 1, 2: 1, 3: 1, 4: 0})

    assert found.accuracy.value == 0.75
    assert found.kappa.value == pytest.approx(0.5)
    assert found.ties_left_out == 1


def test_humans_are_measured_on_the_items_the_judge_saw():
    votes = make_counted(published.PANDALM)
    items = range(0, votes.n_items, 3)

    found = judge_record(votes, dict.fromkeys(items, "A"))

    assert found.human_alpha.n_items == found.accuracy.n_items == len(items)


def test_judge_figures_have_intervals():
    votes = make_counted(published.PANDALM)
    verdicts = {item: "ABT"[item % 3] for item in votes.items}

    found = judge_record(votes, verdicts, resampling=Resampling(seed=1))

    assert None not in (found.accuracy.low, found.kappa.low, found.human_kappa.low)


def test_a_judge_of_no_rated_item_is_undefined():
    found = judge_record(RatingMatrix.from_counts([[2, 0], [0, 2]]), {"other": 0})

    assert found.accuracy.value is None
    assert found.kappa.value is None
    assert found.human_alpha.reason


def test_a_verdict_off_the_scale_is_refused():
    with pytest.raises(UnknownLabel, match="verdict 'maybe' on item 0"):
        judge_record(RatingMatrix.from_counts([[2, 0], [0, 2]]), {0: "maybe"})


def make_panel(judge_error: float) -> tuple[RatingMatrix, dict[int, int]]:
    rng = np.random.default_rng(8)
    truth = rng.integers(0, 2, (120, 1))
    humans = truth ^ (rng.random((120, 3)) < 0.15)
    judge = truth[:, 0] ^ (rng.random(120) < judge_error)
    matrix = RatingMatrix.from_codes(humans, domain=[0, 1])
    return matrix, dict(enumerate(judge.tolist()))


def test_a_good_judge_may_stand_in():
    found = alternative_annotator_test(*make_panel(0.05))

    assert found.omega == 1
    assert found.passes


def test_a_bad_judge_may_not_stand_in():
    found = alternative_annotator_test(*make_panel(0.45))

    assert found.omega == 0
    assert not found.passes


def test_advantages_are_counted_item_by_item():
    # On item 0 the judge sides with rater 2, whom nobody else joins; on the others
    # all are of one mind.
    votes = RatingMatrix.from_codes([[0, 0, 1], [1, 1, 1], [0, 0, 0]], domain=[0, 1])

    found = alternative_annotator_test(votes, {0: 1, 1: 1, 2: 0}, least_items=3)

    # Raters 0 and 1 have one of two others with them, as the judge has.
    assert [row.judge_advantage for row in found.comparisons] == [1, 1, 1]
    assert [row.human_advantage for row in found.comparisons] == [1, 1, 1]


def test_a_judge_who_stands_alone_loses_the_item():
    votes = RatingMatrix.from_codes([[0, 0, 0], [1, 1, 1]], domain=[0, 1])

    found = alternative_annotator_test(votes, {0: 1, 1: 1}, least_items=2)

    assert [row.judge_advantage for row in found.comparisons] == [0.5, 0.5, 0.5]
    assert found.rho == 0.5


def test_a_human_with_few_items_is_skipped_and_named():
    matrix, verdicts = make_panel(0.05)
    codes = matrix.codes.copy()
    codes[29:, 2] = -1
    thinned = RatingMatrix.from_codes(codes, domain=[0, 1])

    found = alternative_annotator_test(thinned, verdicts)

    assert found.skipped_raters == (2,)
    assert [row.rater for row in found.comparisons] == [0, 1]


def test_without_a_human_to_compare_there_is_no_omega():
    found = alternative_annotator_test(RatingMatrix.from_counts([[2, 0]]), {0: 0})

    assert (found.omega, found.rho) == (None, None)
    assert found.reason
    assert found.skipped_raters == (0, 1)


def test_on_ordered_scales_a_near_miss_beats_a_far_one():
    codes = [[0, 2, 2]] * 40
    votes = RatingMatrix.from_codes(codes, domain=range(3), level=Level.ORDINAL)

    found = alternative_annotator_test(votes, dict.fromkeys(range(40), 1))

    assert found.comparisons[0].judge_advantage == 1
    assert found.comparisons[0].human_advantage == 0


def test_the_correction_is_harsher_than_for_independent_tests():
    assert benjamini_yekutieli([0.01, 0.02, 0.03], 0.05) == [False, False, False]
    assert benjamini_yekutieli([0.001, 0.02, 0.03], 0.05) == [True, False, False]
    assert benjamini_yekutieli([], 0.05) == []


def test_a_judge_that_takes_the_first_shown_is_inconsistent():
    found = swap_record(["a"] * 20, ["b"] * 20)

    assert found.consistency.value == 0
    assert found.first_shown.value == 1
    assert (found.p_value or 1) < 1e-9


def test_a_judge_that_only_ties_has_no_side():
    found = swap_record(["tie"], ["tie"])

    assert found.consistency.value == 1
    assert found.first_shown.value is None
    assert found.p_value is None


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [(["a"], [], "the other"), (["A"], ["a"], "'A' is not a, b or tie")],
)
def test_verdicts_that_do_not_pair_are_refused(one, other, message):
    with pytest.raises(ValueError, match=message):
        swap_record(one, other)


def make_pairs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(6)
    pull = rng.normal(size=2000)
    human = rng.random(2000) < 0.5
    chance = 1 / (1 + np.exp(-(2.0 * (human - 0.5) + 0.8 * pull)))
    return rng.random(2000) < chance, human, pull


def test_length_bias_finds_what_was_put_in():
    judge, human, longer = make_pairs()
    chance = 1 / (1 + np.exp(-(2.0 * (human - 0.5) + 0.8 * longer)))

    found = length_bias(judge, human, 100 * longer)

    assert found.low is not None
    assert found.low < 0.8 * float(np.mean(chance * (1 - chance))) < (found.high or 0)


def test_self_preference_of_an_even_handed_judge_is_nothing():
    rng = np.random.default_rng(7)
    judge, human, _ = make_pairs()

    found = self_preference(judge, human, rng.random(2000) < 0.5)

    assert found.low is not None
    assert found.low < 0 < (found.high or 0)


@pytest.mark.parametrize(
    ("judge", "pull", "reason"),
    [
        ([1, 1, 1, 1], [1, 2, 3, 4], "verdicts do not vary"),
        ([1, 0, 1, 0], [1, 1, 1, 1], "does not vary"),
        ([0, 0, 1, 1], [1, 2, 3, 4], "predicted perfectly"),
        ([], [], "verdicts do not vary"),
    ],
)
def test_a_bias_that_cannot_be_told_is_undefined(judge, pull, reason):
    found = length_bias(judge, [1, 0, 0, 1][: len(judge)], pull)

    assert found.value is None
    assert reason in (found.reason or "")


@pytest.mark.parametrize(
    ("power", "low", "high"),
    [(1.0, 0.408630, 0.991370), (0.0, 0.415974, 0.984026), (None, 0.453930, 0.946070)],
)
def test_prediction_powered_limits(power, low, high):
    found = prediction_powered(HUMAN, JUDGE, REST, power=power)

    assert found.rate.value == pytest.approx(0.70)
    assert (found.rate.low, found.rate.high) == pytest.approx((low, high), abs=1e-6)


def test_a_judge_that_never_varies_is_ignored():
    found = prediction_powered(HUMAN, [1] * 10, [1] * 50)

    assert found.power == 0
    assert found.rate.value == pytest.approx(0.7)


def test_too_few_items_leave_the_rate_undefined():
    found = prediction_powered([1], [1], REST)

    assert found.rate.value is None
    assert found.rate.reason


def test_rates_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match="do not match"):
        prediction_powered([1, 0], [1], REST)


def test_rogan_gladen_limits():
    found = rogan_gladen(
        400,
        1000,
        true_negatives=140,
        negatives=200,
        true_positives=180,
        positives=200,
    )

    assert found.value == pytest.approx(0.166667, abs=5e-7)
    assert (found.low, found.high) == pytest.approx((0.056351, 0.262733), abs=5e-7)


@pytest.mark.parametrize(
    ("judged", "right", "each"), [(0, 0, 20), (100, 0, 0), (100, 5, 20)]
)
def test_a_judge_that_knows_nothing_corrects_nothing(judged, right, each):
    found = rogan_gladen(
        0,
        judged,
        true_negatives=right,
        negatives=each,
        true_positives=right,
        positives=each,
    )

    assert found.value is None
    assert found.reason


def test_a_threshold_stops_where_agreement_is_no_longer_promised():
    confidences = [0.95] * 100 + [0.8] * 100 + [0.6] * 100
    agrees = (
        [True] * 99 + [False] + [True] * 95 + [False] * 5 + [True] * 50 + [False] * 50
    )

    found = guaranteed_threshold(confidences, agrees, target=0.9, risk=0.1)

    assert found.confidence == 0.8
    assert found.coverage == pytest.approx(2 / 3)
    assert found.agreement.value == pytest.approx(0.97)


def test_without_a_safe_threshold_there_is_none():
    found = guaranteed_threshold([0.9] * 50, [False] * 50)

    assert found.confidence is None
    assert found.reason == "no threshold promises agreement of 90%"


def test_the_promise_of_a_threshold_is_kept():
    rng = np.random.default_rng(9)
    broken = 0
    for _ in range(300):
        sure = rng.integers(5, 10, 300) / 10
        found = guaranteed_threshold(sure, rng.random(300) < sure, target=0.8)
        # Agreement above t is the mean of the levels from t on: 0.8 from 0.7 on.
        broken += found.confidence is not None and found.confidence < 0.7

    assert broken / 300 <= 0.1
