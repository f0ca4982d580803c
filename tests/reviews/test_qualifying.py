"""The first batch on a queue that asks for a qualification: what is dealt, and when."""

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from labeling.models import Judgment
from labeling.services.withdrawals import NothingToTakeBack, take_back
from reviews.models import (
    Assignment,
    AssignmentStatus,
    Batch,
    PanelSeat,
    Purpose,
    Qualification,
    QualificationDecision,
    Queue,
    Seed,
    SeedUse,
)
from reviews.queries.qualifications import Phase, find_stage
from reviews.services.batches import NothingLeft, deal_batch
from reviews.services.leases import SlotGone, renew_lease
from reviews.services.pauses import ReasonMissing, UnknownSeat, pause_queue
from reviews.services.qualifying import (
    CannotDecide,
    QualificationOver,
    decide_qualification,
    end_qualification,
)
from reviews.services.queues import seed_item
from reviews.services.relabeling import reopen_judged
from reviews.services.turns import (
    escalate_assignment,
    return_batch,
    skip_assignment,
)
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

LATER = NOW + timedelta(hours=2)
ATTEMPT: dict[str, Any] = {"number": 1, "size": 4, "pass_share": 0.8, "begun_at": NOW}
ENDED: dict[str, Any] = {
    "outcome": "PASSED",
    "ended_at": NOW,
    "n_answers": 1,
    "n_right": 1,
}


def make_work(
    cast: Any, bands: str = "ggbb", n_items: int = 6, **changes: Any
) -> Queue:
    values = {"qualification_size": 4, "batch_size": 3, "gold_rate": 0.0}
    queue = make_queue(
        cast.project,
        make_rubric(cast.project),
        reviewers=[cast.ada, cast.ben],
        **values | changes,
    )
    for _ in range(n_items):
        make_slots(queue, make_item(cast.project))
    add_gold(queue, bands)
    return queue


def add_gold(queue: Queue, bands: str, use: str = SeedUse.BOTH) -> None:
    for band in bands:
        seed_item(
            queue_id=queue.pk,
            item_id=make_item(queue.project).pk,
            band=band,
            now=NOW,
            rubric_version_id=queue.rubric_version_id,
            use=use,
        )


def deal(queue: Queue, reviewer: Any, now: Any = NOW, seed: str = "seed") -> Batch:
    dealt = deal_batch(queue_id=queue.pk, reviewer_id=reviewer.pk, now=now, seed=seed)
    return Batch.objects.get(public_id=dealt.public_id)


def live(batch: Batch) -> list[Assignment]:
    return list(batch.assignments.filter(status="LIVE").order_by("position"))


def judge(assignments: list[Assignment]) -> None:
    for one in assignments:
        make_judgment(one, quality="good")


def end(queue: Queue, reviewer: Any, n_right: int) -> None:
    attempt = Qualification.objects.get(queue=queue, reviewer=reviewer, outcome="")
    end_qualification(
        qualification_id=attempt.pk, n_answers=4, n_right=n_right, now=NOW
    )


def purposes(batch: Batch) -> set[str]:
    return set(batch.assignments.values_list("purpose", flat=True))


def phase(queue: Queue, reviewer: Any) -> Phase:
    stage = find_stage(queue_id=queue.pk, reviewer_id=reviewer.pk)
    assert stage is not None
    return stage.phase


def decide(queue: Queue, cast: Any, act: str, reason: str = "Because") -> None:
    decide_qualification(
        queue_id=queue.pk,
        handle="ada",
        act=act,
        reason=reason,
        lead_id=cast.lea.pk,
        now=NOW,
    )


def test_first_batch_is_gold_alone_and_balanced(cast):
    queue = make_work(cast, "gggggbb")

    batch = deal(queue, cast.ada)

    bands = batch.assignments.values_list("item__seeds__band", flat=True)
    assert purposes(batch) == {Purpose.QUALIFICATION}
    assert Counter(bands) == {"g": 2, "b": 2}
    assert batch.size == 4
    assert phase(queue, cast.ada) == Phase.UNDER_WAY


def test_queue_that_asks_for_none_deals_live_at_once(cast):
    queue = make_work(cast, qualification_size=0)

    assert purposes(deal(queue, cast.ada)) == {Purpose.FRESH}
    assert find_stage(queue_id=queue.pk, reviewer_id=cast.ada.pk) is None


