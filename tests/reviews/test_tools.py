"""Files of other tools read as items, by their published shapes."""

import gzip
import io
import json
import zipfile
from typing import Any

import pytest

from reviews.formats.tools import catalogue, records
from tests.reviews.tool_files import (
    as_stream,
    encoded,
    items_of,
    otlp,
    span,
    zstandard_zip,
)

ASKED = [{"role": "user", "content": "Which way?"}]
PROMPT = {"prompt": "Which way?", "responses": [{"text": "Left."}]}
PARTS = [{"role": "user", "parts": [{"type": "text", "content": "Which way?"}]}]
SAID = [
    {
        "role": "assistant",
        "parts": [{"type": "text", "content": "Left."}],
        "finish_reason": "stop",
    }
]


# promptfoo


def promptfoo(**changes: Any) -> dict[str, Any]:
    return {
        "id": "r-1",
        "promptIdx": 0,
        "testIdx": 0,
        "testCase": {"description": "d", "vars": {"q": "way"}},
        "provider": {"id": "openai:m-1", "label": "m-1"},
        "prompt": {"raw": "Which way?", "label": "p"},
        "vars": {"q": "way"},
        "response": {"output": "Left.", "tokenUsage": {}},
        "success": False,
        "score": 0,
        "latencyMs": 12,
        "failureReason": 1,
        "gradingResult": {
            "pass": False,
            "componentResults": [
                {
                    "pass": False,
                    "score": 0.0,
                    "reason": "It differs.",
                    "assertion": {
                        "type": "equals",
                        "value": "Right.",
                        "metric": "gold",
                    },
                }
            ],
        },
    } | changes


def promptfoo_file(*results: Any) -> bytes:
    config = {"tests": [{"results": {"results": [1]}}]}
    inner = {"version": 3, "prompts": [], "results": list(results)}
    return encoded({"evalId": "e", "config": config, "results": inner})


def test_a_result_of_promptfoo_is_a_single():
    (item,) = items_of("promptfoo", promptfoo_file(promptfoo()))

    assert (item["id"], item["kind"], item["content"]) == ("r-1", "SINGLE", PROMPT)
    assert item["provenance"]["responses"] == [{"model": "m-1", "latency_ms": 12}]
    assert item["signals"]["judges"] == [
        {"judge": "gold", "verdict": "fail", "score": 0.0, "rationale": "It differs."}
    ]


def test_a_chat_prompt_of_promptfoo_is_read_as_messages():
    raw = json.dumps([{"role": "system", "content": "Be brief."}, *ASKED])
    result = promptfoo(prompt={"raw": raw}, response={"output": {"way": "left"}})

    (item,) = items_of("promptfoo", promptfoo_file(result))

    assert item["content"] == {
        "messages": [{"role": "system", "content": "Be brief."}, *ASKED],
        "responses": [{"text": '{"way":"left"}'}],
    }


def test_a_test_that_failed_before_an_output_is_skipped():
    result = promptfoo(response=None, error="timeout", failureReason=2)

    assert items_of("promptfoo", promptfoo_file(result)) == ["a test without an output"]


def test_a_file_without_records_is_a_fault():
    data = encoded({"results": {"version": 2, "table": {}}})

    assert items_of("promptfoo", data) == [
        "record 1: expected a file of promptfoo, found no records in it"
    ]


# Inspect


def inspect_sample(**changes: Any) -> dict[str, Any]:
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "attachment://h"}]},
        {"role": "assistant", "content": "Left."},
    ]
    return {
        "id": "s",
        "epoch": 2,
        "uuid": "u-1",
        "input": "attachment://h",
        "target": "Left",
        "messages": messages,
        "output": {"model": "m-1", "choices": [{"message": messages[1]}]},
        "scores": {"match": {"value": "C", "explanation": "Same."}},
        "attachments": {"h": "Which way?"},
    } | changes


def test_a_sample_of_inspect_has_its_attachments_put_back():
    log = {"version": 2, "eval": {"model": "m-1"}, "samples": [inspect_sample()]}

    (item,) = items_of("inspect", encoded(log))

    assert (item["id"], item["content"]) == ("u-1", PROMPT)
    assert item["provenance"]["sample"] == "s"
    assert item["provenance"]["responses"] == [{"model": "m-1"}]
    assert item["signals"]["judges"][0]["verdict"] == "C"


