"""Releases and candidates for the gate, made without a database."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import call_command

from calibration.formats.release import (
    CASES,
    CROISSANT,
    DATASHEET,
    FORMAT,
    INDEX,
    LINEAGE,
    MANIFEST,
    RUBRIC,
    SUMS,
    FileSum,
    LineFile,
    canonical,
    index_line,
    sums_text,
)

Json = dict[str, Any]
RUBRIC_OF_ONE = [
    {
        "key": "correct",
        "level": "nominal",
        "alpha": "nominal",
        "options": [{"value": "right"}, {"value": "wrong"}],
    }
]
SURE = {"value": "0.900000", "low": "0.850000", "high": "0.950000"}
CREATED = "2026-01-02T00:00:00+00:00"


@dataclass(frozen=True)
class MadeRelease:
    folder: Path
    digest: str


def make_case(number: int, label: str = "right", **changes: Any) -> Json:
    return {"id": f"c-{number:04}", "labels": {"correct": label}, **changes}


def make_release(
    folder: Path,
    cases: Iterable[Json],
    *,
    criteria: list[Json] = RUBRIC_OF_ONE,
    alpha: Mapping[str, str | None] = SURE,
    **changes: Any,
) -> MadeRelease:
    """A folder that verifies; `changes` go into the manifest."""
    folder.mkdir(parents=True)
    files: dict[str, FileSum] = {}
    listed = sorted(cases, key=lambda case: str(case["id"]))
    for name in (CASES, LINEAGE):
        with LineFile(folder / name) as data, LineFile(folder / INDEX[name]) as index:
            for case in listed:
                line = canonical(case)
                data.write(line)
                index.write(index_line(line, case["id"]))
        files |= {name: data.sum, INDEX[name]: index.sum}
    with LineFile(folder / RUBRIC) as rubric:
        rubric.write(
            canonical({"rubric": "answer", "version": 1, "criteria": criteria})
        )
    files[RUBRIC] = rubric.sum
    for name in (DATASHEET, CROISSANT):
        (folder / name).write_text(f"{name}\n")
        files[name] = FileSum.of(f"{name}\n".encode())
    manifest = _manifest(listed, criteria, alpha) | changes
    manifest["files"] = {name: found.described() for name, found in files.items()}
    (folder / MANIFEST).write_bytes(canonical(manifest) + b"\n")
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    hashes = {name: found.sha256 for name, found in files.items()}
    (folder / SUMS).write_text(sums_text(hashes | {MANIFEST: digest}))
    return MadeRelease(folder, digest)


def _manifest(
    cases: list[Json], criteria: list[Json], alpha: Mapping[str, str | None]
) -> Json:
    estimate = {**alpha, "n_items": len(cases), "reason": None}
    return {
        "format": FORMAT,
        "name": "core",
        "version": "1.0.0",
        "n_cases": len(cases),
        "labels": {one["key"]: {"right": len(cases)} for one in criteria},
        "agreement": {
            "bar": "0.667000",
            "criteria": [
                {"criterion": one["key"], "alpha": estimate} for one in criteria
            ],
        },
        "override": None,
    }


def write_candidate(
    path: Path, lines: Iterable[Json], *, head: Json | None = None
) -> Path:
    head = {"candidate": path.stem, "created_at": CREATED} if head is None else head
    rows = [head, *lines] if head else list(lines)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def answers(n: int, wrong: int) -> list[Json]:
    """Verdicts on `n` cases that are all right, the first `wrong` of them missed."""
    return [
        {
            "id": f"c-{number:04}",
            "verdicts": {"correct": "wrong" if number < wrong else "right"},
        }
        for number in range(n)
    ]


class Gate:
    """Runs the command on files of one folder, and keeps what it said."""

    def __init__(self, folder: Path, capsys: Any) -> None:
        self.folder = folder
        self._capsys = capsys
        self.thresholds = "[disagreement]\noverall = 0.1\n"
        self.release = folder / "release"

    def release_of(self, cases: Any, **changes: Any) -> MadeRelease:
        return make_release(self.release, cases, **changes)

    def run(self, lines: Any, *, name: str = "new", **options: Any) -> Any:
        """The exit code and the report."""
        head = options.pop("head", None)
        candidate = write_candidate(self.folder / f"{name}.jsonl", lines, head=head)
        return self.run_file(candidate, **options)

    def run_file(self, candidate: Path, **options: Any) -> Any:
        path = self.folder / "T.toml"
        path.write_text(self.thresholds, encoding="utf-8")
        code = 0
        try:
            call_command(
                "gate",
                release=self.release,
                candidate=candidate,
                thresholds=path,
                json=True,
                **options,
            )
        except SystemExit as end:
            code = int(end.code or 0)
        return code, json.loads(self._capsys.readouterr().out)
