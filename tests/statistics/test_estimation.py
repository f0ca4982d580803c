"""Rates over all traffic, escapes, plans, and blinding: the worked examples."""

import pytest

from calibration.statistics import (
    Limits,
    Overloaded,
    Stratum,
    bang_by_system,
    bang_index,
    erlang_c,
    escapes,
    gap_by_guess,
    hajek,
    horvitz_thompson,
    items_needed,
    james_index,
    left_right,
    neyman,
    people_needed,
    proportion,
    right_guesses,
    stratified,
    upper_limit,
)
from tests.statistics import published

FAILED = [1, 0, 1, 0, 0, 1]
CHANCES = [0.9, 0.9, 0.5, 0.5, 0.1, 0.1]


@pytest.mark.parametrize(
    ("count", "total", "wilson", "exact"),
    [
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0, 0.1611), (0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_limits_of_shares(count, total, wilson, exact):
    shown = proportion(count, total)
    guaranteed = proportion(count, total, limits=Limits.CLOPPER_PEARSON)

    assert (shown.low, shown.high) == pytest.approx(wilson, abs=6e-5)
    assert (guaranteed.low, guaranteed.high) == pytest.approx(exact, abs=6e-5)


@pytest.mark.parametrize(
    ("total", "limit"), [(59, 0.0495), (149, 0.0199), (299, 0.0100)]
)
def test_none_seen_is_not_none(total, limit):
    assert upper_limit(0, total) == pytest.approx(limit, abs=6e-5)


def test_a_share_of_nothing_is_undefined():
    assert proportion(0, 0).value is None
    assert proportion(0, 0).reason == "nothing was counted"


@pytest.mark.parametrize(("count", "total"), [(3, 2), (-1, 2)])
def test_more_than_all_is_refused(count, total):
    with pytest.raises(ValueError, match="no share"):
        proportion(count, total)
    with pytest.raises(ValueError, match="no share"):
        upper_limit(count, total)


def test_weighted_rates_of_all_traffic():
    ratio = hajek(FAILED, CHANCES)
    total = horvitz_thompson(FAILED, CHANCES, 30)

    assert ratio.rate.value == pytest.approx(0.5, abs=5e-5)
    assert ratio.standard_error == pytest.approx(0.2588, abs=5e-5)
    assert ratio.population == pytest.approx(26.22, abs=5e-3)
    assert total.rate.value == pytest.approx(0.4370, abs=5e-5)
    assert total.standard_error == pytest.approx(0.3199, abs=5e-5)


def test_equal_chances_give_the_plain_mean():
    assert hajek(FAILED, [0.2] * 6).rate.value == pytest.approx(0.5)


def test_no_items_leave_the_rate_undefined():
    assert hajek([], []).rate.value is None
    assert horvitz_thompson([], [], 10).rate.reason == "no item was reviewed"


@pytest.mark.parametrize("chance", [0, -0.1, 1.1])
def test_a_chance_of_nothing_is_refused(chance):
    with pytest.raises(ValueError, match="inclusion probabilities"):
        hajek([1], [chance])


def test_items_without_chances_are_refused():
    with pytest.raises(ValueError, match="do not match"):
        hajek([1, 0], [0.5])


def test_the_overall_rate_joins_review_and_audit():
    found = stratified([Stratum(1000, 1000, 180), Stratum(9000, 300, 6)])

    assert found.rate.value == pytest.approx(0.036)
    assert 1.96 * (found.standard_error or 0) == pytest.approx(0.014, abs=5e-4)
    assert found.rate.low is not None
    assert found.rate.low > 0.018 + 0.9 * 0.0092


def test_a_stratum_without_sample_leaves_the_rate_undefined():
    found = stratified([Stratum(1000, 1000, 180), Stratum(9000, 0, 0)])

    assert found.rate.value is None
    assert found.rate.reason == "1 of 2 strata were not sampled"


def test_no_traffic_leaves_the_rate_undefined():
    assert stratified([]).rate.reason == "there is no traffic"


def test_a_stratum_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="cannot be"):
        Stratum(population=10, sampled=5, failures=6)


def test_escape_rate_and_miss_share_are_two_figures():
    found = escapes(passed=9000, audited=300, failed=6, caught=180)

    wilson = (found.escape_rate.low, found.escape_rate.high)
    exact = (found.guaranteed.low, found.guaranteed.high)
    assert found.escape_rate.value == 0.02
    assert wilson == pytest.approx((0.0092, 0.0429), abs=5e-5)
    assert exact == pytest.approx((0.0074, 0.0430), abs=5e-5)
    assert found.escaped.value == pytest.approx(180)
    assert (found.escaped.low, found.escaped.high) == pytest.approx((83, 386), abs=0.5)
    assert found.miss_share.value == pytest.approx(0.5)


def test_no_escape_seen_says_what_is_still_possible():
    found = escapes(passed=9000, audited=299, failed=0, caught=180)

    assert found.at_most == pytest.approx(0.00997, abs=5e-6)
    assert "up to 1.00%" in (found.escape_rate.reason or "")
    assert found.escaped.high is not None
    assert found.escaped.high > 90


def test_without_audit_escapes_are_undefined():
    found = escapes(passed=9000, audited=0, failed=0, caught=180)

    for figure in (
        found.escape_rate,
        found.guaranteed,
        found.escaped,
        found.miss_share,
    ):
        assert figure.value is None
        assert figure.reason


def test_without_any_failure_the_miss_share_is_undefined():
    found = escapes(passed=9000, audited=300, failed=0, caught=0)

    assert found.miss_share.reason == "no failure was found at all"


def test_reviewing_goes_where_rates_vary():
    found = neyman([5000, 3000, 2000], [0.02, 0.10, 0.40], 400)

    assert found.round(1).tolist() == [108.5, 139.5, 151.9]


def test_reviewing_goes_by_size_where_no_rate_varies():
    assert neyman([300, 100], [0, 0], 40).tolist() == [30, 10]


@pytest.mark.parametrize(
    ("kappa", "prevalence", "widths"),
    [
        (0.4, 0.1, [3389, 848, 377, 212]),
        (0.4, 0.3, [1516, 379, 169, 95]),
        (0.4, 0.5, [1291, 323, 144, 81]),
        (0.6, 0.1, [2820, 705, 314, 177]),
        (0.6, 0.3, [1181, 296, 132, 74]),
        (0.6, 0.5, [984, 246, 110, 62]),
        (0.8, 0.1, [1603, 401, 179, 101]),
        (0.8, 0.3, [666, 167, 74, 42]),
        (0.8, 0.5, [554, 139, 62, 35]),
    ],
)
def test_items_for_a_wanted_interval(kappa, prevalence, widths):
    found = [items_needed(kappa, prevalence, half) for half in (0.05, 0.10, 0.15, 0.20)]

    assert found == widths


@pytest.mark.parametrize(
    ("kappa", "prevalence", "half"), [(0.5, 0, 0.1), (0.5, 0.5, 0), (-0.9, 0.1, 0.1)]
)
def test_a_plan_that_cannot_be_is_refused(kappa, prevalence, half):
    with pytest.raises(ValueError, match=r"must lie|cannot occur"):
        items_needed(kappa, prevalence, half)


@pytest.mark.parametrize(
    ("arrivals", "handling", "agents", "within", "expected"),
    [
        (360, 240, 55, 15, (48, 0.8727, 0.2387, 0.8459, 8.18)),
        (100, 180, 14, 20, (10, 10 / 14, 0.1741, 0.8884, 7.84)),
    ],
)
def test_waiting_at_a_gate(arrivals, handling, agents, within, expected):
    found = erlang_c(
        arrivals=arrivals, period=1800, handling=handling, agents=agents, within=within
    )

    figures = (found.load, found.occupancy, found.wait_probability, found.service_level)
    assert figures == pytest.approx(expected[:4], abs=6e-5)
    assert found.mean_wait == pytest.approx(expected[4], abs=5e-3)


def test_nobody_waits_where_nothing_arrives():
    found = erlang_c(arrivals=0, period=1800, handling=180, agents=1, within=20)

    assert (found.wait_probability, found.service_level) == (0, 1)


def test_more_work_than_people_is_refused():
    with pytest.raises(Overloaded, match="needs more than 10 people"):
        erlang_c(arrivals=100, period=1800, handling=180, agents=10, within=20)


def test_people_for_a_day():
    found = people_needed(
        arrivals=10_000,
        review_share=0.1,
        handling=36,
        productive_hours=5,
        utilisation=0.5,
    )

    assert found == pytest.approx(4)


def test_people_who_never_work_are_refused():
    with pytest.raises(ValueError, match="above 0"):
        people_needed(arrivals=1, review_share=1, handling=1, productive_hours=0)


@pytest.mark.parametrize(
    ("counts", "value", "error", "low", "high"),
    [
        ((82, 25, 170), 0.2058, 0.0352, 0.1478, 0.2637),
        ((29, 27, 83), 0.0144, 0.0538, -0.0741, 0.1029),
    ],
)
def test_blinding_of_each_arm(counts, value, error, low, high):
    found = bang_index(*counts)

    assert found.value == pytest.approx(value, abs=5e-5)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)
    assert ((found.high or 0) - (found.low or 0)) / 2 / 1.644854 == pytest.approx(
        error, abs=5e-5
    )


