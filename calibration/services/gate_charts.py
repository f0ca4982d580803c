"""The chart of a golden set's runs: disagreement over candidates and versions."""

from collections.abc import Iterator
from typing import Any

from calibration.charts import Interval, forest_plot
from calibration.formats.gate_verdict import (
    BLOCKED,
    CLEAR,
    DISAGREEMENT,
    HARD,
    OVERALL,
    figure_of,
    percent,
)
from calibration.formats.words import rate_text
from calibration.queries.gate_runs import list_runs

# As many rows as a page can take; older runs are in the table.
MOST_DRAWN = 20
TONES = {CLEAR: "good", BLOCKED: "bad"}

Json = dict[str, Any]


def draw_runs(golden_set_id: int, newest: Json) -> dict[str, str]:
    """SVG by name, the newest run first; empty where no run has such a figure."""
    reports = [newest, *(run.report for run in list_runs(golden_set_id))]
    charts = {}
    for name, scope in (("overall", OVERALL), ("hard", HARD)):
        rows = list(_rows(reports[:MOST_DRAWN], scope))
        if not rows:
            continue
        bars = dict(_bars(newest, scope))
        most = _most(rows, bars)
        charts[name] = forest_plot(rows, bars, most=most)
        charts[f"{name}-narrow"] = forest_plot(rows, bars, is_narrow=True, most=most)
    return charts


def _rows(reports: list[Json], scope: str) -> Iterator[Interval]:
    for number, report in enumerate(reports):
        figure = figure_of(report, DISAGREEMENT, scope)
        if figure is None:
            continue
        version, name = report["release"]["version"], report["candidate"]["name"]
        # Rows with one name would fall together; the newest needs no number.
        again = sum(
            one["candidate"]["name"] == name and one["release"]["version"] == version
            for one in reports[:number]
        )
        told = f" ({again + 1})" if again else ""
        yield Interval(
            name=f"{name} \N{MIDDLE DOT} {version}{told}",
            value=figure["value"],
            low=figure["low"],
            high=figure["high"],
            tone=TONES.get(_outcome(report, scope), "warn"),
            said=rate_text(figure),
        )


def _outcome(report: Json, scope: str) -> str:
    """What was said of this figure; of one without a threshold, of the whole run."""
    if report["void"]:
        return "VOID"
    for check in report["checks"]:
        if check["measure"] == DISAGREEMENT and check["scope"] == scope:
            return str(check["outcome"])
    return str(report["verdict"])


def _bars(report: Json, scope: str) -> Iterator[tuple[str, float]]:
    for check in report["checks"]:
        if check["measure"] == DISAGREEMENT and check["scope"] == scope:
            yield percent(check["bar"]), check["bar"]


def _most(rows: list[Interval], bars: dict[str, float]) -> float:
    """Where the axis ends: the next tenth, since most figures are small."""
    largest = max([*(row.high or 0.0 for row in rows), *bars.values()])
    return min(1.0, (int(largest * 10) + 1) / 10)
