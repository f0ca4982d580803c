"""Failure modes, what is sorted into them, and what is not yet."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from labeling.models import (
    FailureMode,
    FailureTag,
    Judgment,
    Rating,
    SortedNote,
    SortedTag,
    Span,
    TaxonomyAct,
    TaxonomyActKind,
)
from labeling.queries.disputes import opening_of

NOTES_SHOWN = 10
ACTS_SHOWN = 30


class UnknownMode(Exception):
    """The project has no such failure mode, or it was merged into another."""


@dataclass(frozen=True)
class ModeFacts:
    """A failure mode and what is sorted into it."""

    id: int
    name: str
    description: str
    is_offered: bool
    tags: tuple[str, ...]
    n_notes: int


@dataclass(frozen=True)
class Note:
    """What a reviewer wrote of one item, without their name."""

    judgment_id: int
    item_id: int
    opening: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class NotePage:
    """One page of notes, the newest first; pages count from 1."""

    rows: tuple[Note, ...]
    number: int
    has_next: bool


@dataclass(frozen=True)
class Act:
    """What a lead did, in words."""

    words: str
    lead: str
    done_at: datetime


def list_modes(project_id: int) -> list[ModeFacts]:
    """The failure modes of a project by name."""
    modes = FailureMode.objects.filter(project_id=project_id, retired_at__isnull=True)
    tags: dict[int, list[str]] = defaultdict(list)
    for mode_id, tag in (
        SortedTag.objects.filter(project_id=project_id)
        .order_by("tag")
        .values_list("mode_id", "tag")
    ):
        tags[mode_id].append(tag)
    notes = dict(
        SortedNote.objects.filter(mode__project_id=project_id)
        .order_by("mode_id")
        .values_list("mode_id")
        .annotate(n=Count("pk"))
    )
    return [
        ModeFacts(
            id=mode.pk,
            name=mode.name,
            description=mode.description,
            is_offered=mode.is_offered,
            tags=tuple(tags[mode.pk]),
            n_notes=notes.get(mode.pk, 0),
        )
        for mode in modes.order_by("name", "pk")
    ]


def get_mode(*, project_id: int, mode_id: int) -> ModeFacts:
    for mode in list_modes(project_id):
        if mode.id == mode_id:
            return mode
    raise UnknownMode(mode_id)


def list_acts(project_id: int, mode_id: int | None = None) -> list[Act]:
    """The newest acts first."""
    acts = TaxonomyAct.objects.filter(project_id=project_id)
    if mode_id is not None:
        acts = acts.filter(Q(mode_id=mode_id) | Q(other_id=mode_id))
    rows = acts.order_by("-done_at", "-pk").values_list(
        "kind", "details", "lead__handle", "done_at"
    )
    return [
        Act(_in_words(TaxonomyActKind(kind), details), lead, done_at)
        for kind, details, lead, done_at in rows[:ACTS_SHOWN]
    ]


def list_open_notes(*, project_id: int, page: int) -> NotePage:
    """Words of judgments that have no tag, and that nobody has sorted."""
    mine = {"judgment": OuterRef("pk")}
    found = (
        Judgment.objects.filter(queue__project_id=project_id, counts=True)
        .filter(
            ~Q(comment="")
            | Exists(Rating.objects.filter(**mine).exclude(rationale=""))
            | Exists(Span.objects.filter(**mine).exclude(note=""))
        )
        .exclude(Exists(FailureTag.objects.filter(**mine)))
        .exclude(Exists(SortedNote.objects.filter(**mine)))
        .order_by("-pk")
        .values_list("pk", flat=True)
    )
    start = (page - 1) * NOTES_SHOWN
    ids = list(found[start : start + NOTES_SHOWN + 1])
    return NotePage(
        rows=list_notes(ids[:NOTES_SHOWN]),
        number=page,
        has_next=len(ids) > NOTES_SHOWN,
    )


def list_notes_of(mode_id: int) -> tuple[Note, ...]:
    """The notes that leads sorted into a mode, the newest first."""
    ids = SortedNote.objects.filter(mode_id=mode_id).order_by("-judgment_id")
    return list_notes(list(ids.values_list("judgment_id", flat=True)))


def list_notes(judgment_ids: Sequence[int]) -> tuple[Note, ...]:
    """What was written with each judgment, in the order of the ids."""
    words: dict[int, list[str]] = defaultdict(list)
    rows = Judgment.objects.filter(pk__in=judgment_ids).values_list(
        "pk", "item_id", "comment", "item__presentable__content"
    )
    found = {pk: (item_id, content or {}) for pk, item_id, _, content in rows}
    for pk, _item, comment, _content in rows:
        words[pk].append(comment)
    for texts in (
        Rating.objects.filter(judgment__in=judgment_ids).values_list(
            "judgment_id", "rationale"
        ),
        Span.objects.filter(judgment__in=judgment_ids).values_list(
            "judgment_id", "note"
        ),
    ):
        for pk, text in texts.order_by("pk"):
            words[pk].append(text)
    return tuple(
        Note(
            judgment_id=pk,
            item_id=found[pk][0],
            opening=opening_of(found[pk][1]),
            words=tuple(dict.fromkeys(filter(None, words[pk]))),
        )
        for pk in judgment_ids
    )


IN_WORDS = {
    TaxonomyActKind.CREATED: _("Created “{name}” with {what}"),
    TaxonomyActKind.RENAMED: _("Renamed “{before}” to “{name}”"),
    TaxonomyActKind.OFFERED: _("Offered “{name}” to reviewers"),
    TaxonomyActKind.WITHHELD: _("Stopped offering “{name}” to reviewers"),
    TaxonomyActKind.SORTED: _("Sorted {what} into “{name}”"),
    TaxonomyActKind.UNSORTED: _("Took {what} out of “{name}”"),
    TaxonomyActKind.MERGED: _("Merged “{name}” into “{into}”: {what}"),
    TaxonomyActKind.SPLIT: _("Split “{name}” from “{before}”: {what}"),
}


def _in_words(kind: TaxonomyActKind, details: Mapping[str, Any]) -> str:
    if kind == TaxonomyActKind.RENAMED and details["before"] == details["name"]:
        return gettext("Described “{name}” anew").format(**details)
    return gettext(IN_WORDS[kind]).format(what=_what(details), **details)


def _what(details: Mapping[str, Any]) -> str:
    tags: Iterable[str] = details.get("tags", [])
    n_notes = len(details.get("judgments", []))
    quoted = ", ".join(f"“{tag}”" for tag in tags)
    if not n_notes:
        return quoted or gettext("nothing")
    notes = ngettext("%(n)s note", "%(n)s notes", n_notes) % {"n": n_notes}
    if not quoted:
        return notes
    return gettext("%(tags)s and %(notes)s") % {"tags": quoted, "notes": notes}
