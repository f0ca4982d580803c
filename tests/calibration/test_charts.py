"""Charts: what they show, and that nothing in them leads outside."""

import re
from xml.etree import ElementTree

import pytest

from calibration.charts import Interval, Series, forest_plot, timeline

BARS = {".667": 0.667, ".800": 0.8}
NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")


def interval(name: str = "Tone", **changes: object) -> Interval:
    values = {"value": 0.7, "low": 0.5, "high": 0.9, "tone": "warn", "said": ".700"}
    return Interval(name, **{**values, **changes})  # type: ignore[arg-type]


def words(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)  # noqa: S314
    return [node.text or "" for node in root.iter() if node.tag.endswith("}text")]


def charts() -> list[str]:
    rows = [interval(), interval("Policy", value=None, low=None, high=None)]
    series = [Series("Tone", (interval("3 Mar"), interval("9 Mar")))]
    return [
        forest_plot(rows, BARS),
        forest_plot(rows, BARS, is_narrow=True),
        timeline(series, BARS),
        timeline(series, BARS, is_narrow=True),
    ]


def test_a_forest_plot_names_its_rows_and_its_bars():
    svg = forest_plot([interval(), interval("Policy")], BARS)

    assert {"Tone", "Policy", ".667", ".800", ".700"} <= set(words(svg))


def test_a_row_without_a_figure_keeps_its_place():
    svg = forest_plot(
        [interval(value=None, low=None, high=None, tone="none", said="undefined")], BARS
    )

    assert {"Tone", "undefined"} <= set(words(svg))


def test_a_timeline_has_a_panel_for_each_criterion():
    points = (interval("3 Mar"), interval("9 Mar"))

    svg = timeline([Series("Tone", points), Series("Policy", points)], BARS)

    assert {"Tone", "Policy", "3 Mar", "9 Mar"} <= set(words(svg))


@pytest.mark.parametrize("number", range(4))
def test_a_chart_refers_to_nothing_outside(number):
    svg = charts()[number]

    for namespace in NAMESPACES:
        svg = svg.replace(f'"{namespace}"', "")
    assert not re.search(r"https?:|href|@import|url\((?!#)|<script|<image", svg)


def test_a_chart_has_colours_for_both_themes():
    svg = forest_plot([interval()], BARS)

    assert "prefers-color-scheme:dark" in svg
    assert 'stroke="#7d4e00"' in svg
    assert '[stroke="#7d4e00"]{stroke:#ebb860}' in svg


def test_a_name_is_never_markup():
    svg = forest_plot([interval("<script>alert(1)</script>")], BARS)

    assert "<script>" not in svg
    assert "<script>alert(1)</script>" in words(svg)


def test_the_same_rows_give_the_same_picture():
    assert forest_plot([interval()], BARS) == forest_plot([interval()], BARS)