def test_asking_again_gives_the_same_batch_back(cast):
    queue = make_work(cast)

    assert deal(queue, cast.ada) == deal(queue, cast.ada, seed="other")
    assert Qualification.objects.count() == 1


def test_what_was_judged_of_it_counts_nowhere(cast):
    queue = make_work(cast)
    judge(live(deal(queue, cast.ada)))

    judgments = Judgment.objects.values_list("counts", "left_out")
    assert set(judgments) == {(False, "QUALIFICATION")}
    assert not queue.slots.exclude(state__in=["OPEN", "WITHDRAWN"]).exists()


def test_nothing_is_dealt_between_its_end_and_the_outcome(cast):
    queue = make_work(cast)
    judge(live(deal(queue, cast.ada)))

    with pytest.raises(QualificationOver):
        deal(queue, cast.ada)
    assert phase(queue, cast.ada) == Phase.OVER


def test_who_passed_is_dealt_live_batches(cast):
    queue = make_work(cast)
    judge(live(deal(queue, cast.ada)))
    end(queue, cast.ada, n_right=4)

    batch = deal(queue, cast.ada)

    assert purposes(batch) == {Purpose.FRESH}
    assert batch.qualification_id is None


def test_who_did_not_pass_is_dealt_nothing(cast):
    queue = make_work(cast)
    judge(live(deal(queue, cast.ada)))
    end(queue, cast.ada, n_right=3)

    with pytest.raises(QualificationOver):
        deal(queue, cast.ada)
    assert phase(queue, cast.ada) == Phase.FAILED


@pytest.mark.parametrize(("n_right", "outcome"), [(7, "PASSED"), (6, "FAILED")])
def test_the_share_that_is_asked_for_is_enough(cast, n_right, outcome):
    queue = make_work(cast, qualification_pass=0.7)
    judge(live(deal(queue, cast.ada)))
    attempt = Qualification.objects.get()

    end_qualification(
        qualification_id=attempt.pk, n_answers=10, n_right=n_right, now=NOW
    )

    attempt.refresh_from_db()
    assert attempt.outcome == outcome


def test_gold_of_it_is_never_live_gold_to_the_same_reviewer(cast):
    queue = make_work(cast, gold_rate=0.5, gold_period_days=1, n_items=12)
    judge(live(deal(queue, cast.ada)))
    end(queue, cast.ada, n_right=4)

    mine = purposes(deal(queue, cast.ada, now=NOW + timedelta(days=400)))
    told = set(Seed.objects.values_list("item_id", flat=True))

    assert mine == {Purpose.FRESH}
    assert len(told) == 4


def test_gold_of_it_is_no_live_gold_in_another_queue_either(cast):
    queue = make_work(cast)
    given = live(deal(queue, cast.ada))
    judge(given)
    other = make_queue(
        cast.project,
        queue.rubric_version,
        slug="other",
        reviewers=[cast.ada],
        gold_rate=0.5,
    )
    for _ in range(4):
        make_slots(other, make_item(cast.project))
    for one in given:
        seed_item(queue_id=other.pk, item_id=one.item_id, band="g", now=NOW)

    assert purposes(deal(other, cast.ada, now=NOW + timedelta(days=400))) == {"FRESH"}


def test_its_gold_stays_live_gold_to_the_others(cast):
    queue = make_work(cast, gold_rate=0.5, batch_size=6, n_items=12)
    judge(live(deal(queue, cast.ada)))
    queue.qualification_size = 0
    queue.save()

    assert purposes(deal(queue, cast.ben)) == {Purpose.FRESH, Purpose.GOLD}


def test_gold_kept_for_qualification_is_never_live_and_comes_first(cast):
    queue = make_work(cast, "", gold_rate=0.5, n_items=12)
    add_gold(queue, "gb", SeedUse.BOTH)
    add_gold(queue, "gbgb", SeedUse.QUALIFICATION)

    batch = deal(queue, cast.ada)
    queue.qualification_size = 0
    queue.save()
    others = deal(queue, cast.ben)

    uses = batch.assignments.values_list("item__seeds__use", flat=True)
    gold = others.assignments.filter(purpose=Purpose.GOLD)
    assert set(uses) == {SeedUse.QUALIFICATION}
    assert set(gold.values_list("item__seeds__use", flat=True)) <= {SeedUse.BOTH}


