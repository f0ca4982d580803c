"""Braintrust: one row a line, for `dataset.insert`."""

from collections.abc import Iterable
from pathlib import Path

from calibration.formats.exports.case import Case, Head
from calibration.formats.exports.files import Losses, json_lines


def write(head: Head, cases: Iterable[Case], out: Path, losses: Losses) -> None:
    with json_lines(out) as add:
        for case in cases:
            tags = (case.kind, case.cell["stratum"], case.cell["bucket"])
            add(
                {
                    "id": case.id,
                    "input": case.inputs,
                    "expected": case.expectations,
                    "metadata": case.metadata(head, "id"),
                    "tags": sorted({tag for tag in tags if tag}),
                }
            )
