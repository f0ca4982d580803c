"""Freezing, verifying and exporting a set: items a second, and the peak of memory.

Each step runs in a process of its own, so that its peak is its own.
Run: python -m config.embedded run --temporary -- python benchmarks/freeze.py [--json]
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import django

SIZES = (10_000, 100_000)
STEPS = ("freeze", "again", "export", "verify")
CHUNK = 1000
VALUES = ("bad", "fair", "good")


@dataclass(frozen=True)
class Timing:
    """One step at one size; memory in mebibytes, above what the process began with."""

    items: int
    step: str
    seconds: float
    items_per_second: int
    peak_mib: float
    above_start_mib: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    if options.step:
        step, size, folder = options.step
        print(json.dumps(asdict(_run(step, int(size), Path(folder)))))
        return
    timings = [timing for size in options.sizes for timing in _measure(size)]
    machine = {"cores": os.cpu_count(), "machine": platform.machine()}
    if options.json:
        found = [asdict(timing) for timing in timings]
        print(json.dumps({"machine": machine, "timings": found}))
        return
    for one in timings:
        print(
            f"{one.items:>8,}  {one.step:<7} {one.seconds:>7.1f} s "
            f"{one.items_per_second:>8,}/s  peak {one.peak_mib:>6.0f} MiB "
            f"(+{one.above_start_mib:.0f})"
        )


def _measure(size: int) -> list[Timing]:
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    _make(size)
    with tempfile.TemporaryDirectory() as folder:
        return [_in_process(step, size, folder) for step in STEPS]


def _in_process(step: str, size: int, folder: str) -> Timing:
    command = [sys.executable, __file__, "--step", step, str(size), folder]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Timing(**json.loads(done.stdout.splitlines()[-1]))


def _run(step: str, size: int, folder: Path) -> Timing:
    run = {"freeze": _freeze, "again": _freeze, "export": _export, "verify": _verify}
    run_step = run[step]
    before, started = _peak(), time.perf_counter()
    run_step(size, folder)
    seconds = time.perf_counter() - started
    peak = _peak()
    return Timing(size, step, seconds, round(size / seconds), peak, peak - before)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _freeze(size: int, folder: Path) -> None:
    from django.utils import timezone  # noqa: PLC0415

    from calibration.services.freezing import freeze_release  # noqa: PLC0415
    from reviews.queries.queues import find_queue  # noqa: PLC0415

    frozen = freeze_release(
        name="core",
        queue=find_queue(name=f"bench-{size}"),
        override="",
        frozen_by_id=None,
        now=timezone.now(),
    )
    assert frozen.n_cases == size  # noqa: S101


def _export(size: int, folder: Path) -> None:
    from calibration.queries.releases import find_release  # noqa: PLC0415
    from calibration.services.folders import write_folder  # noqa: PLC0415

    release = find_release(name="core", project=f"bench-{size}")
    write_folder(release, folder / "release")


def _verify(size: int, folder: Path) -> None:
    from calibration.formats.verification import verify_release  # noqa: PLC0415

    found = verify_release(folder / "release")
    assert found.ok  # noqa: S101
    assert found.n_cases == size  # noqa: S101


def _make(size: int) -> None:
    """Items with two judgments each, so that nothing stands in the way."""
    from tests import factories  # noqa: PLC0415

    slug = f"bench-{size}"
    project = factories.make_project(slug)
    queue = factories.make_queue(project, factories.make_rubric(project), slug)
    raters = [factories.make_rater(project, name) for name in ("ann", "bob", "cy")]
    for start in range(0, size, CHUNK):
        numbers = range(start, min(start + CHUNK, size))
        _make_chunk(project, queue, raters, numbers)


def _make_chunk(project: Any, queue: Any, raters: Any, numbers: range) -> None:
    from labeling.models import Judgment, Rating  # noqa: PLC0415
    from reviews.models import (  # noqa: PLC0415
        Assignment,
        AssignmentStatus,
        Item,
        Purpose,
    )
    from tests.factories import NOW  # noqa: PLC0415

    items = Item.objects.bulk_create(
        Item(
            project=project,
            external_id=f"case-{number:07}",
            kind="SINGLE",
            content={
                "prompt": f"Question {number}? " + "Because of the weather. " * 20,
                "responses": [{"text": f"Answer {number}. " * 40}],
            },
            signals={"intent": f"i{number % 7}", "confidence": number % 100 / 100},
            provenance={"created_at": f"2026-09-{number % 28 + 1:02}"},
            fingerprint=number.to_bytes(32),
            ingested_at=NOW,
        )
        for number in numbers
    )
    pairs = [
        (item, raters[(number + place) % 3], number)
        for item, number in zip(items, numbers, strict=True)
        for place in range(2)
    ]
    assignments = Assignment.objects.bulk_create(
        Assignment(
            queue=queue,
            reviewer=rater,
            item=item,
            purpose=Purpose.IMPORT,
            rubric_version_id=queue.rubric_version_id,
            position=1,
            response_order=[0],
            status=AssignmentStatus.SUBMITTED,
            created_at=NOW,
        )
        for item, rater, _ in pairs
    )
    judgments = Judgment.objects.bulk_create(
        Judgment(assignment=assignment, submitted_at=NOW, **_after(assignment))
        for assignment in assignments
    )
    criterion = queue.rubric_version.criteria.get()
    Rating.objects.bulk_create(
        Rating(judgment=judgment, criterion=criterion, value=value, displayed=value)
        for judgment, (_, _, number) in zip(judgments, pairs, strict=True)
        for value in [VALUES[number % 3]]
    )


def _after(assignment: Any) -> dict[str, Any]:
    return {
        "queue_id": assignment.queue_id,
        "item_id": assignment.item_id,
        "reviewer_id": assignment.reviewer_id,
        "rubric_version_id": assignment.rubric_version_id,
        "counts": True,
    }


if __name__ == "__main__":
    main()
