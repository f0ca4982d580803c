"""The step before freezing: what would be frozen, and what has changed of it since."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from calibration.formats.agreement import figure, limits, tone_of
from calibration.formats.release import FIRST_VERSION, canonical, next_version
from calibration.models import GoldenSet
from calibration.queries.ratings import count_open_disputes
from calibration.queries.snapshots import SnapshotFacts, get_snapshot
from calibration.queries.titles import Titles, get_titles
from calibration.services.freezing import Confirmed, Plan, plan_release
from calibration.services.gate import list_blocks, list_case_blocks, read_snapshot
from calibration.services.previews import find_current_preview
from calibration.services.watermarks import read_watermark
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]
# Values of a criterion that are named; the others are counted together.
MOST_VALUES = 12
# What a form may send back: more was never shown.
LONGEST = 200_000


@dataclass(frozen=True)
class AlphaRow:
    title: str
    alpha: str
    tone: str


@dataclass(frozen=True)
class LabelRow:
    title: str
    is_per_step: bool
    # Title of the value, and cases or steps with it.
    values: tuple[tuple[str, int], ...]
    n_others: int


@dataclass(frozen=True)
class Confirmation:
    """What a lead reads before a release is frozen for good."""

    name: str
    # The latest release, "" before the first, and what the next may be called.
    parent: str
    versions: tuple[str, ...]
    rubric: str
    # Whether all of it was measured since the last change.
    is_current: bool
    n_cases: int
    n_judgments: int
    labels: tuple[LabelRow, ...]
    cells: tuple[Json, ...]
    left_out: tuple[tuple[str, int], ...]
    bar: str
    alphas: tuple[AlphaRow, ...]
    n_open_disputes: int
    blocks: tuple[str, ...]
    override: str
    confirmed: Confirmed

    @property
    def may_freeze(self) -> bool:
        return (
            self.is_current
            and bool(self.n_cases)
            and (not self.blocks or bool(self.override))
        )

    @property
    def shown(self) -> str:
        """Every figure of the page, for the form to send along."""
        return canonical(_figures(self)).decode()


@dataclass(frozen=True)
class Change:
    what: str
    before: str
    now: str


def describe_freeze(*, name: str, queue: QueueFacts, override: str) -> Confirmation:
    """As the sweeps have measured and composed it: nothing is computed here."""
    plan = plan_release(name, queue, override.strip())
    ids = {"queue_id": plan.queue.id, "version_id": plan.version.id}
    snapshot = get_snapshot(**ids)
    holding = _holding(plan, snapshot)
    agreement = snapshot.agreement if snapshot is not None else {"criteria": []}
    n_open = count_open_disputes(**ids)
    bar, held = plan.queue.agreement_bar, holding or {}
    blocks = (
        *list_blocks(read_snapshot(agreement), bar=bar, n_open_disputes=n_open),
        *list_case_blocks(
            held.get("gaps", ()), n_unreferenced=held.get("n_unreferenced", 0)
        ),
    )
    watermark = read_watermark(**ids, golden_set_id=plan.golden_set_id)
    titles, n_cases = get_titles(plan.version.id), held.get("n_cases", 0)
    is_behind = snapshot is None or snapshot.is_behind or holding is None
    return Confirmation(
        name=name,
        parent=plan.latest.version if plan.latest is not None else "",
        versions=_versions(plan),
        rubric=f"{plan.version.rubric.slug}@{plan.version.rubric.number}",
        is_current=not is_behind,
        n_cases=n_cases,
        n_judgments=watermark[0],
        labels=_labels(plan, held, titles),
        cells=tuple(one for one in held.get("cells", ()) if one["wanted"]),
        left_out=tuple(sorted(held.get("left_out", {}).items())),
        bar=figure(bar),
        alphas=tuple(
            AlphaRow(
                titles.of(one["criterion"]),
                limits(one["alpha"]),
                tone_of(one["alpha"], bar),
            )
            for one in agreement["criteria"]
            if not one["is_unused_label"]
        ),
        n_open_disputes=n_open,
        blocks=tuple(map(titles.in_reason, blocks)),
        override=plan.override,
        confirmed=Confirmed(n_cases, blocks, watermark),
    )


def list_changes(sent: str, now: Confirmation) -> list[Change]:
    """What is another now than in the page that was sent back, or never was one."""
    before, after = _read(sent), _figures(now)
    return [
        Change(key, before.get(key, ""), after.get(key, ""))
        for key in dict.fromkeys([*after, *before])
        if before.get(key) != after.get(key)
    ]


def _holding(plan: Plan, snapshot: SnapshotFacts | None) -> Json | None:
    """Of a set by its own terms; one that is new takes what its queue has."""
    if plan.golden_set_id is not None:
        return find_current_preview(GoldenSet.objects.get(pk=plan.golden_set_id))
    return snapshot.cases if snapshot is not None else None


def _versions(plan: Plan) -> tuple[str, ...]:
    if plan.latest is None:
        return (FIRST_VERSION,)
    return tuple(next_version(plan.latest.version, bump) for bump in (0, 1, 2))


def _labels(plan: Plan, held: Json, titles: Titles) -> tuple[LabelRow, ...]:
    """In the order of the rubric."""
    return tuple(
        _label_row(
            one.key, held[kind][one.key], titles, is_per_step=kind == "step_labels"
        )
        for kind in ("labels", "step_labels")
        for one in plan.version.rubric.criteria
        if one.key in held.get(kind, {})
    )


def _label_row(
    key: str, counts: dict[str, int], titles: Titles, *, is_per_step: bool
) -> LabelRow:
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return LabelRow(
        title=titles.of(key),
        is_per_step=is_per_step,
        values=tuple((titles.of_value(key, value), n) for value, n in ranked)[
            :MOST_VALUES
        ],
        n_others=sum(n for _, n in ranked[MOST_VALUES:]),
    )


def _figures(page: Confirmation) -> dict[str, str]:
    """By what each is called; a mark of all the counts goes last."""
    found = {
        "Release before": page.parent or "none",
        "Rubric": page.rubric,
        "Cases": str(page.n_cases),
        "Judgments": str(page.n_judgments),
        "Open disputes": str(page.n_open_disputes),
        "Bar": page.bar,
        "Reason": page.override,
        "In the way": "; ".join(page.blocks) or "nothing",
    }
    found |= {f"Alpha, {row.title}": row.alpha for row in page.alphas}
    for row in page.labels:
        values = ", ".join(f"{value} {n}" for value, n in row.values)
        found[f"Labels, {row.title}"] = f"{values}, others {row.n_others}"
    for cell in page.cells:
        where = f"Cell, {cell['stratum'] or 'all'}, {cell['bucket']}"
        found[where] = f"{cell['taken']} of {cell['wanted']}"
    found |= {f"Left out, {reason}": str(n) for reason, n in page.left_out}
    counts = asdict(page.confirmed)["watermark"]
    return found | {"Judged, settled, disputed": " ".join(map(str, counts))}


def _read(sent: str) -> dict[str, str]:
    """Whatever else was sent is none of our pages: all of it is new then."""
    try:
        found = json.loads(sent[:LONGEST])
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: str(value) for key, value in found.items()}
