"""Tags and filters that show model output; see reviews.rendering."""

import json
from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from reviews.rendering import Budget, excerpt, render
from reviews.rendering.pieces import Step

register = template.Library()


# Each of these escapes or cleans everything it is given: that is its purpose.


@register.filter
def render_text(text: str, budget: Budget | None = None) -> SafeString:
    return mark_safe(render(text, "markdown", budget))  # noqa: S308


@register.filter
def render_arguments(value: Any, budget: Budget | None = None) -> SafeString:
    return mark_safe(render(value, "value", budget))  # noqa: S308


@register.filter
def render_output(text: str, budget: Budget | None = None) -> SafeString:
    """What a tool gave back: JSON with its structure, all else as it is."""
    return mark_safe(render(text, "output", budget))  # noqa: S308


@register.filter
def in_one_line(text: str) -> str:
    return excerpt(text)


@register.filter
def gist(step: Step) -> str:
    """What a folded step is about, in half a line."""
    if step.text or step.arguments is None:
        return excerpt(step.text, 90)
    return excerpt(json.dumps(step.arguments, ensure_ascii=False), 90)


@register.filter
def count_errors(steps: Sequence[Step]) -> int:
    return sum(step.type == "error" for step in steps)
