"""The one way in: a text, what it is, and what may still be spent on its item."""

import json
from collections.abc import Callable
from html import escape
from typing import Any, Literal

from django.utils.translation import ngettext

from reviews.rendering.budget import Budget
from reviews.rendering.code import render_code
from reviews.rendering.folds import FOLD_LIMIT, compact, fold
from reviews.rendering.hidden import reveal_hidden
from reviews.rendering.markdown import count_delimiters, is_too_much, parse
from reviews.rendering.parts import Part, split_lines, split_markdown

# What somebody wrote; any JSON value; what a tool gave back, which may be JSON.
Written = Literal["markdown", "value", "output"]


def render(source: Any, written: Written, budget: Budget | None = None) -> str:
    """HTML of what a model wrote. `budget` is shared by the texts of an item."""
    budget = budget or Budget()
    match written:
        case "markdown":
            return _cut(source, budget, _render_markdown)
        case "output":
            return _render_output(source, budget)
        case "value":
            return _render_value(source, compact(source), budget)


def _cut(text: str, budget: Budget, shown: Callable[[str, Budget], str]) -> str:
    cut = budget.cut(text)
    html = shown(reveal_hidden(cut.start), budget)
    if not cut.left_out:
        return html
    words = ngettext(
        "%(n)s character is not shown.",
        "%(n)s characters are not shown.",
        cut.left_out,
    )
    said = escape(words % {"n": f"{cut.left_out:,}"})
    notice = f'<p class="left-out">{said}</p>'
    return html + notice + shown(reveal_hidden(cut.end), budget)


def _render_markdown(shown: str, budget: Budget) -> str:
    html = [_render_part(part, budget) for part in split_markdown(shown)]
    if len(html) == 1:
        return html[0]
    return "".join(f'<div class="part">{part}</div>' for part in html)


def _render_part(part: Part, budget: Budget) -> str:
    if part.is_code:
        return render_code(part.text, part.language)
    delimiters = count_delimiters(part.text)
    if is_too_much(part.text, delimiters):
        return _render_plain(part.text)
    if not budget.takes_markdown(part.text, delimiters):
        return _render_plain(part.text)
    has_code = "```" in part.text or "~~~" in part.text
    return parse(part.text, has_colours=has_code and budget.takes_code(len(part.text)))


def _render_plain(shown: str) -> str:
    """Text as it was written."""
    parts = "".join(
        f'<div class="part">{escape(part)}</div>' for part in split_lines(shown)
    )
    return f'<div class="prose--plain">{parts}</div>'


def _render_output(text: str, budget: Budget) -> str:
    if len(text) > FOLD_LIMIT:
        return _cut(text, budget, _render_verbatim)
    try:
        return _render_value(json.loads(text), text, budget)
    except (ValueError, RecursionError):
        # No JSON, or none that a person could follow.
        return _cut(text, budget, _render_verbatim)


def _render_value(value: Any, text: str, budget: Budget) -> str:
    if len(text) > min(FOLD_LIMIT, budget.characters):
        return _cut(text, budget, _render_verbatim)
    budget.characters -= len(text)
    return fold(value)


def _render_verbatim(shown: str, budget: Budget) -> str:
    return render_code(shown, "")
