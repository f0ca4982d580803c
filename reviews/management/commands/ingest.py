"""bin/touchstone ingest: outputs come in."""

import gzip
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from io import BufferedReader, FileIO, RawIOBase
from pathlib import Path
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.utils import timezone

from reviews.formats.files import Entry, read_csv, read_jsonl
from reviews.formats.items import ParsedItem
from reviews.formats.lines import ByteStream
from reviews.formats.mapping import InvalidMapping, MappingFile, parse_mapping
from reviews.formats.native import add_flags
from reviews.formats.tables import InvalidTable
from reviews.formats.terminal import counted
from reviews.formats.tools.catalogue import TOOLS, read_items
from reviews.formats.tools.found import Skipped
from reviews.formats.tools.records import LINE, RECORD
from reviews.management.base import Command as TouchstoneCommand
from reviews.management.base import InputFaults, fault_as_json, read_text, refuse
from reviews.services.intake import IntakeReport, ingest_items
from reviews.tasks import announce_routed

SECONDS_BETWEEN_REPORTS = 2
GZIP_MAGIC = b"\x1f\x8b"
DELIMITERS = {".csv": ",", ".tsv": "\t"}


class Command(TouchstoneCommand):
    help = "Read outputs from a file into a project and route them by its policy."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", metavar="FILE", help="JSONL or CSV, also gzipped; - is stdin"
        )
        parser.add_argument("--project", required=True, help="made if it is new")
        parser.add_argument(
            "--mapping", type=Path, metavar="FILE.toml", help="for any other layout"
        )
        parser.add_argument(
            "--flag",
            action="append",
            default=[],
            dest="flags",
            metavar="FLAG",
            help="added to every item, as its line might say; incident for a replay",
        )
        parser.add_argument(
            "--strict", action="store_true", help="take all lines or none"
        )
        parser.add_argument(
            "--format",
            choices=["csv", "jsonl", *TOOLS],
            dest="form",
            help="of a file whose name or mapping does not tell; or whose file it is",
        )

    def handle(self, *, file: str, project: str, **options: Any) -> None:
        started = time.monotonic()
        mapping = _read_mapping(options["mapping"])
        skipped: Counter[str] = Counter()
        with ExitStack() as stack:
            stream = _open(file, stack)
            if options["form"] in TOOLS:
                entries = _read_tool(stream, options["form"], mapping, skipped)
            else:
                entries = _read(file, stream, mapping, options["form"])
            entries = _flagged(entries, options["flags"])
            report = self._ingest(entries, project, is_strict=options["strict"])
        announce_routed()
        for reason, number in sorted(skipped.items()):
            self.progress(f"{counted(number, 'record')} skipped: {reason}")
        result = _as_json(report, time.monotonic() - started)
        result["skipped"] = dict(sorted(skipped.items()))
        unit = RECORD if options["form"] in TOOLS else LINE
        self.finish(result, _as_text(report, unit), as_json=options["json"])
        if report.n_faults:
            raise InputFaults(_of_faults(report, unit, is_strict=options["strict"]))

    def _ingest(
        self, entries: Iterator[Entry], project: str, *, is_strict: bool
    ) -> IntakeReport:
        try:
            return ingest_items(
                project=project,
                entries=entries,
                now=timezone.now(),
                is_strict=is_strict,
                on_fault=lambda fault: self.stderr.write(str(fault)),
                on_progress=_Ticker(self).tick,
            )
        except ValidationError:
            refuse(
                f"{project!r} is no name for a project: expected letters, digits and -"
            )
        except (OSError, EOFError, zlib.error) as error:
            # Of the file: the database's errors are others.
            refuse(f"the file cannot be read to its end: {error}")


class _Ticker:
    """Says how far the work is, every other second."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._last = time.monotonic()

    def tick(self, report: IntakeReport) -> None:
        if time.monotonic() - self._last >= SECONDS_BETWEEN_REPORTS:
            self._last = time.monotonic()
            self._command.progress(f"{report.read:,} lines read")


def _read_mapping(path: Path | None) -> MappingFile | None:
    if path is None:
        return None
    try:
        return parse_mapping(read_text(path))
    except (InvalidMapping, UnicodeDecodeError) as error:
        refuse(f"{path}: {error}")


def _read_tool(
    stream: BufferedReader,
    tool: str,
    mapping: MappingFile | None,
    skipped: Counter[str],
) -> Iterator[Entry]:
    """Its items and faults; what holds none is counted by reason."""
    if mapping is not None:
        refuse(
            f"--mapping says how any other layout reads, and --format {tool} as well"
        )
    return _without_skipped(read_items(stream, tool), skipped)


def _without_skipped(
    entries: Iterator[Entry | Skipped], skipped: Counter[str]
) -> Iterator[Entry]:
    for entry in entries:
        if isinstance(entry, Skipped):
            skipped[entry.reason] += 1
        else:
            yield entry


def _open(name: str, stack: ExitStack) -> BufferedReader:
    """The file, unzipped when its first bytes say that it is gzipped."""
    is_stdin = name == "-"
    try:
        raw: BufferedReader = stack.enter_context(
            BufferedReader(FileIO(0 if is_stdin else name, closefd=not is_stdin))
        )
        is_zipped = raw.peek(2)[:2] == GZIP_MAGIC
    except OSError as error:
        refuse(f"cannot read {name}: {error.strerror}")
    if not is_zipped:
        return raw
    unzipped = stack.enter_context(gzip.GzipFile(fileobj=raw))
    return BufferedReader(cast(RawIOBase, unzipped), 1 << 16)


def _read(
    name: str, stream: ByteStream, mapping: MappingFile | None, form: str | None
) -> Iterator[Entry]:
    suffix = Path(name.removesuffix(".gz")).suffix.lower()
    said = mapping.format if mapping else None
    if form is not None and said is not None and form != said:
        refuse(f"--format says {form}, and the mapping {said}")
    form = form or said or ("csv" if suffix in DELIMITERS else "jsonl")
    if form != "csv":
        return read_jsonl(stream, mapping)
    given = mapping.delimiter if mapping else None
    try:
        return read_csv(stream, mapping, given or DELIMITERS.get(suffix, ","))
    except InvalidTable as error:
        refuse(f"{name}: {error}")


def _flagged(entries: Iterator[Entry], flags: Sequence[str]) -> Iterator[Entry]:
    if not all(flag.strip() and "\x00" not in flag for flag in flags):
        refuse("--flag: expected text")
    if not flags:
        return entries
    return (
        add_flags(entry, flags) if isinstance(entry, ParsedItem) else entry
        for entry in entries
    )


def _as_json(report: IntakeReport, seconds: float) -> dict[str, Any]:
    return {
        "project": report.project,
        "read": report.read,
        "added": report.added,
        "unchanged": report.unchanged,
        "faults": [
            fault_as_json(fault.line, fault.field, fault.message, id_=fault.id)
            for fault in report.faults
        ],
        "n_faults": report.n_faults,
        "seconds": round(seconds, 3),
    }


def _as_text(report: IntakeReport, unit: str) -> str:
    return (
        f"{report.project}: {counted(report.read, unit)} read, "
        f"{counted(report.added, 'item')} added, "
        f"{report.unchanged:,} there already, {report.n_faults:,} refused."
    )


def _of_faults(report: IntakeReport, unit: str, *, is_strict: bool) -> str:
    text = counted(report.n_faults, f"{unit} was refused", f"{unit}s were refused")
    return f"{text}; nothing was added (--strict)." if is_strict else f"{text}."
