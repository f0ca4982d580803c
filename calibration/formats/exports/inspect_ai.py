"""Inspect: one Sample a line, for `json_dataset`.

No `files`, `setup` or `sandbox` are ever written: Inspect would act on them.
"""

from collections.abc import Iterable
from pathlib import Path

from calibration.formats.exports.case import Case, Head, Json, arguments_of, as_text
from calibration.formats.exports.files import Losses, json_lines


def write(head: Head, cases: Iterable[Case], out: Path, losses: Losses) -> None:
    with json_lines(out) as add:
        for case in cases:
            sample = _sample(head, case)
            if not sample["input"]:
                # It could not be read at all.
                losses["left out: nothing was asked"] += 1
                continue
            if case.kind == "pair" and "choices" not in sample:
                losses["no choices, as Inspect drops empty ones"] += 1
            add(sample)


def _sample(head: Head, case: Case) -> Json:
    expected = case.expected
    sample = {
        "id": case.id,
        "input": _input(case),
        "target": [as_text(one) for one in expected]
        if isinstance(expected, list)
        else case.expected_text,
        "metadata": case.metadata(head, "id"),
    }
    if case.kind == "pair" and all(text.strip() for text in case.responses):
        sample["choices"] = case.responses
    return sample


def _input(case: Case) -> str | list[Json]:
    if case.content.get("prompt") is not None and not case.steps:
        return str(case.content["prompt"])
    return [_message(one) for one in case.messages]


def _message(message: Json) -> Json:
    """As in a chat, but that arguments are an object and a tool has a function."""
    found = {"role": message["role"], "content": message["content"]}
    if "tool_calls" in message:
        found["tool_calls"] = [
            {
                "id": call["id"],
                "type": "function",
                "function": call["function"]["name"],
                "arguments": arguments_of(call),
            }
            for call in message["tool_calls"]
        ]
    if "tool_call_id" in message:
        found |= {
            "tool_call_id": message["tool_call_id"],
            "function": message["name"],
        }
    return found
