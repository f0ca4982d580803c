"""Figures as the pages of agreement write them."""

from django import template

from calibration.formats.agreement import figure

register = template.Library()


@register.filter
def as_figure(value: float) -> str:
    return figure(value)
