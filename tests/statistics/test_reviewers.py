"""Reviewers as instruments: gold, skill, drift, pace, severity, retests."""

import numpy as np
import pytest

from calibration.statistics import (
    Level,
    Pace,
    RateCorrection,
    RatingMatrix,
    Resampling,
    SequentialTest,
    UnorderedScale,
    Verdict,
    bernoulli_cusum,
    cusum_threshold,
    detection,
    ewma,
    fatigue,
    gold_leak,
    gold_record,
    pace,
    relative_pace,
    retest_kappa,
    sensitivity,
    severity,
)
from tests.statistics import published


@pytest.mark.parametrize(
    ("right", "answered", "above", "low"),
    [
        (10, 10, 0.833, 0.762),
        (14, 14, 0.913, 0.819),
        (18, 20, 0.630, 0.729),
        (28, 30, 0.864, 0.811),
        (45, 50, 0.797, 0.805),
    ],
)
def test_gold_posterior(right, answered, above, low):
    found = gold_record(right, answered)

    assert found.p_above_bar == pytest.approx(above, abs=5e-4)
    assert found.accuracy.low == pytest.approx(low, abs=5e-4)


def test_no_gold_leaves_the_prior():
    assert gold_record(0, 0).accuracy.value == 0.5


def test_more_right_than_answered_is_refused():
    with pytest.raises(ValueError, match="11 right of 10"):
        gold_record(11, 10)


def test_sequential_test_has_the_closed_form_bounds():
    test = SequentialTest()

    assert (test.flag_at, test.clear_at) == pytest.approx(
        (2.890372, -2.251292), abs=5e-7
    )
    assert (test.right_step, test.wrong_step) == pytest.approx(
        (-0.171850, 1.386294), abs=5e-7
    )
    assert test.expected_answers() == pytest.approx((21.23, 17.00), abs=5e-3)


def test_fourteen_right_answers_clear_and_three_wrong_ones_flag():
    test = SequentialTest()

    assert test.verdict([True] * 13) is Verdict.CONTINUE
    assert test.verdict([True] * 14) is Verdict.CLEAR
    assert test.verdict([False] * 2) is Verdict.CONTINUE
    assert test.verdict([False] * 3) is Verdict.FLAG


def test_the_first_bound_that_is_crossed_decides():
    assert SequentialTest().verdict([True] * 14 + [False] * 20) is Verdict.CLEAR


def test_a_sequential_test_that_cannot_end_is_refused():
    with pytest.raises(ValueError, match="bad < good"):
        SequentialTest(good=0.8, bad=0.9)


def test_skill_and_lean_of_given_rates():
    d_prime, criterion = (float(x) for x in sensitivity(0.70, 0.10))

    assert d_prime == pytest.approx(1.806, abs=5e-4)
    assert criterion == pytest.approx(0.3786, abs=5e-5)
    assert np.exp(d_prime * criterion) == pytest.approx(1.981, abs=5e-4)


def test_skill_and_lean_of_clipped_counts():
    found = detection(50, 0, 17, 8, correction=RateCorrection.CLIP)

    assert (found.hit_rate, found.false_alarm_rate) == (0.99, 0.68)
    assert found.d_prime.value == pytest.approx(1.8586, abs=5e-5)
    assert found.criterion.value == pytest.approx(-1.3970, abs=5e-5)
    assert found.log_beta == pytest.approx(-2.5966, abs=5e-5)


def test_skill_has_an_interval_from_ten_gold_cases_of_each_class():
    found = detection(40, 10, 5, 45, resampling=Resampling(seed=1))

    assert found.d_prime.low is not None
    assert found.d_prime.low < (found.d_prime.value or 0) < (found.d_prime.high or 0)


def test_skill_on_few_gold_cases_has_no_interval():
    found = detection(4, 1, 5, 45, resampling=Resampling(seed=1))

    assert found.d_prime.value is not None
    assert "too few gold cases of a class" in (found.d_prime.reason or "")


@pytest.mark.parametrize("counts", [(0, 0, 3, 4), (3, 4, 0, 0), (0, 0, 0, 0)])
def test_skill_without_a_class_of_gold_is_undefined(counts):
    found = detection(*counts)

    assert found.d_prime.value is None
    assert found.criterion.reason


def test_smoothed_averages_are_those_of_the_handbook():
    chart = ewma(published.F15, target=50, spread=2.0539)

    assert chart.values.round(2).tolist() == published.F15_AVERAGES
    assert chart.high[-1] == pytest.approx(52.5884, abs=6e-5)
    assert chart.low[-1] == pytest.approx(47.4116, abs=6e-5)
    assert chart.alarms.tolist() == []


