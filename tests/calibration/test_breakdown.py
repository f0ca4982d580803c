"""Where agreement breaks: options, slices, windows, rare values."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from calibration.services.agreement import measure_agreement
from calibration.services.breakdown import Breakdown, Slice, measure_breakdown
from reviews.models import Queue
from tests.calibration.makers import (
    KRIPPENDORFF,
    make_imported_judgment,
    make_table_queue,
)
from tests.factories import (
    NOW,
    make_item,
    make_project,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
)

pytestmark = pytest.mark.django_db


def broken_down(queue: Queue) -> Breakdown:
    [found] = measure_breakdown(queue_id=queue.pk, version_id=queue.rubric_version_id)
    return found


def make_sliced_queue(rows: Sequence[tuple[str, str, str]]) -> Queue:
    """One item a row: its intent, and what Ann and Bob said."""
    project = make_project()
    version = make_rubric(
        project, levels={"quality": "NOMINAL"}, options=("bad", "good")
    )
    queue = make_queue(project, version)
    ann, bob = (make_rater(project, name) for name in ("ann", "bob"))
    for intent, mine, yours in rows:
        item = make_item(project, signals={"intent": intent, "stakes": "low"})
        for rater, value in ((ann, mine), (bob, yours)):
            make_imported_judgment(queue, item, rater, quality=value)
    return queue


def by_value(found: Breakdown) -> dict[str, Slice]:
    return {one.value: one for one in found.slices}


# 15 of each answer, and agreement in all but the first `n_apart`.
def slice_rows(intent: str, n_apart: int, n: int = 30) -> list[tuple[str, str, str]]:
    other = {"good": "bad", "bad": "good"}
    answers = ["good", "bad"] * (n // 2)
    return [
        (intent, mine, other[mine] if place < n_apart else mine)
        for place, mine in enumerate(answers)
    ]


def test_the_options_most_taken_for_each_other_come_first():
    queue = make_table_queue(
        {"A": "1 1 1 2 3 3", "B": "2 2 1 2 2 3"}, level="NOMINAL", options="123"
    )

    first, second = broken_down(queue).confusions

    assert (first.first, first.second, first.n_items) == ("1", "2", 2)
    assert first.share == pytest.approx(2 / 3)
    assert (second.first, second.second, second.n_items) == ("2", "3", 1)


def test_confusions_count_items_whoever_rated_them():
    queue = make_table_queue(KRIPPENDORFF, level="NOMINAL", options="12345")

    confusions = broken_down(queue).confusions

    # Items 2, 6 and 9 hold 2 and another value, item 10 none.
    assert ("2", "3", 2) in [(c.first, c.second, c.n_items) for c in confusions]


def test_a_label_is_confused_with_its_absence():
    project = make_project()
    version = make_rubric(
        project, levels={"flaws": "MULTI_LABEL"}, options=("rude", "false")
    )
    queue = make_queue(project, version)
    ann, bob = (make_rater(project, name) for name in ("ann", "bob"))
    for mine, yours in ((["rude"], ["rude", "false"]), ([], ["false"]), ([], [])):
        make_rated_item(queue, {ann: {"flaws": mine}, bob: {"flaws": yours}})

    [confusion] = broken_down(queue).confusions

    assert (confusion.first, confusion.second, confusion.n_items) == ("false", None, 2)
    assert confusion.share == 1.0


def test_alpha_of_a_multi_label_criterion_is_that_of_its_sets():
    project = make_project()
    version = make_rubric(
        project, levels={"flaws": "MULTI_LABEL"}, options=("x", "y", "z")
    )
    queue = make_queue(project, version)
    ann, bob = (make_rater(project, name) for name in ("ann", "bob"))
    for mine, yours in ((["x"], ["y", "x"]), (["z"], ["z"])):
        make_rated_item(queue, {ann: {"flaws": mine}, bob: {"flaws": yours}})

    # The example of `set_alpha`.
    assert broken_down(queue).alpha.value == pytest.approx(0.5714, abs=1e-4)


def test_a_slice_is_the_same_figure_over_its_items_alone():
    queue = make_sliced_queue(slice_rows("order", 0) + slice_rows("refund", 6))

    slices = by_value(broken_down(queue))

    assert slices["order"].alpha.value == 1.0
    assert slices["refund"].percent.value == pytest.approx(0.8)
    assert (slices["refund"].n_items, slices["refund"].n_rare) == (30, 18)


def test_dimensions_in_which_all_items_are_alike_are_not_sliced():
    queue = make_sliced_queue(slice_rows("order", 0) + slice_rows("refund", 6))

    assert {one.dimension for one in broken_down(queue).slices} == {"intent"}


@pytest.mark.parametrize(
    ("rows", "is_small"),
    [
        (slice_rows("order", 0, n=28), True),
        (slice_rows("order", 0), False),
        ([("order", "good", "good")] * 26 + [("order", "bad", "bad")] * 4, True),
        ([("order", "good", "good")] * 25 + [("order", "bad", "bad")] * 5, False),
    ],
)
def test_a_slice_of_few_items_or_few_rare_values_is_small(rows, is_small):
    queue = make_sliced_queue([*rows, *slice_rows("refund", 6)])

    order = by_value(broken_down(queue))["order"]

    assert order.is_small is is_small
    assert (order.p is None) is is_small


def test_a_slice_that_agrees_less_than_the_rest_breaks():
    queue = make_sliced_queue(slice_rows("order", 1) + slice_rows("refund", 15))

    slices = by_value(broken_down(queue))

    assert slices["refund"].is_break
    # scipy.stats.ttest_ind(refund, order, equal_var=False, alternative="less").
    assert slices["refund"].p == pytest.approx(1.673700e-05, rel=1e-6)
    assert not slices["order"].is_break


def test_a_slice_that_agrees_about_as_much_does_not_break():
    queue = make_sliced_queue(slice_rows("order", 4) + slice_rows("refund", 6))

    assert not any(one.is_break for one in broken_down(queue).slices)


def make_timed_queue(answers: Sequence[tuple[str, str]]) -> Queue:
    """One item a row, one minute after the other, the last row first."""
    queue = make_sliced_queue([])
    ann, bob = queue.project.members.order_by("handle")
    for minute, row in reversed(list(enumerate(answers))):
        item = make_item(queue.project)
        at = NOW + timedelta(minutes=minute)
        for rater, value in zip((ann, bob), row, strict=True):
            make_imported_judgment(queue, item, rater, at=at, quality=value)
    return queue


def test_windows_hold_so_many_items_each_and_the_rest_wait():
    queue = make_timed_queue([("good", "good"), ("bad", "bad")] * 22)

    found = broken_down(queue)

    assert [window.alpha.n_items for window in found.windows] == [20, 20]
    assert (found.window_size, found.n_waiting) == (20, 4)


def test_windows_follow_the_order_of_judging():
    apart = [("good", "bad"), ("bad", "good")] * 10
    agreed = [("good", "good"), ("bad", "bad")] * 10
    queue = make_timed_queue([*apart, *agreed])

    first, second = broken_down(queue).windows

    assert (first.percent.value, second.percent.value) == (0.0, 1.0)
    assert (first.start, first.end) == (NOW, NOW + timedelta(minutes=19))
    assert second.start == NOW + timedelta(minutes=20)


def test_items_rated_once_are_in_no_window():
    queue = make_timed_queue([("good", "good")] * 19)
    ann = queue.project.members.get(handle="ann")
    make_rated_item(queue, {ann: {"quality": "bad"}})

    found = broken_down(queue)

    assert (found.windows, found.n_waiting) == ((), 19)


def test_a_rare_value_is_told_with_what_agreement_on_it_is():
    queue = make_table_queue(
        {"A": "0 " * 38 + "1 0", "B": "0 " * 38 + "1 1"}, level="NOMINAL", options="01"
    )

    agreement = measure_agreement(queue_id=queue.pk, version_id=queue.rubric_version_id)

    rarity = agreement.criteria[0].rarity
    assert rarity is not None
    assert (rarity.commonest, rarity.n_rare, rarity.n_ratings) == ("0", 3, 80)
    assert rarity.n_items == 2
    # Two of the three rare ratings have another beside them.
    assert rarity.agreement.value == pytest.approx(2 / 3)


def test_where_no_value_dominates_nothing_is_rare():
    queue = make_table_queue(KRIPPENDORFF, level="NOMINAL", options="12345")

    agreement = measure_agreement(queue_id=queue.pk, version_id=queue.rubric_version_id)

    assert agreement.criteria[0].rarity is None
    assert agreement.criteria[0].ac.value == pytest.approx(0.77544, abs=1e-4)


def test_up_to_thirty_pairs_of_raters_have_their_interval():
    few = make_table_queue(
        dict.fromkeys("AB", "1 2 1 2 1 2 1 2 1 2 1 1"),
        level="NOMINAL",
        options="12",
    )
    many = make_table_queue(
        dict.fromkeys("ABCDEFGHI", "1 2 1 2 1 2 1 2 1 2 1 1"),
        level="NOMINAL",
        options="12",
        project=make_project("other"),
    )

    of_few, of_many = (
        measure_agreement(queue_id=one.pk, version_id=one.rubric_version_id)
        for one in (few, many)
    )

    assert of_few.criteria[0].kappas[0].kappa.low is not None
    assert len(of_many.criteria[0].kappas) == 36
    assert of_many.criteria[0].kappas[0].kappa.low is None
