"""Setting how a queue reads its judges, and what a failure is."""

from collections import Counter
from datetime import datetime

from django.db import transaction

from calibration.formats.judges import Failure, Judge, Terms, describe_terms
from calibration.models import JudgeTerms
from labeling.models import Level
from labeling.queries.rubrics import CriterionFacts, RubricFacts, get_rubric_version
from reviews.models import Queue

# A verdict is one of a few words: it can be held against one choice of a few.
COMPARABLE = (Level.NOMINAL, Level.ORDINAL, Level.PAIRWISE)


class TermsRefused(Exception):
    """The file does not fit the rubric of the queue; the message says where."""


@transaction.atomic
def apply_judge_terms(*, queue_id: int, terms: Terms, now: datetime) -> bool:
    """Read the queue's judges so from now on; whether anything changed."""
    queue = Queue.objects.select_for_update().get(pk=queue_id)
    rubric = get_rubric_version(queue.rubric_version_id)
    if terms.failure is not None:
        _check_failure(rubric, terms.failure)
    for judge in terms.judges:
        _check_judge(rubric, judge)
    document = describe_terms(terms)
    current, is_new = JudgeTerms.objects.get_or_create(
        queue=queue, defaults={"document": document, "applied_at": now}
    )
    if is_new:
        return True
    if current.document == document:
        return False
    current.document, current.applied_at = document, now
    current.save(update_fields=["document", "applied_at"])
    return True


def _check_failure(rubric: RubricFacts, failure: Failure) -> None:
    criterion = _criterion(rubric, "failure", failure.criterion)
    _check_options("failure.values", criterion, failure.values)


def _check_judge(rubric: RubricFacts, judge: Judge) -> None:
    where = f"judge {judge.name}"
    criterion = _criterion(rubric, where, judge.criterion)
    if criterion.level not in COMPARABLE:
        level = Level(criterion.level).label
        raise TermsRefused(
            f"{where}: {judge.criterion} is {level}; expected one choice of a few"
        )
    meant = Counter(option for options in judge.verdicts.values() for option in options)
    _check_options(f"{where}: verdicts", criterion, tuple(meant))
    for option in criterion.options:
        if meant[option.value] != 1:
            raise TermsRefused(
                f"{where}: verdicts: {option.value!r} stands behind"
                f" {meant[option.value]} words; expected exactly one"
            )


def _criterion(rubric: RubricFacts, where: str, key: str) -> CriterionFacts:
    criterion = rubric.criterion(key)
    if criterion is None:
        known = ", ".join(one.key for one in rubric.criteria)
        raise TermsRefused(f"{where}: no criterion {key!r}; expected one of {known}")
    if criterion.is_per_step:
        raise TermsRefused(
            f"{where}: {key} is rated for each step; expected one of items"
        )
    return criterion


def _check_options(
    where: str, criterion: CriterionFacts, values: tuple[str, ...]
) -> None:
    known = [option.value for option in criterion.options]
    for value in values:
        if value not in known:
            raise TermsRefused(
                f"{where}: {criterion.key} has no option {value!r};"
                f" expected one of {', '.join(known)}"
            )
