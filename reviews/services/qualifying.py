"""The first batch on a queue that asks for it: gold alone, told about afterwards.

It looks like any other batch and takes leases, skips and escalations like one. Whether
the answers were right is for calibration to say: see `end_qualification`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from reviews.models import (
    HELD,
    Assignment,
    AssignmentStatus,
    Member,
    Outcome,
    Qualification,
    QualificationAct,
    QualificationDecision,
    Queue,
    Seed,
    SeedUse,
)
from reviews.queries.qualifications import (
    Phase,
    Stage,
    find_stage,
    known_gold,
    list_finished,
    new_gold,
)
from reviews.sampling import pick_balanced
from reviews.services.pauses import ReasonMissing, UnknownSeat

ACTS = tuple(QualificationAct.values)
UNSEEN = [
    AssignmentStatus.EXPIRED,
    AssignmentStatus.RETURNED,
    AssignmentStatus.WITHDRAWN,
]
PASSED_BY = [AssignmentStatus.SKIPPED, AssignmentStatus.ESCALATED]


class QualificationOver(Exception):
    """It is judged to the end: the feedback comes before anything else is dealt."""


class CannotDecide(Exception):
    """There is nothing for the lead to decide like that; the message says why."""


@dataclass(frozen=True)
class Qualifying:
    """What of an attempt is dealt now; no items where there is no gold for it."""

    qualification_id: int | None
    item_ids: list[int]


def pick_qualification(
    queue: Queue, reviewer_id: int, most: int, now: datetime, rng: Random
) -> Qualifying | None:
    """What is dealt to a reviewer who has to qualify; None: live batches are.

    An attempt begins only where there is gold for the whole of it.
    """
    if not queue.qualification_size:
        return None
    stage = find_stage(queue_id=queue.pk, reviewer_id=reviewer_id)
    if stage is None or stage.phase.is_live:
        return None
    if stage.is_told:
        raise QualificationOver
    if stage.phase == Phase.UNDER_WAY and stage.attempt is not None:
        count = min(stage.attempt.n_missing, most)
        picked = _pick(queue, reviewer_id, stage.attempt.id, count, rng)
        return Qualifying(stage.attempt.id, picked)
    if new_gold(queue, reviewer_id).count() < queue.qualification_size:
        return Qualifying(None, [])
    begun = Qualification.objects.create(
        queue=queue,
        reviewer_id=reviewer_id,
        number=stage.attempt.number + 1 if stage.attempt else 1,
        size=queue.qualification_size,
        pass_share=queue.qualification_pass,
        begun_at=now,
    )
    count = min(begun.size, most)
    return Qualifying(begun.pk, _pick(queue, reviewer_id, begun.pk, count, rng))


def _pick(
    queue: Queue, reviewer_id: int, qualification_id: int, count: int, rng: Random
) -> list[int]:
    """Gold for the attempt, in the order of the batch, the bands evened out over it."""
    had = _count_bands(queue, qualification_id)
    chosen: list[int] = []
    for pile in _piles(queue, reviewer_id, qualification_id):
        ready = list(pile.order_by("pk").values_list("band", "item_id"))
        picked = pick_balanced(ready, count - len(chosen), rng, had=had)
        had += Counter(band for band, item_id in ready if item_id in picked)
        chosen += picked
    rng.shuffle(chosen)
    return chosen


def _piles(
    queue: Queue, reviewer_id: int, qualification_id: int
) -> Iterator[QuerySet[Seed]]:
    """What lapsed or was given back; new gold; last, what was passed by."""
    mine = Assignment.objects.filter(
        reviewer_id=reviewer_id,
        item=OuterRef("item"),
        batch__qualification=qualification_id,
    )
    # In hand or judged, in whatever queue.
    held = Assignment.objects.filter(
        reviewer_id=reviewer_id, item=OuterRef("item"), status__in=HELD
    )
    gold = known_gold(queue).filter(~Exists(held))
    yield gold.filter(Exists(mine), ~Exists(mine.exclude(status__in=UNSEEN)))
    new = new_gold(queue, reviewer_id)
    yield new.filter(use=SeedUse.QUALIFICATION)
    yield new.exclude(use=SeedUse.QUALIFICATION)
    passed_by = mine.filter(status__in=PASSED_BY)
    yield gold.filter(Exists(passed_by))


def _count_bands(queue: Queue, qualification_id: int) -> Counter[str]:
    judged = Assignment.objects.filter(
        batch__qualification=qualification_id, status=AssignmentStatus.SUBMITTED
    )
    bands = Seed.objects.filter(queue=queue, item__in=judged.values("item"))
    return Counter(bands.order_by().values_list("band", flat=True))


def lock_finished(*, qualification_id: int) -> bool:
    """Whether the attempt waits for its outcome, until this transaction ends."""
    attempt = Qualification.objects.get(pk=qualification_id)
    Member.objects.select_for_update(no_key=True).get(pk=attempt.reviewer_id)
    return list_finished().filter(pk=qualification_id).exists()


@transaction.atomic
def end_qualification(
    *, qualification_id: int, n_answers: int, n_right: int, now: datetime
) -> bool:
    """Give an attempt its outcome; whether it is passed."""
    attempt = Qualification.objects.get(pk=qualification_id)
    # Shares like 0.7 of 10 are not exact in binary.
    is_passed = n_answers > 0 and n_right >= attempt.pass_share * n_answers - 1e-9
    attempt.outcome = Outcome.PASSED if is_passed else Outcome.FAILED
    attempt.n_answers, attempt.n_right = n_answers, n_right
    attempt.ended_at = now
    attempt.save(update_fields=["outcome", "n_answers", "n_right", "ended_at"])
    return is_passed


@transaction.atomic
def decide_qualification(
    *,
    queue_id: int,
    handle: str,
    act: str,
    reason: str,
    lead_id: int,
    now: datetime,
) -> None:
    """A lead lets a reviewer try again with other gold, or judge without passing.

    `act` is one of ACTS. It stays on record with its reason.
    """
    # The database keeps no NUL.
    reason = reason.replace("\x00", "").strip()
    reviewer_id = _lock_seated(queue_id, handle)
    stage = find_stage(queue_id=queue_id, reviewer_id=reviewer_id)
    if stage is None or stage.phase.is_live:
        message = _("%(handle)s judges here already: nothing is asked of them.")
        raise CannotDecide(message % {"handle": handle})
    if act == QualificationAct.AGAIN:
        _require_another_go(queue_id, handle, stage)
    if not reason:
        raise ReasonMissing(_("Say why: the decision stays on record."))
    QualificationDecision.objects.create(
        queue_id=queue_id,
        reviewer_id=reviewer_id,
        qualification_id=stage.attempt.id if stage.attempt else None,
        act=act,
        lead_id=lead_id,
        reason=reason,
        decided_at=now,
    )


def _lock_seated(queue_id: int, handle: str) -> int:
    # No handle holds a NUL, and the database would not take one.
    seated = (
        Member.objects.select_for_update(no_key=True, of=("self",))
        .filter(
            handle=handle.replace("\x00", ""),
            seats__queue=queue_id,
            seats__is_active=True,
        )
        .values_list("pk", flat=True)
        .first()
    )
    if seated is None:
        raise UnknownSeat(f"{handle!r} does not sit on the panel of this queue")
    return seated


def _require_another_go(queue_id: int, handle: str, stage: Stage) -> None:
    if stage.phase != Phase.FAILED:
        message = _("%(handle)s has not missed a qualification here.")
        raise CannotDecide(message % {"handle": handle})
    queue = Queue.objects.get(pk=queue_id)
    n_left = new_gold(queue, stage.reviewer_id).count()
    if n_left < queue.qualification_size:
        raise CannotDecide(
            _(
                "There is not enough other gold for %(handle)s: %(left)s of %(size)s"
                " cases. Add gold first, or admit them."
            )
            % {
                "handle": handle,
                "left": n_left,
                "size": queue.qualification_size,
            }
        )
