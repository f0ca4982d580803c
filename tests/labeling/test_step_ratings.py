"""Criteria that are rated for each step of a trace: from the form to the dispute."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from labeling.formats.judgments import read_lines
from labeling.models import Dispute, Draft, Judgment, Rating
from labeling.services.disputes import recheck_items
from labeling.services.imports import import_judgments
from reviews.models import Assignment
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
    make_slots,
    make_trace,
)

pytestmark = pytest.mark.django_db
LEVELS = {"tool": "NOMINAL", "slip": "ORDINAL", "verdict": "NOMINAL"}
OF_STEPS: dict[str, dict[str, Any]] = {
    "tool": {"per_step": True},
    "slip": {"per_step": True, "only_if": {"criterion": "tool", "values": ["bad"]}},
}


@pytest.fixture
def ada(client, cast):
    client.force_login(cast.ada.user)
    return client


def steps_queue(
    cast: Any, said: Any = OF_STEPS, levels: Any = LEVELS, **changes: Any
) -> Any:
    version = make_rubric(cast.project, levels=levels, said=said)
    return make_queue(cast.project, version, reviewers=[cast.ada], **changes)


def hand_out(cast: Any, *items: Any, **changes: Any) -> list[Assignment]:
    """The items in ada's hand, in one batch."""
    queue = steps_queue(cast, **changes)
    batch = make_batch(queue, cast.ada, len(items))
    until = timezone.now() + timedelta(hours=1)
    return [
        make_assignment(batch, item, make_slots(queue, item)[0], leased_until=until)
        for item in items
    ]


def send(ada: Any, name: str, assignment: Any, typed: dict[str, Any]) -> Any:
    url = reverse(f"labeling:{name}", args=[assignment.public_id])
    return ada.post(url, typed, HTTP_HX_REQUEST="true")


def kept() -> list[tuple[str, int, Any]]:
    rows = Rating.objects.filter(judgment__withdrawn_at__isnull=True)
    return list(
        rows.order_by("criterion__position", "step").values_list(
            "criterion__key", "step", "value"
        )
    )


THREE = {
    "step-1-value-tool": "good",
    "step-2-value-tool": "bad",
    "step-2-value-slip": "fair",
    "step-3-value-tool": "good",
    "value-verdict": "good",
}


def test_each_step_of_a_trace_is_rated(ada, cast):
    (only,) = hand_out(cast, make_trace(cast.project))

    send(ada, "judgment", only, THREE)

    assert kept() == [
        ("tool", 1, "good"),
        ("tool", 2, "bad"),
        ("tool", 3, "good"),
        ("slip", 2, "fair"),
        ("verdict", 0, "good"),
    ]


def test_a_required_criterion_wants_every_step(ada, cast):
    (only,) = hand_out(cast, make_trace(cast.project))

    response = send(ada, "judgment", only, THREE | {"step-3-value-tool": ""})

    assert response.status_code == 422
    assert not Judgment.objects.exists()


def test_steps_of_an_optional_criterion_may_stay_unrated(ada, cast):
    said = {"tool": {"per_step": True, "required": False}}
    levels = {"tool": "NOMINAL", "verdict": "NOMINAL"}
    (only,) = hand_out(cast, make_trace(cast.project, 60), said=said, levels=levels)

    send(ada, "judgment", only, {"step-7-value-tool": "good", "value-verdict": "good"})

    assert kept() == [("tool", 7, "good"), ("verdict", 0, "good")]


def test_a_step_waits_for_an_answer_about_the_same_step(ada, cast):
    (only,) = hand_out(cast, make_trace(cast.project))

    send(ada, "judgment", only, THREE | {"step-1-value-slip": "bad"})

    assert ("slip", 1, "bad") not in kept()
    assert ("slip", 2, "fair") in kept()


def test_a_step_that_is_asked_for_a_reason_needs_one(ada, cast):
    said = OF_STEPS | {"tool": {"per_step": True, "rationale": "required"}}
    (only,) = hand_out(cast, make_trace(cast.project, 1), said=said)
    typed = {"step-1-value-tool": "good", "value-verdict": "good"}

    refused = send(ada, "judgment", only, typed)
    send(ada, "judgment", only, typed | {"step-1-rationale-tool": "It found it."})

    assert refused.status_code == 422
    assert Rating.objects.get(step=1).rationale == "It found it."


def test_an_item_without_steps_is_rated_once(ada, cast):
    (only,) = hand_out(cast, make_item(cast.project))

    send(ada, "judgment", only, {"value-tool": "good", "value-verdict": "good"})

    assert kept() == [("tool", 0, "good"), ("verdict", 0, "good")]


def test_a_draft_keeps_what_was_chosen_of_each_step(ada, cast):
    (only,) = hand_out(cast, make_trace(cast.project))

    send(ada, "draft", only, {"step-2-value-tool": "bad", "step-9-value-tool": "bad"})

    assert Draft.objects.get().answers == {"step-2-value-tool": ["bad"]}


def test_what_was_said_of_each_step_comes_back_with_a_judgment_taken_back(ada, cast):
    first, second = hand_out(cast, make_trace(cast.project), make_trace(cast.project))
    send(ada, "judgment", first, THREE | {"step-2-rationale-tool": "Wrong tool."})

    send(ada, "withdrawal", second, {})

    again = Draft.objects.get().answers
    assert again["step-2-value-tool"] == ["bad"]
    assert again["step-2-rationale-tool"] == ["Wrong tool."]
    assert again["value-verdict"] == ["good"]


