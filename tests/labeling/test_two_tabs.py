"""Two tabs of one reviewer wait for each other, and never in a circle."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction

from labeling.services.withdrawals import take_back
from reviews.models import Assignment, AssignmentStatus, Member
from reviews.services.leases import renew_lease
from reviews.services.turns import extend_leases
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

LATER = NOW + timedelta(minutes=31)


@pytest.fixture
def held(cast: Any) -> list[Assignment]:
    """Three items in ada's hand."""
    queue = make_queue(cast.project, make_rubric(cast.project), reviewers=[cast.ada])
    batch = make_batch(queue, cast.ada, 3)
    items = [make_item(cast.project) for _ in range(3)]
    return [make_assignment(batch, item, make_slots(queue, item)[0]) for item in items]


def elsewhere(act: Callable[[], Any]) -> tuple[Thread, list[Any]]:
    """Do it on a connection of its own."""
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(act())
        finally:
            connection.close()

    other = Thread(target=run)
    other.start()
    return other, results


@pytest.mark.django_db(transaction=True)
def test_leases_are_made_longer_without_waiting_for_another_tab(held):
    batch = held[0].batch

    with transaction.atomic():
        Assignment.objects.select_for_update().get(pk=held[0].pk)
        other, extended = elsewhere(
            lambda: extend_leases(batch=batch.public_id, now=LATER)
        )
        other.join(5)
        so_far = list(extended)
    other.join()

    assert so_far == [2]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [take_back, renew_lease])
def test_the_reviewer_is_waited_for_before_what_they_hold(held, cast, act):
    make_judgment(held[0], quality="good")
    Assignment.objects.filter(pk=held[1].pk).update(status=AssignmentStatus.EXPIRED)

    with transaction.atomic():
        Member.objects.select_for_update().get(pk=cast.ada.pk)
        other, results = elsewhere(lambda: act(assignment_id=held[1].pk, now=NOW))
        other.join(0.5)
        free = len(Assignment.objects.select_for_update(skip_locked=True))
    other.join()

    assert free == 3
    assert len(results) == 1
