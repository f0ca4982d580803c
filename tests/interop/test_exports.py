"""Every export by the published shape of its tool."""

import csv
import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest

from calibration.formats.exports import promptfoo
from calibration.formats.exports.case import Case
from calibration.formats.exports.catalogue import FORMATS
from calibration.formats.exports.files import Losses
from tests.interop.hostile import HOSTILE
from tests.interop.makers import make_case, make_head, make_hostile_cases

KINDS = ("single", "pair", "trace")
LINES = ("inspect", "langfuse", "langsmith", "braintrust", "mlflow")


@pytest.fixture
def export(tmp_path):
    def write(form: str, *cases: Case) -> Path:
        path: Path = tmp_path / form
        FORMATS[form].write(make_head(), iter(cases), path, Losses())
        return path

    return write


def read_lines(path: Path) -> list[Any]:
    lines = path.read_bytes().decode().split("\n")
    assert lines.pop() == ""
    return [json.loads(line) for line in lines]


def texts_in(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    inner = value.values() if isinstance(value, dict) else value
    return (
        set().union(*map(texts_in, inner)) if isinstance(value, dict | list) else set()
    )


@pytest.mark.parametrize("form", LINES)
def test_a_line_for_each_case_holds_every_text_unchanged(form, export):
    cases = make_hostile_cases()

    found = read_lines(export(form, *cases))

    assert len(found) == len(cases)
    assert texts_in(found).issuperset(HOSTILE)


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("deepeval", ""),
        ("argilla", "records.json"),
        ("label-studio", "tasks.json"),
    ],
)
def test_an_array_holds_every_text_unchanged(form, name, export):
    cases = make_hostile_cases()

    found = json.loads((export(form, *cases) / name).read_text(encoding="utf-8"))

    assert len(found) == len(cases)
    assert texts_in(found).issuperset(HOSTILE)


@pytest.mark.parametrize("form", [*LINES, "deepeval"])
def test_no_line_is_broken_by_a_text_that_ends_lines_elsewhere(form, export):
    text = "a\u2028b\u2029c\u0085d"
    case = make_case(content={"prompt": text, "responses": [{"text": text}]})

    written = export(form, case).read_text(encoding="utf-8")

    assert [line for line in written.splitlines() if text[0] + "\u2028" in line] == []
    assert len(written.splitlines()) == (3 if form == "deepeval" else 1)


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_a_case_of_an_older_release_is_exported_too(form, export):
    case = make_case()
    old = {"id", "kind", "content", "signals", "provenance", "labels"}
    line = {name: value for name, value in case.line.items() if name in old}

    assert export(form, Case(line)).exists()


@pytest.mark.parametrize("form", ["deepeval", "argilla", "label-studio"])
def test_no_cases_are_an_empty_array(form, export):
    path = export(form)
    files = [path] if path.is_file() else list(path.glob("[rt]*.json"))

    assert [json.loads(file.read_text()) for file in files] == [[]]


def test_inspect_has_input_target_choices_and_nothing_to_act_on(export):
    single, pair, trace = read_lines(export("inspect", *map(make_case, KINDS)))

    assert (single["input"], single["target"]) == ("Which way?", "right")
    assert (pair["choices"], pair["target"]) == (["Left.", "Right."], "B")
    assert [one["role"] for one in trace["input"]] == [
        "user", "assistant", "assistant", "tool", "assistant",
    ]  # fmt: skip
    call = trace["input"][2]["tool_calls"][0]
    assert (call["function"], call["arguments"]) == ("find", {"n": 1, "what": "Up."})
    assert trace["input"][3]["tool_call_id"] == call["id"]
    assert not {"files", "setup", "sandbox"} & (single.keys() | trace.keys())


def test_inspect_gets_no_choices_where_one_is_blank(export):
    content = {"prompt": "Which?", "responses": [{"text": " "}, {"text": "Right."}]}
    path = export("inspect", make_case("pair", content=content))

    assert "choices" not in read_lines(path)[0]


def test_several_labels_are_one_text_where_a_text_is_wanted(export):
    sample = read_lines(export("inspect", make_case("trace")))[0]

    assert json.loads(sample["target"]) == {
        "correct": "partly", "flaws": ["tone", "length"], "score": 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("grading", "expected"),
    [
        ({"type": "exact", "ignore_case": False}, "42"),
        ({"type": "one_of", "values": ["a", "b"], "ignore_case": False}, ["a", "b"]),
        (
            {
                "type": "numeric",
                "value": "12.5",
                "tolerance": "0.1",
                "is_relative": False,
            },
            "12.5",
        ),
        ({"type": "judge", "criteria": ["correct"], "instructions": "?"}, "right"),
    ],
)
def test_what_is_expected_follows_the_grading(grading, expected, export):
    reference = {"text": "42", "status": "owned", "owner": "r01"}
    case = make_case(grading=grading, reference=reference)

    assert read_lines(export("inspect", case))[0]["target"] == expected


