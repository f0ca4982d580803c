"""A slice under its floor pauses itself, and a lead looks at the rubric."""

from datetime import timedelta
from itertools import cycle, islice
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from calibration.models import RubricReview
from calibration.queries.rubric_reviews import list_reviews
from calibration.services.rubric_reviews import (
    SUPERSEDED,
    AlreadyClosed,
    NoteMissing,
    close_review,
    find_weak,
    review_slices,
)
from calibration.services.snapshots import refresh_agreement
from calibration.tasks import measure_stale_queues
from reviews.models import Item, Queue, SlicePause, Slot, SlotState
from reviews.services.slices import settle_slices
from tests.calibration.makers import facts, next_version
from tests.factories import (
    NOW,
    make_item,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
    make_slots,
)

HOUR = timedelta(hours=1)
# As two would answer who have not read the item.
UNRELATED = [("good", "good"), ("good", "bad"), ("bad", "good"), ("bad", "bad")]
ALIKE = [("good", "good"), ("bad", "bad")]


@pytest.fixture
def queue(cast):
    version = make_rubric(cast.project, levels={"quality": "NOMINAL"})
    queue = make_queue(cast.project, version, slice_floor=0.5)
    make_rater(cast.project, "ann")
    make_rater(cast.project, "bob")
    return queue


def rate(queue: Queue, intent: str, pairs: list[tuple[str, str]], n: int) -> None:
    ann, bob = (queue.project.members.get(handle=name) for name in ("ann", "bob"))
    for first, second in islice(cycle(pairs), n):
        item = make_rated_item(
            queue, {ann: {"quality": first}, bob: {"quality": second}}
        )
        Item.objects.filter(pk=item.pk).update(signals={"intent": intent})


def wait(queue: Queue, intent: str) -> Item:
    item = make_item(queue.project, signals={"intent": intent})
    make_slots(queue, item)
    return item


def sweep(queue: Queue, now: Any = NOW) -> int:
    refresh_agreement(queue_id=queue.pk, now=now)
    n_changed = review_slices(now=now)
    settle_slices(now=now)
    return n_changed


def states(item: Item) -> set[Any]:
    return set(item.slots.values_list("state", flat=True))


@pytest.fixture
def split(queue):
    """Agreed on greetings, and no better than chance on refunds."""
    rate(queue, "refund", UNRELATED, 40)
    rate(queue, "greeting", ALIKE, 10)
    return queue


def close(review: RubricReview, lead: Any, note: str = "The anchor was unclear."):
    close_review(
        review_id=review.pk,
        queue_id=review.queue_id,
        closed_by_id=lead.pk,
        note=note,
        now=NOW + HOUR,
    )


def test_a_slice_under_the_floor_pauses_itself_and_asks_for_a_review(split):
    refund, greeting = wait(split, "refund"), wait(split, "greeting")

    assert sweep(split) == 1

    review = RubricReview.objects.get()
    assert (review.dimension, review.value, review.floor) == ("intent", "refund", 0.5)
    (finding,) = review.findings
    assert (finding["criterion"], finding["n_items"]) == ("quality", 40)
    assert finding["high"] < 0.5
    assert (states(refund), states(greeting)) == ({SlotState.HELD}, {SlotState.OPEN})
    assert "The floor is .500." in SlicePause.objects.get().because


def test_the_sweep_does_all_of_it(split):
    measure_stale_queues()

    assert RubricReview.objects.filter(closed_at=None).exists()


def test_a_second_sweep_changes_nothing(split):
    sweep(split)

    assert sweep(split) == 0


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("slice_floor", None),
        # Within the interval: it may be chance.
        ("slice_floor", 0.2),
        ("slice_minimum", 41),
    ],
)
def test_a_slice_is_dealt_on_where_it_is_not_surely_under(split, key, value):
    setattr(split, key, value)
    split.save()

    assert sweep(split) == 0
    assert not SlicePause.objects.exists()


def test_a_slice_of_one_answer_is_not_paused_for_lack_of_variation(queue):
    rate(queue, "refund", [("good", "good")], 36)
    rate(queue, "refund", UNRELATED[1:2], 4)
    rate(queue, "greeting", ALIKE, 10)

    assert sweep(queue) == 0


def measured_slice(**changes: Any) -> list[dict[str, Any]]:
    alpha = {"value": 0.1, "low": -0.1, "high": 0.3}
    one = {"dimension": "intent", "value": "refund", "n_items": 40, "n_rare": 20}
    return [
        {
            "criterion": "quality",
            "title": "Quality",
            "slices": [one | {"alpha": alpha} | changes],
        }
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"n_rare": 4},
        {"alpha": {"value": None, "low": None, "high": None}},
        {"value": "x" * 201},
    ],
)
def test_a_slice_of_which_too_little_is_known_is_not_weak(queue, changes):
    assert [one.value for one in find_weak(facts(queue), measured_slice())] == [
        "refund"
    ]
    assert not list(find_weak(facts(queue), measured_slice(**changes)))


def test_a_lead_resumes_the_slice_with_a_reason(split, cast):
    item = wait(split, "refund")
    sweep(split)

    close(RubricReview.objects.get(), cast.lea)
    settle_slices(now=NOW + HOUR)

    review = RubricReview.objects.get()
    assert (review.closed_by, review.note) == (cast.lea, "The anchor was unclear.")
    assert states(item) == {SlotState.OPEN}


