"""Standing: what the rule says, what a lead says, and what follows."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from calibration.models import Standing, StandingState
from calibration.queries.reviewer_work import list_retests
from calibration.queries.standing import list_history
from calibration.services.panels import refresh_panels
from calibration.services.reviewer_records import (
    ReviewerRecord,
    Speed,
    measure_reviewers,
)
from calibration.services.standing import (
    PATIENCE,
    TOLD,
    ReasonMissing,
    UnknownReviewer,
    follow_rule,
    set_standing,
)
from calibration.services.standing_rule import Finding, find_standing
from calibration.statistics import Estimate, Verdict
from labeling.models import Judgment
from reviews.models import Assignment, Member, PanelSeat, Queue
from tests.calibration.makers import answer_gold
from tests.conftest import Cast
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_judgment,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
    make_slots,
)

SUSPENDED = Finding(StandingState.SUSPENDED, True, ("gets gold wrong",))
CLEAR = Finding(StandingState.CLEAR, False, ())


@pytest.fixture
def queue(cast):
    return make_queue(
        cast.project, make_rubric(cast.project), reviewers=[cast.ada, cast.ben]
    )


def record_of(queue: Queue, handle: str) -> ReviewerRecord:
    records = measure_reviewers(queue_id=queue.pk, version_id=queue.rubric_version_id)
    return next(one for one in records if one.handle == handle)


def test_a_retest_is_held_against_no_answer_that_was_taken_back(cast, queue):
    item = make_item(cast.project)
    slot = make_slots(queue, item)[0]
    batch = make_batch(queue, cast.ada)
    old = make_assignment(batch, item, slot)
    taken_back = make_judgment(old, quality="bad")
    Judgment.objects.filter(pk=taken_back.pk).update(
        withdrawn_at=NOW, left_out="WITHDRAWN", counts=False
    )
    Assignment.objects.filter(pk=old.pk).update(status="WITHDRAWN")
    again = make_assignment(batch, item, slot)
    make_judgment(again, at=NOW + timedelta(minutes=1), quality="good")
    retest = make_assignment(make_batch(queue, cast.ada), item, purpose="RETEST")
    make_judgment(retest, at=NOW + timedelta(minutes=2), quality="fair")

    found = list_retests(queue_id=queue.pk, version_id=queue.rubric_version_id)

    assert [(one.first, one.second) for one in found] == [("good", "fair")]


def seat(queue: Queue, member: Member) -> PanelSeat:
    return PanelSeat.objects.get(queue=queue, reviewer=member)


def follow(
    queue: Queue, finding: Finding, *, n_gold: int = 0, now: datetime = NOW
) -> bool:
    return follow_rule(
        queue_id=queue.pk, handle="ada", finding=finding, n_gold=n_gold, now=now
    )


def decide(
    queue: Queue,
    cast: Cast,
    state: StandingState = StandingState.CLEAR,
    **changes: Any,
) -> None:
    values: dict[str, Any] = {
        "queue_id": queue.pk,
        "handle": "ada",
        "state": state,
        "reason": "We talked.",
        "set_by_id": cast.lea.pk,
        "n_gold": 0,
        "now": NOW + timedelta(hours=1),
    }
    set_standing(**values | changes)


def test_ten_right_of_ten_certify_nobody(queue, cast):
    answer_gold(queue, cast.ada, right=10, wrong=0)

    record = record_of(queue, "ada")

    assert round(record.gold.p_above_bar, 3) == 0.833
    assert record.test is Verdict.CONTINUE
    assert find_standing(record) == Finding(StandingState.CLEAR, False, ())


def test_fourteen_right_in_a_row_clear_a_reviewer(queue, cast):
    answer_gold(queue, cast.ada, right=14, wrong=0)

    finding = find_standing(record_of(queue, "ada"))

    assert (finding.state, finding.is_known) == (StandingState.CLEAR, True)


def test_three_wrong_in_a_row_suspend_a_reviewer_with_the_reason(queue, cast):
    answer_gold(queue, cast.ada, right=0, wrong=3)

    finding = find_standing(record_of(queue, "ada"))

    assert finding.state == StandingState.SUSPENDED
    assert finding.reasons[0].startswith("gets 3 of 3 gold answers wrong")


def test_early_mistakes_that_later_answers_take_back_are_no_reason(queue, cast):
    answer_gold(queue, cast.ada, right=0, wrong=3)
    answer_gold(queue, cast.ada, right=97, wrong=0)

    record = record_of(queue, "ada")

    assert record.test is Verdict.FLAG
    assert find_standing(record).state == StandingState.CLEAR


def test_a_reviewer_who_gets_worse_over_a_batch_is_watched(queue, cast):
    for _ in range(4):
        # Of ten places the last three are wrong.
        answer_gold(queue, cast.ada, right=7, wrong=3)

    record = record_of(queue, "ada")

    assert (record.fatigue.low or 0) > 0
    assert any(
        "gets worse over a batch" in one for one in find_standing(record).reasons
    )


def test_gold_is_recognised_by_whom_it_helps_more_than_the_others(queue, cast):
    answer_gold(queue, cast.ada, right=30, wrong=0)
    answer_gold(queue, cast.ben, right=15, wrong=15)
    for number in range(40):
        good, bad = {"quality": "good"}, {"quality": "bad"}
        make_rated_item(queue, {cast.ada: good, cast.ben: bad if number % 2 else good})

    ada, ben = record_of(queue, "ada"), record_of(queue, "ben")

    assert any("recognised" in one for one in find_standing(ada).reasons)
    assert not any("recognised" in one for one in find_standing(ben).reasons)


def test_a_reviewer_who_agrees_far_less_than_the_others_is_watched(queue, cast):
    names = ("ann", "bob", "eve")
    ann, bob, eve = (make_rater(cast.project, name) for name in names)
    for number in range(30):
        same = {"quality": "good" if number % 2 else "bad"}
        other = {"quality": "bad" if number % 2 else "good"}
        make_rated_item(queue, {ann: same, bob: same, eve: other})

    finding = find_standing(record_of(queue, "eve"))

    assert finding.state == StandingState.WATCH
    assert "agrees with the others on 0% of 30 ratings" in finding.reasons[0]


def shown(n: int, value: float, low: float, high: float) -> Estimate:
    return Estimate(
        value=value,
        low=low,
        high=high,
        n_items=n,
        n_ratings=n,
        n_raters=2,
        method="as given",
    )


@pytest.mark.parametrize(("n", "is_said"), [(19, False), (20, True)])
def test_haste_and_severity_are_not_told_from_a_few_items(queue, cast, n, is_said):
    answer_gold(queue, cast.ada, right=1, wrong=0)
    record = replace(
        record_of(queue, "ada"),
        severity={"Tone": shown(n, -1.3, -1.6, -1.0)},
        speed=Speed(shown(n, 1.0, 0.4, 1.0), factor=0.1),
    )

    said = "; ".join(find_standing(record).reasons)

    assert ("faster than the text can be read in 100% of 20" in said) is is_said
    assert ("lower than the others by 1.3 of a step, over 20 items" in said) is is_said


def test_gold_answers_do_not_count_as_agreement_with_the_others(queue, cast):
    answer_gold(queue, cast.ada, right=3, wrong=0)

    assert record_of(queue, "ada").with_others.n_items == 0


def test_the_rule_suspends_and_the_seat_is_paused_without_telling_why(queue, cast):
    assert follow(queue, SUSPENDED)

    paused = seat(queue, cast.ada).paused_because
    assert paused == TOLD
    assert "gold" not in paused


def test_the_rule_says_nothing_twice(queue):
    follow(queue, SUSPENDED)

    assert not follow(queue, SUSPENDED, now=NOW + timedelta(hours=1))
    assert Standing.objects.count() == 1


def test_a_lead_overrides_the_rule_and_the_seat_goes_on(queue, cast):
    follow(queue, SUSPENDED)

    decide(queue, cast)

    assert seat(queue, cast.ada).paused_because == ""
    [newest, oldest] = list_history(queue.pk)["ada"]
    assert (newest.set_by, newest.reason) == ("lea", "We talked.")
    assert (oldest.set_by, oldest.state) == (None, "SUSPENDED")


def test_a_decision_holds_until_more_gold_is_in(queue, cast):
    decide(queue, cast)
    later = NOW + timedelta(days=1)

    assert not follow(queue, SUSPENDED, n_gold=PATIENCE - 1, now=later)
    assert follow(queue, SUSPENDED, n_gold=PATIENCE, now=later)


def test_a_pause_of_somebody_else_is_not_undone(queue, cast):
    PanelSeat.objects.filter(reviewer=cast.ada).update(paused_because="On leave")

    decide(queue, cast, StandingState.WATCH)

    assert seat(queue, cast.ada).paused_because == "On leave"


def test_a_decision_needs_a_reason(queue, cast):
    with pytest.raises(ReasonMissing):
        decide(queue, cast, reason=" ")


def test_a_decision_is_about_somebody_on_the_panel(queue, cast):
    with pytest.raises(UnknownReviewer):
        decide(queue, cast, handle="lea")


def test_an_imported_rater_can_be_suspended_without_a_seat(queue, cast):
    make_rated_item(queue, {make_rater(cast.project, "ann"): {"quality": "bad"}})

    decide(queue, cast, StandingState.SUSPENDED, handle="ann")

    assert list_history(queue.pk)["ann"][0].state == "SUSPENDED"


def test_measuring_a_project_follows_the_rule(queue, cast):
    answer_gold(queue, cast.ada, right=0, wrong=3)

    refresh_panels(project_id=cast.project.pk, now=NOW)

    assert seat(queue, cast.ada).paused_because == TOLD
    assert seat(queue, cast.ben).paused_because == ""


@pytest.mark.parametrize("change", [{"reason": "rewritten"}, None])
def test_the_history_of_a_standing_cannot_be_rewritten(queue, change):
    follow(queue, CLEAR)
    follow(queue, SUSPENDED)
    rows = Standing.objects.all()

    with pytest.raises(DatabaseError, match="standing"), transaction.atomic():
        rows.update(**change) if change else rows.delete()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": "GONE"}, "standing_state_known"),
        ({"reason": ""}, "standing_has_reason"),
    ],
)
def test_a_standing_that_cannot_be_is_refused(queue, cast, changes, constraint):
    values = {"state": "CLEAR", "reason": "x", "n_gold": 0, "set_at": NOW}

    with pytest.raises(IntegrityError, match=constraint):
        Standing.objects.create(queue=queue, reviewer=cast.ada, **values | changes)
