"""Mapping files: any layout becomes a native line, and nothing leaks into content."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from reviews.formats.files import read_jsonl
from reviews.formats.items import Fault, ParsedItem
from reviews.formats.mapping import InvalidMapping, parse_mapping

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
BASE = 'id = "n"\nkind = "single"\n[content]\nprompt = "q"\nresponses = ["a"]\n'
ROW = {"n": "r-1", "q": "Why?", "a": "Because."}


def read(mapping: str, row: dict[str, Any]) -> dict[str, Any]:
    item = entry(mapping, row)
    assert isinstance(item, ParsedItem), str(item)
    parts = {"content": item.content, "provenance": item.provenance}
    parts["signals"] = item.signals
    read = {name: json.loads(part) for name, part in parts.items()}
    return read | {"id": item.external_id, "kind": item.kind}


def entry(mapping: str, row: dict[str, Any]) -> ParsedItem | Fault:
    stream = io.BytesIO(json.dumps(row).encode())
    [found] = read_jsonl(stream, parse_mapping(mapping))
    return found


def test_fields_of_the_row_become_an_item():
    assert read(BASE, ROW) == {
        "id": "r-1",
        "kind": "SINGLE",
        "content": {"prompt": "Why?", "responses": [{"text": "Because."}]},
        "signals": {},
        "provenance": {},
    }


def test_what_is_not_mapped_goes_to_provenance_and_never_to_content():
    item = read(BASE, ROW | {"model": "north-2", "meta": {"cost": 1}, "empty": None})

    assert item["provenance"] == {"model": "north-2", "meta": {"cost": 1}}
    assert "north-2" not in json.dumps(item["content"])


def test_a_field_that_is_used_in_part_stays_whole_in_provenance():
    mapping = BASE.replace('"a"', '"out.text"')
    out = {"text": "Because.", "model": "north-2"}

    item = read(mapping, {"n": "r-1", "q": "Why?", "out": out})

    assert item["content"]["responses"] == [{"text": "Because."}]
    assert item["provenance"] == {"out": out}


def test_an_unmapped_field_cannot_hide_behind_a_mapped_one():
    mapping = BASE + '[provenance]\nmodel = "m"\n'

    fault = entry(mapping, ROW | {"m": "north-2", "model": "south-1"})

    assert str(fault).startswith("line 1: provenance.model: field 'model' of the row")


@pytest.mark.parametrize(
    ("prompt", "row", "expected"),
    [
        ('["q", "more"]', {"more": "Think."}, "Why?\n\nThink."),
        ('["q", "more"]', {"more": ""}, "Why?"),
        ('{join = ["q", "more"], with = " "}', {"more": "Think."}, "Why? Think."),
        ('{template = "Q: {q}\\n\\nHint: {more}"}', {"more": 3}, "Q: Why?\n\nHint: 3"),
        ('{template = "Q: {q}\\n\\nHint: {more}"}', {"more": ""}, "Q: Why?"),
        ('{template = "{{{q}}}"}', {}, "{Why?}"),
        ('{literal = "A summary"}', {}, "A summary"),
        ('{from = "more", default = "Nothing"}', {"more": None}, "Nothing"),
        ('"more.list[1].text"', {"more": {"list": [0, {"text": "Deep"}]}}, "Deep"),
        ('"a.b c"', {"a.b c": "Flat"}, "Flat"),
    ],
)
def test_a_prompt_is_put_together(prompt, row, expected):
    mapping = BASE.replace('prompt = "q"', f"prompt = {prompt}")

    assert read(mapping, ROW | row)["content"]["prompt"] == expected


def test_numbers_become_text_where_text_is_wanted():
    assert read(BASE, {"n": 7, "q": "2 + 2?", "a": 4})["id"] == "7"


def test_an_empty_answer_stays_an_answer():
    content = read(BASE, ROW | {"a": ""})["content"]

    assert content["responses"] == [{"text": ""}]


@pytest.mark.parametrize(
    ("spec", "value", "expected"),
    [
        ('confidence = "s"', 0.5, {"confidence": 0.5}),
        ('confidence = "s"', "0.5", {"confidence": 0.5}),
        ('confidence = {from = "s", default = 0}', None, {"confidence": 0.0}),
        (
            'stakes = {from = "s", map = {"1" = "low", "2" = "high"}}',
            2,
            {"stakes": "high"},
        ),
        ('flags = "s"', "pii| late |", {"flags": ["pii", "late"]}),
        ('flags = {from = "s", separator = ";"}', "a;b", {"flags": ["a", "b"]}),
        ('flags = ["s"]', "pii", {"flags": ["pii"]}),
        ('intent = {from = "s"}', "", {}),
        (
            'judges = [{judge = {literal = "j"}, verdict = "s"}]',
            "A",
            {"judges": [{"judge": "j", "verdict": "A"}]},
        ),
        ('judges = [{judge = {literal = "j"}, verdict = "s"}]', None, {}),
    ],
)
def test_signals_are_read(spec, value, expected):
    assert read(f"{BASE}[signals]\n{spec}\n", ROW | {"s": value})["signals"] == expected


def test_a_list_in_the_row_is_read_element_by_element():
    mapping = """
    id = "n"
    kind = "pair"
    [content]
    messages = {each = "turns", role = {from = "by", map = {human = "user"}}, content = "say"}
    responses = {each = "outputs", text = "text"}
    context = {each = "docs", text = "body"}
    [provenance.responses]
    each = "outputs"
    model = "model"
    """
    outputs = [{"text": "x", "model": "north-2"}, {"text": "y", "model": "south-1"}]
    turns = [{"by": "human", "say": "Hi"}]
    row = {"n": "r-1", "turns": turns, "outputs": outputs, "docs": [{"body": "d"}]}

    item = read(mapping, row)

    assert item["content"] == {
        "messages": [{"role": "user", "content": "Hi"}],
        "responses": [{"text": "x"}, {"text": "y"}],
        "context": [{"text": "d"}],
    }
    assert item["provenance"]["responses"] == [
        {"model": "north-2"},
        {"model": "south-1"},
    ]


def test_responses_that_a_row_does_not_have_are_left_out_at_the_end():
    mapping = """
    id = "n"
    kind = "pair"
    [content]
    prompt = "q"
    responses = ["a", "b", "c"]
    [provenance.responses]
    model = ["ma", "mb", "mc"]
    """
    row = ROW | {"b": "No idea.", "c": None, "ma": "north-2", "mb": "south-1"}

    item = read(mapping, row)

    assert len(item["content"]["responses"]) == 2
    assert item["provenance"]["responses"] == [
        {"model": "north-2"},
        {"model": "south-1"},
    ]


@pytest.mark.parametrize(
    ("mapping", "row", "message"),
    [
        (BASE, {"q": "Why?", "a": "x"}, "line 1: id: is required and missing"),
        (BASE, {"n": "r", "q": ["x"], "a": "x"}, "expected text in field 'q'"),
        (BASE, {"n": "r", "q": "x", "a": {}}, "expected text in field 'a', found '{}'"),
        (
            BASE + '[signals]\nstakes = {from = "s", map = {"1" = "low"}}\n',
            ROW | {"s": 3},
            "signals.stakes: expected one of 1 in field 's', found '3'",
        ),
        (
            BASE + '[signals]\nconfidence = "s"\n',
            ROW | {"s": "NaN"},
            "signals.confidence: expected a number in field 's', found 'NaN'",
        ),
        (
            BASE + '[signals]\nconfidence = "s"\n',
            ROW | {"s": "1e999"},
            "signals.confidence: expected a number",
        ),
        (
            BASE.replace('["a"]', '{each = "a", text = "t"}'),
            ROW,
            "content.responses: expected a list in field 'a'",
        ),
    ],
)
def test_a_row_that_does_not_fit_is_a_fault(mapping, row, message):
    assert message in str(entry(mapping, row))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id = ", "not valid TOML"),
        ('kind = "single"', "id: is required"),
        ('id = "n"', "kind: is required"),
        ('id = "n"\nkind = "triple"', "kind: expected"),
        ('id = "n"\nkind = "pair"\nmodel = "m"', "model: is not a key here"),
        ('id = "a..b"\nkind = "pair"', "id: expected the name of a field"),
        ('id = {from = 3}\nkind = "pair"', "id: expected the name of a field"),
        ('id = {from = "a", literal = 1}\nkind = "pair"', "id: expected exactly one"),
        ('id = {from = "a", form = "x"}\nkind = "pair"', "id.form: is not a key"),
        ('id = {from = "a", as = "int"}\nkind = "pair"', "id.as: expected one of"),
        ('id = "n"\nkind = "pair"\nformat = "xml"', "format: expected one of"),
        ('id = "n"\nkind = "pair"\ndelimiter = ""', "delimiter: expected one char"),
        ('id = "n"\nkind = "pair"\ncontent = 3', "content: expected a table"),
        (BASE + "model = 'm'", "content.model: is not a key here"),
        (BASE + "steps = 3", "content.steps: expected"),
        (BASE + "context = [{body = 'x'}]", "content.context[0].body: is not a key"),
        (BASE + "messages = {template = '{x!r}'}", "content.messages.template"),
        (BASE + "messages = {template = '{'}", "content.messages.template"),
        (BASE + "[signals]\nscore = 's'", "signals.score: is not a key here"),
        (
            BASE + "[signals]\nconfidence = {literal = nan}",
            "signals.confidence.literal",
        ),
        (BASE + "[signals]\nintent = {literal = 2026-01-01}", "signals.intent.literal"),
        (
            BASE + "[provenance.responses]\nmodel = 'm'",
            "provenance.responses: expected",
        ),
        (BASE + "[provenance]\nx = []", "provenance.x: expected a list of fields"),
    ],
)
def test_a_mistake_in_a_mapping_names_the_key(text, message):
    with pytest.raises(InvalidMapping) as caught:
        parse_mapping(text)

    assert message in str(caught.value)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/mapping.toml")), ids=str)
def test_each_mapping_of_the_documentation_is_valid(path):
    assert "item_id" in parse_mapping(path.read_text(encoding="utf-8")).taken
