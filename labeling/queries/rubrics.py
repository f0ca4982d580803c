"""Rubric versions as frozen facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from labeling.models import Criterion, Option, RubricVersion
from labeling.models import Level as Level


class UnknownRubricVersion(Exception):
    """There is no rubric version with that id."""


@dataclass(frozen=True)
class OptionFacts:
    value: str
    title: str
    anchor: str
    requires_rationale: bool


@dataclass(frozen=True)
class Condition:
    """A criterion is asked only where an earlier one has one of these values."""

    criterion: str
    values: tuple[str, ...]

    def is_met(self, value: Any) -> bool:
        """Whether this answer to the earlier criterion is one that it waits for."""
        given = value if isinstance(value, list | tuple) else [value]
        return any(one in self.values for one in given)


@dataclass(frozen=True)
class ExampleFacts:
    """A worked example of the guidelines; `ratings` are (criterion, value in words)."""

    title: str
    text: str
    why: str
    ratings: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CriterionFacts:
    """One criterion and its scale; `options` are in the order of the rubric."""

    id: int
    key: str
    title: str
    guidance: str
    level: str
    is_required: bool
    options: tuple[OptionFacts, ...]
    minimum: Decimal | None
    maximum: Decimal | None
    step: Decimal | None
    # At which level alpha is measured; None where there is no alpha.
    alpha_level: str | None
    # "required", "optional" or "never"; an option may ask for one besides.
    rationale: str = "optional"
    # None: it is always asked.
    only_if: Condition | None = None
    # Of a trace, rated for each of its steps; of an item without any, once.
    is_per_step: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(option.value for option in self.options)

    @property
    def is_rated(self) -> bool:
        """Whether ratings of it can agree or differ; a note cannot."""
        return self.level != Level.TEXT

    @property
    def expected(self) -> str:
        """What a value of this scale is, for files and the command line."""
        match self.level:
            case Level.TEXT:
                return "a text"
            case Level.INTERVAL:
                return "a number from {least} to {most} in steps of {step}".format(
                    **self.range_in_words
                )
            case Level.MULTI_LABEL:
                return f"labels out of {', '.join(self.values)}"
            case _:
                return f"one of {', '.join(self.values)}"

    @property
    def hint(self) -> str:
        """What to write where there are no options, as a page says it."""
        if self.level == Level.TEXT:
            return _("A text")
        words = _("A number from %(least)s to %(most)s in steps of %(step)s")
        return words % self.range_in_words

    @property
    def range_in_words(self) -> dict[str, str]:
        return {
            "least": _short(self.minimum),
            "most": _short(self.maximum),
            "step": _short(self.step),
        }

    def has(self, value: Any) -> bool:
        """Whether `value` is on the scale; the trigger on ratings asks the same."""
        match self.level:
            case Level.TEXT:
                return isinstance(value, str)
            case Level.INTERVAL:
                return self._has_number(value)
            case Level.MULTI_LABEL:
                return (
                    isinstance(value, list)
                    and all(label in self.values for label in value)
                    and len(set(value)) == len(value)
                )
            case _:
                return value in self.values

    def _has_number(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return False
        if self.minimum is None or self.maximum is None or self.step is None:
            return False
        number = Decimal(str(value))
        return (
            number.is_finite()
            and self.minimum <= number <= self.maximum
            and (number - self.minimum) % self.step == 0
        )


@dataclass(frozen=True)
class RubricFacts:
    """One version of a rubric; `id` is that of the version."""

    id: int
    slug: str
    number: int
    title: str
    guidance: str
    criteria: tuple[CriterionFacts, ...]
    examples: tuple[ExampleFacts, ...] = ()

    @property
    def has_per_step(self) -> bool:
        return any(one.is_per_step for one in self.criteria)

    def criterion(self, key: str) -> CriterionFacts | None:
        return next((one for one in self.criteria if one.key == key), None)


@lru_cache(maxsize=256)
def get_rubric_version(version_id: int) -> RubricFacts:
    """The facts of a version, kept in memory: it never changes."""
    version = (
        RubricVersion.objects.filter(pk=version_id).select_related("rubric").first()
    )
    if version is None:
        raise UnknownRubricVersion(str(version_id))
    options: dict[int, list[OptionFacts]] = {}
    for option in Option.objects.filter(criterion__version_id=version_id).order_by(
        "criterion_id", "position", "pk"
    ):
        options.setdefault(option.criterion_id, []).append(_option(option))
    said = {one["key"]: one for one in version.document.get("criteria", [])}
    return RubricFacts(
        id=version.pk,
        slug=version.rubric.slug,
        number=version.number,
        title=version.title,
        guidance=version.guidance,
        criteria=tuple(
            _criterion(
                criterion, options.get(criterion.pk, []), said.get(criterion.key, {})
            )
            for criterion in version.criteria.order_by("position", "pk")
        ),
        examples=tuple(
            _example(one, said) for one in version.document.get("examples", [])
        ),
    )


def facts_of_document(document: Mapping[str, Any], *, slug: str) -> RubricFacts:
    """What a version would be, of a document that is not published."""
    said = {one["key"]: one for one in document["criteria"]}
    return RubricFacts(
        id=0,
        slug=slug,
        number=0,
        title=document["title"],
        guidance=document["guidance"],
        criteria=tuple(
            _criterion_of_document(one, place)
            for place, one in enumerate(document["criteria"], start=1)
        ),
        examples=tuple(_example(one, said) for one in document.get("examples", [])),
    )


def _criterion_of_document(said: Mapping[str, Any], place: int) -> CriterionFacts:
    criterion = Criterion(
        pk=place,
        key=said["key"],
        title=said["title"],
        guidance=said["guidance"],
        level=Level[said["level"].upper().replace("-", "_")],
        is_required=said["required"],
        is_per_step=said.get("per_step", False),
        **{
            key: Decimal(str(said[key])) if key in said else None
            for key in ("minimum", "maximum", "step")
        },
    )
    options = [
        OptionFacts(one["value"], one["title"], one["anchor"], one["rationale"])
        for one in said["options"]
    ]
    return _criterion(criterion, options, said)


DEFAULT_ALPHA = {
    Level.NOMINAL: "nominal",
    Level.ORDINAL: "ordinal",
    Level.INTERVAL: "interval",
    Level.PAIRWISE: "nominal",
}


def _criterion(
    criterion: Criterion, options: list[OptionFacts], said: Mapping[str, Any]
) -> CriterionFacts:
    """`said` is what the document of the version says of the criterion."""
    level = Level(criterion.level)
    return CriterionFacts(
        id=criterion.pk,
        key=criterion.key,
        title=criterion.title,
        guidance=criterion.guidance,
        level=criterion.level,
        is_required=criterion.is_required,
        options=tuple(options),
        minimum=criterion.minimum,
        maximum=criterion.maximum,
        step=criterion.step,
        alpha_level=said.get("alpha", DEFAULT_ALPHA.get(level)),
        rationale=said.get("rationale", "optional"),
        only_if=_condition(said.get("only_if")),
        is_per_step=criterion.is_per_step,
    )


def _condition(said: Mapping[str, Any] | None) -> Condition | None:
    return Condition(said["criterion"], tuple(said["values"])) if said else None


def _example(
    said: Mapping[str, Any], criteria: Mapping[str, Mapping[str, Any]]
) -> ExampleFacts:
    return ExampleFacts(
        title=said["title"],
        text=said["text"],
        why=said["why"],
        ratings=tuple(
            (criterion["title"], _in_words(criterion, said["ratings"][key]))
            for key, criterion in criteria.items()
            if key in said["ratings"]
        ),
    )


def _in_words(criterion: Mapping[str, Any], value: Any) -> str:
    titles = {option["value"]: option["title"] for option in criterion["options"]}
    given = value if isinstance(value, list) else [value]
    return ", ".join(titles.get(one, str(one)) for one in given) or "none"


def _option(option: Option) -> OptionFacts:
    return OptionFacts(
        value=option.value,
        title=option.title,
        anchor=option.anchor,
        requires_rationale=option.requires_rationale,
    )


def _short(number: Decimal | None) -> str:
    return f"{number.normalize():f}" if number is not None else "?"
