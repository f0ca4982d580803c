"""What was erased comes back by no way, and nobody is given it."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from threading import Event, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from calibration.models import Feedback, GoldCase, GoldRating, Release
from calibration.services.erasures import erase_text
from calibration.services.freezing import FreezeRefused, freeze_release
from labeling.models import Criterion, Draft, Judgment
from reviews.models import (
    Assignment,
    Item,
    Member,
    PanelSeat,
    Presentable,
    Qualification,
    Queue,
    Seed,
    Slot,
    Unblinding,
)
from reviews.queries.qualifications import known_gold
from reviews.services.erasures import lock_erasing
from reviews.services.leases import SlotGone, renew_lease
from reviews.services.presentations import prepare_presentables
from reviews.services.queues import fit_slots
from reviews.services.seats import TakenSeat, take_seat
from reviews.services.seeding import pick_gold, pick_retests
from reviews.services.slices import pause_slice
from tests.calibration.makers import (
    facts,
    make_agreeing_queue,
    make_imported_judgment,
)
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

SECRET = "Ann Lee of 12 High Street"


def erase(item: Item) -> None:
    erase_text(item_id=item.pk, lead_id=None, reason="Asked for.", now=NOW)


@pytest.fixture
def queue(db) -> Queue:
    return make_agreeing_queue(n=20)


@pytest.fixture
def item(queue) -> Item:
    return Item.objects.filter(project=queue.project).order_by("pk")[2]


def put_in_hand(queue: Queue, item: Item, **changes: Any) -> Assignment:
    batch = make_batch(queue, make_member(queue.project, "cy"))
    return make_assignment(batch, item, make_slots(queue, item)[0], **changes)


def take(queue: Queue, reviewer: Member, **rates: Any) -> TakenSeat:
    PanelSeat.objects.get_or_create(queue=queue, reviewer=reviewer)
    seat = take_seat(queue_id=queue.pk, reviewer_id=reviewer.pk)
    assert seat is not None
    return replace(seat, **rates)


def states(item: Item) -> set[str]:
    return set(Slot.objects.filter(item=item).values_list("state", flat=True))


@pytest.mark.django_db
def test_an_erasure_takes_the_item_out_of_every_hand(queue, item):
    assignment = put_in_hand(queue, item)

    erase(item)

    assignment.refresh_from_db()
    assert assignment.status == "EXPIRED"
    assert states(item) == {"WITHDRAWN"}


@pytest.mark.django_db
def test_an_erased_item_is_not_put_back_into_a_hand(queue, item):
    assignment = put_in_hand(queue, item)
    erase(item)

    with pytest.raises(SlotGone, match="was erased"):
        renew_lease(assignment_id=assignment.pk, now=NOW)


@pytest.mark.django_db
def test_an_erased_item_is_not_judged_even_by_who_has_it_in_hand(queue, item):
    erase(item)
    batch = make_batch(queue, make_member(queue.project, "cy"))
    assignment = make_assignment(batch, item)

    with pytest.raises(IntegrityError, match="lease"), transaction.atomic():
        Judgment.objects.create(assignment=assignment, submitted_at=NOW, comment=SECRET)


@pytest.mark.django_db
def test_no_judgment_of_an_erased_item_is_imported(queue, item):
    erase(item)

    with pytest.raises(IntegrityError, match="was erased"), transaction.atomic():
        make_imported_judgment(queue, item, make_member(queue.project, "cy"))


@pytest.mark.django_db
def test_a_draft_of_an_erased_item_keeps_nothing(queue, item):
    assignment = put_in_hand(queue, item)
    erase(item)

    for _ in range(2):
        Draft.objects.update_or_create(
            assignment=assignment,
            defaults={"answers": {"comment": [SECRET]}, "saved_at": NOW},
        )

    assert Draft.objects.get(assignment=assignment).answers == {}


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["OPEN", "HELD", "ESCALATED"])
def test_a_slot_of_an_erased_item_never_opens_again(queue, item, state):
    make_slots(queue, item)
    erase(item)

    Slot.objects.filter(item=item).update(state=state)

    assert states(item) == {"WITHDRAWN"}


@pytest.mark.django_db
def test_a_slot_made_for_an_erased_item_is_closed(queue, item):
    erase(item)

    make_slots(queue, item)

    slots = Slot.objects.filter(item=item)
    assert set(slots.values_list("state", "closed_at")) == {("WITHDRAWN", NOW)}


@pytest.mark.django_db
def test_more_judgments_for_each_item_ask_none_of_an_erased_one(queue, item):
    make_judgment(put_in_hand(queue, item), quality="good")
    erase(item)
    queue.overlap = 5

    fit_slots(queue, NOW, Random(1))

    assert states(item) == {"FILLED", "WITHDRAWN"}


@pytest.mark.django_db
def test_an_erased_item_is_gold_to_nobody(queue, item):
    Seed.objects.create(
        queue=queue,
        item=item,
        band="good",
        rubric_version_id=queue.rubric_version_id,
        created_at=NOW,
    )
    seat = take(queue, make_member(queue.project, "cy"), gold_rate=1.0)
    before = pick_gold(seat, 5, NOW, Random(1))
    erase(item)
    # Whoever makes it gold again.
    Seed.objects.update(is_active=True)

    after = pick_gold(seat, 5, NOW, Random(1))

    assert (before, after) == ([item.pk], [])
    assert not known_gold(queue).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["OPEN", "HELD", "ESCALATED"])
def test_no_slot_of_an_erased_item_opens_also_in_a_slice_on_hold(queue, item, state):
    put_in_hand(queue, item)
    pause_slice(
        queue_id=queue.pk, dimension="kind", value="SINGLE", because="?", now=NOW
    )
    erase(item)
    slots = Slot.objects.filter(item=item)
    slots.update(state="FILLED")

    slots.update(state=state)

    assert set(slots.values_list("state", flat=True)) == {"WITHDRAWN"}


@pytest.mark.django_db
def test_an_erased_item_is_judged_a_second_time_by_nobody(queue, item):
    assignment = put_in_hand(queue, item)
    make_judgment(assignment, quality="good")
    other = Item.objects.filter(project=queue.project).order_by("pk")[3]
    batch = make_batch(queue, assignment.reviewer)
    make_judgment(
        make_assignment(batch, other, make_slots(queue, other)[0]), quality="bad"
    )
    later = NOW + timedelta(days=9)
    seat = take(
        queue,
        assignment.reviewer,
        retest_rate=1.0,
        retest_after_items=1,
        retest_after_days=0,
    )
    before = pick_retests(seat, 5, later, Random(1))
    erase(item)

    after = pick_retests(seat, 5, later, Random(1))

    assert (before, after) == ([item.pk], [])


@pytest.mark.django_db
def test_an_erasure_during_a_freeze_refuses_it(queue, item):
    def erase_at_last(step: str) -> None:
        if step.startswith("Publishing"):
            erase(item)

    with pytest.raises(FreezeRefused, match="erased in the meantime"):
        freeze_release(
            name="gate",
            queue=facts(queue),
            override="",
            frozen_by_id=None,
            now=NOW,
            on_step=erase_at_last,
        )

    assert not Release.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_erasure_waits_while_a_release_is_published(queue, item):
    erased = Event()

    def erase_elsewhere() -> None:
        try:
            erase(item)
            erased.set()
        finally:
            connection.close()

    other = Thread(target=erase_elsewhere)
    with transaction.atomic():
        lock_erasing(queue.project_id)
        other.start()
        was_erased = erased.wait(0.5)
    other.join()

    assert not was_erased
    assert erased.is_set()


@pytest.mark.django_db
def test_what_is_known_said_and_revealed_of_an_erased_item_goes_too():
    project = make_project()
    queue = make_queue(project, make_rubric(project, levels={"note": "TEXT"}))
    item = make_item(project)
    criterion = Criterion.objects.get(version=queue.rubric_version)
    known = GoldCase.objects.create(
        queue=queue,
        item=item,
        rubric_version=queue.rubric_version,
        rationale=SECRET,
        created_at=NOW,
    )
    GoldRating.objects.create(gold_case=known, criterion=criterion, value=SECRET)
    reviewer = make_member(project, "cy")
    attempt = Qualification.objects.create(
        queue=queue,
        reviewer=reviewer,
        number=1,
        size=1,
        pass_share=1.0,
        begun_at=NOW,
    )
    answer = {"criterion": criterion.pk, "is_right": True}
    feedback = Feedback.objects.create(
        qualification=attempt,
        assignment=make_assignment(make_batch(queue, reviewer), item),
        answers=[answer | {"said": SECRET, "known": SECRET}],
        rationale=SECRET,
    )
    Unblinding.objects.create(item=item, lead=reviewer, reason=SECRET, revealed_at=NOW)

    erase(item)

    feedback.refresh_from_db()
    assert feedback.answers == [answer | {"said": "[erased]", "known": "[erased]"}]
    assert feedback.rationale == ""
    assert GoldRating.objects.get().value == "[erased]"
    assert Unblinding.objects.get().reason == "[erased]"


@pytest.mark.django_db(transaction=True)
def test_what_is_made_ready_while_an_item_is_erased_says_nothing(queue, item):
    Presentable.objects.filter(item=item).delete()
    Item.objects.filter(pk=item.pk).update(
        content={"prompt": SECRET, "responses": [{"text": SECRET}]}
    )

    def make_ready_elsewhere() -> None:
        try:
            prepare_presentables(item_ids=[item.pk], now=NOW)
        finally:
            connection.close()

    other = Thread(target=make_ready_elsewhere)
    with transaction.atomic():
        erase(item)
        other.start()
        other.join(0.5)
    other.join()

    assert SECRET not in str(Presentable.objects.get(item=item).content)
