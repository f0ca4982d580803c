"""The native line: what is taken, in which form, and what is said of the rest."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviews.formats.items import Fault, InvalidItem, ParsedItem
from reviews.formats.native import parse_line, parse_object
from tests.reviews.lines import encode, make_line, make_native, nest

PROMPT = {"prompt": "Why?"}


def fault_of(raw: bytes) -> Fault:
    with pytest.raises(InvalidItem) as caught:
        parse_line(12, raw)
    return caught.value.at(12)


def outcome_of(raw: bytes) -> ParsedItem | Fault:
    try:
        return parse_line(1, raw)
    except InvalidItem as error:
        return error.at(1)


def content_of(item: ParsedItem) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(item.content)
    return content


@pytest.mark.parametrize("kind", ["single", "pair", "trace"])
def test_a_line_of_each_kind_is_an_item(kind):
    item = parse_line(1, make_line("t-1", kind))

    assert (item.external_id, item.kind) == ("t-1", kind.upper())
    assert content_of(item) == make_native("t-1", kind)["content"]


def test_a_bare_response_is_stored_as_an_object():
    item = parse_line(1, make_line(content={"responses": ["a", {"text": "b"}]}))

    assert content_of(item)["responses"] == [{"text": "a"}, {"text": "b"}]


def test_a_trace_without_an_answer_has_an_empty_list_of_responses():
    item = parse_line(1, make_line(kind="trace", content={"responses": ...}))

    assert content_of(item)["responses"] == []


def test_a_trace_may_have_no_question():
    item = parse_line(1, make_line(kind="trace", content={"prompt": ...}))

    assert "prompt" not in content_of(item)


def test_an_answer_that_says_nothing_is_an_answer():
    item = parse_line(1, make_line(content={"responses": ["", "b"]}))

    assert content_of(item)["responses"][0] == {"text": ""}


def test_null_is_the_same_as_absent():
    line = make_native("t-1", signals=None, provenance=None)
    line["content"]["context"] = None

    assert parse_line(1, encode(line)) == parse_line(1, make_line("t-1"))


def test_messages_stand_in_place_of_a_prompt():
    messages = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": ""},
    ]

    item = parse_line(1, make_line(content={"prompt": ..., "messages": messages}))

    assert content_of(item)["messages"] == messages


def test_signals_and_provenance_are_kept_as_given():
    signals = {
        "confidence": 0.25,
        "stakes": "critical",
        "intent": "refund",
        "flags": ["pii"],
        "judges": [{"judge": "j", "verdict": "A", "score": 1.5, "rationale": "r"}],
    }
    provenance = {"responses": [{"model": "m"}, {}], "conversation": "c", "n": [1, {}]}

    item = parse_line(1, make_line(signals=signals, provenance=provenance))

    assert json.loads(item.signals) == signals
    assert json.loads(item.provenance) == provenance


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[31mred\x1b[0m",
        "\u202egnp.exe",
        "\x07\x08",
        "<script>",
        "e\u0301",
        "😀",
        '"\\',
    ],
)
def test_text_that_is_hostile_or_odd_is_content_all_the_same(text):
    item = parse_line(1, make_line(content={"responses": [text, "b"]}))

    assert content_of(item)["responses"][0]["text"] == text


def test_the_fingerprint_is_that_of_what_is_said_not_of_how_it_is_written():
    line = make_native("t-1", signals={"intent": "a", "stakes": "low"})
    turned = json.dumps(dict(reversed(line.items())), indent=1).encode()

    assert parse_line(1, turned).fingerprint == parse_line(9, encode(line)).fingerprint


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "single"},
        {"content": {"responses": ["b", "a"]}},
        {"signals": {"confidence": 0.5}},
        {"provenance": {"conversation": "c"}},
    ],
)
def test_the_fingerprint_differs_for_other_lines(changes):
    other = parse_line(1, make_line("t-1", **changes))

    assert other.fingerprint != parse_line(1, make_line("t-1")).fingerprint


def test_an_object_reads_as_its_line_does():
    line = make_native("t-1", provenance={"n": 1.5})

    assert parse_object(3, line) == parse_line(3, encode(line))


FAULTS: list[tuple[bytes, str, str]] = [
    (b"not JSON", "", "expected one JSON object: JSON is malformed"),
    (b'{"id": "a"', "", "expected one JSON object: Input data was truncated"),
    (b"[]", "", "expected an object, found a list"),
    (b"3", "", "expected an object, found a number"),
    (b"\xff", "", "malformed"),
    (make_line().replace(b"order", b"\xff"), "", "expected UTF-8, found b'\\xff"),
    (make_line().replace(b"order", b"\xed\xa0\x80"), "", "expected UTF-8"),
    (make_line().replace(b"order", b"\\ud800"), "", "expected one JSON object"),
    (make_line(content={"prompt": "a\0"}), "content.prompt", "without NUL"),
    (make_line("a\0"), "id", "without NUL"),
    (make_line(signals={"intent": "\0"}), "signals.intent", "without NUL"),
    (make_line(provenance={"a": ["\0"]}), "provenance.a[0]", "without NUL"),
    (make_line(provenance={"\0": 1}), "provenance.\0", "without NUL"),
    (make_line(provenance={"a": 2**53}), "provenance.a", "write it as text"),
    (make_line(provenance={"a": -(10**40)}), "provenance.a", "write it as text"),
    (make_line(provenance={"a": 1e16}), "provenance.a", "write it as text"),
    (make_line(provenance={"a": [1e300]}), "provenance.a[0]", "write it as text"),
    (make_line(provenance=nest(101)), "provenance" + ".in" * 100, "100 levels"),
    (make_line(provenance=nest(400)), "provenance" + ".in" * 100, "100 levels"),
    (b'{"provenance":' * 100_000, "", "100 levels"),
    (
        make_line(provenance={"a": 1}).replace(b'"a": 1', b'"a": 1, "a": 2'),
        "a",
        "expected each key once",
    ),
    (
        # As many quotes as without the repeated key.
        make_line(provenance={"a": "''"})
        .replace(b"''", b"\\u0022\\u0022")
        .replace(b'{"a"', b'{"a": 1, "a"'),
        "a",
        "expected each key once",
    ),
    (make_line("a").replace(b'"id": "a", ', b""), "id", "required"),
    (make_line(""), "id", "expected text, found nothing"),
    (make_line("x" * 301), "id", "expected at most 300 characters"),
    (encode(make_native("a") | {"id": 3}), "id", "expected text, found a number"),
    (encode(make_native("a") | {"kind": "x"}), "kind", "single, pair or trace"),
    (encode(make_native("a") | {"kind": 1}), "kind", "single, pair or trace"),
    (make_line(model="m"), "model", "is not a field"),
    (make_line(content={"model": "m"}), "content.model", "is not a field"),
    (
        make_line(content={"responses": [{"text": "a", "model": "m"}, "b"]}),
        "content.responses[0].model",
        "is not a field",
    ),
    (
        make_line(content={"responses": ["a", {"text": 3}]}),
        "content.responses[1].text",
        "expected text, found a number",
    ),
    (
        make_line(content={"responses": ["a"]}),
        "content.responses",
        "expected 2 to 8 responses for a pair, found 1",
    ),
    (
        make_line(content={"responses": ["a"] * 9}),
        "content.responses",
        "expected 2 to 8 responses for a pair, found 9",
    ),
    (
        make_line(kind="single", content={"responses": ["a", "b"]}),
        "content.responses",
        "expected exactly 1 response for a single, found 2",
    ),
    (
        make_line(kind="trace", content={"responses": ["a", "b"]}),
        "content.responses",
        "expected at most 1 response for a trace, found 2",
    ),
    (make_line(content={"responses": "ab"}), "content.responses", "expected a list"),
    (make_line(content={"prompt": ""}), "content.prompt", "found nothing"),
    (make_line(content={"prompt": " \n"}), "content.prompt", "nothing but blanks"),
    (make_line(content={"prompt": ...}), "content", "found neither"),
    (make_line(content={"messages": []}), "content", "found both"),
    (
        make_line(content={"prompt": ..., "messages": []}),
        "content.messages",
        "at least one message",
    ),
    (
        make_line(
            content={"prompt": ..., "messages": [{"role": "bot", "content": "x"}]}
        ),
        "content.messages[0].role",
        "system, user, assistant or tool",
    ),
    (
        make_line(content={"context": [{"text": " "}]}),
        "content.context[0].text",
        "nothing but blanks",
    ),
    (make_line(content={"steps": []}), "content.steps", "no steps for a pair"),
    (make_line(kind="trace", content={"steps": []}), "content.steps", "at least 1"),
    (make_line(kind="trace", content={"steps": ...}), "content.steps", "at least 1"),
    (
        make_line(kind="trace", content={"steps": [{"type": "error"}]}),
        "content.steps[0]",
        "expected text, name or arguments",
    ),
    (
        make_line(kind="trace", content={"steps": [{"type": "call", "text": "x"}]}),
        "content.steps[0].type",
        "message, tool_call, tool_result or error",
    ),
    (
        make_line(
            kind="trace",
            content={"steps": [{"type": "tool_call", "arguments": {"n": 10**20}}]},
        ),
        "content.steps[0].arguments.n",
        "write it as text",
    ),
    (make_line(signals={"confidence": 1.01}), "signals.confidence", "from 0 to 1"),
    (make_line(signals={"confidence": "0.5"}), "signals.confidence", "found text"),
    (make_line(signals={"stakes": "huge"}), "signals.stakes", "low, medium, high"),
    (make_line(signals={"flags": [1]}), "signals.flags[0]", "expected text"),
    (make_line(signals={"score": 1}), "signals.score", "is not a field"),
    (make_line(signals={"judges": [{}]}), "signals.judges[0].judge", "required"),
    (
        make_line(signals={"judges": [{"judge": "j", "verdict": "v", "score": 1e17}]}),
        "signals.judges[0].score",
        "expected a number",
    ),
    (make_line(provenance=[]), "provenance", "expected an object, found a list"),
    (
        make_line(provenance={"responses": [{}]}),
        "provenance.responses",
        "expected a list of 2, one for each response, found 1",
    ),
    (
        make_line(provenance={"responses": [{}, {"model": 4}]}),
        "provenance.responses[1].model",
        "expected text",
    ),
]


@pytest.mark.parametrize(("raw", "field", "message"), FAULTS)
def test_a_fault_names_the_line_the_field_and_what_was_expected(raw, field, message):
    fault = fault_of(raw)

    assert (fault.line, fault.field) == (12, field)
    assert message in fault.message


def test_a_fault_reads_as_one_sentence():
    fault = fault_of(make_line("t-7", content={"responses": ["a"]}))

    assert str(fault) == (
        "line 12: content.responses: expected 2 to 8 responses for a pair, found 1"
    )
    assert fault.id == "t-7"


def test_a_fault_of_the_shape_still_names_the_id():
    assert fault_of(make_line("t-7", model="m")).id == "t-7"


def test_one_report_tells_of_several_faults():
    fault = fault_of(make_line(content={"prompt": " ", "responses": ["a"]}))

    assert "; content.prompt: expected text" in str(fault)


def test_a_report_cannot_steer_the_terminal():
    fault = fault_of(encode(make_native("t-1") | {"\x1b[2J\u202e": 1}))

    assert str(fault) == "line 12: \\x1b[2J\\u202e: is not a field of the format"


# Text strategies are slow to start on a machine that is busy.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
numbers = st.floats() | st.integers()
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
keys = st.sampled_from(
    ["id", "kind", "content", "signals", "provenance", "prompt", "responses", "steps"]
)


@unhurried
@given(st.binary())
def test_any_bytes_are_an_item_or_a_fault(raw):
    assert str(outcome_of(raw))


@unhurried
@given(st.dictionaries(keys, values | st.dictionaries(keys, values)))
def test_any_json_is_an_item_or_a_fault(value):
    raw = json.dumps(make_native("t-1") | value).encode()

    outcome = outcome_of(raw)

    assert isinstance(outcome, ParsedItem) or str(outcome).startswith("line 1: ")


@unhurried
@given(st.dictionaries(st.text(), values))
def test_what_is_taken_reads_back_as_it_was(provenance):
    raw = make_line(provenance={"x": provenance}) if _is_json(provenance) else b""

    outcome = outcome_of(raw)

    assert (
        isinstance(outcome, Fault) or json.loads(outcome.provenance)["x"] == provenance
    )


def _is_json(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except ValueError:
        return False
    return True
