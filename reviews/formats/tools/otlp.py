"""OTLP/JSON with GenAI spans, by the names of today and the older ones."""

from collections.abc import Iterator

from reviews.formats.items import InvalidItem
from reviews.formats.tools import spans
from reviews.formats.tools.chats import Turn, answer, content_of, read_turns
from reviews.formats.tools.found import (
    Found,
    Json,
    Outcome,
    Skipped,
    as_table,
    decoded,
    verdict,
    without_nothing,
)

PATHS = spans.PATHS
INFERENCE = ("chat", "text_completion", "generate_content")
AGENT = "invoke_agent"
# A span of an agent in this process has its calls of a model as children.
REMOTE = (3, "SPAN_KIND_CLIENT")
MESSAGES = (
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
)
DETAILS = "gen_ai.client.inference.operation.details"
EVALUATION = "gen_ai.evaluation.result"
# Before version 1.37 each message was an event of its own.
EVENT_ROLES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
# Still older: prompt and completion, as one text each or message by message.
OLD = {
    "gen_ai.content.prompt": "gen_ai.prompt",
    "gen_ai.content.completion": "gen_ai.completion",
}


def interpret(record: Json) -> Iterator[Outcome]:
    attributes = spans.attributes_of(record)
    if not _is_model_call(record, attributes):
        yield Skipped("a span that is no call of a model")
        return
    asked, output = _read(record, attributes)
    if not output:
        yield Skipped("a call of a model whose texts were not recorded")
        return
    before, said = answer(asked + output)
    if said is None:
        yield Skipped(
            "a call that was answered with calls of tools: its end is another"
        )
        return
    kind, content = content_of(before, said.text)
    judges = [
        found
        for name, evaluated in spans.events_of(record)
        if name == EVALUATION
        for found in _verdict(evaluated)
    ]
    yield Found(
        line={
            "id": _id(record),
            "kind": kind,
            "content": content,
            "signals": {"judges": judges} if judges else {},
            "provenance": _provenance(record, attributes),
        }
    )


def _is_model_call(record: Json, attributes: Json) -> bool:
    operation = attributes.get("gen_ai.operation.name")
    if operation == AGENT:
        return record.get("kind") in REMOTE
    if operation is None:
        return any(name.startswith("gen_ai.") for name in attributes)
    return operation in INFERENCE


def _read(record: Json, attributes: Json) -> tuple[list[Turn], list[Turn]]:
    """What was asked, and what was answered, from wherever it is recorded."""
    for place in (attributes, *_details(record)):
        if place.get("gen_ai.output.messages"):
            return _read_messages(place)
    asked, output = _read_events(record)
    return (asked, output) if output else _read_old(record, attributes)


def _details(record: Json) -> Iterator[Json]:
    return (found for name, found in spans.events_of(record) if name == DETAILS)


def _read_messages(place: Json) -> tuple[list[Turn], list[Turn]]:
    given, said, told = (place.get(name) for name in MESSAGES)
    asked = read_turns(given or [], MESSAGES[0])
    if told:
        system = {"role": "system", "content": decoded(told)}
        asked = read_turns([system], MESSAGES[2]) + asked
    # Of several choices the first is what was used.
    return asked, read_turns(said, MESSAGES[1])[:1]


def _read_events(record: Json) -> tuple[list[Turn], list[Turn]]:
    asked: list[Turn] = []
    output: list[Turn] = []
    for name, said in spans.events_of(record):
        # With its parts as attributes, or as one attribute of JSON.
        body = as_table(decoded(said.get("event.body") or said.get("body"))) or said
        if name in EVENT_ROLES:
            message = {"role": EVENT_ROLES[name], **_message(body)}
            asked += read_turns([message], name)
        elif name == "gen_ai.choice" and not output:
            message = as_table(decoded(body.get("message"))) or _message(body)
            output = read_turns([{"role": "assistant", **message}], name)
        elif name in OLD:
            text = said.get(OLD[name])
            turns = read_turns(text, name) if text else []
            asked, output = (
                (turns, output) if name == "gen_ai.content.prompt" else (asked, turns)
            )
    return asked, _as_answers(output)


def _message(body: Json) -> Json:
    found = {
        key: decoded(body[key]) for key in ("content", "tool_calls") if key in body
    }
    return found | ({"role": body["role"]} if "role" in body else {})


def _read_old(record: Json, attributes: Json) -> tuple[list[Turn], list[Turn]]:
    values = spans.nested(attributes).get("gen_ai", {})
    asked, said = values.get("prompt"), values.get("completion")
    # `gen_ai.prompt.name` is the name of a template, no prompt.
    if said is None or (isinstance(asked, dict) and "role" not in asked):
        return [], []
    return read_turns(asked or [], "gen_ai.prompt"), _as_answers(
        read_turns(said, "gen_ai.completion")
    )


def _as_answers(turns: list[Turn]) -> list[Turn]:
    """A text of which nobody said who wrote it was written by the model."""
    for turn in turns:
        turn.role = "assistant"
    return turns[:1]


def _id(record: Json) -> str:
    if not isinstance(record.get("spanId"), str):
        raise InvalidItem([("spanId", "is required and missing")])
    return str(record["spanId"])


def _verdict(evaluated: Json) -> list[Json]:
    name = "gen_ai.evaluation"
    score = evaluated.get(f"{name}.score.value")
    said = evaluated.get(f"{name}.score.label", score)
    why = evaluated.get(f"{name}.explanation")
    return verdict(evaluated.get(f"{name}.name"), said, score, why)


def _provenance(record: Json, attributes: Json) -> Json:
    model = attributes.get(
        "gen_ai.response.model", attributes.get("gen_ai.request.model")
    )
    origin = {
        "model": str(model) if model else None,
        "provider": attributes.get(
            "gen_ai.provider.name", attributes.get("gen_ai.system")
        ),
    }
    said = (*MESSAGES, "gen_ai.prompt", "gen_ai.completion")
    rest = {
        name: value for name, value in attributes.items() if not name.startswith(said)
    }
    named = ("traceId", "parentSpanId", "name", "startTimeUnixNano", "endTimeUnixNano")
    return {
        "source": "otlp",
        "responses": [without_nothing(origin)],
        **without_nothing({name: record.get(name) for name in named}),
        "attributes": rest,
    }
