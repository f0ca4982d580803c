"""A measurement of agreement as a Markdown report beside its charts."""

from collections.abc import Iterator
from typing import Any

from calibration.formats.agreement import bars_of, figure, limits, outcome, unit_of

Json = dict[str, Any]

TITLES = {"forest": "Alpha by criterion", "over-time": "Alpha over time"}


def report_text(queue_title: str, measured_at: str, results: Json) -> str:
    """The report; it refers to the charts as `charts/NAME.svg`."""
    lines = [
        *_head(queue_title, measured_at, results),
        *_criteria(results),
        *_confusions(results["breakdown"]["criteria"]),
        *_slices(results["breakdown"]["criteria"]),
        *_windows(results),
        *_pairs(results["agreement"]["criteria"]),
    ]
    return "\n".join(lines) + "\n"


def _head(queue_title: str, measured_at: str, results: Json) -> Iterator[str]:
    agreement = results["agreement"]
    bars = " and ".join(bars_of(agreement))
    yield f"# Agreement: {_plain(queue_title)}"
    yield ""
    yield (
        f"Queue `{agreement['project']}/{agreement['queue']}`, rubric"
        f" `{agreement['rubric']}@{agreement['rubric_version']}`, measured"
        f" {measured_at} from {agreement['n_judgments']} judgments. Gold and retests"
        f" are left out. Bars: {bars}, read on the lower limit."
    )
    yield ""
    yield "## Good enough to gate a release?"
    yield ""
    blocks = [*results["cases"]["blocks"], *_open(results["n_open_disputes"])]
    yield "Not yet:" if blocks else "Yes: nothing stands in the way."
    yield ""
    yield from (f"- {_plain(block)}" for block in blocks)


def _open(number: int) -> list[str]:
    if not number:
        return []
    return [f"{number} {'dispute is' if number == 1 else 'disputes are'} open"]


def _criteria(results: Json) -> Iterator[str]:
    agreement = results["agreement"]
    beside = results["breakdown"]["beside_alpha"]
    yield from _section("By criterion", "forest", results)
    yield from _table(
        "Criterion",
        "Alpha (95% interval)",
        "Which means",
        "Same answer",
        "Gwet's AC",
        "Items",
        "Ratings",
        "Raters",
    )
    for entry in agreement["criteria"]:
        if entry["is_unused_label"]:
            continue
        alpha = entry["alpha"]
        word, why = outcome(alpha, agreement)
        yield _row(
            entry["title"],
            limits(alpha),
            f"{word}: {why}" if why else word,
            figure(entry["percent_agreement"]["value"]),
            limits(beside[entry["criterion"]]["ac"]),
            _counted(alpha["n_items"], entry),
            alpha["n_ratings"],
            alpha["n_raters"],
        )
    yield from (f"\n{key}: free text, no agreement" for key in agreement["left_out"])


def _confusions(criteria: list[Json]) -> Iterator[str]:
    yield from _section("Taken for each other")
    yield from _table("Criterion", "Option", "Option", "Items", "Of its disagreement")
    for each in criteria:
        for one in each["confusions"]:
            second = "not given" if one["second"] is None else one["second"]
            share = f"{100 * one['share']:.0f}%"
            n_items = _counted(one["n_items"], each)
            yield _row(each["title"], one["first"], second, n_items, share)


def _slices(criteria: list[Json]) -> Iterator[str]:
    yield from _section("By slice")
    yield "Fewer than 30 items, or 5 with a rare value, are too few to say anything."
    yield ""
    yield from _table("Slice", "Criterion", "Alpha", "Same answer", "Items", "Rare", "")
    for each in criteria:
        for one in each["slices"]:
            note = "breaks" if one["is_break"] else "few" if one["is_small"] else ""
            yield _row(
                f"{one['dimension']} {one['value']}",
                each["title"],
                limits(one["alpha"]),
                figure(one["percent_agreement"]["value"]),
                one["n_items"],
                one["n_rare"],
                note,
            )


def _windows(results: Json) -> Iterator[str]:
    yield from _section("Over time", "over-time", results)
    yield from _table("Criterion", "Window", "From", "To", "Alpha", "Items")
    for each in results["breakdown"]["criteria"]:
        for one in each["windows"]:
            yield _row(
                each["title"],
                one["number"],
                one["start"][:10],
                one["end"][:10],
                limits(one["alpha"]),
                each["window_size"],
            )


def _pairs(entries: list[Json]) -> Iterator[str]:
    yield from _section("Each pair of raters")
    yield from _table("Criterion", "Raters", "Kappa", "Weights", "Items")
    for entry in entries:
        for pair in entry["cohen_kappa"]:
            raters = " and ".join(pair["raters"])
            weights = entry["kappa_weights"]
            kappa, n_items = limits(pair), _counted(pair["n_items"], entry)
            yield _row(entry["title"], raters, kappa, weights, n_items)


def _counted(number: int, described: Json) -> str:
    """Items, unless it says otherwise."""
    return str(number) if unit_of(described) == "item" else f"{number} steps"


def _section(
    title: str, chart: str | None = None, results: Json | None = None
) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    if chart is not None and results is not None and chart in results["drawn"]:
        yield f"![{TITLES[chart]}](charts/{chart}.svg)"
        yield ""


def _table(*heads: str) -> Iterator[str]:
    yield _row(*heads)
    yield "|" + "---|" * len(heads)


def _row(*cells: object) -> str:
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _plain(cell: object) -> str:
    """Text of a cell: nothing in it is markup, and no line ends within."""
    text = " ".join(str(cell).split())
    for mark in "\\`*_[]<>|#":
        text = text.replace(mark, f"\\{mark}")
    return text