def count_statements(ada: Any, assignment: Any, typed: dict[str, str]) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert send(ada, "judgment", assignment, typed).status_code < 400
    return len(caught)


def test_steps_cost_one_statement_more_however_many_there_are(ada, cast):
    (plain,) = hand_out(cast, make_trace(cast.project), said=None)
    typed = {"value-tool": "bad", "value-slip": "bad", "value-verdict": "bad"}
    n_plain = count_statements(ada, plain, typed)
    version = make_rubric(cast.project, "steps", levels=LEVELS, said=OF_STEPS)
    queue = make_queue(cast.project, version, "steps", reviewers=[cast.ada])
    item = make_trace(cast.project, 40)
    until = timezone.now() + timedelta(hours=1)
    slot, batch = make_slots(queue, item)[0], make_batch(queue, cast.ada)
    of_steps = make_assignment(batch, item, slot, leased_until=until)
    typed = {f"step-{number}-value-tool": "good" for number in range(1, 41)}

    n_of_steps = count_statements(ada, of_steps, typed | {"value-verdict": "good"})

    assert n_of_steps == n_plain + 1


@pytest.mark.parametrize(
    ("key", "step", "n_steps"),
    [("tool", 0, 3), ("tool", 4, 3), ("verdict", 1, 3), ("tool", 1, 0)],
)
def test_the_database_refuses_a_rating_of_no_step(cast, key, step, n_steps):
    queue = steps_queue(cast)
    rater = make_rater(cast.project, "r1")
    item = make_trace(cast.project, n_steps) if n_steps else make_item(cast.project)

    with pytest.raises(IntegrityError, match="no step"):
        make_rated_item(queue, {rater: {key: {step: "good"}}}, item)


def test_the_database_refuses_two_ratings_of_one_step(cast):
    queue = steps_queue(cast)
    rater = make_rater(cast.project, "r1")
    make_rated_item(queue, {rater: {"tool": {1: "good"}}}, make_trace(cast.project))

    with pytest.raises(IntegrityError, match="rating_once_per_step"):
        Rating.objects.bulk_create(
            [_copy(Rating.objects.get()), _copy(Rating.objects.get())]
        )


def _copy(rating: Rating) -> Rating:
    rating.pk = None
    return rating


def test_a_dispute_is_about_the_step_on_which_raters_part(cast):
    queue = steps_queue(cast)
    make_rated_item(
        queue,
        {
            make_rater(cast.project, "r1"): {"tool": {1: "good", 2: "good", 3: "bad"}},
            make_rater(cast.project, "r2"): {"tool": {1: "good", 2: "bad", 3: "bad"}},
        },
        make_trace(cast.project),
    )

    recheck_items(now=NOW, limit=10)

    assert [(one.criterion.key, one.step) for one in Dispute.objects.all()] == [
        ("tool", 2)
    ]


def test_votes_of_several_steps_are_never_one_vote(cast):
    queue = steps_queue(cast)
    only = {make_rater(cast.project, "r1"): {"tool": {1: "good", 2: "bad"}}}
    make_rated_item(queue, only, make_trace(cast.project))

    recheck_items(now=NOW, limit=10)

    assert not Dispute.objects.exists()


HEADER = "item_id,rater_id,criterion,label,step\n"


def bring_in(queue: Any, *rows: str) -> Any:
    lines = read_lines([HEADER, *(f"{row}\n" for row in rows)])
    return import_judgments(queue_id=queue.pk, lines=lines, now=NOW)


def test_ratings_of_steps_come_in_from_a_file(cast):
    queue = steps_queue(cast)
    make_trace(cast.project, external_id="t-1")

    found = bring_in(
        queue, "t-1,r1,tool,good,1", "t-1,r1,tool,bad,2", "t-1,r1,verdict,good,"
    )

    assert (found.faults, found.judgments_added) == ([], 1)
    assert kept() == [("tool", 1, "good"), ("tool", 2, "bad"), ("verdict", 0, "good")]


def test_the_same_file_of_steps_again_changes_nothing(cast):
    queue = steps_queue(cast)
    make_trace(cast.project, external_id="t-1")
    rows = ("t-1,r1,tool,good,1", "t-1,r1,tool,bad,2")
    bring_in(queue, *rows)

    found = bring_in(queue, *rows)

    assert (found.faults, found.judgments_added, found.unchanged) == ([], 0, 1)


@pytest.mark.parametrize(
    ("row", "field", "message"),
    [
        ("t-1,r1,tool,good,", "step", "expected one of the steps 1 to 3 of the item"),
        ("t-1,r1,tool,good,4", "step", "expected one of the steps 1 to 3 of the item"),
        ("s-1,r1,tool,good,1", "step", "expected none: the item has no steps"),
        ("t-1,r1,verdict,good,1", "step", "expected none: verdict is of the item"),
        ("t-1,r1,tool,good,0", "step", "expected a number from 1, got '0'"),
        ("t-1,r1,tool,good,x", "step", "expected a number from 1, got 'x'"),
    ],
)
def test_a_rating_of_no_step_is_told_by_line(cast, row, field, message):
    queue = steps_queue(cast)
    make_trace(cast.project, external_id="t-1")
    make_item(cast.project, external_id="s-1")

    found = bring_in(queue, row)

    assert [(one.line, one.field, one.message) for one in found.faults] == [
        (2, field, message)
    ]
    assert not Judgment.objects.exists()
