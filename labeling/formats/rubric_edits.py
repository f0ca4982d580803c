"""Adding, taking away and moving the parts of a rubric that is being edited."""

import re
from copy import deepcopy
from typing import Any

from labeling.formats.rubric_sheets import Sheet, new_option, settle
from labeling.formats.rubrics import LEVELS, PAIR_LETTERS

# As the buttons of the editor say it: criterion-add, criterion-2-option-3-up, ...
EDIT = re.compile(
    r"(?:criterion-(\d{1,4})-)?(criterion|option|example)(?:-(\d{1,4}))?-(add|up|down|remove)"
)


class UnknownEdit(Exception):
    """No button of the editor says that."""


def edit_sheet(sheet: Sheet, edit: str, level: str = "") -> tuple[Sheet, str]:
    """The sheet after the edit, and the part that was edited, as the page names it.

    `level` is the scale of a criterion that is added.
    """
    match = EDIT.fullmatch(edit)
    if match is None:
        raise UnknownEdit(edit)
    outer, noun, number, verb = match.groups()
    if (noun == "option") != (outer is not None):
        raise UnknownEdit(edit)
    sheet = deepcopy(sheet)
    parts, name = _parts(sheet, noun, outer)
    if verb == "add":
        parts.append(_new(noun, parts, level))
        return sheet, f"{name}-{len(parts)}"
    place = _move(parts, int(number or 0), verb)
    return sheet, f"{name}-{place}" if place else name


def _parts(sheet: Sheet, noun: str, outer: str | None) -> tuple[list[Any], str]:
    if outer is None:
        return sheet["criteria" if noun == "criterion" else "examples"], noun
    if not 1 <= int(outer) <= len(sheet["criteria"]):
        raise UnknownEdit(noun)
    return sheet["criteria"][int(outer) - 1]["options"], f"criterion-{outer}-option"


def _move(parts: list[Any], number: int, verb: str) -> int:
    """Where the part stands now; 0 where none is left."""
    if not 1 <= number <= len(parts):
        raise UnknownEdit(verb)
    part = parts.pop(number - 1)
    if verb == "remove":
        return min(number, len(parts))
    place = number - 1 if verb == "up" else number + 1
    place = min(max(place, 1), len(parts) + 1)
    parts.insert(place - 1, part)
    return place


def _new(noun: str, parts: list[Any], level: str) -> Sheet:
    if noun == "example":
        return {"title": "", "text": "", "why": "", "ratings": {}}
    if noun == "option":
        return new_option(_next_side(parts))
    return new_criterion(level if level in LEVELS else "nominal")


def new_criterion(level: str) -> Sheet:
    return settle(
        {
            **dict.fromkeys(("title", "key", "guidance", "alpha", "rationale"), ""),
            **dict.fromkeys(("minimum", "maximum", "step"), ""),
            "level": level,
            "required": True,
            "per_step": False,
            "only_if": {},
            "options": [],
        }
    )


def _next_side(options: list[Any]) -> str:
    """Of a pair the letter that comes next, or the tie; else nothing."""
    values = [option["value"] for option in options]
    if "A" not in values or "B" not in values:
        return ""
    left = ("tie", *PAIR_LETTERS)
    return next((value for value in left if value not in values), "")
