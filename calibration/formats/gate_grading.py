"""One line of a candidate held against its case, by the case's own rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from calibration.formats.candidates_file import CandidateLine
from calibration.formats.gate_cases import CriterionScale, GateCase
from calibration.formats.thresholds import Thresholds

# What an output that is graded by itself is compared under.
OUTPUT = "output"
MOST_NAMED = 12

Json = dict[str, Any]


class WrongAnswer(Exception):
    """The line cannot be an answer to the case: the field, and what was expected."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field}: {expected}")
        self.field = field
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Compared:
    """One criterion of one case: what was found, what trusted people said."""

    criterion: str
    found: Any
    expected: tuple[Any, ...]
    agrees: bool


def criteria_of(case: GateCase, thresholds: Thresholds) -> tuple[str, ...]:
    """Under what the case is compared; nothing, if the thresholds leave it out."""
    grading = case.grading or {"type": "rubric_label", "criteria": sorted(case.labels)}
    match grading["type"]:
        case "exact" | "one_of" | "numeric":
            keys = (OUTPUT,)
        case "pairwise":
            keys = (grading["criterion"],)
        case _:
            keys = tuple(grading["criteria"])
    wanted = thresholds.criteria or keys
    return tuple(
        key for key in keys if key in wanted and (key == OUTPUT or key in case.labels)
    )


def compare(
    case: GateCase,
    line: CandidateLine,
    scales: Mapping[str, CriterionScale],
    thresholds: Thresholds,
) -> list[Compared] | None:
    """Each criterion of the case; None where an answer is missing."""
    keys = criteria_of(case, thresholds)
    verdicts = read_verdicts("verdicts", line.verdicts, scales)
    compared = []
    for key in keys:
        if key == OUTPUT:
            found, expected, agrees = _grade_output(case, line)
        else:
            found = _verdict(key, keys, line, verdicts, scales)
            expected = thresholds.acceptable.get(key) or (case.labels[key],)
            agrees = any(_equal(found, value) for value in expected)
        if found is None:
            return None
        compared.append(Compared(key, found, tuple(expected), agrees))
    return compared


def read_verdicts(
    field: str, verdicts: Json, scales: Mapping[str, CriterionScale]
) -> Json:
    """The verdicts on the scales of the rubric. Raises WrongAnswer."""
    return {
        key: _read_value(f"{field}.{key}", value, scales.get(key))
        for key, value in verdicts.items()
    }


def _verdict(
    key: str,
    keys: tuple[str, ...],
    line: CandidateLine,
    verdicts: Json,
    scales: Mapping[str, CriterionScale],
) -> Any:
    if key in verdicts:
        return verdicts[key]
    if line.output is not None and len(keys) == 1:
        return _read_value(OUTPUT, line.output, scales.get(key))
    raise WrongAnswer(f"verdicts.{key}", "is required for this case and missing")


def _read_value(field: str, value: Any, scale: CriterionScale | None) -> Any:
    if scale is None:
        raise WrongAnswer(field, "is no criterion of the rubric")
    if value is None:
        return None
    if scale.level == "multi-label":
        chosen = value.split("|") if isinstance(value, str) else value
        if not isinstance(chosen, list) or not all(
            one in (scale.options or ()) for one in chosen
        ):
            raise WrongAnswer(field, f"expected a list of {_named(scale)}")
        return sorted(set(chosen))
    if scale.level == "interval":
        return _number(field, value)
    if not isinstance(value, str) or value not in (scale.options or (value,)):
        raise WrongAnswer(field, f"expected one of {_named(scale)}")
    return value


def _number(field: str, value: Any) -> float:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        raise WrongAnswer(field, "expected a number")
    return float(number)


def _named(scale: CriterionScale) -> str:
    options = scale.options or ()
    more = f" and {len(options) - MOST_NAMED} more" if len(options) > MOST_NAMED else ""
    return ", ".join(options[:MOST_NAMED]) + more


def _equal(found: Any, expected: Any) -> bool:
    if isinstance(expected, list):
        return bool(sorted(expected) == found)
    if isinstance(found, float):
        return found == float(expected)
    return bool(found == expected)


def _grade_output(
    case: GateCase, line: CandidateLine
) -> tuple[str | None, tuple[Any, ...], bool]:
    grading = case.grading or {}
    if line.output is None:
        if line.verdicts:
            raise WrongAnswer(
                OUTPUT, f"is required: the case is graded {grading['type']}"
            )
        return None, (), False
    if grading["type"] == "numeric":
        bounds = f"{grading['value']} \N{PLUS-MINUS SIGN} {grading['tolerance']}"
        if grading.get("is_relative"):
            bounds += " of it"
        return line.output, (bounds,), _is_near(line.output, grading)
    values = grading["values"] if grading["type"] == "one_of" else [case.reference]
    found = _folded(line.output, grading)
    agrees = found in [_folded(value, grading) for value in values if value is not None]
    return line.output, tuple(values), agrees


def _folded(text: Any, grading: Json) -> str:
    return str(text).casefold() if grading.get("ignore_case") else str(text)


def _is_near(output: str, grading: Json) -> bool:
    """What is no number is an answer like any other, and a wrong one."""
    try:
        number = Decimal(output.strip())
    except InvalidOperation:
        return False
    if not number.is_finite():
        return False
    value, tolerance = Decimal(grading["value"]), Decimal(grading["tolerance"])
    if grading.get("is_relative"):
        tolerance *= abs(value)
    return bool(abs(number - value) <= tolerance)
