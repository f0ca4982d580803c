"""Freezing: what a queue has decided becomes an immutable release."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import connection, transaction

from calibration.formats.release import (
    CASES,
    COMMITTED,
    FIRST_VERSION,
    INDEX,
    RUBRIC,
    next_version,
)
from calibration.models import GoldenSet, Release
from calibration.queries.cases import count_not_judged
from calibration.queries.criteria import get_version
from calibration.queries.ratings import (
    count_adjudications,
    count_judgments,
    count_open_disputes,
)
from calibration.queries.releases import get_release_by_id, stream_lines
from calibration.services.agreement import measure_agreement
from calibration.services.candidates import write_candidate
from calibration.services.folders import check_folder_free, write_folder
from calibration.services.gate import list_blocks
from calibration.services.manifests import Draft, Manifest, Parent, write_manifest
from labeling.services.disputes import recheck_items
from reviews.queries.queues import QueueFacts

CHUNK = 2000


class FreezeRefused(Exception):
    """The queue may not be frozen now; `blocks` says why, one reason each."""

    def __init__(self, *blocks: str) -> None:
        super().__init__("; ".join(blocks))
        self.blocks = blocks


@dataclass(frozen=True)
class Frozen:
    """The release that holds what was to be frozen, new or not."""

    release_id: int
    name: str
    version: str
    digest: str
    n_cases: int
    is_new: bool
    overridden: tuple[str, ...]


def freeze_release(
    *,
    name: str,
    queue: QueueFacts,
    override: str,
    frozen_by_id: int | None,
    now: datetime,
    out: Path | None = None,
) -> Frozen:
    """Publish the labelled items of the queue, unless the latest release holds them.

    With `out`, the release is published and written to that folder, or neither.
    """
    _check_name(name, queue)
    if out is not None:
        check_folder_free(out)
    # Disputes that nobody has looked for yet would not stand in the way.
    while recheck_items(now=now, limit=CHUNK):
        pass
    with tempfile.TemporaryDirectory(prefix="touchstone-") as folder:
        workspace = Path(folder)
        draft = _draft(workspace, name, queue, override.strip())
        with transaction.atomic():
            frozen = _publish(workspace, draft, frozen_by_id, now)
            if out is not None:
                # Last: nothing after it can be refused. Should the commit itself
                # fail, freezing again finds the same bytes there.
                write_folder(get_release_by_id(frozen.release_id), out)
        return frozen


def _check_name(name: str, queue: QueueFacts) -> None:
    try:
        validate_slug(name)
    except ValidationError:
        raise FreezeRefused(
            f"{name!r} is no name for a golden set: letters, digits, - and _ only"
        ) from None
    other = (
        GoldenSet.objects.filter(project_id=queue.project_id, slug=name)
        .exclude(queue_id=queue.id)
        .select_related("queue")
        .first()
    )
    if other is not None:
        raise FreezeRefused(f"{name!r} is the golden set of queue {other.queue.slug!r}")


def _draft(workspace: Path, name: str, queue: QueueFacts, override: str) -> Draft:
    version = get_version(queue.rubric_version_id)
    before = _watermark(queue)
    agreement = measure_agreement(queue_id=queue.id, version_id=version.id)
    blocks = list_blocks(
        agreement,
        bar=queue.agreement_bar,
        n_open_disputes=count_open_disputes(queue_id=queue.id, version_id=version.id),
    )
    if blocks and not override:
        raise FreezeRefused(*blocks)
    candidate = write_candidate(workspace, queue, version)
    if not candidate.tally.n_cases:
        raise FreezeRefused("no item has all its judgments and a label")
    draft = Draft(
        name=name,
        queue=queue,
        candidate=candidate,
        agreement=agreement,
        n_not_judged=count_not_judged(queue_id=queue.id, version_id=version.id),
        blocks=tuple(blocks),
        override=override,
    )
    if _watermark(queue) != before:
        raise FreezeRefused("judgments arrived in the meantime: freeze again")
    return draft


def _watermark(queue: QueueFacts) -> tuple[int, ...]:
    """What is read is append-only: equal counts mean that all of it was the same."""
    version = {"queue_id": queue.id, "version_id": queue.rubric_version_id}
    return (
        count_judgments(**version),
        count_adjudications(**version),
        count_open_disputes(**version),
    )


def _publish(
    workspace: Path, draft: Draft, frozen_by_id: int | None, now: datetime
) -> Frozen:
    golden_set = _lock_golden_set(draft, now)
    latest = golden_set.releases.order_by("pk").last()
    if latest is not None and _manifest_as(draft, latest).digest == latest.digest:
        return _frozen(draft, latest, is_new=False)
    version, parent = FIRST_VERSION, None
    if latest is not None:
        version = next_version(latest.version, _parts(latest), _new_parts(workspace))
        parent = Parent(latest.version, latest.digest)
    manifest = write_manifest(draft, version, parent)
    release = Release.objects.create(
        golden_set=golden_set,
        version=version,
        digest=manifest.digest,
        manifest=manifest.text,
        n_cases=draft.candidate.tally.n_cases,
        frozen_by_id=frozen_by_id,
        frozen_at=now,
    )
    for file in COMMITTED:
        _store(release, file, workspace / file)
    return _frozen(draft, release, is_new=True)


def _lock_golden_set(draft: Draft, now: datetime) -> GoldenSet:
    found, _ = GoldenSet.objects.get_or_create(
        project_id=draft.queue.project_id,
        slug=draft.name,
        defaults={"queue_id": draft.queue.id, "created_at": now},
    )
    return GoldenSet.objects.select_for_update(no_key=True).get(pk=found.pk)


def _manifest_as(draft: Draft, release: Release) -> Manifest:
    """The manifest of the draft as if it had been frozen in place of `release`."""
    before = (
        Release.objects.filter(golden_set=release.golden_set_id, pk__lt=release.pk)
        .order_by("pk")
        .last()
    )
    parent = None if before is None else Parent(before.version, before.digest)
    return write_manifest(draft, release.version, parent)


def _parts(release: Release) -> dict[str, str]:
    lines = stream_lines(release_id=release.pk, file=INDEX[CASES])
    rubric = stream_lines(release_id=release.pk, file=RUBRIC)
    return _by_part(lines, rubric)


def _new_parts(workspace: Path) -> dict[str, str]:
    return _by_part(_lines(workspace / INDEX[CASES]), _lines(workspace / RUBRIC))


def _by_part(index: Iterator[str], rubric: Iterator[str]) -> dict[str, str]:
    """Hash of each case by id; the rubric stands under a name that no id is."""
    parts = {line[66:]: line[:64] for line in index}
    return parts | {"\n": "".join(rubric)}


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as stream:
        for line in stream:
            yield line.removesuffix("\n")


def _store(release: Release, file: str, path: Path) -> None:
    columns = "release_id, file, number, text"
    copying = f"COPY calibration_releaseline ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copying) as copy:
        for number, text in enumerate(_lines(path), start=1):
            copy.write_row((release.pk, file, number, text))


def _frozen(draft: Draft, release: Release, *, is_new: bool) -> Frozen:
    return Frozen(
        release_id=release.pk,
        name=draft.name,
        version=release.version,
        digest=release.digest,
        n_cases=release.n_cases,
        is_new=is_new,
        overridden=draft.blocks,
    )
