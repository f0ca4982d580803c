"""The triage policy in force, and which queues its rules lead to."""

from collections.abc import Iterator
from dataclasses import dataclass

from reviews.models import TriagePolicy
from reviews.queries.queues import QueueFacts
from reviews.triage import NO_RULE, Policy, parse_policy


def find_policy_source(project_id: int) -> str | None:
    """The document of the policy in force; None before the first."""
    policies = TriagePolicy.objects.filter(project_id=project_id)
    newest = policies.order_by("-number").values_list("source", flat=True)
    return newest.first()


@dataclass(frozen=True)
class Way:
    """A rule of a policy by which items of a kind come to a queue, if looked at."""

    policy_id: int
    rule: str
    kind: str


def list_ways(queue: QueueFacts) -> list[Way]:
    """Of all policies there have been: a decision stays, whatever holds now."""
    found = TriagePolicy.objects.filter(project=queue.project_id).order_by("number")
    return [
        way
        for policy_id, source in found.values_list("pk", "source")
        for way in _ways(policy_id, parse_policy(source), queue)
    ]


def _ways(policy_id: int, policy: Policy, queue: QueueFacts) -> Iterator[Way]:
    for kind in queue.kinds:
        audit_queue = policy.audit_queues.get(kind.lower())
        for rule in policy.rules:
            if (rule.queue or audit_queue) == queue.slug:
                yield Way(policy_id, rule.name, kind)
        if audit_queue == queue.slug:
            yield Way(policy_id, NO_RULE, kind)
