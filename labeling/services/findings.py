"""Keeping what a reviewer found besides the ratings, with the judgment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from labeling.formats.findings import (
    CorrectedOutput,
    Findings,
    FindingsRefused,
    MarkedSpan,
    locate_quote,
    normalise,
)
from labeling.models import Correction, FailureTag, Judgment, Place, Span
from reviews.models import Assignment


@dataclass(frozen=True)
class _Shown:
    """The texts of an item by place, and which response stood where."""

    texts: dict[str, list[str]]
    response_order: tuple[int, ...]

    def canonical(self, number: int) -> int | None:
        """Of a place on the screen, the response as ingested; both from 1."""
        if not self.response_order and number == 1:
            return 1
        if not 1 <= number <= len(self.response_order):
            return None
        return self.response_order[number - 1] + 1

    def text(self, place: str, number: int) -> str | None:
        texts = self.texts[place]
        return texts[number - 1] if 1 <= number <= len(texts) else None


def check_findings(*, assignment_id: int, findings: Findings) -> None:
    """Raise FindingsRefused where `keep_findings` would; nothing is written."""
    clean = normalise(findings)
    if clean.corrections or clean.spans:
        shown = _shown(assignment_id)
        _corrections(clean.corrections, shown)
        _spans(clean.spans, shown)


def keep_findings(*, judgment_id: int, findings: Findings) -> None:
    """Write all of them, once, in the transaction that wrote the judgment.

    Raises FindingsRefused before anything is written.
    """
    clean = normalise(findings)
    corrections: list[Correction] = []
    spans: list[Span] = []
    if clean.corrections or clean.spans:
        judgment = Judgment.objects.only("assignment_id").get(pk=judgment_id)
        shown = _shown(judgment.assignment_id)
        corrections = _corrections(clean.corrections, shown)
        spans = _spans(clean.spans, shown)
    tags = [FailureTag(tag=tag) for tag in clean.tags]
    kept: list[FailureTag | Correction | Span] = [*tags, *corrections, *spans]
    for one in kept:
        one.judgment_id = judgment_id
    with transaction.atomic():
        FailureTag.objects.bulk_create(tags)
        Correction.objects.bulk_create(corrections)
        Span.objects.bulk_create(spans)


def _corrections(given: Sequence[CorrectedOutput], shown: _Shown) -> list[Correction]:
    kept = []
    for one in given:
        response = shown.canonical(one.response)
        if response is None:
            message = _("The item has no response %(number)s to correct.")
            raise FindingsRefused([("corrections", message % {"number": one.response})])
        kept.append(Correction(response=response, text=one.text))
    return kept


def _spans(given: Sequence[MarkedSpan], shown: _Shown) -> list[Span]:
    n_passages = len(shown.texts[Place.PASSAGE])
    for one in given:
        if one.passage is not None and not 1 <= one.passage <= n_passages:
            message = _("The item has no passage %(number)s that supports a claim.")
            raise FindingsRefused([("spans", message % {"number": one.passage})])
    return [_span(one, shown) for one in given]


def _span(mark: MarkedSpan, shown: _Shown) -> Span:
    number: int | None = mark.number
    if mark.place == Place.RESPONSE:
        number = shown.canonical(mark.number)
    text = None if number is None else shown.text(mark.place, number)
    found = None if text is None else locate_quote(text, mark.quote, mark.start)
    if number is None or text is None or found is None:
        message = _("“%(quote)s” does not stand in %(place)s %(number)s: mark it anew.")
        said = {
            "quote": mark.quote.strip()[:60],
            "place": _(Place(mark.place).label),
            "number": mark.number,
        }
        raise FindingsRefused([("spans", message % said)])
    start, end = found
    return Span(
        place=mark.place,
        number=number,
        start=start,
        end=end,
        quote=text[start:end],
        tag=mark.tag,
        note=mark.note,
        is_claim=mark.is_claim,
        passage=mark.passage,
    )


def _shown(assignment_id: int) -> _Shown:
    # By columns that a reviewer's role may read.
    order, content = Assignment.objects.values_list(
        "response_order", "item__presentable__content"
    ).get(pk=assignment_id)
    # Nothing of an imported item was ever shown.
    content = content or {}
    messages = [message["content"] for message in content.get("messages", [])]
    return _Shown(
        texts={
            Place.MESSAGE: [content["prompt"]] if "prompt" in content else messages,
            Place.PASSAGE: _texts(content, "context"),
            Place.STEP: _texts(content, "steps"),
            Place.RESPONSE: _texts(content, "responses"),
        },
        response_order=tuple(order),
    )


def _texts(content: dict[str, Any], name: str) -> list[str]:
    return [one.get("text", "") for one in content.get(name, [])]
