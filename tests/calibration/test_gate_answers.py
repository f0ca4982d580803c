"""What the overview says of each queue: good enough to gate, or not yet."""

from typing import Any

import pytest

from calibration.queries.gate_answers import list_gate_answers
from calibration.services.snapshots import refresh_agreement
from tests.calibration.makers import make_agreeing_queue, make_dispute, make_table_queue
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue() -> Any:
    return make_agreeing_queue()


def measure(queue: Any) -> None:
    refresh_agreement(queue_id=queue.pk, now=NOW)


def answer(queue: Any) -> Any:
    return list_gate_answers(queue.project_id).get(queue.slug)


def test_a_queue_that_was_never_measured_has_no_answer(queue):
    assert answer(queue) is None


def test_a_queue_that_agrees_is_good_enough(queue):
    measure(queue)

    assert answer(queue).is_good


def test_a_figure_under_the_bar_is_refused():
    rows = {"ann.lee": "good bad good bad good", "bob": "bad good good bad bad"}
    queue = make_table_queue(rows, level="NOMINAL", options=("bad", "good"))
    measure(queue)

    assert answer(queue).n_refused > 0


def test_an_open_dispute_stands_in_the_way(queue):
    measure(queue)
    make_dispute(queue, queue.project.items.order_by("pk").first())

    assert not answer(queue).is_good
