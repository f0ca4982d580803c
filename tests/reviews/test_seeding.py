"""Gold and retests: how many, which, how often, and never told apart."""

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from reviews.models import Assignment, AssignmentStatus, Batch, Purpose
from reviews.sampling import pick_balanced
from reviews.services.batches import NothingLeft, deal_batch
from reviews.services.queues import seed_item
from tests.factories import (
    NOW,
    make_item,
    make_judgment,
    make_queue,
    make_rubric,
    make_slots,
)

WEEK = timedelta(days=8)


def make_work(cast: Any, n_items: int, **changes: Any) -> Any:
    queue = make_queue(
        cast.project,
        make_rubric(cast.project),
        reviewers=[cast.ada, cast.ben],
        **changes,
    )
    for _ in range(n_items):
        make_slots(queue, make_item(cast.project, kind="PAIR"))
    return queue


def make_seeds(queue: Any, bands: str) -> None:
    for band in bands:
        item = make_item(queue.project, kind="PAIR")
        seed_item(queue_id=queue.pk, item_id=item.pk, band=band, now=NOW)


def deal(queue: Any, reviewer: Any, now: Any = NOW, seed: str = "seed") -> Batch:
    dealt = deal_batch(queue_id=queue.pk, reviewer_id=reviewer.pk, now=now, seed=seed)
    return Batch.objects.get(public_id=dealt.public_id)


def finish(batch: Batch) -> None:
    for assignment in batch.assignments.filter(status=AssignmentStatus.LIVE):
        assignment.leased_until = batch.dealt_at + timedelta(hours=1)
        make_judgment(assignment, quality="good")


def work_through(queue: Any, reviewer: Any, n_batches: int, now: Any = NOW) -> None:
    for number in range(n_batches):
        batch = deal(queue, reviewer, now=now, seed=str(number))
        # The trigger compares the lease with the hour of the factory's judgment.
        finish(batch)


def purposes(batch: Batch) -> Counter[str]:
    return Counter(batch.assignments.values_list("purpose", flat=True))


def test_gold_comes_back_after_its_period_and_not_before(cast):
    queue = make_work(cast, 12, batch_size=2, gold_rate=0.5, gold_period_days=30)
    queue.batch_size = 4
    queue.save()
    make_seeds(queue, "g")
    work_through(queue, cast.ada, 1)

    within = purposes(deal(queue, cast.ada, now=NOW + timedelta(days=29)))
    Assignment.objects.filter(status=AssignmentStatus.LIVE).update(
        status=AssignmentStatus.RETURNED
    )
    later = purposes(deal(queue, cast.ada, now=NOW + timedelta(days=31)))

    assert within[Purpose.GOLD] == 0
    assert later[Purpose.GOLD] == 1


def test_bands_are_evened_out_over_all_that_a_reviewer_had(cast):
    queue = make_work(cast, 40, batch_size=4, gold_rate=0.25)
    make_seeds(queue, "gggggbbb")

    work_through(queue, cast.ada, 6)

    gold = Assignment.objects.filter(purpose=Purpose.GOLD)
    bands = Counter(gold.values_list("item__seeds__band", flat=True))
    assert bands == {"g": 3, "b": 3}


def test_band_that_is_behind_is_picked_first():
    candidates = [("good", 1), ("bad", 2), ("good", 3), ("bad", 4)]

    chosen = pick_balanced(candidates, 2, Random(3), had={"good": 5, "bad": 3})

    assert set(chosen) == {2, 4}


def test_gold_stays_a_share_where_little_is_left(cast):
    queue = make_work(cast, 2, batch_size=10, gold_rate=0.3)
    make_seeds(queue, "gbgbgb")

    counts = purposes(deal(queue, cast.ada))

    assert counts[Purpose.FRESH] == 2
    assert counts[Purpose.GOLD] == 0