def test_deepeval_keeps_the_id_where_it_reads_it(export):
    path = export("deepeval", make_case(), make_case("pair"))
    single, pair = json.loads(path.read_text())

    assert single["name"] == single["additional_metadata"]["item_id"] == "c-single"
    assert (single["actual_output"], single["expected_output"]) == ("Left.", "right")
    assert single["custom_column_key_values"] == {"correct": "right"}
    assert pair["actual_output"] is None


def test_ragas_speakers_are_its_own_and_ids_stand_beside_the_samples(export):
    folder = export("ragas", *map(make_case, KINDS))

    singles = read_lines(folder / "single_turn.jsonl")
    ids = read_lines(folder / "single_turn.ids.jsonl")
    (conversation,) = read_lines(folder / "multi_turn.jsonl")
    assert [one["id"] for one in ids] == ["c-single", "c-pair"]
    assert singles[1]["multi_responses"] == ["Left.", "Right."]
    assert [one["type"] for one in conversation["user_input"]] == [
        "human", "ai", "ai", "tool", "ai", "ai",
    ]  # fmt: skip
    assert all("role" not in one for one in conversation["user_input"])


def test_openai_evals_have_both_shapes(export):
    folder = export("openai-evals", *map(make_case, KINDS))

    single, pair, _ = read_lines(folder / "samples.jsonl")
    first, second, _ = read_lines(folder / "api-items.jsonl")
    source = json.loads((folder / "api-data-source.json").read_text())
    assert single["input"] == [{"role": "user", "content": "Which way?"}]
    assert (single["ideal"], single["completion"]) == ("right", "Left.")
    assert (pair["completion1"], pair["completion2"]) == ("Left.", "Right.")
    assert first["sample"] == {"output_text": "Left."}
    assert "sample" not in second
    assert set(source["item_schema"]["required"]) == first["item"].keys()


def test_langfuse_ids_name_the_release_and_fit(export):
    items = read_lines(export("langfuse", make_case(), make_case(id="x" * 300)))

    assert items[0]["id"] == "gate@1.2.0:c-single"
    assert items[0]["datasetName"] == "gate@1.2.0"
    assert len(items[1]["id"]) <= 255
    assert items[1]["metadata"]["id"] == "x" * 300


def test_langsmith_ids_are_uuids_of_the_release(export):
    first, second = read_lines(export("langsmith", make_case(), make_case("pair")))

    assert UUID(first["id"]).version == 5
    assert first["id"] != second["id"]
    assert first["reference_outputs"] == {"correct": "right"}
    assert second["inputs"]["responses"] == {"A": "Left.", "B": "Right."}


def test_mlflow_records_differ_where_only_their_case_does(export):
    first, second = read_lines(export("mlflow", make_case(), make_case(id="other")))

    assert first["inputs"] != second["inputs"]
    assert first["outputs"] == "Left."
    assert all(isinstance(value, str) for value in first["tags"].values())


def test_mlflow_finds_the_reference_under_its_own_name(export):
    reference = {"text": "42", "status": "owned", "owner": "r01"}
    record = read_lines(export("mlflow", make_case(reference=reference)))[0]

    assert record["expectations"] == {"correct": "right", "expected_response": "42"}


def test_parquet_types_the_labels_by_their_scales(export):
    table = pq.read_table(export("parquet", *map(make_case, KINDS)))

    rows = table.to_pylist()
    assert rows[2]["labels"] == {
        "correct": "partly", "flaws": ["tone", "length"], "score": 7.0, "preference": None,
    }  # fmt: skip
    assert rows[2]["steps"][1]["arguments"] == '{"n":1,"what":"Up."}'
    assert table.schema.metadata[b"golden_set"] == b"gate@1.2.0"


def test_parquet_holds_every_text_unchanged(export):
    rows = pq.read_table(export("parquet", *make_hostile_cases())).to_pylist()

    assert [row["prompt"] for row in rows[::4]] == HOSTILE
    assert [row["responses"] for row in rows[3::4]] == [[text] for text in HOSTILE]


def test_the_card_names_one_split_and_the_licence(export):
    card = (export("huggingface", make_case()) / "README.md").read_text()

    assert "  - split: test\n    path: data/test.parquet\n" in card
    assert "license: cc-by-4.0\n" in card
    assert 'size_categories: ["n<1K"]' in card


