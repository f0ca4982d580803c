"""Pages and buttons of pauses, escalations, giving back and the SLA."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reviews.models import (
    Assignment,
    AssignmentStatus,
    Batch,
    PanelSeat,
    Queue,
    Slot,
    SlotState,
    User,
)
from reviews.services.turns import escalate_assignment
from reviews.tasks import announce_routed
from tests.conftest import Cast
from tests.factories import (
    make_assignment,
    make_batch,
    make_item,
    make_queue,
    make_rubric,
    make_slots,
)

PAGE = "/p/shop/queues/answers/"


@pytest.fixture
def answers(cast: Cast) -> Queue:
    return make_queue(
        cast.project,
        make_rubric(cast.project),
        reviewers=[cast.ada, cast.ben],
        sla_hours=[4, 24, 72, 168],
    )


@pytest.fixture
def lea(client: Client, cast: Cast) -> Client:
    client.force_login(User.objects.get(username="lea"))
    return client


@pytest.fixture
def ada(cast: Cast) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="ada"))
    return client


def open_batch(queue: Queue, cast: Cast, size: int = 2) -> Batch:
    batch = make_batch(queue, cast.ada, size)
    for _ in range(size):
        item = make_item(queue.project)
        slot = make_slots(queue, item)[0]
        make_assignment(
            batch, item, slot, leased_until=timezone.now() + timedelta(hours=1)
        )
    return batch


def test_lead_pauses_the_queue_and_goes_on(lea: Client, answers: Queue):
    paused = lea.post(f"{PAGE}pause/", {"reason": "new rubric"}, follow=True)

    assert "This queue is paused" in paused.content.decode()
    assert "new rubric" in paused.content.decode()
    assert "paused" in lea.get("/p/shop/").content.decode()

    lea.post(f"{PAGE}resumption/")
    answers.refresh_from_db()
    assert answers.paused_because == ""


def test_lead_pauses_a_reviewer_and_goes_on(lea: Client, answers: Queue):
    data = {"reviewer": "ada", "reason": "a talk first"}
    page = lea.post(f"{PAGE}seats/pause/", data, follow=True).content.decode()

    assert "a talk first" in page
    assert "Deal to ada again" in page
    lea.post(f"{PAGE}seats/resumption/", {"reviewer": "ada"})
    assert not PanelSeat.objects.exclude(paused_because="").exists()


def test_pause_without_a_reason_asks_for_one(lea: Client, answers: Queue):
    page = lea.post(f"{PAGE}pause/", follow=True).content.decode()

    assert "Say why" in page
    assert "This queue is paused" not in page


@pytest.mark.parametrize(
    "act", ["pause/", "resumption/", "seats/pause/", "seats/resumption/"]
)
def test_pauses_are_not_there_for_a_reviewer(ada: Client, answers: Queue, act: str):
    response = ada.post(PAGE + act, {"reason": "mine", "reviewer": "ben"})

    assert response.status_code == 404
    answers.refresh_from_db()
    assert answers.paused_because == ""


def test_seat_of_nobody_is_not_there(lea: Client, answers: Queue):
    data = {"reviewer": "olga", "reason": "x"}

    assert lea.post(f"{PAGE}seats/pause/", data).status_code == 404


def test_reviewer_is_told_of_the_pause_and_finishes_what_is_in_hand(
    lea: Client, ada: Client, cast: Cast, answers: Queue
):
    make_slots(answers, make_item(cast.project))
    lea.post(f"{PAGE}pause/", {"reason": "new rubric"})

    page = ada.post("/review/shop/answers/batches/", follow=True).content.decode()

    assert "This queue is paused: new rubric" in page


def test_reviewer_escalates_and_goes_on(ada: Client, cast: Cast, answers: Queue):
    first, second = open_batch(answers, cast).assignments.order_by("position")
    url = reverse("labeling:escalation", args=[first.public_id])

    response = ada.post(url, {"reason": "it names a person"})

    assert response.status_code == 303
    assert response.headers["Location"] == reverse(
        "labeling:bench", args=[second.public_id]
    )
    first.refresh_from_db()
    assert (first.status, first.ended_because) == ("ESCALATED", "it names a person")
    assert Slot.objects.get(assignment=first).state == SlotState.ESCALATED


def test_last_item_escalated_leads_to_the_batch(
    ada: Client, cast: Cast, answers: Queue
):
    batch = open_batch(answers, cast, size=1)
    url = reverse("labeling:escalation", args=[batch.assignments.get().public_id])

    page = ada.post(url, {"reason": "odd"}, follow=True).content.decode()

    assert "1 escalated" in page


def test_escalation_asks_for_a_reason(ada: Client, cast: Cast, answers: Queue):
    first = open_batch(answers, cast).assignments.get(position=1)
    url = reverse("labeling:escalation", args=[first.public_id])

    page = ada.post(url, {"reason": " "}, follow=True).content.decode()

    assert "say what the lead should look at" in page
    first.refresh_from_db()
    assert first.status == AssignmentStatus.LIVE


def test_escalation_of_what_others_hold_is_not_there(
    lea: Client, cast: Cast, answers: Queue
):
    first = open_batch(answers, cast).assignments.get(position=1)

    response = lea.post(
        reverse("labeling:escalation", args=[first.public_id]), {"reason": "mine"}
    )

    assert response.status_code == 404


@pytest.mark.parametrize(
    ("decision", "state"),
    [("reopen", SlotState.OPEN), ("withdraw", SlotState.WITHDRAWN)],
)
def test_lead_settles_what_was_escalated(
    lea: Client, cast: Cast, answers: Queue, decision: str, state: str
):
    first = open_batch(answers, cast).assignments.get(position=1)
    escalate_assignment(assignment_id=first.pk, reason="it names a person")
    url = reverse("reviews:escalation", args=["shop", "answers", first.public_id])

    before = lea.get(PAGE).content.decode()
    after = lea.post(url, {"decision": decision}, follow=True).content.decode()

    assert "it names a person" in before
    assert "it names a person" not in after
    assert Slot.objects.get(assignment=first).state == state


def test_reviewer_gives_the_rest_of_a_batch_back(
    ada: Client, cast: Cast, answers: Queue
):
    batch = open_batch(answers, cast, size=3)
    batch.assignments.filter(position=1).update(status=AssignmentStatus.SUBMITTED)

    page = ada.post(
        reverse("reviews:batch_return", args=[batch.public_id]), follow=True
    ).content.decode()

    assert "2 given back" in page
    assert Assignment.objects.filter(status=AssignmentStatus.RETURNED).count() == 2


def test_batch_of_somebody_else_is_not_given_back(
    lea: Client, cast: Cast, answers: Queue
):
    batch = open_batch(answers, cast)

    lea.post(reverse("reviews:batch_return", args=[batch.public_id]))

    assert not Assignment.objects.filter(status=AssignmentStatus.RETURNED).exists()


def test_lead_sees_what_is_overdue_and_reviewers_do_not(
    lea: Client, ada: Client, cast: Cast, answers: Queue
):
    make_slots(answers, make_item(cast.project))
    answers.slots.update(overdue_at=timezone.now())

    assert "2 overdue" in lea.get(PAGE).content.decode()
    assert "2 overdue" in lea.get("/p/shop/").content.decode()
    assert "overdue" not in ada.get("/review/").content.decode()


def test_lead_sees_the_time_that_is_left(lea: Client, cast: Cast, answers: Queue):
    make_slots(answers, make_item(cast.project))
    answers.slots.update(opened_at=timezone.now() - timedelta(hours=3, minutes=1))

    page = lea.get(PAGE).content.decode()

    assert "3\xa0hours" in page
    assert "20\xa0hours, 5" in page


def test_dead_broker_stops_no_routing(
    dead_broker: None, caplog: pytest.LogCaptureFixture
):
    announce_routed()

    assert "the broker is away" in caplog.text
