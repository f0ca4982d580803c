"""Writing TOML: the standard library only reads it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any


def write_toml(table: Mapping[str, Any]) -> str:
    """Keys are plain words; lists of tables become [[tables]], other tables inline."""
    return "\n".join(_lines(table, "")) + "\n"


def _lines(table: Mapping[str, Any], path: str) -> Iterator[str]:
    """Plain keys first, as TOML wants it; then the tables below."""
    for key, value in table.items():
        if not _is_tables(value):
            yield f"{key} = {_value(value)}"
    for key, value in table.items():
        if _is_tables(value):
            for one in value:
                yield ""
                yield f"[[{path}{key}]]"
                yield from _lines(one, f"{path}{key}.")


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{key} = {_value(one)}" for key, one in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return json.dumps(value)


def _text(value: str) -> str:
    """JSON's escapes are TOML's; long texts keep their lines for whoever reads them."""
    lines = [_escaped(line) for line in value.split("\n")]
    if len(lines) == 1:
        return f'"{lines[0]}"'
    return '"""\n' + "\n".join(lines) + '"""'


def _escaped(line: str) -> str:
    return json.dumps(line, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f")
