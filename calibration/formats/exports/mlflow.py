"""MLflow: one record a line, for `dataset.merge_records`.

A record has no metadata but tags, which are text.
"""

from collections.abc import Iterable
from pathlib import Path

from calibration.formats.exports.case import Case, Head, Json, as_text
from calibration.formats.exports.files import Losses, json_lines


def write(head: Head, cases: Iterable[Case], out: Path, losses: Losses) -> None:
    with json_lines(out) as add:
        for case in cases:
            add(_record(head, case))


def _record(head: Head, case: Case) -> Json:
    metadata = {"item_id": case.id, **case.metadata(head, "id", "content")}
    answered = case.response if case.kind != "pair" else case.outputs
    return {
        "inputs": {"item_id": case.id, **_question(case)},
        "expectations": _expectations(case),
        "outputs": answered,
        "tags": {key: as_text(value) for key, value in metadata.items()},
        "source": {
            "source_type": "HUMAN",
            "source_data": {"golden_set": head.cited, "digest": head.digest},
        },
    }


def _question(case: Case) -> Json:
    return {key: value for key, value in case.inputs.items() if key not in case.outputs}


def _expectations(case: Case) -> Json:
    """`expected_response` is the name that MLflow's own scorers look for."""
    names = {"answer": "expected_response", "reference": "expected_response"}
    return {
        names.get(key, key) if key not in case.judged else key: value
        for key, value in case.expectations.items()
    }
