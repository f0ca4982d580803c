"""How cases are graded and against what: one JSON object a line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from reviews.formats.hazards import find_hazards
from reviews.formats.messages import explain

Text = Annotated[str, Meta(min_length=1, max_length=200_000)]
Word = Annotated[str, Meta(min_length=1, max_length=2000)]
Words = Annotated[tuple[Word, ...], Meta(min_length=1)]


class _Rule(
    msgspec.Struct,
    tag_field="type",
    forbid_unknown_fields=True,
    kw_only=True,
):
    pass


class RubricLabel(_Rule, tag="rubric_label"):
    """The labels under these criteria are the answer."""

    criteria: Words


class Pairwise(_Rule, tag="pairwise"):
    """The label is which response is better."""

    criterion: Word


class Exact(_Rule, tag="exact"):
    """The output is the reference."""

    ignore_case: bool = False


class OneOf(_Rule, tag="one_of"):
    """The output is one of these."""

    values: Words
    ignore_case: bool = False


class Numeric(_Rule, tag="numeric"):
    """The output is a number near this one; decimals as text."""

    value: Word
    tolerance: Word = "0"
    is_relative: bool = False


class Judged(_Rule, tag="judge"):
    """A judge reads the rubric, and the reference if there is one."""

    criteria: Words
    instructions: Annotated[str, Meta(max_length=200_000)] = ""


Grading = RubricLabel | Pairwise | Exact | OneOf | Numeric | Judged


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    id: Word
    reference: Text | UnsetType | None = UNSET
    grading: Grading | UnsetType | None = UNSET


@dataclass(frozen=True)
class TermsLine:
    """What one line says; None where it takes back what was said before."""

    number: int
    case: str
    says_reference: bool
    reference: str | None
    says_grading: bool
    grading: dict[str, Any] | None


@dataclass(frozen=True)
class TermsFault:
    line: int
    field: str
    expected: str
    case: str | None = None

    def __str__(self) -> str:
        where = f"line {self.line}"
        where += f", case {self.case}" if self.case is not None else ""
        return ": ".join(filter(None, (where, self.field, self.expected)))


def read_terms_lines(lines: Iterable[bytes]) -> Iterator[TermsLine | TermsFault]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _read(number, line)


def _read(number: int, line: bytes) -> TermsLine | TermsFault:
    try:
        parsed = msgspec.json.decode(line, type=_Line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        field, expected = explain(error)
        if "Invalid value" in str(error):
            known = "exact, one_of, numeric, rubric_label, pairwise or judge"
            expected = f"expected {known}"
        return TermsFault(number, field, expected)
    problem = _problem(parsed)
    if problem is not None:
        return TermsFault(number, *problem, case=parsed.id)
    return TermsLine(
        number=number,
        case=parsed.id,
        says_reference=parsed.reference is not UNSET,
        reference=parsed.reference or None,
        says_grading=parsed.grading is not UNSET,
        grading=msgspec.to_builtins(parsed.grading) if parsed.grading else None,
    )


def _problem(parsed: _Line) -> tuple[str, str] | None:
    for hazard in find_hazards("", msgspec.to_builtins(parsed)):
        return hazard
    rule = parsed.grading
    if isinstance(rule, Numeric):
        for name, text in (("value", rule.value), ("tolerance", rule.tolerance)):
            if not _is_decimal(text):
                return f"grading.{name}", "expected a decimal number as text"
        if Decimal(rule.tolerance) < 0:
            return "grading.tolerance", "expected a number not under 0"
    return None


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False
