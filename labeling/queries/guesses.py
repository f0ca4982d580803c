"""The guess after a batch: of which items it is asked, and between whom.

This is the one page of a reviewer that names systems: those that the lead listed
for the queue, for this purpose. What the item's provenance says is not read here.
"""

import hashlib
from dataclasses import dataclass
from random import Random
from uuid import UUID

from django.db.models import QuerySet

from reviews.models import Assignment, AssignmentStatus
from reviews.queries.presentations import Presentation, get_presentation

SHARE = 0.1


class NotAsked(Exception):
    """No guess is asked for this assignment, or not any more."""


@dataclass(frozen=True)
class GuessPage:
    assignment_id: int
    presentation: Presentation
    queue_title: str
    # In an order of this assignment's own.
    options: tuple[str, ...]


def is_drawn(assignment: UUID) -> bool:
    """One in ten, by chance, and always the same ones: ids are random."""
    digest = hashlib.sha256(b"guess" + assignment.bytes).digest()
    return int.from_bytes(digest[:8], "big") < SHARE * 2**64


def get_next_guess(*, batch: UUID, user_id: int) -> UUID | None:
    """The first item of a finished batch of which a guess is asked."""
    asked = _asked(user_id).filter(batch__public_id=batch).order_by("position")
    drawn = filter(is_drawn, asked.values_list("public_id", flat=True))
    return next(drawn, None)


def get_guess_page(*, public_id: UUID, user_id: int) -> GuessPage:
    row = (
        _asked(user_id)
        .filter(public_id=public_id)
        .values_list("pk", "queue__title", "queue__guess_systems")
        .first()
    )
    if row is None or not is_drawn(public_id):
        raise NotAsked(str(public_id))
    assignment_id, queue_title, systems = row
    options = sorted(systems)
    Random(public_id.int).shuffle(options)
    return GuessPage(
        assignment_id=assignment_id,
        presentation=get_presentation(public_id=public_id, user_id=user_id),
        queue_title=queue_title,
        options=tuple(options),
    )


def _asked(user_id: int) -> QuerySet[Assignment]:
    """Judged, in a live batch that is over, not guessed yet, where the lead asks."""
    unfinished = Assignment.objects.filter(
        reviewer__user_id=user_id, status=AssignmentStatus.LIVE, batch__isnull=False
    )
    return Assignment.objects.filter(
        reviewer__user_id=user_id,
        status=AssignmentStatus.SUBMITTED,
        batch__qualification__isnull=True,
        queue__guess_systems__len__gt=0,
        guess__isnull=True,
    ).exclude(batch__in=unfinished.values("batch"))