def test_gold_kept_for_live_use_qualifies_nobody(cast):
    queue = make_work(cast, "")
    add_gold(queue, "gbgb", SeedUse.LIVE)

    with pytest.raises(NothingLeft, match="lead has to add cases"):
        deal(queue, cast.ada)


def test_gold_known_under_another_rubric_version_qualifies_nobody(cast):
    queue = make_work(cast)
    Seed.objects.update(rubric_version=make_rubric(cast.project, "other"))

    with pytest.raises(NothingLeft, match="lead has to add cases"):
        deal(queue, cast.ada)


def test_too_little_gold_begins_nothing(cast):
    queue = make_work(cast, "ggb")

    with pytest.raises(NothingLeft, match="lead has to add cases"):
        deal(queue, cast.ada)

    assert not Qualification.objects.exists()
    assert not Batch.objects.exists()


def test_who_judged_here_before_is_asked_for_none(cast):
    queue = make_work(cast, qualification_size=0)
    judge(live(deal(queue, cast.ada)))
    queue.qualification_size = 4
    queue.save()

    assert purposes(deal(queue, cast.ada, seed="two")) == {Purpose.FRESH}
    assert phase(queue, cast.ada) == Phase.BEFORE
    assert phase(queue, cast.ben) == Phase.DUE


@pytest.mark.parametrize(
    ("n_right", "expected"), [(3, Phase.FAILED), (None, Phase.DUE)]
)
def test_live_item_that_lapsed_is_no_way_around_it(cast, n_right, expected):
    queue = make_work(cast, qualification_size=0)
    lapsed = live(deal(queue, cast.ada))[0]
    Assignment.objects.filter(batch=lapsed.batch).update(status="EXPIRED")
    queue.qualification_size = 4
    queue.save()
    if n_right is not None:
        judge(live(deal(queue, cast.ada)))
        end(queue, cast.ada, n_right=n_right)

    with pytest.raises(SlotGone, match="comes before"):
        renew_lease(assignment_id=lapsed.pk, now=NOW)

    assert phase(queue, cast.ada) == expected


def test_live_item_that_lapsed_comes_back_to_who_passed(cast):
    queue = make_work(cast, qualification_size=0)
    lapsed = live(deal(queue, cast.ada))[0]
    Assignment.objects.filter(batch=lapsed.batch).update(status="EXPIRED")
    queue.qualification_size = 4
    queue.save()
    judge(live(deal(queue, cast.ada)))
    end(queue, cast.ada, n_right=4)

    again = renew_lease(assignment_id=lapsed.pk, now=NOW)

    assert Assignment.objects.get(public_id=again).item_id == lapsed.item_id


def make_other(cast: Any, queue: Queue, given: list[Assignment]) -> Queue:
    """A queue of ada's that asks for no qualification, with these items in it."""
    other = make_queue(
        cast.project, queue.rubric_version, slug="other", reviewers=[cast.ada]
    )
    for one in given:
        make_slots(other, one.item)
    return other


@pytest.mark.parametrize("status", ["EXPIRED", "RETURNED", "WITHDRAWN"])
def test_item_of_it_is_no_live_item_in_another_queue(cast, status):
    queue = make_work(cast)
    first = live(deal(queue, cast.ada))[0]
    Assignment.objects.filter(pk=first.pk).update(status=status)
    other = make_other(cast, queue, [first])

    with pytest.raises(NothingLeft):
        deal(other, cast.ada)


def test_live_item_that_lapsed_is_gone_once_it_was_in_a_qualification(cast):
    queue = make_work(cast)
    told = live(deal(queue, cast.ada))[0]
    Assignment.objects.filter(pk=told.pk).update(status="RETURNED")
    other = make_other(cast, queue, [told])
    lapsed = make_assignment(
        make_batch(other, cast.ada),
        told.item,
        other.slots.first(),
        status="EXPIRED",
    )

    with pytest.raises(SlotGone, match="in a qualification"):
        renew_lease(assignment_id=lapsed.pk, now=NOW)