def test_a_sample_with_calls_of_tools_is_a_trace():
    call = {"id": "1", "function": "find", "arguments": {"q": 1}, "type": "function"}
    messages = [
        *ASKED,
        {"role": "assistant", "content": "I look.", "tool_calls": [call]},
        {"role": "tool", "content": "Found.", "function": "find", "tool_call_id": "1"},
        {
            "role": "assistant",
            "content": [{"type": "reasoning", "reasoning": "?"}, "Left."],
        },
    ]
    log = {"samples": [inspect_sample(messages=messages)]}

    (item,) = items_of("inspect", encoded(log))

    assert item["kind"] == "TRACE"
    assert item["content"] == PROMPT | {
        "steps": [
            {"type": "message", "role": "assistant", "text": "I look."},
            {"type": "tool_call", "name": "find", "arguments": {"q": 1}},
            {"type": "tool_result", "name": "find", "text": "Found."},
        ]
    }


def test_a_score_that_is_no_number_does_not_cost_the_sample():
    log = encoded({"samples": [inspect_sample()]}).replace(
        b'"value": "C"', b'"value": NaN'
    )

    (item,) = items_of("inspect", log)

    assert item["signals"] == {}


@pytest.mark.parametrize("method", ["stored", "zstandard"])
def test_an_archive_of_inspect_is_read_sample_by_sample(method):
    members = {
        "header.json": b"{}",
        "samples/s_epoch_1.json": encoded(inspect_sample()),
        "samples/t_epoch_1.json": encoded(inspect_sample(uuid="u-2")),
    }
    if method == "zstandard":
        data = zstandard_zip(members)
    else:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        data = buffer.getvalue()

    found = items_of("inspect", data)

    assert [one["id"] for one in found] == ["u-1", "u-2"]


def test_a_log_that_did_not_finish_is_a_fault():
    (fault,) = items_of("inspect", zstandard_zip({"_journal/start.json": b"{}"}))

    assert "there are no samples in it" in fault


def test_an_archive_that_was_cut_off_is_a_fault():
    data = zstandard_zip({"samples/s_epoch_1.json": encoded(inspect_sample())})

    (fault,) = items_of("inspect", data[:-30])

    assert fault.startswith("record 1: not a whole ZIP archive")


def test_a_sample_that_unpacks_to_too_much_is_a_fault(monkeypatch):
    monkeypatch.setattr(records, "RECORD_LIMIT", 1000)
    bomb = zstandard_zip({"samples/s_epoch_1.json": b" " * 10_000_000})

    (fault,) = items_of("inspect", bomb)

    assert "expected at most" in fault


# OTLP


def test_a_span_of_a_model_is_a_single():
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "acme",
        "gen_ai.request.model": "m",
        "gen_ai.response.model": "m-1",
        "gen_ai.conversation.id": "c-1",
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.input.messages": json.dumps(PARTS),
        "gen_ai.output.messages": json.dumps(SAID),
    }

    (item,) = items_of("otlp", encoded(otlp(span(attributes))))

    assert (item["id"], item["kind"], item["content"]) == ("s" * 16, "SINGLE", PROMPT)
    provenance = item["provenance"]
    assert provenance["responses"] == [{"model": "m-1", "provider": "acme"}]
    assert provenance["attributes"]["gen_ai.usage.input_tokens"] == 12
    assert not any("messages" in name for name in provenance["attributes"])


def test_structured_messages_and_instructions_are_read_too():
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.system_instructions": [{"type": "text", "content": "Be brief."}],
        "gen_ai.input.messages": PARTS,
        "gen_ai.output.messages": SAID,
    }

    (item,) = items_of("otlp", encoded(otlp(span(attributes))))

    assert item["content"]["messages"] == [
        {"role": "system", "content": "Be brief."}, *ASKED,
    ]  # fmt: skip


