"""Submitting, once; drafts; leases that ran out."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from labeling.models import Draft, Judgment, Rating
from labeling.queries.rubrics import get_rubric_version
from labeling.services.judgments import (
    Answer,
    LeaseExpired,
    Submission,
    save_draft,
    submit_judgment,
    take_again,
)
from reviews.models import AssignmentStatus
from reviews.queries.presentations import get_hand
from reviews.services.leases import SlotGone, expire_leases
from reviews.services.turns import return_batch
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_judgment,
    make_member,
    make_project,
    make_queue,
    make_rubric,
    make_slots,
)

LATER = NOW + timedelta(hours=2)


def deal(level: str = "ORDINAL", kind: str = "SINGLE", **changes: Any) -> Any:
    """An assignment in ada's hand, and the hand."""
    project = make_project()
    ada = make_member(project, "ada")
    queue = make_queue(project, make_rubric(project, levels={"quality": level}))
    item = make_item(project, kind)
    slot = make_slots(queue, item)[0]
    assignment = make_assignment(make_batch(queue, ada), item, slot, **changes)
    return assignment, get_hand(
        public_id=assignment.public_id, user_id=ada.user_id or 0
    )


def submission(hand: Any, value: Any, **changes: Any) -> Submission:
    criterion = get_rubric_version(hand.rubric_version_id).criteria[0]
    values: dict[str, Any] = {
        "answers": (Answer(criterion, value),),
        "comment": "",
        "active_seconds": 7,
        "typed": {"value-quality": [value]},
    }
    return Submission(**values | changes)


@pytest.mark.django_db
def test_a_submit_writes_the_judgment_with_its_ratings():
    assignment, hand = deal()

    is_new = submit_judgment(hand=hand, submission=submission(hand, "good"), now=NOW)

    judgment = Judgment.objects.get(assignment=assignment)
    assert is_new
    assert (judgment.counts, judgment.active_seconds) == (True, 7)
    assert judgment.ratings.get().value == "good"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("order", "displayed", "canonical"),
    [
        ([0, 1], "LEFT", "A"),
        ([0, 1], "RIGHT", "B"),
        ([1, 0], "LEFT", "B"),
        ([1, 0], "RIGHT", "A"),
        ([1, 0], "tie", "tie"),
    ],
)
def test_a_side_is_stored_as_shown_and_as_the_response_it_was(
    order, displayed, canonical
):
    _, hand = deal("PAIRWISE", "PAIR", response_order=order)

    submit_judgment(hand=hand, submission=submission(hand, displayed), now=NOW)

    rating = Rating.objects.get()
    assert (rating.displayed, rating.value) == (displayed, canonical)


@pytest.mark.django_db
def test_a_repeated_submit_makes_one_judgment_and_the_first_stands():
    _, hand = deal()
    submit_judgment(hand=hand, submission=submission(hand, "good"), now=NOW)

    is_new = submit_judgment(hand=hand, submission=submission(hand, "bad"), now=NOW)

    assert not is_new
    assert Rating.objects.get().value == "good"


