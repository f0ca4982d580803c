"""Rules 7, 8 and 12 of the design, whatever three reviewers and a lead do."""

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from labeling.models import Judgment, Rating
from labeling.queries.rubrics import get_rubric_version
from labeling.services.judgments import (
    Answer,
    LeaseExpired,
    Submission,
    submit_judgment,
    take_again,
)
from labeling.services.withdrawals import NothingToTakeBack, take_back
from reviews.models import (
    HELD,
    Assignment,
    AssignmentStatus,
    Batch,
    Item,
    Member,
    PanelSeat,
    Purpose,
    Queue,
    Slot,
    SlotState,
)
from reviews.queries.presentations import Hand, get_hand
from reviews.services.batches import NothingLeft, deal_batch
from reviews.services.escalations import settle_escalation
from reviews.services.leases import SlotGone, expire_leases
from reviews.services.pauses import (
    pause_queue,
    pause_seat,
    resume_queue,
    resume_seat,
)
from reviews.services.queue_files import QueueSpec
from reviews.services.queues import apply_queue, seed_item
from reviews.services.sla import raise_breaches
from reviews.services.turns import (
    escalate_assignment,
    extend_leases,
    return_batch,
    skip_assignment,
)
from tests.factories import (
    NOW,
    make_item,
    make_member,
    make_project,
    make_rubric,
    make_slots,
)

HANDLES = ("ada", "ben", "chi")
UNSEEN = [Purpose.GOLD, Purpose.RETEST]

someone = st.sampled_from(HANDLES)
pick = st.integers(0, 1000)
values = st.sampled_from(["bad", "fair", "good"])