def test_one_item_alone_comes_without_gold(cast):
    queue = make_work(cast, 1, batch_size=2, gold_rate=0.5)
    make_seeds(queue, "gb")

    assert purposes(deal(queue, cast.ada)) == {Purpose.FRESH: 1}


def test_gold_is_never_all_in_which_two_batches_differ(cast):
    queue = make_work(cast, 3, batch_size=6, gold_rate=0.5)
    make_seeds(queue, "gbgb")

    mine = deal(queue, cast.ada, seed="one").assignments.all()
    others = deal(queue, cast.ben, seed="two").assignments.all()

    def fresh(given: Any) -> set[int]:
        return {one.item_id for one in given if one.purpose == Purpose.FRESH}

    assert {one.purpose for one in mine} == {Purpose.FRESH, Purpose.GOLD}
    assert fresh(others) < fresh(mine)


def test_same_items_without_gold_need_no_difference(cast):
    queue = make_work(cast, 3)

    mine = deal(queue, cast.ada, seed="one")
    others = deal(queue, cast.ben, seed="two")

    assert mine.size == others.size == 3


def make_history(cast: Any, **changes: Any) -> Any:
    """Ada has judged four of the items; the last two are too recent by number."""
    values = {"batch_size": 2, "retest_rate": 0.5, "retest_after_items": 2}
    queue = make_work(cast, 12, **values | changes)
    work_through(queue, cast.ada, 2)
    return queue


def retested(batch: Batch) -> set[int]:
    found = batch.assignments.filter(purpose=Purpose.RETEST)
    return set(found.values_list("item_id", flat=True))


def test_retest_is_an_old_item_of_the_same_reviewer(cast):
    queue = make_history(cast)
    first = Batch.objects.order_by("pk")[0].assignments
    queue.batch_size = 4
    queue.save()

    batch = deal(queue, cast.ada, now=NOW + WEEK)

    assert retested(batch) == set(first.values_list("item_id", flat=True))
    assert purposes(batch) == {Purpose.RETEST: 2, Purpose.FRESH: 2}


@pytest.mark.parametrize(
    ("changes", "when"),
    [
        ({}, NOW + timedelta(days=6)),
        ({"retest_after_items": 5}, NOW + WEEK),
        ({"retest_rate": 0}, NOW + WEEK),
    ],
)
def test_nothing_is_retested_too_early(cast, changes, when):
    queue = make_history(cast, **changes)
    queue.batch_size = 4
    queue.save()

    assert retested(deal(queue, cast.ada, now=when)) == set()


def test_item_is_retested_once(cast):
    queue = make_history(cast)
    queue.batch_size = 4
    queue.retest_after_items = 1
    queue.save()
    seen: list[int] = []

    for week in (1, 2, 3):
        batch = deal(queue, cast.ada, now=NOW + week * WEEK)
        seen += retested(batch)
        batch.assignments.update(status=AssignmentStatus.SUBMITTED)

    assert seen
    assert len(seen) == len(set(seen))


def test_what_others_judged_is_no_retest(cast):
    queue = make_history(cast)
    queue.batch_size = 4
    queue.save()

    assert retested(deal(queue, cast.ben, now=NOW + WEEK)) == set()


def test_retest_has_an_id_and_sides_of_its_own(cast):
    queue = make_history(cast)
    queue.batch_size = 4
    queue.save()
    orders = set()

    batch = deal(queue, cast.ada, now=NOW + WEEK)

    for again in batch.assignments.filter(purpose=Purpose.RETEST):
        before = Assignment.objects.get(item=again.item, purpose=Purpose.FRESH)
        assert again.public_id != before.public_id
        assert again.slot_id is None
        orders.add(tuple(again.response_order))
    assert orders <= {(0, 1), (1, 0)}


def test_unseen_alone_is_never_a_batch(cast):
    queue = make_history(cast)
    queue.slots.filter(state="OPEN").update(state="WITHDRAWN")

    with pytest.raises(NothingLeft, match="everything that waits"):
        deal(queue, cast.ada, now=NOW + WEEK)
