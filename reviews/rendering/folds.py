"""JSON as a tree that folds, without a script."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from django.utils.translation import ngettext

from reviews.rendering.hidden import reveal_hidden

# What is longer is shown as it is: a tree of it would be no help.
FOLD_LIMIT = 50_000
DEEPEST = 20
# Characters of JSON: on one line, and open without being asked.
LINE = 80
OPEN = 600


def fold(value: Any) -> str:
    """Of a value whose JSON is no longer than FOLD_LIMIT."""
    lines = "".join(_lines(value, "", 0))
    return f'<div class="highlight fold">{lines}</div>'


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _lines(value: Any, key: str, depth: int) -> Iterator[str]:
    text = compact(value)
    if isinstance(value, str) and (len(text) > LINE or "\n" in value):
        yield _text(value, key)
    elif not isinstance(value, dict | list) or (
        len(text) <= LINE and "\\n" not in text
    ):
        yield f'<div class="fold__line">{key}{_coloured(value)}</div>'
    elif depth >= DEEPEST or _is_flat(value):
        yield f'<div class="fold__line">{key}{escape(reveal_hidden(text))}</div>'
    else:
        state = " open" if depth == 0 or len(text) <= OPEN else ""
        yield f"<details{state}><summary>{key}{_size(value)}</summary>"
        for name, member in _members(value):
            yield from _lines(member, name, depth + 1)
        yield "</details>"


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from (("", member) for member in value)
        return
    for key, member in value.items():
        name = escape(reveal_hidden(compact(key)))
        yield f'<span class="nt">{name}</span>: ', member


def _is_flat(value: Any) -> bool:
    """A list of numbers and the like, which needs no line for each."""
    return isinstance(value, list) and not any(
        isinstance(member, dict | list | str) for member in value
    )


def _size(value: Any) -> str:
    n = len(value)
    if isinstance(value, list):
        words, left, right = ngettext("%(n)s entry", "%(n)s entries", n), "[", "]"
    else:
        words, left, right = ngettext("%(n)s key", "%(n)s keys", n), "{", "}"
    size = escape(words % {"n": n})
    return f'{left} <span class="fold__size">{size}</span> {right}'


def _text(value: str, key: str) -> str:
    """A long text with its own lines instead of the escapes of JSON."""
    return (
        f'<div class="fold__line">{key}</div>'
        f'<div class="fold__text">{escape(reveal_hidden(value))}</div>'
    )


def _coloured(value: Any) -> str:
    """What fits a line; only a value by itself has a colour."""
    shown = escape(reveal_hidden(compact(value)))
    match value:
        case str():
            return f'<span class="s2">{shown}</span>'
        case bool() | None:
            return f'<span class="kc">{shown}</span>'
        case int() | float():
            return f'<span class="mi">{shown}</span>'
        case _:
            return shown
