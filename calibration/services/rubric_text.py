"""The full text of a rubric version, as a release holds it."""

from collections.abc import Iterable
from typing import Any

from labeling.queries.rubrics import CriterionFacts, RubricFacts

Json = dict[str, Any]


def describe_rubric(rubric: RubricFacts) -> Json:
    return {
        "rubric": rubric.slug,
        "version": rubric.number,
        "title": rubric.title,
        "guidance": rubric.guidance,
        "criteria": [_describe_criterion(one) for one in rubric.criteria],
    }


def _describe_criterion(criterion: CriterionFacts) -> Json:
    bounds: Iterable[tuple[str, Any]] = (
        ("minimum", criterion.minimum),
        ("maximum", criterion.maximum),
        ("step", criterion.step),
    )
    return {
        "key": criterion.key,
        "title": criterion.title,
        "guidance": criterion.guidance,
        "level": criterion.level.lower().replace("_", "-"),
        "alpha": criterion.alpha_level,
        "required": criterion.is_required,
        # Said where it is so: older releases are the bytes that they were.
        **({"per_step": True} if criterion.is_per_step else {}),
        "options": [
            {
                "value": option.value,
                "title": option.title,
                "anchor": option.anchor,
                "rationale": option.requires_rationale,
            }
            for option in criterion.options
        ],
        # Text: a decimal number has many ways to be written as a float.
        **{
            name: f"{value.normalize():f}"
            for name, value in bounds
            if value is not None
        },
    }
