"""A rubric as somebody types it: strings, gaps and all.

A sheet holds what the fields of the editor hold. `tables_of` makes of it what a
file would say, so that one reader checks both.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from labeling.formats.references import CONDITIONS
from labeling.formats.rubrics import ALPHA_LEVELS, PAIR_LETTERS, WITH_OPTIONS

Sheet = dict[str, Any]

HEAD = ("title", "guidance")
CRITERION = ("title", "key", "guidance", "level", "alpha", "rationale")
RANGE = ("minimum", "maximum", "step")
FLAGS = ("required", "per_step")
OPTION = ("value", "title", "anchor")
EXAMPLE = ("title", "text", "why")


class Fields(Protocol):
    """What a browser sent: of each name, one value or several."""

    def get(self, name: str, default: str, /) -> Any: ...
    def getlist(self, name: str, /) -> list[Any]: ...
    def __contains__(self, name: str, /) -> bool: ...


def sheet_of(document: Mapping[str, Any]) -> Sheet:
    """The sheet on which an editor begins that goes on from a version."""
    return {
        "title": document["title"],
        "guidance": document["guidance"],
        "criteria": [_criterion_of(one) for one in document["criteria"]],
        "examples": [
            {key: one[key] for key in EXAMPLE}
            | {
                "ratings": {
                    key: value if isinstance(value, list) else str(value)
                    for key, value in one["ratings"].items()
                }
            }
            for one in document.get("examples", [])
        ],
    }


def _criterion_of(said: Mapping[str, Any]) -> Sheet:
    found = {key: said.get(key) or "" for key in CRITERION}
    found |= {key: str(said.get(key, "")) for key in RANGE}
    found |= {key: said.get(key, False) for key in FLAGS}
    found["options"] = [dict(option) for option in said["options"]]
    return found | {"only_if": dict(said.get("only_if", {}))}


def read_sheet(data: Fields) -> Sheet:
    criteria = [
        _read_criterion(data, f"criterion-{number}")
        for number in _numbers(data, "criterion-{}-title")
    ]
    for place, criterion in enumerate(criteria, start=1):
        criterion["only_if"] = _read_condition(data, f"criterion-{place}", criteria)
    return {
        **{key: _text(data, key) for key in HEAD},
        "criteria": criteria,
        "examples": [
            _read_example(data, f"example-{number}", criteria)
            for number in _numbers(data, "example-{}-title")
        ],
    }


def _texts(data: Fields, name: str, keys: tuple[str, ...]) -> Sheet:
    return {key: _text(data, f"{name}-{key}") for key in keys}


def _text(data: Fields, name: str) -> str:
    """Browsers end lines with two characters, and the database keeps no NUL."""
    return str(data.get(name, "")).replace("\r\n", "\n").replace("\x00", "")


def _numbers(data: Fields, name: str) -> range:
    last = 0
    while name.format(last + 1) in data:
        last += 1
    return range(1, last + 1)


def _read_criterion(data: Fields, name: str) -> Sheet:
    criterion = _texts(data, name, (*CRITERION, *RANGE))
    criterion |= {key: f"{name}-{key}" in data for key in FLAGS}
    criterion["key"] = criterion["key"] or slug_of(criterion["title"])
    criterion["options"] = [
        _read_option(data, f"{name}-option-{number}")
        for number in _numbers(data, name + "-option-{}-title")
    ]
    return settle(criterion)


def _read_option(data: Fields, name: str) -> Sheet:
    option = _texts(data, name, OPTION)
    option["value"] = option["value"] or slug_of(option["title"])
    return option | {"rationale": f"{name}-rationale" in data}


def _read_condition(data: Fields, name: str, criteria: list[Sheet]) -> Sheet:
    """Boxes are numbered, so that they follow what they stand for when it is renamed."""
    chosen = [
        (criterion["key"], option["value"])
        for place, criterion in enumerate(criteria, start=1)
        for number, option in enumerate(criterion["options"], start=1)
        if str(number) in data.getlist(f"{name}-only_if-{place}")
    ]
    if not chosen:
        return {}
    return {"criterion": chosen[0][0], "values": [value for _, value in chosen]}


def _read_example(data: Fields, name: str, criteria: list[Sheet]) -> Sheet:
    ratings: dict[str, Any] = {}
    for place, criterion in enumerate(criteria, start=1):
        given = [one for one in data.getlist(f"{name}-rating-{place}") if one]
        if criterion["level"] in ("nominal", "ordinal", "pairwise", "multi-label"):
            given = _options_at(criterion, given)
        if given:
            is_many = criterion["level"] == "multi-label"
            ratings[criterion["key"]] = given if is_many else given[0]
    return _texts(data, name, EXAMPLE) | {"ratings": ratings}


def _options_at(criterion: Sheet, numbers: list[str]) -> list[str]:
    return [
        option["value"]
        for number, option in enumerate(criterion["options"], start=1)
        if str(number) in numbers
    ]


def settle(criterion: Sheet) -> Sheet:
    """Give a criterion the rows that its scale begins with."""
    options = criterion["options"]
    if criterion["level"] == "pairwise":
        sides = (*PAIR_LETTERS, "tie")
        kept = [option for option in options if option["value"] in sides]
        criterion["options"] = kept or [
            new_option(value) for value in ("A", "tie", "B")
        ]
    elif criterion["level"] in WITH_OPTIONS and not options:
        criterion["options"] = [new_option(), new_option()]
    elif criterion["level"] == "interval" and not any(criterion[key] for key in RANGE):
        criterion |= {"minimum": "1", "maximum": "5", "step": "1"}
    return criterion


def new_option(value: str = "") -> Sheet:
    return {"value": value, "title": "", "anchor": "", "rationale": False}


def slug_of(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower())[:80].strip("-")


def tables_of(slug: str, sheet: Mapping[str, Any]) -> dict[str, Any]:
    """What the file would say; a number that is none stays a text, and is refused."""
    criteria = sheet["criteria"]
    return {
        "rubric": slug,
        **{key: sheet[key] for key in HEAD},
        "criterion": [_table_of(criterion) for criterion in criteria],
        "example": [_example_table(one, criteria) for one in sheet["examples"]],
    }


def _table_of(criterion: Mapping[str, Any]) -> dict[str, Any]:
    level = criterion["level"]
    table = {key: criterion[key] for key in ("key", "title", "guidance", "level")}
    table |= {key: criterion[key] for key in FLAGS}
    if criterion["alpha"] in ALPHA_LEVELS.get(level, ()):
        table["alpha"] = criterion["alpha"]
    if criterion["rationale"] and level != "text":
        table["rationale"] = criterion["rationale"]
    if level == "interval":
        table |= {key: _number(criterion[key]) for key in RANGE if criterion[key]}
    if level == "pairwise":
        table["tie"] = any(one["value"] == "tie" for one in criterion["options"])
    if level == "pairwise" or level in WITH_OPTIONS:
        table["option"] = [_option_table(option) for option in criterion["options"]]
    if criterion["only_if"]:
        table["only_if"] = dict(criterion["only_if"])
    return table


def _option_table(option: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in option.items() if value or key == "value"}


def _example_table(example: Mapping[str, Any], criteria: list[Sheet]) -> dict[str, Any]:
    numbers = {one["key"] for one in criteria if one["level"] == "interval"}
    known = {one["key"] for one in criteria}
    return {key: example[key] for key in EXAMPLE} | {
        "ratings": {
            key: _number(value) if key in numbers else value
            for key, value in example["ratings"].items()
            # Of a criterion that was taken away nothing is said any more.
            if key in known
        }
    }


def _number(text: str) -> int | Decimal | str:
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return text


def waits_for(criteria: list[Sheet], place: int) -> list[tuple[int, Sheet]]:
    """The criteria, with their numbers, that the one at `place` may wait for.

    With them the one that it does wait for, wherever it stands now.
    """
    own = criteria[place - 1]
    return [
        (number, one)
        for number, one in enumerate(criteria, start=1)
        if one is not own
        and one["level"] in CONDITIONS
        and (number < place or own["only_if"].get("criterion") == one["key"])
    ]