class QueueRules(RuleBasedStateMachine):
    @initialize(n_items=st.integers(2, 5), overlap=st.integers(1, 3))
    def open_queue(self, n_items: int, overlap: int) -> None:
        # Undone when the example ends, whatever happened in it.
        self.example = transaction.atomic()
        self.example.__enter__()
        self.now = NOW
        self.project = make_project()
        self.version = make_rubric(self.project)
        self.members: dict[str, Member] = {
            handle: make_member(self.project, handle) for handle in HANDLES
        }
        self.queue = Queue.objects.get(pk=self.apply(overlap))
        # What was acknowledged: assignment and the value that was sent first.
        self.acknowledged: dict[int, str] = {}
        self.taken_back: set[int] = set()
        self.dealt_under: dict[int, int] = {}
        self.route(n_items)
        for band in ("good", "bad", "good"):
            seed_item(
                queue_id=self.queue.pk,
                item_id=make_item(self.project).pk,
                band=band,
                now=NOW,
            )

    def apply(self, overlap: int) -> int:
        spec = QueueSpec(
            queue="answers",
            rubric="answer",
            reviewers=HANDLES,
            overlap=overlap,
            batch_size=4,
            gold_rate=0.25,
            gold_period_days=1,
            retest_rate=0.25,
            retest_after_days=0,
            retest_after_items=1,
            sla_hours=(1, 2, 3, 4),
        )
        return apply_queue(
            spec=spec,
            project_id=self.project.pk,
            rubric_version_id=self.version.pk,
            now=self.now,
            rng=Random(1),
        ).queue_id

    def teardown(self) -> None:
        if hasattr(self, "example"):
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    def some(self, number: int, **filters: Any) -> Assignment | None:
        found = Assignment.objects.filter(**filters).order_by("pk")
        return found[number % len(found)] if found else None

    def hand(self, assignment: Assignment) -> Hand:
        return get_hand(
            public_id=assignment.public_id, user_id=assignment.reviewer.user_id or 0
        )

    @rule(handle=someone, seed=pick)
    def deal(self, handle: str, seed: int) -> None:
        seat = PanelSeat.objects.get(reviewer=self.members[handle])
        queue = Queue.objects.get()
        before = set(Assignment.objects.values_list("pk", flat=True))
        try:
            deal_batch(
                queue_id=queue.pk,
                reviewer_id=seat.reviewer_id,
                now=self.now,
                seed=str(seed),
            )
        except NothingLeft:
            return
        new = Assignment.objects.exclude(pk__in=before)
        assert not (new and (queue.paused_because or seat.paused_because))
        kinds = Counter(new.values_list("purpose", flat=True))
        assert not new or kinds[Purpose.FRESH]
        self.check_overlap(new)

    def check_overlap(self, new: Any) -> None:
        """What is dealt now keeps to the overlap of now."""
        overlap = Queue.objects.get().overlap
        for one in new.filter(purpose=Purpose.FRESH):
            held = Assignment.objects.filter(
                item=one.item, purpose=Purpose.FRESH, status__in=HELD
            )
            assert held.count() <= overlap

    @rule(number=pick, value=values, twice=st.booleans())
    def submit(self, number: int, value: str, twice: bool) -> None:
        assignment = self.some(number, status=AssignmentStatus.LIVE)
        if assignment is None:
            return
        self.send(assignment, value)
        if twice:
            self.send(assignment, "bad")

    @rule(number=pick, value=values)
    def submit_what_may_be_over(self, number: int, value: str) -> None:
        assignment = self.some(number)
        if assignment is not None:
            self.send(assignment, value)

    def send(self, assignment: Assignment, value: str) -> None:
        hand = self.hand(assignment)
        criterion = get_rubric_version(hand.rubric_version_id).criteria[0]
        submission = Submission(
            answers=(Answer(criterion, value),),
            comment="",
            active_seconds=1,
            typed={"value-quality": [value]},
        )
        try:
            is_new = submit_judgment(hand=hand, submission=submission, now=self.now)
        except LeaseExpired:
            return
        assert is_new == (assignment.pk not in self.acknowledged)
        self.acknowledged.setdefault(assignment.pk, value)

    @rule(minutes=st.sampled_from([5, 40, 200, 1500]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        expire_leases(now=self.now)
        raise_breaches(now=self.now)

    @rule(number=pick)
    def renew(self, number: int) -> None:
        old = self.some(number, status=AssignmentStatus.EXPIRED)
        if old is None:
            return
        try:
            again = take_again(hand=self.hand(old), now=self.now)
        except SlotGone:
            return
        self.check_overlap(Assignment.objects.filter(public_id=again))

    @rule(number=pick)
    def take_back(self, number: int) -> None:
        live = self.some(number, status=AssignmentStatus.LIVE)
        if live is None or live.batch_id is None:
            return
        try:
            again = take_back(assignment_id=live.pk, now=self.now)
        except (NothingToTakeBack, SlotGone):
            return
        item = Assignment.objects.get(public_id=again).item_id
        withdrawn = Judgment.objects.filter(withdrawn_at__isnull=False)
        new = list(withdrawn.exclude(assignment__in=self.taken_back))
        # Asked once more from the same page, nothing more is taken back.
        assert len(new) <= 1
        for one in new:
            assert (one.item_id, one.counts) == (item, False)
            self.taken_back.add(one.assignment_id)

    @rule(number=pick)
    def extend(self, number: int) -> None:
        live = self.some(number, status=AssignmentStatus.LIVE)
        if live is not None and live.batch is not None:
            extend_leases(batch=live.batch.public_id, now=self.now)

    @rule(number=pick, escalates=st.booleans())
    def give_up(self, number: int, escalates: bool) -> None:
        assignment = self.some(number)
        if assignment is None:
            return
        act = escalate_assignment if escalates else skip_assignment
        was_live = assignment.status == AssignmentStatus.LIVE
        assert act(assignment_id=assignment.pk, reason="no") == was_live

    @rule(number=pick)
    def give_back(self, number: int) -> None:
        live = self.some(number, status=AssignmentStatus.LIVE)
        if live is not None and live.batch is not None:
            return_batch(batch=live.batch.public_id, user_id=live.reviewer.user_id or 0)

    @rule(number=pick, is_kept=st.booleans())
    def settle(self, number: int, is_kept: bool) -> None:
        one = self.some(
            number, status=AssignmentStatus.ESCALATED, purpose=Purpose.FRESH
        )
        if one is not None:
            settle_escalation(
                queue_id=self.queue.pk,
                assignment=one.public_id,
                is_kept=is_kept,
                now=self.now,
            )

    @rule(handle=someone)
    def pause(self, handle: str) -> None:
        pause_seat(queue_id=self.queue.pk, handle=handle, reason="a talk")

    @rule()
    def pause_all(self) -> None:
        pause_queue(queue_id=self.queue.pk, reason="a holiday")

    @rule()
    def resume(self) -> None:
        resume_queue(queue_id=self.queue.pk)
        for handle in HANDLES:
            resume_seat(queue_id=self.queue.pk, handle=handle)

    @rule(overlap=st.integers(1, 3))
    def change_overlap(self, overlap: int) -> None:
        self.apply(overlap)

    @precondition(lambda self: Item.objects.count() < 12)
    @rule(n_items=st.integers(1, 2))
    def route(self, n_items: int) -> None:
        queue = Queue.objects.get()
        for _ in range(n_items):
            make_slots(queue, make_item(self.project))

    @invariant()
    def acknowledged_judgments_are_there_once(self) -> None:
        stored = Rating.objects.values_list("judgment__assignment_id", "value")
        assert sorted(stored) == sorted(self.acknowledged.items())
        submitted = Assignment.objects.filter(status=AssignmentStatus.SUBMITTED)
        standing = set(self.acknowledged) - self.taken_back
        assert set(submitted.values_list("pk", flat=True)) == standing
        assert Judgment.objects.count() == len(self.acknowledged)

    @invariant()
    def nobody_holds_an_item_twice(self) -> None:
        held = Assignment.objects.filter(status__in=HELD, purpose=Purpose.FRESH)
        fresh = Counter(held.values_list("reviewer_id", "item_id"))
        live = Counter(
            Assignment.objects.filter(status=AssignmentStatus.LIVE).values_list(
                "reviewer_id", "item_id"
            )
        )
        assert max([0, *fresh.values(), *live.values()]) <= 1

    @invariant()
    def batches_hold_no_more_than_was_dealt(self) -> None:
        """Of which the daily cap makes use."""
        held = Assignment.objects.filter(status__in=HELD, batch__isnull=False)
        counts = Counter(held.values_list("batch_id", flat=True))
        sizes = dict(Batch.objects.values_list("pk", "size"))
        assert all(count <= sizes[batch] for batch, count in counts.items())

    @invariant()
    def slots_follow_their_assignments(self) -> None:
        holders = Assignment.objects.filter(slot__isnull=False, status__in=HELD)
        states = dict(holders.values_list("slot_id", "status"))
        for slot in Slot.objects.all():
            expected = {
                SlotState.TAKEN: AssignmentStatus.LIVE,
                SlotState.FILLED: AssignmentStatus.SUBMITTED,
            }.get(SlotState(slot.state))
            assert states.get(slot.pk) == expected

    @invariant()
    def what_is_still_asked_for_keeps_to_the_overlap(self) -> None:
        """An item waits for as many judgments as it lacks, and never for more."""
        overlap = Queue.objects.get().overlap
        slots = Slot.objects.exclude(state=SlotState.WITHDRAWN)
        asked = Counter(slots.values_list("item_id", flat=True))
        waiting = set(
            slots.filter(state=SlotState.OPEN).values_list("item_id", flat=True)
        )
        assert all(asked[item] <= overlap for item in waiting)
        closed = set(
            Slot.objects.filter(closed_at__isnull=False).values_list(
                "item_id", flat=True
            )
        )
        assert waiting.isdisjoint(closed)
        routed = set(Slot.objects.values_list("item_id", flat=True))
        assert all(asked[item] >= overlap for item in routed - closed)

    @invariant()
    def gold_and_retests_are_not_counted(self) -> None:
        unseen = Assignment.objects.filter(purpose__in=UNSEEN)
        assert not unseen.filter(slot__isnull=False).exists()
        counted = Judgment.objects.filter(counts=True)
        assert not counted.filter(assignment__in=unseen).exists()

    @invariant()
    def items_are_retested_once_by_whoever_judged_them(self) -> None:
        retests = Assignment.objects.filter(purpose=Purpose.RETEST)
        times = Counter(retests.values_list("reviewer_id", "item_id"))
        judged = set(
            Assignment.objects.filter(
                purpose=Purpose.FRESH, status=AssignmentStatus.SUBMITTED
            ).values_list("reviewer_id", "item_id")
        )
        assert set(times) <= judged


@pytest.mark.django_db
def test_no_order_of_events_breaks_the_rules_of_a_queue():
    run_state_machine_as_test(
        QueueRules,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            database=None,
            # Shrinking on a database takes minutes; the steps are printed as they are.
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