def test_a_conversation_with_tools_is_a_trace_and_its_calls_are_skipped():
    call = {"type": "tool_call", "id": "1", "name": "find", "arguments": {"q": 1}}
    called = [{"role": "assistant", "parts": [call], "finish_reason": "tool_call"}]
    result = {"type": "tool_call_response", "id": "1", "response": "Found."}
    after = [*PARTS, *called, {"role": "tool", "parts": [result]}]
    chat = {"gen_ai.operation.name": "chat"}
    first = {"gen_ai.input.messages": json.dumps(PARTS)}
    first["gen_ai.output.messages"] = json.dumps(called)
    second = {"gen_ai.input.messages": json.dumps(after)}
    second["gen_ai.output.messages"] = json.dumps(SAID)
    file = otlp(span(chat | first), span(chat | second, spanId="b" * 16))

    skipped, item = items_of("otlp", encoded(file))

    assert "answered with calls of tools" in skipped
    assert item["kind"] == "TRACE"
    assert [step["type"] for step in item["content"]["steps"]] == [
        "tool_call",
        "tool_result",
    ]
    assert item["content"]["responses"] == [{"text": "Left."}]


@pytest.mark.parametrize(
    "changes",
    [
        # Before 1.37: an event for each message.
        {
            "events": [
                {"name": "gen_ai.user.message", "attributes": [
                    {"key": "content", "value": {"stringValue": "Which way?"}}]},
                {"name": "gen_ai.choice", "attributes": [
                    {"key": "message", "value": {"stringValue": '{"content": "Left."}'}}]},
            ]
        },
        # Before that: one text each.
        {
            "events": [
                {"name": "gen_ai.content.prompt", "attributes": [
                    {"key": "gen_ai.prompt", "value": {"stringValue": "Which way?"}}]},
                {"name": "gen_ai.content.completion", "attributes": [
                    {"key": "gen_ai.completion", "value": {"stringValue": "Left."}}]},
            ]
        },
        # An event with all of them.
        {
            "events": [
                {"name": "gen_ai.client.inference.operation.details", "attributes": [
                    {"key": "gen_ai.input.messages", "value": {"stringValue": json.dumps(PARTS)}},
                    {"key": "gen_ai.output.messages", "value": {"stringValue": json.dumps(SAID)}}]},
            ]
        },
        # Message by message in attributes.
        {
            "attributes": [
                {"key": key, "value": {"stringValue": value}}
                for key, value in {
                    "gen_ai.system": "acme",
                    "gen_ai.prompt.0.role": "user",
                    "gen_ai.prompt.0.content": "Which way?",
                    "gen_ai.completion.0.role": "assistant",
                    "gen_ai.completion.0.content": "Left.",
                }.items()
            ]
        },
    ],
    ids=["events", "old-events", "details", "indexed"],
)  # fmt: skip
def test_older_names_are_read_as_well(changes):
    file = otlp(span({"gen_ai.system": "acme"}) | changes)

    (item,) = items_of("otlp", encoded(file))

    assert item["content"] == PROMPT
    assert item["provenance"]["responses"] == [{"provider": "acme"}]


def test_an_evaluation_of_a_span_is_a_judge():
    evaluation = {
        "name": "gen_ai.evaluation.result",
        "attributes": [
            {"key": "gen_ai.evaluation.name", "value": {"stringValue": "relevance"}},
            {"key": "gen_ai.evaluation.score.value", "value": {"doubleValue": 0.5}},
            {"key": "gen_ai.evaluation.score.label", "value": {"stringValue": "fair"}},
        ],
    }
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages": json.dumps(PARTS),
        "gen_ai.output.messages": json.dumps(SAID),
    }

    (item,) = items_of("otlp", encoded(otlp(span(attributes, events=[evaluation]))))

    assert item["signals"]["judges"] == [
        {"judge": "relevance", "verdict": "fair", "score": 0.5}
    ]


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"http.method": "GET"}, "a span that is no call of a model"),
        ({"gen_ai.operation.name": "embeddings"}, "a span that is no call of a model"),
        ({"gen_ai.operation.name": "chat"}, "whose texts were not recorded"),
    ],
)
def test_spans_without_an_answer_are_skipped_with_the_reason(attributes, reason):
    (skipped,) = items_of("otlp", encoded(otlp(span(attributes))))

    assert reason in skipped


