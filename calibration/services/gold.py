"""Gold cases: items whose right ratings are known."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from calibration.models import GoldCase, GoldRating
from labeling.queries.rubrics import CriterionFacts, RubricFacts, get_rubric_version
from reviews.models import Item, Queue
from reviews.services.queues import seed_item


class NotGold(Exception):
    """The ratings cannot be the known ones of the item; the message says why."""


@transaction.atomic
def add_gold_case(
    *,
    queue_id: int,
    item_id: int,
    ratings: Mapping[str, Any],
    rationale: str,
    now: datetime,
    use: str | None = None,
) -> bool:
    """Let batches of the queue carry the item as gold; whether it is new.

    The same case again changes nothing; other ratings for it are refused, since
    judgments have perhaps been held against the first. `use` is what a new one is for.
    """
    queue = Queue.objects.get(pk=queue_id)
    rubric = get_rubric_version(queue.rubric_version_id)
    _check_ratings(rubric, ratings)
    case, is_new = GoldCase.objects.get_or_create(
        queue=queue,
        item_id=item_id,
        rubric_version_id=rubric.id,
        defaults={"rationale": rationale, "created_at": now},
    )
    if not is_new:
        _check_same(case, ratings)
        return False
    GoldRating.objects.bulk_create(
        GoldRating(
            gold_case=case, criterion_id=criterion.id, value=ratings[criterion.key]
        )
        for criterion in rubric.criteria
        if criterion.key in ratings
    )
    band = _band(rubric, ratings)
    seed_item(
        queue_id=queue_id,
        item_id=item_id,
        band=band,
        now=now,
        rubric_version_id=rubric.id,
        use=use,
    )
    return True


def find_item(*, queue_id: int, external_id: str) -> int:
    """The item of the queue's project, if the queue takes its kind."""
    queue = Queue.objects.get(pk=queue_id)
    item = Item.objects.filter(
        project_id=queue.project_id, external_id=external_id
    ).first()
    if item is None:
        raise NotGold(f"id: the project has no item {external_id!r}")
    if item.kind not in queue.kinds:
        raise NotGold(f"id: the queue takes no item of kind {item.kind.lower()}")
    return item.pk


def _check_ratings(rubric: RubricFacts, ratings: Mapping[str, Any]) -> None:
    for key, value in ratings.items():
        criterion = rubric.criterion(key)
        if criterion is None:
            known = ", ".join(one.key for one in rubric.criteria)
            raise NotGold(f"ratings.{key}: unknown criterion; expected {known}")
        if criterion.is_per_step:
            raise NotGold(f"ratings.{key}: rated for each step; gold is of items")
        if not criterion.has(value):
            raise NotGold(f"ratings.{key}: expected {criterion.expected}")
    for criterion in _wanted(rubric):
        if criterion.key not in ratings:
            raise NotGold(f"ratings.{criterion.key}: missing; {criterion.expected}")


def _wanted(rubric: RubricFacts) -> list[CriterionFacts]:
    """What gold must say: every required criterion of items with a scale."""
    return [
        one
        for one in rubric.criteria
        if one.is_required and one.is_rated and not one.is_per_step
    ]


def _check_same(case: GoldCase, ratings: Mapping[str, Any]) -> None:
    known = dict(case.ratings.values_list("criterion__key", "value"))
    if known != dict(ratings):
        raise NotGold(f"ratings: the item is a gold case with other ratings: {known}")


def _band(rubric: RubricFacts, ratings: Mapping[str, Any]) -> str:
    """The value that batches keep in balance: of the first required criterion."""
    for criterion in _wanted(rubric)[:1]:
        value = ratings[criterion.key]
        return "|".join(value) if isinstance(value, list) else str(value)
    return ""
