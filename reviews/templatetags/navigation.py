"""What the frame of a lead's pages needs to know."""

from django import template

from reviews.queries.overview import LeadNavigation, get_lead_navigation

register = template.Library()


@register.simple_tag(takes_context=True)
def lead_navigation(
    context: template.RequestContext, user_id: int, project: str
) -> LeadNavigation:
    """Fetched once a page, though the frame asks for it in three places."""
    key = f"lead_navigation_{project}"
    if key not in context.render_context:
        context.render_context[key] = get_lead_navigation(
            user_id=user_id, project=project
        )
    found: LeadNavigation = context.render_context[key]
    return found
