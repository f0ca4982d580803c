"""Dealing, leases and skipping, on a real database."""

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from reviews.models import (
    Assignment,
    AssignmentStatus,
    Batch,
    Presentable,
    Purpose,
    Seed,
    Slot,
    SlotState,
)
from reviews.queries.batches import get_batch_progress, list_review_queues
from reviews.services.batches import NothingLeft, deal_batch
from reviews.services.leases import (
    SlotGone,
    expire_leases,
    renew_lease,
)
from reviews.services.queues import seed_item
from reviews.services.turns import skip_assignment
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_judgment,
    make_member,
    make_project,
    make_queue,
    make_rubric,
    make_slots,
)


def make_work(cast: Any, n_items: int = 8, **changes: Any) -> Any:
    version = make_rubric(cast.project)
    queue = make_queue(cast.project, version, reviewers=[cast.ada, cast.ben], **changes)
    for _ in range(n_items):
        make_slots(queue, make_item(cast.project, kind="PAIR"))
    return queue


def deal(queue: Any, reviewer: Any, seed: str = "seed", now: Any = NOW) -> Batch:
    dealt = deal_batch(queue_id=queue.pk, reviewer_id=reviewer.pk, now=now, seed=seed)
    return Batch.objects.get(public_id=dealt.public_id)


def test_batch_holds_distinct_fresh_items_in_order_of_position(cast):
    queue = make_work(cast)

    batch = deal(queue, cast.ada)

    given = list(batch.assignments.order_by("position"))
    assert [one.position for one in given] == [1, 2, 3, 4, 5]
    assert len({one.item_id for one in given}) == 5
    assert {one.purpose for one in given} == {Purpose.FRESH}
    assert all(one.leased_until == NOW + timedelta(minutes=60) for one in given)


def test_dealt_slot_is_taken(cast):
    queue = make_work(cast)

    batch = deal(queue, cast.ada)

    states = Slot.objects.filter(assignment__batch=batch).values_list(
        "state", flat=True
    )
    assert set(states) == {SlotState.TAKEN}


def test_dealing_again_gives_the_open_batch_back(cast):
    queue = make_work(cast)

    first = deal(queue, cast.ada)
    second = deal(queue, cast.ada, seed="another")

    assert first == second


def test_same_seed_gives_the_same_order_and_sides(cast):
    queue = make_work(cast, n_items=5)
    dealt = []

    for _ in range(2):
        with transaction.atomic():
            batch = deal(queue, cast.ada, seed="fixed")
            rows = batch.assignments.order_by("position")
            dealt.append(list(rows.values_list("item_id", "response_order")))
            transaction.set_rollback(True)

    assert dealt[0] == dealt[1]


def test_reviewers_get_different_ids_and_orders_for_the_same_items(cast):
    queue = make_work(cast, n_items=5)

    mine = deal(queue, cast.ada, seed="one").assignments.order_by("position")
    others = deal(queue, cast.ben, seed="two").assignments.order_by("position")

    assert {one.item_id for one in mine} == {one.item_id for one in others}
    assert not {one.public_id for one in mine} & {one.public_id for one in others}
    assert [one.item_id for one in mine] != [one.item_id for one in others]


def test_sides_are_balanced_within_a_batch(cast):
    queue = make_work(cast, n_items=10, batch_size=10)

    batch = deal(queue, cast.ada)

    firsts = Counter(one.response_order[0] for one in batch.assignments.all())
    assert firsts == {0: 5, 1: 5}


def test_lower_tier_is_dealt_first(cast):
    queue = make_work(cast, n_items=8, batch_size=3)
    urgent = list(Slot.objects.filter(number=1).order_by("pk")[:3])
    Slot.objects.filter(item__in=[slot.item_id for slot in urgent]).update(tier=0)

    batch = deal(queue, cast.ada)

    given = {one.item_id for one in batch.assignments.all()}
    assert given == {slot.item_id for slot in urgent}


def test_item_is_never_dealt_to_the_same_reviewer_again(cast):
    queue = make_work(cast, n_items=3, batch_size=2)
    for assignment in deal(queue, cast.ada).assignments.all():
        make_judgment(assignment, quality="good")

    later = deal(queue, cast.ada)

    assert later.assignments.count() == 1


def test_item_goes_to_no_more_reviewers_than_the_overlap(cast):
    queue = make_work(cast, n_items=2, overlap=1)

    deal(queue, cast.ada)

    with pytest.raises(NothingLeft, match="everything that waits"):
        deal(queue, cast.ben)


def test_nothing_is_dealt_to_somebody_off_the_panel(cast):
    queue = make_work(cast)

    with pytest.raises(NothingLeft, match="not on the panel"):
        deal(queue, cast.lea)


