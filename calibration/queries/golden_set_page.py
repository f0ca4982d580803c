"""Pages of golden sets: what was released, and what would be released now."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from calibration.formats.agreement import figure
from calibration.formats.specs import spec_text
from calibration.models import (
    FreezeRequest,
    FreezeState,
    Release,
    SetPreview,
    SetSpec,
)
from calibration.queries.corrections import list_undrafted
from calibration.queries.erasures import count_erased_cases
from calibration.queries.ratings import count_open_disputes
from calibration.queries.releases import ReleaseFacts, SetFacts, list_releases
from calibration.queries.snapshots import get_snapshot
from calibration.queries.terms import (
    Terms,
    count_references,
    find_spec,
    list_drafts,
)
from calibration.queries.titles import (
    Titles,
    VersionIds,
    get_titles,
    get_titles_of_release,
    list_version_ids,
)
from reviews.models import Item
from reviews.queries.queues import QueueFacts

MOST_DRAFTS = 50
# What the window of an offered spec takes at most, and the key of provenance that
# says when an item was made.
WINDOW = timedelta(days=30)
CREATED = "created_at"

# What a set without a spec is offered to begin with.
EXAMPLE = """queue = "{queue}"
purpose = ""
licence = ""

[window]
from = {first}
until = {last}

[size]
cases = 300

[hard]
share = 0.22
"""


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
    n_erased: int
    rubric: str
    frozen_by: str
    frozen_at: datetime
    cells: tuple[tuple[str, int], ...]
    # Cases added, removed and shared since the release before; none of the first.
    changes: tuple[tuple[str, int], ...]
    references: tuple[tuple[str, int], ...]
    licence: str
    canary: str
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
    ids = list_version_ids(golden_set_id)
    erased = count_erased_cases(golden_set_id)
    return [
        _row(release, ids, erased.get(release.id, 0))
        for release in list_releases(golden_set_id)
    ]


def get_preview(queue: QueueFacts) -> Preview:
    version_id = queue.rubric_version_id
    snapshot = get_snapshot(queue_id=queue.id, version_id=version_id)
    n_open = count_open_disputes(queue_id=queue.id, version_id=version_id)
    if snapshot is None:
        return Preview(None, True, 0, (), _dispute_block(n_open))
    titles = get_titles(version_id)
    return Preview(
        computed_at=snapshot.computed_at,
        is_behind=snapshot.is_behind,
        n_cases=snapshot.n_cases,
        left_out=tuple(sorted(snapshot.left_out.items())),
        blocks=(*map(titles.in_reason, snapshot.blocks), *_dispute_block(n_open)),
    )


@dataclass(frozen=True)
class Composed:
    """How the spec fills, as of the last look; None and nothing before the first."""

    computed_at: datetime | None
    # As calibration.services.previews describes it.
    results: dict[str, Any]


@dataclass(frozen=True)
class Request:
    """The newest wish for a release, while it is of interest."""

    is_open: bool
    step: str
    blocks: tuple[str, ...]
    version: str
    is_new: bool


@dataclass(frozen=True)
class Refresh:
    """When the set should have its next version, and which two run side by side."""

    due_on: date
    is_due: bool
    parallel_until: date | None
    parent: str


@dataclass(frozen=True)
class References:
    n_owned: int
    n_drafts: int
    drafts: tuple[Terms, ...]
    # Cases without a reference of which a reviewer wrote what it should have been.
    n_corrected: int


def get_composed(golden_set_id: int) -> Composed | None:
    """None of a set without a spec; a preview of a former spec is no preview."""
    n_specs = SetSpec.objects.filter(golden_set=golden_set_id).count()
    if not n_specs:
        return None
    found = SetPreview.objects.filter(
        golden_set=golden_set_id, inputs__spec=n_specs
    ).first()
    return Composed(found.computed_at, found.results) if found else Composed(None, {})


def get_spec_text(found: SetFacts) -> str:
    spec = find_spec(found.id)
    if spec is not None:
        return spec_text(spec)
    first, last = _own_window(found.project_id)
    return EXAMPLE.format(queue=found.queue, first=first, last=last)


def _own_window(project_id: int) -> tuple[date, date]:
    """The newest weeks of the project's items, by the days that a spec goes by."""
    items = Item.objects.filter(project_id=project_id)
    newest, oldest = items.order_by("pk").last(), items.order_by("pk").first()
    if newest is None or oldest is None:
        today = timezone.localdate()
        return today - WINDOW, today
    days = sorted((_day_of(oldest), _day_of(newest)))
    return max(days[0], days[1] - WINDOW), days[1]