def test_a_file_of_otlp_has_a_document_a_line():
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages": json.dumps(PARTS),
        "gen_ai.output.messages": json.dumps(SAID),
    }
    documents = [otlp(span(attributes, spanId=letter * 16)) for letter in "ab"]
    data = encoded(documents, lines=True).replace(b"\n", b'\n{"cut": "\n', 1)

    first, fault, second = items_of("otlp", data)

    assert [first["id"], second["id"]] == ["a" * 16, "b" * 16]
    assert fault.startswith("record 2: not valid JSON")


# OpenInference

FLAT = {
    "openinference.span.kind": "LLM",
    "llm.model_name": "m-1",
    "llm.provider": "acme",
    "session.id": "x",
    "llm.input_messages.0.message.role": "user",
    "llm.input_messages.0.message.content": "Which way?",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.contents.0.message_content.type": "text",
    "llm.output_messages.0.message.contents.0.message_content.text": "Left.",
}
LISTED = {
    "attributes.llm.model_name": "m-1",
    "attributes.llm.provider": "acme",
    "attributes.session.id": "x",
    "attributes.llm.input_messages": [
        {"message.role": "user", "message.content": "Which way?"}
    ],
    "attributes.llm.output_messages": [
        {"message.role": "assistant", "message.content": "Left."}
    ],
}


@pytest.mark.parametrize(
    "data",
    [
        encoded(otlp(span(FLAT, spanId="a"))),
        encoded(
            [{"context": {"span_id": "a"}, "span_kind": "LLM", "attributes": FLAT}]
        ),
        encoded([{"context.span_id": "a", "span_kind": "LLM", **LISTED}], lines=True),
        encoded({"data": [{"context": {"span_id": "a"}, "attributes": FLAT}]}),
    ],
    ids=["otlp", "list", "columns", "api"],
)
def test_a_span_of_openinference_is_read_in_each_of_its_files(data):
    (item,) = items_of("openinference", data)

    assert (item["id"], item["content"]) == ("a", PROMPT)
    assert item["provenance"]["responses"] == [{"model": "m-1", "provider": "acme"}]
    assert item["provenance"]["attributes"]["session.id"] == "x"


def test_input_and_output_values_stand_in_for_messages():
    answered = {"choices": [{"message": {"role": "assistant", "content": "Left."}}]}
    attributes = {
        "openinference.span.kind": "LLM",
        "input.value": json.dumps({"messages": ASKED}),
        "output.value": json.dumps(answered),
    }

    (item,) = items_of("openinference", encoded(otlp(span(attributes))))

    assert item["content"] == PROMPT


def test_other_kinds_of_spans_are_skipped():
    data = encoded(otlp(span({"openinference.span.kind": "CHAIN"})))

    assert items_of("openinference", data) == ["a span that is no call of a model"]


# Langfuse

OBSERVATION = {
    "id": "o-1",
    "traceId": "t-1",
    "type": "GENERATION",
    "name": "answer",
    "input": ASKED,
    "output": {"role": "assistant", "content": "Left."},
    "model": "m-1",
    "modelParameters": {"temperature": 0},
}
STORED = {
    "id": "o-1",
    "trace_id": "t-1",
    "type": "GENERATION",
    "name": "answer",
    "input": json.dumps({"messages": ASKED}),
    "output": "Left.",
    "provided_model_name": "m-1",
    "model_parameters": '{"temperature": 0}',
}


@pytest.mark.parametrize(
    "data",
    [
        encoded([OBSERVATION]),
        encoded([STORED], lines=True),
        encoded({"data": [OBSERVATION], "meta": {}}),
        gzip.decompress(gzip.compress(encoded([OBSERVATION], lines=True))),
    ],
    ids=["list", "storage", "api", "lines"],
)
def test_a_generation_of_langfuse_is_a_single(data):
    (item,) = items_of("langfuse", data)

    assert (item["id"], item["content"]) == ("o-1", PROMPT)
    origin = {"model": "m-1", "parameters": {"temperature": 0}}
    assert item["provenance"]["responses"] == [origin]
    assert item["provenance"]["trace_id"] == "t-1"


