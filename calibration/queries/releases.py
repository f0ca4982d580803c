"""Golden sets and their releases, for pages and for files."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from calibration.formats.lines import HASH_LENGTH
from calibration.formats.release import CASES, INDEX
from calibration.models import GoldenSet, Pseudonym, Release, ReleaseLine

CHUNK = 2000


class UnknownRelease(Exception):
    """There is no such golden set, or it has no such release."""


@dataclass(frozen=True)
class SetFacts:
    id: int
    project_id: int
    slug: str
    queue: str
    queue_title: str
    n_releases: int
    latest: str | None


@dataclass(frozen=True)
class ReleaseFacts:
    id: int
    golden_set: str
    version: str
    digest: str
    manifest: str
    n_cases: int
    frozen_by: str | None
    frozen_at: datetime


def list_golden_sets(project_id: int) -> list[SetFacts]:
    found = (
        GoldenSet.objects.filter(project_id=project_id)
        .select_related("queue")
        .annotate(n_releases=Count("releases"))
        .order_by("slug")
    )
    latest = dict(
        Release.objects.filter(golden_set__project_id=project_id)
        .order_by("golden_set_id", "pk")
        .values_list("golden_set_id", "version")
    )
    return [_set_facts(one, one.n_releases, latest.get(one.pk)) for one in found]


def get_golden_set(*, project_id: int, slug: str) -> SetFacts:
    for found in list_golden_sets(project_id):
        if found.slug == slug:
            return found
    raise UnknownRelease(f"there is no golden set {slug!r} in this project")


def find_golden_set(*, name: str, project: str | None = None) -> SetFacts:
    """The set that a command line means: NAME, or PROJECT/NAME where two share one."""
    if "/" in name:
        project, name = name.split("/", 1)
    sets = GoldenSet.objects.filter(slug=name, project__retired_at__isnull=True)
    if project is not None:
        sets = sets.filter(project__slug=project)
    found = list(sets.order_by("project__slug").select_related("project"))
    if not found:
        raise UnknownRelease(f"there is no golden set {name!r}")
    if len(found) > 1:
        names = ", ".join(f"{one.project.slug}/{name}" for one in found)
        raise UnknownRelease(f"more than one golden set is called {name!r}: {names}")
    return get_golden_set(project_id=found[0].project_id, slug=name)


def list_releases(golden_set_id: int) -> list[ReleaseFacts]:
    """Newest first."""
    releases = Release.objects.filter(golden_set_id=golden_set_id)
    found = releases.select_related("golden_set", "frozen_by").order_by("-pk")
    return [_release_facts(release) for release in found]


def get_release(*, golden_set_id: int, version: str | None = None) -> ReleaseFacts:
    """One version, or the latest."""
    # No version holds a NUL, and the database would not take one.
    if version is not None and "\x00" in version:
        raise UnknownRelease("the golden set has no such version")
    releases = Release.objects.filter(golden_set_id=golden_set_id)
    if version is not None:
        releases = releases.filter(version=version)
    found = releases.select_related("golden_set", "frozen_by").order_by("pk").last()
    if found is None:
        what = f"version {version}" if version else "release"
        raise UnknownRelease(f"the golden set has no {what}")
    return _release_facts(found)


def find_release(*, name: str, project: str | None = None) -> ReleaseFacts:
    """The release that a command line means: NAME or NAME@VERSION."""
    slug, _, version = name.partition("@")
    golden_set = find_golden_set(name=slug, project=project)
    return get_release(golden_set_id=golden_set.id, version=version or None)


def get_release_by_id(release_id: int) -> ReleaseFacts:
    releases = Release.objects.select_related("golden_set", "frozen_by")
    return _release_facts(releases.get(pk=release_id))


def stream_lines(*, release_id: int, file: str) -> Iterator[str]:
    lines = ReleaseLine.objects.filter(release_id=release_id, file=file)
    return (
        lines.order_by("number")
        .values_list("text", flat=True)
        .iterator(chunk_size=CHUNK)
    )


def list_case_names(release_id: int) -> set[str]:
    lines = stream_lines(release_id=release_id, file=INDEX[CASES])
    return {json.loads(f'"{line[HASH_LENGTH + 2 :]}"') for line in lines}


def list_pseudonyms(release_id: int) -> list[tuple[str, str]]:
    """Who is behind each pseudonym; those who were erased are not there."""
    found = Pseudonym.objects.filter(release_id=release_id).order_by("name")
    return list(found.values_list("name", "member__handle"))


def _set_facts(found: GoldenSet, n_releases: Any, latest: str | None) -> SetFacts:
    return SetFacts(
        id=found.pk,
        project_id=found.project_id,
        slug=found.slug,
        queue=found.queue.slug,
        queue_title=found.queue.title,
        n_releases=n_releases,
        latest=latest,
    )


def _release_facts(release: Release) -> ReleaseFacts:
    return ReleaseFacts(
        id=release.pk,
        golden_set=release.golden_set.slug,
        version=release.version,
        digest=release.digest,
        manifest=release.manifest,
        n_cases=release.n_cases,
        frozen_by=release.frozen_by.handle if release.frozen_by else None,
        frozen_at=release.frozen_at,
    )
