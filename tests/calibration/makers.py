"""Queues with ratings that have a published figure, or none."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from calibration.models import GoldCase, GoldRating
from labeling.models import (
    Adjudication,
    Criterion,
    Dispute,
    Judgment,
    RubricVersion,
)
from reviews.models import (
    Assignment,
    AssignmentStatus,
    Item,
    Member,
    Project,
    Purpose,
    Queue,
)
from reviews.queries.queues import QueueFacts, find_queue
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_judgment,
    make_project,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
)

# Krippendorff, "Computing Krippendorff's Alpha-Reliability", example C.
KRIPPENDORFF = {
    "A": "1 2 3 3 2 1 4 1 2 . . .",
    "B": "1 2 3 3 2 2 4 1 2 5 . 3",
    "C": ". 3 3 3 2 3 4 2 2 5 1 .",
    "D": "1 2 3 3 2 4 4 1 2 5 1 .",
}
# The same, example A: alpha .095.
MEG_AND_OWEN = {"Meg": "0 1 0 0 0 0 0 0 1 0", "Owen": "1 1 1 0 0 1 0 0 0 0"}


def make_table_queue(
    table: dict[str, str],
    *,
    level: str,
    options: Sequence[str] = (),
    project: Project | None = None,
    **changes: Any,
) -> Queue:
    """A queue of one criterion, `quality`, rated as the rows of `table` say."""
    project = project or make_project()
    version = make_rubric(project, levels={"quality": level}, options=tuple(options))
    queue = make_queue(project, version, **changes)
    raters = {name: make_rater(project, name) for name in table}
    rows = {name: row.split() for name, row in table.items()}
    for place in range(len(next(iter(rows.values())))):
        ratings = {
            raters[name]: {
                "quality": int(row[place]) if level == "INTERVAL" else row[place]
            }
            for name, row in rows.items()
            if row[place] != "."
        }
        if ratings:
            make_rated_item(queue, ratings)
    return queue


def make_agreeing_queue(
    project: Project | None = None, n: int = 20, **changes: Any
) -> Queue:
    """Two raters who agree on every one of `n` items, good and bad in turn."""
    row = " ".join(["good", "bad"] * (n // 2))
    return make_table_queue(
        {"ann.lee": row, "bob": row},
        level="ORDINAL",
        options=("bad", "fair", "good"),
        project=project,
        **changes,
    )


def make_imported_judgment(
    queue: Queue, item: Item, member: Member, at: datetime = NOW, **ratings: Any
) -> Judgment:
    assignment = Assignment.objects.create(
        queue=queue,
        reviewer=member,
        item=item,
        purpose=Purpose.IMPORT,
        rubric_version_id=queue.rubric_version_id,
        position=1,
        response_order=[0],
        status=AssignmentStatus.SUBMITTED,
        created_at=NOW,
    )
    return make_judgment(assignment, at=at, **ratings)


def facts(queue: Queue) -> QueueFacts:
    return find_queue(name=queue.slug, project=queue.project.slug)


def make_dispute(
    queue: Queue, item: Item, key: str = "quality", step: int = 0
) -> Dispute:
    criterion = Criterion.objects.get(version=queue.rubric_version, key=key)
    return Dispute.objects.create(
        queue=queue,
        item=item,
        criterion=criterion,
        step=step,
        agreement=0.0,
        opened_at=NOW,
        public_id=uuid4(),
    )


def make_adjudication(
    dispute: Dispute,
    by: Member,
    value: Any,
    reason: str = "Because.",
    cause: str = "MISSED_DETAIL",
):
    return Adjudication.objects.create(
        dispute=dispute,
        adjudicator=by,
        value=value,
        reason=reason,
        cause=cause,
        decided_at=NOW,
    )


def next_version(version: RubricVersion) -> RubricVersion:
    """The next version of the same rubric, with the same one criterion."""
    copy = RubricVersion.objects.create(
        rubric=version.rubric,
        number=version.number + 1,
        title=version.title,
        document={},
        published_at=NOW,
    )
    for criterion in version.criteria.order_by("position"):
        options = list(criterion.options.order_by("position"))
        criterion.pk, criterion.version = None, copy
        criterion._state.adding = True
        criterion.save()
        for option in options:
            option.pk, option.criterion = None, criterion
            option._state.adding = True
            option.save()
    return copy


def answer_gold(
    queue: Queue,
    reviewer: Member,
    *,
    right: int,
    wrong: int,
    known: Any = "good",
    mistaken: Any = "bad",
) -> None:
    """Gold cases of `quality`, answered by one reviewer."""
    batch = make_batch(queue, reviewer, size=right + wrong)
    criterion = Criterion.objects.get(version=queue.rubric_version, key="quality")
    for number in range(right + wrong):
        item = make_item(queue.project)
        case = GoldCase.objects.create(
            queue=queue,
            item=item,
            rubric_version=queue.rubric_version,
            created_at=NOW,
        )
        GoldRating.objects.create(gold_case=case, criterion=criterion, value=known)
        assignment = make_assignment(batch, item)
        make_judgment(assignment, quality=known if number < right else mistaken)