@pytest.mark.parametrize("status", ["LIVE", "SUBMITTED"])
@pytest.mark.parametrize("before", ["RETURNED", "SKIPPED"])
def test_item_of_it_that_is_held_elsewhere_is_not_dealt_again(cast, before, status):
    queue = make_work(cast)
    first = deal(queue, cast.ada)
    elsewhere = live(first)[0]
    first.assignments.update(status=before)
    other = make_other(cast, queue, [elsewhere])
    make_assignment(
        make_batch(other, cast.ada),
        elsewhere.item,
        other.slots.first(),
        status=status,
    )

    again = deal(queue, cast.ada)

    rest = first.assignments.exclude(pk=elsewhere.pk)
    assert set(again.assignments.values_list("item")) == set(rest.values_list("item"))


def test_live_work_does_not_make_up_for_a_missed_attempt(cast):
    queue = make_work(cast)
    judge(live(deal(queue, cast.ada)))
    end(queue, cast.ada, n_right=3)
    Queue.objects.update(qualification_size=0)
    judge(live(deal(queue, cast.ada)))
    Queue.objects.update(qualification_size=4)

    assert phase(queue, cast.ada) == Phase.FAILED


def test_live_batch_in_hand_is_finished_first(cast):
    queue = make_work(cast, qualification_size=0)
    batch = deal(queue, cast.ada)
    queue.qualification_size = 4
    queue.save()

    assert deal(queue, cast.ada) == batch


def test_backup_may_qualify_ahead(cast):
    queue = make_work(cast)
    PanelSeat.objects.filter(reviewer=cast.ada).update(is_backup=True)

    batch = deal(queue, cast.ada)
    judge(live(batch))
    end(queue, cast.ada, n_right=4)

    assert purposes(batch) == {Purpose.QUALIFICATION}
    with pytest.raises(NothingLeft, match="backup"):
        deal(queue, cast.ada)


def test_pause_holds_for_it_too(cast):
    queue = make_work(cast)
    pause_queue(queue_id=queue.pk, reason="Holiday")

    with pytest.raises(NothingLeft, match="Holiday"):
        deal(queue, cast.ada)


def test_daily_cap_cuts_it_and_it_goes_on_the_next_day(cast):
    queue = make_work(cast, daily_cap=3)
    first = deal(queue, cast.ada)
    judge(live(first))

    with pytest.raises(NothingLeft, match="daily limit"):
        deal(queue, cast.ada)
    rest = deal(queue, cast.ada, now=NOW + timedelta(days=1))

    assert (first.size, rest.size) == (3, 1)
    assert rest.qualification_id == first.qualification_id


def test_what_lapsed_comes_again(cast):
    queue = make_work(cast)
    first = deal(queue, cast.ada)
    lapsed = {one.item_id for one in live(first)[2:]}
    judge(live(first)[:2])

    rest = deal(queue, cast.ada, now=LATER)

    assert {one.item_id for one in live(rest)} == lapsed
    assert rest.qualification_id == first.qualification_id


def test_what_was_given_back_comes_again(cast):
    queue = make_work(cast)
    first = deal(queue, cast.ada)
    judge(live(first)[:3])
    last = live(first)[0].item_id
    return_batch(batch=first.public_id, user_id=cast.ada.user_id)

    assert [one.item_id for one in live(deal(queue, cast.ada))] == [last]


@pytest.mark.parametrize("end_one", [skip_assignment, escalate_assignment])
def test_what_was_passed_by_is_made_up_for_with_other_gold(cast, end_one):
    queue = make_work(cast, "ggbbg")
    first = deal(queue, cast.ada)
    passed_by, *others = live(first)
    end_one(assignment_id=passed_by.pk, reason="Unclear")
    judge(others)

    (made_up,) = live(deal(queue, cast.ada))

    assert made_up.item_id not in {one.item_id for one in (passed_by, *others)}


def test_what_was_passed_by_comes_again_where_there_is_no_other_gold(cast):
    queue = make_work(cast)
    passed_by, *others = live(deal(queue, cast.ada))
    skip_assignment(assignment_id=passed_by.pk, reason="Unclear")
    judge(others)

    (again,) = live(deal(queue, cast.ada))

    assert again.item_id == passed_by.item_id


