"""Rubric versions as frozen facts."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

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

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(option.value for option in self.options)

    @property
    def is_rated(self) -> bool:
        """Whether ratings of it can agree or differ; a note cannot."""
        return self.level != Level.TEXT

    @property
    def expected(self) -> str:
        """What a value of this scale is, in words."""
        match self.level:
            case Level.TEXT:
                return "a text"
            case Level.INTERVAL:
                return (
                    f"a number from {_short(self.minimum)} to {_short(self.maximum)}"
                    f" in steps of {_short(self.step)}"
                )
            case Level.MULTI_LABEL:
                return f"labels out of {', '.join(self.values)}"
            case _:
                return f"one of {', '.join(self.values)}"

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
    alphas = {
        one["key"]: one["alpha"]
        for one in version.document.get("criteria", [])
        if "alpha" in one
    }
    return RubricFacts(
        id=version.pk,
        slug=version.rubric.slug,
        number=version.number,
        title=version.title,
        guidance=version.guidance,
        criteria=tuple(
            _criterion(criterion, options.get(criterion.pk, []), alphas)
            for criterion in version.criteria.order_by("position", "pk")
        ),
    )


DEFAULT_ALPHA = {
    Level.NOMINAL: "nominal",
    Level.ORDINAL: "ordinal",
    Level.INTERVAL: "interval",
    Level.PAIRWISE: "nominal",
}


def _criterion(
    criterion: Criterion, options: list[OptionFacts], alphas: dict[str, str | None]
) -> CriterionFacts:
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
        alpha_level=alphas.get(criterion.key, DEFAULT_ALPHA.get(level)),
    )


def _option(option: Option) -> OptionFacts:
    return OptionFacts(
        value=option.value,
        title=option.title,
        anchor=option.anchor,
        requires_rationale=option.requires_rationale,
    )


def _short(number: Decimal | None) -> str:
    return f"{number.normalize():f}" if number is not None else "?"
