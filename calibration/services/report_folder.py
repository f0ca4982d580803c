"""A measurement of agreement as a folder: report.md, agreement.json, charts."""

import json
from datetime import datetime
from pathlib import Path

from calibration.formats.report import report_text
from calibration.queries.ratings import count_open_disputes
from calibration.queries.snapshots import CHARTS, get_chart, get_snapshot
from calibration.services.snapshots import refresh_agreement
from reviews.queries.queues import QueueFacts

REPORT = "report.md"
FIGURES = "agreement.json"


class ReportFolderTaken(Exception):
    """There is something else where the report was to be written."""


def write_report(
    *, queue: QueueFacts, version_id: int, out: Path, now: datetime
) -> list[str]:
    """Write the newest measurement, made anew if it is behind; names of the files."""
    _check_free(out)
    snapshot = get_snapshot(queue_id=queue.id, version_id=version_id)
    if snapshot is None or snapshot.is_behind:
        refresh_agreement(queue_id=queue.id, version_id=version_id, now=now)
        snapshot = get_snapshot(queue_id=queue.id, version_id=version_id)
    if snapshot is None:
        raise RuntimeError(f"the measurement of {queue.slug} is gone")
    results = {
        "measured_at": snapshot.computed_at.isoformat(),
        "agreement": snapshot.agreement,
        "breakdown": snapshot.breakdown,
        "cases": {
            "n_cases": snapshot.n_cases,
            "left_out": snapshot.left_out,
            "blocks": list(snapshot.blocks),
        },
        "n_open_disputes": count_open_disputes(
            queue_id=queue.id, version_id=version_id
        ),
        "drawn": [name for name in CHARTS if name in snapshot.drawn],
    }
    when = f"{snapshot.computed_at:%Y-%m-%d %H:%M} UTC"
    files = {
        REPORT: report_text(queue.title, when, results),
        FIGURES: json.dumps(results, ensure_ascii=False, indent=1) + "\n",
    }
    for name in snapshot.drawn:
        svg = get_chart(queue_id=queue.id, version_id=version_id, name=name)
        if svg is not None and not name.endswith("-narrow"):
            files[f"charts/{name}.svg"] = svg
    (out / "charts").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8")
    return sorted(files)


def _check_free(out: Path) -> None:
    """A former report may be written over, nothing else."""
    if out.is_dir() and (not any(out.iterdir()) or (out / REPORT).is_file()):
        return
    if out.exists():
        raise ReportFolderTaken(f"{out} exists and holds something else than a report")
