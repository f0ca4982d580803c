"""How reviewers did on gold, for leads."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery

from calibration.models import GoldRating
from labeling.models import Rating
from reviews.models import Purpose


@dataclass(frozen=True)
class GoldRecord:
    """One reviewer's ratings of gold cases on rated criteria."""

    handle: str
    n_ratings: int
    n_right: int


def list_gold_records(queue_id: int) -> list[GoldRecord]:
    known = GoldRating.objects.filter(
        criterion=OuterRef("criterion_id"),
        gold_case__item=OuterRef("judgment__item_id"),
        gold_case__queue=queue_id,
    )
    rows = (
        Rating.objects.filter(
            judgment__queue_id=queue_id, judgment__assignment__purpose=Purpose.GOLD
        )
        .exclude(criterion__level="TEXT")
        .annotate(known=Subquery(known.values("value")[:1]))
        .exclude(known__isnull=True)
        .values_list("judgment__reviewer__handle", "value", "known")
    )
    given: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for handle, value, expected in rows:
        given[handle] += 1
        right[handle] += _comparable(value) == _comparable(expected)
    return [
        GoldRecord(handle, given[handle], right[handle]) for handle in sorted(given)
    ]


def _comparable(value: Any) -> Any:
    return frozenset(value) if isinstance(value, list) else value
