"""Routing: what the policy in force does with items, written down once."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from django.db import connection, transaction

from reviews.models import (
    Action,
    Item,
    Project,
    Queue,
    RoutingDecision,
    Seed,
    SlotState,
    TriagePolicy,
)
from reviews.sampling import draw
from reviews.services.queues import fill_slots
from reviews.triage import Outcome, Policy, decide, parse_policy

CHUNK = 5000
TIER_OF_STAKES = {"critical": 0, "high": 1, "medium": 2}
LOWEST_TIER = 3

DECISION_COLUMNS = (
    "item_id", "policy_id", "rule", "action", "is_selected", "queue_id",
    "inclusion_probability", "draw", "decided_at",
)  # fmt: skip
SLOT_COLUMNS = (
    "queue_id", "item_id", "number", "tier", "shuffle", "state", "opened_at",
)  # fmt: skip


@dataclass(frozen=True)
class RuleCount:
    """How many items one rule took, and how many of them are to be looked at."""

    rule: str
    action: str
    probability: float
    queue: str | None
    items: int
    selected: int


@dataclass(frozen=True)
class Routed:
    """What a routing did, or would do, by rule in the order of the policy."""

    policy: int | None
    rules: tuple[RuleCount, ...]
    # Items of a kind that no queue is named for; they stay unrouted.
    unroutable: int

    @property
    def items(self) -> int:
        return sum(rule.items for rule in self.rules)

    @property
    def selected(self) -> int:
        return sum(rule.selected for rule in self.rules)


class Tally:
    def __init__(self, policy: Policy) -> None:
        self._order = {rule.name: place for place, rule in enumerate(policy.rules)}
        self._items: Counter[Outcome] = Counter()
        self._selected: Counter[Outcome] = Counter()
        self.unroutable = 0

    def add(self, outcome: Outcome, *, selected: bool) -> None:
        self._items[outcome] += 1
        self._selected[outcome] += selected

    def counts(self) -> tuple[RuleCount, ...]:
        last = len(self._order)
        ordered = sorted(
            self._items,
            key=lambda outcome: (
                self._order.get(outcome.rule, last),
                outcome.queue or "",
            ),
        )
        return tuple(
            RuleCount(
                rule=outcome.rule,
                action=outcome.action,
                probability=outcome.probability,
                queue=outcome.queue,
                items=self._items[outcome],
                selected=self._selected[outcome],
            )
            for outcome in ordered
        )


def route_items(*, project_id: int, now: datetime, rng: Random | None = None) -> Routed:
    """Decide on every item of the project that no policy has decided on.

    Does nothing where the project has no policy yet. A chunk is one transaction,
    so that a routing that is cut off has done whole chunks and goes on next time.
    """
    found = TriagePolicy.objects.filter(project_id=project_id).order_by("-number")
    current = found.select_related("project").first()
    if current is None:
        return Routed(None, (), 0)
    policy = parse_policy(current.source)
    queues = _queues(project_id)
    tally = Tally(policy)
    # Order within a tier is random; nothing is promised about which.
    rng = rng or Random()
    last = 0
    while True:
        with transaction.atomic():
            lock_routing(project_id)
            items = _undecided(project_id, after=last)
            if not items:
                break
            last = items[-1].pk
            _route_chunk(current, policy, queues, items, tally, now, rng)
    for queue in queues.values():
        fill_slots(queue_id=queue.pk)
    return Routed(current.number, tally.counts(), tally.unroutable)


def preview_routing(*, project_id: int, policy: Policy) -> Routed:
    """What the policy would do with all items at hand, without doing it."""
    triage_key = Project.objects.get(pk=project_id).triage_key
    queues = _queues(project_id)
    tally = Tally(policy)
    items = Item.objects.filter(project_id=project_id).values_list(
        "external_id", "kind", "signals"
    )
    for external_id, kind, signals in items.iterator(chunk_size=CHUNK):
        outcome = decide(policy, kind.lower(), signals)
        if _taking(queues, outcome, kind) is None:
            tally.unroutable += 1
            continue
        number = draw(triage_key, external_id)
        tally.add(outcome, selected=number < outcome.probability)
    return Routed(None, tally.counts(), tally.unroutable)


def _queues(project_id: int) -> dict[str, Queue]:
    return {queue.slug: queue for queue in Queue.objects.filter(project_id=project_id)}


def _taking(queues: dict[str, Queue], outcome: Outcome, kind: str) -> Queue | None:
    """The queue that the outcome names, if it takes items of the kind."""
    queue = queues.get(outcome.queue or "")
    return queue if queue is not None and kind in queue.kinds else None


def lock_routing(project_id: int) -> None:
    """Two routings of a project take turns, chunk by chunk, and so does a pause."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('touchstone routing'), %s)",
            [project_id],
        )


def _undecided(project_id: int, *, after: int) -> list[Item]:
    return list(
        Item.objects.filter(
            project_id=project_id, pk__gt=after, routingdecision__isnull=True
        )
        .only("pk", "external_id", "kind", "signals")
        .order_by("pk")[:CHUNK]
    )


def _route_chunk(
    current: TriagePolicy,
    policy: Policy,
    queues: dict[str, Queue],
    items: list[Item],
    tally: Tally,
    now: datetime,
    rng: Random,
) -> None:
    decisions: list[tuple[Any, ...]] = []
    slots: list[tuple[Any, ...]] = []
    # What is known need not be judged: gold waits for no fresh judgment.
    seeded = set(
        Seed.objects.filter(item__in=items, is_active=True).values_list(
            "item_id", flat=True
        )
    )
    for item in items:
        outcome = decide(policy, item.kind.lower(), item.signals)
        queue = _taking(queues, outcome, item.kind)
        if queue is None:
            tally.unroutable += 1
            continue
        number = draw(current.project.triage_key, item.external_id)
        selected = number < outcome.probability
        tally.add(outcome, selected=selected)
        decisions.append(
            (item.pk, current.pk, outcome.rule, Action(outcome.action.upper()), selected,
             queue.pk if selected else None, outcome.probability, number, now)
        )  # fmt: skip
        if selected and item.pk not in seeded:
            slots.extend(_slots(queue, item, now, rng))
    _copy(RoutingDecision._meta.db_table, DECISION_COLUMNS, decisions)
    _copy("reviews_slot", SLOT_COLUMNS, slots)


def _slots(
    queue: Queue, item: Item, now: datetime, rng: Random
) -> Iterator[tuple[Any, ...]]:
    tier = TIER_OF_STAKES.get(item.signals.get("stakes", ""), LOWEST_TIER)
    for number in range(1, queue.overlap + 1):
        yield (
            queue.pk, item.pk, number, tier, rng.random(), SlotState.OPEN.value, now
        )  # fmt: skip


def _copy(table: str, columns: Iterable[str], rows: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        names = ", ".join(columns)
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
