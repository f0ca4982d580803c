"""Files of other layouts, read by what their columns are commonly called."""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reviews.formats.files import Entry, read_csv, read_jsonl
from reviews.formats.lines import BoundedLines, ByteStream
from reviews.formats.mapping import MappingFile, parse_mapping

# What the parts of an item are commonly called, the likeliest first.
IDS = ("id", "item_id", "example_id", "uid", "key", "row_id", "request_id", "trace_id")
PROMPTS = ("prompt", "question", "input", "instruction", "query", "user_message")
CONTEXTS = ("context", "passage", "passages", "document", "source", "reference")
ANSWERS = ("response", "answer", "output", "completion", "assistant_message", "reply")
PAIRS = tuple(
    (f"{name}_{a}", f"{name}_{b}") for name in ANSWERS for a, b in ("ab", "12")
)
MODELS = ("model", "model_name", "system", "generator")
MODEL_PAIRS = (("model_a", "model_b"), ("model_1", "model_2"))

# By what failures and agreement are cut.
INTENTS = ("intent", "feature")

LONGEST_HEAD = 10_000_000


class NoLayout(ValueError):
    """The columns are not those of an item; says which were looked for."""


@dataclass(frozen=True)
class Columns:
    """Which column is read as what; the others are kept, and never shown."""

    item_id: str
    prompt: str
    context: str | None
    responses: tuple[str, ...]
    models: tuple[str, ...]
    intent: str | None = None

    @property
    def words(self) -> str:
        read = [f"{self.item_id} as the id", f"{self.prompt} as what was asked"]
        if self.context:
            read.append(f"{self.context} as context")
        read.append(f"{' and '.join(self.responses)} as what was answered")
        if self.intent:
            read.append(f"{self.intent} as the intent, by which figures are cut")
        return ", ".join(read)

    def as_mapping(self) -> MappingFile:
        lines = [
            f"id = {_quoted(self.item_id)}",
            f"kind = {_quoted('pair' if len(self.responses) > 1 else 'single')}",
            "[content]",
            f"prompt = {_quoted(self.prompt)}",
            f"responses = {_quoted(self.responses)}",
        ]
        if self.context:
            lines.append(f"context = [{{ text = {_quoted(self.context)} }}]")
        if self.intent:
            lines += ["[signals]", f"intent = {_quoted(self.intent)}"]
        if self.models:
            lines += ["[provenance.responses]", f"model = {_quoted(self.models)}"]
        return parse_mapping("\n".join(lines))


def _quoted(value: str | tuple[str, ...]) -> str:
    return json.dumps(value, ensure_ascii=False)


def guess_columns(names: Sequence[str]) -> Columns | None:
    """None where the names are those of the native line. Raises NoLayout."""
    if any(name == "kind" or name.split(".")[0] == "content" for name in names):
        return None
    known = {name.lower().replace(" ", "_").replace("-", "_"): name for name in names}
    pair = _first_pair(PAIRS, known)
    answer = _first(ANSWERS, known)
    item_id, prompt = _first(IDS, known), _first(PROMPTS, known)
    if item_id is None or prompt is None or not (pair or answer):
        raise NoLayout(
            "expected a column for each of: the id (such as id), what was asked"
            " (prompt, question, input) and what was answered (response, answer, output;"
            f" of a pair response_a and response_b); found {', '.join(names)[:300]}"
        )
    models = _first_pair(MODEL_PAIRS, known) if pair else _first(MODELS, known)
    return Columns(
        item_id,
        prompt,
        _first(CONTEXTS, known),
        pair or (answer or "",),
        (models,) if isinstance(models, str) else models or (),
        _first(INTENTS, known),
    )


def _first(names: Iterable[str], known: dict[str, str]) -> str | None:
    return next((known[name] for name in names if name in known), None)


def _first_pair(
    pairs: Iterable[tuple[str, str]], known: dict[str, str]
) -> tuple[str, str] | None:
    found = (pair for pair in pairs if pair[0] in known and pair[1] in known)
    return next(((known[a], known[b]) for a, b in found), None)


def column_names(stream: ByteStream, delimiter: str | None) -> list[str]:
    """The keys of the first line; of CSV, with a delimiter, its header."""
    head = b""
    for head in BoundedLines(stream, LONGEST_HEAD):
        if head.strip():
            break
    if delimiter is not None:
        (row,) = csv.reader([head.decode()], delimiter=delimiter)
        return [name.strip() for name in row]
    first = json.loads(head or b"{}")
    return list(first) if isinstance(first, dict) else []


def read_entries(
    stream: ByteStream, delimiter: str | None, mapping: MappingFile | None
) -> Iterable[Entry]:
    if delimiter is None:
        return read_jsonl(stream, mapping)
    return read_csv(stream, mapping, delimiter)
