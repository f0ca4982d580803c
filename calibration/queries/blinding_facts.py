"""What there is to tell whether reviewers could tell who wrote what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from calibration.queries.ratings import CHUNK
from labeling.models import Guess, Judgment, LeftOut
from reviews.models import Presentable
from reviews.queries.queues import QueueFacts


@dataclass(frozen=True)
class Saw:
    """One reviewer's judgments, and how many of them they could tell."""

    handle: str
    n_judgments: int
    n_could_tell: int


def list_could_tell(queue: QueueFacts) -> list[Saw]:
    rows = (
        Judgment.objects.filter(
            queue_id=queue.id,
            rubric_version_id=queue.rubric_version_id,
            withdrawn_at__isnull=True,
        )
        .exclude(left_out=LeftOut.QUALIFICATION)
        .values_list("reviewer__handle")
        .annotate(n=Count("pk"), told=Count("pk", filter=Q(could_tell=True)))
        .order_by("reviewer__handle")
    )
    return [Saw(*row) for row in rows]


def list_guesses(queue: QueueFacts) -> list[tuple[str, str | None]]:
    """The true system and the guessed one, None for "don't know".

    Of a pair the question is about the response shown first. Where the author was not
    among the names offered, no guess could be right.
    """
    rows = (
        Guess.objects.filter(assignment__queue_id=queue.id)
        .order_by("made_at", "pk")
        .values_list(
            "assignment__item__provenance",
            "assignment__response_order",
            "options",
            "system",
        )
    )
    found = (
        (_offered(_author(provenance, order), options), system or None)
        for provenance, order, options, system in rows
    )
    return [(author, system) for author, system in found if author is not None]


def list_masked(queue: QueueFacts) -> dict[str, int]:
    """Items of the queue with masked text, and how many places were masked."""
    judged = Judgment.objects.filter(
        queue_id=queue.id, rubric_version_id=queue.rubric_version_id, counts=True
    )
    rows = (
        Presentable.objects.filter(item__in=judged.values("item"))
        .exclude(masks=[])
        .values_list("item__external_id", "masks")
    )
    return {
        item: sum(mask.get("count", 1) for mask in masks)
        for item, masks in rows.iterator(chunk_size=CHUNK)
    }


def stream_told(queue: QueueFacts) -> Iterator[str]:
    """Items about which at least one reviewer could tell."""
    rows = Judgment.objects.filter(
        queue_id=queue.id,
        rubric_version_id=queue.rubric_version_id,
        counts=True,
        could_tell=True,
    ).values_list("item__external_id", flat=True)
    return rows.distinct().order_by().iterator(chunk_size=CHUNK)


def _offered(author: str | None, options: list[str]) -> str | None:
    """The author as the page named it, whatever the case."""
    if author is None:
        return None
    known = {option.casefold(): option for option in options}
    return known.get(author.casefold())


def _author(provenance: object, order: Sequence[int]) -> str | None:
    """Of the response that stood first on the page."""
    responses = provenance.get("responses") if isinstance(provenance, dict) else None
    first = order[0] if order else 0
    if not responses or first >= len(responses):
        return None
    if not isinstance(responses[first], dict):
        return None
    model = responses[first].get("model")
    return model if isinstance(model, str) and model else None
