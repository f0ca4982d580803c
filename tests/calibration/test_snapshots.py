"""Snapshots: made by the sweep, stamped, and told when they are behind."""

from datetime import timedelta
from typing import Any

import pytest

from calibration.models import AgreementSnapshot
from calibration.queries.snapshots import get_snapshot
from calibration.services.snapshots import refresh_agreement, refresh_stale_queues
from calibration.tasks import measure_stale_queues
from labeling.models import Judgment
from reviews.models import Item, Queue
from tests.calibration.makers import (
    make_adjudication,
    make_agreeing_queue,
    make_dispute,
    next_version,
)
from tests.factories import NOW, make_rated_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue():
    return make_agreeing_queue()


def newest(queue: Queue) -> Any:
    return get_snapshot(queue_id=queue.pk, version_id=queue.rubric_version_id)


def rate_one_more(queue: Queue) -> Item:
    ann = queue.project.members.get(handle="ann.lee")
    return make_rated_item(queue, {ann: {"quality": "bad"}})


def test_a_queue_that_was_never_measured_has_no_snapshot(queue):
    assert newest(queue) is None


def test_a_snapshot_holds_agreement_and_what_would_be_frozen(queue):
    refresh_agreement(queue_id=queue.pk, now=NOW)

    snapshot = newest(queue)
    assert snapshot.agreement["criteria"][0]["alpha"]["value"] == 1.0
    assert (snapshot.n_judgments, snapshot.n_cases, snapshot.blocks) == (40, 20, ())
    assert not snapshot.is_behind


def test_a_newer_judgment_leaves_the_snapshot_behind(queue):
    refresh_agreement(queue_id=queue.pk, now=NOW)
    rate_one_more(queue)

    assert (newest(queue).n_newer, newest(queue).is_behind) == (1, True)


def test_an_adjudication_leaves_the_snapshot_behind(queue):
    refresh_agreement(queue_id=queue.pk, now=NOW)
    item = queue.project.items.first()
    member = queue.project.members.first()
    make_adjudication(make_dispute(queue, item), member, "bad")

    assert newest(queue).is_behind


def test_a_snapshot_is_behind_when_one_is_taken_back_and_another_given(queue):
    refresh_agreement(queue_id=queue.pk, now=NOW)

    Judgment.objects.filter(pk=Judgment.objects.earliest("pk").pk).update(
        withdrawn_at=NOW, left_out="WITHDRAWN", counts=False
    )
    rate_one_more(queue)

    assert (newest(queue).n_newer, newest(queue).is_behind) == (0, True)


def test_the_sweep_measures_what_is_behind_and_nothing_else(queue):
    later = NOW + timedelta(minutes=1)

    first = refresh_stale_queues(now=NOW)
    second = refresh_stale_queues(now=later)
    rate_one_more(queue)
    third = refresh_stale_queues(now=later)

    assert (first, second, third) == (1, 0, 1)
    assert newest(queue).computed_at == later


def test_the_sweep_measures_every_version_with_judgments(queue):
    queue.rubric_version = next_version(queue.rubric_version)
    queue.save(update_fields=["rubric_version"])
    rate_one_more(queue)

    measure_stale_queues()

    numbers = AgreementSnapshot.objects.values_list("rubric_version__number", flat=True)
    assert sorted(numbers) == [1, 2]
