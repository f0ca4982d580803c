"""Inspect logs: samples of a JSON log, or of an `.eval` archive (see `archives`)."""

from collections.abc import Iterator
from typing import Any

from reviews.formats.items import InvalidItem
from reviews.formats.tools.chats import answer, content_of, read_turns
from reviews.formats.tools.found import (
    Found,
    Json,
    Outcome,
    Skipped,
    Vote,
    as_list,
    as_table,
    label_text,
    verdict,
    without_nothing,
)

PATHS = (("samples", "*"),)
ATTACHMENT = "attachment://"


def interpret(record: Json) -> Iterator[Outcome]:
    output = as_table(record.get("output"))
    conversation = record.get("messages") or record.get("input")
    if not output.get("choices") and not output.get("completion"):
        yield Skipped("a sample without an output")
        return
    attached = as_table(record.get("attachments"))
    turns = read_turns(_resolved(conversation, attached), "messages")
    asked, said = answer(turns)
    text = said.text if said else _resolved(output.get("completion"), attached)
    if not text and turns and turns[-1].calls:
        asked, text = turns, None
    kind, content = content_of(asked, text if text is None else str(text))
    external_id = _id(record)
    scores = as_table(record.get("scores"))
    judges = [found for name, one in scores.items() for found in _verdict(name, one)]
    yield Found(
        line={
            "id": external_id,
            "kind": kind,
            "content": content,
            "signals": {"judges": judges} if judges else {},
            "provenance": _provenance(record, output),
        },
        votes=tuple(
            vote
            for name, one in scores.items()
            for vote in _votes(external_id, name, as_table(one))
        ),
    )


def _id(record: Json) -> str:
    """A sample has the same id in every run; its uuid is its own."""
    if isinstance(record.get("uuid"), str):
        return str(record["uuid"])
    if record.get("id") is None:
        raise InvalidItem([("id", "is required and missing")])
    return f"{record['id']}:{record.get('epoch', 1)}"


def _provenance(record: Json, output: Json) -> Json:
    usage = as_table(output.get("usage"))
    return {
        "source": "inspect",
        "responses": [without_nothing({"model": output.get("model"), "usage": usage})],
        **without_nothing(
            {
                "sample": record.get("id"),
                "epoch": record.get("epoch"),
                "target": record.get("target"),
                "choices": record.get("choices"),
                "metadata": record.get("metadata"),
                "total_time": record.get("total_time"),
            }
        ),
    }


def _resolved(value: Any, attached: Json) -> Any:
    """Long texts are kept apart, under their hashes."""
    if isinstance(value, str) and value.startswith(ATTACHMENT):
        return attached.get(value.removeprefix(ATTACHMENT), value)
    if isinstance(value, list):
        return [_resolved(one, attached) for one in value]
    if isinstance(value, dict):
        return {key: _resolved(one, attached) for key, one in value.items()}
    return value


def _verdict(name: str, score: Any) -> list[Json]:
    found = as_table(score)
    value = found.get("value")
    return verdict(name, value, value, found.get("explanation"))


def _votes(item_id: str, name: str, score: Json) -> Iterator[Vote]:
    """Edits of a score carry who made them; the last one of each person counts."""
    votes: dict[str, Vote] = {}
    for edit in as_list(score.get("history")):
        made = as_table(as_table(edit).get("provenance"))
        value = as_table(edit).get("value")
        if made.get("author") and value not in (None, "UNCHANGED"):
            votes[made["author"]] = Vote(
                item_id=item_id,
                rater=str(made["author"]),
                criterion=name,
                label=label_text(value),
                rationale=str(made.get("reason") or ""),
                time=str(made.get("timestamp") or ""),
            )
    yield from votes.values()
