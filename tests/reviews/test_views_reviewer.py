"""The pages a reviewer starts from."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from reviews.models import (
    Assignment,
    AssignmentStatus,
    Batch,
    Item,
    Member,
    Purpose,
    Queue,
    Role,
    User,
)
from reviews.services.presentations import prepare_presentables
from reviews.services.queues import seed_item
from tests.conftest import Cast
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

SECRETS = ("zephyr-9b", "item-from-zephyr", "0.4711", "escalated", ">ben<")


def sign_in(client: Client, username: str) -> None:
    client.force_login(User.objects.get(username=username))


@pytest.fixture
def answers(cast: Cast) -> Queue:
    return make_queue(
        cast.project, make_rubric(cast.project), reviewers=[cast.ada, cast.ben]
    )


@pytest.fixture
def ada(client: Client, cast: Cast) -> Client:
    sign_in(client, "ada")
    return client


def route(queue: Queue, count: int = 3) -> None:
    for number in range(count):
        item = make_item(
            queue.project,
            external_id=f"item-from-zephyr-{number}",
            provenance={"model": "zephyr-9b"},
            signals={"confidence": 0.4711, "flags": ["escalated"]},
        )
        make_slots(queue, item)


def open_batch(queue: Queue, cast: Cast, size: int = 2) -> Batch:
    batch = make_batch(queue, cast.ada, size)
    for _ in range(size):
        item = make_item(queue.project)
        slot = make_slots(queue, item)[0]
        make_assignment(
            batch, item, slot, leased_until=timezone.now() + timedelta(hours=1)
        )
    return batch


def deal_address(queue: Queue) -> str:
    return reverse("reviews:batches", args=[queue.project.slug, queue.slug])


def test_home_asks_a_stranger_to_sign_in(client: Client, db: None):
    response = client.get("/")

    assert response.status_code == 302
    assert response.headers["Location"] == "/accounts/login/?next=/"


def test_home_sends_a_reviewer_to_their_desk(ada: Client):
    response = ada.get("/")

    assert response.headers["Location"] == "/review/"


def test_home_sends_a_lead_to_their_project(client: Client, cast: Cast):
    sign_in(client, "lea")

    response = client.get("/")

    assert response.headers["Location"] == "/p/shop/"


def test_home_lets_a_lead_of_several_projects_choose(client: Client, cast: Cast):
    other = make_project("bank")
    Member.objects.create(
        project=other,
        user=cast.lea.user,
        handle="lea",
        role=Role.LEAD,
        joined_at=cast.lea.joined_at,
    )
    sign_in(client, "lea")

    response = client.get("/")

    assert re.findall(r'href="(/p/\w+/)"', response.content.decode()) == [
        "/p/bank/",
        "/p/shop/",
    ]


def test_home_tells_somebody_in_no_project_what_to_do(client: Client, cast: Cast):
    sign_in(client, "olga")

    response = client.get("/")

    assert "member add olga" in response.content.decode()


def test_desk_offers_a_batch_of_each_queue_of_the_reviewer(
    ada: Client, cast: Cast, answers: Queue
):
    make_queue(cast.project, answers.rubric_version, "others", [cast.ben])

    page = ada.get("/review/").content.decode()

    assert re.findall(r'action="(/review/[^"]+)"', page) == [deal_address(answers)]
    assert "5 items in a batch" in page
    assert "0 of at most 100" in page


def test_desk_leads_back_to_the_open_batch(ada: Client, cast: Cast, answers: Queue):
    batch = open_batch(answers, cast)

    page = ada.get("/review/").content.decode()

    assert reverse("reviews:batch", args=[batch.public_id]) in page
    assert deal_address(answers) not in page


def test_desk_explains_itself_to_a_reviewer_on_no_panel(ada: Client):
    page = ada.get("/review/").content.decode()

    assert "Nothing waits for you" in page


def test_desk_takes_as_many_queries_for_six_queues_as_for_one(
    ada: Client,
    cast: Cast,
    answers: Queue,
    django_assert_num_queries: DjangoAssertNumQueries,
):
    for number in range(5):
        make_queue(cast.project, answers.rubric_version, f"q{number}", [cast.ada])

    # Session; the role is put on and off (with a savepoint, in a test); seats,
    # done today, open batches.
    with django_assert_num_queries(8):
        ada.get("/review/")


def test_batches_deals_and_goes_to_the_first_item(ada: Client, answers: Queue):
    route(answers)

    response = ada.post(deal_address(answers))

    first = Assignment.objects.get(position=1)
    assert response.status_code == 303
    assert response.headers["Location"] == reverse(
        "labeling:bench", args=[first.public_id]
    )


def test_a_deal_with_gold_takes_eight_statements(
    ada: Client, answers: Queue, django_assert_num_queries: DjangoAssertNumQueries
):
    answers.overlap, answers.batch_size, answers.gold_rate = 1, 4, 0.25
    answers.save()
    route(answers, 6)
    gold = make_item(answers.project)
    seed_item(queue_id=answers.pk, item_id=gold.pk, band="good", now=NOW)
    items = Item.objects.values_list("pk", flat=True)
    prepare_presentables(item_ids=items, now=NOW)

    # Session; seat; savepoint; seat once more, locked; standing; gold; slots; batches
    # alike; what is ready; the batch; the savepoint's end.
    with django_assert_num_queries(11):
        ada.post(deal_address(answers))

    assert Assignment.objects.filter(purpose=Purpose.GOLD).exists()


def test_batches_refuses_a_form_without_a_token(cast: Cast, answers: Queue):
    route(answers)
    client = Client(enforce_csrf_checks=True)
    sign_in(client, "ada")

    response = client.post(deal_address(answers))

    assert response.status_code == 403
    assert "nothing was saved" in response.content.decode()
    assert not Batch.objects.exists()


def test_batches_twice_gives_the_same_batch(ada: Client, answers: Queue):
    route(answers)

    addresses = {ada.post(deal_address(answers)).headers["Location"] for _ in "ab"}

    assert len(addresses) == 1
    assert Batch.objects.count() == 1


def test_batches_says_why_nothing_is_left(ada: Client, answers: Queue):
    response = ada.post(deal_address(answers), follow=True)

    assert response.redirect_chain == [("/review/", 303)]
    assert "everything that waits here" in response.content.decode()


def test_batches_returns_to_the_desk_after_a_sign_in(ada: Client, answers: Queue):
    response = ada.get(deal_address(answers))

    assert response.headers["Location"] == "/review/"


@pytest.mark.parametrize("who", ["lea", "adam"])
def test_batches_is_not_there_for_whoever_is_not_on_the_panel(
    client: Client, cast: Cast, answers: Queue, who: str
):
    route(answers)
    sign_in(client, who)

    response = client.post(deal_address(answers))

    assert response.status_code == 404
    assert not Batch.objects.exists()


def test_batch_goes_on_with_the_next_item(ada: Client, cast: Cast, answers: Queue):
    batch = open_batch(answers, cast)

    page = ada.get(f"/review/batches/{batch.public_id}/").content.decode()

    first = batch.assignments.get(position=1)
    assert reverse("labeling:bench", args=[first.public_id]) in page
    assert "0 of 2 done" in page


def test_batch_that_is_done_says_so_and_offers_another(
    ada: Client, cast: Cast, answers: Queue
):
    batch = open_batch(answers, cast)
    batch.assignments.update(status=AssignmentStatus.SUBMITTED)

    page = ada.get(f"/review/batches/{batch.public_id}/").content.decode()

    assert "2 of 2 done, thank you" in page
    assert f'action="{deal_address(answers)}"' in page


def test_batch_of_somebody_else_is_not_there(
    client: Client, cast: Cast, answers: Queue
):
    batch = open_batch(answers, cast)
    sign_in(client, "ben")

    response = client.get(f"/review/batches/{batch.public_id}/")

    assert response.status_code == 404


def test_pages_of_a_reviewer_carry_nothing_that_is_blinded(
    ada: Client, cast: Cast, answers: Queue
):
    route(answers)
    responses = [ada.get("/review/"), ada.post(deal_address(answers))]
    batch = Batch.objects.get()
    responses += [ada.get(f"/review/batches/{batch.public_id}/"), ada.get("/review/")]

    shown = [
        f"{response.content.decode()} {dict(response.headers)} {response.cookies}"
        for response in responses
    ]

    for text in shown:
        assert not [secret for secret in SECRETS if secret in text]


def test_pages_of_a_reviewer_are_not_kept_and_run_no_foreign_code(ada: Client):
    response = ada.get("/review/")

    assert response.headers["Cache-Control"] == "no-store"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy


def test_desk_shows_nothing_of_a_retired_project(client: Client, cast: Cast):
    closed = make_project("closed")
    zoe = make_member(closed, "zoe")
    make_queue(closed, make_rubric(closed), reviewers=[zoe])
    closed.retired_at = timezone.now()
    closed.save(update_fields=["retired_at"])
    sign_in(client, "zoe")

    page = client.get("/review/").content.decode()

    assert "Nothing waits for you" in page


def test_desk_leads_straight_to_the_next_item(ada: Client, cast: Cast, answers: Queue):
    batch = open_batch(answers, cast)
    following = batch.assignments.order_by("position").first()
    assert following is not None

    page = ada.get("/review/").content.decode()

    assert f'href="/bench/{following.public_id}/">Go on with your batch' in page


def test_desk_says_which_queue_has_nothing_left(
    ada: Client, cast: Cast, answers: Queue
):
    page = ada.post("/review/shop/answers/batches/", follow=True).content.decode()

    assert f"No new batch of {answers.title}. You have judged everything" in page