def test_label_studio_has_a_control_for_each_criterion(export):
    folder = export("label-studio", *map(make_case, KINDS))

    config = (folder / "config.xml").read_text()
    tasks = json.loads((folder / "tasks.json").read_text())
    controls = re.findall(r'<(?:Choices|Number) name="(\w+)"', config)
    assert controls == ["correct", "flaws", "score", "preference"]
    kinds = [one["type"] for one in tasks[2]["annotations"][0]["result"]]
    assert kinds == ["choices", "choices", "number"]
    shown = set(re.findall(r'value="\$(\w+)"', config))
    assert all(shown <= task["data"].keys() for task in tasks)


def test_the_table_is_safe_to_open_and_keeps_the_rest(export):
    cases = make_hostile_cases()
    with export("csv", *cases).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    assert [json.loads(row["content"]) for row in rows] == [
        one.content for one in cases
    ]
    assert {row["weight"] for row in rows} == {"0.500000"}


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("{{7*7}}", "{{ '{' }}{7*7}}"),
        ("{% raw %}", "{{ '{' }}% raw {{ '%' }}}"),
        ("{#}", "{{ '{' }}{{ '#' }}}"),
        ("file:///etc/hostname", "{{ 'f' }}ile:///etc/hostname"),
        ("package:x:y", "{{ 'p' }}ackage:x:y"),
        ("one\n", "one{{ '\\n' }}"),
        ("see file://x, {a} and 10% of #1", "see file://x, {a} and 10% of #1"),
    ],
)
def test_promptfoo_gets_text_that_its_templates_give_back(text, escaped):
    assert promptfoo.escape(text) == escaped


def test_promptfoo_is_asked_once_for_each_criterion(export):
    folder = export("promptfoo", make_case("trace"), make_case())

    tests = read_lines(folder / "tests.jsonl")
    asserted = [(one["vars"]["criterion"], one["assert"][0]["value"]) for one in tests]
    assert asserted == [
        ("correct", "partly"), ("flaws", '["tone","length"]'), ("score", "7"),
        ("correct", "right"),
    ]  # fmt: skip
    assert {one["assert"][0]["type"] for one in tests} == {"equals"}


def test_promptfoo_variables_are_text_alone(export):
    """A list would make several tests of one, an object `[object Object]`."""
    folder = export("promptfoo", *make_hostile_cases())

    for one in read_lines(folder / "tests.jsonl"):
        assert all(isinstance(value, str) for value in one["vars"].values())
        assert one["metadata"]["content"]["responses"][0]["text"] in HOSTILE


@pytest.mark.parametrize(
    ("is_relative", "tolerance"), [(False, "0.1"), (True, "0.1 * Math.abs(12.5)")]
)
def test_promptfoo_compares_numbers_by_code_made_of_numbers(
    is_relative, tolerance, export
):
    grading = {"type": "numeric", "value": "12.5", "tolerance": "0.1"}
    folder = export(
        "promptfoo", make_case(grading=grading | {"is_relative": is_relative})
    )

    asserted = read_lines(folder / "tests.jsonl")[0]["assert"][0]
    assert asserted["value"] == f"Math.abs(Number(output) - (12.5)) <= {tolerance}"


def test_promptfoo_takes_any_of_several_answers(export):
    grading = {"type": "one_of", "values": ["a", "{{b}}"], "ignore_case": False}
    folder = export("promptfoo", make_case(grading=grading))

    asserted = read_lines(folder / "tests.jsonl")[0]["assert"][0]
    assert (asserted["type"], asserted["threshold"]) == ("assert-set", 0.5)
    assert [one["value"] for one in asserted["assert"]] == ["a", "{{ '{' }}{b}}"]


def test_recorded_answers_are_not_escaped(export):
    text = "{{7*7}}"
    content = {"prompt": "Which?", "responses": [{"text": text}]}
    folder = export("promptfoo", make_case(content=content), make_case("pair"))

    (recorded,) = read_lines(folder / "recorded.jsonl")
    assert recorded["providerOutput"] == text


@pytest.mark.parametrize(
    ("form", "kind", "said"),
    [
        ("promptfoo", "pair", "no recorded answer: there is a place for one a test"),
        (
            "deepeval",
            "pair",
            "no actual_output: the responses are in additional_metadata",
        ),
        ("ragas", "single", "id, labels and all else: in the .ids.jsonl beside it"),
        (
            "openai-evals",
            "pair",
            "no sample in the API's shape: it has a place for one",
        ),
        ("argilla", "trace", "signals, provenance: metadata holds single values alone"),
    ],
)
def test_what_a_format_has_no_place_for_is_counted(form, kind, said, tmp_path):
    losses = Losses()

    FORMATS[form].write(make_head(), [make_case(kind)] * 3, tmp_path / form, losses)

    assert losses == {said: 3}
