"""DeepEval: an array of goldens, for `add_goldens_from_json_file`.

It reads no ids: the id is the name, and stands in the metadata too.
"""

from collections.abc import Iterable
from pathlib import Path

from calibration.formats.exports.case import Case, Head, Json, arguments_of, as_text
from calibration.formats.exports.files import Losses, json_array


def write(head: Head, cases: Iterable[Case], out: Path, losses: Losses) -> None:
    with json_array(out) as add:
        for case in cases:
            if case.kind == "pair":
                losses[
                    "no actual_output: the responses are in additional_metadata"
                ] += 1
            add(_golden(head, case))


def _golden(head: Head, case: Case) -> Json:
    golden: Json = {
        "name": case.id,
        "input": case.question,
        "actual_output": case.response,
        "expected_output": case.expected_text,
        "context": case.documents or None,
        "source_file": head.cited,
        "custom_column_key_values": {
            key: as_text(value) for key, value in case.labels.items()
        },
        "additional_metadata": {"item_id": case.id, **case.metadata(head)},
    }
    if case.steps:
        golden["tools_called"] = _tools_called(case)
    return golden


def _tools_called(case: Case) -> list[Json]:
    results = {
        one["tool_call_id"]: one["content"]
        for one in case.messages
        if one["role"] == "tool" and "tool_call_id" in one
    }
    calls = [call for one in case.messages for call in one.get("tool_calls", ())]
    return [
        {
            "name": call["function"]["name"],
            "input_parameters": arguments_of(call),
            "output": results.get(call["id"]),
        }
        for call in calls
    ]
