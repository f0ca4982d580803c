"""Figures of a snapshot in words: value, interval and what they rest on."""

from typing import Any

from calibration.formats.agreement import figure

Json = dict[str, Any]


def share_text(found: Json | None) -> str:
    """A share in percent: "46% (24% to 70%)", or why there is none."""
    if found is None or found["value"] is None:
        return _without(found)
    text = f"{found['value']:.0%}"
    if found["low"] is None:
        return text
    return f"{text} ({found['low']:.0%} to {found['high']:.0%})"


def figure_text(found: Json | None) -> str:
    """A coefficient with three places: ".547 (.161 to .788)"."""
    if found is None or found["value"] is None:
        return _without(found)
    text = figure(found["value"])
    if found["low"] is None:
        return text
    return f"{text} ({figure(found['low'])} to {figure(found['high'])})"


def rate_text(found: Json | None) -> str:
    """A small share in percent with one place."""
    if found is None or found["value"] is None:
        return _without(found)
    text = f"{found['value']:.1%}"
    if found["low"] is None:
        return text
    return f"{text} ({found['low']:.1%} to {found['high']:.1%})"


def _without(found: Json | None) -> str:
    reason = found["reason"] if found else None
    return f"none: {reason}" if reason else "none"
