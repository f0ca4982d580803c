"""What is referred to is there and stays, also where no foreign key says so.

Judgments, ratings and rechecks are written at every click; what a key would look up
there is held by triggers, by append-only tables and by the keys of the assignment.
"""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError

from labeling.models import Criterion, Judgment, Rating, Recheck
from labeling.services.disputes import recheck_items
from reviews.models import Assignment, Batch, Item, Slot
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

NOWHERE = 10**9
COPIED = ("queue_id", "item_id", "reviewer_id", "rubric_version_id")


@pytest.fixture
def given(cast: Any) -> Assignment:
    queue = make_queue(cast.project, make_rubric(cast.project))
    item = make_item(cast.project)
    slot = make_slots(queue, item)[0]
    return make_assignment(make_batch(queue, cast.ada), item, slot)


@pytest.fixture
def judgment(given: Assignment) -> Judgment:
    return make_judgment(given, quality="good")


def run(statement: str, *values: Any) -> None:
    """With what is checked at the end of a transaction checked at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def change(table: str, column: str) -> None:
    statement = "UPDATE {} SET {} = %s"
    run(statement.format(table, column), NOWHERE)


@pytest.mark.django_db
@pytest.mark.parametrize("column", COPIED)
def test_a_judgment_is_of_its_assignment_whatever_it_says(given, column):
    Judgment.objects.create(assignment=given, submitted_at=NOW, **{column: NOWHERE})

    kept = Judgment.objects.get()
    assert getattr(kept, column) == getattr(given, column)


@pytest.mark.django_db
def test_a_judgment_of_no_assignment_is_refused():
    with pytest.raises(DatabaseError, match="no such assignment"):
        run(
            "INSERT INTO labeling_judgment (assignment_id, queue_id, item_id,"
            " reviewer_id, rubric_version_id, comment, submitted_at)"
            " VALUES (%s, 1, 1, 1, 1, '', now())",
            NOWHERE,
        )


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["id", "assignment_id", *COPIED])
def test_a_judgment_never_comes_to_be_of_something_else(judgment, column):
    with pytest.raises(IntegrityError, match="append-only"):
        change("labeling_judgment", column)


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["id", *COPIED, "slot_id"])
def test_the_assignment_of_a_judgment_stays_what_it_is(judgment, column):
    with pytest.raises(IntegrityError):
        change("reviews_assignment", column)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "table",
    [
        "reviews_assignment",
        "reviews_slot",
        "reviews_queue",
        "reviews_item",
        "reviews_member",
        "labeling_rubricversion",
        "labeling_criterion",
        "labeling_judgment",
    ],
)
@pytest.mark.parametrize("act", ["DELETE FROM {}", "UPDATE {} SET id = id + 1000"])
def test_what_a_judgment_refers_to_stays(judgment, table, act):
    with pytest.raises(IntegrityError):
        run(act.format(table))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["assignment", "queue", "item", "reviewer", "rubric_version"]
)
def test_the_orm_protects_what_a_judgment_refers_to(judgment, name):
    with pytest.raises(ProtectedError):
        getattr(judgment, name).delete()


@pytest.mark.django_db
def test_the_orm_protects_what_a_rating_refers_to(judgment):
    rating = Rating.objects.get()

    with pytest.raises(ProtectedError):
        rating.criterion.delete()
    with pytest.raises(ProtectedError):
        judgment.delete()


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["judgment_id", "criterion_id"])
def test_a_rating_of_nothing_is_refused(judgment, wrong):
    known = {
        "judgment_id": judgment.pk,
        "criterion_id": Criterion.objects.get().pk,
        wrong: NOWHERE,
    }

    with pytest.raises(IntegrityError, match="not of the rubric version"):
        Rating.objects.create(value="good", displayed="good", **known)


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["judgment_id", "criterion_id"])
def test_a_rating_never_comes_to_be_of_something_else(judgment, column):
    with pytest.raises(IntegrityError, match="append-only"):
        change("labeling_rating", column)


@pytest.mark.django_db
def test_a_rating_of_a_step_before_the_first_is_refused(given):
    judgment = make_judgment(given)

    with pytest.raises(IntegrityError, match="no step -1"):
        Rating.objects.create(
            judgment=judgment,
            criterion=Criterion.objects.get(),
            step=-1,
            value="good",
            displayed="good",
        )


@pytest.mark.django_db
def test_an_assignment_takes_no_slot_that_is_not_there(given, cast):
    batch = make_batch(given.queue, cast.ben)

    with pytest.raises(IntegrityError, match="slot is not open"):
        make_assignment(batch, given.item, Slot(pk=NOWHERE))


@pytest.mark.django_db
def test_an_assignment_takes_no_slot_of_another_item(given, cast):
    batch = make_batch(given.queue, cast.ben)
    (slot, *_) = make_slots(given.queue, make_item(cast.project))

    with pytest.raises(IntegrityError, match="assignment_slot_of_its_item"):
        _take(batch, given.item, slot)


@transaction.atomic
def _take(batch: Batch, item: Item, slot: Slot) -> None:
    make_assignment(batch, item, slot)
    run("SELECT 1")


@pytest.mark.django_db
@pytest.mark.parametrize("number", [0, -1])
def test_slots_are_numbered_from_one(given, number):
    with pytest.raises(IntegrityError, match="slot_number_positive"):
        run("UPDATE reviews_slot SET number = %s", number)


@pytest.mark.django_db
def test_a_recheck_of_nothing_finds_nothing_and_goes(judgment):
    Recheck.objects.create(queue_id=NOWHERE, item_id=judgment.item_id)
    Recheck.objects.create(queue_id=judgment.queue_id, item_id=NOWHERE)

    n_looked_at = recheck_items(now=NOW, limit=10)

    assert n_looked_at == 3
    assert not Recheck.objects.exists()
