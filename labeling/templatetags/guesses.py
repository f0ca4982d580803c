"""Whether a finished batch ends with a guess."""

from uuid import UUID

from django import template

from labeling.queries.guesses import get_next_guess

register = template.Library()


@register.simple_tag
def next_guess(batch: UUID, user_id: int) -> UUID | None:
    return get_next_guess(batch=batch, user_id=user_id)
