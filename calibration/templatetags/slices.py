"""Slices that pages of other apps say are paused."""

from django import template

from calibration.queries.rubric_reviews import PausedSlice, list_paused_slices

register = template.Library()


@register.simple_tag
def paused_slices(project_id: int) -> list[PausedSlice]:
    return list_paused_slices(project_id)
