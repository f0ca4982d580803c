"""The rubric file: TOML in, one canonical document out."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

LEVELS = ("nominal", "ordinal", "interval", "pairwise", "multi-label", "text")
WITH_OPTIONS = ("nominal", "ordinal", "multi-label")
PAIR_LETTERS = "ABCDEFGH"
SLUG = re.compile(r"[A-Za-z0-9_-]{1,80}")

RUBRIC_KEYS = {"project", "rubric", "title", "guidance", "criterion"}
COMMON_KEYS = {"key", "title", "guidance", "level", "required", "alpha"}
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


@dataclass
class _Table:
    """One table of the file, read key by key; faults carry the key's path."""

    values: dict[str, Any]
    path: str
    faults: list[str]
    known: set[str] = field(default_factory=set)

    def fault(self, key: str, expected: str) -> None:
        self.faults.append(f"{self.path}{key}: {expected}")

    def refuse_unknown(self, known: set[str]) -> None:
        for key in sorted(self.values.keys() - known):
            self.fault(key, f"unknown key; expected one of {', '.join(sorted(known))}")

    def text(self, key: str, default: str | None = None, limit: int = 20_000) -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            self.fault(key, "expected a text that is not empty")
            return ""
        if len(value) > limit:
            self.fault(key, f"expected at most {limit} characters")
        if "\x00" in value:
            self.fault(key, "expected a text without NUL characters")
        return value.strip()

    def slug(self, key: str) -> str:
        value = self.text(key, limit=80)
        if value and not SLUG.fullmatch(value):
            self.fault(key, "expected letters, digits, '-' and '_' only")
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            self.fault(key, "expected true or false")
            return default
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str | None) -> str:
        value = self.values.get(key, default)
        if value not in choices:
            self.fault(key, f"expected one of {', '.join(choices)}")
            return ""
        return str(value)

    def number(self, key: str, default: int | None = None) -> Decimal:
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.fault(key, "expected a number")
            return Decimal(0)
        number = Decimal(value)
        if not number.is_finite() or abs(number) >= 10**8 or number % Decimal("0.0001"):
            self.fault(key, "expected a number under 100,000,000 with four decimals")
            return Decimal(0)
        return number

    def tables(self, key: str) -> list["_Table"]:
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(v, dict) for v in values):
            self.fault(key, f"expected tables written as [[{key}]]")
            return []
        return [
            _Table(value, f"{self.path}{key}[{number}].", self.faults)
            for number, value in enumerate(values, start=1)
        ]


def parse_rubric(data: bytes) -> RubricFile:
    try:
        values = tomllib.loads(data.decode("utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RubricFaults([f"{NO_TOML}: {error}"]) from error
    table = _Table(values, "", [])
    table.refuse_unknown(RUBRIC_KEYS)
    parsed = RubricFile(
        project=table.slug("project") if "project" in values else None,
        slug=table.slug("rubric"),
        document={
            "title": table.text("title", limit=200),
            "guidance": table.text("guidance", default=""),
            "criteria": [_criterion(one) for one in table.tables("criterion")],
        },
    )
    _check_criteria(table, parsed.document["criteria"])
    if table.faults:
        raise RubricFaults(table.faults)
    return parsed


def _check_criteria(table: _Table, criteria: list[dict[str, Any]]) -> None:
    if not criteria and not table.faults:
        table.fault("criterion", "expected at least one [[criterion]]")
    _refuse_repeated(table, "criterion", [one["key"] for one in criteria])


def _refuse_repeated(table: _Table, key: str, values: list[str]) -> None:
    for value in sorted({value for value in values if values.count(value) > 1}):
        if value:
            table.fault(key, f"{value!r} is there more than once")


def _criterion(table: _Table) -> dict[str, Any]:
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
    return document | SCALES.get(level, _no_scale)(table)


def _alpha(table: _Table, level: str) -> str | None:
    allowed = ALPHA_LEVELS[level]
    if not allowed:
        if "alpha" in table.values:
            table.fault("alpha", f"there is no alpha of {level} ratings")
        return None
    return table.choice("alpha", allowed, default=allowed[0])


def _no_scale(table: _Table) -> dict[str, Any]:
    return {}


def _options_scale(table: _Table) -> dict[str, Any]:
    options = [_option(one) for one in table.tables("option")]
    is_set = table.values["level"] == "multi-label"
    fewest = 1 if is_set else 2
    if len(options) < fewest:
        table.fault("option", f"expected at least {fewest} [[criterion.option]]")
    _refuse_repeated(table, "option", [one["value"] for one in options])
    if is_set and any("|" in one["value"] for one in options):
        table.fault("option", "a label holds no '|', which joins labels in files")
    return {"options": options}


def _option(table: _Table, title: str | None = None) -> dict[str, Any]:
    table.refuse_unknown(OPTION_KEYS)
    value = table.text("value", limit=80)
    return {
        "value": value,
        "title": table.text("title", default=title or value or None, limit=200),
        "anchor": table.text("anchor", default=""),
        "rationale": table.flag("rationale", default=False),
    }


def _pairwise_scale(table: _Table) -> dict[str, Any]:
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


def _interval_scale(table: _Table) -> dict[str, Any]:
    minimum, maximum = table.number("minimum"), table.number("maximum")
    step = table.number("step", default=1)
    if maximum <= minimum:
        table.fault("maximum", "expected a number above the minimum")
    elif step <= 0 or (maximum - minimum) % step:
        table.fault("step", "expected a positive number that divides the range")
    return {
        "minimum": _plain(minimum),
        "maximum": _plain(maximum),
        "step": _plain(step),
    }


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


SCALES: dict[str, Callable[[_Table], dict[str, Any]]] = {
    "nominal": _options_scale,
    "ordinal": _options_scale,
    "multi-label": _options_scale,
    "pairwise": _pairwise_scale,
    "interval": _interval_scale,
}
