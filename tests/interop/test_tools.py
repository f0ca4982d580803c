"""Every export in the hands of the tool that it is for: `bin/test --interop`."""

from pathlib import Path
from typing import Any

import pytest

from calibration.formats.exports.case import Case, as_text
from calibration.formats.exports.catalogue import FORMATS
from calibration.formats.exports.files import Losses
from tests.interop.makers import make_case, make_head, make_hostile_cases
from tests.interop.tools import load, on_request, promptfoo, run_tool
from tests.reviews.tool_files import items_of

pytestmark = on_request


@pytest.fixture
def cases() -> list[Case]:
    kinds = [make_case(kind) for kind in ("single", "pair", "trace")]
    return [*kinds, *make_hostile_cases()]


@pytest.fixture
def export(cases, tmp_path):
    def write(form: str, name: str) -> Path:
        path: Path = tmp_path / name
        FORMATS[form].write(make_head(), iter(cases), path, Losses())
        return path

    return write


def test_inspect_reads_what_was_said(cases, export):
    samples = load("inspect", export("inspect", "gate.jsonl"))

    assert [one["id"] for one in samples] == [case.id for case in cases]
    for sample, case in zip(samples, cases, strict=True):
        assert sample["target"] == case.expected_text
        assert sample["choices"] == (case.responses if case.kind == "pair" else None)
        assert sample["metadata"]["content"] == case.content
        assert sample["acts"] == [None, None, None]
        if isinstance(sample["input"], str):
            assert sample["input"] == case.question
        else:
            said = [[one["role"], one["content"]] for one in case.messages]
            assert [one[:2] for one in sample["input"]] == said


def test_deepeval_reads_what_was_said(cases, export):
    goldens = load("deepeval", export("deepeval", "gate.json"))

    for golden, case in zip(goldens, cases, strict=True):
        assert golden["name"] == case.id
        assert golden["input"] == case.question
        assert golden["actual_output"] == case.response
        assert golden["expected_output"] == case.expected_text
        assert (golden["context"] or []) == case.documents
        assert golden["metadata"]["content"] == case.content
        assert len(golden["tools"]) == (1 if case.steps else 0)


def test_ragas_reads_what_was_said(cases, export):
    found = load("ragas", export("ragas", "gate"))

    singles = [case for case in cases if case.kind != "trace"]
    for sample, case in zip(found["single_turn"], singles, strict=True):
        assert sample["user_input"] == case.question
        assert sample["response"] == case.response
        assert sample["reference"] == case.expected_text
        assert (sample["retrieved_contexts"] or []) == case.documents
        responses = case.responses if case.kind == "pair" else None
        assert sample["multi_responses"] == responses
    traces = [case for case in cases if case.kind == "trace"]
    for sample, case in zip(found["multi_turn"], traces, strict=True):
        kinds = [one["type"] for one in sample["user_input"]]
        assert kinds == ["human", "ai", "ai", "tool", "ai", "ai"]
        assert sample["user_input"][-1]["content"] == case.response


def test_datasets_reads_what_was_said(cases, export):
    loaded = load("datasets", export("huggingface", "gate"))

    assert loaded.keys() == {"test"}
    for row, case in zip(loaded["test"], cases, strict=True):
        assert row["id"] == case.id
        assert row["responses"] == case.responses
        assert [one["text"] for one in row["context"] or []] == case.documents
        given = {
            key: value for key, value in row["labels"].items() if value is not None
        }
        assert given == case.labels


def test_argilla_reads_what_was_said(cases, export):
    found = load("argilla", export("argilla", "gate"))

    assert found["questions"] == ["correct", "flaws", "score", "preference"]
    for record, case in zip(found["records"], cases, strict=True):
        assert record["id"] == case.id
        assert record["fields"].get("response") == case.response
        assert record["suggestions"].keys() == case.labels.keys()


def test_label_studio_accepts_tasks_and_labels(cases, export):
    found = load("label_studio", export("label-studio", "gate"))

    assert found["controls"] == ["correct", "flaws", "preference", "score"]
    for task, case in zip(found["tasks"], cases, strict=True):
        assert task["id"] == case.id
        assert task["response"] == (case.response or "")


def test_langsmith_reads_what_was_said(cases, export):
    examples = load("langsmith", export("langsmith", "gate.jsonl"))

    for example, case in zip(examples, cases, strict=True):
        assert example["inputs"] == case.inputs
        assert example["reference_outputs"] == case.expectations
        assert example["metadata"]["content"] == case.content


def test_langfuse_knows_every_field(cases, export):
    found = load("langfuse", export("langfuse", "gate.jsonl"))

    known = {name.replace("_", "") for name in found["known"]}
    assert {key.lower() for item in found["items"] for key in item} <= known
    assert [item["metadata"]["content"] for item in found["items"]] == [
        case.content for case in cases
    ]


def test_mlflow_reads_what_was_said(cases, export):
    records = load("mlflow", export("mlflow", "gate.jsonl"))

    for record, case in zip(records, cases, strict=True):
        assert record["inputs"]["item_id"] == case.id
        assert record["tags"]["labels"] == as_text(case.labels)
        assert record["source"]["source_type"] == "HUMAN"


def test_promptfoo_sees_every_text_as_it_was(cases, export, tmp_path):
    known = {case.id: case for case in cases}
    folder = export("promptfoo", "gate")

    asked = promptfoo(folder / "tests.jsonl", tmp_path)
    answered = promptfoo(folder / "recorded.jsonl", tmp_path)

    for result in asked:
        case = known[result["metadata"]["item_id"]]
        assert _output(result) == case.question
        assert result["metadata"]["content"] == case.content
        # Where the expected text is that of the question, echo is right.
        assert result["success"] == (case.expected == case.question)
    for result in answered:
        assert _output(result) == known[result["metadata"]["item_id"]].response


@pytest.mark.parametrize("name", ["log.eval", "log.json"])
def test_logs_that_inspect_wrote_are_read(name, tmp_path):
    done = run_tool("inspect", "write_inspect", tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]

    single, trace = items_of("inspect", (tmp_path / name).read_bytes())

    assert single["content"]["prompt"] == "plain {{7*7}} \u2028 \U0001f9ea"
    assert single["content"]["responses"] == [{"text": "long " * 2000}]
    assert [step["type"] for step in trace["content"]["steps"]] == [
        "tool_call", "tool_result",
    ]  # fmt: skip
    assert trace["provenance"]["responses"][0]["model"] == "mock/one"


def test_results_that_promptfoo_wrote_are_read(cases, export, tmp_path):
    folder = export("promptfoo", "gate")

    promptfoo(folder / "recorded.jsonl", tmp_path)

    data = (tmp_path / "recorded.out.json").read_bytes()
    known = [case for case in cases if case.response is not None]
    for item, case in zip(items_of("promptfoo", data), known, strict=True):
        assert item["content"]["responses"] == [{"text": case.response}]


def _output(result: Any) -> Any:
    assert "response" in result, result.get("error")
    return result["response"]["output"]