def test_lapsed_item_is_taken_again_while_the_attempt_lacks_it(cast):
    queue = make_work(cast)
    batch = deal(queue, cast.ada)
    judge(live(batch)[:3])
    lapsed = live(batch)[0]
    Assignment.objects.filter(pk=lapsed.pk).update(status=AssignmentStatus.EXPIRED)

    again = renew_lease(assignment_id=lapsed.pk, now=NOW)

    given = Assignment.objects.get(public_id=again)
    assert (given.item_id, given.purpose) == (lapsed.item_id, Purpose.QUALIFICATION)


def test_lapsed_item_is_gone_once_it_was_judged_in_another_batch(cast):
    queue = make_work(cast)
    batch = deal(queue, cast.ada)
    judge(live(batch)[:3])
    lapsed = live(batch)[0]
    (anew,) = live(deal(queue, cast.ada, now=LATER))
    make_judgment(anew, at=LATER, quality="good")

    with pytest.raises(SlotGone, match="went on without"):
        renew_lease(assignment_id=lapsed.pk, now=LATER)


def test_lapsed_item_is_gone_once_there_is_an_outcome(cast):
    queue = make_work(cast)
    batch = deal(queue, cast.ada)
    lapsed = live(batch)[0]
    Assignment.objects.filter(pk=lapsed.pk).update(status=AssignmentStatus.EXPIRED)
    judge(live(batch))
    end(queue, cast.ada, n_right=4)

    with pytest.raises(SlotGone, match="went on without"):
        renew_lease(assignment_id=lapsed.pk, now=NOW)


def test_judgment_is_taken_back_while_the_batch_is_open(cast):
    queue = make_work(cast)
    batch = deal(queue, cast.ada)
    first, second, *_ = live(batch)
    judge([first])

    again = take_back(assignment_id=second.pk, now=NOW)
    make_judgment(Assignment.objects.get(public_id=again), quality="bad")
    judge(live(batch))

    left_out = Judgment.objects.values_list("left_out", flat=True)
    assert Counter(left_out) == {"QUALIFICATION": 4, "WITHDRAWN": 1}
    assert phase(queue, cast.ada) == Phase.OVER


def test_nothing_is_taken_back_once_it_is_over(cast):
    queue = make_work(cast)
    given = live(deal(queue, cast.ada))
    judge(given)

    with pytest.raises(NothingToTakeBack, match="over"):
        take_back(assignment_id=given[-1].pk, now=NOW)


def test_relabeling_asks_for_none_of_it_again(cast):
    queue = make_work(cast)
    judge(live(deal(queue, cast.ada)))
    queue.rubric_version = make_rubric(cast.project, "next")
    queue.save()

    assert reopen_judged(queue_id=queue.pk, now=NOW, rng=Random(1)) == 0


def miss(queue: Queue, cast: Any) -> Batch:
    batch = deal(queue, cast.ada)
    judge(live(batch))
    end(queue, cast.ada, n_right=1)
    return batch


def test_lead_lets_a_reviewer_try_again_with_other_gold(cast):
    queue = make_work(cast, "ggbbggbb")
    first = miss(queue, cast)

    decide(queue, cast, "AGAIN")
    second = deal(queue, cast.ada)

    had = set(first.assignments.values_list("item_id", flat=True))
    assert had.isdisjoint(second.assignments.values_list("item_id", flat=True))
    assert second.qualification is not None
    assert second.qualification.number == 2


def test_lead_offers_no_second_go_without_other_gold(cast):
    queue = make_work(cast, "ggbbgg")
    miss(queue, cast)

    with pytest.raises(CannotDecide, match="2 of 4"):
        decide(queue, cast, "AGAIN")


def test_second_go_is_for_who_missed_the_first(cast):
    queue = make_work(cast, "ggbbggbb")

    with pytest.raises(CannotDecide, match="has not missed"):
        decide(queue, cast, "AGAIN")


def test_lead_admits_a_reviewer_who_missed(cast):
    queue = make_work(cast)
    miss(queue, cast)

    decide(queue, cast, "ADMIT", "Talked it through")

    assert purposes(deal(queue, cast.ada)) == {Purpose.FRESH}
    decision = QualificationDecision.objects.get()
    assert (decision.reason, decision.lead_id) == ("Talked it through", cast.lea.pk)


