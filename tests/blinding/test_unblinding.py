"""Unblinding is an act of a lead, with a reason, and leaves its trace."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from calibration.queries.criteria import get_version
from calibration.queries.labels import stream_labels
from calibration.queries.ratings import count_judgments, stream_ratings
from labeling.models import Judgment
from reviews.models import Unblinding
from reviews.services.unblinding import unblind_batch, unblind_item
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

ORIGIN = "heron-3"


@pytest.fixture
def queue(cast):
    return make_queue(
        cast.project, make_rubric(cast.project), reviewers=[cast.ada, cast.ben]
    )


@pytest.fixture
def item(cast):
    return make_item(
        cast.project,
        external_id=f"{ORIGIN}/17",
        provenance={"model": ORIGIN},
        signals={"judges": [{"name": "osprey"}]},
    )


@pytest.fixture
def lea(client, cast):
    client.force_login(cast.lea.user)
    return client


def page_of(item: Any) -> str:
    return reverse("labeling:item", args=["shop", item.pk])


def unblinding_of(item: Any) -> str:
    return reverse("labeling:item_unblinding", args=["shop", item.pk])


def test_the_page_of_an_item_hides_its_origin_until_it_is_unblinded(lea, item):
    before = lea.get(page_of(item)).text

    lea.post(unblinding_of(item), {"reason": "A customer complained."})
    after = lea.get(page_of(item)).text

    assert ORIGIN not in before
    assert "osprey" not in before
    assert ORIGIN in after
    assert "osprey" in after
    assert "A customer complained." in after


def test_an_unblinding_says_who_when_and_why(cast, item):
    unblind_item(item_id=item.pk, lead_id=cast.lea.pk, reason="Why not", now=NOW)

    event = Unblinding.objects.get()
    assert (event.lead_id, event.reason, event.revealed_at, event.batch_id) == (
        cast.lea.pk,
        "Why not",
        NOW,
        None,
    )


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_nothing_is_revealed(lea, item, reason):
    answer = lea.post(unblinding_of(item), {"reason": reason})

    assert answer.status_code == 422
    assert ORIGIN not in answer.text
    assert not Unblinding.objects.exists()


def test_what_one_lead_was_shown_another_has_to_ask_for(client, cast, item):
    unblind_item(item_id=item.pk, lead_id=cast.lea.pk, reason="Why not", now=NOW)
    client.force_login(cast.adam.user)

    page = client.get(page_of(item)).text

    assert ORIGIN not in page
    assert "lea" in page


@pytest.mark.parametrize("who", ["ada", "ben"])
def test_a_reviewer_has_no_page_of_an_item(client, cast, item, who):
    client.force_login(getattr(cast, who).user)

    answers = [
        client.get(page_of(item)),
        client.post(unblinding_of(item), {"reason": "Let me see"}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert not Unblinding.objects.exists()


def test_an_item_of_another_project_is_not_there(lea, item):
    elsewhere = reverse("labeling:item", args=["shop", item.pk + 1])

    assert lea.get(elsewhere).status_code == 404


def test_an_unblinding_cannot_be_taken_back(cast, item):
    unblind_item(item_id=item.pk, lead_id=cast.lea.pk, reason="Why not", now=NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        Unblinding.objects.all().delete()


def judge(queue: Any, item: Any, slot: Any, reviewer: Any) -> Judgment:
    batch = make_batch(queue, reviewer)
    return make_judgment(make_assignment(batch, item, slot), quality="good")


def test_later_judgments_are_marked_and_do_not_count(cast, queue, item):
    first, second = make_slots(queue, item)
    earlier = judge(queue, item, first, cast.ada)
    unblind_item(item_id=item.pk, lead_id=cast.lea.pk, reason="Why not", now=NOW)

    later = judge(queue, item, second, cast.ben)

    assert (earlier.counts, earlier.left_out) == (True, "")
    assert (later.counts, later.left_out) == (False, "UNBLINDED")


def test_later_judgments_leave_agreement_labels_and_counts(cast, queue, item):
    first, second = make_slots(queue, item)
    judge(queue, item, first, cast.ada)
    unblind_item(item_id=item.pk, lead_id=cast.lea.pk, reason="Why not", now=NOW)
    judge(queue, item, second, cast.ben)
    version = get_version(queue.rubric_version_id)
    criterion = version.rubric.criteria[0]

    rated = stream_ratings(
        queue_id=queue.pk,
        version_id=queue.rubric_version_id,
        criterion_id=criterion.id,
    )
    labelled = stream_labels(queue_id=queue.pk, version=version)

    assert [rater for _, rater, _ in rated] == ["ada"]
    assert [one.n_judgments for one in labelled] == [1]
    assert count_judgments(queue_id=queue.pk, version_id=queue.rubric_version_id) == 1


def test_a_batch_is_unblinded_item_by_item(cast, queue, item):
    batch = make_batch(queue, cast.ada, 2)
    make_assignment(batch, item, make_slots(queue, item)[0])
    make_assignment(batch, make_item(cast.project))

    count = unblind_batch(
        batch_id=batch.pk, lead_id=cast.lea.pk, reason="An audit", now=NOW
    )

    assert count == Unblinding.objects.filter(batch=batch).count() == 2


@pytest.mark.parametrize(("who", "status"), [("lea", 200), ("ada", 404)])
def test_a_batch_is_unblinded_on_its_page_by_leads_alone(
    client, cast, queue, item, who, status
):
    batch = make_batch(queue, cast.ada)
    make_assignment(batch, item, make_slots(queue, item)[0])
    client.force_login(getattr(cast, who).user)
    address = ["shop", queue.slug, batch.public_id]

    page = client.get(reverse("labeling:dealt_batch", args=address))
    answer = client.post(
        reverse("labeling:batch_unblinding", args=address),
        {"reason": "An audit"},
        follow=True,
    )

    assert page.status_code == status
    assert ("Revealed 1 item." in answer.text) is (who == "lea")
    assert ORIGIN not in page.text
    assert Unblinding.objects.exists() is (who == "lea")
