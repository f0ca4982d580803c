"""Plain makers of rows, with visible defaults."""

import hashlib
import itertools
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction

from labeling.models import Criterion, Judgment, Option, Rating, Rubric, RubricVersion
from reviews.models import (
    Assignment,
    AssignmentStatus,
    Batch,
    Item,
    Member,
    Origin,
    PanelSeat,
    Presentable,
    Project,
    Purpose,
    Queue,
    Role,
    Slot,
    User,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "a long enough pass phrase"

_numbers = itertools.count(1)


def make_project(slug: str = "shop") -> Project:
    return Project.objects.create(slug=slug, name=slug.title(), created_at=NOW)


def make_user(username: str) -> User:
    return User.objects.create_user(username=username, password=PASSWORD)


def make_member(
    project: Project, handle: str = "ada", role: str = Role.REVIEWER
) -> Member:
    return Member.objects.create(
        project=project,
        user=make_user(handle),
        handle=handle,
        role=role,
        joined_at=NOW,
    )


def make_rater(project: Project, handle: str) -> Member:
    return Member.objects.create(
        project=project,
        handle=handle,
        role=Role.REVIEWER,
        origin=Origin.IMPORTED,
        joined_at=NOW,
    )


def make_rubric(
    project: Project,
    slug: str = "answer",
    levels: dict[str, str] | None = None,
    options: tuple[str, ...] = ("bad", "fair", "good"),
    said: Mapping[str, dict[str, Any]] | None = None,
    guidance: str = "",
) -> RubricVersion:
    """A rubric version with one criterion for each entry of `levels`.

    `said` is what the document says of a criterion besides: required, only_if,
    rationale, per_step.
    """
    rubric = Rubric.objects.create(project=project, slug=slug, created_at=NOW)
    version = RubricVersion.objects.create(
        rubric=rubric,
        number=1,
        title=slug.title(),
        guidance=guidance,
        document={"criteria": [{"key": key} | more for key, more in said.items()]}
        if said
        else {},
        published_at=NOW,
    )
    for position, (key, level) in enumerate((levels or {"quality": "ORDINAL"}).items()):
        mine = said.get(key, {}) if said else {}
        make_criterion(
            version,
            key,
            level,
            position,
            options,
            is_required=mine.get("required", True),
            is_per_step=mine.get("per_step", False),
        )
    return version


def make_criterion(
    version: RubricVersion,
    key: str,
    level: str,
    position: int,
    options: tuple[str, ...],
    **changes: Any,
) -> Criterion:
    criterion = Criterion.objects.create(
        version=version,
        key=key,
        title=key.title(),
        level=level,
        position=position,
        minimum=0 if level == "INTERVAL" else None,
        maximum=10 if level == "INTERVAL" else None,
        step=1 if level == "INTERVAL" else None,
        **changes,
    )
    if level == "PAIRWISE":
        options = ("A", "tie", "B")
    if level in ("INTERVAL", "TEXT"):
        options = ()
    for place, value in enumerate(options):
        Option.objects.create(
            criterion=criterion, value=value, title=value.title(), position=place
        )
    return criterion


def make_queue(
    project: Project,
    rubric_version: RubricVersion,
    slug: str = "answers",
    reviewers: list[Member] | None = None,
    **changes: Any,
) -> Queue:
    values: dict[str, Any] = {
        "title": slug.title(),
        "kinds": ["SINGLE", "PAIR", "TRACE"],
        "overlap": 2,
        "batch_size": 5,
        "gold_rate": 0.0,
        "lease_minutes": 60,
        "daily_cap": 100,
        "agreement_bar": 0.667,
        "created_at": NOW,
    }
    queue = Queue.objects.create(
        project=project, rubric_version=rubric_version, slug=slug, **values | changes
    )
    for reviewer in reviewers or []:
        PanelSeat.objects.create(queue=queue, reviewer=reviewer)
    return queue


def make_item(project: Project, kind: str = "SINGLE", **changes: Any) -> Item:
    number = next(_numbers)
    n_responses = 2 if kind == "PAIR" else 1
    content: dict[str, Any] = {
        "prompt": f"Question {number}?",
        "responses": [{"text": f"Answer {number}.{k}"} for k in range(n_responses)],
    }
    if kind == "TRACE":
        content["steps"] = [{"type": "tool_call", "name": "find", "arguments": {}}]
    values: dict[str, Any] = {
        "external_id": f"item-{number}",
        "content": content,
        "signals": {},
        "provenance": {},
    }
    values |= changes
    line = json.dumps(values, sort_keys=True).encode()
    return Item.objects.create(
        project=project,
        kind=kind,
        fingerprint=hashlib.sha256(line).digest(),
        ingested_at=NOW,
        **values,
    )


def make_slots(queue: Queue, item: Item) -> list[Slot]:
    return [
        Slot.objects.create(
            queue=queue, item=item, number=number, tier=1, shuffle=0.5, opened_at=NOW
        )
        for number in range(1, queue.overlap + 1)
    ]


def make_batch(queue: Queue, reviewer: Member, size: int = 1, **changes: Any) -> Batch:
    values = {"seed": "00" * 16, "dealt_at": NOW} | changes
    return Batch.objects.create(queue=queue, reviewer=reviewer, size=size, **values)


def make_assignment(
    batch: Batch, item: Item, slot: Slot | None = None, **changes: Any
) -> Assignment:
    Presentable.objects.get_or_create(
        item=item,
        defaults={"content": item.content, "masks": [], "prepared_at": NOW},
    )
    values: dict[str, Any] = {
        "public_id": uuid4(),
        "purpose": Purpose.FRESH if slot else Purpose.GOLD,
        "position": batch.assignments.count() + 1,
        "response_order": list(range(len(item.content["responses"]))),
        "leased_until": NOW + timedelta(hours=1),
        "created_at": NOW,
    }
    return Assignment.objects.create(
        batch=batch,
        queue=batch.queue,
        reviewer=batch.reviewer,
        item=item,
        slot=slot,
        rubric_version_id=batch.queue.rubric_version_id,
        **values | changes,
    )


@transaction.atomic
def make_judgment(
    assignment: Assignment, at: datetime = NOW, **ratings: Any
) -> Judgment:
    """Submit `ratings` (criterion key to canonical value) for an assignment.

    Of a criterion that is rated for each step, the values by step.
    """
    judgment = Judgment.objects.create(assignment=assignment, submitted_at=at)
    judgment.refresh_from_db()
    for key, given in ratings.items():
        criterion = Criterion.objects.get(
            version_id=judgment.rubric_version_id, key=key
        )
        for step, value in (given if isinstance(given, dict) else {0: given}).items():
            Rating.objects.create(
                judgment=judgment,
                criterion=criterion,
                step=step,
                value=value,
                displayed=value,
            )
    return judgment


def make_trace(project: Project, n_steps: int = 3, **changes: Any) -> Item:
    steps = [
        {"type": "tool_call", "name": f"find-{number}", "arguments": {}}
        for number in range(1, n_steps + 1)
    ]
    content = {"prompt": "Find it.", "steps": steps, "responses": [{"text": "Found."}]}
    return make_item(project, "TRACE", content=content, **changes)


def make_rated_item(
    queue: Queue, ratings: dict[Member, dict[str, Any]], item: Item | None = None
) -> Item:
    """An item with one imported judgment for each rater."""
    item = item or make_item(queue.project)
    for rater, values in ratings.items():
        assignment = Assignment.objects.create(
            queue=queue,
            reviewer=rater,
            item=item,
            purpose=Purpose.IMPORT,
            rubric_version_id=queue.rubric_version_id,
            position=1,
            response_order=[0],
            status=AssignmentStatus.SUBMITTED,
            created_at=NOW,
        )
        make_judgment(assignment, **values)
    return item
