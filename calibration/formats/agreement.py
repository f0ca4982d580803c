"""Agreement in words: a table for a terminal, and what a figure means."""

from typing import Any

Json = dict[str, Any]


def unit_of(described: Json) -> str:
    """What a criterion is rated of; older measurements know items alone."""
    return str(described.get("unit", "item"))


def figure(value: float | None) -> str:
    """Three places without the leading zero, as agreement is usually printed."""
    if value is None:
        return "-"
    return f"{value:.3f}".replace("0.", ".", 1)


def bars_of(agreement: Json) -> dict[str, float]:
    """The bars that the queue had: to freeze, and above it that to rely on."""
    bar, reliable = agreement["bar"], agreement["reliable_bar"]
    return {figure(value): value for value in sorted({bar, max(bar, reliable)})}


def tone_of(estimate: Json, bar: float) -> str:
    """Which side of the bar the whole interval is on: good or bad; else warn or none."""
    if estimate["low"] is None:
        return "none"
    if estimate["low"] >= bar:
        return "good"
    return "bad" if estimate["high"] < bar else "warn"


def limits(estimate: Json) -> str:
    """Value and interval in one line."""
    if estimate["value"] is None:
        return "undefined"
    if estimate["low"] is None:
        return f"{figure(estimate['value'])}, no interval"
    low, high = figure(estimate["low"]), figure(estimate["high"])
    return f"{figure(estimate['value'])} ({low} to {high})"


OUTCOMES = {
    "good": "good enough",
    "warn": "cannot be said yet",
    "bad": "not good enough",
    "none": "no interval",
}


def outcome(estimate: Json, agreement: Json) -> tuple[str, str]:
    """What alpha says about the bars, in a few words, and what that rests on."""
    bar = agreement["bar"]
    tone, said = tone_of(estimate, bar), figure(bar)
    if estimate["value"] is None:
        return "undefined", estimate["reason"] or ""
    reasons = {
        "good": verdict(estimate, agreement),
        "warn": f"{said} lies within the interval",
        "bad": f"even the upper limit is under {said}",
        "none": estimate["reason"] or "",
    }
    return OUTCOMES[tone], reasons[tone]


def items_wanted(estimate: Json, half_width: float = 0.1) -> int | None:
    """About so many items bring the interval so near; None where it is, or is none.

    Widths shrink with the root of the number of items.
    """
    if estimate["low"] is None:
        return None
    half = (estimate["high"] - estimate["low"]) / 2
    if half <= half_width:
        return None
    return int(round(estimate["n_items"] * (half / half_width) ** 2, -1))


def verdict(alpha: Json, agreement: Json) -> str:
    """What alpha allows to be said, in plain words; read on its lower limit."""
    bar, low = agreement["bar"], alpha["low"]
    reliable = max(bar, agreement["reliable_bar"])
    if alpha["value"] is None:
        return "undefined"
    if low is None:
        return "cannot be said: no interval"
    if low < bar:
        return f"too low: lower limit under {figure(bar)}, the bar of this queue"
    if low < reliable:
        return f"tentative: lower limit under {figure(reliable)}"
    return f"reliable: lower limit at least {figure(reliable)}"


def agreement_table(report: Json) -> str:
    """The report as aligned text, one criterion a line and its kappas below."""
    head = f"{report['queue']}, rubric {report['rubric']}@{report['rubric_version']}"
    rows: list[tuple[str, ...]] = [
        (
            "criterion",
            "level",
            "items",
            "ratings",
            "raters",
            "agree",
            "alpha",
            "95% interval",
        )
    ]
    rows += [_row(entry) for entry in report["criteria"]]
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = [head, _line(rows[0], widths)]
    for row, entry in zip(rows[1:], report["criteria"], strict=True):
        lines.append(f"{_line(row, widths)}  {_bar(entry, report)}")
        lines += _kappa_lines(entry)
    lines += [f"{key}: free text, no agreement" for key in report["left_out"]]
    return "\n".join(lines)


def _row(entry: Json) -> tuple[str, ...]:
    return (
        entry["criterion"],
        entry["level"] if unit_of(entry) == "item" else f"{entry['level']}, steps",
        str(entry["n_items"]),
        str(entry["n_ratings"]),
        str(entry["n_raters"]),
        figure(entry["percent_agreement"]["value"]),
        figure(entry["alpha"]["value"]),
        _limits(entry["alpha"]),
    )


def _limits(estimate: Json) -> str:
    low, high = estimate["low"], estimate["high"]
    return "-" if low is None else f"{figure(low)} to {figure(high)}"


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [cell.ljust(width) for cell, width in zip(row[:2], widths, strict=False)]
    cells += [
        cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)
    ]
    return "  ".join(cells)


def _bar(entry: Json, report: Json) -> str:
    alpha = entry["alpha"]["value"]
    if alpha is None:
        return f"undefined: {entry['alpha']['reason']}"
    length = round(max(0.0, alpha) * 20)
    said = verdict(entry["alpha"], report)
    return f"[{'#' * length}{'.' * (20 - length)}] {said}"


def _kappa_lines(entry: Json) -> list[str]:
    lines = [
        f"    kappa {pair['raters'][0]} - {pair['raters'][1]}: "
        f"{_with_reason(pair)}, {pair['n_items']} {unit_of(entry)}s"
        for pair in entry["cohen_kappa"]
    ]
    name = "mean kappa"
    if entry["kappa_weights"] != "unweighted":
        name = f"mean kappa ({entry['kappa_weights']} weights)"
    return [*lines, f"    {name}: {_with_reason(entry['mean_kappa'])}"]


def _with_reason(estimate: Json) -> str:
    value, reason = estimate["value"], estimate["reason"]
    if value is None:
        return f"undefined ({reason})"
    return f"{figure(value)} ({reason})" if reason else figure(value)
