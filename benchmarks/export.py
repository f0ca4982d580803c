"""Export of a release to each format: rate, and whether memory grows with it.

    python -m config.embedded run --temporary -- python benchmarks/export.py

A release cannot be removed, so that the database should be one to throw away. Each
export is the command in a process of its own; of two releases, one a hundred times the
other, its peak memory says whether that grows.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import django
from django.db import connection
from django.utils import timezone

CHECKOUT = Path(__file__).parent.parent
ALPHABET = "etaoinshrdlu"
SMALL = 100
RUBRIC = {
    "rubric": "answers",
    "version": 1,
    "title": "Answers",
    "guidance": "",
    "criteria": [
        {
            "key": "preference",
            "title": "Which is better?",
            "guidance": "",
            "level": "pairwise",
            "required": True,
            "options": [
                {"value": value, "title": value, "anchor": "", "rationale": False}
                for value in ("A", "tie", "B")
            ],
        }
    ],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--format", action="append", dest="forms")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for name, n_cases in (("small", options.cases // SMALL), ("large", options.cases)):
        make_release(name, n_cases)
    for form in options.forms or every_format():
        row = measure(form, options.cases)
        print(json.dumps(row) if options.json else as_text(row), flush=True)
    return 0


def every_format() -> list[str]:
    from calibration.formats.exports.catalogue import FORMATS  # noqa: PLC0415

    return ["native", *FORMATS]


def make_release(name: str, n_cases: int) -> None:
    """Pairs of 1.4 kB, as a release that nobody judged."""
    from calibration.models import GoldenSet, Release  # noqa: PLC0415

    now = timezone.now()
    golden_set = GoldenSet.objects.create(
        project_id=(queue := make_queue(name, now)).project_id,
        slug=name,
        queue=queue,
        created_at=now,
    )
    files = ("cases.jsonl", "cases.sha256", "lineage.jsonl", "lineage.sha256")
    found = {"sha256": "0" * 64, "bytes": 0, "lines": n_cases}
    manifest = {
        "format": "touchstone-release/1",
        "n_cases": n_cases,
        "labels": {"preference": {}},
        "files": dict.fromkeys((*files, "rubric.json"), found),
    }
    release = Release.objects.create(
        golden_set=golden_set,
        version="1.0.0",
        digest=name.ljust(64, "0"),
        manifest=json.dumps(manifest),
        n_cases=n_cases,
        frozen_at=now,
    )
    copying = "COPY calibration_releaseline (release_id, file, number, text) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copying) as copy:
        copy.write_row((release.pk, "rubric.json", 1, json.dumps(RUBRIC)))
        for number, line in enumerate(make_lines(n_cases), start=1):
            copy.write_row((release.pk, files[0], number, line))


def make_queue(name: str, now: datetime) -> Any:
    from labeling.models import Rubric, RubricVersion  # noqa: PLC0415
    from reviews.models import Project, Queue  # noqa: PLC0415

    project = Project.objects.create(slug=name, name=name, created_at=now)
    rubric = Rubric.objects.create(project=project, slug="answers", created_at=now)
    version = RubricVersion.objects.create(
        rubric=rubric, number=1, title="Answers", document={}, published_at=now
    )
    return Queue.objects.create(
        project=project,
        rubric_version=version,
        slug="answers",
        title="Answers",
        kinds=["PAIR"],
        overlap=2,
        batch_size=10,
        gold_rate=0.0,
        lease_minutes=60,
        daily_cap=100,
        agreement_bar=0.667,
        created_at=now,
    )


def make_lines(n_cases: int) -> Iterator[str]:
    rng = Random(20260302)
    words = ["".join(rng.choices(ALPHABET, k=rng.randint(2, 9))) for _ in range(4000)]
    for number in range(n_cases):
        prompt, left, right = (
            " ".join(rng.choices(words, k=size)) for size in (35, 75, 75)
        )
        case = {
            "id": f"pair-{number:07}",
            "kind": "pair",
            "content": {
                "prompt": prompt,
                "responses": [{"text": left}, {"text": right}],
            },
            "signals": {"confidence": 0.5},
            "provenance": {"responses": [{"model": "north-2"}, {"model": "south-1"}]},
            "labels": {"preference": rng.choice("AB")},
        }
        yield json.dumps(case, separators=(",", ":"), sort_keys=True)


def measure(form: str, n_cases: int) -> dict[str, Any]:
    _, _, small = time_export("small", form)
    seconds, busy, large = time_export("large", form)
    return {
        "format": form,
        "cases": n_cases,
        "seconds": round(seconds, 2),
        "cases_per_second": round(n_cases / seconds),
        # What the machine does besides makes the seconds more, and these hardly.
        "cpu_seconds": round(busy, 2),
        "peak_memory_mb": round(large / 1e6),
        "peak_memory_mb_of_a_hundredth": round(small / 1e6),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def time_export(name: str, form: str) -> tuple[float, float, float]:
    """Seconds from start to end, those of its processor, and peak memory in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / ("out.jsonl" if form == "inspect" else f"out.{form}")
        command = ["manage.py", "export", name, "--format", form, "--out", str(out)]
        started = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, *command],
            cwd=CHECKOUT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"export of {name} as {form} failed")
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit


def as_text(row: dict[str, Any]) -> str:
    return (
        f"{row['format']:<14} {row['seconds']:>7} s {row['cases_per_second']:>8,} cases/s"
        f" {row['cpu_seconds']:>6} CPU s"
        f" {row['peak_memory_mb']:>5} MB ({row['peak_memory_mb_of_a_hundredth']} MB)"
    )


if __name__ == "__main__":
    sys.path.insert(0, str(CHECKOUT))
    sys.exit(main())
