"""The agreement page: a measurement in the words and places it is shown in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calibration.formats.agreement import RELIABLE, TENTATIVE, figure, verdict
from calibration.queries.criteria import get_version
from calibration.queries.ratings import count_open_disputes, list_judged_versions
from calibration.queries.snapshots import SnapshotFacts, get_snapshot
from reviews.queries.queues import QueueFacts

# More raters than this make a table that nobody reads.
MOST_RATERS = 12


@dataclass(frozen=True)
class Mark:
    """A place on the scale from 0 to 1, in hundredths from the left."""

    at: float
    figure: str


@dataclass(frozen=True)
class KappaRow:
    rater: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class CriterionRow:
    key: str
    title: str
    level: str
    alpha: str
    limits: str
    verdict: str
    verdict_note: str
    # How the verdict is coloured: good, warn or bad.
    tone: str
    reason: str
    mark: Mark | None
    low: float
    width: float
    n_items: int
    n_ratings: int
    n_raters: int
    percent: str
    mean_kappa: str
    mean_kappa_note: str
    weights: str
    raters: tuple[str, ...]
    kappas: tuple[KappaRow, ...]


@dataclass(frozen=True)
class VersionTab:
    number: int
    is_shown: bool


@dataclass(frozen=True)
class AgreementPage:
    rubric: str
    version: int
    tabs: tuple[VersionTab, ...]
    bars: tuple[Mark, ...]
    computed_at: datetime | None
    n_judgments: int
    n_newer: int
    is_behind: bool
    rows: tuple[CriterionRow, ...]
    left_out: tuple[str, ...]
    n_open_disputes: int


class UnknownPage(Exception):
    """The queue has no judgments under that version."""


def get_agreement_page(queue: QueueFacts, number: int | None) -> AgreementPage:
    """Of one rubric version, by default that of the queue."""
    judged = {one.number: one for one in list_judged_versions(queue.id)}
    version_id = queue.rubric_version_id
    if number is not None:
        if number not in judged:
            raise UnknownPage(f"no judgments under version {number}")
        version_id = judged[number].version_id
    version = get_version(version_id)
    shown = version.rubric.number
    snapshot = get_snapshot(queue_id=queue.id, version_id=version_id)
    return AgreementPage(
        rubric=version.rubric.slug,
        version=shown,
        tabs=tuple(VersionTab(one, one == shown) for one in sorted({*judged, shown})),
        bars=_bars(queue.agreement_bar),
        computed_at=snapshot.computed_at if snapshot else None,
        n_judgments=snapshot.n_judgments if snapshot else 0,
        n_newer=snapshot.n_newer if snapshot else 0,
        is_behind=snapshot.is_behind if snapshot else shown in judged,
        rows=_rows(snapshot, queue.agreement_bar),
        left_out=tuple(snapshot.agreement["left_out"]) if snapshot else (),
        n_open_disputes=count_open_disputes(queue_id=queue.id, version_id=version_id),
    )


def _bars(bar: float) -> tuple[Mark, ...]:
    return tuple(
        Mark(round(100 * value, 1), figure(value))
        for value in sorted({bar, TENTATIVE, RELIABLE})
    )


def _rows(snapshot: SnapshotFacts | None, bar: float) -> tuple[CriterionRow, ...]:
    entries = snapshot.agreement["criteria"] if snapshot else []
    return tuple(_row(entry, bar) for entry in entries)


def _row(entry: dict[str, Any], bar: float) -> CriterionRow:
    alpha = entry["alpha"]
    value, low, high = alpha["value"], alpha["low"], alpha["high"]
    raters, kappas = _matrix(entry["cohen_kappa"])
    left = _place(low)
    word, _, note = verdict(value, low, bar).partition(": ")
    return CriterionRow(
        key=entry["criterion"],
        title=entry["title"],
        level=entry["level"],
        alpha=figure(value),
        limits="" if low is None else f"{figure(low)} to {figure(high)}",
        verdict=word,
        verdict_note=note,
        tone=_tone(low, bar),
        reason=alpha["reason"] or "",
        mark=None if value is None else Mark(_place(value), figure(value)),
        low=left,
        width=round(_place(high) - left, 1),
        n_items=entry["n_items"],
        n_ratings=entry["n_ratings"],
        n_raters=entry["n_raters"],
        percent=figure(entry["percent_agreement"]["value"]),
        mean_kappa=figure(entry["mean_kappa"]["value"]),
        mean_kappa_note=entry["mean_kappa"]["reason"] or "",
        weights=entry["kappa_weights"],
        raters=raters,
        kappas=kappas,
    )


def _place(value: float | None) -> float:
    return round(100 * min(max(value or 0.0, 0.0), 1.0), 1)


def _tone(low: float | None, bar: float) -> str:
    if low is None or low < bar:
        return "bad"
    return "good" if low >= RELIABLE else "warn"


def _matrix(
    pairs: list[dict[str, Any]],
) -> tuple[tuple[str, ...], tuple[KappaRow, ...]]:
    found = {tuple(pair["raters"]): figure(pair["value"]) for pair in pairs}
    raters = sorted({rater for pair in found for rater in pair})
    if len(raters) > MOST_RATERS:
        return (), ()
    rows = tuple(
        KappaRow(
            rater=row,
            cells=tuple(
                found.get((row, column)) or found.get((column, row)) or ""
                for column in raters
            ),
        )
        for row in raters
    )
    return tuple(raters), rows
