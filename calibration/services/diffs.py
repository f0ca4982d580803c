"""What became of a golden set from one release to another, and why."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibration.formats.differences import (
    ADDED,
    CHANGED,
    CaseChange,
    Changes,
    compare_cases,
    count_changes,
)
from calibration.formats.release import CASES, LINEAGE, MANIFEST, RUBRIC
from calibration.formats.verification import verify_release
from calibration.queries.releases import ReleaseFacts, stream_lines

Json = dict[str, Any]
ADJUDICATED = "ADJUDICATED"


class NotComparable(Exception):
    """One of the two is no release that can be read; the message says which."""


@dataclass(frozen=True)
class Side:
    """One release, wherever it is."""

    manifest: Json
    lines: Callable[[str], Iterator[str]]

    @property
    def cited(self) -> str:
        return f"{self.manifest['name']}@{self.manifest['version']}"


@dataclass(frozen=True)
class ExplainedChange:
    change: CaseChange
    # One line each, in words.
    why: tuple[str, ...]


@dataclass(frozen=True)
class Diff:
    old: str
    new: str
    counts: Changes
    changes: tuple[ExplainedChange, ...]


def side_of_release(release: ReleaseFacts) -> Side:
    return Side(
        json.loads(release.manifest),
        lambda file: stream_lines(release_id=release.id, file=file),
    )


def side_of_folder(folder: Path) -> Side:
    """Only what is byte for byte a release is compared."""
    found = verify_release(folder)
    if not found.ok:
        raise NotComparable(f"{folder} is not what was released: {found.faults[0]}")
    manifest = json.loads((folder / MANIFEST).read_bytes())
    return Side(manifest, lambda file: _lines(folder / file))


def diff_releases(old: Side, new: Side) -> Diff:
    changes = list(compare_cases(old.lines(CASES), new.lines(CASES)))
    names = {change.case for change in changes}
    before, after = _lineage(old, names), _lineage(new, names)
    retired = {one["id"]: one for one in new.manifest.get("retired", [])}
    counts = count_changes(
        changes,
        n_old=old.manifest["n_cases"],
        has_other_rubric=list(old.lines(RUBRIC)) != list(new.lines(RUBRIC)),
    )
    explained = (
        ExplainedChange(
            change,
            tuple(_why(change, before.get(change.case), after.get(change.case)))
            or tuple(_why_gone(change, retired)),
        )
        for change in changes
    )
    return Diff(old.cited, new.cited, counts, tuple(explained))


def _lineage(side: Side, names: set[str]) -> dict[str, Json]:
    found = {}
    for line in side.lines(LINEAGE):
        entry = json.loads(line)
        # Of one whose reasons were erased there is nothing to tell.
        if entry["id"] in names and "criteria" in entry:
            found[entry["id"]] = entry
    return found


def _why(change: CaseChange, before: Json | None, after: Json | None) -> Iterator[str]:
    if change.kind != CHANGED or change.old is None or change.new is None:
        return
    if "labels" in change.fields and before is not None and after is not None:
        yield from _why_relabelled(change.old, change.new, before, after)
    for field in change.fields:
        if field in ("cell", "weight", "grading", "reference"):
            yield f"{field}: {_short(change.old[field])} -> {_short(change.new[field])}"
        elif field not in ("labels", "canary"):
            yield f"{field}: another"


def _why_relabelled(old: Json, new: Json, before: Json, after: Json) -> Iterator[str]:
    for key in sorted(old["labels"].keys() | new["labels"].keys()):
        was, now = old["labels"].get(key), new["labels"].get(key)
        if was == now:
            continue
        origin = after["criteria"].get(key)
        because = _rests_on(origin) if origin else "no such criterion any more"
        earlier = before["criteria"].get(key)
        if origin and earlier and origin["adjudication"] is None:
            because += f", was {_rests_on(earlier)}"
        yield f"{key}: {_short(was)} -> {_short(now)} ({because})"


def _rests_on(origin: Json) -> str:
    if origin["method"] == ADJUDICATED and origin["adjudication"] is not None:
        return f"adjudicated: {origin['adjudication']['reason']}"
    votes = f"{origin['votes_for']} of {origin['n_votes']} votes"
    return f"{origin['method'].lower().replace('_', ' ')}, {votes}"


def _why_gone(change: CaseChange, retired: Mapping[str, Json]) -> Iterator[str]:
    if change.kind == ADDED or change.kind == CHANGED:
        return
    one = retired.get(change.case)
    if one is not None:
        yield f"retired as {one['because']}: {one['note']}"
    else:
        yield "not drawn, or not eligible any more: see left_out in the manifest"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as stream:
        for line in stream:
            yield line.removesuffix("\n")
