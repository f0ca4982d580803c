"""Submitting a judgment, keeping a draft, taking an item again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from labeling.formats.findings import Findings
from labeling.models import Draft, Level
from labeling.queries.rubrics import CriterionFacts
from labeling.services.findings import keep_findings
from reviews.models import Assignment, AssignmentStatus
from reviews.queries.presentations import SIDE_NAMES, Hand
from reviews.services.leases import renew_lease

NOTHING_FOUND = Findings()
PLACES = ("LEFT", "RIGHT", "THIRD", "FOURTH", "FIFTH", "SIXTH", "SEVENTH", "EIGHTH")


class LeaseExpired(Exception):
    """The lease ran out first; what was typed is kept as a draft."""


@dataclass(frozen=True)
class Answer:
    """What was chosen on the screen for one criterion, of one step of a trace."""

    criterion: CriterionFacts
    displayed: Any
    rationale: str = ""
    # 0: of the item as a whole.
    step: int = 0


@dataclass(frozen=True)
class Submission:
    answers: tuple[Answer, ...]
    comment: str
    active_seconds: int | None
    # The form as it was typed, for the draft if the lease has ended.
    typed: Mapping[str, list[str]]
    # The reviewer says that they know who wrote it.
    could_tell: bool = False
    findings: Findings = NOTHING_FOUND
    # One of labeling.models.Disposition; empty where the queue grants none.
    disposition: str = ""


def canonical_value(answer: Answer, response_order: Sequence[int]) -> Any:
    """A side of this screen becomes the response that stood there."""
    if answer.criterion.level != Level.PAIRWISE or answer.displayed not in PLACES:
        return answer.displayed
    return SIDE_NAMES[response_order[PLACES.index(answer.displayed)]]


def displayed_value(level: str, value: Any, response_order: Sequence[int]) -> Any:
    """The other way round: a response becomes the side on which it stood."""
    if level != Level.PAIRWISE or value not in SIDE_NAMES:
        return value
    return PLACES[list(response_order).index(SIDE_NAMES.index(value))]


def submit_judgment(*, hand: Hand, submission: Submission, now: datetime) -> bool:
    """Write the judgment; False where the assignment already has one.

    The first submit stands: a double click, a retry or a second tab changes
    nothing and is answered like the first.
    """
    try:
        with transaction.atomic():
            submit_locked(hand=hand, submission=submission, now=now)
    except IntegrityError as error:
        constraint = violated(error)
        if constraint == "judgment_once":
            return False
        if constraint == "judgment_within_lease":
            save_draft(hand=hand, typed=submission.typed, now=now)
            raise LeaseExpired from error
        raise
    return True


@transaction.atomic(savepoint=False)
def submit_locked(*, hand: Hand, submission: Submission, now: datetime) -> None:
    """Write the judgment of a hand that was read for it, and is live.

    The row is locked since, so that the database has nothing to refuse, and the
    click is spared a savepoint.
    """
    judgment_id = _insert_judgment(hand, submission, now)
    _insert_ratings(judgment_id, hand, submission)
    if submission.findings:
        keep_findings(judgment_id=judgment_id, findings=submission.findings)


def violated(error: IntegrityError) -> str | None:
    """The name of the constraint that refused."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None)


def _insert_judgment(hand: Hand, submission: Submission, now: datetime) -> int:
    # Six columns and no more: the trigger fills in the rest, and a reviewer's
    # role has no right to name it.
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO labeling_judgment"
            " (assignment_id, comment, could_tell, active_seconds, disposition,"
            " submitted_at) VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
            [
                hand.assignment_id,
                submission.comment,
                submission.could_tell,
                submission.active_seconds,
                submission.disposition,
                now,
            ],
        )
        return int(cursor.fetchone()[0])


def _insert_ratings(judgment_id: int, hand: Hand, submission: Submission) -> None:
    """All in one statement, in which the draft has served its purpose as well."""
    ratings = [
        {
            "criterion_id": answer.criterion.id,
            "step": answer.step,
            "value": canonical_value(answer, hand.response_order),
            "displayed": answer.displayed,
            "rationale": answer.rationale,
        }
        for answer in submission.answers
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH done AS (DELETE FROM labeling_draft WHERE assignment_id = %s)"
            " INSERT INTO labeling_rating"
            " (judgment_id, criterion_id, step, value, displayed, rationale)"
            " SELECT %s, criterion_id, step, value, displayed, rationale"
            " FROM jsonb_to_recordset(%s::jsonb) AS (criterion_id bigint,"
            " step smallint, value jsonb, displayed jsonb, rationale text)",
            [hand.assignment_id, judgment_id, json.dumps(ratings)],
        )


def save_draft(*, hand: Hand, typed: Mapping[str, list[str]], now: datetime) -> None:
    """Keep what was typed, unless the judgment is in already."""
    is_judged = Assignment.objects.filter(
        pk=hand.assignment_id, status=AssignmentStatus.SUBMITTED
    )
    if is_judged.exists():
        return
    Draft.objects.update_or_create(
        assignment_id=hand.assignment_id,
        defaults={"answers": dict(typed), "saved_at": now},
    )


@transaction.atomic
def take_again(*, hand: Hand, now: datetime) -> UUID:
    """Put a lapsed item back into its reviewer's hand, with what was typed.

    Raises reviews.services.leases.SlotGone where somebody else has it now.
    """
    public_id = renew_lease(assignment_id=hand.assignment_id, now=now)
    if public_id != hand.public_id:
        Draft.objects.filter(assignment_id=hand.assignment_id).update(
            assignment=Assignment.objects.get(public_id=public_id)
        )
    return public_id
