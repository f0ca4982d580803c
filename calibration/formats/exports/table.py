"""CSV: one row a case, its labels in columns, what is nested as JSON."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from calibration.formats.exports.case import Case, Head
from calibration.formats.exports.files import Losses
from calibration.formats.spreadsheet import write_csv

NESTED = ("grading", "reference", "content", "signals", "provenance")


def write(head: Head, cases: Iterable[Case], out: Path, losses: Losses) -> None:
    criteria = sorted(head.manifest["labels"])
    labels = [f"label.{key}" for key in criteria]
    header = ["id", "kind", *labels, "stratum", "bucket", "weight", *NESTED]
    with out.open("w", encoding="utf-8", newline="") as stream:
        write_csv(stream, header, (_row(case, criteria) for case in cases))


def _row(case: Case, criteria: list[str]) -> list[Any]:
    return [
        case.id,
        case.kind,
        *(case.labels.get(key) for key in criteria),
        case.cell["stratum"],
        case.cell["bucket"],
        case.weight,
        *(case.line.get(name) for name in NESTED),
    ]
