"""Taking back the last judgment of an open batch."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from labeling.models import Draft, Judgment
from reviews.models import (
    Assignment,
    AssignmentStatus,
    Member,
    SlicePause,
    Slot,
    SlotState,
)
from reviews.services.batches import deal_batch
from reviews.services.turns import return_batch
from tests.factories import (
    make_assignment,
    make_batch,
    make_item,
    make_queue,
    make_rubric,
    make_slots,
)

pytestmark = pytest.mark.django_db
LEVELS = {"quality": "ORDINAL", "flaws": "MULTI_LABEL"}
GOOD = {
    "value-quality": "good",
    "value-flaws": ["fair"],
    "rationale-quality": "It is.",
    "comment": "Fine.",
    "tags": "wrong date",
    "could_tell": "on",
}


@pytest.fixture
def ada(client, cast):
    client.force_login(cast.ada.user)
    return client


def deal(cast: Any, n: int = 3) -> list[Assignment]:
    version = make_rubric(cast.project, levels=LEVELS)
    queue = make_queue(cast.project, version, reviewers=[cast.ada])
    batch = make_batch(queue, cast.ada, n)
    until = timezone.now() + timedelta(hours=1)
    return [
        make_assignment(batch, item, make_slots(queue, item)[0], leased_until=until)
        for item in (make_item(cast.project) for _ in range(n))
    ]


def url(name: str, assignment: Assignment) -> str:
    return reverse(f"labeling:{name}", args=[assignment.public_id])


def take_back(client: Any, assignment: Assignment) -> Any:
    return client.post(url("withdrawal", assignment), follow=True)


def test_the_item_judged_last_comes_back_with_what_was_typed(ada, cast):
    first, second, third = deal(cast)
    ada.post(url("judgment", first), GOOD)
    ada.post(url("judgment", second), GOOD)

    page = take_back(ada, third)

    again = Draft.objects.get()
    assert again.assignment.item_id == second.item_id
    assert again.assignment.response_order == second.response_order
    assert again.answers == {
        name: value if isinstance(value, list) else [value]
        for name, value in GOOD.items()
    }
    assert "Taken back" in page.text
    assert "Item 2 of 3" in page.text


def test_a_judgment_that_was_taken_back_stays_and_counts_nowhere(ada, cast):
    first, second, _ = deal(cast)
    ada.post(url("judgment", first), GOOD)

    take_back(ada, second)

    judgment = Judgment.objects.get()
    first.refresh_from_db()
    assert (judgment.counts, judgment.left_out) == (False, "WITHDRAWN")
    assert judgment.ratings.count() == 2
    assert first.status == AssignmentStatus.WITHDRAWN
    assert Slot.objects.get(assignment=first).state == SlotState.TAKEN


def test_the_item_is_judged_anew(ada, cast):
    first, second, _ = deal(cast)
    ada.post(url("judgment", first), GOOD)
    take_back(ada, second)
    again = Draft.objects.get().assignment

    ada.post(url("judgment", again), GOOD | {"value-quality": "bad"})

    counted = Judgment.objects.get(counts=True)
    assert counted.ratings.get(criterion__key="quality").value == "bad"
    assert counted.item_id == first.item_id
    assert Slot.objects.get(assignment=again).state == SlotState.FILLED


def test_one_after_the_other_can_be_taken_back(ada, cast):
    first, second, third = deal(cast)
    ada.post(url("judgment", first), GOOD)
    ada.post(url("judgment", second), GOOD)

    second_again = take_back(ada, third).redirect_chain[-1][0]
    first_again = ada.post(f"{second_again}withdrawal/", follow=True)
    page = ada.post(f"{first_again.redirect_chain[-1][0]}withdrawal/", follow=True)

    assert not Judgment.objects.filter(counts=True).exists()
    assert "There is no judgment to take back" in page.text


def test_asked_twice_from_one_page_one_judgment_is_taken_back(ada, cast):
    first, second, third = deal(cast)
    ada.post(url("judgment", first), GOOD)
    ada.post(url("judgment", second), GOOD)

    pages = [take_back(ada, third).redirect_chain[-1][0] for _ in range(2)]

    assert pages[0] == pages[1]
    assert Judgment.objects.filter(counts=True).count() == 1


def test_an_item_is_judged_anew_a_few_times_only(ada, cast):
    first, second, _ = deal(cast)
    ada.post(url("judgment", first), GOOD)
    for _ in range(2):
        take_back(ada, second)
        ada.post(url("judgment", Draft.objects.get().assignment), GOOD)

    page = take_back(ada, second)

    assert "judged anew already" in page.text
    assert Judgment.objects.filter(counts=True).count() == 1


@pytest.mark.parametrize("state", ["closed", "slice"])
def test_whatever_became_of_its_slot_an_item_comes_back(ada, cast, state):
    first, second, _ = deal(cast)
    ada.post(url("judgment", first), GOOD)
    if state == "closed":
        Slot.objects.update(closed_at=timezone.now())
    else:
        SlicePause.objects.create(
            queue=first.queue,
            dimension="kind",
            value="SINGLE",
            paused_at=timezone.now(),
        )

    take_back(ada, second)

    assert Draft.objects.get().assignment.item_id == first.item_id


def test_what_was_taken_back_and_given_back_is_dealt_again(ada, cast):
    first, second = deal(cast, 2)
    ada.post(url("judgment", first), GOOD)
    take_back(ada, second)
    assert first.batch is not None
    return_batch(batch=first.batch.public_id, user_id=cast.ada.user_id)

    deal_batch(
        queue_id=first.queue_id, reviewer_id=cast.ada.pk, now=timezone.now(), seed="2"
    )

    live = Assignment.objects.filter(status=AssignmentStatus.LIVE)
    assert set(live.values_list("item", flat=True)) == {first.item_id, second.item_id}


def test_a_removed_member_takes_nothing_back(ada, cast):
    first, second, _ = deal(cast)
    ada.post(url("judgment", first), GOOD)
    Member.objects.filter(pk=cast.ada.pk).update(is_active=False)

    answer = ada.post(url("withdrawal", second))

    assert answer.status_code == 404
    assert Judgment.objects.get().counts


def test_in_a_batch_that_is_over_the_judgment_stands(ada, cast):
    (only,) = deal(cast, 1)
    ada.post(url("judgment", only), GOOD)

    take_back(ada, only)

    assert Judgment.objects.get().counts


def test_nobody_takes_back_the_judgment_of_another(ada, client, cast):
    first, second, _ = deal(cast)
    ada.post(url("judgment", first), GOOD)
    client.force_login(cast.ben.user)

    answer = client.post(url("withdrawal", second))

    assert answer.status_code == 404
    assert Judgment.objects.get().counts


@pytest.mark.parametrize(
    "change",
    [
        {"comment": "another"},
        {"counts": False, "left_out": "GOLD"},
        {"counts": False, "left_out": "WITHDRAWN"},
        {"withdrawn_at": timezone.now()},
        {"counts": False, "left_out": "WITHDRAWN", "withdrawn_at": None},
        {
            "counts": False,
            "left_out": "WITHDRAWN",
            "withdrawn_at": timezone.now(),
            "comment": "another",
        },
    ],
)
def test_nothing_else_of_a_judgment_changes(ada, cast, change):
    first, *_ = deal(cast)
    ada.post(url("judgment", first), GOOD)

    with pytest.raises(IntegrityError), transaction.atomic():
        Judgment.objects.update(**change)


def test_what_was_taken_back_does_not_come_back(ada, cast):
    first, second, _ = deal(cast)
    ada.post(url("judgment", first), GOOD)
    take_back(ada, second)

    with pytest.raises(IntegrityError), transaction.atomic():
        Judgment.objects.update(withdrawn_at=None, counts=True, left_out="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.filter(pk=first.pk).update(status="SUBMITTED")


def test_nothing_is_given_anew_while_its_judgment_stands(ada, cast):
    first, *_ = deal(cast)
    ada.post(url("judgment", first), GOOD)

    with pytest.raises(IntegrityError, match="judgment of the assignment stands"):
        Assignment.objects.filter(pk=first.pk).update(status=AssignmentStatus.WITHDRAWN)
