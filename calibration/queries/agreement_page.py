"""The agreement page: a measurement in the words and places it is shown in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calibration.formats.agreement import (
    bars_of,
    figure,
    items_wanted,
    limits,
    outcome,
    tone_of,
    unit_of,
)
from calibration.queries.agreement_tables import (
    KappaTable,
    SliceTable,
    WindowTable,
    kappa_table,
    slice_table,
    window_tables,
)
from calibration.queries.criteria import get_version
from calibration.queries.labels_made import LabelsMade, labels_made
from calibration.queries.ratings import (
    JudgedVersion,
    count_open_disputes,
    list_judged_versions,
)
from calibration.queries.rubric_evidence import (
    Evidence,
    Revision,
    get_revision,
    list_evidence,
)
from calibration.queries.rubric_reviews import ReviewRow, list_reviews
from calibration.queries.snapshots import SnapshotFacts, get_chart, get_snapshot
from labeling.queries.rubrics import RubricFacts
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]


@dataclass(frozen=True)
class CriterionRow:
    """A criterion, or a label of one that takes several."""

    key: str
    title: str
    level: str
    # "item", or "step" where each step is rated.
    unit: str
    is_label: bool
    alpha: str
    # What it says about the bar, why, and how that is coloured.
    outcome: str
    outcome_note: str
    tone: str
    n_items: int
    n_ratings: int
    n_raters: int
    percent: str
    ac: str
    mean_kappa: str
    weights: str
    # That one value dominates, in words; empty where none does.
    warning: str
    # About so many items would bring the interval to .10 on either side.
    n_wanted: int | None
    # Of a criterion that takes several: its labels, and those short of the bar.
    n_labels: int
    n_labels_short: int


@dataclass(frozen=True)
class Answer:
    """Are we good enough to gate, and which criterion is worst?"""

    is_good: bool
    # Of what the gate reads, how much it would refuse.
    n_under: int
    n_undefined: int
    n_read: int
    n_open_disputes: int
    # None where nothing was rated twice.
    worst: Evidence | None


@dataclass(frozen=True)
class VersionTab:
    number: int
    is_shown: bool


@dataclass(frozen=True)
class Measured:
    """What a measurement says."""

    computed_at: datetime
    n_judgments: int
    n_newer: int
    answer: Answer
    rows: tuple[CriterionRow, ...]
    labels: tuple[CriterionRow, ...]
    n_unused_labels: int
    left_out: tuple[str, ...]
    charts: tuple[str, ...]
    kappas: tuple[KappaTable, ...]
    label_kappas: tuple[KappaTable, ...]
    slices: SliceTable
    windows: tuple[WindowTable, ...]
    labels_made: LabelsMade | None
    evidence: tuple[Evidence, ...]
    revision: Revision | None


@dataclass(frozen=True)
class AgreementPage:
    rubric: str
    version: int
    # Whether the queue is on a newer version than the one shown.
    is_former: bool
    tabs: tuple[VersionTab, ...]
    bars: tuple[str, ...]
    is_behind: bool
    n_open_disputes: int
    # Of slices under their floor, the open ones first.
    reviews: tuple[ReviewRow, ...]
    # None until the first measurement.
    measured: Measured | None

    @property
    def n_closed_reviews(self) -> int:
        return sum(one.closed_at is not None for one in self.reviews)


class UnknownPage(Exception):
    """The queue has no judgments under that version."""


def get_agreement_page(queue: QueueFacts, number: int | None) -> AgreementPage:
    """Of one rubric version, by default that of the queue."""
    judged = list_judged_versions(queue.id)
    version_id = _version_id(queue, judged, number)
    rubric = get_version(version_id).rubric
    numbers = sorted({*(one.number for one in judged), rubric.number})
    n_open = count_open_disputes(queue_id=queue.id, version_id=version_id)
    snapshot = get_snapshot(queue_id=queue.id, version_id=version_id)
    has_judgments = any(one.version_id == version_id for one in judged)
    return AgreementPage(
        rubric=rubric.slug,
        version=rubric.number,
        is_former=version_id != queue.rubric_version_id,
        tabs=tuple(VersionTab(one, one == rubric.number) for one in numbers),
        bars=_bars(queue, snapshot),
        is_behind=snapshot.is_behind if snapshot else has_judgments,
        n_open_disputes=n_open,
        reviews=list_reviews(queue_id=queue.id, version_id=version_id),
        measured=_measured(queue, rubric, snapshot, judged, n_open),
    )


def _bars(queue: QueueFacts, snapshot: SnapshotFacts | None) -> tuple[str, ...]:
    """Those that the figures on the page were held against."""
    if snapshot is not None:
        return tuple(bars_of(snapshot.agreement))
    now = {"bar": queue.agreement_bar, "reliable_bar": queue.reliable_bar}
    return tuple(bars_of(now))


def get_agreement_chart(queue: QueueFacts, number: int | None, name: str) -> str:
    judged = list_judged_versions(queue.id)
    version_id = _version_id(queue, judged, number)
    svg = get_chart(queue_id=queue.id, version_id=version_id, name=name)
    if svg is None:
        raise UnknownPage(f"no chart {name}")
    return svg


def _version_id(
    queue: QueueFacts, judged: list[JudgedVersion], number: int | None
) -> int:
    if number is None:
        return queue.rubric_version_id
    found = next((one.version_id for one in judged if one.number == number), None)
    if found is None:
        raise UnknownPage(f"no judgments under version {number}")
    return found


def _measured(
    queue: QueueFacts,
    rubric: RubricFacts,
    snapshot: SnapshotFacts | None,
    judged: list[JudgedVersion],
    n_open: int,
) -> Measured | None:
    if snapshot is None or snapshot.breakdown is None:
        return None
    entries = {entry["criterion"]: entry for entry in snapshot.agreement["criteria"]}
    criteria, beside = (
        snapshot.breakdown["criteria"],
        snapshot.breakdown["beside_alpha"],
    )
    measured = snapshot.agreement
    bar = measured["bar"]
    labels = [one for one in entries.values() if "/" in one["criterion"]]
    used = [one for one in labels if not one["is_unused_label"]]
    of_items = [each for each in criteria if unit_of(each) == "item"]
    evidence = list_evidence(queue_id=queue.id, rubric=rubric, criteria=criteria)
    return Measured(
        computed_at=snapshot.computed_at,
        n_judgments=snapshot.n_judgments,
        n_newer=snapshot.n_newer,
        answer=_answer(list(entries.values()), bar, n_open, evidence),
        rows=tuple(
            _row(entries.get(each["criterion"]), each, beside, measured, used)
            for each in criteria
        ),
        labels=tuple(_row(one, one, beside, measured) for one in used),
        n_unused_labels=len(labels) - len(used),
        left_out=tuple(snapshot.agreement["left_out"]),
        charts=snapshot.drawn,
        kappas=_kappas(one for one in entries.values() if "/" not in one["criterion"]),
        label_kappas=_kappas(used),
        slices=slice_table(of_items),
        windows=window_tables(of_items, bar),
        labels_made=labels_made(snapshot.labels),
        evidence=evidence,
        revision=get_revision(
            queue_id=queue.id, versions=judged, shown=rubric.number, after=criteria
        ),
    )


def _answer(
    entries: list[Json], bar: float, n_open: int, evidence: tuple[Evidence, ...]
) -> Answer:
    """As the gate reads it: every label by itself, unless nobody ever chose it."""
    read = [entry["alpha"] for entry in entries if not entry["is_unused_label"]]
    tones = [tone_of(alpha, bar) for alpha in read]
    n_undefined, n_good = tones.count("none"), tones.count("good")
    return Answer(
        is_good=n_good == len(read) and not n_open,
        n_under=len(read) - n_good - n_undefined,
        n_undefined=n_undefined,
        n_read=len(read),
        n_open_disputes=n_open,
        worst=next((one for one in evidence if one.n_items), None),
    )


def _row(
    entry: Json | None,
    found: Json,
    beside: Json,
    measured: Json,
    used: Sequence[Json] = (),
) -> CriterionRow:
    """`found` has alpha; `entry`, unless labels stand in its place, the rest."""
    alpha = found["alpha"]
    own = [one for one in used if one["criterion"].startswith(f"{found['criterion']}/")]
    tones = [tone_of(one["alpha"], measured["bar"]) for one in own]
    word, note = outcome(alpha, measured)
    extra = beside.get(found["criterion"], {})
    return CriterionRow(
        key=found["criterion"],
        title=found["title"].rpartition(": ")[2]
        if "/" in found["criterion"]
        else found["title"],
        level=found["level"],
        unit=unit_of(found),
        is_label="/" in found["criterion"],
        alpha=limits(alpha),
        outcome=word,
        outcome_note=note,
        tone=tone_of(alpha, measured["bar"]),
        n_items=alpha["n_items"],
        n_ratings=alpha["n_ratings"],
        n_raters=alpha["n_raters"],
        percent=figure(entry["percent_agreement"]["value"]) if entry else "",
        ac=limits(extra["ac"]) if extra else "",
        mean_kappa=limits(entry["mean_kappa"]) if entry else "",
        weights=entry["kappa_weights"] if entry else "",
        warning=_warning(extra.get("rarity")),
        n_wanted=items_wanted(alpha),
        n_labels=len(own),
        n_labels_short=len(tones) - tones.count("good"),
    )


def _warning(rarity: Json | None) -> str:
    if rarity is None:
        return ""
    said = "yes" if rarity["commonest"] is True else rarity["commonest"]
    said = "no" if rarity["commonest"] is False else said
    return (
        f"{rarity['n_rare']} of {rarity['n_ratings']} ratings are anything but"
        f" \N{LEFT DOUBLE QUOTATION MARK}{said}\N{RIGHT DOUBLE QUOTATION MARK}, on"
        f" {rarity['n_items']} items: alpha and kappa hang on these few. Given one"
        f" such rating, the chance of another is {limits(rarity['agreement'])}."
    )


def _kappas(entries: Any) -> tuple[KappaTable, ...]:
    return tuple(found for entry in entries if (found := kappa_table(entry)))
