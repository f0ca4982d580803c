"""LangSmith: one example a line, for `create_examples`; its ids have to be UUIDs."""

from collections.abc import Iterable
from pathlib import Path
from uuid import UUID, uuid5

from calibration.formats.exports.case import Case, Head
from calibration.formats.exports.files import Losses, json_lines

# Of this format; the same release gives the same ids everywhere.
NAMESPACE = UUID("6f0b4a0e-6a52-4f8e-9f0e-3c5a5f1f7d21")


def write(head: Head, cases: Iterable[Case], out: Path, losses: Losses) -> None:
    with json_lines(out) as add:
        for case in cases:
            add(
                {
                    "id": str(uuid5(NAMESPACE, f"{head.digest} {case.id}")),
                    "inputs": case.inputs,
                    "reference_outputs": case.expectations,
                    "metadata": {"item_id": case.id, **case.metadata(head, "id")},
                    "split": case.cell["bucket"] or "base",
                }
            )
