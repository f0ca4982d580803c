"""Intervals: repeatable, the same as the naive way, and honest where there are none."""

import math
from typing import Any

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.statistics import (
    Estimate,
    Level,
    RatingMatrix,
    Resampling,
    Weights,
    brennan_prediger,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    mean_pairwise_kappa,
    percent_agreement,
    specific_agreement,
)
from tests.statistics import published
from tests.statistics.published import make_counted, make_matrix

PLAN = Resampling(seed=11)
COEFFICIENTS = [
    percent_agreement,
    krippendorff_alpha,
    mean_pairwise_kappa,
    fleiss_kappa,
    brennan_prediger,
    gwet_ac,
]


def figures(estimate: Estimate) -> tuple[float, float, float]:
    """Return the lower limit, the value and the upper limit of a full estimate."""
    assert estimate.low is not None
    assert estimate.value is not None
    assert estimate.high is not None
    return estimate.low, estimate.value, estimate.high


def width(estimate: Estimate) -> float:
    """Return how far the limits are apart."""
    low, _, high = figures(estimate)
    return high - low


def naive_values(matrix: RatingMatrix, resamples: int) -> np.ndarray:
    """Resample whole items and ask the library each time."""
    rng = np.random.default_rng(5)
    data = np.where(matrix.codes < 0, np.nan, matrix.codes)
    level: Any = str(matrix.level)
    draws = rng.integers(0, matrix.n_items, (resamples, matrix.n_items))
    return np.array(
        [
            krippendorff.alpha(
                data[rows].T,
                level_of_measurement=level,
                value_domain=np.arange(len(matrix.domain)),
            )
            for rows in draws
        ]
    )


@pytest.mark.parametrize("level", [Level.NOMINAL, Level.ORDINAL])
def test_the_interval_is_that_of_the_naive_bootstrap(level):
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 4, (300, 1))
    codes = np.clip(truth + rng.choice([-1, 0, 1], (300, 3), p=[0.1, 0.8, 0.1]), 0, 3)
    codes[rng.random(codes.shape) < 0.2] = -1
    matrix = RatingMatrix.from_codes(codes, domain=range(4), level=level)

    estimate = krippendorff_alpha(matrix, resampling=PLAN)

    low, high = np.quantile(naive_values(matrix, 1000), [0.025, 0.975])
    assert estimate.low == pytest.approx(low, abs=0.012)
    assert estimate.high == pytest.approx(high, abs=0.012)


@pytest.mark.parametrize("coefficient", COEFFICIENTS)
def test_limits_enclose_the_value(coefficient):
    estimate = coefficient(make_counted(published.PANDALM), resampling=PLAN)

    low, value, high = figures(estimate)
    assert low < value < high
    assert estimate.method.endswith("BCa bootstrap over 999 items, 2000 resamples")


def test_cohen_kappa_has_an_interval_whichever_rater_comes_first():
    votes = make_counted(published.PANDALM)

    forwards = cohen_kappa(votes, 0, 2, resampling=PLAN)
    backwards = cohen_kappa(votes, 2, 0, resampling=PLAN)

    assert figures(forwards) == figures(backwards)
    assert figures(forwards)[0] < 0.8789 < figures(forwards)[2]


def test_kappa_interval_agrees_with_the_published_standard_error():
    votes = RatingMatrix.from_table(published.F05)

    estimate = cohen_kappa(votes, 0, 1, resampling=PLAN)

    assert width(estimate) / 3.92 == pytest.approx(0.0589107, rel=0.1)


def test_weighted_kappa_has_an_interval():
    votes = RatingMatrix.from_table(published.F05, level=Level.ORDINAL)

    estimate = cohen_kappa(votes, 0, 1, weights=Weights.QUADRATIC, resampling=PLAN)

    low, _, high = figures(estimate)
    assert low < 0.892157 < high


ratings = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from("abc"), st.sampled_from("xyz")),
    unique_by=lambda row: row[:2],
    max_size=90,
)


