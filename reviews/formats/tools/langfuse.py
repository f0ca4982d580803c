"""Langfuse: observations, traces and scores, from its API, exports or storage."""

from collections.abc import Iterator
from typing import Any

from reviews.formats.items import InvalidItem
from reviews.formats.tools.chats import Turn, answer, content_of, read_turns
from reviews.formats.tools.found import (
    SOMEBODY,
    Found,
    Json,
    Outcome,
    Skipped,
    Vote,
    as_json,
    as_list,
    as_table,
    decoded,
    label_text,
    without_nothing,
)

WRAPPED = "data"
SCORE = ("source", "data_type", "dataType", "string_value", "stringValue")
KEPT = {
    "trace_id": "traceId",
    "name": "name",
    "start_time": "startTime",
    "session_id": "sessionId",
    "user_id": "userId",
    "tags": "tags",
    "metadata": "metadata",
    "level": "level",
    "version": "version",
    "environment": "environment",
}


def interpret(record: Json) -> Iterator[Outcome]:
    if "name" in record and any(key in record for key in SCORE):
        yield from _score(record)
        return
    kind = record.get("type")
    if kind not in (None, "GENERATION"):
        yield Skipped("an observation that is no generation")
        return
    item_id = record.get("id")
    if not isinstance(item_id, str):
        raise InvalidItem([("id", "is required and missing")])
    if record.get("output") in (None, ""):
        yield Skipped("without an output")
        return
    before, said = _read(record)
    if said is None:
        yield Skipped("answered with calls of tools: its end is another")
        return
    native, content = content_of(before, said.text)
    scores = [one for one in as_list(record.get("scores")) if isinstance(one, dict)]
    yield Found(
        line={
            "id": item_id,
            "kind": native,
            "content": content,
            "provenance": _provenance(record),
        },
        votes=tuple(_vote(one, item_id) for one in scores if _is_human(one)),
    )


def _read(record: Json) -> tuple[list[Turn], Turn | None]:
    given = decoded(record.get("input"))
    if isinstance(given, dict) and "messages" not in given and "role" not in given:
        given = _only_text(given)
    asked = read_turns(given or [], "input")
    return answer(asked + _output(decoded(record["output"])))


def _output(output: Any) -> list[Turn]:
    """A text, a message, a list of them of which the last counts, or any JSON."""
    found = as_table(output)
    choices = as_list(found.get("choices"))
    message = as_table(choices[0]).get("message") if choices else output
    if isinstance(message, list) and all("role" in as_table(one) for one in message):
        return read_turns(message, "output")[-1:]
    if {"content", "tool_calls", "parts"} & as_table(message).keys():
        return read_turns([{"role": "assistant", **as_table(message)}], "output")
    return [Turn("assistant", _only_text(message))]


def _only_text(value: Any) -> str:
    """The text of an object that holds one; else all of it as JSON."""
    if isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))
    return value if isinstance(value, str) else as_json(value)


def _get(record: Json, snake: str, camel: str) -> Any:
    found = record.get(camel)
    return record.get(snake) if found is None else found


def _score(record: Json) -> Iterator[Outcome]:
    if not _is_human(record):
        yield Skipped("a score that no person gave")
        return
    if _get(record, "data_type", "dataType") == "CORRECTION":
        yield Skipped("a correction, which is no label")
        return
    item_id = _get(record, "observation_id", "observationId") or _get(
        record, "trace_id", "traceId"
    )
    if not isinstance(item_id, str):
        raise InvalidItem(
            [("observationId", "expected this or a traceId, found neither")]
        )
    yield Found(votes=(_vote(record, item_id),))


def _is_human(score: Json) -> bool:
    return score.get("source") == "ANNOTATION"


def _vote(score: Json, item_id: str) -> Vote:
    text = _get(score, "string_value", "stringValue")
    return Vote(
        item_id=item_id,
        rater=str(_get(score, "author_user_id", "authorUserId") or SOMEBODY),
        criterion=str(score.get("name") or ""),
        label=label_text(score.get("value") if text in (None, "") else text),
        rationale=str(score.get("comment") or ""),
        time=str(_get(score, "timestamp", "timestamp") or ""),
    )


def _provenance(record: Json) -> Json:
    model = _get(record, "provided_model_name", "model")
    usage = _get(record, "usage_details", "usageDetails")
    parameters = _get(record, "model_parameters", "modelParameters")
    origin = {
        "model": model,
        "parameters": decoded(parameters),
        "usage": decoded(usage),
        "cost": _get(record, "total_cost", "totalCost"),
    }
    kept = {name: decoded(_get(record, name, camel)) for name, camel in KEPT.items()}
    return {
        "source": "langfuse",
        "responses": [without_nothing(origin)],
        **without_nothing(kept),
    }
