"""All traffic of a project: what was decided about each item, and what people found."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from calibration.formats.judges import Failure
from calibration.queries.criteria import get_version
from calibration.queries.judge_terms import find_judge_terms
from calibration.queries.ratings import CHUNK
from calibration.queries.titles import get_titles
from calibration.queries.verdicts import stream_decided
from reviews.models import Action, ItemKind, RoutingDecision
from reviews.queries.queues import QueueFacts, list_queues


@dataclass(frozen=True)
class Stratum:
    """Items that had the same chance of being seen, and what became of them."""

    kind: str
    action: str
    probability: float
    n_items: int
    n_selected: int
    # Selected ones with a label, and those of them that fail.
    n_labelled: int
    n_failed: int

    @property
    def is_passed(self) -> bool:
        return self.action == Action.SHIP


@dataclass(frozen=True)
class Definition:
    """What a failure is in one queue."""

    queue: QueueFacts
    criterion: str
    values: tuple[str, ...]

    def described(self) -> dict[str, Any]:
        """As people read it."""
        titles = get_titles(self.queue.rubric_version_id)
        return {
            "queue": self.queue.slug,
            "title": self.queue.title,
            "criterion": titles.of(self.criterion),
            "values": [titles.of_value(self.criterion, one) for one in self.values],
        }


@dataclass(frozen=True)
class Traffic:
    strata: tuple[Stratum, ...]
    definitions: tuple[Definition, ...]
    # Kinds that no queue has a definition of failure for, and their items.
    undefined: Mapping[str, int]


def get_traffic(project_id: int) -> Traffic:
    definitions = tuple(list_definitions(project_id))
    fails: dict[int, bool] = {}
    for definition in definitions:
        fails |= dict(stream_fails(definition))
    kinds = {kind for one in definitions for kind in one.queue.kinds}
    n_items: Counter[tuple[str, str, float]] = Counter()
    selected: Counter[tuple[str, str, float]] = Counter()
    labelled: Counter[tuple[str, str, float]] = Counter()
    failed: Counter[tuple[str, str, float]] = Counter()
    for item_id, kind, action, probability, is_selected in _decisions(project_id):
        key = (kind, action, probability)
        n_items[key] += 1
        selected[key] += is_selected
        # What was judged without having been drawn is no sample of what was not.
        if is_selected and item_id in fails:
            labelled[key] += 1
            failed[key] += fails[item_id]
    return Traffic(
        strata=tuple(
            Stratum(*key, n_items[key], selected[key], labelled[key], failed[key])
            for key in sorted(n_items)
            if key[0] in kinds
        ),
        definitions=definitions,
        undefined={
            ItemKind(kind).label: sum(n for key, n in n_items.items() if key[0] == kind)
            for kind in sorted({key[0] for key in n_items} - kinds)
        },
    )


def list_definitions(project_id: int) -> Iterator[Definition]:
    for queue in list_queues(project_id):
        terms = find_judge_terms(queue.id)
        if terms is not None and terms.failure is not None:
            yield Definition(queue, terms.failure.criterion, terms.failure.values)


def stream_fails(definition: Definition) -> Iterator[tuple[int, bool]]:
    """Every item with a label on what decides a failure; gold is no label."""
    failure = Failure(definition.criterion, definition.values)
    queue = definition.queue
    version = get_version(queue.rubric_version_id)
    for item_id, _, value in stream_decided(queue, version, failure.criterion):
        yield item_id, is_failure(value, failure)


def is_failure(value: object, failure: Failure) -> bool:
    chosen = value if isinstance(value, list) else [value]
    return any(one in failure.values for one in chosen)


def _decisions(project_id: int) -> Iterator[tuple[int, str, str, float, bool]]:
    rows = RoutingDecision.objects.filter(item__project_id=project_id).values_list(
        "item_id", "item__kind", "action", "inclusion_probability", "is_selected"
    )
    return rows.order_by().iterator(chunk_size=CHUNK)
