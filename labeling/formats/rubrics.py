"""The rubric file: TOML in, one canonical document out."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from labeling.formats.references import plain_number, read_conditions, read_examples
from labeling.formats.tables import Table

LEVELS = ("nominal", "ordinal", "interval", "pairwise", "multi-label", "text")
WITH_OPTIONS = ("nominal", "ordinal", "multi-label")
PAIR_LETTERS = "ABCDEFGH"

RUBRIC_KEYS = {"project", "rubric", "title", "guidance", "criterion", "example"}
COMMON_KEYS = {
    "key", "title", "guidance", "level", "required", "alpha",
    "rationale", "only_if", "per_step",
}  # fmt: skip
LEVEL_KEYS = {
    "nominal": {"option"},
    "ordinal": {"option"},
    "multi-label": {"option"},
    "interval": {"minimum", "maximum", "step"},
    "pairwise": {"option", "tie"},
    "text": set(),
}
OPTION_KEYS = {"value", "title", "anchor", "rationale"}

# At which levels a criterion's alpha may be measured; the first is the default.
# Of text and of sets of labels there is no alpha.
ALPHA_LEVELS = {
    "nominal": ("nominal",),
    "ordinal": ("ordinal", "nominal"),
    "interval": ("interval", "ordinal", "nominal"),
    "pairwise": ("nominal", "ordinal"),
    "multi-label": (),
    "text": (),
}
# Whether a rating of a criterion may be explained; "optional" if nothing is said.
RATIONALES = ("required", "optional", "never")


NO_TOML = "not a TOML file"


class RubricFaults(Exception):
    """The file is no rubric; `faults` says where and what was expected."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class RubricFile:
    """What a rubric file says. Two files with equal documents are one version."""

    project: str | None
    slug: str
    document: dict[str, Any]


def parse_rubric(data: bytes) -> RubricFile:
    try:
        values = tomllib.loads(data.decode("utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RubricFaults([f"{NO_TOML}: {error}"]) from error
    return read_rubric(values)


def read_rubric(values: dict[str, Any]) -> RubricFile:
    """The rubric that the tables of a file say, numbers with a point as Decimal."""
    table = Table(values, "")
    table.refuse_unknown(RUBRIC_KEYS)
    parsed = RubricFile(
        project=table.slug("project") if "project" in values else None,
        slug=table.slug("rubric"),
        document={
            "title": table.text("title", limit=200),
            "guidance": table.text("guidance", default=""),
            "criteria": _criteria(table),
        },
    )
    examples = read_examples(table, parsed.document["criteria"])
    if examples:
        parsed.document["examples"] = examples
    if table.faults:
        raise RubricFaults(table.faults)
    return parsed


def _criteria(table: Table) -> list[dict[str, Any]]:
    tables = table.tables("criterion")
    criteria = [_criterion(one) for one in tables]
    if not criteria and not table.faults:
        table.fault("criterion", "expected at least one [[criterion]]")
    table.refuse_repeated("criterion", [one["key"] for one in criteria])
    read_conditions(tables, criteria)
    return criteria


def _criterion(table: Table) -> dict[str, Any]:
    level = table.choice("level", LEVELS, default=None)
    document: dict[str, Any] = {
        "key": table.slug("key"),
        "title": table.text("title", limit=200),
        "guidance": table.text("guidance", default=""),
        "level": level,
        "required": table.flag("required", default=True),
        "options": [],
    }
    if not level:
        return document
    table.refuse_unknown(COMMON_KEYS | LEVEL_KEYS[level])
    document["alpha"] = _alpha(table, level)
    document |= SCALES.get(level, _no_scale)(table)
    return document | _manner(table, level, document["options"])


def _manner(table: Table, level: str, options: list[dict[str, Any]]) -> dict[str, Any]:
    """How it is rated. What is not said is not there, so that a file that says
    nothing of it is the version that it always was."""
    manner: dict[str, Any] = {}
    rationale = table.choice("rationale", RATIONALES, default="optional")
    if level == "text" and "rationale" in table.values:
        table.fault("rationale", "a text is its own reason")
    if rationale == "never" and any(option["rationale"] for option in options):
        table.fault(
            "rationale", "an option asks for one: expected required or optional"
        )
    if rationale != "optional":
        manner["rationale"] = rationale
    if table.flag("per_step", default=False):
        manner["per_step"] = True
        if level == "pairwise":
            table.fault("per_step", "the steps of a trace are no pair")
    return manner


def _alpha(table: Table, level: str) -> str | None:
    allowed = ALPHA_LEVELS[level]
    if not allowed:
        if "alpha" in table.values:
            table.fault("alpha", f"there is no alpha of {level} ratings")
        return None
    return table.choice("alpha", allowed, default=allowed[0])


def _no_scale(table: Table) -> dict[str, Any]:
    return {}


def _options_scale(table: Table) -> dict[str, Any]:
    options = [_option(one) for one in table.tables("option")]
    is_set = table.values["level"] == "multi-label"
    fewest = 1 if is_set else 2
    if len(options) < fewest:
        table.fault("option", f"expected at least {fewest} [[criterion.option]]")
    table.refuse_repeated("option", [one["value"] for one in options])
    if is_set and any("|" in one["value"] for one in options):
        table.fault("option", "a label holds no '|', which joins labels in files")
    return {"options": options}


def _option(table: Table, title: str | None = None) -> dict[str, Any]:
    table.refuse_unknown(OPTION_KEYS)
    value = table.text("value", limit=80)
    return {
        "value": value,
        "title": table.text("title", default=title or value or None, limit=200),
        "anchor": table.text("anchor", default=""),
        "rationale": table.flag("rationale", default=False),
    }


def _pairwise_scale(table: Table) -> dict[str, Any]:
    """A, tie, B are built in; the file may give them words, or go on to C, D, ..."""
    given = {}
    for one in table.tables("option"):
        value = one.values.get("value")
        given[value] = _option(one, _pair_title(str(value)))
        if value != "tie" and (not isinstance(value, str) or value not in letters()):
            one.fault("value", "expected A, tie, B (or C to H for more responses)")
    last = max([1] + [PAIR_LETTERS.find(v) for v in given if v in letters()])
    values = list(PAIR_LETTERS[: last + 1])
    if table.flag("tie", default=True):
        values.insert(1, "tie")
    elif "tie" in given:
        table.fault("tie", "an option 'tie' is given although tie = false")
    return {"options": [given.get(v) or _pair_option(v) for v in values]}


def letters() -> tuple[str, ...]:
    return tuple(PAIR_LETTERS)


def _pair_option(value: str) -> dict[str, Any]:
    return {
        "value": value,
        "title": _pair_title(value),
        "anchor": "",
        "rationale": False,
    }


def _pair_title(value: str) -> str:
    return "About the same" if value == "tie" else f"{value} is better"


def _interval_scale(table: Table) -> dict[str, Any]:
    minimum, maximum = table.number("minimum"), table.number("maximum")
    step = table.number("step", default=1)
    if maximum <= minimum:
        table.fault("maximum", "expected a number above the minimum")
    elif step <= 0 or (maximum - minimum) % step:
        table.fault("step", "expected a positive number that divides the range")
    return {
        "minimum": plain_number(minimum),
        "maximum": plain_number(maximum),
        "step": plain_number(step),
    }


SCALES: dict[str, Callable[[Table], dict[str, Any]]] = {
    "nominal": _options_scale,
    "ordinal": _options_scale,
    "multi-label": _options_scale,
    "pairwise": _pairwise_scale,
    "interval": _interval_scale,
}
