"""Filters that show model output; see labeling.rendering."""

import json
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from labeling.rendering import (
    excerpt,
    render_code,
    render_json,
    render_markdown,
)
from reviews.blinding import MASK
from reviews.queries.presentations import ItemContent, Presentation

register = template.Library()

# Each of these escapes or cleans everything it is given: that is its purpose.


@register.filter
def render_text(text: str) -> SafeString:
    return mark_safe(render_markdown(text))  # noqa: S308


@register.filter
def render_arguments(value: Any) -> SafeString:
    return mark_safe(render_json(value))  # noqa: S308


@register.filter
def render_output(text: str) -> SafeString:
    """What a tool gave back: JSON with its structure, all else as it is."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return mark_safe(render_code(text, ""))  # noqa: S308
    return mark_safe(render_json(value))  # noqa: S308


@register.filter
def has_mask(shown: Presentation | ItemContent) -> bool:
    """Whether a name is hidden somewhere; the mask reads the same in a repr."""
    return MASK in repr(shown)


@register.filter
def in_one_line(text: str) -> str:
    return excerpt(text)
