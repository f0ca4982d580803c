"""What a page of another app says about agreement."""

from django import template

from calibration.queries.gate_answers import GateAnswer, list_gate_answers

register = template.Library()


@register.simple_tag(takes_context=True)
def gate_answer(
    context: template.RequestContext, project_id: int, queue: str
) -> GateAnswer | None:
    """Fetched once a page, though it is asked for every queue."""
    key = f"gate_answers_{project_id}"
    if key not in context.render_context:
        context.render_context[key] = list_gate_answers(project_id)
    answers: dict[str, GateAnswer] = context.render_context[key]
    return answers.get(queue)
