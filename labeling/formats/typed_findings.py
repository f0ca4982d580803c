"""What a reviewer found, out of the fields of the judgment's form."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from labeling.formats.findings import (
    CorrectedOutput,
    Findings,
    FindingsRefused,
    MarkedSpan,
    split_tags,
)

# How the page names the texts in which something can be marked.
SIDES = {f"response-{name}": place for place, name in enumerate("ABCDEFGH", start=1)}
RESPONSES = {"response": 1, **SIDES}
UNREADABLE = _("The marks of this page cannot be read. Mark the claims once more.")


def read_findings(
    *,
    tags: str,
    offered: Sequence[str],
    corrections: Mapping[int, str],
    spans: str,
) -> Findings:
    """`corrections` by place on the screen, from 1; an empty one corrects nothing."""
    return Findings(
        # A name may hold a comma.
        tags=(*offered, *split_tags(tags)),
        corrections=tuple(
            CorrectedOutput(place, text)
            for place, text in corrections.items()
            if text.strip()
        ),
        spans=_read_spans(spans) if spans.strip() else (),
    )


def _read_spans(text: str) -> tuple[MarkedSpan, ...]:
    """The claims as static/js/claims.js writes them."""
    try:
        given = json.loads(text)
        return tuple(_span(one) for one in given)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise FindingsRefused([("spans", str(UNREADABLE))]) from error


def _span(given: Mapping[str, Any]) -> MarkedSpan:
    passage = given["passage"]
    return MarkedSpan(
        place="RESPONSE",
        number=RESPONSES[given["field"]],
        quote=_text(given["text"]),
        start=int(given["start"]),
        note=_text(given.get("note", "")),
        is_claim=True,
        passage=None if passage is None else int(passage),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