def test_no_observations_give_an_empty_chart():
    assert ewma([], target=50, spread=2).alarms.tolist() == []


def test_cusum_forgets_what_was_right_and_sums_what_is_wrong():
    test = SequentialTest()

    chart = bernoulli_cusum([True, True, False, False], test=test, threshold=2.7)

    assert chart.values == pytest.approx([0, 0, test.wrong_step, 2 * test.wrong_step])
    assert chart.alarms.tolist() == [3]


def test_cusum_threshold_alarms_half_of_good_reviewers():
    test = SequentialTest()
    threshold = cusum_threshold(test=test, run_length=100, seed=1)
    rng = np.random.default_rng(2)

    alarmed = [
        len(
            bernoulli_cusum(
                list(rng.random(100) < test.good), test=test, threshold=threshold
            ).alarms
        )
        > 0
        for _ in range(400)
    ]

    # The chart moves in steps, so the half is met from above.
    assert 0.45 < np.mean(alarmed) < 0.75


def test_gold_answered_far_better_than_live_items_is_a_leak():
    assert (gold_leak(50, 50, 150, 200).p_value or 1) < 0.001
    assert (gold_leak(40, 50, 160, 200).p_value or 0) == pytest.approx(0.5)


@pytest.mark.parametrize("counts", [(0, 0, 5, 9), (5, 9, 0, 0), (5, 5, 9, 9)])
def test_leak_without_something_to_compare_is_undefined(counts):
    found = gold_leak(*counts)

    assert found.p_value is None
    assert found.reason


def test_severity_finds_who_rates_lower():
    rng = np.random.default_rng(4)
    truth = rng.integers(2, 6, (80, 1))
    codes = truth + rng.choice([-1, 0, 1], (80, 4)) - [[1, 0, 0, 0]]
    matrix = RatingMatrix.from_codes(codes, domain=range(8), level=Level.ORDINAL)

    found = severity(matrix)

    assert found[0].high is not None
    assert found[0].high < -0.5
    assert min(found, key=lambda rater: found[rater].value or 0) == 0


def test_severity_of_few_ratings_claims_little():
    rows = [[0, 1, 1]] * 30 + [[-1, 0, 0]] * 3
    rows += [[-1, 1, 0]] * 3
    matrix = RatingMatrix.from_codes(rows, domain=range(3), level=Level.ORDINAL)

    found = severity(matrix)

    assert found[0].value == pytest.approx(-1, abs=0.05)


def test_severity_on_a_nominal_scale_is_refused():
    with pytest.raises(UnorderedScale):
        severity(RatingMatrix.from_table([[1, 0], [0, 1]]))


def test_severity_without_shared_items_is_undefined():
    matrix = RatingMatrix.from_codes(
        [[0, -1], [-1, 1]], domain=range(2), level=Level.ORDINAL
    )

    assert severity(matrix)[0].value is None
    assert severity(matrix)[0].reason


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(29, Pace.IMPOSSIBLE), (30, Pace.FAST), (44, Pace.FAST), (45, Pace.PLAUSIBLE)],
)
def test_pace_of_three_hundred_words(seconds, expected):
    assert pace(300, seconds) is expected


def test_relative_pace_does_not_count_long_texts_against_anyone():
    found = relative_pace(["a", "b", "a", "b"], [100, 100, 800, 800], [10, 20, 80, 160])

    assert found["b"] / found["a"] == pytest.approx(2)


def test_relative_pace_of_no_time_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        relative_pace(["a"], [100], [0])


def test_fatigue_is_the_growth_of_errors():
    found = fatigue(range(40), [0] * 20 + [1] * 20)

    assert found.low is not None
    assert found.low > 0


@pytest.mark.parametrize(
    ("places", "errors"), [([1, 2], [0, 1]), ([3, 3, 3], [0, 1, 0])]
)
def test_fatigue_without_a_course_is_undefined(places, errors):
    found = fatigue(places, errors)

    assert found.value is None
    assert found.reason


def test_fatigue_of_no_errors_has_no_interval():
    found = fatigue(range(5), [0] * 5)

    assert (found.value, found.low) == (0, None)
    assert found.reason


def test_retest_kappa_is_agreement_with_oneself():
    answers = [(item, "no", "no") for item in range(3)]
    answers += [(item, "yes", "yes") for item in range(3, 6)]

    assert retest_kappa(answers, domain=["no", "yes"]).value == 1


def test_retest_kappa_without_retests_is_undefined():
    found = retest_kappa([], domain=["no", "yes"])

    assert found.value is None
    assert found.reason == "no item was rated again"
