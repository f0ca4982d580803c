"""Every format that a release can be exported to."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from calibration.formats.exports import (
    argilla,
    braintrust,
    deepeval,
    huggingface,
    inspect_ai,
    label_studio,
    langfuse,
    langsmith,
    mlflow,
    openai_evals,
    parquet,
    promptfoo,
    ragas,
    table,
)
from calibration.formats.exports.case import Case, Head
from calibration.formats.exports.files import Losses


class WriteExport(Protocol):
    def __call__(
        self, head: Head, cases: Iterable[Case], out: Path, losses: Losses, /
    ) -> None:
        """Write the file, or the folder, that `out` is to be."""


@dataclass(frozen=True)
class Format:
    write: WriteExport
    is_folder: bool = False
    # What the name has to end in, where the tool goes by it.
    suffix: str = ""


FORMATS = {
    "csv": Format(table.write),
    "parquet": Format(parquet.write, suffix=".parquet"),
    "promptfoo": Format(promptfoo.write, is_folder=True),
    "inspect": Format(inspect_ai.write, suffix=".jsonl"),
    "deepeval": Format(deepeval.write),
    "ragas": Format(ragas.write, is_folder=True),
    "openai-evals": Format(openai_evals.write, is_folder=True),
    "langfuse": Format(langfuse.write),
    "langsmith": Format(langsmith.write),
    "braintrust": Format(braintrust.write),
    "mlflow": Format(mlflow.write),
    "huggingface": Format(huggingface.write, is_folder=True),
    "argilla": Format(argilla.write, is_folder=True),
    "label-studio": Format(label_studio.write, is_folder=True),
}