def test_lead_admits_a_reviewer_for_whom_there_is_no_gold(cast):
    queue = make_work(cast, "")

    decide(queue, cast, "ADMIT")

    assert purposes(deal(queue, cast.ada)) == {Purpose.FRESH}


def test_decision_needs_a_reason(cast):
    queue = make_work(cast)

    with pytest.raises(ReasonMissing):
        decide(queue, cast, "ADMIT", "\x00 ")


def test_nothing_is_decided_twice(cast):
    queue = make_work(cast)
    decide(queue, cast, "ADMIT")

    with pytest.raises(CannotDecide, match="judges here already"):
        decide(queue, cast, "ADMIT")


def test_nothing_is_decided_on_somebody_without_a_seat(cast):
    queue = make_work(cast)

    with pytest.raises(UnknownSeat):
        decide_qualification(
            queue_id=queue.pk,
            handle="olga",
            act="ADMIT",
            reason="Because",
            lead_id=cast.lea.pk,
            now=NOW,
        )


def broken_by(constraint: str) -> Any:
    return pytest.raises(IntegrityError, match=constraint)


def test_attempt_has_one_outcome(cast):
    queue = make_work(cast)
    miss(queue, cast)
    attempt = Qualification.objects.get()
    attempt.outcome = "PASSED"

    with broken_by("outcome once"), transaction.atomic():
        attempt.save()


def test_attempt_stays(cast):
    queue = make_work(cast)
    attempt = Qualification.objects.create(queue=queue, reviewer=cast.ada, **ATTEMPT)

    with broken_by("outcome once"), transaction.atomic():
        attempt.delete()


def test_decision_cannot_be_changed(cast):
    queue = make_work(cast)
    decide(queue, cast, "ADMIT")

    with broken_by("append-only"), transaction.atomic():
        QualificationDecision.objects.update(reason="Other")


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"outcome": "PASSED"}, "qualification_ends_whole"),
        ({"ended_at": NOW}, "qualification_ends_whole"),
        (ENDED | {"n_right": 2}, "qualification_ends_whole"),
        (ENDED | {"outcome": "?"}, "qualification_outcome_known"),
        (ENDED | {"number": 1}, "qualification_number_once"),
        ({}, "qualification_one_under_way"),
    ],
)
def test_impossible_attempt_is_refused(cast, changes, constraint):
    queue = make_work(cast)
    if constraint != "qualification_ends_whole":
        Qualification.objects.create(queue=queue, reviewer=cast.ada, **ATTEMPT)
    values = ATTEMPT | {"number": 2} | changes

    with broken_by(constraint), transaction.atomic():
        Qualification.objects.create(queue=queue, reviewer=cast.ada, **values)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"act": "?"}, "qualificationdecision_act_known"),
        ({"reason": ""}, "qualificationdecision_has_reason"),
        ({"act": "AGAIN"}, "qualificationdecision_again_after_attempt"),
        ({}, "qualificationdecision_admitted_once"),
    ],
)
def test_impossible_decision_is_refused(cast, changes, constraint):
    queue = make_work(cast)
    if not changes:
        decide(queue, cast, "ADMIT")
    values = {"act": "ADMIT", "reason": "x", "decided_at": NOW, "lead": cast.lea}

    with broken_by(constraint), transaction.atomic():
        QualificationDecision.objects.create(
            queue=queue, reviewer=cast.ada, **values | changes
        )


def test_second_go_is_decided_once(cast):
    queue = make_work(cast, "ggbbggbb")
    miss(queue, cast)
    decide(queue, cast, "AGAIN")
    again = QualificationDecision.objects.get()
    again.pk = None

    with broken_by("qualificationdecision_again_once"), transaction.atomic():
        again.save(force_insert=True)


def test_gold_is_for_a_known_use(cast):
    make_work(cast)

    with broken_by("seed_use_known"), transaction.atomic():
        Seed.objects.update(use="?")


@pytest.mark.parametrize("share", [0, 1.5])
def test_share_to_pass_is_sane(cast, share):
    with broken_by("queue_qualification_pass_sane"), transaction.atomic():
        make_work(cast, qualification_pass=share)
