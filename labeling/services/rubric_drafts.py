"""Drafts of rubrics: kept, given up, published."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from labeling.formats.rubric_sheets import Sheet, tables_of
from labeling.formats.rubrics import read_rubric
from labeling.models.rubrics import RubricDraft
from labeling.services.rubrics import Applied, apply_rubric


class DraftChanged(Exception):
    """Somebody saved the draft in between; the message says who and when."""

    def __init__(self, draft: RubricDraft) -> None:
        super().__init__(
            _("%(who)s saved this draft at %(time)s UTC, after you opened it.")
            % {"who": draft.saved_by.handle, "time": f"{draft.saved_at:%H:%M}"}
        )
        self.revision = draft.revision


class NoDraft(Exception):
    """There is no draft of that rubric."""


@transaction.atomic
def keep_draft(
    *,
    project_id: int,
    slug: str,
    sheet: Sheet,
    revision: int,
    member_id: int,
    now: datetime,
) -> int:
    """Keep what was typed; the new revision. `revision` is the one it was made from,
    0 where there was none.

    Raises DraftChanged where somebody else has saved since. One person's saves are
    not held against each other: the page saves by itself while it is being sent.
    """
    RubricDraft.objects.get_or_create(
        project_id=project_id,
        slug=slug,
        defaults={
            "sheet": sheet,
            "revision": 0,
            "saved_by_id": member_id,
            "saved_at": now,
        },
    )
    draft = _lock_draft(project_id, slug)
    if draft.revision != revision and draft.saved_by_id != member_id:
        raise DraftChanged(draft)
    draft.sheet, draft.revision = sheet, draft.revision + 1
    draft.saved_by_id, draft.saved_at = member_id, now
    draft.save(update_fields=["sheet", "revision", "saved_by", "saved_at"])
    return draft.revision


def discard_draft(*, project_id: int, slug: str) -> None:
    RubricDraft.objects.filter(project_id=project_id, slug=slug).delete()


@transaction.atomic
def publish_draft(
    *, project_id: int, slug: str, revision: int, now: datetime
) -> Applied:
    """Make the draft the next version. Raises RubricFaults, and keeps it then."""
    draft = _lock_draft(project_id, slug)
    if draft.revision != revision:
        raise DraftChanged(draft)
    file = read_rubric(tables_of(slug, draft.sheet))
    applied = apply_rubric(project_id=project_id, file=file, now=now)
    draft.delete()
    return applied


def _lock_draft(project_id: int, slug: str) -> RubricDraft:
    draft = (
        RubricDraft.objects.select_for_update(of=("self",))
        .select_related("saved_by")
        .filter(project_id=project_id, slug=slug)
        .first()
    )
    if draft is None:
        raise NoDraft(slug)
    return draft
