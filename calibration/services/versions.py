"""The number of a release: by what it changes of the one before."""

from collections.abc import Iterator
from pathlib import Path

from calibration.formats.differences import Changes, compare_cases, count_changes
from calibration.formats.release import (
    CASES,
    FIRST_VERSION,
    RUBRIC,
    next_version,
    version_parts,
)
from calibration.models import Release
from calibration.queries.releases import stream_lines
from calibration.services.manifests import Parent


class VersionTooLow(Exception):
    """A lower number was asked for than what changed asks for."""


def number_release(parent: Parent | None, wanted: str) -> str:
    if parent is None:
        return wanted or FIRST_VERSION
    earned = next_version(parent.version, parent.changes.bump)
    if not wanted:
        return earned
    if version_parts(wanted) < version_parts(earned):
        raise VersionTooLow(
            f"what changed since {parent.version} makes this {earned} at least, and "
            f"{wanted} was asked for"
        )
    return wanted


def find_parent(workspace: Path, release: Release | None) -> Parent | None:
    """The release, and what the workspace changes of it."""
    if release is None:
        return None
    return Parent(release.version, release.digest, _changes_since(workspace, release))


def _changes_since(workspace: Path, release: Release) -> Changes:
    old = stream_lines(release_id=release.pk, file=CASES)
    rubric = list(stream_lines(release_id=release.pk, file=RUBRIC))
    return count_changes(
        compare_cases(old, workspace_lines(workspace / CASES)),
        n_old=release.n_cases,
        has_other_rubric=rubric != list(workspace_lines(workspace / RUBRIC)),
    )


def workspace_lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as stream:
        for line in stream:
            yield line.removesuffix("\n")