def test_a_review_is_not_closed_without_a_reason_or_twice(split, cast):
    sweep(split)
    review = RubricReview.objects.get()

    with pytest.raises(NoteMissing):
        close(review, cast.lea, note=" \x00 ")
    close(review, cast.lea)
    with pytest.raises(AlreadyClosed):
        close(review, cast.lea)


def test_a_decision_holds_until_as_many_more_items_are_in(split, cast):
    sweep(split)
    close(RubricReview.objects.get(), cast.lea)

    rate(split, "refund", UNRELATED, 29)
    assert sweep(split, NOW + 2 * HOUR) == 0
    rate(split, "refund", UNRELATED, 1)
    assert sweep(split, NOW + 3 * HOUR) == 1

    assert RubricReview.objects.get(closed_at=None).n_items == 70


def test_a_new_rubric_version_closes_the_review_and_resumes_the_slice(split):
    item = wait(split, "refund")
    sweep(split)

    split.rubric_version = next_version(split.rubric_version)
    split.save()
    assert review_slices(now=NOW + HOUR) == 1
    settle_slices(now=NOW + HOUR)

    review = RubricReview.objects.get()
    assert (review.closed_by, review.note) == (None, SUPERSEDED)
    assert states(item) == {SlotState.OPEN}


def test_a_floor_that_is_taken_away_leaves_the_decision_to_the_lead(split):
    sweep(split)

    split.slice_floor = None
    split.save()
    sweep(split)

    assert RubricReview.objects.filter(closed_at=None).exists()


def test_what_a_review_was_opened_for_stays(split, cast):
    sweep(split)
    review = RubricReview.objects.filter()

    with pytest.raises(DatabaseError, match="opened for"), transaction.atomic():
        review.update(floor=0.1)
    close(review.get(), cast.lea)
    with pytest.raises(DatabaseError, match="as it was closed"), transaction.atomic():
        review.update(note="Something else.")
    with pytest.raises(DatabaseError, match="as it was closed"), transaction.atomic():
        review.delete()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({}, "rubricreview_one_open"),
        ({"value": "x", "closed_at": NOW}, "rubricreview_closed_with_note"),
    ],
)
def test_the_database_refuses_impossible_reviews(split, changes, constraint):
    sweep(split)
    values: dict[str, Any] = {
        "dimension": "intent",
        "value": "refund",
        "floor": 0.5,
        "findings": [],
        "n_items": 40,
        "opened_at": NOW,
    }

    with pytest.raises(IntegrityError, match=constraint):
        RubricReview.objects.create(
            queue=split, rubric_version=split.rubric_version, **values | changes
        )


def test_closed_reviews_come_after_the_open_ones(split, cast):
    sweep(split)
    close(RubricReview.objects.get(), cast.lea)
    rate(split, "refund", UNRELATED, 30)
    sweep(split, NOW + 2 * HOUR)

    rows = list_reviews(queue_id=split.pk, version_id=split.rubric_version_id)

    assert [row.closed_by for row in rows] == [None, "lea"]


# The pages.


@pytest.fixture
def lea(client, cast):
    client.force_login(cast.lea.user)
    return client


def url(name: str, *more: Any) -> str:
    return reverse(name, args=["shop", "answers", *more])


def test_the_agreement_page_says_which_slice_is_on_hold_and_why(split, lea):
    sweep(split)

    page = lea.get(url("calibration:agreement")).text

    assert "Slices on hold" in page
    assert "Intent: refund" in page
    assert "under the floor of .500" in page


def test_the_agreement_page_of_a_sound_queue_says_nothing_of_slices(queue, lea):
    rate(queue, "greeting", ALIKE, 10)
    sweep(queue)

    assert "Slices on hold" not in lea.get(url("calibration:agreement")).text


def test_the_overview_tells_the_lead(split, lea):
    sweep(split)
    wait(split, "refund")

    page = lea.get(reverse("reviews:project", args=["shop"])).text

    assert "Intent “refund” on hold in Answers: review the rubric" in page
    assert "2 on hold" in page


def test_the_page_resumes_a_slice(split, lea):
    sweep(split)
    closure = url("calibration:rubric_review_closure", RubricReview.objects.get().pk)

    answer = lea.post(closure, {"note": "We talked it over."}, follow=True)

    assert "The slice is dealt again within a minute." in answer.text
    assert "We talked it over." in answer.text
    assert not RubricReview.objects.filter(closed_at=None).exists()


def test_the_page_asks_for_a_reason(split, lea):
    sweep(split)
    closure = url("calibration:rubric_review_closure", RubricReview.objects.get().pk)

    answer = lea.post(closure, {"note": ""}, follow=True)

    assert "Say why the slice may go on" in answer.text
    assert RubricReview.objects.filter(closed_at=None).exists()


def test_a_review_of_another_queue_is_not_there(split, lea, cast):
    sweep(split)
    make_queue(cast.project, split.rubric_version, "second")
    review = RubricReview.objects.get()
    elsewhere = reverse(
        "calibration:rubric_review_closure", args=["shop", "second", review.pk]
    )

    assert lea.post(elsewhere, {"note": "x"}).status_code == 404


def test_the_agreement_page_says_how_labels_are_made(split, lea):
    sweep(split)

    page = lea.get(url("calibration:agreement")).text

    assert "The queue asks for the gold-weighted majority" in page
    assert "quality: 0 gold answers, of 10 that it takes" in page


def test_a_page_of_slots_counts_what_is_held(split, lea):
    wait(split, "refund")
    sweep(split)

    page = lea.get(reverse("reviews:queue", args=["shop", "answers"])).text

    assert Slot.objects.filter(state=SlotState.HELD).count() == 2
    assert "2 on hold" in page
