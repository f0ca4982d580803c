"""LangSmith: root runs as items, and feedback of people as votes."""

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
    label_text,
    without_nothing,
)

WRAPPED = "runs"
# Feedback from the page of LangSmith; the others are of programs.
PEOPLE = ("app",)
QUESTIONS = ("input", "question", "prompt", "query", "text")
ANSWERS = ("output", "answer", "response", "result", "text", "content")
KEPT = ("trace_id", "name", "run_type", "start_time", "end_time", "tags", "session_id")


def interpret(record: Json) -> Iterator[Outcome]:
    if "run_id" in record and "key" in record:
        yield from _feedback(record)
        return
    if not isinstance(record.get("id"), str):
        raise InvalidItem([("id", "is required and missing")])
    if record.get("parent_run_id"):
        yield Skipped("a run inside of another: the outermost is the item")
        return
    outputs = as_table(record.get("outputs"))
    if not outputs:
        yield Skipped("a run without outputs")
        return
    turns = _asked(as_table(record.get("inputs")))
    before, said = answer(_with_output(turns, outputs))
    if said is None:
        yield Skipped("a run that ended with calls of tools")
        return
    kind, content = content_of(before, said.text)
    feedback = [one for one in as_list(record.get("feedback")) if isinstance(one, dict)]
    yield Found(
        line={
            "id": record["id"],
            "kind": kind,
            "content": content,
            "provenance": _provenance(record),
        },
        votes=tuple(_vote(one, record["id"]) for one in feedback if _is_human(one)),
    )


def _asked(inputs: Json) -> list[Turn]:
    if inputs.get("messages"):
        return read_turns(inputs["messages"], "inputs.messages")
    return [Turn("user", _text(inputs, QUESTIONS))] if inputs else []


def _with_output(asked: list[Turn], outputs: Json) -> list[Turn]:
    """Outputs may be the whole conversation again, or what was added to it."""
    found: Any = outputs.get("messages")
    if isinstance(found, list) and found:
        turns = read_turns(found, "outputs.messages")
        is_whole = turns[: len(asked)] == asked
        return turns if is_whole else asked + turns
    for one in as_list(outputs.get("choices"))[:1]:
        return asked + _message(as_table(one).get("message"))
    generations = as_list(outputs.get("generations"))
    if generations:
        first = (
            generations[0][0] if isinstance(generations[0], list) else generations[0]
        )
        message = as_table(first).get("message") or as_table(first).get("text")
        return asked + _message(message)
    if isinstance(outputs.get("output"), dict) and "content" in outputs["output"]:
        return asked + _message(outputs["output"])
    return [*asked, Turn("assistant", _text(outputs, ANSWERS))]


def _message(message: Any) -> list[Turn]:
    if isinstance(message, str):
        return [Turn("assistant", message)]
    turns = read_turns([message], "outputs")
    for turn in turns[:1]:
        turn.role = "assistant"
    return turns


def _text(values: Json, names: tuple[str, ...]) -> str:
    """The text under the first of the names, the only text, or all as JSON."""
    for name in names:
        if isinstance(values.get(name), str):
            return str(values[name])
    only = next(iter(values.values())) if len(values) == 1 else values
    return only if isinstance(only, str) else as_json(only)


def _feedback(record: Json) -> Iterator[Outcome]:
    if not _is_human(record):
        yield Skipped("feedback that no person gave")
    elif not isinstance(record.get("run_id"), str):
        raise InvalidItem([("run_id", "is required and missing")])
    else:
        yield Found(votes=(_vote(record, record["run_id"]),))


def _is_human(feedback: Json) -> bool:
    return as_table(feedback.get("feedback_source")).get("type") in PEOPLE


def _vote(feedback: Json, item_id: str) -> Vote:
    source = as_table(feedback.get("feedback_source"))
    value = feedback.get("value")
    return Vote(
        item_id=item_id,
        rater=str(source.get("user_id") or SOMEBODY),
        criterion=str(feedback.get("key") or ""),
        label=label_text(feedback.get("score") if value in (None, "", {}) else value),
        rationale=str(feedback.get("comment") or ""),
        time=str(feedback.get("created_at") or ""),
    )


def _provenance(record: Json) -> Json:
    extra = as_table(record.get("extra"))
    metadata = as_table(extra.get("metadata"))
    parameters = as_table(extra.get("invocation_params"))
    model = (
        metadata.get("ls_model_name")
        or parameters.get("model_name")
        or parameters.get("model")
    )
    return {
        "source": "langsmith",
        "responses": [without_nothing({"model": model, "parameters": parameters})],
        **without_nothing({name: record.get(name) for name in KEPT}),
        **without_nothing({"metadata": metadata}),
    }
