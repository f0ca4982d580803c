"""The pages a lead starts from."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from labeling.models import Dispute
from reviews.models import (
    AssignmentStatus,
    PanelSeat,
    Queue,
    RoutingDecision,
    TriagePolicy,
    User,
)
from reviews.queries.overview import (
    ItemCounts,
    SlotCounts,
    count_items,
    list_latest_batches,
    list_queue_rows,
    list_rule_rows,
    list_seat_rows,
    list_tier_rows,
)
from reviews.queries.queues import get_queue
from tests.conftest import Cast
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_project,
    make_queue,
    make_rubric,
    make_slots,
)

PAGES = ["/p/shop/", "/p/shop/queues/answers/"]


def sign_in(client: Client, username: str) -> None:
    client.force_login(User.objects.get(username=username))


@pytest.fixture
def answers(cast: Cast) -> Queue:
    return make_queue(
        cast.project, make_rubric(cast.project), reviewers=[cast.ada, cast.ben]
    )


@pytest.fixture
def lea(client: Client, cast: Cast) -> Client:
    sign_in(client, "lea")
    return client


def submit_one(queue: Queue, cast: Cast) -> None:
    """One item with two slots: ada has submitted, the other is open."""
    item = make_item(queue.project)
    slot = make_slots(queue, item)[0]
    assignment = make_assignment(make_batch(queue, cast.ada), item, slot)
    assignment.status = AssignmentStatus.SUBMITTED
    assignment.save(update_fields=["status"])


def route(queue: Queue, policy: TriagePolicy, rule: str, probability: float) -> None:
    RoutingDecision.objects.create(
        item=make_item(queue.project),
        policy=policy,
        rule=rule,
        action="QUEUE" if probability == 1 else "SHIP",
        is_selected=probability == 1,
        queue=queue if probability == 1 else None,
        inclusion_probability=probability,
        draw=0.5,
        decided_at=NOW,
    )


def make_policy(queue: Queue) -> TriagePolicy:
    return TriagePolicy.objects.create(
        project=queue.project, number=3, source="", rules=[], created_at=NOW
    )


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["lea", "adam"])
def test_pages_open_for_those_who_lead(
    client: Client, cast: Cast, answers: Queue, page: str, who: str
):
    sign_in(client, who)

    response = client.get(page)

    assert response.status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_not_there_for_a_reviewer(
    client: Client, cast: Cast, answers: Queue, page: str
):
    sign_in(client, "ada")

    response = client.get(page)

    assert response.status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_not_there_for_an_outsider(
    client: Client, cast: Cast, answers: Queue, page: str
):
    sign_in(client, "olga")

    response = client.get(page)

    assert response.status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_pages_ask_a_stranger_to_sign_in(client: Client, db: None, page: str):
    response = client.get(page)

    assert response.headers["Location"] == f"/accounts/login/?next={page}"


def test_queue_page_is_not_there_for_an_unknown_queue(lea: Client):
    response = lea.get("/p/shop/queues/nothing/")

    assert response.status_code == 404


def test_project_page_tells_an_engineer_how_to_begin(lea: Client):
    page = lea.get("/p/shop/").content.decode()

    assert "bin/touchstone ingest FILE.jsonl --project shop" in page
    assert "bin/touchstone queue apply QUEUE.toml" in page


def test_project_page_tells_how_to_route_what_is_there(lea: Client, answers: Queue):
    make_item(answers.project)

    page = lea.get("/p/shop/").content.decode()

    assert "bin/touchstone policy apply POLICY.toml --project shop" in page


def test_project_page_warns_of_a_panel_smaller_than_the_overlap(
    lea: Client, answers: Queue
):
    PanelSeat.objects.filter(reviewer__handle="ben").update(is_active=False)

    page = lea.get("/p/shop/").content.decode()

    assert "1: too few" in page


def test_project_page_takes_the_same_queries_however_much_there_is(
    lea: Client,
    cast: Cast,
    answers: Queue,
    django_assert_num_queries: DjangoAssertNumQueries,
):
    policy = make_policy(answers)
    for number in range(4):
        queue = make_queue(cast.project, answers.rubric_version, f"q{number}")
        submit_one(queue, cast)
        route(queue, policy, f"rule {number}", 1)

    # Session, access; slots, queues, decisions, items, rules; what waits: disputes,
    # paused slices, agreement, qualifications; the frame: projects, queues, own seat.
    with django_assert_num_queries(14):
        lea.get("/p/shop/")


def test_queue_page_takes_the_same_queries_however_much_there_is(
    lea: Client,
    cast: Cast,
    answers: Queue,
    django_assert_num_queries: DjangoAssertNumQueries,
):
    for _ in range(4):
        submit_one(answers, cast)

    # Session, access; queue, rubric, seats, work, qualification, tiers, batches,
    # escalations; the frame: projects, queues, own seat.
    with django_assert_num_queries(13):
        lea.get("/p/shop/queues/answers/")


def test_queue_page_counts_one_as_one_and_writes_bars_as_agreement_does(
    lea: Client, answers: Queue
):
    Queue.objects.update(batch_size=1, lease_minutes=1)

    page = lea.get("/p/shop/queues/answers/").content.decode()

    assert "<dd>1 item</dd>" in page
    assert "<dd>1 minute</dd>" in page
    assert ".667 to freeze, .800 to rely on" in page
    assert "0.667" not in page


def test_frame_shows_the_review_desk_to_a_lead_who_reviews(
    lea: Client, cast: Cast, answers: Queue
):
    before = lea.get("/p/shop/").content.decode()
    PanelSeat.objects.create(queue=answers, reviewer=cast.lea)
    after = lea.get("/p/shop/").content.decode()

    assert "Review desk" not in before
    assert "Review desk" in after


def test_queue_rows_count_slots_by_state(cast: Cast, answers: Queue):
    submit_one(answers, cast)

    (row,) = list_queue_rows(cast.project.pk)

    assert row.slots == SlotCounts(open=1, taken=0, filled=1)
    assert row.slots.percent == 50
    assert (row.rubric, row.reviewers) == ("answer@1", 2)


def test_queue_rows_leave_withdrawn_slots_out(cast: Cast, answers: Queue):
    make_slots(answers, make_item(cast.project))
    answers.slots.filter(number=2).update(state="WITHDRAWN")

    (row,) = list_queue_rows(cast.project.pk)

    assert row.slots.total == 1


def test_item_counts_tell_kinds_and_what_is_not_routed(cast: Cast, answers: Queue):
    route(answers, make_policy(answers), "unsure", 1)
    make_item(cast.project, "PAIR")
    make_item(make_project("bank"))

    counts = count_items(cast.project.pk)

    assert counts == ItemCounts(single=1, pair=1, trace=0, undecided=1)


def test_rule_rows_give_the_probability_and_the_policy(cast: Cast, answers: Queue):
    policy = make_policy(answers)
    route(answers, policy, "unsure", 1)
    route(answers, policy, "unsure", 1)
    route(answers, policy, "routine", 0.1)

    rows = list_rule_rows(cast.project.pk)

    assert [
        (row.rule, row.action, row.items, row.selected, row.inclusion_probability)
        for row in rows
    ] == [("unsure", "queue", 2, 2, 1.0), ("routine", "ship", 1, 0, 0.1)]
    assert [(row.policy, row.queue) for row in rows] == [(3, "Answers"), (3, None)]


def test_seat_rows_count_gold_apart(cast: Cast, answers: Queue):
    submit_one(answers, cast)
    batch = make_batch(answers, cast.ada)
    make_assignment(batch, make_item(cast.project), status="SUBMITTED")

    ada, ben = list_seat_rows(answers.pk)

    assert (ada.handle, ada.work.judged, ada.work.seeded) == ("ada", 1, 1)
    assert (ben.handle, ben.work.judged, ben.work.last_batch_at) == ("ben", 0, None)


def test_tier_rows_are_in_the_order_of_dealing(cast: Cast, answers: Queue):
    submit_one(answers, cast)
    make_slots(answers, make_item(cast.project))
    answers.slots.filter(state="FILLED").update(tier=0)

    rows = list_tier_rows(get_queue(project_id=cast.project.pk, slug="answers"))

    assert [(row.tier, row.slots.filled, row.slots.open) for row in rows] == [
        (0, 1, 0),
        (1, 0, 3),
    ]


def test_latest_batches_come_newest_first_and_few(cast: Cast, answers: Queue):
    for _ in range(4):
        submit_one(answers, cast)

    rows = list_latest_batches(answers.pk, limit=3)

    assert len(rows) == 3
    assert {(row.handle, row.submitted, row.live) for row in rows} == {("ada", 1, 0)}


def test_project_page_says_what_waits_for_the_lead(
    lea: Client, cast: Cast, answers: Queue
):
    items = [make_item(cast.project) for _ in range(3)]
    for item in items:
        make_slots(answers, item)
    version = answers.rubric_version
    Dispute.objects.create(
        public_id=uuid4(),
        item=items[0],
        queue=answers,
        criterion=version.criteria.get(key="quality"),
        agreement=0,
        opened_at=NOW,
    )
    answers.slots.filter(item=items[1]).update(state="ESCALATED")
    answers.slots.filter(item=items[2]).update(overdue_at=NOW)

    page = lea.get("/p/shop/").content.decode()

    assert "1 open dispute<" in page
    assert re.search(r"\d escalated in ", page)
    assert re.search(r"\d judgments? overdue in ", page)


def test_project_page_says_where_nothing_waits(lea: Client, answers: Queue):
    page = lea.get("/p/shop/").content.decode()

    assert "Nothing: no dispute is open" in page
    assert "not measured" in page


def test_tiers_are_named_by_the_stakes_of_their_items(cast: Cast, answers: Queue):
    for tier in range(4):
        slots = make_slots(answers, make_item(cast.project))
        answers.slots.filter(pk__in=[slot.pk for slot in slots]).update(tier=tier)

    rows = list_tier_rows(get_queue(project_id=cast.project.pk, slug="answers"))

    assert [row.stakes for row in rows] == ["critical", "high", "medium", "low"]
