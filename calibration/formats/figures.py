"""Estimates as commands print them: as JSON, and in aligned tables."""

from collections.abc import Iterable, Sequence
from typing import Any

from calibration.formats.agreement import figure
from calibration.statistics import Estimate
from reviews.formats.terminal import visible

Json = dict[str, Any]


def describe(estimate: Estimate) -> Json:
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "n_items": estimate.n_items,
        "method": estimate.method,
        "reason": estimate.reason,
    }


def figure_row(name: str, found: Json) -> tuple[str, ...]:
    """Name, value, interval, items and what there is to say."""
    low, high = found["low"], found["high"]
    limits = "-" if low is None else f"{figure(low)} to {figure(high)}"
    value = "undefined" if found["value"] is None else figure(found["value"])
    return name, value, limits, str(found["n_items"]), found["reason"] or ""


def table(rows: Iterable[Sequence[str]], *, n_words: int = 1) -> list[str]:
    """Aligned lines: words to the left, figures to the right, remarks as they are."""
    shown = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    lines = []
    for row in shown:
        cells = [
            cell.ljust(width) if place < n_words else cell.rjust(width)
            for place, (cell, width) in enumerate(
                zip(row[:-1], widths[:-1], strict=True)
            )
        ]
        lines.append("  ".join([*cells, row[-1]]).rstrip())
    return lines
