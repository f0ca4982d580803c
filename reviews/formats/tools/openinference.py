"""OpenInference spans, as OTLP/JSON or as Phoenix exports them, and its annotations."""

from collections.abc import Iterator
from typing import Any

from reviews.formats.items import InvalidItem
from reviews.formats.tools import spans
from reviews.formats.tools.chats import Turn, answer, content_of, read_turns
from reviews.formats.tools.found import (
    SOMEBODY,
    Found,
    Json,
    Outcome,
    Skipped,
    Vote,
    as_list,
    as_table,
    decoded,
    label_text,
    verdict,
    without_nothing,
)

PATHS = spans.PATHS
WRAPPED = "data"
SAID = ("llm.input_messages", "llm.output_messages", "input.value", "output.value")
COLUMN = "attributes."


def interpret(record: Json) -> Iterator[Outcome]:
    if "annotator_kind" in record:
        yield from _annotation(record)
        return
    attributes = _attributes(record)
    kind = attributes.get("openinference.span.kind") or record.get("span_kind")
    if kind != "LLM":
        yield Skipped("a span that is no call of a model")
        return
    asked, output = _read(attributes)
    before, said = answer(asked + output)
    if not output or said is None:
        reason = (
            "with calls of tools: its end is another" if output else "and no text kept"
        )
        yield Skipped(f"a call that was answered {reason}")
        return
    item_id = _id(record)
    annotations = [
        one for one in as_list(record.get("annotations")) if isinstance(one, dict)
    ]
    judged = [found for one in annotations for found in _verdict(one)]
    native, content = content_of(before, said.text)
    yield Found(
        line={
            "id": item_id,
            "kind": native,
            "content": content,
            "signals": {"judges": judged} if judged else {},
            "provenance": _provenance(record, attributes),
        },
        votes=tuple(_vote(one, item_id) for one in annotations if _is_human(one)),
    )


def _attributes(record: Json) -> Json:
    """Also where a table had a column for each of them."""
    columns = {
        name.removeprefix(COLUMN): value
        for name, value in record.items()
        if name.startswith(COLUMN) and value is not None
    }
    return columns or _flat(spans.attributes_of(record))


def _flat(attributes: Json, before: str = "") -> Json:
    """Names with dots all the way down; lists stay as they are."""
    found: Json = {}
    for name, value in attributes.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{before}{name}.")
        else:
            found[before + name] = value
    return found


def _read(attributes: Json) -> tuple[list[Turn], list[Turn]]:
    values = as_table(spans.nested(attributes).get("llm"))
    asked, said = values.get("input_messages"), values.get("output_messages")
    given = asked or attributes.get("input.value") or []
    output = said or _output(attributes.get("output.value"))
    turns = read_turns(output, SAID[1])[:1] if output else []
    return read_turns(given, SAID[0]), turns


def _output(value: Any) -> Any:
    """Text, or the response of an API as it came."""
    found = decoded(value)
    choices = as_list(as_table(found).get("choices"))
    if choices:
        return [as_table(choices[0]).get("message")]
    return [{"role": "assistant", "content": value}] if value else None


def _id(record: Json) -> str:
    context = as_table(record.get("context"))
    found = (
        record.get("spanId")
        or record.get("context.span_id")
        or context.get("span_id")
        or record.get("span_id")
    )
    if not isinstance(found, str):
        raise InvalidItem([("spanId", "is required and missing")])
    return found


def _annotation(record: Json) -> Iterator[Outcome]:
    if not _is_human(record):
        yield Skipped("an annotation that no person made")
    elif not isinstance(record.get("span_id"), str):
        raise InvalidItem([("span_id", "is required and missing")])
    else:
        yield Found(votes=(_vote(record, record["span_id"]),))


def _is_human(annotation: Json) -> bool:
    return annotation.get("annotator_kind") == "HUMAN"


def _vote(annotation: Json, item_id: str) -> Vote:
    result = as_table(annotation.get("result"))
    label = result.get("label")
    return Vote(
        item_id=item_id,
        rater=str(
            annotation.get("user_id") or annotation.get("identifier") or SOMEBODY
        ),
        criterion=str(annotation.get("name") or ""),
        label=label_text(result.get("score") if label is None else label),
        rationale=str(result.get("explanation") or ""),
        time=str(annotation.get("created_at") or ""),
    )


def _verdict(annotation: Json) -> list[Json]:
    if _is_human(annotation):
        return []
    result = as_table(annotation.get("result"))
    score = result.get("score")
    said = score if result.get("label") is None else result["label"]
    return verdict(annotation.get("name"), said, score, result.get("explanation"))


def _provenance(record: Json, attributes: Json) -> Json:
    origin = {
        "model": attributes.get("llm.model_name"),
        "provider": attributes.get("llm.provider"),
    }
    rest = {
        name: value for name, value in attributes.items() if not name.startswith(SAID)
    }
    named = ("traceId", "parentSpanId", "name", "startTimeUnixNano", "start_time")
    trace = record.get("context.trace_id") or as_table(record.get("context")).get(
        "trace_id"
    )
    return {
        "source": "openinference",
        "responses": [without_nothing(origin)],
        **without_nothing({name: record.get(name) for name in named}),
        **without_nothing({"trace_id": trace}),
        "attributes": rest,
    }