@given(ratings, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("coefficient", COEFFICIENTS)
def test_order_of_rows_changes_nothing(coefficient, rows, random):
    shuffled = random.sample(rows, len(rows))

    first = coefficient(RatingMatrix.from_triples(rows), resampling=PLAN)
    second = coefficient(RatingMatrix.from_triples(shuffled), resampling=PLAN)

    assert first == second


@given(ratings)
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("coefficient", COEFFICIENTS)
def test_renaming_labels_leaves_the_value(coefficient, rows):
    renamed = [(item, rater, {"x": "q", "y": "p"}.get(v, v)) for item, rater, v in rows]

    first = coefficient(RatingMatrix.from_triples(rows, domain="xyz"))
    second = coefficient(RatingMatrix.from_triples(renamed, domain="zpq"))

    assert first.value == pytest.approx(second.value)
    assert first.reason == second.reason


@given(ratings)
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("coefficient", COEFFICIENTS)
def test_renaming_reviewers_leaves_the_value(coefficient, rows):
    renamed = [(item, {"a": "z"}.get(rater, rater), v) for item, rater, v in rows]

    first = coefficient(RatingMatrix.from_triples(rows))
    second = coefficient(RatingMatrix.from_triples(renamed))

    assert first.value == pytest.approx(second.value)


@given(ratings)
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize(
    "coefficient", [c for c in COEFFICIENTS if c is not krippendorff_alpha]
)
def test_twice_the_same_items_leave_the_value(coefficient, rows):
    twice = rows + [(item + 100, rater, label) for item, rater, label in rows]

    first = coefficient(RatingMatrix.from_triples(rows))
    second = coefficient(RatingMatrix.from_triples(twice))

    assert first.value == pytest.approx(second.value)


def test_alpha_of_twice_the_items_nears_its_large_sample_value():
    once = krippendorff_alpha(make_matrix(published.F11))
    many = krippendorff_alpha(make_matrix([row * 500 for row in published.F11]))

    pi = fleiss_kappa(make_matrix(published.F11)).value
    assert once.value != pytest.approx(pi, abs=1e-3)
    assert many.value == pytest.approx(pi, abs=1e-3)


def test_fewer_than_ten_items_are_too_few():
    estimate = krippendorff_alpha(
        RatingMatrix.from_table([[4, 1], [1, 3]]), resampling=PLAN
    )

    assert estimate.value is not None
    assert (estimate.low, estimate.high) == (None, None)
    assert estimate.reason == "too few items for an interval: 9, 10 needed"


def test_a_rare_value_in_few_items_is_too_few():
    estimate = krippendorff_alpha(
        RatingMatrix.from_table([[23, 1], [1, 1]]), resampling=PLAN
    )

    assert estimate.low is None
    assert "only 3 hold any but the commonest value" in (estimate.reason or "")


def test_under_fifty_items_the_jackknife_is_used():
    estimate = krippendorff_alpha(
        RatingMatrix.from_table([[15, 3], [3, 15]]), resampling=PLAN
    )

    low, value, high = figures(estimate)
    assert low < value < high
    assert estimate.method.endswith("Fisher-z jackknife over 36 items")


def test_the_jackknife_is_that_of_leaving_items_out_one_by_one():
    matrix = RatingMatrix.from_table([[15, 3], [3, 15]])
    left = [
        krippendorff.alpha(
            np.delete(matrix.codes, item, axis=0).T.astype(float),
            level_of_measurement="nominal",
            value_domain=[0, 1],
        )
        for item in range(36)
    ]
    error = math.sqrt(35 * np.var(left))

    estimate = krippendorff_alpha(matrix, resampling=PLAN)

    _, value, high = figures(estimate)
    reach = 2.0301 * error / (1 - value**2)
    assert math.atanh(high) - math.atanh(value) == pytest.approx(reach, rel=1e-4)


def test_a_rare_value_among_many_items_uses_the_jackknife():
    estimate = krippendorff_alpha(
        RatingMatrix.from_table([[190, 3], [2, 5]]), resampling=PLAN
    )

    assert "jackknife" in estimate.method


def test_full_agreement_is_bounded_by_what_could_have_been_missed():
    estimate = krippendorff_alpha(
        RatingMatrix.from_table([[50, 0], [0, 50]]), resampling=PLAN
    )

    missed = 1 - 0.025 ** (1 / 100)
    assert estimate.value == estimate.high == 1
    assert estimate.low == pytest.approx(1 - 2 * missed, abs=0.002)


def test_full_agreement_on_few_rare_items_promises_little():
    balanced = krippendorff_alpha(
        RatingMatrix.from_table([[50, 0], [0, 50]]), resampling=PLAN
    )
    rare = krippendorff_alpha(
        RatingMatrix.from_table([[95, 0], [0, 5]]), resampling=PLAN
    )

    assert figures(rare)[0] < figures(balanced)[0]


def test_a_constant_rater_has_no_interval():
    estimate = cohen_kappa(
        RatingMatrix.from_table([[40, 0], [30, 0]]), 0, 1, resampling=PLAN
    )

    assert estimate.value == 0
    assert estimate.reason == "no interval: the items do not vary"


def test_an_item_on_which_all_hangs_leaves_no_interval():
    estimate = krippendorff_alpha(
        RatingMatrix.from_table([[99, 1], [0, 0]]), resampling=PLAN
    )

    assert estimate.reason == "no interval: undefined without one of the items"


def test_undefined_resamples_are_counted_and_told():
    votes = RatingMatrix.from_table([[50, 3, 0], [3, 42, 0], [0, 1, 1]])

    estimate = specific_agreement(votes, 2, resampling=PLAN)

    assert 0.1 < estimate.undefined_resamples / 2000 < 0.17
    assert f"{estimate.undefined_resamples} of them undefined" in estimate.method


def test_undefined_means_no_interval_either():
    estimate = krippendorff_alpha(
        RatingMatrix.from_table([[40, 0], [0, 0]]), resampling=PLAN
    )

    assert (estimate.value, estimate.low, estimate.high) == (None, None, None)


def make_conversations() -> tuple[RatingMatrix, dict[int, int]]:
    """Sixty conversations of five turns, all turns of one rated alike."""
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 2, (60, 1))
    codes = truth ^ (rng.random((60, 2)) < 0.15)
    matrix = RatingMatrix.from_codes(np.repeat(codes, 5, axis=0), domain=["no", "yes"])
    return matrix, {item: item // 5 for item in range(300)}


def test_items_that_share_a_conversation_are_drawn_together():
    matrix, conversation = make_conversations()
    alone = Resampling(seed=4)
    together = Resampling(seed=4, clusters=conversation)

    narrow = krippendorff_alpha(matrix, resampling=alone)
    wide = krippendorff_alpha(matrix, resampling=together)

    assert width(wide) > 1.8 * width(narrow)
    assert "over 60 clusters" in wide.method


def test_conversations_of_one_item_change_nothing():
    votes = make_counted(published.PANDALM)
    single = Resampling(seed=4, clusters={item: item for item in votes.items})

    alone = krippendorff_alpha(votes, resampling=Resampling(seed=4))
    clustered = krippendorff_alpha(votes, resampling=single)

    assert clustered.low == pytest.approx(alone.low, abs=0.005)
    assert clustered.high == pytest.approx(alone.high, abs=0.005)


def test_an_item_in_no_conversation_is_refused():
    plan = Resampling(clusters={0: "c1"})

    with pytest.raises(ValueError, match="item 1 is in no cluster"):
        krippendorff_alpha(RatingMatrix.from_table([[5, 5], [5, 5]]), resampling=plan)


def test_another_seed_gives_another_interval():
    votes = make_counted(published.PANDALM)

    first = krippendorff_alpha(votes, resampling=Resampling(seed=1))
    second = krippendorff_alpha(votes, resampling=Resampling(seed=2))

    assert first.low != second.low
    assert first.low == pytest.approx(second.low, abs=0.005)


@pytest.mark.parametrize(
    ("fields", "message"),
    [({"confidence": 95.0}, "not between 0 and 1"), ({"resamples": 100}, "too few")],
)
def test_a_rough_interval_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        Resampling(**fields)
