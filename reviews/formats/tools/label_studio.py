"""Label Studio: tasks as items, annotations as votes, predictions as judges."""

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

SIDES = {"left": "A", "right": "B"}
# Where each kind of result has what was chosen.
CHOSEN = ("choices", "rating", "number", "text", "taxonomy", "selected")


def interpret(record: Json) -> Iterator[Outcome]:
    data = dict(as_table(record.get("data")))
    # What an export of Touchstone put there; else the number of the task.
    external_id = data.pop("id", None) or data.pop("item_id", None) or record.get("id")
    votes = tuple(_votes(record, str(external_id)))
    data.pop("kind", None)
    kind, content, rest = content_of_fields(data, "data")
    judges = [found for one in _each(record, "predictions") for found in _verdicts(one)]
    yield Found(
        line={
            "id": None if external_id is None else str(external_id),
            "kind": kind,
            "content": content,
            "signals": {"judges": judges} if judges else {},
            "provenance": {
                "source": "label-studio",
                **without_nothing({"task": record.get("id"), "data": rest}),
                **without_nothing({"meta": record.get("meta")}),
            },
        },
        votes=votes,
    )


def _each(record: Json, name: str) -> Iterator[Json]:
    return (one for one in as_list(record.get(name)) if isinstance(one, dict))


def _votes(record: Json, item_id: str) -> Iterator[Vote]:
    for annotation in _each(record, "annotations"):
        # A ground truth without an author is what was imported with the task.
        if annotation.get("was_cancelled") or annotation.get("completed_by") is None:
            continue
        for result in _each(annotation, "result"):
            label = _label(as_table(result.get("value")))
            if label is not None:
                yield Vote(
                    item_id=item_id,
                    rater=_person(annotation.get("completed_by")),
                    criterion=str(result.get("from_name") or ""),
                    label=label,
                    time=str(annotation.get("created_at") or ""),
                )


def _person(completed_by: Any) -> str:
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("email") or completed_by.get("id")
    return str(completed_by or SOMEBODY)


def _label(value: Json) -> str | None:
    found = next((value[name] for name in CHOSEN if name in value), None)
    if found is None:
        return None
    text = label_text(found)
    return SIDES.get(text, text)


def _verdicts(prediction: Json) -> Iterator[Json]:
    model = prediction.get("model_version") or "label-studio"
    for result in _each(prediction, "result"):
        said = _label(as_table(result.get("value")))
        yield from verdict(
            f"{model}: {result.get('from_name')}", said, prediction.get("score")
        )
