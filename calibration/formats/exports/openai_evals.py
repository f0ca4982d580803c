"""OpenAI Evals: samples and a registry for the open-source runner, items for the API."""

from collections.abc import Iterable
from pathlib import Path

from calibration.formats.exports.case import Case, Head, Json, as_text, by_letter
from calibration.formats.exports.files import Losses, json_lines, write_json, yaml_text

SAMPLES, REGISTRY = "samples.jsonl", "registry.yaml"
ITEMS, SOURCE = "api-items.jsonl", "api-data-source.json"
TEXT = {"type": "string"}


def write(head: Head, cases: Iterable[Case], out: Path, losses: Losses) -> None:
    out.mkdir()
    (out / REGISTRY).write_text(_registry(head), encoding="utf-8")
    write_json(out / SOURCE, _data_source())
    with json_lines(out / SAMPLES) as add_sample, json_lines(out / ITEMS) as add_item:
        for case in cases:
            add_sample(_sample(head, case))
            if case.response is None:
                losses["no sample in the API's shape: it has a place for one"] += 1
            add_item(_item(head, case))


def _sample(head: Head, case: Case) -> Json:
    """With `completion` and `choice` graders can be held against the labels."""
    expected = case.expected
    is_listed = isinstance(expected, list) and not case.judged
    sample: Json = {
        "input": case.messages,
        "ideal": expected if is_listed else case.expected_text,
    }
    if case.kind == "pair":
        named = enumerate(case.responses, start=1)
        sample |= {f"completion{number}": text for number, text in named}
    elif case.response is not None:
        sample["completion"] = case.response
    if case.judged:
        sample["choice"] = case.expected_text
    return sample | {"item_id": case.id, "metadata": case.metadata(head, "id")}


def _item(head: Head, case: Case) -> Json:
    item: Json = {
        "id": case.id,
        "input": case.question,
        "expected": case.expected_text,
        "context": "\n\n".join(case.documents),
        "responses": by_letter(case.responses) if case.kind == "pair" else {},
        "labels": {key: as_text(value) for key, value in case.labels.items()},
        "metadata": case.metadata(head, "id"),
    }
    if case.response is None:
        return {"item": item}
    return {"item": item, "sample": {"output_text": case.response}}


def _data_source() -> Json:
    texts = {"type": "object", "additionalProperties": TEXT}
    properties = {
        **dict.fromkeys(("id", "input", "expected", "context"), TEXT),
        **dict.fromkeys(("responses", "labels"), texts),
        "metadata": {"type": "object"},
    }
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "custom", "item_schema": schema, "include_sample_schema": True}


def _registry(head: Head) -> str:
    name = f"{head.name}.test.{head.version}"
    lines = [
        f"{yaml_text(head.name)}:",
        f"  id: {yaml_text(name)}",
        "  metrics: [accuracy]",
        f"{yaml_text(name)}:",
        "  class: evals.elsuite.basic.match:Match",
        "  args:",
        f"    samples_jsonl: {SAMPLES}",
    ]
    return "\n".join(lines) + "\n"
