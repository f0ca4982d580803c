"""Langfuse: one body of `POST /api/public/dataset-items` a line.

An id is unique in the whole of a Langfuse project, so it names the release too.
"""

from collections.abc import Iterable
from pathlib import Path

from calibration.formats.exports.case import Case, Head, Json
from calibration.formats.exports.files import Losses, json_lines
from calibration.formats.release import sha256

MAX_ID_LENGTH = 255


def write(head: Head, cases: Iterable[Case], out: Path, losses: Losses) -> None:
    with json_lines(out) as add:
        for case in cases:
            add(_item(head, case))


def _item(head: Head, case: Case) -> Json:
    return {
        "datasetName": head.cited,
        "id": _id(head, case),
        "input": case.inputs,
        "expectedOutput": case.expectations,
        "metadata": case.metadata(head),
        "status": "ACTIVE",
    }


def _id(head: Head, case: Case) -> str:
    whole = f"{head.cited}:{case.id}"
    if len(whole) <= MAX_ID_LENGTH:
        return whole
    return f"{head.cited}:{sha256(case.id.encode())}"[-MAX_ID_LENGTH:]