@pytest.mark.django_db(transaction=True)
def test_two_submits_at_once_make_one_judgment():
    _, hand = deal()
    barrier = Barrier(2)
    answers: list[bool] = []

    def submit(value: str) -> None:
        barrier.wait()
        given = submission(hand, value)
        answers.append(submit_judgment(hand=hand, submission=given, now=NOW))
        connection.close()

    threads = [Thread(target=submit, args=(value,)) for value in ("good", "bad")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [False, True]
    assert Judgment.objects.count() == 1
    assert Rating.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_being_judged_is_not_given_back():
    assignment, hand = deal()
    given_back: list[int] = []

    def give_back() -> None:
        user_id = assignment.reviewer.user_id
        try:
            given_back.append(return_batch(batch=hand.batch, user_id=user_id))
        finally:
            connection.close()

    other = Thread(target=give_back)
    with transaction.atomic():
        submit_judgment(hand=hand, submission=submission(hand, "good"), now=NOW)
        other.start()
        other.join(0.5)
    other.join()

    assignment.refresh_from_db()
    assert given_back == [0]
    assert assignment.status == AssignmentStatus.SUBMITTED


@pytest.mark.django_db
def test_a_submit_removes_the_draft():
    _, hand = deal()
    save_draft(hand=hand, typed={"comment": ["so far"]}, now=NOW)

    submit_judgment(hand=hand, submission=submission(hand, "good"), now=NOW)

    assert not Draft.objects.exists()


@pytest.mark.django_db
def test_a_submit_after_the_lease_is_kept_as_a_draft():
    _, hand = deal()

    with pytest.raises(LeaseExpired):
        submit_judgment(hand=hand, submission=submission(hand, "good"), now=LATER)

    assert Draft.objects.get().answers == {"value-quality": ["good"]}
    assert not Judgment.objects.exists()


@pytest.mark.django_db
def test_a_draft_that_comes_after_the_judgment_is_not_kept():
    _, hand = deal()
    submit_judgment(hand=hand, submission=submission(hand, "good"), now=NOW)

    save_draft(hand=hand, typed={"comment": ["late"]}, now=NOW)

    assert not Draft.objects.exists()


@pytest.mark.django_db
def test_taking_a_lapsed_item_again_brings_the_draft_along():
    assignment, hand = deal()
    save_draft(hand=hand, typed={"comment": ["so far"]}, now=NOW)
    expire_leases(now=LATER)

    again = take_again(hand=hand, now=LATER)

    assert again != assignment.public_id
    assert Draft.objects.get().assignment.public_id == again


@pytest.mark.django_db
def test_an_item_that_others_have_now_is_not_taken_again():
    assignment, hand = deal()
    expire_leases(now=LATER)
    assignment.queue.slots.update(state="FILLED")

    with pytest.raises(SlotGone):
        take_again(hand=hand, now=LATER)

    assignment.refresh_from_db()
    assert assignment.status == AssignmentStatus.EXPIRED


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("level", "value"),
    [
        ("ORDINAL", "superb"),
        ("ORDINAL", 1),
        ("INTERVAL", 11),
        ("INTERVAL", 0.5),
        ("INTERVAL", "5"),
        ("MULTI_LABEL", ["bad", "bad"]),
        ("MULTI_LABEL", "bad"),
        ("PAIRWISE", "LEFT"),
        ("TEXT", 3),
    ],
)
def test_the_database_and_the_facts_refuse_a_value_off_the_scale(level, value):
    _, hand = deal(level)
    criterion = get_rubric_version(hand.rubric_version_id).criteria[0]
    judgment = Judgment.objects.create(
        assignment_id=hand.assignment_id, submitted_at=NOW
    )

    with (
        pytest.raises(IntegrityError, match="is not a value of the scale"),
        transaction.atomic(),
    ):
        Rating.objects.create(
            judgment_id=judgment.pk,
            criterion_id=criterion.id,
            value=value,
            displayed=value,
        )

    assert not criterion.has(value)


@pytest.mark.django_db
@pytest.mark.parametrize("bad", ["quality", "length"])
def test_a_rating_off_the_scale_spoils_those_written_with_it(cast, bad):
    version = make_rubric(
        cast.project, levels={"quality": "ORDINAL", "length": "INTERVAL"}
    )
    queue = make_queue(cast.project, version)
    assignment = make_assignment(
        make_batch(queue, cast.ada), make_item(cast.project), purpose="GOLD"
    )
    judgment = make_judgment(assignment)
    values = {"quality": "good", "length": 3} | {bad: 99}

    with (
        pytest.raises(IntegrityError, match=f"99 is not a value of the scale of {bad}"),
        transaction.atomic(),
    ):
        Rating.objects.bulk_create(
            Rating(judgment=judgment, criterion=one, value=values[one.key], displayed=1)
            for one in version.criteria.all()
        )

    assert not Rating.objects.exists()
