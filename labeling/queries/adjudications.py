"""What decisions taught: what caused the disputes, what the guidelines leave open."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from labeling.models import Adjudication, Cause

GAPS_SHOWN = 50

# What a lead can do about each.
ASKS = {
    Cause.AMBIGUOUS_RUBRIC: _("a clearer rubric: see the guideline gaps"),
    Cause.MISSED_DETAIL: _("more overlap, smaller batches, or a word with reviewers"),
    Cause.GENUINE_AMBIGUITY: _("nothing: people differ, and the label says how far"),
    Cause.WRONG_GOLD: _("another look at the gold cases"),
}


@dataclass(frozen=True)
class CauseRow:
    """A cause, the settled disputes that had it, and their share of all."""

    label: str
    n_disputes: int
    share: float
    asks_for: str


@dataclass(frozen=True)
class GuidelineGap:
    """What the guidelines of a criterion do not say, as an adjudicator put it."""

    text: str
    rubric: str
    version: int
    criterion: str
    dispute: UUID
    found_by: str
    found_at: datetime


def list_causes(*, project_id: int, queue: str | None) -> tuple[CauseRow, ...]:
    """The commonest first; empty while nothing is settled."""
    settled = _settled(project_id, queue)
    counts = dict(settled.values_list("cause").annotate(n=Count("pk")).order_by())
    total = sum(counts.values())
    rows = [
        CauseRow(
            label=gettext(cause.label),
            n_disputes=counts.get(cause, 0),
            share=counts.get(cause, 0) / total,
            asks_for=gettext(ASKS[cause]),
        )
        for cause in Cause
        if total
    ]
    return tuple(sorted(rows, key=lambda row: -row.n_disputes))


def list_guideline_gaps(
    *, project_id: int, queue: str | None = None, rubric: str | None = None
) -> tuple[GuidelineGap, ...]:
    """By rubric, the newest first."""
    gaps = _settled(project_id, queue).exclude(guideline_gap="")
    if rubric:
        gaps = gaps.filter(dispute__criterion__version__rubric__slug=rubric)
    rows = gaps.order_by(
        "dispute__criterion__version__rubric__slug", "-decided_at", "-pk"
    ).values_list(
        "guideline_gap",
        "dispute__criterion__version__rubric__slug",
        "dispute__criterion__version__number",
        "dispute__criterion__title",
        "dispute__public_id",
        "adjudicator__handle",
        "decided_at",
    )
    return tuple(GuidelineGap(*row) for row in rows[:GAPS_SHOWN])


def _settled(project_id: int, queue: str | None) -> QuerySet[Adjudication]:
    found = Adjudication.objects.filter(dispute__queue__project_id=project_id)
    return found.filter(dispute__queue__slug=queue) if queue else found
