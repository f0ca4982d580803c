"""How many disputes wait for a lead."""

from django import template

from labeling.queries.disputes import count_disputes

register = template.Library()


@register.simple_tag
def open_disputes(project_id: int) -> int:
    return count_disputes(project_id=project_id, queue=None, settled=False)