def test_daily_cap_limits_the_batch_and_then_ends_the_day(cast):
    queue = make_work(cast, n_items=8, batch_size=5, daily_cap=3)
    batch = deal(queue, cast.ada)
    for assignment in batch.assignments.all():
        make_judgment(assignment, quality="good")

    with pytest.raises(NothingLeft, match="daily limit"):
        deal(queue, cast.ada)

    assert batch.size == 3
    assert deal(queue, cast.ada, now=NOW + timedelta(days=1)).size == 3


def test_daily_cap_does_not_count_what_was_skipped(cast):
    queue = make_work(cast, n_items=8, batch_size=3, daily_cap=4)
    skipped, *judged = deal(queue, cast.ada).assignments.all()
    skip_assignment(assignment_id=skipped.pk, reason="conflict")
    for assignment in judged:
        make_judgment(assignment, quality="good")

    assert deal(queue, cast.ada).size == 2


def make_seeds(cast: Any, queue: Any, count: int) -> None:
    for number in range(count):
        seed_item(
            queue_id=queue.pk,
            item_id=make_item(cast.project, kind="PAIR").pk,
            band="good" if number % 2 else "bad",
            now=NOW,
        )


def test_gold_is_mixed_in_at_the_rate_of_the_queue(cast):
    queue = make_work(cast, n_items=10, batch_size=6, gold_rate=0.5)
    make_seeds(cast, queue, 6)

    batch = deal(queue, cast.ada)

    purposes = Counter(batch.assignments.values_list("purpose", flat=True))
    assert purposes == {Purpose.GOLD: 3, Purpose.FRESH: 3}


def test_gold_is_dealt_to_a_reviewer_once(cast):
    queue = make_work(cast, n_items=20, batch_size=4, gold_rate=0.5)
    make_seeds(cast, queue, 3)

    for _ in range(3):
        for assignment in deal(queue, cast.ada).assignments.all():
            make_judgment(assignment, quality="good")

    gold = Assignment.objects.filter(purpose=Purpose.GOLD)
    assert gold.count() == 3
    assert gold.values("item").distinct().count() == 3


def test_gold_alone_is_never_a_batch(cast):
    queue = make_work(cast, n_items=0, gold_rate=0.5)
    make_seeds(cast, queue, 6)

    with pytest.raises(NothingLeft):
        deal(queue, cast.ada)


def test_gold_stands_anywhere_in_a_batch(cast):
    queue = make_work(cast, n_items=6, batch_size=4, gold_rate=0.25)
    make_seeds(cast, queue, 1)
    positions: Counter[int] = Counter()

    for number in range(80):
        with transaction.atomic():
            batch = deal(queue, cast.ada, seed=str(number))
            gold = batch.assignments.get(purpose=Purpose.GOLD)
            positions[gold.position] += 1
            transaction.set_rollback(True)

    assert set(positions) == {1, 2, 3, 4}
    assert max(positions.values()) < 40


def test_retired_gold_is_not_dealt(cast):
    queue = make_work(cast, n_items=6, batch_size=4, gold_rate=0.5)
    make_seeds(cast, queue, 4)
    Seed.objects.update(is_active=False)

    batch = deal(queue, cast.ada)

    assert {one.purpose for one in batch.assignments.all()} == {Purpose.FRESH}


def test_what_is_shown_is_masked_and_the_mask_is_kept_for_leads(cast):
    queue = make_work(cast, n_items=0)
    item = make_item(
        cast.project,
        content={"prompt": "Hi", "responses": [{"text": "I am quartz-mini-2."}]},
        provenance={"responses": [{"model": "quartz-mini-2"}]},
    )
    make_slots(queue, item)

    deal(queue, cast.ada)

    shown = Presentable.objects.get(item=item)
    assert shown.content["responses"] == [{"text": "I am [masked]."}]
    assert shown.masks == [{"text": "quartz-mini-2", "count": 1}]


def test_expired_lease_gives_the_item_to_others(cast):
    queue = make_work(cast, n_items=1, overlap=1)
    deal(queue, cast.ada)

    ended = expire_leases(now=NOW + timedelta(minutes=61))

    assert ended == 1
    assert deal(queue, cast.ben, now=NOW + timedelta(minutes=61)).size == 1


def test_a_deal_sweeps_first_what_its_reviewer_let_lapse(cast):
    queue = make_work(cast, n_items=1, overlap=1)
    lapsed = deal(queue, cast.ada)

    batch = deal(queue, cast.ada, now=NOW + timedelta(minutes=61))

    assert batch != lapsed
    assert lapsed.assignments.get().status == AssignmentStatus.EXPIRED


def test_lease_that_runs_is_left_alone(cast):
    queue = make_work(cast, n_items=1)
    deal(queue, cast.ada)

    assert expire_leases(now=NOW + timedelta(minutes=59)) == 0


