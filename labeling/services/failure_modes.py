"""What leads do with failure modes; each act is recorded with who and when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from labeling.formats.findings import LONGEST_TAG, normalise_tag
from labeling.models import (
    FailureMode,
    SortedNote,
    SortedTag,
    TaxonomyAct,
    TaxonomyActKind,
)
from labeling.queries.failure_modes import UnknownMode
from labeling.services.judgments import violated


class ModeRefused(Exception):
    """What is wrong with what was asked, in words."""


@dataclass(frozen=True)
class By:
    """Who acts, in which project, when."""

    project_id: int
    lead_id: int
    now: datetime


@dataclass(frozen=True)
class Chosen:
    """Tags, and judgments whose words were read."""

    tags: Sequence[str] = ()
    judgments: Sequence[int] = field(default_factory=tuple)

    def __bool__(self) -> bool:
        return bool(self.tags or self.judgments)


@transaction.atomic
def create_mode(
    *, by: By, name: str, description: str = "", chosen: Chosen | None = None
) -> int:
    """A new failure mode, with what is sorted into it; its id."""
    mode = _create(by, name, description)
    put = _put(by, mode, chosen or Chosen())
    _record(by, TaxonomyActKind.CREATED, mode, _named(put))
    return mode.pk


@transaction.atomic
def sort_into(*, by: By, mode_id: int, chosen: Chosen) -> None:
    """Let tags and notes mean this mode; a tag leaves the mode that it was in."""
    mode = _hold(by, mode_id)[0]
    if not chosen:
        raise ModeRefused(_("Choose at least one tag or note."))
    put = _put(by, mode, chosen)
    _record(by, TaxonomyActKind.SORTED, mode, _named(put))


@transaction.atomic
def take_out(*, by: By, mode_id: int, chosen: Chosen) -> None:
    """Put tags and notes back among those that are not sorted."""
    mode = _hold(by, mode_id)[0]
    _require_all_in(mode, chosen)
    mode.tags.filter(tag__in=chosen.tags).delete()
    mode.notes.filter(judgment_id__in=chosen.judgments).delete()
    _record(by, TaxonomyActKind.UNSORTED, mode, _named(chosen))


@transaction.atomic
def rename_mode(*, by: By, mode_id: int, name: str, description: str) -> None:
    mode = _hold(by, mode_id)[0]
    before = mode.name
    mode.name, mode.description = _clean_name(name), description.strip()
    _save(mode, "name", "description")
    _mean_by_name(by, mode)
    _record(by, TaxonomyActKind.RENAMED, mode, {"before": before})


@transaction.atomic
def offer_mode(*, by: By, mode_id: int, is_offered: bool) -> None:
    """Show its name to reviewers on the bench, or no more."""
    mode = _hold(by, mode_id)[0]
    if mode.is_offered == is_offered:
        return
    mode.is_offered = is_offered
    mode.save(update_fields=["is_offered"])
    _mean_by_name(by, mode)
    kind = TaxonomyActKind.OFFERED if is_offered else TaxonomyActKind.WITHHELD
    _record(by, kind, mode)


@transaction.atomic
def merge_modes(*, by: By, mode_id: int, into_id: int) -> None:
    """Move all of one mode into another; the first is no more."""
    if mode_id == into_id:
        raise ModeRefused(_("Choose another failure mode to merge into."))
    mode, into = _hold(by, mode_id, into_id)
    chosen = _all_of(mode)
    _move(mode, into, chosen)
    mode.retired_at, mode.is_offered = by.now, False
    mode.save(update_fields=["retired_at", "is_offered"])
    _record(
        by,
        TaxonomyActKind.MERGED,
        mode,
        {"into": into.name, **_named(chosen)},
        other=into,
    )


@transaction.atomic
def split_mode(
    *, by: By, mode_id: int, name: str, description: str = "", chosen: Chosen
) -> int:
    """Move some of a mode into a new one; the id of the new one."""
    mode = _hold(by, mode_id)[0]
    _require_all_in(mode, chosen)
    new = _create(by, name, description)
    _move(mode, new, chosen)
    _record(
        by,
        TaxonomyActKind.SPLIT,
        new,
        {"before": mode.name, **_named(chosen)},
        other=mode,
    )
    return new.pk


def _hold(by: By, *mode_ids: int) -> list[FailureMode]:
    """The modes, locked in one order until the act is done."""
    found = FailureMode.objects.select_for_update().filter(
        project_id=by.project_id, pk__in=mode_ids, retired_at__isnull=True
    )
    by_id = {mode.pk: mode for mode in found.order_by("pk")}
    if len(by_id) < len(mode_ids):
        raise UnknownMode(mode_ids)
    return [by_id[mode_id] for mode_id in mode_ids]


def _create(by: By, name: str, description: str) -> FailureMode:
    mode = FailureMode(
        project_id=by.project_id,
        name=_clean_name(name),
        description=description.strip(),
        created_at=by.now,
    )
    _save(mode)
    return mode


def _clean_name(name: str) -> str:
    clean = " ".join(name.split())
    # What is offered by its name comes back as a tag.
    if not normalise_tag(clean):
        raise ModeRefused(_("Give the failure mode a name."))
    if len(clean) > LONGEST_TAG:
        raise ModeRefused(
            _("A name has at most %(n)s characters.") % {"n": LONGEST_TAG}
        )
    return clean


def _save(mode: FailureMode, *fields: str) -> None:
    try:
        with transaction.atomic():
            mode.save(update_fields=fields or None)
    except IntegrityError as error:
        if violated(error) == "failuremode_name_once_per_project":
            message = _("There is a failure mode “%(name)s” already.")
            raise ModeRefused(message % {"name": mode.name}) from error
        raise


def _put(by: By, mode: FailureMode, chosen: Chosen) -> Chosen:
    """Let them mean this mode; with the tags as they are spelled."""
    tags = list(dict.fromkeys(filter(None, map(normalise_tag, chosen.tags))))
    SortedTag.objects.bulk_create(
        [SortedTag(project_id=by.project_id, tag=tag, mode=mode) for tag in tags],
        update_conflicts=True,
        unique_fields=["project", "tag"],
        update_fields=["mode"],
    )
    try:
        with transaction.atomic():
            SortedNote.objects.bulk_create(
                [SortedNote(judgment_id=one, mode=mode) for one in chosen.judgments],
                ignore_conflicts=True,
            )
    except IntegrityError as error:
        if violated(error) == "sortednote_of_one_project":
            raise ModeRefused(_("A note is of another project.")) from error
        raise
    return Chosen(tags=tags, judgments=chosen.judgments)


def _mean_by_name(by: By, mode: FailureMode) -> None:
    """Whoever chooses an offered name writes it as a tag."""
    if mode.is_offered:
        _put(by, mode, Chosen(tags=[mode.name]))


def _all_of(mode: FailureMode) -> Chosen:
    return Chosen(
        tags=tuple(mode.tags.order_by("tag").values_list("tag", flat=True)),
        judgments=tuple(
            mode.notes.order_by("pk").values_list("judgment_id", flat=True)
        ),
    )


def _require_all_in(mode: FailureMode, chosen: Chosen) -> None:
    if not chosen:
        raise ModeRefused(_("Choose at least one tag or note."))
    held = _all_of(mode)
    missing: Iterable[Any] = {*chosen.tags} - {*held.tags}
    if missing or {*chosen.judgments} - {*held.judgments}:
        raise ModeRefused(
            _("Not all of these are in “%(name)s” any more.") % {"name": mode.name}
        )


def _move(mode: FailureMode, into: FailureMode, chosen: Chosen) -> None:
    mode.tags.filter(tag__in=chosen.tags).update(mode=into)
    notes = mode.notes.filter(judgment_id__in=chosen.judgments)
    # A note may be in both: then it stays there once.
    notes.filter(judgment__in=into.notes.values("judgment")).delete()
    notes.update(mode=into)


def _named(chosen: Chosen) -> dict[str, Any]:
    return {"tags": list(chosen.tags), "judgments": list(chosen.judgments)}


def _record(
    by: By,
    kind: TaxonomyActKind,
    mode: FailureMode,
    details: Mapping[str, Any] | None = None,
    other: FailureMode | None = None,
) -> None:
    TaxonomyAct.objects.create(
        project_id=by.project_id,
        lead_id=by.lead_id,
        kind=kind,
        mode=mode,
        other=other,
        details={"name": mode.name, **(details or {})},
        done_at=by.now,
    )
