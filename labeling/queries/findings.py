"""What judgments carry besides their ratings."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from django.utils.translation import gettext

from labeling.models import Correction, FailureTag, Span


@dataclass(frozen=True)
class Mark:
    """A marked part of a text; a claim may have a passage that supports it."""

    place: str
    number: int
    quote: str
    tag: str
    note: str
    is_claim: bool
    passage: int | None


@dataclass(frozen=True)
class Found:
    """Of one judgment; responses are numbered from 1 in the ingested order."""

    tags: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    # The number of the response, and what it should have been.
    corrections: list[tuple[int, str]] = field(default_factory=list)


def list_findings(judgment_ids: Collection[int]) -> dict[int, Found]:
    """By judgment; of one that carries nothing, nothing."""
    found: dict[int, Found] = defaultdict(Found)
    of_these = {"judgment__in": list(judgment_ids)}
    for tag in FailureTag.objects.filter(**of_these).order_by("tag", "pk"):
        found[tag.judgment_id].tags.append(tag.tag)
    spans = Span.objects.filter(**of_these)
    for span in spans.order_by("place", "number", "start", "pk"):
        found[span.judgment_id].marks.append(_mark(span))
    corrections = Correction.objects.filter(**of_these)
    for one in corrections.order_by("response", "pk"):
        found[one.judgment_id].corrections.append((one.response, one.text))
    return found


def _mark(span: Span) -> Mark:
    return Mark(
        place=gettext(span.get_place_display()),
        number=span.number,
        quote=span.quote,
        tag=span.tag,
        note=span.note,
        is_claim=span.is_claim,
        passage=span.passage,
    )