def test_blinding_of_other_published_arms():
    assert bang_index(143, 14, 188).value == pytest.approx(0.3739, abs=5e-5)
    assert bang_index(57, 104, 175).value == pytest.approx(-0.1399, abs=5e-5)


@pytest.mark.parametrize("systems", [2, 3, 5])
def test_guessing_blindly_scores_nothing_whatever_the_number_of_systems(systems):
    found = bang_index(10, 10 * (systems - 1), 0, systems=systems)

    assert found.value == pytest.approx(0)


def test_index_of_many_systems_is_that_of_shares():
    found = bang_index(30, 20, 10, systems=4)

    assert found.value == pytest.approx((30 / 60 - (50 / 60) / 4) / (1 - 1 / 4))


def test_blinding_by_system_counts_unsure_guesses():
    guesses = [
        ("a", "a"),
        ("a", None),
        ("b", "a"),
        ("b", "b"),
        ("b", None),
        ("b", None),
    ]

    found = bang_by_system(guesses)

    assert {system: index.value for system, index in found.items()} == {
        "a": 0.5,
        "b": 0,
    }


def test_blinding_without_guesses_is_undefined():
    assert bang_index(0, 0, 0).reason == "nobody was asked"
    assert james_index([[0, 0], [0, 0], [0, 0]]).value is None
    assert right_guesses(0, 0, systems=2) is None
    assert bang_by_system([]) == {}