def test_a_trace_of_langfuse_is_read_by_its_own_input_and_output():
    trace = {
        "id": "t-1",
        "input": {"question": "Which way?"},
        "output": {"answer": "Left."},
    }

    (item,) = items_of("langfuse", encoded([trace]))

    assert (item["id"], item["content"]) == ("t-1", PROMPT)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (OBSERVATION | {"type": "SPAN"}, "an observation that is no generation"),
        (OBSERVATION | {"output": None}, "without an output"),
        (
            {"name": "x", "value": 1, "source": "EVAL", "traceId": "t"},
            "a score that no person gave",
        ),
        (
            {"name": "x", "value": 1, "source": "ANNOTATION", "traceId": "t"},
            "votes alone: import-judgments reads them",
        ),
    ],
)
def test_what_is_no_answer_of_langfuse_is_skipped_with_the_reason(record, reason):
    assert items_of("langfuse", encoded([record])) == [reason]


# LangSmith


def run(**changes: Any) -> dict[str, Any]:
    return {
        "id": "r-1",
        "trace_id": "r-1",
        "run_type": "chain",
        "parent_run_id": None,
        "inputs": {"question": "Which way?"},
        "outputs": {"answer": "Left."},
        "extra": {"metadata": {"ls_model_name": "m-1"}},
    } | changes


LANGCHAIN = {
    "lc": 1,
    "type": "constructor",
    "id": ["langchain", "schema", "messages", "HumanMessage"],
    "kwargs": {"content": "Which way?"},
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"inputs": {"messages": [[LANGCHAIN]]}},
        {"inputs": {"messages": [{"type": "human", "content": "Which way?"}]}},
        {"outputs": {"output": {"type": "ai", "content": "Left."}}},
        {"outputs": {"generations": [[{"text": "Left."}]]}},
        {
            "outputs": {
                "choices": [{"message": {"role": "assistant", "content": "Left."}}]
            }
        },
        {
            "inputs": {"messages": ASKED},
            "outputs": {
                "messages": [*ASKED, {"role": "assistant", "content": "Left."}]
            },
        },
    ],
)
def test_a_root_run_of_langsmith_is_a_single(changes):
    (item,) = items_of("langsmith", encoded([run(**changes)]))

    assert (item["id"], item["content"]) == ("r-1", PROMPT)
    assert item["provenance"]["responses"] == [{"model": "m-1"}]


def test_a_run_inside_of_another_is_skipped():
    (skipped,) = items_of("langsmith", encoded([run(parent_run_id="x")], lines=True))

    assert "the outermost is the item" in skipped


# Label Studio and Argilla


@pytest.mark.parametrize(
    ("tool", "name"), [("label-studio", "data"), ("argilla", "fields")]
)
@pytest.mark.parametrize(
    ("fields", "content"),
    [
        ({"question": "Which way?", "answer": "Left."}, PROMPT),
        ({"prompt": ASKED, "response": "Left.", "context": ""}, PROMPT),
        (
            {"prompt": "Which way?", "response_a": "Left.", "response_b": "Right."},
            {
                "prompt": "Which way?",
                "responses": [{"text": "Left."}, {"text": "Right."}],
            },
        ),
        (
            {"input": "Which way?", "output": "Left.", "documents": ["A map."]},
            PROMPT | {"context": [{"text": "A map."}]},
        ),
    ],
)
def test_named_texts_are_read_as_question_and_answers(tool, name, fields, content):
    (item,) = items_of(tool, encoded([{"id": 7, name: fields | {"model": "m-1"}}]))

    assert (item["id"], item["content"]) == ("7", content)
    assert item["provenance"][name] == {"model": "m-1"}


@pytest.mark.parametrize(
    ("tool", "name"), [("label-studio", "data"), ("argilla", "fields")]
)
def test_texts_that_cannot_be_told_apart_are_a_fault_that_names_them(tool, name):
    (fault,) = items_of(tool, encoded([{"id": 7, name: {"left": "a", "right": "b"}}]))

    assert fault.startswith(f"record 1: {name}: expected a question (prompt, ")
    assert fault.endswith("found left, right")


