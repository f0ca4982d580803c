"""A slice under its floor pauses itself, and asks for a look at the rubric."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from calibration.formats.agreement import figure, limits
from calibration.models import RubricReview
from calibration.queries.snapshots import get_snapshot
from calibration.services.breakdown import FEW_RARE
from reviews.models import Queue
from reviews.queries.queues import QueueFacts, get_queue
from reviews.services.slices import pause_slice, resume_slice

Json = dict[str, Any]
SUPERSEDED = "The queue went on to another rubric version."
NOTE_LENGTH = 2000
LONGEST_VALUE = 200


class NoteMissing(Exception):
    """A review is closed with a reason."""


class UnknownReview(Exception):
    """There is no such review of this queue."""


class AlreadyClosed(Exception):
    """The review is closed, and stays as it was closed."""


@dataclass(frozen=True)
class WeakSlice:
    dimension: str
    value: str
    # By criterion: alpha with its limits, and the items it is of.
    findings: tuple[Json, ...]

    @property
    def n_items(self) -> int:
        return int(max(one["n_items"] for one in self.findings))

    def because(self, floor: float) -> str:
        found = "; ".join(
            f"{one['title']}: alpha {limits(one)} over {one['n_items']} items"
            for one in self.findings
        )
        return f"{found}. The floor is {figure(floor)}."


def review_slices(*, now: datetime) -> int:
    """Open and close reviews as the newest measurements and rubrics say; how many.

    A slice is weak where even the upper limit of its alpha is under the floor of the
    queue: work stops on what is so, not on what may be chance.
    """
    is_open = RubricReview.objects.filter(queue=OuterRef("pk"), closed_at=None)
    queues = Queue.objects.filter(Q(slice_floor__isnull=False) | Exists(is_open))
    n_changed = 0
    for queue in queues.order_by("pk"):
        n_changed += _close_superseded(queue, now) + _open_weak(queue, now)
    return n_changed


def find_weak(queue: QueueFacts, criteria: list[Json]) -> Iterator[WeakSlice]:
    """Of a measurement by slice; the slices of one dimension never overlap."""
    floor = queue.slice_floor
    if floor is None:
        return
    weak: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for criterion in criteria:
        for one in criterion["slices"]:
            if _is_known(one, queue) and one["alpha"]["high"] < floor:
                found = {name: one["alpha"][name] for name in ("value", "low", "high")}
                weak[one["dimension"], one["value"]].append(
                    {"criterion": criterion["criterion"], "title": criterion["title"]}
                    | {"n_items": one["n_items"], **found}
                )
    for (dimension, value), findings in sorted(weak.items()):
        worst_first = sorted(findings, key=lambda one: (one["value"], one["criterion"]))
        yield WeakSlice(dimension, value, tuple(worst_first))


def _is_known(found: Json, queue: QueueFacts) -> bool:
    return (
        found["n_items"] >= queue.slice_minimum
        and found["n_rare"] >= FEW_RARE
        and found["alpha"]["high"] is not None
        # An intent is whatever was ingested; a longer one is no name of a slice.
        and len(found["value"]) <= LONGEST_VALUE
    )


def _open_weak(queue: Queue, now: datetime) -> int:
    if queue.slice_floor is None:
        return 0
    facts = get_queue(project_id=queue.project_id, slug=queue.slug)
    snapshot = get_snapshot(queue_id=facts.id, version_id=facts.rubric_version_id)
    if snapshot is None or snapshot.breakdown is None:
        return 0
    weak = find_weak(facts, snapshot.breakdown["criteria"])
    return sum(_open(facts, one, now) for one in weak)


@transaction.atomic
def _open(queue: QueueFacts, weak: WeakSlice, now: datetime) -> bool:
    # Two sweeps at once must not both open one.
    Queue.objects.select_for_update(no_key=True).get(pk=queue.id)
    newest = (
        RubricReview.objects.filter(
            queue_id=queue.id,
            rubric_version_id=queue.rubric_version_id,
            dimension=weak.dimension,
            value=weak.value,
        )
        .order_by("-opened_at", "-pk")
        .first()
    )
    if newest is not None and (
        newest.closed_at is None or weak.n_items < newest.n_items + queue.slice_minimum
    ):
        return False
    floor = queue.slice_floor or 0.0
    RubricReview.objects.create(
        queue_id=queue.id,
        rubric_version_id=queue.rubric_version_id,
        dimension=weak.dimension,
        value=weak.value,
        floor=floor,
        findings=list(weak.findings),
        n_items=weak.n_items,
        opened_at=now,
    )
    pause_slice(
        queue_id=queue.id,
        dimension=weak.dimension,
        value=weak.value,
        because=weak.because(floor),
        now=now,
    )
    return True


@transaction.atomic
def _close_superseded(queue: Queue, now: datetime) -> int:
    """What another version is blamed for says nothing about the one in force."""
    reviews = RubricReview.objects.select_for_update().filter(
        queue=queue, closed_at=None
    )
    former = list(reviews.exclude(rubric_version=queue.rubric_version_id))
    for review in former:
        _close(review, None, SUPERSEDED, now)
    return len(former)


@transaction.atomic
def close_review(
    *, review_id: int, queue_id: int, closed_by_id: int, note: str, now: datetime
) -> None:
    """A lead has looked: the slice is dealt again, and the note says why."""
    # The database keeps no NUL.
    note = note.replace("\x00", "").strip()[:NOTE_LENGTH]
    if not note:
        raise NoteMissing("Say why the slice may go on: it stays on record.")
    found = RubricReview.objects.select_for_update().filter(queue_id=queue_id)
    review = found.filter(pk=review_id).first()
    if review is None:
        raise UnknownReview(str(review_id))
    if review.closed_at is not None:
        raise AlreadyClosed("The slice goes on already.")
    _close(review, closed_by_id, note, now)


def _close(
    review: RubricReview, closed_by_id: int | None, note: str, now: datetime
) -> None:
    review.closed_at, review.closed_by_id, review.note = now, closed_by_id, note
    review.save(update_fields=["closed_at", "closed_by", "note"])
    resume_slice(
        queue_id=review.queue_id,
        dimension=review.dimension,
        value=review.value,
        now=now,
    )
