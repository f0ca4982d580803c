"""The fields of the form in which a reviewer judges."""

import secrets
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from labeling.forms import JudgmentForm
from labeling.queries.rubrics import get_rubric_version

register = template.Library()

# Stands for the ids of a form that is kept; no text of a rubric holds it.
ANY = secrets.token_hex(8)


@register.simple_tag
def judgment_fields(form: JudgmentForm) -> SafeString:
    """Of a form that nobody has touched they are made once for a rubric version.

    A version never changes, so that two such forms differ in nothing but their ids.
    """
    if form.is_bound or form.initial:
        return _render(form)
    kept = _blank_fields(form.rubric.id, form.n_responses)
    # From a template, in which everything was escaped.
    return mark_safe(kept.replace(ANY, form.token))  # noqa: S308


@lru_cache(maxsize=256)
def _blank_fields(version_id: int, n_responses: int) -> str:
    rubric = get_rubric_version(version_id)
    return _render(JudgmentForm(rubric, n_responses, token=ANY))


def _render(form: JudgmentForm) -> SafeString:
    return render_to_string("labeling/_fields.html", {"form": form})