def test_a_prediction_is_a_judge():
    result = {"from_name": "ok", "type": "choices", "value": {"choices": ["yes"]}}
    prediction = {"model_version": "j-1", "score": 0.9, "result": [result]}
    task = {
        "id": 1,
        "data": {"prompt": "?", "response": "!"},
        "predictions": [prediction],
    }

    (item,) = items_of("label-studio", encoded([task]))

    judge = {"judge": "j-1: ok", "verdict": "yes", "score": 0.9}
    assert item["signals"]["judges"] == [judge]


# All of them

GOOD = {
    "promptfoo": promptfoo_file(promptfoo()),
    "inspect": encoded({"samples": [inspect_sample()]}),
    "langfuse": encoded([OBSERVATION]),
    "langsmith": encoded([run()]),
    "label-studio": encoded([{"id": 1, "data": {"prompt": "?", "response": "!"}}]),
    "argilla": encoded([{"id": 1, "fields": {"prompt": "?", "response": "!"}}]),
}


@pytest.mark.parametrize("tool", sorted(GOOD))
def test_a_record_with_a_fault_does_not_cost_the_next(tool):
    """The good record once more, before it one that is no object."""
    at = (
        GOOD[tool].index(b"[{") + 1
        if tool != "promptfoo"
        else GOOD[tool].rindex(b'[{"id"') + 1
    )
    data = GOOD[tool][:at] + b"17, " + GOOD[tool][at:]

    fault, item = items_of(tool, data)

    assert fault == "record 1: expected one JSON object"
    assert item == items_of(tool, GOOD[tool])[0]


@pytest.mark.parametrize("tool", sorted(catalogue.TOOLS))
@pytest.mark.parametrize(
    "data", [b"", b"[]", b"[" * 100_000, b"nonsense", b"PK\x03\x04x"]
)
def test_no_file_is_read_as_something_that_it_is_not(tool, data):
    found = items_of(tool, data)

    assert found
    assert all(isinstance(one, str) for one in found)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"id": "a\\u0000", "input": "?", "output": "!"}', "record 1: id: expected text without NUL"),
        (b'{"id": "a", "id": "b", "input": "?", "output": "!"}', "record 1: id: expected each key once"),
        (b'{"id": "a", "input": "\\ud800", "output": "!"}', "record 1: expected one JSON object"),
        (b'{"id": "a", "input": [17], "output": "!"}', "record 1: input[0]: expected a message"),
        (b'{"id": "a", "input": [{"role": "x"}], "output": "!"}', "record 1: input[0].role: expected"),
        (b'{"input": "?", "output": "!"}', "record 1: id: is required"),
    ],
)  # fmt: skip
def test_a_fault_names_record_field_and_expectation(raw, message):
    (fault,) = items_of("langfuse", b"[%b]" % raw)

    assert fault.startswith(message)


@pytest.mark.parametrize("tool", sorted(catalogue.TOOLS))
def test_a_record_that_is_nested_too_deep_is_a_fault(tool):
    deep = b'{"a": ' * 900 + b"1" + b"}" * 900
    keys = {"otlp": "resourceSpans", "openinference": "data", "promptfoo": "results"}
    record = b'{"id": "a", "spanId": "a", "fields": %b, "inputs": %b, "input": %b, "messages": %b,'
    record = record.replace(b"%b", deep) + b'"data": %b, "attributes": %b}' % (
        deep,
        deep,
    )
    data = b"[%b]" % record
    if tool in keys:
        inner = b'{"scopeSpans": [{"spans": [%b]}]}' if tool == "otlp" else b"%b"
        inner = b"[%b]" % (inner % record)
        data = b'{"%b": %b}' % (keys[tool].encode(), inner)
        if tool == "promptfoo":
            data = b'{"results": {"results": %b}}' % inner

    found = items_of(tool, data)

    assert len(found) == 1
    assert isinstance(found[0], str)


def test_an_item_that_is_too_long_is_a_fault():
    data = encoded([OBSERVATION | {"output": "x" * 10_000_001}])

    assert "expected at most 10,000,000 bytes" in items_of("langfuse", data)[0]


def test_records_are_read_one_at_a_time():
    """The second is not looked at before the first is taken."""
    data = encoded([OBSERVATION])[:-1] + b"," + b" " * 1_000_000 + b"broken"
    entries = catalogue.read_items(as_stream(data), "langfuse")

    assert next(entries).external_id == "o-1"  # type: ignore[union-attr]
