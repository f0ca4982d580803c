"""Pages of golden sets: what was released, and what would be released now."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calibration.formats.agreement import figure
from calibration.queries.ratings import count_open_disputes
from calibration.queries.releases import ReleaseFacts, list_releases
from calibration.queries.snapshots import get_snapshot
from reviews.queries.queues import QueueFacts


@dataclass(frozen=True)
class AlphaLine:
    criterion: str
    alpha: str
    limits: str


@dataclass(frozen=True)
class ReleaseRow:
    version: str
    digest: str
    n_cases: int
    rubric: str
    frozen_by: str
    frozen_at: datetime
    alphas: tuple[AlphaLine, ...]
    left_out: tuple[tuple[str, int], ...]
    override: str
    overridden: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What freezing would take, as of the last measurement."""

    computed_at: datetime | None
    is_behind: bool
    n_cases: int
    left_out: tuple[tuple[str, int], ...]
    blocks: tuple[str, ...]


def list_release_rows(golden_set_id: int) -> list[ReleaseRow]:
    return [_row(release) for release in list_releases(golden_set_id)]


def get_preview(queue: QueueFacts) -> Preview:
    version_id = queue.rubric_version_id
    snapshot = get_snapshot(queue_id=queue.id, version_id=version_id)
    n_open = count_open_disputes(queue_id=queue.id, version_id=version_id)
    if snapshot is None:
        return Preview(None, True, 0, (), _dispute_block(n_open))
    return Preview(
        computed_at=snapshot.computed_at,
        is_behind=snapshot.is_behind,
        n_cases=snapshot.n_cases,
        left_out=tuple(sorted(snapshot.left_out.items())),
        blocks=(*snapshot.blocks, *_dispute_block(n_open)),
    )


def _dispute_block(n_open: int) -> tuple[str, ...]:
    noun = "dispute is" if n_open == 1 else "disputes are"
    return (f"{n_open} {noun} open",) if n_open else ()


def _row(release: ReleaseFacts) -> ReleaseRow:
    manifest = json.loads(release.manifest)
    override = manifest["override"] or {"reason": "", "overridden": []}
    rubric = manifest["rubric"]
    return ReleaseRow(
        version=release.version,
        digest=release.digest,
        n_cases=release.n_cases,
        rubric=f"{rubric['name']}@{rubric['version']}",
        frozen_by=release.frozen_by or "the command line",
        frozen_at=release.frozen_at,
        alphas=tuple(map(_alpha, manifest["agreement"]["criteria"])),
        left_out=tuple(sorted(manifest["left_out"].items())),
        override=override["reason"],
        overridden=tuple(override["overridden"]),
    )


def _alpha(entry: dict[str, Any]) -> AlphaLine:
    alpha = entry["alpha"]
    value, low, high = (
        None if alpha[name] is None else float(alpha[name])
        for name in ("value", "low", "high")
    )
    limits = "" if low is None else f"{figure(low)} to {figure(high)}"
    return AlphaLine(entry["criterion"], figure(value), limits)
