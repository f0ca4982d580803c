"""Ratings made elsewhere become judgments of raters known by a handle only."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from psycopg import Cursor

from labeling.formats.judgments import Fault, Line
from labeling.models import Level
from labeling.queries.rubrics import CriterionFacts, RubricFacts, get_rubric_version
from labeling.services import import_sql as sql
from labeling.services.disputes import recheck_items
from reviews.models import Queue
from reviews.services.queues import fill_slots

RECHECK_CHUNK = 5000


@dataclass
class Imported:
    rows: int = 0
    judgments_added: int = 0
    unchanged: int = 0
    raters: int = 0
    faults: list[Fault] = field(default_factory=list)


def import_judgments(
    *, queue_id: int, lines: Iterable[Line | Fault], now: datetime
) -> Imported:
    """Bring ratings in: the good judgments go in, the others are told by line.

    The rows of one judgment (an item, a rater) stand or fall together, because a
    judgment cannot be completed later. The set is worked on in the database: the
    file need not be sorted, and memory holds one line at a time.
    """
    result = Imported()
    with transaction.atomic():
        # Two imports into one queue take turns; dealing and submitting go on.
        queue = Queue.objects.select_for_update(no_key=True).get(pk=queue_id)
        rubric = get_rubric_version(queue.rubric_version_id)
        with connection.cursor() as cursor:
            cursor.execute(sql.STAGE)
            _stage(cursor.cursor, _interpret(lines, rubric, result))
            _bring_in(cursor, queue, rubric, now, result)
        fill_slots(queue_id=queue.pk)
    while recheck_items(now=now, limit=RECHECK_CHUNK) == RECHECK_CHUNK:
        pass
    result.faults.sort(key=lambda fault: fault.line)
    return result


def _bring_in(
    cursor: Any, queue: Queue, rubric: RubricFacts, now: datetime, result: Imported
) -> None:
    known = {
        "queue": queue.pk,
        "project": queue.project_id,
        "version": queue.rubric_version_id,
        "now": now,
        "per_step": [one.id for one in rubric.criteria if one.is_per_step],
    }
    for statement in sql.INDEX_STAGE:
        cursor.execute(statement)
    steps = (sql.WRONG_STEPS,) if rubric.has_per_step else ()
    for check in (sql.UNKNOWN_ITEMS, sql.TAKEN_HANDLES, *steps, sql.REPEATED):
        result.faults += _faults(cursor, check, known)
    cursor.execute(sql.RESOLVE, known)
    for statement in sql.INDEX_RESOLVED:
        cursor.execute(statement)
    for check in (sql.CONTRADICTIONS, sql.ERASED_ITEMS):
        result.faults += _faults(cursor, check, known)
    result.unchanged = _count(cursor, sql.UNCHANGED, known)
    result.raters = _count(cursor, sql.COUNT_RATERS, known)
    cursor.execute(sql.ADD_RATERS, known)
    cursor.execute(sql.ADD_ASSIGNMENTS, known)
    cursor.execute(sql.ADD_JUDGMENTS, known)
    result.judgments_added = cursor.rowcount
    cursor.execute(sql.ADD_RATINGS, known)
    cursor.execute(sql.UNSTAGE)


def _interpret(
    lines: Iterable[Line | Fault], rubric: RubricFacts, result: Imported
) -> Iterator[tuple[Any, ...]]:
    """Rows for the stage; a faulty one has no value and spoils its judgment."""
    for line in lines:
        result.rows += 1
        if isinstance(line, Fault):
            result.faults.append(line)
            continue
        criterion, value = None, None
        try:
            criterion = _criterion(line, rubric)
            value = _value(line, criterion)
        except _BadLine as bad:
            result.faults.append(bad.fault)
        yield (
            line.line,
            line.item_id,
            line.rater_id,
            criterion.id if criterion else None,
            criterion.key if criterion else None,
            line.step,
            None if value is None else json.dumps(value, ensure_ascii=False),
            line.rationale,
            line.rated_at,
        )


class _BadLine(Exception):
    def __init__(self, line: int, name: str, message: str) -> None:
        self.fault = Fault(line, name, message)


def _criterion(line: Line, rubric: RubricFacts) -> CriterionFacts:
    if line.fault:
        raise _BadLine(line.line, line.fault.field, line.fault.message)
    if not line.criterion:
        rated = [one for one in rubric.criteria if one.is_rated]
        if len(rated) == 1:
            return rated[0]
    found = rubric.criterion(line.criterion)
    if found is None:
        expected = ", ".join(one.key for one in rubric.criteria)
        got = f", got {line.criterion[:80]!r}" if line.criterion else ""
        raise _BadLine(line.line, "criterion", f"expected one of {expected}{got}")
    if line.step and not found.is_per_step:
        raise _BadLine(line.line, "step", f"expected none: {found.key} is of the item")
    return found


def _value(line: Line, criterion: CriterionFacts) -> Any:
    value = _read_value(line.label, criterion)
    if not criterion.has(value) or (criterion.is_required and value in ("", [])):
        raise _BadLine(
            line.line,
            "label",
            f"expected {criterion.expected}, got {line.label[:80]!r}",
        )
    return value


def _read_value(label: str, criterion: CriterionFacts) -> Any:
    if criterion.level == Level.MULTI_LABEL:
        given = {one.strip() for one in label.split("|") if one.strip()}
        ordered = [value for value in criterion.values if value in given]
        return ordered + sorted(given.difference(ordered))
    if criterion.level == Level.INTERVAL:
        return _read_number(label)
    return label


def _read_number(label: str) -> int | float | None:
    try:
        number = float(label)
    except ValueError:
        return None
    return int(number) if number.is_integer() else number


def _stage(cursor: Cursor[Any], rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(sql.COPY_STAGE) as copy:
        for row in rows:
            copy.write_row(row)


def _faults(cursor: Any, statement: str, known: dict[str, Any]) -> list[Fault]:
    """What a check finds; the lines it names are spoilt with it."""
    cursor.execute(statement, known)
    found = [Fault(*row) for row in cursor.fetchall()]
    cursor.execute(sql.SPOIL, {"lines": [fault.line for fault in found]})
    return found


def _count(cursor: Any, statement: str, known: dict[str, Any]) -> int:
    cursor.execute(statement, known)
    return int(cursor.fetchone()[0])
