"""Pauses, backups, daily limits, escalation, giving back, and the SLA."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache

from reviews.models import (
    Assignment,
    AssignmentStatus,
    Batch,
    PanelSeat,
    Presentable,
    Queue,
    Seed,
    Slot,
    SlotState,
)
from reviews.queries.cover import list_escalations
from reviews.services.ahead import prepare_next
from reviews.services.batches import NothingLeft, deal_batch
from reviews.services.escalations import (
    Settled,
    UnknownEscalation,
    settle_escalation,
)
from reviews.services.leases import SlotGone, expire_leases, renew_lease
from reviews.services.pauses import (
    ReasonMissing,
    UnknownSeat,
    pause_queue,
    pause_seat,
    resume_queue,
    resume_seat,
)
from reviews.services.queues import seed_item
from reviews.services.rights import reviewer_role
from reviews.services.sla import forget_breaches, raise_breaches
from reviews.services.turns import escalate_assignment, extend_leases, return_batch
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_judgment,
    make_queue,
    make_rubric,
    make_slots,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# Tier 1, in which the factory opens slots, may wait a day.
SLA = [4, 24, 72, 168]


def make_work(cast: Any, n_items: int = 4, **changes: Any) -> Queue:
    queue = make_queue(
        cast.project,
        make_rubric(cast.project),
        reviewers=[cast.ada, cast.ben],
        **changes,
    )
    for _ in range(n_items):
        make_slots(queue, make_item(cast.project))
    return queue


def deal(queue: Queue, reviewer: Any, now: Any = NOW) -> Batch:
    dealt = deal_batch(queue_id=queue.pk, reviewer_id=reviewer.pk, now=now, seed="seed")
    return Batch.objects.get(public_id=dealt.public_id)


def back_up(queue: Queue, reviewer: Any) -> None:
    PanelSeat.objects.filter(queue=queue, reviewer=reviewer).update(is_backup=True)


def refusal(queue: Queue, reviewer: Any, now: Any = NOW) -> str:
    with pytest.raises(NothingLeft) as reason:
        deal(queue, reviewer, now)
    return str(reason.value)


def test_paused_queue_deals_nothing_and_says_why(cast):
    queue = make_work(cast)
    pause_queue(queue_id=queue.pk, reason=" the rubric changes ")

    assert refusal(queue, cast.ada) == "This queue is paused: the rubric changes"

    resume_queue(queue_id=queue.pk)
    assert deal(queue, cast.ada).size == 4


def test_what_is_in_hand_may_be_finished_in_a_paused_queue(cast):
    queue = make_work(cast)
    batch = deal(queue, cast.ada)
    pause_queue(queue_id=queue.pk, reason="holiday")

    assert deal(queue, cast.ada) == batch
    make_judgment(batch.assignments.get(position=1), quality="good")


def test_swept_item_does_not_come_back_during_a_pause(cast):
    queue = make_work(cast, 1)
    old = deal(queue, cast.ada).assignments.get()
    expire_leases(now=NOW + 2 * HOUR)
    pause_queue(queue_id=queue.pk, reason="holiday")

    with pytest.raises(SlotGone, match="there is a pause: holiday"):
        renew_lease(assignment_id=old.pk, now=NOW + 2 * HOUR)


def test_paused_reviewer_is_told_and_the_others_go_on(cast):
    queue = make_work(cast)
    pause_seat(queue_id=queue.pk, handle="ada", reason="a talk first")

    assert refusal(queue, cast.ada) == "You are paused on this queue: a talk first"
    assert deal(queue, cast.ben).size == 4
    resume_seat(queue_id=queue.pk, handle="ada")
    assert deal(queue, cast.ada).size == 4


def test_pause_without_a_reason_is_refused(cast):
    queue = make_work(cast)

    with pytest.raises(ReasonMissing):
        pause_queue(queue_id=queue.pk, reason=" \x00")
    with pytest.raises(UnknownSeat):
        pause_seat(queue_id=queue.pk, handle="lea", reason="why not")


def test_backup_waits_while_the_panel_is_at_work(cast):
    queue = make_work(cast)
    back_up(queue, cast.ben)
    deal(queue, cast.ada)

    assert refusal(queue, cast.ben) == "You are a backup here: the panel is at work."


def test_backup_steps_in_for_a_paused_primary(cast):
    queue = make_work(cast)
    back_up(queue, cast.ben)
    pause_seat(queue_id=queue.pk, handle="ada", reason="holiday")

    assert deal(queue, cast.ben).size == 4


def test_backup_steps_in_once_a_primary_is_away_for_two_days(cast):
    queue = make_work(cast)
    back_up(queue, cast.ben)
    batch = deal(queue, cast.ada)
    batch.assignments.update(status=AssignmentStatus.RETURNED)

    assert "backup" in refusal(queue, cast.ben, NOW + 2 * DAY)
    assert deal(queue, cast.ben, NOW + 2 * DAY + HOUR).size == 4


def test_primaries_have_two_days_for_work_that_is_new(cast):
    queue = make_work(cast)
    back_up(queue, cast.ben)

    assert "backup" in refusal(queue, cast.ben, NOW + DAY)


def test_backup_steps_in_where_something_is_late(cast):
    queue = make_work(cast, sla_hours=SLA)
    back_up(queue, cast.ben)
    raise_breaches(now=NOW + 25 * HOUR)

    assert deal(queue, cast.ben, NOW + 25 * HOUR).size == 4


def test_backup_is_dealt_to_where_there_is_no_primary(cast):
    queue = make_work(cast)
    PanelSeat.objects.update(is_backup=True)

    assert deal(queue, cast.ben).size == 4


def test_daily_limit_of_the_queue_holds_over_its_panel(cast):
    queue = make_work(cast, queue_daily_cap=6)
    deal(queue, cast.ada)

    rest = deal(queue, cast.ben)
    rest.assignments.update(status=AssignmentStatus.SUBMITTED)

    assert rest.size == 2
    assert refusal(queue, cast.ben) == "This queue has reached its limit for today."


def test_breach_is_raised_once_past_the_hours_of_the_tier(cast):
    queue = make_work(cast, 2, sla_hours=SLA)
    late = Slot.objects.order_by("pk")[0]
    Slot.objects.exclude(pk=late.pk).update(tier=2)

    assert raise_breaches(now=NOW + 23 * HOUR) == 0
    assert raise_breaches(now=NOW + 24 * HOUR) == 1
    assert raise_breaches(now=NOW + 25 * HOUR) == 0
    late.refresh_from_db()
    assert late.overdue_at == NOW + 24 * HOUR

    forget_breaches(queue_id=queue.pk)
    late.refresh_from_db()
    assert late.overdue_at is None


def test_what_is_judged_or_promised_nothing_is_never_late(cast):
    make_work(cast, 1)
    other = make_queue(
        cast.project, Queue.objects.get().rubric_version, "others", sla_hours=SLA
    )
    make_slots(other, make_item(cast.project))
    other.slots.update(state=SlotState.FILLED)

    assert raise_breaches(now=NOW + 100 * DAY) == 0


def test_what_is_late_is_dealt_before_lower_tiers(cast):
    queue = make_work(cast, 6, batch_size=2, sla_hours=SLA)
    late = Slot.objects.order_by("-pk")[0]
    Slot.objects.filter(item=late.item).update(tier=3, overdue_at=NOW)

    batch = deal(queue, cast.ada)

    assert late.item_id in {one.item_id for one in batch.assignments.all()}


def escalate(queue: Queue, reviewer: Any, reason: str = "unsafe") -> Assignment:
    assignment = deal(queue, reviewer).assignments.order_by("position")[0]
    assert escalate_assignment(assignment_id=assignment.pk, reason=reason)
    assignment.refresh_from_db()
    return assignment


def test_escalated_item_waits_for_the_lead(cast):
    queue = make_work(cast, 1, overlap=1)
    assignment = escalate(queue, cast.ada)

    (one,) = list_escalations(queue.pk, now=NOW)
    assert (one.assignment, one.handle, one.reason, one.tier, one.is_open) == (
        assignment.public_id,
        "ada",
        "unsafe",
        1,
        True,
    )
    assert "everything that waits" in refusal(queue, cast.ben)
    assert not escalate_assignment(assignment_id=assignment.pk, reason="again")


def test_escalated_item_goes_back_to_another_reviewer(cast):
    queue = make_work(cast, 1, overlap=1)
    assignment = escalate(queue, cast.ada)

    def settle() -> Settled:
        return settle_escalation(
            queue_id=queue.pk, assignment=assignment.public_id, is_kept=True, now=NOW
        )

    assert settle() == Settled.BACK
    assert settle() == Settled.BEFORE
    assert list_escalations(queue.pk, now=NOW) == []
    assert "everything that waits" in refusal(queue, cast.ada)
    assert deal(queue, cast.ben).size == 1


def test_slot_beyond_a_lowered_overlap_does_not_go_back(cast):
    queue = make_work(cast, 1, overlap=2)
    assignment = escalate(queue, cast.ada)
    Queue.objects.update(overlap=1)

    settled = settle_escalation(
        queue_id=queue.pk, assignment=assignment.public_id, is_kept=True, now=NOW
    )

    assert settled == Settled.BEYOND
    assert Slot.objects.get(assignment=assignment).state == SlotState.WITHDRAWN


def test_withdrawn_item_is_asked_of_nobody(cast):
    queue = make_work(cast, 1, overlap=3)
    assignment = escalate(queue, cast.ada)
    held = deal(queue, cast.ben)

    settled = settle_escalation(
        queue_id=queue.pk, assignment=assignment.public_id, is_kept=False, now=NOW
    )

    assert settled == Settled.WITHDRAWN
    assert return_batch(batch=held.public_id, user_id=cast.ben.user_id) == 1
    assert set(Slot.objects.values_list("state", flat=True)) == {SlotState.WITHDRAWN}
    assert "everything that waits" in refusal(queue, cast.ben)


def test_what_was_not_escalated_is_not_settled(cast):
    queue = make_work(cast, 1)
    assignment = deal(queue, cast.ada).assignments.get()

    with pytest.raises(UnknownEscalation):
        settle_escalation(
            queue_id=queue.pk, assignment=assignment.public_id, is_kept=True, now=NOW
        )


def test_escalated_gold_is_shown_with_nothing_to_settle(cast):
    queue = make_work(cast, 1)
    item = make_item(cast.project)
    seed_item(queue_id=queue.pk, item_id=item.pk, band="good", now=NOW)
    assignment = make_assignment(make_batch(queue, cast.ada), item)
    escalate_assignment(assignment_id=assignment.pk, reason="odd")

    (one,) = list_escalations(queue.pk, now=NOW)

    assert (one.purpose, one.is_open) == ("gold", False)
    assert list_escalations(queue.pk, now=NOW + 15 * DAY) == []


def test_returned_batch_goes_to_others_and_may_come_back(cast):
    queue = make_work(cast, 3, overlap=1)
    batch = deal(queue, cast.ada)
    make_judgment(batch.assignments.get(position=1), quality="good")

    assert return_batch(batch=batch.public_id, user_id=cast.ben.user_id) == 0
    assert return_batch(batch=batch.public_id, user_id=cast.ada.user_id) == 2
    assert return_batch(batch=batch.public_id, user_id=cast.ada.user_id) == 0
    assert deal(queue, cast.ada).size == 2


def leases(batch: Batch) -> set[Any]:
    return set(batch.assignments.values_list("leased_until", flat=True))


def test_lease_that_is_past_its_half_is_made_longer(cast):
    batch = deal(make_work(cast), cast.ada)
    later = NOW + timedelta(minutes=31)

    assert extend_leases(batch=batch.public_id, now=NOW + HOUR / 2) == 0
    assert extend_leases(batch=batch.public_id, now=later) == 4
    assert leases(batch) == {later + HOUR}


def test_reviewers_role_may_do_what_ends_and_extends_a_turn(cast):
    batch = deal(make_work(cast), cast.ada)
    first = batch.assignments.get(position=1)
    later = NOW + timedelta(minutes=31)

    with reviewer_role(cast.ada.user_id):
        extended = extend_leases(batch=batch.public_id, now=later)
        is_escalated = escalate_assignment(assignment_id=first.pk, reason="odd")
        returned = return_batch(batch=batch.public_id, user_id=cast.ada.user_id)

    assert (extended, is_escalated, returned) == (4, True, 3)


def test_lease_grows_to_four_times_its_length_and_no_longer(cast):
    batch = deal(make_work(cast), cast.ada)
    batch.assignments.update(leased_until=NOW + 3.5 * HOUR)

    extended = [
        extend_leases(batch=batch.public_id, now=NOW + 3.4 * HOUR) for _ in range(2)
    ]

    assert extended == [4, 0]
    assert leases(batch) == {NOW + 4 * HOUR}


def test_lease_that_ran_out_is_not_made_longer(cast):
    batch = deal(make_work(cast), cast.ada)

    assert extend_leases(batch=batch.public_id, now=NOW + HOUR) == 0


def test_presentations_are_prepared_ahead_once(cast):
    make_work(cast, 3)
    cache.clear()

    assert prepare_next(now=NOW) == 6
    assert Presentable.objects.count() == 3
    assert prepare_next(now=NOW) == 0


def test_gold_is_prepared_ahead_like_all_else(cast):
    queue = make_work(cast, 3)
    gold = make_item(cast.project)
    Seed.objects.create(queue=queue, item=gold, band="good", created_at=NOW)
    cache.clear()

    prepare_next(now=NOW)

    assert Presentable.objects.filter(item=gold).exists()


def test_what_is_in_hand_is_made_anew_when_pieces_are_made_in_another_way(cast):
    deal(make_work(cast, 2, overlap=1), cast.ada)
    Presentable.objects.update(made_with="old")

    prepare_next(now=NOW)

    assert not Presentable.objects.filter(made_with="old").exists()
