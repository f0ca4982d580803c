"""CSV that a spreadsheet does not take for formulas."""

import csv
import json
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(
    stream: TextIO, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Write rows; text that would be a formula gets a leading apostrophe."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([cell(name) for name in header])
    for row in rows:
        writer.writerow([cell(value) for value in row])


def cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "|".join(map(str, value))
    elif isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return f"'{value}"
    return "" if value is None else value
