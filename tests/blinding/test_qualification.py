"""What is told after a qualification, and what is never told: not before, not more."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from calibration.models import Feedback, GoldCase, GoldRating
from labeling.models import Criterion
from reviews.models import Assignment, Batch, Member, Qualification, Queue
from reviews.services.batches import deal_batch
from reviews.services.queues import seed_item
from reviews.services.rights import reviewer_role
from tests.blinding.makers import SECRET, Scene, hidden, make_marked_item
from tests.blinding.test_leaks import HTMX, POSTS, assert_tells_nothing
from tests.factories import NOW, make_judgment, make_queue, make_slots

SIZE = 3
WHY = "Told afterwards: see the second guideline."


@pytest.fixture
def queue(scene: Scene, cast: Any) -> Queue:
    """Three gold cases to qualify with; one more, whose answer is a secret for ever."""
    queue = make_queue(
        scene.project,
        scene.queue.rubric_version,
        slug="first-time",
        reviewers=[cast.ada, cast.ben],
        qualification_size=SIZE,
        guess_systems=["Heron", "Wren"],
    )
    for number in range(SIZE):
        add_gold(queue, 100 + number, "bad", WHY)
    return queue


def add_gold(
    queue: Queue, number: int, value: str, why: str, use: str = "BOTH"
) -> None:
    item = make_marked_item(queue.project, number)
    seed_item(
        queue_id=queue.pk,
        item_id=item.pk,
        band=hidden("band"),
        now=NOW,
        rubric_version_id=queue.rubric_version_id,
        use=use,
    )
    case = GoldCase.objects.create(
        queue=queue,
        item=item,
        rubric_version_id=queue.rubric_version_id,
        rationale=why,
        created_at=NOW,
    )
    criterion = Criterion.objects.get(version_id=queue.rubric_version_id)
    GoldRating.objects.create(gold_case=case, criterion=criterion, value=value)


@pytest.fixture
def ada(cast: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(cast.ada.user)
    return client


def deal(queue: Queue, reviewer: Member) -> Batch:
    dealt = deal_batch(
        queue_id=queue.pk,
        reviewer_id=reviewer.pk,
        now=timezone.now(),
        seed=hidden("seed"),
    )
    return Batch.objects.get(public_id=dealt.public_id)


def live(batch: Batch) -> list[Assignment]:
    return list(batch.assignments.filter(status="LIVE").order_by("position"))


def pages(queue: Queue, batch: Batch) -> Iterator[str]:
    """Every address of a reviewer about this batch."""
    yield reverse("reviews:desk")
    yield reverse("reviews:batch", args=[batch.public_id])
    yield reverse("calibration:qualification", args=[queue.project.slug, queue.slug])
    for one in batch.assignments.all():
        yield reverse("labeling:bench", args=[one.public_id])
        yield reverse("calibration:feedback", args=[one.public_id])


def test_gold_is_not_told_before_the_last_answer(ada, cast, queue):
    batch = deal(queue, cast.ada)

    for n_left in range(SIZE, 0, -1):
        for address in pages(queue, batch):
            for headers in ({}, HTMX):
                page = ada.get(address, headers=headers)
                assert_tells_nothing(page, address)
                assert "Told afterwards" not in page.text
                assert "Known answer" not in page.text
        first = live(batch)[0]
        address = reverse("labeling:judgment", args=[first.public_id])
        answer = ada.post(address, POSTS[2], headers=HTMX)
        assert_tells_nothing(answer, address)
        assert "Told afterwards" not in answer.text
        assert len(live(batch)) == n_left - 1


def test_after_the_last_answer_the_gold_of_the_batch_is_told_and_nothing_else(
    ada, cast, queue
):
    add_gold(queue, 200, "fair", hidden("rationale of live gold"), "LIVE")
    batch = deal(queue, cast.ada)
    for one in live(batch):
        ada.post(reverse("labeling:judgment", args=[one.public_id]), POSTS[2])

    told = [(address, ada.get(address)) for address in pages(queue, batch)]

    for address, page in told:
        assert_tells_nothing(page, address)
        assert page.status_code in {200, 303}, address
    first = next(page for address, page in told if "qualification" in address)
    assert first.text.count(WHY) == SIZE


def test_feedback_belongs_to_one_reviewer(ada, cast, queue):
    batch = deal(queue, cast.ben)
    for one in live(batch):
        make_judgment(one, at=batch.dealt_at, quality="good")
    other = Client()
    other.force_login(cast.ben.user)
    place = reverse("calibration:qualification", args=[queue.project.slug, queue.slug])
    other.get(place)
    theirs = batch.assignments.first()
    assert theirs is not None
    address = reverse("calibration:feedback", args=[theirs.public_id])

    assert other.get(address).status_code == 200
    assert ada.get(address).status_code == 404
    assert WHY not in ada.get(place).text


def read(statement: str) -> list[tuple[Any, ...]]:
    raw = connection.connection
    with raw.transaction(), raw.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


FEEDBACK = "SELECT answers, rationale FROM calibration_feedback"


def make_feedback(batch: Batch) -> None:
    assert batch.qualification is not None
    for one in batch.assignments.all():
        Feedback.objects.create(
            qualification=batch.qualification,
            assignment=one,
            answers=[{"known": hidden("known")}],
            rationale=hidden("why"),
        )


def test_the_role_reads_no_feedback_of_an_attempt_without_an_outcome(cast, queue):
    """Even if it were written too early."""
    make_feedback(deal(queue, cast.ada))

    with reviewer_role(cast.ada.user_id):
        assert read(FEEDBACK) == []


def test_the_role_reads_the_feedback_of_its_person_alone(cast, queue):
    make_feedback(deal(queue, cast.ada))
    make_feedback(deal(queue, cast.ben))
    Qualification.objects.update(outcome="FAILED", n_answers=0, n_right=0, ended_at=NOW)

    with reviewer_role(cast.ada.user_id):
        rows = read("SELECT qualification_id FROM calibration_feedback")
        attempts = read("SELECT id, reviewer_id FROM reviews_qualification")

    assert len(rows) == SIZE
    assert {(row[0], cast.ada.pk) for row in rows} == set(attempts)


def test_what_was_told_is_never_gold_to_that_person_again(cast, queue):
    queue.gold_rate = 0.5
    queue.save()
    batch = deal(queue, cast.ada)
    told = set(batch.assignments.values_list("item_id", flat=True))
    for one in live(batch):
        make_judgment(one, at=batch.dealt_at, quality="bad")
    Qualification.objects.update(
        outcome="PASSED", n_answers=SIZE, n_right=SIZE, ended_at=NOW
    )
    add_gold(queue, 200, "fair", hidden("rationale of live gold"))
    for number in range(300, 306):
        make_slots(queue, make_marked_item(queue.project, number))

    work = deal(queue, cast.ada).assignments

    assert set(work.values_list("purpose", flat=True)) == {"FRESH", "GOLD"}
    assert told.isdisjoint(work.values_list("item_id", flat=True))


def test_benches_of_a_qualification_and_of_live_work_are_alike(ada, cast, scene, queue):
    batch = deal(queue, cast.ada)
    second = live(batch)[1]
    first, *_ = live(batch)
    make_judgment(first, at=batch.dealt_at, quality="bad")

    trial = ada.get(reverse("labeling:bench", args=[second.public_id]))
    work = ada.get(reverse("labeling:bench", args=[scene.live[1].public_id]))

    for word in ("ualification", "gold", "QUALIFICATION"):
        assert word not in trial.text
    assert tags(trial.text) == tags(work.text)


def tags(page: str) -> list[str]:
    """What the page is built of, without its words."""
    names = [piece.split(">")[0].split()[0] for piece in page.split("<")[1:]]
    return [name for name in names if name not in ("code", "/code")]


def test_the_marks_stand_in_what_is_compared(queue):
    assert SECRET.search(repr(list(queue.seeds.values_list("band", flat=True))))