def test_skipped_item_goes_to_others_and_not_back(cast):
    queue = make_work(cast, n_items=1, overlap=1)
    assignment = deal(queue, cast.ada).assignments.get()

    skipped = skip_assignment(assignment_id=assignment.pk, reason="conflict")

    assert skipped
    assert not skip_assignment(assignment_id=assignment.pk, reason="again")
    with pytest.raises(NothingLeft):
        deal(queue, cast.ada)
    assert deal(queue, cast.ben).size == 1


def test_lease_not_swept_yet_is_renewed_in_place(cast):
    queue = make_work(cast, n_items=1)
    assignment = deal(queue, cast.ada).assignments.get()
    later = NOW + timedelta(minutes=90)

    public_id = renew_lease(assignment_id=assignment.pk, now=later)

    assignment.refresh_from_db()
    assert public_id == assignment.public_id
    assert assignment.leased_until == later + timedelta(minutes=60)


@pytest.mark.parametrize(("state", "comes_back"), [("OPEN", True), ("FILLED", False)])
def test_gold_comes_back_as_the_fresh_items_of_its_batch_do(cast, state, comes_back):
    queue = make_work(cast, n_items=3)
    fresh = deal(queue, cast.ada)
    gold = make_assignment(
        fresh, make_item(cast.project), purpose=Purpose.GOLD, leased_until=NOW
    )
    later = NOW + timedelta(minutes=90)
    expire_leases(now=later)
    Slot.objects.update(state=state)

    def renew() -> bool:
        try:
            return bool(renew_lease(assignment_id=gold.pk, now=later))
        except SlotGone:
            return False

    assert renew() == comes_back


def test_gold_that_came_back_and_was_judged_does_not_come_back_once_more(cast):
    batch = deal(make_work(cast, n_items=1), cast.ada)
    gold = make_assignment(
        batch, make_item(cast.project), purpose=Purpose.GOLD, leased_until=NOW
    )
    later = NOW + timedelta(minutes=30)
    expire_leases(now=later)
    again = renew_lease(assignment_id=gold.pk, now=later)
    make_judgment(Assignment.objects.get(public_id=again), quality="good")

    with pytest.raises(SlotGone):
        renew_lease(assignment_id=gold.pk, now=later)


def test_swept_item_comes_back_under_another_id(cast):
    queue = make_work(cast, n_items=1)
    old = deal(queue, cast.ada).assignments.get()
    later = NOW + timedelta(minutes=90)
    expire_leases(now=later)

    public_id = renew_lease(assignment_id=old.pk, now=later)

    again = Assignment.objects.get(public_id=public_id)
    assert again.item_id == old.item_id
    assert again.response_order == old.response_order
    assert again.public_id != old.public_id
    assert again.status == AssignmentStatus.LIVE


def test_item_that_others_have_taken_does_not_come_back(cast):
    queue = make_work(cast, n_items=1, overlap=1)
    old = deal(queue, cast.ada).assignments.get()
    later = NOW + timedelta(minutes=90)
    expire_leases(now=later)
    deal(queue, cast.ben, now=later)

    with pytest.raises(SlotGone):
        renew_lease(assignment_id=old.pk, now=later)


def test_desk_shows_own_queues_with_the_open_batch(cast):
    queue = make_work(cast)
    batch = deal(queue, cast.ada)
    make_judgment(batch.assignments.get(position=1), quality="bad")

    (desk,) = list_review_queues(user_id=cast.ada.user_id, now=NOW)

    assert (desk.slug, desk.done_today, desk.open_batch) == (
        queue.slug,
        1,
        batch.public_id,
    )
    assert list_review_queues(user_id=cast.lea.user_id, now=NOW) == []


def test_progress_names_the_next_assignment(cast):
    queue = make_work(cast)
    batch = deal(queue, cast.ada)
    make_judgment(batch.assignments.get(position=1), quality="bad")
    skip_assignment(
        assignment_id=batch.assignments.get(position=2).pk, reason="unreadable"
    )

    progress = get_batch_progress(batch=batch.public_id, user_id=cast.ada.user_id)

    assert (progress.done, progress.size, progress.skipped) == (1, 4, 1)
    assert progress.next_assignment == batch.assignments.get(position=3).public_id


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["seed", "seed_hash"])
def test_a_batch_keeps_its_seed(cast, column):
    queue = make_queue(cast.project, make_rubric(cast.project), reviewers=[cast.ada])
    batch = make_batch(queue, cast.ada)

    with pytest.raises(IntegrityError, match="keeps the seed"):
        Batch.objects.filter(pk=batch.pk).update(**{column: "0" * 64})


