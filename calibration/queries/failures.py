"""What reviewers found wrong, item by item, and the traffic that it stands for."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Count, F

from calibration.queries.ratings import CHUNK
from calibration.queries.traffic import Definition, list_definitions, stream_fails
from labeling.models import (
    FailureTag,
    Judgment,
    SortedNote,
    SortedTag,
    TaxonomyAct,
)
from reviews.models import ItemKind, RoutingDecision
from reviews.queries.queues import list_queues

# An item's kind and its chance of being seen: items with both alike are one stratum.
Stratum = tuple[str, float]
Key = TypeVar("Key")
# Which judgments said so.
BySaid = dict[Key, set[int]]


@dataclass(frozen=True, slots=True)
class ReviewedItem:
    """An item that somebody has judged, in one queue."""

    id: int
    queue: str
    intent: str
    # Of an item with one response.
    system: str
    stratum: Stratum | None
    is_selected: bool
    # None: nobody has said what a failure is, or its label is not known yet.
    fails: bool | None
    tags: Mapping[str, set[int]]
    modes: Mapping[int, set[int]]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Items of the traffic that are alike, reviewed or not."""

    stratum: Stratum
    intent: str
    system: str
    n_items: int


@dataclass(frozen=True)
class Failures:
    definitions: tuple[Definition, ...]
    # Queues of which nobody has said what a failure is.
    undefined: tuple[str, ...]
    items: tuple[ReviewedItem, ...]
    arrivals: tuple[Arrivals, ...]


def get_failures(project_id: int) -> Failures:
    definitions = tuple(list_definitions(project_id))
    fails = {one.queue.id: dict(stream_fails(one)) for one in definitions}
    return Failures(
        definitions=definitions,
        undefined=tuple(
            queue.title for queue in list_queues(project_id) if queue.id not in fails
        ),
        items=tuple(_items(project_id, fails)),
        arrivals=tuple(_arrivals(project_id)),
    )


def count_taxonomy_acts(project_id: int) -> int:
    return TaxonomyAct.objects.filter(project_id=project_id).count()


def _items(
    project_id: int, fails: Mapping[int, Mapping[int, bool]]
) -> Iterator[ReviewedItem]:
    said = _said(project_id)
    rows = (
        Judgment.objects.filter(queue__project_id=project_id, counts=True)
        .order_by("item_id", "queue_id")
        .values_list(
            "item_id",
            "queue_id",
            "queue__slug",
            "item__kind",
            F("item__signals__intent"),
            F("item__provenance__responses__0__model"),
            "item__routingdecision__inclusion_probability",
            "item__routingdecision__is_selected",
        )
        .annotate(n=Count("pk"))
    )
    for (
        item_id,
        queue_id,
        slug,
        kind,
        intent,
        model,
        chance,
        is_selected,
        _,
    ) in rows.iterator(chunk_size=CHUNK):
        tags, modes = said.get((queue_id, item_id), ({}, {}))
        yield ReviewedItem(
            id=item_id,
            queue=slug,
            intent=_word(intent),
            system=_system(kind, model),
            stratum=None if chance is None else (kind, chance),
            is_selected=bool(is_selected),
            fails=fails.get(queue_id, {}).get(item_id),
            tags=tags,
            modes=modes,
        )


def _said(project_id: int) -> dict[tuple[int, int], tuple[BySaid[str], BySaid[int]]]:
    """By queue and item: which judgments gave each tag, and each failure mode."""
    sorted_into = dict(
        SortedTag.objects.filter(project_id=project_id).values_list("tag", "mode_id")
    )
    said: dict[tuple[int, int], tuple[BySaid[str], BySaid[int]]] = defaultdict(
        lambda: (defaultdict(set), defaultdict(set))
    )
    counted = {"judgment__queue__project_id": project_id, "judgment__counts": True}
    where = ("judgment__queue_id", "judgment__item_id", "judgment_id")
    given = FailureTag.objects.filter(**counted).values_list(*where, "tag")
    for queue_id, item_id, judgment_id, tag in given.iterator(chunk_size=CHUNK):
        tags, modes = said[queue_id, item_id]
        tags[tag].add(judgment_id)
        if tag in sorted_into:
            modes[sorted_into[tag]].add(judgment_id)
    notes = SortedNote.objects.filter(**counted).values_list(*where, "mode_id")
    for queue_id, item_id, judgment_id, mode_id in notes.iterator(chunk_size=CHUNK):
        said[queue_id, item_id][1][mode_id].add(judgment_id)
    return said


def _arrivals(project_id: int) -> Iterator[Arrivals]:
    rows = (
        RoutingDecision.objects.filter(item__project_id=project_id)
        .order_by()
        .values_list(
            "item__kind",
            "inclusion_probability",
            F("item__signals__intent"),
            F("item__provenance__responses__0__model"),
        )
        .annotate(n=Count("pk"))
    )
    for kind, chance, intent, model, n_items in rows.iterator(chunk_size=CHUNK):
        yield Arrivals((kind, chance), _word(intent), _system(kind, model), n_items)


def _system(kind: str, model: object) -> str:
    """Of a pair nobody can say which response a tag is about."""
    return "" if kind == ItemKind.PAIR else _word(model)


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
