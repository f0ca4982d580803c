"""The rubric file that says what a document says: TOML out."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from labeling.formats.rubrics import ALPHA_LEVELS


def write_rubric(*, slug: str, document: Mapping[str, Any], project: str = "") -> str:
    """A file that `parse_rubric` reads back as the same document."""
    tables = as_tables(document)
    head = {"project": project} if project else {}
    return "\n".join(_lines(head | {"rubric": slug} | tables, "")) + "\n"


def as_tables(document: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of the file, without those that say no more than their default."""
    tables: dict[str, Any] = {"title": document["title"]}
    if document["guidance"]:
        tables["guidance"] = document["guidance"]
    tables["criterion"] = [_criterion(one) for one in document["criteria"]]
    examples = [_filled(one) for one in document.get("examples", [])]
    return tables | ({"example": examples} if examples else {})


def _criterion(said: Mapping[str, Any]) -> dict[str, Any]:
    level = said["level"]
    found = {"key": said["key"], "title": said["title"], "level": level}
    if said["guidance"]:
        found["guidance"] = said["guidance"]
    if not said["required"]:
        found["required"] = False
    if ALPHA_LEVELS[level] and said["alpha"] != ALPHA_LEVELS[level][0]:
        found["alpha"] = said["alpha"]
    for key in ("rationale", "per_step", "only_if", "minimum", "maximum", "step"):
        if key in said:
            found[key] = said[key]
    values = [option["value"] for option in said["options"]]
    if level == "pairwise" and "tie" not in values:
        found["tie"] = False
    if values:
        found["option"] = [_filled(option) for option in said["options"]]
    return found


def _filled(said: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value not in ("", False, {})}


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