@pytest.mark.django_db(transaction=True)
def test_reviewers_who_deal_at_once_never_share_a_slot():
    project = make_project()
    reviewers = [make_member(project, f"rev{number}") for number in range(6)]
    queue = make_queue(
        project, make_rubric(project), reviewers=reviewers, overlap=2, batch_size=4
    )
    for _ in range(10):
        make_slots(queue, make_item(project))
    start = threading.Barrier(6)
    failures: list[Exception] = []

    def work(reviewer_id: int) -> None:
        start.wait()
        try:
            deal_batch(
                queue_id=queue.pk,
                reviewer_id=reviewer_id,
                now=NOW,
                seed=f"{reviewer_id}",
            )
        except Exception as error:  # noqa: BLE001 - looked at below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[one.pk]) for one in reviewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    given = list(Assignment.objects.values_list("item_id", "reviewer_id", "slot_id"))
    assert len({slot for _, _, slot in given}) == len(given)
    assert len({(item, reviewer) for item, reviewer, _ in given}) == len(given)
    assert max(Counter(item for item, _, _ in given).values()) == 2
    assert {type(failure) for failure in failures} <= {NothingLeft}


@pytest.mark.django_db(transaction=True)
def test_one_reviewer_in_two_tabs_gets_one_batch():
    project = make_project()
    ada = make_member(project)
    queue = make_queue(project, make_rubric(project), reviewers=[ada])
    for _ in range(10):
        make_slots(queue, make_item(project))
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        deal_batch(queue_id=queue.pk, reviewer_id=ada.pk, now=NOW, seed="s")
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Batch.objects.count() == 1


def broken(name: str) -> Any:
    return pytest.raises(IntegrityError, match=name)


def test_slot_has_one_holder(cast):
    queue = make_work(cast, n_items=1, overlap=1)
    slot = Slot.objects.get()
    make_assignment(make_batch(queue, cast.ada), slot.item, slot)

    with broken("assignment_one_holder_per_slot|assignment_slot_open"):
        make_assignment(make_batch(queue, cast.ben), slot.item, slot)


def test_a_slot_that_is_not_open_refuses_all_that_is_dealt_with_it(cast):
    queue = make_work(cast, n_items=2, overlap=1)
    slots = list(Slot.objects.order_by("pk"))
    Slot.objects.filter(pk=slots[1].pk).update(state=SlotState.WITHDRAWN)
    batch = make_batch(queue, cast.ada, 2)
    both = [
        Assignment(
            batch=batch,
            queue=queue,
            reviewer=cast.ada,
            item=slot.item,
            slot=slot,
            rubric_version=queue.rubric_version,
            purpose=Purpose.FRESH,
            position=position,
            response_order=[0, 1],
            leased_until=NOW,
            created_at=NOW,
        )
        for position, slot in enumerate(slots, start=1)
    ]

    with broken("the slot is not open"):
        Assignment.objects.bulk_create(both)


def test_reviewer_holds_an_item_once(cast):
    queue = make_work(cast, n_items=1)
    first, second = Slot.objects.order_by("number")
    batch = make_batch(queue, cast.ada)
    make_assignment(batch, first.item, first)

    with broken("assignment_one_live_per_reviewer"):
        make_assignment(batch, second.item, second)


def test_reviewer_counts_once_for_an_item(cast):
    queue = make_work(cast, n_items=1)
    first, second = Slot.objects.order_by("number")
    batch = make_batch(queue, cast.ada)
    make_judgment(make_assignment(batch, first.item, first), quality="good")

    with broken("assignment_counts_once_per_reviewer"):
        make_assignment(batch, second.item, second)


def test_fresh_assignment_has_a_slot(cast):
    queue = make_work(cast, n_items=1)

    with broken("assignment_fresh_has_slot"):
        make_assignment(
            make_batch(queue, cast.ada), make_item(cast.project), purpose=Purpose.FRESH
        )


def test_live_assignment_has_a_lease(cast):
    queue = make_work(cast, n_items=1)

    with broken("assignment_live_has_lease"):
        make_assignment(
            make_batch(queue, cast.ada), make_item(cast.project), leased_until=None
        )


def test_assignment_ends_once(cast):
    queue = make_work(cast, n_items=1)
    assignment = deal(queue, cast.ada).assignments.get()
    make_judgment(assignment, quality="good")

    with broken("an assignment ends once"):
        Assignment.objects.filter(pk=assignment.pk).update(
            status=AssignmentStatus.EXPIRED
        )


def test_what_was_assigned_cannot_change(cast):
    queue = make_work(cast, n_items=1)
    assignment = deal(queue, cast.ada).assignments.get()

    with broken("what was assigned cannot change"):
        Assignment.objects.filter(pk=assignment.pk).update(reviewer=cast.ben)


def test_slots_stay_within_the_overlap(cast):
    queue = make_work(cast, n_items=1, overlap=2)
    slot = Slot.objects.get(number=1)

    with broken("more slots than the overlap"):
        Slot.objects.create(
            queue=queue, item=slot.item, number=3, tier=1, shuffle=0.1, opened_at=NOW
        )