def test_guesses_all_alike_have_no_interval():
    assert bang_index(0, 0, 9).value == 0
    assert bang_index(9, 0, 0).low is None
    assert james_index([[0, 0], [0, 0], [3, 4]]).value == 1


def test_a_table_of_one_arm_tells_nothing_by_chance():
    assert james_index([[5, 0], [0, 0], [1, 0]]).value is None


def test_blinding_of_both_arms_together():
    crisp, houweling = james_index(published.F16), james_index(published.F16B)

    assert crisp.value == pytest.approx(0.7479, abs=5e-5)
    assert (crisp.low, crisp.high) == pytest.approx((0.7053, 0.7905), abs=5e-5)
    assert houweling.value == pytest.approx(0.7051, abs=5e-5)


@pytest.mark.parametrize(("counts", "systems"), [((-1, 0, 0), 2), ((1, 1, 1), 1)])
def test_guesses_that_cannot_be_are_refused(counts, systems):
    with pytest.raises(ValueError, match="two systems"):
        bang_index(*counts, systems=systems)


def test_a_table_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="the table has shape"):
        james_index([[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("left", "right", "p_value"),
    [(60, 40, 0.0569), (115, 85, 0.0400), (58, 42, 0.1332)],
)
def test_sides_are_tested_exactly(left, right, p_value):
    share, found = left_right(left, right)

    assert found == pytest.approx(p_value, abs=5e-5)
    assert share.value == left / (left + right)


def test_sides_without_votes_are_undefined():
    share, p_value = left_right(0, 0)

    assert (share.value, p_value) == (None, None)


def test_wins_are_compared_by_whether_they_could_tell():
    found = gap_by_guess({True: (3, 4), False: (0, 0)})

    assert found[True].value == 0.75
    assert found[False].value is None
