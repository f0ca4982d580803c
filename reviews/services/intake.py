"""Intake: valid lines of a file become items, each once and for ever."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from struct import Struct

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import UniqueViolation

from reviews.formats.files import Entry
from reviews.formats.items import Fault, ParsedItem
from reviews.formats.seen import SeenIds
from reviews.services.projects import get_or_create_project
from reviews.services.routing import route_items

CHUNK_ITEMS = 2000
CHUNK_BYTES = 16_000_000
ROWS_PER_BLOCK = 100
LISTED_FAULTS = 1000

CHANGED = "this id is already there with other content; items are never rewritten"
TWICE = "this id stands on {unit} {first} already; it is expected once in a file"

COPY = """
COPY reviews_item (project_id, external_id, kind, content, signals, provenance,
                   fingerprint, ingested_at)
FROM STDIN (FORMAT BINARY)
"""
# PostgreSQL's binary COPY: a signature, rows of (length, bytes), and an end mark.
COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TAIL = b"\xff\xff"
_head = Struct("!hiqi").pack
_length = Struct("!i").pack
_jsonb = Struct("!ib").pack
_time = Struct("!iq").pack
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass
class IntakeReport:
    """What became of a file, line by line counted."""

    project: str
    read: int = 0
    added: int = 0
    unchanged: int = 0
    n_faults: int = 0
    # The first of them only; each was handed out when it was found.
    faults: list[Fault] = field(default_factory=list)


class _Undone(Exception):
    """Faults were found where all lines or none were to be taken."""


def ingest_items(
    *,
    project: str,
    entries: Iterable[Entry],
    now: datetime,
    is_strict: bool = False,
    on_fault: Callable[[Fault], None] = lambda fault: None,
    on_progress: Callable[[IntakeReport], None] = lambda report: None,
    rng: Random | None = None,
) -> IntakeReport:
    """Store the items, then route them by the project's policy.

    The good lines land chunk by chunk, so that an intake that is cut off has done
    whole chunks and goes on when the file is given again. With `is_strict` they
    land together, or not at all when a line has a fault.
    """
    report = IntakeReport(project)
    together: AbstractContextManager[object] = (
        transaction.atomic() if is_strict else nullcontext()
    )
    try:
        with together:
            project_id, _ = get_or_create_project(slug=project, now=now)
            intake = _Intake(project_id, now, report, on_fault)
            for chunk in _read_ahead(_chunks(entries)):
                intake.store(chunk)
                on_progress(report)
            if is_strict and report.n_faults:
                raise _Undone
    except _Undone:
        report.added = 0
        return report
    route_items(project_id=project_id, now=now, rng=rng)
    return report


@dataclass
class _Intake:
    project_id: int
    now: datetime
    report: IntakeReport
    on_fault: Callable[[Fault], None]
    seen: SeenIds = field(default_factory=SeenIds)
    is_known_ground: bool = False

    def store(self, chunk: list[Entry]) -> None:
        """One chunk in one transaction; its faults in the order of its lines."""
        items = [entry for entry in chunk if isinstance(entry, ParsedItem)]
        faults = [entry for entry in chunk if isinstance(entry, Fault)]
        ids = [item.external_id for item in items]
        earlier = self.seen.find(ids)
        with transaction.atomic(), connection.cursor() as cursor:
            _lock_intake(cursor, self.project_id)
            new, repeated = self._copy_new(cursor, items, earlier)
        self.seen.add(ids, [item.line for item in items])
        self.report.read += len(chunk)
        self.report.added += len(new)
        faults += repeated
        self.report.unchanged += len(chunk) - len(new) - len(faults)
        for fault in sorted(faults, key=lambda fault: fault.line):
            self._note(fault)

    def _copy_new(
        self, cursor: CursorWrapper, items: list[ParsedItem], earlier: list[int]
    ) -> tuple[list[ParsedItem], list[Fault]]:
        """Looks up what is there only once something has turned out to be."""
        if not self.is_known_ground and not any(earlier):
            new, faults = _sort_out(items, earlier, {})
            try:
                with transaction.atomic():
                    _copy(cursor, self.project_id, self.now, new)
            except UniqueViolation:
                self.is_known_ground = True
            else:
                return new, faults
        there = _get_fingerprints(cursor, self.project_id, items)
        new, faults = _sort_out(items, earlier, there)
        _copy(cursor, self.project_id, self.now, new)
        self.is_known_ground = bool(there)
        return new, faults

    def _note(self, fault: Fault) -> None:
        self.report.n_faults += 1
        if len(self.report.faults) < LISTED_FAULTS:
            self.report.faults.append(fault)
        self.on_fault(fault)


def _sort_out(
    items: list[ParsedItem], earlier: list[int], there: dict[str, bytes]
) -> tuple[list[ParsedItem], list[Fault]]:
    """The items that are new, and a fault for each that may not come in."""
    new, faults = [], []
    chunk: dict[str, int] = {}
    for item, line in zip(items, earlier, strict=True):
        known = there.get(item.external_id)
        # Whatever was seen in an earlier chunk is in the database by now.
        first = line if line and known is not None else item.line
        first = min(first, chunk.setdefault(item.external_id, item.line))
        if first != item.line:
            message = TWICE.format(unit=item.unit, first=first)
            faults.append(_fault(item, message))
        elif known is None:
            new.append(item)
        elif known != item.fingerprint:
            faults.append(_fault(item, CHANGED))
    return new, faults


def _fault(item: ParsedItem, message: str) -> Fault:
    return Fault(item.line, "id", message, item.external_id, item.unit)


def _chunks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    chunk: list[Entry] = []
    n_bytes = 0
    for entry in entries:
        chunk.append(entry)
        if isinstance(entry, ParsedItem):
            n_bytes += len(entry.content) + len(entry.provenance)
        if len(chunk) == CHUNK_ITEMS or n_bytes > CHUNK_BYTES:
            yield chunk
            chunk, n_bytes = [], 0
    if chunk:
        yield chunk


def _lock_intake(cursor: CursorWrapper, project_id: int) -> None:
    """Two intakes of a project take turns: what is looked up stays true."""
    cursor.execute(
        "SELECT pg_advisory_xact_lock(hashtext('touchstone intake'), %s)",
        [project_id],
    )


def _get_fingerprints(
    cursor: CursorWrapper, project_id: int, items: list[ParsedItem]
) -> dict[str, bytes]:
    # Lateral with a limit: an index lookup for each id, whatever the planner
    # believes about a table that it has not analysed since it grew.
    cursor.execute(
        "SELECT found.external_id, found.fingerprint FROM unnest(%s::text[]) AS given(id)"
        " CROSS JOIN LATERAL (SELECT external_id, fingerprint FROM reviews_item"
        " WHERE project_id = %s AND external_id = given.id LIMIT 1) found",
        [[item.external_id for item in items], project_id],
    )
    return {external_id: bytes(found) for external_id, found in cursor}


def _copy(
    cursor: CursorWrapper, project_id: int, now: datetime, items: list[ParsedItem]
) -> None:
    if not items:
        return
    ingested_at = _time(8, (now - EPOCH) // MICROSECOND)
    with cursor.copy(COPY) as copy:
        copy.write(COPY_HEAD)
        rows = (_row(project_id, ingested_at, item) for item in items)
        while block := b"".join(islice(rows, ROWS_PER_BLOCK)):
            copy.write(block)
        copy.write(COPY_TAIL)


def _row(project_id: int, ingested_at: bytes, item: ParsedItem) -> bytes:
    external_id = item.external_id.encode()
    return b"".join(
        (
            _head(8, 8, project_id, len(external_id)),
            external_id,
            _length(len(item.kind)),
            item.kind.encode(),
            # One byte before the text: the version of the format of jsonb.
            _jsonb(len(item.content) + 1, 1),
            item.content,
            _jsonb(len(item.signals) + 1, 1),
            item.signals,
            _jsonb(len(item.provenance) + 1, 1),
            item.provenance,
            _length(len(item.fingerprint)),
            item.fingerprint,
            ingested_at,
        )
    )


def _read_ahead(chunks: Iterator[list[Entry]]) -> Iterator[list[Entry]]:
    """The same chunks, the next one read while the database works on this one."""
    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(next, chunks, None)
        while (chunk := following.result()) is not None:
            following = reader.submit(next, chunks, None)
            yield chunk
