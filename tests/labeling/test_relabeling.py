"""Moving a queue to a new version, and asking again for what was judged before."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from labeling.formats.rubrics import parse_rubric
from labeling.models import Judgment, RubricVersion
from labeling.services.adoption import AdoptionRefused, adopt_version
from labeling.services.rubrics import apply_rubric
from reviews.models import Assignment, Item, Queue, Seed, Slot, SlotState
from reviews.queries.relabeling import count_outdated
from reviews.services.batches import deal_batch
from reviews.services.queues import fit_slots
from reviews.services.relabeling import reopen_judged
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_judgment,
    make_member,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
    make_slots,
)

TEXT = """
rubric = "answer"
title = "Answer"
[[criterion]]
key = "quality"
title = "Quality"
level = "nominal"
option = [{ value = "good" }, { value = "bad" }]
"""


def publish(cast: Any, title: str = "Answer") -> RubricVersion:
    text = TEXT.replace('"Answer"', f'"{title}"')
    applied = apply_rubric(
        project_id=cast.project.pk, file=parse_rubric(text.encode()), now=NOW
    )
    return RubricVersion.objects.get(pk=applied.version_id)


@pytest.fixture
def queue(cast: Any) -> Queue:
    return make_queue(cast.project, publish(cast), reviewers=[cast.ada, cast.ben])


@pytest.fixture
def item(cast: Any, queue: Queue) -> Item:
    """One that ada and ben have judged under the first version."""
    item = make_item(cast.project)
    for slot, member in zip(make_slots(queue, item), (cast.ada, cast.ben), strict=True):
        assignment = make_assignment(make_batch(queue, member), item, slot)
        make_judgment(assignment, quality="good")
    return item


def adopt(queue: Queue, version: RubricVersion, *, reopens: bool = True) -> Any:
    adopted = adopt_version(
        project_id=queue.project_id,
        queue_id=queue.pk,
        version_id=version.pk,
        reopens=reopens,
        now=NOW + timedelta(hours=2),
        rng=Random(1),
    )
    queue.refresh_from_db()
    return adopted


def states_of(item: Item) -> list[tuple[int, str]]:
    return list(
        Slot.objects.filter(item=item).order_by("number").values_list("number", "state")
    )


def test_a_move_alone_asks_nobody_again(cast, queue, item):
    adopted = adopt(queue, publish(cast, "Second"), reopens=False)

    assert (adopted.is_moved, adopted.n_reopened) == (True, 0)
    assert str(queue.rubric_version) == "answer@2"
    assert states_of(item) == [(1, "FILLED"), (2, "FILLED")]
    assert count_outdated(queue_id=queue.pk, version_id=queue.rubric_version_id) == 1


def test_what_was_judged_waits_again_and_its_judgments_stay(cast, queue, item):
    adopted = adopt(queue, publish(cast, "Second"))

    assert adopted.n_reopened == 1
    assert states_of(item) == [
        (1, "OPEN"), (2, "OPEN"), (101, "WITHDRAWN"), (102, "WITHDRAWN"),
    ]  # fmt: skip
    assert Judgment.objects.filter(rubric_version__number=1).count() == 2
    assert count_outdated(queue_id=queue.pk, version_id=queue.rubric_version_id) == 0


def test_asking_again_twice_changes_nothing(cast, queue, item):
    adopt(queue, publish(cast, "Second"))

    adopted = adopt(queue, queue.rubric_version)

    assert adopted.n_reopened == 0
    assert len(states_of(item)) == 4


def test_what_waits_again_is_dealt_under_the_new_version(cast, queue, item):
    zoe = make_member(cast.project, "zoe")
    queue.panel.create(reviewer=zoe)
    adopt(queue, publish(cast, "Second"))

    deal_batch(queue_id=queue.pk, reviewer_id=zoe.pk, now=NOW, seed="s")

    assert str(Assignment.objects.get(reviewer=zoe).rubric_version) == "answer@2"


def test_one_reviewer_may_judge_an_item_once_under_each_version(cast, queue, item):
    adopt(queue, publish(cast, "Second"))
    slot = Slot.objects.get(item=item, number=1)

    assignment = make_assignment(make_batch(queue, cast.ada), item, slot)
    make_judgment(assignment, quality="bad")

    judged = Judgment.objects.filter(reviewer=cast.ada, counts=True)
    assert sorted(judged.values_list("rubric_version__number", flat=True)) == [1, 2]
    assert states_of(item)[0] == (1, "FILLED")


def test_a_third_version_can_ask_again_too(cast, queue, item):
    adopt(queue, publish(cast, "Second"))
    for number, member in ((1, cast.ada), (2, cast.ben)):
        slot = Slot.objects.get(item=item, number=number)
        make_judgment(
            make_assignment(make_batch(queue, member), item, slot), quality="bad"
        )

    adopt(queue, publish(cast, "Third"))

    assert states_of(item) == [
        (1, "OPEN"), (2, "OPEN"), (101, "WITHDRAWN"), (102, "WITHDRAWN"),
        (201, "WITHDRAWN"), (202, "WITHDRAWN"),
    ]  # fmt: skip


def test_more_overlap_afterwards_opens_no_superseded_place(cast, queue, item):
    adopt(queue, publish(cast, "Second"))
    Queue.objects.filter(pk=queue.pk).update(overlap=3)
    queue.refresh_from_db()

    fit_slots(queue, NOW, Random(1))

    waiting = Slot.objects.filter(item=item, state=SlotState.OPEN)
    assert sorted(waiting.values_list("number", flat=True)) == [1, 2, 3]


def test_what_is_in_hand_stays_in_hand(cast, queue):
    item = make_item(cast.project)
    first, second = make_slots(queue, item)
    done = make_assignment(make_batch(queue, cast.ada), item, first)
    make_judgment(done, quality="good")
    live = make_assignment(make_batch(queue, cast.ben), item, second)

    adopt(queue, publish(cast, "Second"))

    assert states_of(item) == [(1, "OPEN"), (2, "TAKEN"), (101, "WITHDRAWN")]
    judgment = make_judgment(live, quality="good")
    assert judgment.rubric_version.number == 1


def test_judgments_from_elsewhere_are_asked_for_again_too(cast, queue):
    raters = [make_rater(cast.project, name) for name in ("r1", "r2")]
    item = make_rated_item(queue, {rater: {"quality": "good"} for rater in raters})
    make_slots(queue, item)
    fit_slots(queue, NOW, Random(1))
    before = states_of(item)

    adopt(queue, publish(cast, "Second"))

    assert before == [(1, "FILLED"), (2, "FILLED")]
    assert states_of(item)[:2] == [(1, "OPEN"), (2, "OPEN")]


def test_gold_and_what_a_lead_withdrew_are_not_asked_for_again(cast, queue, item):
    Seed.objects.create(queue=queue, item=item, band="good", created_at=NOW)
    closed = make_item(cast.project)
    slot = make_slots(queue, closed)[0]
    make_judgment(
        make_assignment(make_batch(queue, cast.ada), closed, slot), quality="good"
    )
    Slot.objects.filter(item=closed).update(closed_at=NOW)

    adopted = adopt(queue, publish(cast, "Second"))

    assert adopted.n_reopened == 0


def test_nothing_is_asked_again_while_the_version_is_the_same(cast, queue, item):
    assert reopen_judged(queue_id=queue.pk, now=NOW, rng=Random(1)) == 0


def test_the_page_of_the_newest_version_offers_to_ask_again(
    cast, queue, item, client: Client
):
    client.force_login(cast.lea.user)
    publish(cast, "Second")
    page = reverse("labeling:rubric_version", args=["shop", "answer", 2])
    action = reverse("labeling:rubric_adoption", args=["shop", "answer", 2])

    before = client.get(page).text
    answer = client.post(action, {"queue": "answers", "do": "reopen"}, follow=True)

    assert "Move, and ask again for 1 item" in before
    assert "1 judged before wait to be judged under version 2" in answer.text
    queue.refresh_from_db()
    assert str(queue.rubric_version) == "answer@2"


def test_an_older_version_offers_no_move_to_itself(cast, queue, item, client: Client):
    client.force_login(cast.lea.user)
    publish(cast, "Second")

    page = client.get(reverse("labeling:rubric_version", args=["shop", "answer", 1]))

    assert "Move" not in page.text


def test_who_judged_under_the_old_version_is_asked_again(cast: Any, queue: Queue, item):
    adopt(queue, publish(cast, "Better answer"))

    for member in (cast.ada, cast.ben):
        deal_batch(
            queue_id=queue.pk,
            reviewer_id=member.pk,
            now=NOW + timedelta(hours=3),
            seed="again",
        )

    dealt = Assignment.objects.filter(item=item, status="LIVE")
    assert {one.reviewer_id for one in dealt} == {cast.ada.pk, cast.ben.pk}
    assert {one.rubric_version_id for one in dealt} == {queue.rubric_version_id}


def test_a_queue_moves_only_within_its_rubric(cast, queue):
    other = make_rubric(cast.project, "other")

    with pytest.raises(AdoptionRefused, match="another rubric than other"):
        adopt(queue, other)

    queue.refresh_from_db()
    assert str(queue.rubric_version) == "answer@1"


def test_a_stale_page_cannot_take_a_queue_back(cast, queue, client: Client):
    client.force_login(cast.lea.user)
    adopt(queue, publish(cast, "Second"), reopens=False)
    action = reverse("labeling:rubric_adoption", args=["shop", "answer", 1])

    page = client.post(action, {"queue": "answers", "do": "move"}, follow=True).text

    assert "Version 1 is not the newest of answer any more." in page
    queue.refresh_from_db()
    assert str(queue.rubric_version) == "answer@2"


def test_a_queue_whose_name_is_nonsense_is_not_found(cast, queue, client: Client):
    client.force_login(cast.lea.user)
    action = reverse("labeling:rubric_adoption", args=["shop", "answer", 1])

    assert client.post(action, {"queue": "\x00"}).status_code == 404
