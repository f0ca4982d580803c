"""Parquet: a row a case, with the columns of the labels typed by their scales.

What may hold any JSON (signals, provenance, grading, the arguments of a step) is
JSON as text: a column has one type.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from calibration.formats.exports.case import STEP_LABELS, Case, Head, Json, as_text
from calibration.formats.exports.files import Losses

ROWS = 1000
STEP = ("type", "role", "name", "text")


def write(head: Head, cases: Iterable[Case], out: Path, losses: Losses) -> None:
    schema = _schema(head)
    rows = (_row(head, case) for case in cases)
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for chunk in _chunks(rows):
            writer.write_batch(pa.RecordBatch.from_pylist(chunk, schema=schema))


def _chunks(rows: Iterator[Json]) -> Iterator[list[Json]]:
    while chunk := list(islice(rows, ROWS)):
        yield chunk


def _schema(head: Head) -> Any:
    text = pa.string()
    columns = {
        "id": text,
        "kind": text,
        "prompt": text,
        "messages": _structs("role", "content"),
        "context": _structs("title", "text"),
        "responses": pa.list_(text),
        "steps": _structs(*STEP, "arguments"),
        "labels": pa.struct([(one["key"], _type(one)) for one in head.criteria]),
        "stratum": text,
        "bucket": text,
        "weight": pa.float64(),
        "grading": text,
        "reference": text,
        "reference_status": text,
        "signals": text,
        "provenance": text,
        **({STEP_LABELS: text} if head.has_step_labels else {}),
    }
    said = {
        "golden_set": head.cited,
        "digest": head.digest,
        "canary": head.manifest.get("canary") or "",
    }
    return pa.schema(list(columns.items()), metadata=said)


def _structs(*names: str) -> Any:
    return pa.list_(pa.struct([(name, pa.string()) for name in names]))


def _type(criterion: Json) -> Any:
    match criterion["level"]:
        case "interval":
            return pa.float64()
        case "multi-label":
            return pa.list_(pa.string())
        case _:
            return pa.string()


def _row(head: Head, case: Case) -> Json:
    content = case.content
    reference = case.line.get("reference") or {}
    return {
        "id": case.id,
        "kind": case.kind,
        "prompt": content.get("prompt"),
        "messages": content.get("messages"),
        "context": content.get("context"),
        "responses": case.responses,
        "steps": [_step(one) for one in case.steps] or None,
        "labels": case.labels,
        **case.cell,
        "weight": float(case.weight),
        "grading": as_text(case.grading),
        "reference": case.reference,
        "reference_status": reference.get("status"),
        "signals": as_text(case.line["signals"]),
        "provenance": as_text(case.line["provenance"]),
        # Not in the schema where no step has a label.
        STEP_LABELS: as_text(case.line.get(STEP_LABELS, {})),
    }


def _step(step: Json) -> Json:
    found = {name: step.get(name) for name in STEP}
    given = step.get("arguments")
    # Text among the JSON is quoted, so that it can be told from a number.
    return found | {"arguments": None if given is None else as_text([given])[1:-1]}
