"""What reviewers may do with an item besides rating it: as far as the queue grants."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from labeling.models import Correction, Draft, Judgment
from reviews.models import Assignment, AssignmentStatus, Queue, Unblinding
from reviews.services.queue_files import parse_queue
from reviews.services.queue_specs import write_queue
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_queue,
    make_rubric,
    make_slots,
)

pytestmark = pytest.mark.django_db
ALL = ["APPROVE", "REJECT", "REVISE", "ESCALATE"]
GOOD = {"value-quality": "good"}


@pytest.fixture
def ada(client, cast):
    client.force_login(cast.ada.user)
    return client


def deal(cast: Any, authority: list[str], n: int = 1) -> list[Assignment]:
    version = make_rubric(cast.project)
    queue = make_queue(cast.project, version, reviewers=[cast.ada], authority=authority)
    batch = make_batch(queue, cast.ada, n)
    until = timezone.now() + timedelta(hours=1)
    return [
        make_assignment(batch, item, make_slots(queue, item)[0], leased_until=until)
        for item in (make_item(cast.project) for _ in range(n))
    ]


def url(name: str, assignment: Assignment) -> str:
    return reverse(f"labeling:{name}", args=[assignment.public_id])


def submit(ada: Any, assignment: Assignment, **typed: str) -> Any:
    return ada.post(url("judgment", assignment), GOOD | typed, HTTP_HX_REQUEST="true")


def test_without_authority_nothing_is_decided(ada, cast):
    only, *_ = deal(cast, ["ESCALATE"])

    page = ada.get(url("bench", only)).text
    submit(ada, only, disposition="APPROVE")

    assert 'name="disposition"' not in page
    assert Judgment.objects.get().disposition == ""


def test_the_bench_asks_for_what_is_granted_without_a_default(ada, cast):
    only, *_ = deal(cast, ["APPROVE", "REJECT"])

    page = ada.get(url("bench", only)).text

    assert page.count('name="disposition"') == 2
    assert "checked" not in page
    assert "Revise" not in page


@pytest.mark.parametrize("typed", [{}, {"disposition": "REVISE"}])
def test_a_judgment_without_a_decision_that_is_granted_is_not_taken(ada, cast, typed):
    only, *_ = deal(cast, ["APPROVE", "REJECT"])

    answer = submit(ada, only, **typed)

    assert answer.status_code == 422
    assert not Judgment.objects.exists()


def test_the_decision_is_kept_with_the_judgment(ada, cast):
    only, *_ = deal(cast, ALL)

    submit(ada, only, disposition="REJECT")

    assert Judgment.objects.get().disposition == "REJECT"


def test_revise_needs_the_corrected_text(ada, cast):
    only, *_ = deal(cast, ALL)

    refused = submit(ada, only, disposition="REVISE")
    submit(ada, only, disposition="REVISE", **{"correction-1": "Better."})

    assert refused.status_code == 422
    assert "give the text as it should be" in refused.text
    assert Judgment.objects.get().disposition == "REVISE"
    assert Correction.objects.get().text == "Better."


def test_the_next_item_asks_for_a_decision_too(ada, cast):
    first, _ = deal(cast, ["APPROVE"], n=2)

    answer = submit(ada, first, disposition="APPROVE")

    assert answer.text.count('name="disposition"') == 1
    assert "checked" not in answer.text


def test_a_draft_keeps_the_decision(ada, cast):
    only, *_ = deal(cast, ALL)

    ada.post(url("draft", only), {"disposition": "REJECT"})
    page = ada.get(url("bench", only)).text

    assert Draft.objects.get().answers == {"disposition": ["REJECT"]}
    assert 'value="REJECT" checked' in page


def test_a_decision_comes_back_with_what_is_taken_back(ada, cast):
    first, second = deal(cast, ALL, n=2)
    submit(ada, first, disposition="REJECT")

    page = ada.post(url("withdrawal", second), follow=True).text

    assert 'value="REJECT" checked' in page


def test_the_database_refuses_a_decision_that_is_not_granted(cast):
    only, *_ = deal(cast, ["APPROVE"])

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Judgment.objects.create(assignment=only, submitted_at=NOW, disposition="REJECT")

    cause: Any = refused.value.__cause__
    assert cause.diag.constraint_name == "judgment_by_authority"


def test_the_database_refuses_an_authority_that_nobody_knows(cast):
    deal(cast, ALL)

    with pytest.raises(IntegrityError, match="queue_authority_known"):
        Queue.objects.update(authority=["PUBLISH"])


@pytest.mark.parametrize("authority", [["ESCALATE"], ["APPROVE"]])
def test_an_item_is_escalated_where_that_is_granted_alone(ada, cast, authority):
    only, *_ = deal(cast, authority)

    page = ada.get(url("bench", only)).text
    answer = ada.post(url("escalation", only), {"reason": "Look."})

    only.refresh_from_db()
    is_granted = "ESCALATE" in authority
    assert ("Escalate to the lead" in page) == is_granted
    assert answer.status_code == (303 if is_granted else 404)
    assert (only.status == AssignmentStatus.ESCALATED) == is_granted


def test_a_lead_sees_decisions_once_the_item_is_revealed(ada, cast, client):
    only, *_ = deal(cast, ALL)
    submit(ada, only, disposition="REJECT")
    client.force_login(cast.lea.user)
    address = reverse("labeling:item", args=["shop", only.item_id])

    before = client.get(address).text
    Unblinding.objects.create(
        item=only.item, lead=cast.lea, reason="Need to know.", revealed_at=NOW
    )
    after = client.get(address).text

    assert "Decisions" not in before
    assert "Decisions" in after
    assert "<dt>Reject</dt><dd>1</dd>" in after


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", ("ESCALATE",)),
        ('authority = ["revise", "approve"]', ("APPROVE", "REVISE")),
        ("authority = []", ()),
    ],
)
def test_a_queue_file_says_the_authority_and_is_written_so(written, meant):
    spec = parse_queue(f'queue = "q"\nrubric = "r"\n{written}')

    assert spec.authority == meant
    assert parse_queue(write_queue(spec)) == spec
