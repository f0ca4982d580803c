"""Failure modes that leads offer: on the bench, by name, and nothing else of them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from labeling.models import FailureTag, SortedTag
from labeling.services.failure_modes import (
    By,
    create_mode,
    offer_mode,
    rename_mode,
)
from reviews.models import Role
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_member,
    make_project,
    make_queue,
    make_rubric,
    make_slots,
)


@pytest.fixture
def by(cast):
    return By(cast.project.pk, cast.lea.pk, NOW)


@pytest.fixture
def bench(cast, client: Client):
    """The page of an item in a reviewer's hand, or the answer to what is sent there."""
    queue = make_queue(cast.project, make_rubric(cast.project), reviewers=[cast.ada])
    item = make_item(cast.project)
    assignment = make_assignment(
        make_batch(queue, cast.ada),
        item,
        make_slots(queue, item)[0],
        leased_until=timezone.now() + timedelta(hours=1),
    )
    client.force_login(cast.ada.user)

    def bench(sent: dict[str, Any] | None = None) -> Any:
        if sent is None:
            return client.get(reverse("labeling:bench", args=[assignment.public_id]))
        address = reverse("labeling:judgment", args=[assignment.public_id])
        return client.post(address, sent, headers={"HX-Request": "true"})

    return bench


def test_a_reviewer_is_offered_names_in_alphabetical_order(by, bench):
    for name in ("Wrong date", "late"):
        offer_mode(by=by, mode_id=create_mode(by=by, name=name), is_offered=True)
    secret = create_mode(by=by, name="Secret")

    page = bench().text
    offered = re.findall(r'name="offered" value="([^"]+)"', page)

    assert offered == ["late", "Wrong date"]
    assert "Secret" not in page
    offer_mode(by=by, mode_id=secret, is_offered=True)
    assert "Secret" in bench().text


def test_a_new_name_is_offered_at_once(by, bench):
    mode_id = create_mode(by=by, name="Late", description="After the day.")
    offer_mode(by=by, mode_id=mode_id, is_offered=True)
    before = bench().text

    rename_mode(by=by, mode_id=mode_id, name="Comes late", description="")

    assert 'title="After the day."' in before
    assert 'value="Comes late"' in bench().text
    assert 'value="Late"' not in bench().text


def test_a_reviewer_is_offered_nothing_of_another_project(by, bench):
    elsewhere = make_project("elsewhere")
    lead = make_member(elsewhere, "liz", Role.LEAD)
    theirs = By(elsewhere.pk, lead.pk, NOW)
    mode_id = create_mode(by=theirs, name="Theirs")
    offer_mode(by=theirs, mode_id=mode_id, is_offered=True)

    assert "Theirs" not in bench().text


def test_an_offered_name_that_was_chosen_means_its_mode(by, bench):
    mode_id = create_mode(by=by, name="Late, or never")
    offer_mode(by=by, mode_id=mode_id, is_offered=True)

    bench({"offered": ["Late, or never"], "tags": "rude", "value-quality": "good"})

    tags = FailureTag.objects.order_by("pk").values_list("tag", flat=True)
    assert set(tags) == {"late, or never", "rude"}
    assert set(
        SortedTag.objects.filter(mode_id=mode_id).values_list("tag", flat=True)
    ) == {"late, or never"}


def test_a_name_that_was_withheld_meanwhile_still_counts(by, bench):
    bench({"offered": ["Gone"], "value-quality": "good"})

    assert FailureTag.objects.get().tag == "gone"


def test_what_was_chosen_is_chosen_still_when_an_answer_is_missing(by, bench):
    mode_id = create_mode(by=by, name="Late")
    offer_mode(by=by, mode_id=mode_id, is_offered=True)

    page = bench({"offered": ["Late", "Gone"]})

    assert page.status_code == 422
    for name in ("Late", "Gone"):
        assert f'name="offered" value="{name}" checked' in page.text
