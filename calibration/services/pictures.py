"""The charts of a measurement, drawn once and kept with it."""

from datetime import datetime
from typing import Any

from calibration.charts import Interval, Series, forest_plot, timeline
from calibration.formats.agreement import bars_of, limits, tone_of

Json = dict[str, Any]


def draw_agreement(results: Json) -> dict[str, str]:
    """SVG by name; a chart that would be empty is left out."""
    bar = results["agreement"]["bar"]
    bars = {f"bar {name}": value for name, value in bars_of(bar).items()}
    rows = [
        _interval(_name(entry), entry["alpha"], bar)
        for entry in results["agreement"]["criteria"]
        if not entry["is_unused_label"]
    ]
    series = [one for one in _series(results, bar) if len(one.points) > 1]
    charts = {}
    for suffix, is_narrow in (("", False), ("-narrow", True)):
        if rows:
            charts[f"forest{suffix}"] = forest_plot(rows, bars, is_narrow=is_narrow)
        if series:
            charts[f"over-time{suffix}"] = timeline(series, bars, is_narrow=is_narrow)
    return charts


def _series(results: Json, bar: float) -> list[Series]:
    titles = {
        entry["criterion"].partition("/")[0]: entry["title"].partition(": ")[0]
        if "/" in entry["criterion"]
        else entry["title"]
        for entry in results["agreement"]["criteria"]
    }
    return [
        Series(
            title=titles[found["criterion"]],
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
        tone=tone_of(alpha["low"], bar),
        said=limits(alpha),
    )


def _name(entry: Json) -> str:
    title: str = entry["title"]
    return f"\N{MIDDLE DOT} {title}" if "/" in entry["criterion"] else title


def _day(moment: str) -> str:
    when = datetime.fromisoformat(moment)
    return f"{when.day} {when:%b}"
