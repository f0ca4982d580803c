"""Items in which reviewers found something wrong, with their words, without names."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet

from labeling.models import (
    FailureMode,
    FailureTag,
    Judgment,
    SortedNote,
    SortedTag,
)
from labeling.queries.disputes import opening_of
from labeling.queries.failure_modes import list_notes
from labeling.queries.findings import Found, list_findings
from reviews.models import Item

PAGE_SIZE = 25


@dataclass(frozen=True)
class Wanted:
    """Which items; None and False: whichever."""

    queue: str | None = None
    mode: int | None = None
    tag: str | None = None
    # Tagged, and no tag of theirs is sorted into a failure mode.
    is_unsorted: bool = False
    # "": those without one.
    intent: str | None = None


@dataclass(frozen=True)
class FailedItem:
    """What reviewers found in one item."""

    item_id: int
    opening: str
    intent: str
    n_judgments: int
    # Each tag, and how many judgments gave it.
    tags: tuple[tuple[str, int], ...]
    modes: tuple[str, ...]
    # Marks and corrections of all its judgments.
    found: Found
    notes: tuple[str, ...]


@dataclass(frozen=True)
class FailedItemPage:
    """One page of items, the newest first; pages count from 1."""

    rows: tuple[FailedItem, ...]
    number: int
    n_pages: int
    n_items: int


def list_failed_items(
    *,
    project_id: int,
    wanted: Wanted,
    page: int | str,
    among: Collection[int] | None = None,
) -> FailedItemPage:
    """Items with a tag or a sorted note; or those `among`, tagged or not."""
    judged = Judgment.objects.filter(queue__project_id=project_id, counts=True)
    if wanted.queue:
        judged = judged.filter(queue__slug=wanted.queue)
    if among is None:
        items = _found(project_id, judged, wanted)
    else:
        items = Item.objects.filter(pk__in=[*among]).filter(
            pk__in=judged.values("item_id")
        )
    if wanted.intent:
        items = items.filter(signals__intent=wanted.intent)
    elif wanted.intent is not None:
        items = items.exclude(signals__has_key="intent")
    ids = items.order_by("-pk").values_list("pk", flat=True)
    chosen = Paginator(ids, PAGE_SIZE).get_page(page)
    return FailedItemPage(
        rows=_rows(project_id, judged, list(chosen.object_list)),
        number=chosen.number,
        n_pages=chosen.paginator.num_pages,
        n_items=chosen.paginator.count,
    )


def _found(
    project_id: int, judged: QuerySet[Judgment], wanted: Wanted
) -> QuerySet[Item]:
    tags = FailureTag.objects.filter(judgment__in=judged)
    notes = SortedNote.objects.filter(judgment__in=judged)
    into = SortedTag.objects.filter(project_id=project_id)
    if wanted.mode is not None:
        tags = tags.filter(tag__in=into.filter(mode_id=wanted.mode).values("tag"))
        notes = notes.filter(mode_id=wanted.mode)
    if wanted.tag is not None:
        tags, notes = tags.filter(tag=wanted.tag), notes.none()
    if wanted.is_unsorted:
        is_sorted = _with(tags.filter(tag__in=into.values("tag"))) | _with(notes)
        return Item.objects.filter(_with(tags)).exclude(is_sorted)
    return Item.objects.filter(_with(tags) | _with(notes))


def _with(found: QuerySet[Any]) -> Q:
    return Q(pk__in=found.values("judgment__item_id"))


def _rows(
    project_id: int, judged: QuerySet[Judgment], item_ids: Sequence[int]
) -> tuple[FailedItem, ...]:
    items = {
        pk: (signals, content or {})
        for pk, signals, content in Item.objects.filter(pk__in=item_ids).values_list(
            "pk", "signals", "presentable__content"
        )
    }
    item_of = dict(judged.filter(item__in=item_ids).values_list("pk", "item_id"))
    found = _by_item(item_of)
    tags = {
        pk: Counter(tag for one in own for tag in one.tags) for pk, own in found.items()
    }
    modes, notes = _modes(project_id, item_of, tags), _notes(item_of)
    n_judgments = Counter(item_of.values())
    return tuple(
        FailedItem(
            item_id=pk,
            opening=opening_of(items[pk][1]),
            intent=str(items[pk][0].get("intent", "")),
            n_judgments=n_judgments[pk],
            tags=tuple(sorted(tags[pk].items(), key=lambda pair: (-pair[1], pair[0]))),
            modes=tuple(sorted(modes[pk])),
            found=_together(found[pk]),
            notes=tuple(sorted(notes[pk])),
        )
        for pk in item_ids
    )


ItemOf = dict[int, int]


def _by_item(item_of: ItemOf) -> dict[int, list[Found]]:
    found: dict[int, list[Found]] = {item_id: [] for item_id in item_of.values()}
    for judgment_id, one in list_findings(item_of).items():
        found[item_of[judgment_id]].append(one)
    return found


def _together(found: list[Found]) -> Found:
    return Found(
        marks=[mark for one in found for mark in one.marks],
        # By their texts, so that the order does not tell who wrote which.
        corrections=sorted(pair for one in found for pair in one.corrections),
    )


def _modes(
    project_id: int, item_of: ItemOf, tags: dict[int, Counter[str]]
) -> dict[int, set[str]]:
    names = dict(
        FailureMode.objects.filter(project_id=project_id).values_list("pk", "name")
    )
    into = dict(
        SortedTag.objects.filter(project_id=project_id).values_list("tag", "mode_id")
    )
    found: dict[int, set[str]] = defaultdict(set)
    for item_id, own in tags.items():
        found[item_id] |= {names[into[tag]] for tag in own if tag in into}
    notes = SortedNote.objects.filter(judgment__in=list(item_of))
    for judgment_id, mode_id in notes.values_list("judgment_id", "mode_id"):
        found[item_of[judgment_id]].add(names[mode_id])
    return found


def _notes(item_of: ItemOf) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for note in list_notes(list(item_of)):
        found[note.item_id].update(note.words)
    return found
