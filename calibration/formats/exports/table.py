"""CSV: one row a case, its labels in columns, what is nested as JSON."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from calibration.formats.exports.case import STEP_LABELS, Case, Head
from calibration.formats.exports.files import Losses
from calibration.formats.spreadsheet import write_csv

NESTED = ("grading", "reference", "content", "signals", "provenance")


def write(head: Head, cases: Iterable[Case], out: Path, losses: Losses) -> None:
    criteria = sorted(head.manifest["labels"])
    labels = [f"label.{key}" for key in criteria]
    nested = (*NESTED, STEP_LABELS) if head.has_step_labels else NESTED
    header = ["id", "kind", *labels, "stratum", "bucket", "weight", *nested]
    with out.open("w", encoding="utf-8", newline="") as stream:
        write_csv(stream, header, (_row(case, criteria, nested) for case in cases))


def _row(case: Case, criteria: list[str], nested: Iterable[str]) -> list[Any]:
    return [
        case.id,
        case.kind,
        *(case.labels.get(key) for key in criteria),
        case.cell["stratum"],
        case.cell["bucket"],
        case.weight,
        *(case.line.get(name) for name in nested),
    ]
