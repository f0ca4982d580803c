"""Argilla: records as items, responses as votes, suggestions as judges."""

from collections.abc import Iterator
from typing import Any

from reviews.formats.tools.fields import content_of_fields
from reviews.formats.tools.found import (
    SOMEBODY,
    Found,
    Json,
    Outcome,
    Vote,
    as_list,
    as_table,
    label_text,
    verdict,
    without_nothing,
)

# A draft or a response that was discarded is no vote.
COUNTED = (None, "submitted")


def interpret(record: Json) -> Iterator[Outcome]:
    external_id = record.get("id")
    kind, content, rest = content_of_fields(as_table(record.get("fields")), "fields")
    judges = [
        found
        for question, one in as_table(record.get("suggestions")).items()
        for found in _verdict(question, as_table(one))
    ]
    yield Found(
        line={
            "id": None if external_id is None else str(external_id),
            "kind": kind,
            "content": content,
            "signals": {"judges": judges} if judges else {},
            "provenance": {
                "source": "argilla",
                **without_nothing({"fields": rest, "metadata": record.get("metadata")}),
            },
        },
        votes=tuple(_votes(record, str(external_id))),
    )


def _votes(record: Json, item_id: str) -> Iterator[Vote]:
    for question, given in as_table(record.get("responses")).items():
        for one in as_list(given):
            response = as_table(one)
            if response.get("status") in COUNTED and response.get("value") is not None:
                yield Vote(
                    item_id=item_id,
                    rater=str(response.get("user_id") or SOMEBODY),
                    criterion=str(question),
                    label=_label(response["value"]),
                )


def _label(value: Any) -> str:
    return label_text(as_table(value).get("value", value))


def _verdict(question: str, suggestion: Json) -> list[Json]:
    judge = f"{suggestion.get('agent') or 'argilla'}: {question}"
    return verdict(judge, suggestion.get("value"), suggestion.get("score"))
