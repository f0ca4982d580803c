"""Publishing a triage policy."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from reviews.models import Project, Queue, TriagePolicy
from reviews.triage import Policy, PolicyFault, Rule, parse_policy


@dataclass(frozen=True)
class AppliedPolicy:
    number: int
    created: bool


@transaction.atomic
def apply_policy(
    *, project_id: int, source: str, now: datetime, member_id: int | None = None
) -> AppliedPolicy:
    """Make the document the policy in force; the same document again is a no-op."""
    # Two appliers of one project take turns.
    Project.objects.select_for_update(no_key=True).get(pk=project_id)
    policy = parse_policy(source)
    check_queues(project_id=project_id, policy=policy)
    last = (
        TriagePolicy.objects.filter(project_id=project_id).order_by("-number").first()
    )
    if last is not None and last.source == source:
        return AppliedPolicy(last.number, False)
    number = last.number + 1 if last else 1
    TriagePolicy.objects.create(
        project_id=project_id,
        number=number,
        source=source,
        rules=[rule.name for rule in policy.rules],
        created_at=now,
        created_by_id=member_id,
    )
    return AppliedPolicy(number, True)


def check_queues(*, project_id: int, policy: Policy) -> None:
    """Refuse a policy that names a queue which is not there or cannot take the items.

    Only kinds that some queue of the project takes are looked at: the others
    have nowhere to go under any policy, and routing says so.
    """
    queues = {
        queue.slug: {kind.lower() for kind in queue.kinds}
        for queue in Queue.objects.filter(project_id=project_id)
    }
    if not queues:
        raise PolicyFault("the project has no queue yet: apply a queue file first")
    taken = set().union(*queues.values())
    for rule in policy.rules:
        _check_rule(rule, queues, taken)
    for kind in sorted(taken):
        _check_takes("audit_queue", policy.audit_queues.get(kind), kind, queues)


def _check_rule(rule: Rule, queues: dict[str, set[str]], taken: set[str]) -> None:
    if rule.queue is None:
        return
    for kind in rule.kinds:
        if kind in taken or kind in rule.when.get("kind", ()):
            _check_takes(f"rule {rule.name!r}: queue", rule.queue, kind, queues)


def _check_takes(
    where: str, queue: str | None, kind: str, queues: dict[str, set[str]]
) -> None:
    if queue is None:
        raise PolicyFault(
            f"{where}: no queue is named for {kind} items: they could never be seen"
        )
    if queue not in queues:
        known = ", ".join(sorted(queues))
        raise PolicyFault(
            f"{where}: there is no queue {queue!r}: expected one of {known}"
        )
    if kind not in queues[queue]:
        takes = ", ".join(sorted(queues[queue]))
        raise PolicyFault(
            f"{where}: {queue!r} takes {takes} and would get {kind} items too: give the"
            f" rule a condition on kind, or name a queue for each kind"
        )
