"""A release in memory: every kind of case, and hostile text in every place."""

from typing import Any

from calibration.formats.exports.case import Case, Head
from tests.interop.hostile import HOSTILE

Json = dict[str, Any]

CRITERIA: list[Json] = [
    {"key": "correct", "level": "ordinal", "options": ["wrong", "partly", "right"]},
    {"key": "flaws", "level": "multi-label", "options": ["tone", "length"]},
    {"key": "score", "level": "interval", "minimum": "0", "maximum": "10", "step": "1"},
    {"key": "preference", "level": "pairwise", "options": ["A", "tie", "B"]},
]


def make_head() -> Head:
    criteria = [_criterion(one) for one in CRITERIA]
    rubric = {"rubric": "answer", "version": 2, "title": "Answer", "guidance": "Read."}
    labels: Json = {one["key"]: {} for one in CRITERIA}
    manifest = {"n_cases": 4, "labels": labels, "canary": "c-1", "licence": "CC-BY-4.0"}
    return Head("gate", "1.2.0", "d" * 64, manifest, rubric | {"criteria": criteria})


def _criterion(given: Json) -> Json:
    options = [
        {"value": value, "title": value.title(), "anchor": "", "rationale": False}
        for value in given.get("options", ())
    ]
    common = {"title": given["key"].title(), "guidance": "", "required": True}
    return given | common | {"options": options}


def make_case(kind: str = "single", **changes: Any) -> Case:
    content: Json = {"prompt": "Which way?", "responses": [{"text": "Left."}]}
    labels: Json = {"correct": "right"}
    grading: Json = {"type": "rubric_label", "criteria": ["correct"]}
    if kind == "pair":
        content["responses"].append({"text": "Right."})
        labels = {"preference": "B"}
        grading = {"type": "pairwise", "criterion": "preference"}
    if kind == "trace":
        content["steps"] = make_steps("Up.")
        labels = {"correct": "partly", "flaws": ["tone", "length"], "score": 7}
        grading["criteria"] = ["correct", "flaws", "score"]
    line = {
        "id": f"c-{kind}",
        "kind": kind,
        "content": content,
        "signals": {"confidence": 0.5},
        "provenance": {"responses": [{"model": "m"}] * len(content["responses"])},
        "labels": labels,
        "cell": {"stratum": "refund", "bucket": "typical"},
        "weight": "0.500000",
        "grading": grading,
        "reference": None,
        "canary": "c-1",
    }
    return Case(line | changes)


def make_steps(text: str) -> list[Json]:
    return [
        {"type": "message", "role": "assistant", "text": text},
        {"type": "tool_call", "name": "find", "arguments": {"what": text, "n": 1}},
        {"type": "tool_result", "name": "find", "text": text},
        {"type": "error", "text": text},
    ]


def make_hostile_cases() -> list[Case]:
    """For each hostile text one case of each kind that holds it everywhere."""
    cases = []
    for number, text in enumerate(HOSTILE):
        reference = {"text": text, "status": "owned", "owner": "r01"}
        content = {
            "prompt": text,
            "context": [{"text": text}],
            "responses": [{"text": text}],
        }
        answer = {"type": "exact", "ignore_case": False}
        single = {"content": content, "id": f"s-{number}"}
        pair = content | {"responses": [{"text": text}, {"text": f"{text}!"}]}
        messages = [
            {"role": "system", "content": text},
            {"role": "user", "content": text},
        ]
        trace = {"messages": messages, "responses": content["responses"]}
        trace["steps"] = make_steps(text)
        cases += [
            make_case("single", **single),
            make_case(
                "single",
                content=content,
                grading=answer,
                reference=reference,
                id=f"x-{number}",
            ),
            make_case("pair", content=pair, id=f"p-{number}"),
            make_case("trace", content=trace, id=f"t-{number}"),
        ]
    return cases
