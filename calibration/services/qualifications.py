"""The outcome of a qualification, and what its reviewer is told of it."""

from datetime import datetime

from django.db import transaction

from calibration.models import Feedback
from calibration.queries.qualifications import Compared, list_compared
from reviews.queries.qualifications import list_finished
from reviews.services.qualifying import end_qualification, lock_finished


def settle_qualifications(*, now: datetime) -> int:
    """Give every attempt that is judged to the end its outcome; how many they were."""
    waiting = list(list_finished().values_list("pk", flat=True))
    return sum(settle_qualification(qualification_id=one, now=now) for one in waiting)


def settle_own(*, queue_id: int, reviewer_id: int, now: datetime) -> None:
    """The same for one reviewer, who wants to know and need not wait for the sweep."""
    waiting = list_finished().filter(queue=queue_id, reviewer=reviewer_id)
    for one in list(waiting.values_list("pk", flat=True)):
        settle_qualification(qualification_id=one, now=now)


@transaction.atomic
def settle_qualification(*, qualification_id: int, now: datetime) -> bool:
    """Compare the answers with the gold, write the feedback and the outcome.

    Runs with the rights of the owner: before it nothing of the gold can be read by
    the reviewer, after it what the feedback says. False where there was nothing to do.
    """
    if not lock_finished(qualification_id=qualification_id):
        return False
    items = list_compared(qualification_id)
    Feedback.objects.bulk_create(
        Feedback(
            qualification_id=qualification_id,
            assignment_id=item.assignment_id,
            answers=[_described(one) for one in item.answers],
            rationale=item.rationale,
        )
        for item in items
    )
    compared = [
        one.is_right
        for item in items
        for one in item.answers
        if one.is_right is not None
    ]
    end_qualification(
        qualification_id=qualification_id,
        n_answers=len(compared),
        n_right=sum(compared),
        now=now,
    )
    return True


def _described(one: Compared) -> dict[str, object]:
    return {
        "criterion": one.criterion_id,
        "said": one.said,
        "known": one.known,
        "is_right": one.is_right,
    }
