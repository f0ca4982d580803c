"""The triage policy in force."""

from reviews.models import TriagePolicy


def find_policy_source(project_id: int) -> str | None:
    """The document of the policy in force; None before the first."""
    policies = TriagePolicy.objects.filter(project_id=project_id)
    newest = policies.order_by("-number").values_list("source", flat=True)
    return newest.first()
