"""Composing: which reviewed items a spec takes, and what is missing of it."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from calibration.formats.cases import (
    CORRECTED,
    TYPICAL,
    Cell,
    weight_text,
)
from calibration.formats.release import sha256
from calibration.formats.specs import SHORTEST_DAYS, Spec
from calibration.queries.composition import (
    Frame,
    Traits,
    get_frame,
    get_traits,
)
from calibration.queries.criteria import ScaledVersion
from calibration.queries.labels import (
    ADJUDICATED,
    Label,
    LabelledItem,
    label_votes,
    stream_labels,
)
from calibration.services.cells import Sorter
from calibration.services.quotas import plan_quotas, weigh
from calibration.services.selection import Chosen, left_out_because, required_keys
from reviews.queries.queues import QueueFacts

CHUNK = 500
# With fewer reviewed items in a cell, the share that is eligible is that of all.
FEW_REVIEWED = 5


@dataclass(frozen=True)
class CellFill:
    """One cell of the spec: what traffic has, what was reviewed, what is taken."""

    cell: Cell
    traffic: float
    n_reviewed: int
    n_eligible: int
    wanted: int
    taken: int
    # Judgments that what is missing would take.
    n_reviews: int
    # Items of the window that nobody has reviewed yet.
    n_unreviewed: int

    @property
    def missing(self) -> int:
        return self.wanted - self.taken


@dataclass(frozen=True)
class Composition:
    spec: Spec
    fills: tuple[CellFill, ...]
    # By item: the cell that it was taken for, and its weight.
    chosen: Mapping[int, tuple[Cell, str]]
    left_out: Counter[str]
    # Cases of the parent that are cases again.
    n_anchors: int
    n_anchors_wanted: int
    first_day: str | None
    last_day: str | None
    # By name, of every reviewed item of the window.
    strata: Mapping[str, str]

    @property
    def wanted(self) -> int:
        return self.spec.size.cases

    @property
    def taken(self) -> int:
        return len(self.chosen)

    @property
    def n_reviews(self) -> int:
        return sum(fill.n_reviews for fill in self.fills)

    @property
    def hard_share(self) -> float:
        hard = sum(one.taken for one in self.fills if one.cell.bucket != TYPICAL)
        return hard / self.taken if self.taken else 0.0


@dataclass(frozen=True)
class _Found:
    """One reviewed item, as the choice needs it."""

    item_id: int
    probability: float
    rank: str
    is_parent: bool
    is_outside: bool


@dataclass
class _Pools:
    """What was found, cell by cell."""

    eligible: dict[Cell, list[_Found]] = field(
        default_factory=lambda: defaultdict(list)
    )
    reviewed: Counter[Cell] = field(default_factory=Counter)
    # How much traffic the corrected items stand for, and where it would be else.
    corrected: dict[Cell, float] = field(default_factory=lambda: defaultdict(float))
    moved: dict[Cell, float] = field(default_factory=lambda: defaultdict(float))
    left_out: Counter[str] = field(default_factory=Counter)
    strata: dict[str, str] = field(default_factory=dict)


def compose(
    queue: QueueFacts,
    version: ScaledVersion,
    spec: Spec,
    *,
    parent: Collection[str] = (),
    retired: Mapping[str, str],
) -> Composition:
    """Choose the cases; `parent` are those of the release before, by name."""
    frame = get_frame(queue, spec)
    sorter = Sorter(spec, frame)
    pools = _fill_pools(queue, version, spec, frame, sorter, parent, retired)
    traffic = _traffic(frame, sorter, pools)
    quotas = plan_quotas(spec, traffic)
    share = min(1.0, spec.refresh.anchors / spec.size.cases) if parent else 0.0
    taken = {
        cell: _take(pools.eligible[cell], quota, math.ceil(quota * share))
        for cell, quota in quotas.items()
    }
    n_eligible = sum(len(found) for found in pools.eligible.values())
    n_taken = sum(len(found) for found in taken.values())
    if n_eligible > n_taken:
        pools.left_out["eligible, not drawn"] = n_eligible - n_taken
    kept = {*parent} - retired.keys()
    wanted_anchors = min(spec.refresh.anchors, len(kept), spec.size.cases)
    return Composition(
        spec=spec,
        fills=tuple(_fills(queue, traffic, quotas, pools, taken)),
        chosen=_weighted(taken, traffic),
        left_out=pools.left_out,
        n_anchors=sum(one.is_parent for found in taken.values() for one in found),
        n_anchors_wanted=wanted_anchors,
        first_day=_first(spec, frame),
        last_day=_last(spec, frame),
        strata=pools.strata,
    )


def chosen_cases(
    queue: QueueFacts, version: ScaledVersion, composition: Composition
) -> Iterator[Chosen]:
    for item in stream_labels(queue_id=queue.id, version=version):
        if item.item_id in composition.chosen:
            yield Chosen(item, *composition.chosen[item.item_id])


def list_gaps(composition: Composition) -> Iterator[str]:
    """What is not as the spec wants it, in words."""
    short = [one for one in composition.fills if one.missing]
    n_missing = composition.wanted - composition.taken
    if n_missing:
        where = "; ".join(f"{one.cell}: {one.missing}" for one in short)
        because = f" ({where})" if where else ": traffic has no more"
        yield f"{n_missing} of {composition.wanted} cases are missing{because}"
    n_days = _n_days(composition)
    is_short = n_days is not None and n_days < SHORTEST_DAYS
    if is_short and not composition.spec.window.why.strip():
        yield (
            f"the traffic spans {n_days} days, and {SHORTEST_DAYS} are wanted: "
            "window.why may say why fewer will do"
        )
    if composition.n_anchors < composition.n_anchors_wanted:
        yield (
            f"{composition.n_anchors} cases are shared with the release before, and "
            f"{composition.n_anchors_wanted} are wanted"
        )


def _fill_pools(
    queue: QueueFacts,
    version: ScaledVersion,
    spec: Spec,
    frame: Frame,
    sorter: Sorter,
    parent: Collection[str],
    retired: Mapping[str, str],
) -> _Pools:
    pools = _Pools()
    required = required_keys(version)
    items = stream_labels(queue_id=queue.id, version=version)
    while chunk := list(islice(items, CHUNK)):
        traits = get_traits(queue, spec, frame, [item.item_id for item in chunk])
        for item in chunk:
            own = traits[item.item_id]
            is_corrected = own.has_correction or _is_overruled(item, version)
            cell = sorter.cell(own.signs, is_corrected=is_corrected)
            is_outside = not _is_within(spec, own.day)
            if not is_outside:
                _count(pools, item, own, cell, sorter.cell(own.signs))
            is_parent = item.external_id in parent
            reason = left_out_because(
                item, queue, required, retired
            ) or _ineligible_because(item, own, spec, is_outside and not is_parent)
            if reason is not None:
                pools.left_out[reason] += 1
                continue
            pools.eligible[cell].append(
                _Found(
                    item.item_id,
                    own.probability,
                    sha256(f"{spec.seed}\n{item.external_id}".encode()),
                    is_parent,
                    is_outside,
                )
            )
    return pools


def _count(
    pools: _Pools, item: LabelledItem, traits: Traits, cell: Cell, else_in: Cell
) -> None:
    pools.reviewed[cell] += 1
    pools.strata[item.external_id] = cell.stratum
    if cell.bucket == CORRECTED:
        stands_for = 1 / traits.probability
        pools.corrected[cell] += stands_for
        pools.moved[else_in] += stands_for


def _is_within(spec: Spec, day: str) -> bool:
    first, last = spec.window.from_, spec.window.until
    if first is not None and day < first.isoformat():
        return False
    return last is None or day <= last.isoformat()


def _ineligible_because(
    item: LabelledItem, traits: Traits, spec: Spec, is_outside: bool
) -> str | None:
    if is_outside:
        return "outside the window"
    if traits.is_disputed:
        return "an open dispute"
    eligible = spec.eligible
    if traits.is_masked and not eligible.allow_masked:
        return "a name was masked in it"
    for label in item.labels:
        if label.value is not None and _confidence(label) < eligible.min_confidence:
            return f"too little confidence in {label.criterion}"
    return None


def _confidence(label: Label) -> float:
    """In the label: as its method has it, else the share of the votes for it."""
    if label.method == ADJUDICATED or not label.n_votes:
        return 1.0
    if label.confidence is not None:
        return label.confidence
    return label.votes_for / label.n_votes


def _is_overruled(item: LabelledItem, version: ScaledVersion) -> bool:
    """Whether an adjudicator decided against the votes."""
    scales = {scale.key: scale for scale in version.measured}
    for label in (*item.labels, *item.step_labels):
        if label.settlement is not None:
            voted = label_votes(scales[label.criterion], label.votes).value
            if voted is not None and voted != label.value:
                return True
    return False


def _traffic(frame: Frame, sorter: Sorter, pools: _Pools) -> dict[Cell, float]:
    """Traffic of each cell: counted, but for what only reviewing could tell."""
    traffic: dict[Cell, float] = defaultdict(float)
    for signs, n in frame.counts.items():
        traffic[sorter.cell(signs)] += n
    for cell, moved in pools.moved.items():
        traffic[cell] = max(0.0, traffic[cell] - moved)
    for cell, corrected in pools.corrected.items():
        traffic[cell] += corrected
    return dict(traffic)


def _take(found: list[_Found], quota: int, n_anchors: int) -> list[_Found]:
    """Cases of the parent first, as many as there should be anchors; then any."""
    ranked = sorted(found, key=lambda one: one.rank)
    anchors = [one for one in ranked if one.is_parent][:n_anchors]
    ids = {one.item_id for one in anchors}
    others = [one for one in ranked if one.item_id not in ids and not one.is_outside]
    return anchors + others[: max(0, quota - len(anchors))]


def _weighted(
    taken: Mapping[Cell, list[_Found]], traffic: Mapping[Cell, float]
) -> dict[int, tuple[Cell, str]]:
    chances = {
        cell: [one.probability for one in found if not one.is_outside]
        for cell, found in taken.items()
    }
    per_chance = weigh(chances, traffic)
    return {
        one.item_id: (
            cell,
            # An anchor from before the window stands for none of its traffic.
            weight_text(
                0.0 if one.is_outside else per_chance.get(cell, 0.0) / one.probability
            ),
        )
        for cell, found in taken.items()
        for one in found
    }


def _fills(
    queue: QueueFacts,
    traffic: Mapping[Cell, float],
    quotas: Mapping[Cell, int],
    pools: _Pools,
    taken: Mapping[Cell, list[_Found]],
) -> Iterator[CellFill]:
    n_all = sum(map(len, pools.eligible.values()))
    overall = n_all / pools.reviewed.total() if pools.reviewed else 1.0
    for cell in sorted(traffic):
        n_reviewed, n_eligible = pools.reviewed[cell], len(pools.eligible[cell])
        wanted, n_taken = quotas.get(cell, 0), len(taken.get(cell, []))
        few = n_reviewed < FEW_REVIEWED or not n_eligible
        share = overall if few else n_eligible / n_reviewed
        n_items = math.ceil((wanted - n_taken) / max(share, 0.01))
        yield CellFill(
            cell=cell,
            traffic=traffic[cell],
            n_reviewed=n_reviewed,
            n_eligible=n_eligible,
            wanted=wanted,
            taken=n_taken,
            n_reviews=n_items * queue.overlap,
            n_unreviewed=max(0, round(traffic[cell]) - n_reviewed),
        )


def _first(spec: Spec, frame: Frame) -> str | None:
    return spec.window.from_.isoformat() if spec.window.from_ else frame.first_day


def _last(spec: Spec, frame: Frame) -> str | None:
    return spec.window.until.isoformat() if spec.window.until else frame.last_day


def _n_days(composition: Composition) -> int | None:
    try:
        first = date.fromisoformat(composition.first_day or "")
        last = date.fromisoformat(composition.last_day or "")
    except ValueError:
        # A provenance may say 2026-02-31.
        return None
    return (last - first).days + 1
