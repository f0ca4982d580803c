"""Who wrote this? Asked after a batch, of a tenth, where the lead wants to know."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from labeling.models import Guess
from labeling.queries.guesses import is_drawn
from reviews.models import Assignment, Queue
from tests.factories import (
    make_assignment,
    make_batch,
    make_item,
    make_judgment,
    make_queue,
    make_rubric,
    make_slots,
)

SYSTEMS = ["Heron", "Osprey", "Wren", "dont-know"]


def ids(is_wanted: bool) -> Iterator[UUID]:
    """Ids that are drawn for a guess, or that are not."""
    every = (UUID(int=number) for number in range(10_000))
    return (one for one in every if is_drawn(one) is is_wanted)


@pytest.fixture
def queue(cast):
    return make_queue(
        cast.project,
        make_rubric(cast.project),
        reviewers=[cast.ada],
        guess_systems=SYSTEMS,
    )


def judged_batch(queue: Queue, reviewer: Any, *wanted: bool) -> list[Assignment]:
    """A batch that is done; of which items a guess is drawn."""
    batch = make_batch(queue, reviewer, len(wanted))
    numbers = {True: ids(True), False: ids(False)}
    given = []
    for is_wanted in wanted:
        item = make_item(queue.project, provenance={"model": "Kestrel"})
        slot = make_slots(queue, item)[0]
        one = make_assignment(batch, item, slot, public_id=next(numbers[is_wanted]))
        make_judgment(one, quality="good")
        given.append(one)
    return given


@pytest.fixture
def ada(client, cast):
    client.force_login(cast.ada.user)
    return client


def guess_of(assignment: Assignment) -> str:
    return reverse("labeling:guess", args=[assignment.public_id])


def batch_of(assignment: Assignment) -> str:
    assert assignment.batch is not None
    return reverse("reviews:batch", args=[assignment.batch.public_id])


def test_about_a_tenth_is_drawn():
    drawn = sum(is_drawn(UUID(int=number)) for number in range(10_000))

    assert 850 < drawn < 1150


def test_a_finished_batch_leads_to_the_guess_of_what_is_drawn(ada, cast, queue):
    undrawn, drawn = judged_batch(queue, cast.ada, False, True)

    page = ada.get(batch_of(drawn)).text

    assert guess_of(drawn) in page
    assert guess_of(undrawn) not in page


def test_an_open_batch_asks_for_no_guess(ada, cast, queue):
    (drawn,) = judged_batch(queue, cast.ada, True)
    item = make_item(queue.project)
    assert drawn.batch is not None
    make_assignment(drawn.batch, item, make_slots(queue, item)[0])

    assert guess_of(drawn) not in ada.get(batch_of(drawn)).text
    assert ada.get(guess_of(drawn)).status_code == 404


def test_a_queue_that_lists_no_systems_asks_for_no_guess(ada, cast, queue):
    (drawn,) = judged_batch(queue, cast.ada, True)
    Queue.objects.update(guess_systems=[])

    assert "One more question" not in ada.get(batch_of(drawn)).text
    assert ada.get(guess_of(drawn)).status_code == 404


def test_the_page_names_the_systems_of_the_list_and_no_other(ada, cast, queue):
    (drawn,) = judged_batch(queue, cast.ada, True)

    page = ada.get(guess_of(drawn)).text

    assert all(name in page for name in SYSTEMS)
    assert "Kestrel" not in page


def test_the_order_of_the_systems_is_the_assignments_own(ada, cast, queue):
    given = judged_batch(queue, cast.ada, *[True] * 6)

    pages = [ada.get(guess_of(one)).context["page"].options for one in given]
    again = [ada.get(guess_of(one)).context["page"].options for one in given]

    assert pages == again
    assert len(set(pages)) > 1


@pytest.mark.parametrize(("choice", "kept"), [("1", None), ("dont-know", "")])
def test_a_guess_is_kept_once_with_its_options(ada, cast, queue, choice, kept):
    (drawn,) = judged_batch(queue, cast.ada, True)
    options = ada.get(guess_of(drawn)).context["page"].options

    answer = ada.post(guess_of(drawn), {"system": choice, "clue": "The tone"})
    again = ada.post(guess_of(drawn), {"system": "0"})

    guess = Guess.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, batch_of(drawn))
    assert again.status_code == 404
    assert guess.system == (options[1] if kept is None else kept)
    assert (tuple(guess.options), guess.clue) == (options, "The tone")


def test_one_guess_leads_to_the_next(ada, cast, queue):
    first, second = judged_batch(queue, cast.ada, True, True)

    answer = ada.post(guess_of(first), {"system": "dont-know"})

    assert answer["Location"] == guess_of(second)


@pytest.mark.parametrize("system", ["", "4", "Heron", "-1"])
def test_a_guess_is_one_of_the_options(ada, cast, queue, system):
    (drawn,) = judged_batch(queue, cast.ada, True)

    answer = ada.post(guess_of(drawn), {"system": system})

    assert answer.status_code == 422
    assert not Guess.objects.exists()


@pytest.mark.parametrize("who", ["ben", "lea"])
def test_nobody_guesses_for_another(client, cast, queue, who):
    (drawn,) = judged_batch(queue, cast.ada, True)
    client.force_login(getattr(cast, who).user)

    assert client.post(guess_of(drawn), {"system": "1"}).status_code == 404
    assert not Guess.objects.exists()
