"""How many disputes wait for a lead, and what their decisions missed in a rubric."""

from django import template

from labeling.queries.adjudications import GuidelineGap, list_guideline_gaps
from labeling.queries.disputes import count_disputes

register = template.Library()


@register.simple_tag
def open_disputes(project_id: int) -> int:
    return count_disputes(project_id=project_id, queue=None, settled=False)


@register.simple_tag
def guideline_gaps(project_id: int, rubric: str) -> tuple[GuidelineGap, ...]:
    return list_guideline_gaps(project_id=project_id, rubric=rubric)
