"""bin/touchstone import-judgments: ratings made elsewhere, from a CSV."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from labeling.formats.judgments import MissingColumns, read_lines
from labeling.services.imports import Imported, import_judgments
from reviews.formats.terminal import counted
from reviews.management.base import Command as TouchstoneCommand
from reviews.management.base import InputFaults, fault_as_json, refuse
from reviews.queries.queues import QueueFacts, UnknownQueue, find_queue

SHOWN_FAULTS = 50


class Command(TouchstoneCommand):
    help = "Bring in ratings made elsewhere as judgments of raters without account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            type=Path,
            help="CSV: item_id,rater_id,criterion,label[,rationale][,time]",
        )
        parser.add_argument("--queue", required=True, help="the queue that was judged")
        parser.add_argument("--project", help="the project of the queue")

    def handle(self, **options: Any) -> None:
        try:
            queue = find_queue(name=options["queue"], project=options["project"])
            imported = self._import(options["file"], queue)
        except (UnknownQueue, MissingColumns) as error:
            refuse(str(error))
        except OSError as error:
            refuse(f"cannot read {options['file']}: {error.strerror}")
        result = _as_json(queue, imported)
        text = (
            f"{counted(imported.rows, 'row')}:"
            f" {counted(imported.judgments_added, 'judgment')} added,"
            f" {imported.unchanged:,} unchanged, {counted(imported.raters, 'rater')}."
        )
        self.finish(result, text, as_json=options["json"])
        if imported.faults:
            raise InputFaults(_faults(options["file"], imported))

    def _import(self, path: Path, queue: QueueFacts) -> Imported:
        # A line that is not UTF-8 is a fault of its own, not of the file.
        with path.open(
            encoding="utf-8-sig", errors="surrogateescape", newline=""
        ) as source:
            return import_judgments(
                queue_id=queue.id, lines=read_lines(source), now=timezone.now()
            )


def _as_json(queue: QueueFacts, imported: Imported) -> dict[str, Any]:
    return {
        "queue": queue.slug,
        "rows": imported.rows,
        "judgments_added": imported.judgments_added,
        "unchanged": imported.unchanged,
        "raters": imported.raters,
        "faults": [
            fault_as_json(fault.line, fault.field, fault.message)
            for fault in imported.faults
        ],
    }


def _faults(path: Path, imported: Imported) -> str:
    lines = [
        f"{path}:{fault.line}: {fault.field}: {fault.message}"
        for fault in imported.faults[:SHOWN_FAULTS]
    ]
    more = len(imported.faults) - SHOWN_FAULTS
    if more > 0:
        lines.append(f"... and {more} more faults")
    return "\n".join(lines)
