"""The newest measurement of a queue, and whether it is behind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.fields.json import KT

from calibration.models import AgreementSnapshot
from calibration.queries.ratings import (
    count_adjudications,
    count_judgments,
    count_taken_back,
)
from reviews.models import Erasure

# What a measurement may have drawn.
CHARTS = ("forest", "forest-narrow", "over-time", "over-time-narrow")


@dataclass(frozen=True)
class SnapshotFacts:
    """A measurement as it was made, and what has arrived since."""

    computed_at: datetime
    agreement: dict[str, Any]
    # Slices, windows, confusions; none before they were measured at all.
    breakdown: dict[str, Any] | None
    # How the labels came about; none before that was kept.
    labels: dict[str, Any] | None
    drawn: tuple[str, ...]
    n_cases: int
    left_out: dict[str, int]
    # Both again, and how the cases fall over labels.
    cases: dict[str, Any]
    # Why agreement alone would refuse to be frozen.
    blocks: tuple[str, ...]
    n_judgments: int
    n_newer: int
    is_behind: bool


def get_snapshot(*, queue_id: int, version_id: int) -> SnapshotFacts | None:
    # The pictures stay in the database: they are asked for one by one.
    row = (
        _newest(queue_id, version_id)
        .values(
            "computed_at",
            "n_judgments",
            agreement=F("results__agreement"),
            breakdown=F("results__breakdown"),
            drawn=F("results__drawn"),
            cases=F("results__cases"),
            n_settled=F("results__n_adjudications"),
            n_taken_back=F("results__n_taken_back"),
            bar=F("queue__agreement_bar"),
            reliable_bar=F("queue__reliable_bar"),
            labels=F("results__labels"),
            label_method=F("queue__label_method"),
            label_floor=F("queue__label_confidence_floor"),
            overlap=F("queue__overlap"),
        )
        .first()
    )
    if row is None:
        return None
    n_now = count_judgments(queue_id=queue_id, version_id=version_id)
    n_settled = count_adjudications(queue_id=queue_id, version_id=version_id)
    n_taken_back = count_taken_back(queue_id=queue_id, version_id=version_id)
    return SnapshotFacts(
        computed_at=row["computed_at"],
        agreement=row["agreement"],
        breakdown=row["breakdown"],
        labels=row["labels"],
        drawn=tuple(row["drawn"] or ()),
        n_cases=row["cases"]["n_cases"],
        left_out=row["cases"]["left_out"],
        cases=row["cases"],
        blocks=tuple(row["cases"]["blocks"]),
        n_judgments=row["n_judgments"],
        n_newer=n_now - row["n_judgments"],
        is_behind=n_now != row["n_judgments"]
        or n_settled != row["n_settled"]
        # None in a measurement from before any could be taken back.
        or n_taken_back != (row["n_taken_back"] or 0)
        or _bars(row) != _bars(row["agreement"])
        or row["breakdown"] is None
        or _is_labelled_otherwise(row)
        or _is_counted_otherwise(row, queue_id),
    )


def _bars(of: Mapping[str, Any]) -> tuple[float, float]:
    return of["bar"], of["reliable_bar"]


def _is_labelled_otherwise(row: Mapping[str, Any]) -> bool:
    """Since the queue's method or floor changed, or before labels were looked at."""
    made = row["labels"] or {}
    asked = row["label_method"], row["label_floor"]
    return (made.get("method"), made.get("confidence_floor")) != asked


def _is_counted_otherwise(row: Mapping[str, Any], queue_id: int) -> bool:
    """Since an item was erased or the overlap changed, or before labels were counted."""
    counted = row["cases"]
    erased = Erasure.objects.filter(item__project__queues=queue_id)
    asked = row["overlap"], erased.count()
    return (counted.get("overlap"), counted.get("erased")) != asked


def get_chart(*, queue_id: int, version_id: int, name: str) -> str | None:
    """SVG, as it was drawn with the newest measurement."""
    if name not in CHARTS:
        return None
    rows = _newest(queue_id, version_id).annotate(svg=KT(f"results__charts__{name}"))
    return rows.values_list("svg", flat=True).first()


def _newest(queue_id: int, version_id: int) -> QuerySet[AgreementSnapshot]:
    # One of an older form lacks what pages read: it counts as none, and is made anew.
    return AgreementSnapshot.objects.filter(
        queue_id=queue_id,
        rubric_version_id=version_id,
        results__agreement__has_key="reliable_bar",
    ).order_by("-computed_at", "-pk")
