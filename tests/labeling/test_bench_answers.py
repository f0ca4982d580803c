"""What a judgment takes besides plain ratings: conditions, reasons, findings."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from labeling.models import Correction, Draft, FailureTag, Judgment, Rating, Span
from tests.factories import (
    make_assignment,
    make_batch,
    make_item,
    make_queue,
    make_rubric,
    make_slots,
)

pytestmark = pytest.mark.django_db
LEVELS = {"verdict": "NOMINAL", "severity": "ORDINAL"}
FAILED = {"only_if": {"criterion": "verdict", "values": ["bad", "fair"]}}


@pytest.fixture
def ada(client, cast):
    client.force_login(cast.ada.user)
    return client


def deal(cast: Any, said: Any = None, kind: str = "SINGLE", **changes: Any) -> Any:
    """One item in ada's hand."""
    version = make_rubric(cast.project, levels=LEVELS, said=said or {})
    queue = make_queue(cast.project, version, reviewers=[cast.ada])
    item = make_item(cast.project, kind, **changes)
    return make_assignment(
        make_batch(queue, cast.ada),
        item,
        make_slots(queue, item)[0],
        leased_until=timezone.now() + timedelta(hours=1),
    )


def submit(ada: Any, assignment: Any, **typed: Any) -> Any:
    url = reverse("labeling:judgment", args=[assignment.public_id])
    return ada.post(url, typed, HTTP_HX_REQUEST="true")


def kept() -> dict[str, Any]:
    return dict(Rating.objects.values_list("criterion__key", "value"))


def test_a_question_whose_condition_is_not_met_is_not_asked(ada, cast):
    only = deal(cast, {"severity": FAILED})

    submit(ada, only, **{"value-verdict": "good"})

    assert kept() == {"verdict": "good"}


def test_an_answer_to_a_question_that_is_not_asked_is_left_out(ada, cast):
    only = deal(cast, {"severity": FAILED})

    submit(ada, only, **{"value-verdict": "good", "value-severity": "bad"})

    assert kept() == {"verdict": "good"}


def test_a_question_whose_condition_is_met_has_to_be_answered(ada, cast):
    only = deal(cast, {"severity": FAILED})

    refused = submit(ada, only, **{"value-verdict": "fair"})
    submit(ada, only, **{"value-verdict": "fair", "value-severity": "bad"})

    assert refused.status_code == 422
    assert "Choose one." in refused.text
    assert kept() == {"verdict": "fair", "severity": "bad"}


def test_a_condition_is_said_in_words(ada, cast):
    only = deal(cast, {"severity": FAILED})

    page = ada.get(reverse("labeling:bench", args=[only.public_id])).text

    assert "Only if “Verdict” is Bad or Fair." in page


@pytest.mark.parametrize(
    ("rationale", "status"), [("required", 422), ("optional", 200)]
)
def test_a_criterion_can_ask_for_the_reason(ada, cast, rationale, status):
    only = deal(cast, {"verdict": {"rationale": rationale}})

    answer = submit(ada, only, **{"value-verdict": "good", "value-severity": "bad"})

    assert answer.status_code == status
    assert Judgment.objects.count() == (status == 200)


def test_a_criterion_can_want_no_reason(ada, cast):
    only = deal(cast, {"verdict": {"rationale": "never"}})

    page = ada.get(reverse("labeling:bench", args=[only.public_id])).text

    assert 'name="rationale-severity"' in page
    assert 'name="rationale-verdict"' not in page


GOOD = {"value-verdict": "good", "value-severity": "bad"}


def test_findings_are_kept_with_the_judgment(ada, cast):
    only = deal(cast, content={"prompt": "When?", "responses": [{"text": "In 1802."}]})
    span = {
        "field": "response",
        "start": 0,
        "end": 7,
        "text": "In 1802",
        "passage": None,
    }

    submit(
        ada,
        only,
        **GOOD,
        **{
            "tags": "Wrong date, #invented",
            "correction-1": "In 1803.",
            "spans": json.dumps([span]),
        },
    )

    assert set(FailureTag.objects.values_list("tag", flat=True)) == {
        "wrong date",
        "invented",
    }
    assert Correction.objects.get().text == "In 1803."
    assert Span.objects.get().quote == "In 1802"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"tags": "x" * 81}, "at most 80"),
        ({"spans": "not JSON"}, "Mark the claims once more"),
        ({"spans": '[{"field": "response-Z", "text": "a", "start": 0}]'}, "once more"),
        (
            {
                "spans": '[{"field": "response", "text": "never said", "start": 0,'
                ' "end": 1, "passage": null}]'
            },
            "never said",
        ),
    ],
    ids=["long tag", "no JSON", "no such place", "not in the text"],
)
def test_findings_that_cannot_be_kept_are_refused_and_nothing_is_saved(
    ada, cast, typed, message
):
    only = deal(cast)

    answer = submit(ada, only, **GOOD, **typed)

    assert answer.status_code == 422
    assert message in answer.text
    assert not Judgment.objects.exists()


def test_a_draft_keeps_what_was_found(ada, cast):
    only = deal(cast)
    url = reverse("labeling:draft", args=[only.public_id])

    ada.post(url, {"tags": "wrong date", "correction-1": "In 1803."})

    assert Draft.objects.get().answers == {
        "tags": ["wrong date"],
        "correction-1": ["In 1803."],
    }
    page = ada.get(reverse("labeling:bench", args=[only.public_id])).text
    assert "In 1803." in page
