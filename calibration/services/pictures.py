"""The charts of a measurement, drawn once and kept with it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from calibration.charts import Interval, Series, forest_plot, timeline
from calibration.formats.agreement import bars_of, limits, tone_of

Json = dict[str, Any]


def draw_agreement(results: Json) -> dict[str, str]:
    """SVG by name; a chart that would be empty is left out."""
    bar = results["agreement"]["bar"]
    bars = bars_of(results["agreement"])
    rows = [_interval(name, alpha, bar) for name, alpha in _rows(results)]
    series = [one for one in _series(results, bar) if len(one.points) > 1]
    charts = {}
    for suffix, is_narrow in (("", False), ("-narrow", True)):
        if rows:
            charts[f"forest{suffix}"] = forest_plot(rows, bars, is_narrow=is_narrow)
        if series:
            charts[f"over-time{suffix}"] = timeline(series, bars, is_narrow=is_narrow)
    return charts


def _rows(results: Json) -> Iterator[tuple[str, Json]]:
    """Each criterion, and below it the labels that anybody has chosen."""
    for found in results["breakdown"]["criteria"]:
        key = found["criterion"]
        yield found["title"], found["alpha"]
        for entry in results["agreement"]["criteria"]:
            parent, slash, label = entry["criterion"].partition("/")
            if slash and parent == key and not entry["is_unused_label"]:
                yield f"\N{MIDDLE DOT} {label}", entry["alpha"]


def _series(results: Json, bar: float) -> list[Series]:
    return [
        Series(
            title=found["title"],
            points=tuple(
                _interval(_day(window["end"]), window["alpha"], bar)
                for window in found["windows"]
            ),
        )
        for found in results["breakdown"]["criteria"]
    ]


def _interval(name: str, alpha: Json, bar: float) -> Interval:
    return Interval(
        name=name,
        value=alpha["value"],
        low=alpha["low"],
        high=alpha["high"],
        tone=tone_of(alpha, bar),
        said=limits(alpha),
    )


def _day(moment: str) -> str:
    when = datetime.fromisoformat(moment)
    return f"{when.day} {when:%b}"
