"""The rubric file that says what a document says: TOML out."""

from collections.abc import Mapping
from typing import Any

from labeling.formats.rubrics import ALPHA_LEVELS
from reviews.formats.toml_text import write_toml


def write_rubric(*, slug: str, document: Mapping[str, Any], project: str = "") -> str:
    """A file that `parse_rubric` reads back as the same document."""
    tables = as_tables(document)
    head = {"project": project} if project else {}
    return write_toml(head | {"rubric": slug} | tables)


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