def _day_of(item: Item) -> date:
    said = item.provenance.get(CREATED)
    try:
        return date.fromisoformat(str(said)[:10])
    except ValueError:
        return item.ingested_at.date()


def get_references(golden_set_id: int) -> References:
    n_owned, n_drafts = count_references(golden_set_id)
    drafts = list_drafts(golden_set_id, MOST_DRAFTS) if n_drafts else []
    waiting = list_undrafted(golden_set_id)
    return References(n_owned, n_drafts, tuple(drafts), len(waiting))


def get_freeze_request(project_id: int, name: str) -> Request | None:
    """None once a newer release than that of the request is there."""
    found = (
        FreezeRequest.objects.filter(project=project_id, name=name)
        .select_related("release", "queue")
        .order_by("pk")
        .last()
    )
    if found is None or _has_newer_release(found):
        return None
    titles = get_titles(found.queue.rubric_version_id)
    return Request(
        is_open=found.state in (FreezeState.WAITING, FreezeState.RUNNING),
        step=found.step,
        blocks=tuple(map(titles.in_reason, found.blocks)),
        version=found.release.version if found.release else "",
        is_new=not found.step,
    )


def _has_newer_release(request: FreezeRequest) -> bool:
    newer = Release.objects.filter(
        golden_set__project=request.project_id,
        golden_set__slug=request.name,
        frozen_at__gt=request.requested_at,
    )
    return any(pk != request.release_id for pk in newer.values_list("pk", flat=True))


def get_refresh(golden_set_id: int, now: datetime) -> Refresh | None:
    """By the spec that the latest release was frozen under."""
    release = next(iter(list_releases(golden_set_id)), None)
    manifest = json.loads(release.manifest) if release is not None else {}
    if release is None or not manifest.get("spec"):
        return None
    terms, frozen_on = manifest["spec"]["refresh"], release.frozen_at.date()
    due_on = frozen_on + timedelta(days=terms["every_days"])
    until = frozen_on + timedelta(days=terms["parallel_days"])
    parent = manifest["parent"] or {"version": ""}
    is_parallel = bool(parent["version"]) and now.date() <= until
    return Refresh(
        due_on=due_on,
        is_due=now.date() >= due_on,
        parallel_until=until if is_parallel else None,
        parent=parent["version"],
    )


def _cells(manifest: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    """By bucket; a set without a spec has but one."""
    counts: dict[str, int] = {}
    for cell in manifest.get("cells", []):
        bucket = cell["bucket"].replace("_", " ")
        counts[bucket] = counts.get(bucket, 0) + cell["cases"]
    return tuple(counts.items()) if len(counts) > 1 else ()


def _dispute_block(n_open: int) -> tuple[str, ...]:
    noun = "dispute is" if n_open == 1 else "disputes are"
    return (f"{n_open} {noun} open",) if n_open else ()


def _row(release: ReleaseFacts, ids: VersionIds, n_erased: int) -> ReleaseRow:
    manifest = json.loads(release.manifest)
    titles = get_titles_of_release(ids, manifest)
    override = manifest["override"] or {"reason": "", "overridden": []}
    rubric = manifest["rubric"]
    return ReleaseRow(
        version=release.version,
        digest=release.digest,
        n_cases=release.n_cases,
        n_erased=n_erased,
        rubric=f"{rubric['name']}@{rubric['version']}",
        frozen_by=release.frozen_by or "the command line",
        frozen_at=release.frozen_at,
        cells=_cells(manifest),
        changes=tuple(
            (name, manifest["changes"][name])
            for name in ("added", "removed", "shared")
            if manifest.get("changes")
        ),
        references=tuple(sorted(manifest.get("references", {}).items())),
        licence=manifest.get("licence") or "",
        canary=manifest.get("canary") or "",
        alphas=tuple(
            _alpha(entry, titles) for entry in manifest["agreement"]["criteria"]
        ),
        left_out=tuple(sorted(manifest["left_out"].items())),
        override=override["reason"],
        overridden=tuple(map(titles.in_reason, override["overridden"])),
    )


def _alpha(entry: dict[str, Any], titles: Titles) -> AlphaLine:
    alpha = entry["alpha"]
    value, low, high = (
        None if alpha[name] is None else float(alpha[name])
        for name in ("value", "low", "high")
    )
    limits = "" if low is None else f"{figure(low)} to {figure(high)}"
    return AlphaLine(titles.of(entry["criterion"]), figure(value), limits)
