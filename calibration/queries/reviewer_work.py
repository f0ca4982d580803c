"""What a panel's reviewers did, for reading each of them as an instrument."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, IntegerField, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Cast

from calibration.models import GoldRating
from calibration.queries.ratings import CHUNK
from labeling.models import Judgment, LeftOut, Level, Rating
from reviews.models import PanelSeat

# Pace is read from the newest judgments only: it is about now.
LATEST = 2000


@dataclass(frozen=True)
class GoldAnswer:
    """One rating of a gold case, beside the known one."""

    handle: str
    item: str
    criterion: str
    value: Any
    known: Any
    # In its batch, from 0; an imported one stands in a batch of its own.
    place: int

    @property
    def is_right(self) -> bool:
        return is_same_answer(self.value, self.known)


@dataclass(frozen=True)
class Retest:
    """What a reviewer said of an item, and what they said of it later."""

    handle: str
    item: str
    criterion: str
    first: Any
    second: Any


@dataclass(frozen=True)
class Timed:
    handle: str
    words: int
    seconds: int


def list_seated(queue_id: int) -> list[str]:
    """Everybody on the panel, and everybody else who has judged."""
    seated = PanelSeat.objects.filter(queue_id=queue_id, is_active=True)
    judged = Judgment.objects.filter(queue_id=queue_id)
    return sorted(
        {*seated.values_list("reviewer__handle", flat=True)}
        | {*judged.values_list("reviewer__handle", flat=True).distinct()}
    )


def list_gold_answers(*, queue_id: int, version_id: int) -> list[GoldAnswer]:
    """In the order in which they were given."""
    known = GoldRating.objects.filter(
        criterion=OuterRef("criterion_id"),
        gold_case__item=OuterRef("judgment__item_id"),
        gold_case__queue=queue_id,
    )
    rows = (
        Rating.objects.filter(
            judgment__queue_id=queue_id,
            judgment__rubric_version_id=version_id,
            judgment__left_out=LeftOut.GOLD,
            criterion__is_per_step=False,
        )
        .exclude(criterion__level=Level.TEXT)
        .annotate(known=Subquery(known.values("value")[:1]))
        .exclude(known__isnull=True)
        .order_by("judgment__submitted_at", "judgment_id", "criterion__position")
        .values_list(
            "judgment__reviewer__handle",
            "judgment__item__external_id",
            "criterion__key",
            "value",
            "known",
            "judgment__assignment__position",
        )
    )
    return [GoldAnswer(*row) for row in rows]


def list_retests(*, queue_id: int, version_id: int) -> list[Retest]:
    first = Rating.objects.filter(
        criterion=OuterRef("criterion_id"),
        judgment__queue_id=queue_id,
        judgment__item=OuterRef("judgment__item_id"),
        judgment__reviewer=OuterRef("judgment__reviewer_id"),
        judgment__submitted_at__lt=OuterRef("judgment__submitted_at"),
        judgment__withdrawn_at__isnull=True,
    ).order_by("judgment__submitted_at", "pk")
    rows = (
        Rating.objects.filter(
            judgment__queue_id=queue_id,
            judgment__rubric_version_id=version_id,
            judgment__left_out=LeftOut.RETEST,
            # One answer an item: steps of it would count as so many retests.
            criterion__is_per_step=False,
        )
        .exclude(criterion__level=Level.TEXT)
        .annotate(first=Subquery(first.values("value")[:1]))
        .exclude(first__isnull=True)
        .order_by("judgment__submitted_at", "pk")
        .values_list(
            "judgment__reviewer__handle",
            "judgment__item__external_id",
            "criterion__key",
            "first",
            "value",
        )
    )
    return [Retest(*row) for row in rows]


def list_times(*, queue_id: int, version_id: int) -> list[Timed]:
    """The newest judgments with the words on the page and the active time."""
    n_words = Func(
        Func(
            Cast("item__content", TextField()),
            Value(r"\s+"),
            function="regexp_split_to_array",
        ),
        Value(1),
        function="array_length",
        output_field=IntegerField(),
    )
    rows = (
        Judgment.objects.filter(
            queue_id=queue_id,
            rubric_version_id=version_id,
            active_seconds__gt=0,
            withdrawn_at__isnull=True,
        )
        .exclude(left_out=LeftOut.QUALIFICATION)
        .annotate(handle=F("reviewer__handle"), words=n_words)
        .order_by("-submitted_at", "-pk")
        .values_list("handle", "words", "active_seconds")[:LATEST]
    )
    return [Timed(handle, words, seconds or 0) for handle, words, seconds in rows]


def stream_sides(*, queue_id: int, version_id: int) -> Iterator[tuple[str, str]]:
    """Reviewer and side of every decisive rating of a pair."""
    rows = Rating.objects.filter(
        judgment__queue_id=queue_id,
        judgment__rubric_version_id=version_id,
        judgment__counts=True,
        criterion__level=Level.PAIRWISE,
        displayed__in=["LEFT", "RIGHT"],
    ).values_list("judgment__reviewer__handle", "displayed")
    return rows.order_by().iterator(chunk_size=CHUNK)


def find_pause(*, queue_id: int, handle: str) -> str | None:
    """Why nothing is dealt to the reviewer now; empty if it is, None without a seat."""
    seats = PanelSeat.objects.filter(
        queue_id=queue_id, reviewer__handle=handle, is_active=True
    )
    return seats.values_list("paused_because", flat=True).first()


def is_same_answer(value: Any, known: Any) -> bool:
    """Of several labels the order says nothing."""
    return bool(_comparable(value) == _comparable(known))


def _comparable(value: Any) -> Any:
    return frozenset(value) if isinstance(value, list) else value
