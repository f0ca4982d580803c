"""The scales of a rubric version, as the figures need them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from labeling.models import Level, RubricVersion
from labeling.queries.rubrics import CriterionFacts, RubricFacts, get_rubric_version

# A finer interval scale has alpha, which needs no full scale, and no kappa.
MOST_STEPS = 1001


class UnknownVersion(Exception):
    """The rubric of the queue has no version of that number."""


@dataclass(frozen=True)
class Scale:
    """One criterion: its ordered values and how they may be compared."""

    criterion_id: int
    key: str
    title: str
    level: str
    # The level at which alpha is computed.
    alpha_level: str
    is_required: bool
    # Whether it gets agreement and labels; free text gets neither.
    is_rated: bool
    # Empty for free text and for an interval scale of too many steps.
    values: tuple[Any, ...]
    # Rated for each step of a trace: what agrees or differs is a step, not an item.
    is_per_step: bool = False

    @property
    def unit(self) -> str:
        return "step" if self.is_per_step else "item"


@dataclass(frozen=True)
class ScaledVersion:
    """A rubric version and its scales."""

    rubric: RubricFacts
    scales: tuple[Scale, ...]

    @property
    def id(self) -> int:
        return self.rubric.id

    @property
    def measured(self) -> tuple[Scale, ...]:
        """Of items and of steps, in the order of the rubric."""
        return tuple(scale for scale in self.scales if scale.is_rated)

    @property
    def rated(self) -> tuple[Scale, ...]:
        """What items are rated on, one value each."""
        return tuple(scale for scale in self.measured if not scale.is_per_step)

    @property
    def per_step(self) -> tuple[Scale, ...]:
        return tuple(scale for scale in self.measured if scale.is_per_step)


def get_version(version_id: int) -> ScaledVersion:
    rubric = get_rubric_version(version_id)
    return ScaledVersion(rubric, tuple(_scale(one) for one in rubric.criteria))


def get_sibling_id(*, version_id: int, number: int) -> int:
    """The version `number` of the rubric that `version_id` is a version of."""
    rubric = RubricVersion.objects.select_related("rubric").get(pk=version_id).rubric
    found = rubric.versions.filter(number=number).values_list("pk", flat=True).first()
    if found is None:
        raise UnknownVersion(f"the rubric {rubric.slug!r} has no version {number}")
    return found


def _scale(criterion: CriterionFacts) -> Scale:
    return Scale(
        criterion_id=criterion.id,
        key=criterion.key,
        title=criterion.title,
        level=Level(criterion.level).label,
        alpha_level=criterion.alpha_level or "nominal",
        is_required=criterion.is_required,
        is_rated=criterion.is_rated,
        is_per_step=criterion.is_per_step,
        values=_steps(criterion) if criterion.step is not None else criterion.values,
    )


def _steps(criterion: CriterionFacts) -> tuple[float, ...]:
    low, high, step = (
        Decimal(number or 0)
        for number in (criterion.minimum, criterion.maximum, criterion.step)
    )
    n_steps = int((high - low) / step) + 1
    if n_steps > MOST_STEPS:
        return ()
    return tuple(float(low + step * place) for place in range(n_steps))
