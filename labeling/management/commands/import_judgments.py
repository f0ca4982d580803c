"""bin/touchstone import-judgments: ratings made elsewhere, of a CSV or another tool."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from labeling.formats.judgments import Fault, Line, MissingColumns, read_lines
from labeling.formats.votes import Votes
from labeling.services.imports import Imported, import_judgments
from reviews.formats.terminal import counted, visible
from reviews.formats.tools.catalogue import TOOLS
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
        parser.add_argument(
            "--format",
            choices=["csv", *TOOLS],
            default="csv",
            dest="form",
            help="whose file it is",
        )
        parser.add_argument(
            "--criterion",
            action="append",
            default=[],
            dest="criteria",
            metavar="KEY=NAME",
            help="take what the tool calls NAME as criterion KEY, and nothing else",
        )
        parser.add_argument(
            "--value",
            action="append",
            default=[],
            dest="values",
            metavar="VALUE=FOUND",
            help="take FOUND in the tool's file for VALUE of the scale",
        )
        parser.add_argument("--queue", required=True, help="the queue that was judged")
        parser.add_argument("--project", help="the project of the queue")

    def handle(self, **options: Any) -> None:
        try:
            queue = find_queue(name=options["queue"], project=options["project"])
            if options["form"] == "csv":
                if options["criteria"] or options["values"]:
                    refuse("--criterion and --value: a CSV has the names of here")
                unit, imported = "line", self._import_csv(options["file"], queue)
            else:
                unit, imported = "record", self._import_tool(queue, options)
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
            raise InputFaults(_faults(options["file"], imported, unit))

    def _import_csv(self, path: Path, queue: QueueFacts) -> Imported:
        # A line that is not UTF-8 is a fault of its own, not of the file.
        with path.open(
            encoding="utf-8-sig", errors="surrogateescape", newline=""
        ) as source:
            return _import(queue, read_lines(source))

    def _import_tool(self, queue: QueueFacts, options: Mapping[str, Any]) -> Imported:
        stream: BufferedReader = BufferedReader(FileIO(options["file"]))
        with stream:
            votes = Votes(
                stream,
                options["form"],
                criteria=_renamed("--criterion", options["criteria"]),
                values=_renamed("--value", options["values"]),
            )
            imported = _import(queue, votes)
        for reason, number in sorted(votes.skipped.items()):
            self.progress(f"{counted(number, 'record')} skipped: {visible(reason)}")
        told = [votes.told(fault) for fault in imported.faults]
        return replace(imported, faults=told)


def _import(queue: QueueFacts, lines: Iterable[Line | Fault]) -> Imported:
    return import_judgments(queue_id=queue.id, lines=lines, now=timezone.now())


def _renamed(option: str, pairs: list[str]) -> dict[str, str]:
    """What stands in the file, by what it is to be here."""
    renamed = {}
    for pair in pairs:
        here, equals, there = pair.partition("=")
        if not (here and equals and there):
            refuse(f"{option} {pair}: expected HERE=THERE")
        renamed[there] = here
    return renamed


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


def _faults(path: Path, imported: Imported, unit: str) -> str:
    where = f"{path}:" if unit == "line" else f"{path}: {unit} "
    lines = [
        f"{where}{fault.line}: {fault.field}: {fault.message}"
        for fault in imported.faults[:SHOWN_FAULTS]
    ]
    more = len(imported.faults) - SHOWN_FAULTS
    if more > 0:
        lines.append(f"... and {more} more faults")
    return "\n".join(lines)
