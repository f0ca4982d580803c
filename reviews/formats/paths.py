"""Paths such as a.b[0].c into nested rows."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

_STEP = re.compile(r"(?:^|\.)(?P<key>[^.\[\]]+)|\[(?P<place>\d{1,4})\]")


class InvalidPath(ValueError):
    """The text is not a path."""


class Path(NamedTuple):
    name: str
    steps: tuple[str | int, ...]


def parse_path(text: str) -> Path:
    steps: list[str | int] = []
    end = 0
    while end < len(text):
        match = _STEP.match(text, end)
        if match is None:
            raise InvalidPath(text)
        steps.append(match["key"] or int(match["place"]))
        end = match.end()
    if not steps or isinstance(steps[0], int):
        raise InvalidPath(text)
    return Path(text, tuple(steps))


def get_at(row: Mapping[str, Any], path: Path) -> Any:
    """The value there, or None; a field that has the whole name comes first."""
    if path.name in row:
        return row[path.name]
    value: Any = row
    for step in path.steps:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        else:
            is_there = isinstance(value, list) and step < len(value)
            value = value[step] if is_there else None
        if value is None:
            return None
    return value


def put_at(target: dict[str, Any], path: Path, value: Any) -> None:
    """Set the value there and make what leads to it; lists grow by one at most."""
    here: Any = target
    for step, following in zip(path.steps, (*path.steps[1:], None), strict=True):
        last = following is None
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(step, str):
            if not isinstance(here, dict):
                raise InvalidPath(path.name)
            here = here.setdefault(step, value if last else empty)
        else:
            if not isinstance(here, list) or step > len(here):
                raise InvalidPath(path.name)
            if step == len(here):
                here.append(value if last else empty)
            here = here[step]
