"""Charts as SVG: rows and numbers in, text out. No database, no clock, no network."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# As static/css/tokens.css has them: light, dark.
INK = ("#1c2329", "#e8e5de")
SOFT = ("#4a545d", "#b4b5b2")
LINE = ("#dedbd3", "#323940")
SURFACE = ("#ffffff", "#1c2126")
TONES = {
    "good": ("#1f6440", "#82c99d"),
    "warn": ("#7d4e00", "#ebb860"),
    "bad": ("#a02a22", "#f0958b"),
    "none": SOFT,
}
# Never colour alone.
SHAPES = {
    "good": "circle",
    "warn": "diamond",
    "bad": "square",
    "none": "triangle-up",
}
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"

Spec = dict[str, Any]


@dataclass(frozen=True)
class Interval:
    """One figure with its limits; `said` stands beside it where there is room."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    tone: str
    said: str


@dataclass(frozen=True)
class Series:
    """Figures of one criterion in their order, each named by its `name`."""

    title: str
    points: tuple[Interval, ...]


def forest_plot(
    rows: Sequence[Interval],
    bars: Mapping[str, float],
    *,
    is_narrow: bool = False,
    most: float = 1,
) -> str:
    """One line a row, from its lower to its upper limit, against the bars.

    The axis ends at `most`.
    """
    width = 170 if is_narrow else 330
    alt = _altair()
    values = [_datum(row, place) for place, row in enumerate(rows)]
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y(
            "name:N",
            sort=None,
            axis=alt.Axis(
                title=None,
                domain=False,
                ticks=False,
                # So that a point at 0 stands clear of its name.
                labelPadding=8,
                labelLimit=150 if is_narrow else 240,
            ),
        )
    )
    scale = _scale(alt, rows, most)
    layers = [
        *_bars(alt, bars, "x", scale),
        *_marks(alt, base, alt.X("low:Q", scale=scale, axis=_axis(alt)), "x"),
    ]
    if not is_narrow:
        said = base.mark_text(align="left", fontSize=12, color=INK[0])
        layers.append(said.encode(text="said:N", x=alt.value(width + 14)))
    chart = alt.layer(*layers).properties(width=width, height=26 * len(rows))
    return _render(chart)


def timeline(
    series: Sequence[Series], bars: Mapping[str, float], *, is_narrow: bool = False
) -> str:
    """A panel for each criterion: its figure window by window, with limits."""
    alt = _altair()
    points = [point for one in series for point in one.points]
    scale = _scale(alt, points)
    panels = [_panel(alt, one, bars, scale, 250) for one in series]
    return _render(alt.concat(*panels, columns=1 if is_narrow else 2, spacing=24))


def _panel(
    alt: Any, series: Series, bars: Mapping[str, float], scale: Any, width: int
) -> Any:
    values = [_datum(point, place) for place, point in enumerate(series.points)]
    names = json.dumps([point.name for point in series.points])
    axis = alt.Axis(
        title=None,
        labelAngle=0,
        labelExpr=f"{names}[datum.value]",
        labelOverlap=True,
        grid=False,
    )
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("place:O", axis=axis, scale=alt.Scale(padding=0.5))
    )
    line = base.mark_line(color=SOFT[0], strokeWidth=1).encode(
        y=alt.Y("value:Q", scale=scale, axis=_axis(alt))
    )
    y = alt.Y("low:Q", scale=scale, axis=_axis(alt))
    layers = [*_bars(alt, bars, "y", scale), line, *_marks(alt, base, y, "y")]
    title = alt.TitleParams(series.title, anchor="start", fontSize=13)
    return alt.layer(*layers).properties(width=width, height=130, title=title)


def _marks(alt: Any, base: Any, low: Any, along: str) -> list[Any]:
    tones = alt.Scale(domain=list(TONES), range=[pair[0] for pair in TONES.values()])
    shapes = alt.Scale(domain=list(SHAPES), range=list(SHAPES.values()))
    coloured = base.encode(color=alt.Color("tone:N", scale=tones, legend=None))
    limits = coloured.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2)
    point = coloured.transform_filter("isValid(datum.value)").mark_point(
        filled=True, size=70, opacity=1
    )
    value = (alt.X if along == "x" else alt.Y)("value:Q")
    end = alt.X2("high:Q") if along == "x" else alt.Y2("high:Q")
    shape = alt.Shape("tone:N", scale=shapes, legend=None)
    return [
        limits.encode(**{along: low, f"{along}2": end}),
        point.encode(**{along: value, "shape": shape}),
    ]


def _bars(alt: Any, bars: Mapping[str, float], along: str, scale: Any) -> list[Any]:
    data = [{"bar": value, "label": name} for name, value in bars.items()]
    base = alt.Chart(alt.Data(values=data))
    place = (alt.X if along == "x" else alt.Y)("bar:Q", scale=scale)
    rule = base.mark_rule(strokeDash=[4, 3], color=SOFT[0], strokeWidth=1)
    layers = [rule.encode(**{along: place})]
    if along == "x":
        layers += [
            # The lower bar's figure on its left, so that two near bars stay apart.
            alt.Chart(alt.Data(values=[one]))
            .mark_text(baseline="bottom", dy=-4, align=align, color=SOFT[0])
            .encode(x=place, y=alt.value(0), text="label:N")
            for one, align in zip(data, ("right", "left"), strict=False)
        ]
    return layers


def _datum(row: Interval, place: int) -> Spec:
    return {
        "place": place,
        "name": row.name,
        "value": row.value,
        "low": row.low,
        "high": row.high,
        "tone": row.tone,
        "said": row.said,
    }


def _scale(alt: Any, rows: Sequence[Interval], most: float = 1) -> Any:
    """From 0 to `most`, and further down where a limit goes there."""
    least = min(
        (found for row in rows for found in (row.value, row.low) if found is not None),
        default=0.0,
    )
    floor = max(-1.0, -0.25 * -(-max(0.0, -least) // 0.25))
    return alt.Scale(domain=[floor + 0.0, most], clamp=True, nice=False)


def _axis(alt: Any) -> Any:
    return alt.Axis(title=None, tickCount=5, format=".2~f", grid=True)


def _render(chart: Any) -> str:
    import vl_convert  # noqa: PLC0415

    configured = chart.configure(
        background="transparent", font=FONT, padding=6
    ).configure_view(stroke=None)
    configured = configured.configure_axis(
        labelColor=SOFT[0],
        labelFontSize=12,
        gridColor=LINE[0],
        domainColor=LINE[0],
        tickColor=LINE[0],
    ).configure_title(color=INK[0])
    svg: str = vl_convert.vegalite_to_svg(configured.to_dict())
    start, rest = svg.split(">", 1)
    return f"{start}><style>{_style()}</style>{rest}"


def _style() -> str:
    """Attributes hold the light colours; a dark page, and only that, overrides them."""
    pairs = dict.fromkeys((INK, SOFT, LINE, *TONES.values()))
    dark = "".join(
        f'[{name}="{light}"]{{{name}:{dark}}}'
        for light, dark in pairs
        for name in ("fill", "stroke")
    )
    # Opened by itself, the picture brings the ground its colours stand out from.
    return (
        f"svg{{background:{SURFACE[0]}}}@media (prefers-color-scheme:dark)"
        f"{{svg{{background:{SURFACE[1]}}}{dark}}}"
    )


def _altair() -> Any:
    # Takes a second to import, which only those who draw should pay.
    import altair  # noqa: PLC0415

    return altair
