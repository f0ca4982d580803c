"""Reviews of a rubric that slices under their floor ask for."""

from dataclasses import dataclass
from datetime import datetime

from calibration.formats.agreement import figure, limits
from calibration.models import RubricReview

# Closed ones, on the page.
MOST_CLOSED = 10


@dataclass(frozen=True)
class Finding:
    key: str
    title: str
    alpha: str
    n_items: int


@dataclass(frozen=True)
class ReviewRow:
    id: int
    dimension: str
    value: str
    floor: str
    findings: tuple[Finding, ...]
    opened_at: datetime
    # None while it is open.
    closed_at: datetime | None
    # None where another rubric version closed it.
    closed_by: str | None
    note: str


@dataclass(frozen=True)
class PausedSlice:
    queue: str
    queue_title: str
    dimension: str
    value: str


def list_reviews(*, queue_id: int, version_id: int) -> tuple[ReviewRow, ...]:
    """The open ones first, then the last closed."""
    found = RubricReview.objects.filter(
        queue_id=queue_id, rubric_version_id=version_id
    ).select_related("closed_by")
    still_open = found.filter(closed_at=None).order_by("opened_at", "pk")
    closed = found.filter(closed_at__isnull=False).order_by("-closed_at", "-pk")
    return tuple(_row(review) for review in (*still_open, *closed[:MOST_CLOSED]))


def list_paused_slices(project_id: int) -> list[PausedSlice]:
    rows = (
        RubricReview.objects.filter(queue__project_id=project_id, closed_at=None)
        .order_by("queue__title", "opened_at", "pk")
        .values_list("queue__slug", "queue__title", "dimension", "value")
    )
    return [PausedSlice(*row) for row in rows]


def _row(review: RubricReview) -> ReviewRow:
    return ReviewRow(
        id=review.pk,
        dimension=review.dimension,
        value=review.value,
        floor=figure(review.floor),
        findings=tuple(
            Finding(one["criterion"], one["title"], limits(one), one["n_items"])
            for one in review.findings
        ),
        opened_at=review.opened_at,
        closed_at=review.closed_at,
        closed_by=review.closed_by.handle if review.closed_by else None,
        note=review.note,
    )
