"""The tables of the agreement page: pairs of raters, slices, windows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calibration.formats.agreement import figure, limits, tone_of, unit_of

Json = dict[str, Any]

# More raters than this make a table that nobody reads.
MOST_RATERS = 12
# Fewer items give no figure that means anything.
FEWEST_ITEMS = 10
# Values that are codes, as people say them.
SPOKEN = {
    ("action", "QUEUE"): "sent by a rule",
    ("action", "SAMPLE"): "sampled",
    ("action", "SHIP"): "passed, audited",
    ("kind", "SINGLE"): "single answer",
    ("kind", "PAIR"): "pair",
    ("kind", "TRACE"): "run with its steps",
}


@dataclass(frozen=True)
class KappaCell:
    value: str
    # The interval, or why there is none.
    note: str


@dataclass(frozen=True)
class KappaRow:
    rater: str
    cells: tuple[KappaCell | None, ...]


@dataclass(frozen=True)
class KappaTable:
    title: str
    weights: str
    mean: str
    mean_note: str
    # The two who agree least, in words.
    lowest: str
    raters: tuple[str, ...]
    rows: tuple[KappaRow, ...]


@dataclass(frozen=True)
class SliceCell:
    """One criterion in one slice."""

    figure: str
    note: str
    is_small: bool
    is_break: bool


@dataclass(frozen=True)
class SliceRow:
    dimension: str
    value: str
    n_items: int
    # Too small in every criterion.
    is_small: bool
    cells: tuple[SliceCell, ...]


@dataclass(frozen=True)
class SliceTable:
    criteria: tuple[str, ...]
    rows: tuple[SliceRow, ...]

    @property
    def large(self) -> tuple[SliceRow, ...]:
        return tuple(row for row in self.rows if not row.is_small)

    @property
    def small(self) -> tuple[SliceRow, ...]:
        return tuple(row for row in self.rows if row.is_small)


@dataclass(frozen=True)
class WindowRow:
    number: int
    start: datetime
    end: datetime
    alpha: str
    percent: str
    tone: str


@dataclass(frozen=True)
class WindowTable:
    title: str
    size: int
    n_waiting: int
    rows: tuple[WindowRow, ...]


def kappa_table(entry: Json) -> KappaTable | None:
    """None where there are no pairs, or more than a table can hold."""
    pairs = entry["cohen_kappa"]
    raters = sorted({rater for pair in pairs for rater in pair["raters"]})
    if not raters or len(raters) > MOST_RATERS:
        return None
    unit = unit_of(entry)
    cells = {frozenset(pair["raters"]): _kappa_cell(pair, unit) for pair in pairs}
    mean = entry["mean_kappa"]
    return KappaTable(
        title=entry["title"],
        weights=entry["kappa_weights"],
        mean=limits(mean),
        mean_note=mean["reason"] or "",
        lowest=_lowest(pairs, unit),
        raters=tuple(raters[:-1]),
        rows=tuple(
            KappaRow(
                rater=rater,
                cells=tuple(
                    cells.get(frozenset((rater, other))) if other < rater else None
                    for other in raters[:-1]
                ),
            )
            for rater in raters[1:]
        ),
    )


def _kappa_cell(pair: Json, unit: str) -> KappaCell:
    n_items = _counted(pair["n_items"], unit)
    if pair["value"] is None:
        return KappaCell("-", f"{pair['reason']}; {n_items}")
    if pair["low"] is None:
        return KappaCell(figure(pair["value"]), f"no interval; {n_items}")
    low, high = figure(pair["low"]), figure(pair["high"])
    return KappaCell(figure(pair["value"]), f"{low} to {high}; {n_items}")


def _lowest(pairs: list[Json], unit: str) -> str:
    defined = [
        pair
        for pair in pairs
        if pair["value"] is not None and pair["n_items"] >= FEWEST_ITEMS
    ]
    if len(defined) < 2:
        return ""
    least = min(defined, key=lambda pair: (pair["value"], pair["raters"]))
    first, second = least["raters"]
    return (
        f"{first} and {second}, {limits(least)} on {_counted(least['n_items'], unit)}"
    )


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"


def slice_table(criteria: list[Json]) -> SliceTable:
    """Slices in rows, criteria in columns; the worst first, the small ones last."""
    found = [
        {(one["dimension"], one["value"]): one for one in each["slices"]}
        for each in criteria
    ]
    keys = dict.fromkeys(key for slices in found for key in slices)
    rows = [(_worst(key, found), _slice_row(key, found)) for key in keys]
    rows.sort(key=lambda row: (row[1].is_small, row[0], -row[1].n_items))
    return SliceTable(
        criteria=tuple(each["title"] for each in criteria),
        rows=tuple(row for _, row in rows),
    )


def _worst(key: tuple[str, str], found: list[dict[tuple[str, str], Json]]) -> float:
    """Lowest alpha of the slice; of small ones, the lowest share of same answers."""
    cells = [slices[key] for slices in found if key in slices]
    large = [cell["alpha"]["value"] for cell in cells if not cell["is_small"]]
    values = large or [cell["percent_agreement"]["value"] for cell in cells]
    return min((value for value in values if value is not None), default=2.0)


def _slice_row(
    key: tuple[str, str], found: list[dict[tuple[str, str], Json]]
) -> SliceRow:
    cells = tuple(_slice_cell(slices.get(key)) for slices in found)
    return SliceRow(
        dimension=key[0],
        value=SPOKEN.get(key, key[1]),
        n_items=max(slices[key]["n_items"] for slices in found if key in slices),
        is_small=all(cell.is_small for cell in cells),
        cells=cells,
    )


def _slice_cell(found: Json | None) -> SliceCell:
    if found is None or not found["n_items"]:
        return SliceCell("-", "no item rated twice", is_small=True, is_break=False)
    n_items, percent = found["n_items"], found["percent_agreement"]
    counts = f"{_counted(n_items, 'item')}, {found['n_rare']} rare"
    if n_items < FEWEST_ITEMS or found["alpha"]["value"] is None:
        said = f"{100 * percent['value']:.0f}% same"
        return SliceCell(said, counts, found["is_small"], found["is_break"])
    said = limits(found["alpha"])
    return SliceCell(said, counts, found["is_small"], found["is_break"])


def window_tables(criteria: list[Json], bar: float) -> tuple[WindowTable, ...]:
    return tuple(
        WindowTable(
            title=each["title"],
            size=each["window_size"],
            n_waiting=each["n_waiting"],
            rows=tuple(_window_row(window, bar) for window in each["windows"]),
        )
        for each in criteria
    )


def _window_row(window: Json, bar: float) -> WindowRow:
    return WindowRow(
        number=window["number"],
        start=datetime.fromisoformat(window["start"]),
        end=datetime.fromisoformat(window["end"]),
        alpha=limits(window["alpha"]),
        percent=figure(window["percent_agreement"]["value"]),
        tone=tone_of(window["alpha"], bar),
    )
