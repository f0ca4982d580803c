"""Slices that are paused: nothing fresh of them is dealt, nothing is lost."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from labeling.models import Judgment
from reviews.models import (
    Assignment,
    AssignmentStatus,
    Batch,
    Item,
    SlicePause,
    Slot,
    SlotState,
)
from reviews.services.batches import NothingLeft, deal_batch
from reviews.services.escalations import settle_escalation
from reviews.services.leases import SlotGone, expire_leases, renew_lease
from reviews.services.policies import apply_policy
from reviews.services.queue_files import parse_queue
from reviews.services.queues import apply_queue, seed_item
from reviews.services.routing import route_items
from reviews.services.slices import pause_slice, resume_slice, settle_slices
from tests.factories import (
    NOW,
    make_item,
    make_member,
    make_project,
    make_queue,
    make_rubric,
    make_slots,
)

HOUR = timedelta(hours=1)
POLICY = """
audit_rate = 1.0
audit_queue = "answers"

[[rule]]
name = "all"
when = {kind = ["single"]}
action = "queue"
queue = "answers"
"""
QUEUE = 'queue = "answers"\nrubric = "answer"\nreviewers = ["ada", "ben"]\n'


@pytest.fixture
def project(db):
    return make_project()


@pytest.fixture
def ada(project):
    return make_member(project, "ada")


@pytest.fixture
def queue(project, ada):
    ben = make_member(project, "ben")
    return make_queue(project, make_rubric(project), reviewers=[ada, ben])


@pytest.fixture
def refund(project, queue):
    item = make_item(project, signals={"intent": "refund", "stakes": "high"})
    make_slots(queue, item)
    return item


@pytest.fixture
def greeting(project, queue):
    item = make_item(project, signals={"intent": "greeting"})
    make_slots(queue, item)
    return item


def pause(queue, dimension="intent", value="refund") -> None:
    pause_slice(
        queue_id=queue.pk,
        dimension=dimension,
        value=value,
        because="alpha .10 to .30, floor .40",
        now=NOW,
    )
    settle_slices(now=NOW)


def resume(queue, dimension="intent", value="refund") -> None:
    resume_slice(queue_id=queue.pk, dimension=dimension, value=value, now=NOW)
    settle_slices(now=NOW)


def deal(queue, reviewer, now=NOW) -> list[Assignment]:
    dealt = deal_batch(queue_id=queue.pk, reviewer_id=reviewer.pk, now=now, seed="s")
    batch = Batch.objects.get(public_id=dealt.public_id)
    return list(batch.assignments.order_by("position"))


def states(queue, item: Item | None = None) -> set[Any]:
    slots = Slot.objects.filter(queue=queue)
    if item is not None:
        slots = slots.filter(item=item)
    return set(slots.values_list("state", flat=True))


def test_nothing_of_a_paused_slice_is_dealt(queue, ada, refund, greeting):
    pause(queue)

    assert [one.item for one in deal(queue, ada)] == [greeting]


def test_a_resumed_slice_is_dealt_again(queue, ada, refund):
    pause(queue)
    with pytest.raises(NothingLeft):
        deal(queue, ada)

    resume(queue)

    assert [one.item for one in deal(queue, ada)] == [refund]
    assert not SlicePause.objects.exists()


@pytest.mark.parametrize(
    ("dimension", "value"), [("stakes", "high"), ("kind", "SINGLE")]
)
def test_a_slice_may_be_one_of_stakes_or_of_kind(queue, refund, dimension, value):
    pause(queue, dimension, value)

    assert states(queue, refund) == {SlotState.HELD}


@pytest.mark.parametrize(("dimension", "value"), [("rule", "all"), ("action", "QUEUE")])
def test_a_slice_may_be_one_of_the_route(queue, project, dimension, value):
    item = make_item(project)
    apply_policy(project_id=project.pk, source=POLICY, now=NOW)
    route_items(project_id=project.pk, now=NOW)

    pause(queue, dimension, value)

    assert states(queue, item) == {SlotState.HELD}


def test_what_is_in_hand_is_finished_and_what_comes_back_is_held(queue, ada, refund):
    (assignment,) = deal(queue, ada)
    pause(queue)
    assert states(queue, refund) == {SlotState.TAKEN, SlotState.HELD}

    expire_leases(now=NOW + 2 * HOUR)

    assert states(queue, refund) == {SlotState.HELD}
    with pytest.raises(SlotGone, match="there is a pause"):
        renew_lease(assignment_id=assignment.pk, now=NOW + 2 * HOUR)


def test_a_judgment_in_hand_fills_its_slot_during_a_pause(queue, ada, refund):
    (assignment,) = deal(queue, ada)
    pause(queue)

    Judgment.objects.create(assignment=assignment, submitted_at=NOW)

    assert states(queue, refund) == {SlotState.FILLED, SlotState.HELD}


def test_an_escalated_item_of_a_paused_slice_goes_back_to_be_held(queue, ada, refund):
    (assignment,) = deal(queue, ada)
    assignment.status = AssignmentStatus.ESCALATED
    assignment.save()
    pause(queue)

    settle_escalation(
        queue_id=queue.pk, assignment=assignment.public_id, is_kept=True, now=NOW
    )

    assert states(queue, refund) == {SlotState.HELD}


def test_an_item_that_comes_in_during_a_pause_is_held(queue, project):
    pause(queue)
    late = make_item(project, signals={"intent": "refund"})
    other = make_item(project, signals={"intent": "greeting"})

    apply_policy(project_id=project.pk, source=POLICY, now=NOW)
    route_items(project_id=project.pk, now=NOW)

    assert states(queue, late) == {SlotState.HELD}
    assert states(queue, other) == {SlotState.OPEN}


def test_another_queue_deals_the_slice_on(queue, project, ada, refund):
    other = make_queue(project, queue.rubric_version, "second", [ada])
    make_slots(other, refund)

    pause(queue)

    assert states(other) == {SlotState.OPEN}


def test_an_item_of_two_paused_slices_waits_for_both(queue, refund):
    pause(queue)
    pause(queue, "stakes", "high")

    resume(queue)
    assert states(queue, refund) == {SlotState.HELD}

    resume(queue, "stakes", "high")
    assert states(queue, refund) == {SlotState.OPEN}


def test_a_slice_is_paused_once(queue, refund):
    pause(queue)

    again = pause_slice(
        queue_id=queue.pk, dimension="intent", value="refund", because="?", now=NOW
    )

    assert not again
    with pytest.raises(IntegrityError, match="slicepause_once"):
        SlicePause.objects.create(
            queue=queue, dimension="intent", value="refund", paused_at=NOW
        )


def test_a_dimension_is_one_of_those_known(queue):
    with pytest.raises(IntegrityError, match="slicepause_dimension_known"):
        SlicePause.objects.create(
            queue=queue, dimension="mood", value="bad", paused_at=NOW
        )


def test_a_sweep_that_was_cut_off_is_made_up_for(queue, refund):
    pause_slice(
        queue_id=queue.pk, dimension="intent", value="refund", because="?", now=NOW
    )
    assert states(queue, refund) == {SlotState.OPEN}

    assert settle_slices(now=NOW) == 2
    assert settle_slices(now=NOW) == 0


def test_a_higher_overlap_holds_the_slots_that_it_adds(queue, refund):
    pause(queue)

    apply(queue, QUEUE + "overlap = 3\n")

    assert states(queue, refund) == {SlotState.HELD}
    assert refund.slots.count() == 3


def test_a_lower_overlap_withdraws_held_slots_too(queue, refund):
    pause(queue)

    apply(queue, QUEUE + "overlap = 1\n")
    resume(queue)

    assert sorted(refund.slots.values_list("state", flat=True)) == ["OPEN", "WITHDRAWN"]


def test_a_held_item_that_becomes_gold_waits_no_more(queue, refund):
    pause(queue)

    seed_item(queue_id=queue.pk, item_id=refund.pk, band="good", now=NOW)
    resume(queue)

    assert states(queue, refund) == {SlotState.WITHDRAWN}


def apply(queue, text: str) -> None:
    apply_queue(
        spec=parse_queue(text),
        project_id=queue.project_id,
        rubric_version_id=queue.rubric_version_id,
        now=NOW,
        rng=random.Random(1),
    )
