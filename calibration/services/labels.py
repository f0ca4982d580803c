"""Labels of a queue: counted, and written one at a time."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calibration.formats.spreadsheet import write_csv
from calibration.queries.labels import Label, LabelledItem

Json = dict[str, Any]
COLUMNS = (
    "item_id",
    "criterion",
    "step",
    "label",
    "method",
    "votes_for",
    "votes",
    "support",
    "confidence",
    "reason",
)


@dataclass
class LabelTally:
    """Counts gathered while labels stream by."""

    n_items: int = 0
    counts: dict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    undecided: Counter[str] = field(default_factory=Counter)

    def watch(self, items: Iterator[LabelledItem]) -> Iterator[LabelledItem]:
        for item in items:
            self.n_items += 1
            for label in (*item.labels, *item.step_labels):
                self.add(label)
            yield item

    def add(self, label: Label) -> None:
        if label.value is None:
            self.undecided[label.criterion] += 1
        elif isinstance(label.value, list):
            self.counts[label.criterion].update(label.value)
        else:
            self.counts[label.criterion][str(label.value)] += 1


def label_rows(items: Iterator[LabelledItem], criterion: str | None) -> Iterator[Json]:
    """One object a label, of one criterion or of all."""
    for item in items:
        for label in (*item.labels, *item.step_labels):
            if criterion in (None, label.criterion):
                yield _row(item, label)


def write_labels(path: Path, rows: Iterator[Json]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        if path.suffix == ".csv":
            write_csv(stream, COLUMNS, ([row[key] for key in COLUMNS] for row in rows))
            return
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")


def _row(item: LabelledItem, label: Label) -> Json:
    support = label.votes_for / label.n_votes if label.n_votes else None
    return {
        "item_id": item.external_id,
        "criterion": label.criterion,
        # None: of the item.
        "step": label.step or None,
        "label": label.value,
        "method": label.method,
        "votes_for": label.votes_for,
        "votes": label.n_votes,
        "support": None if support is None else round(support, 6),
        "confidence": label.confidence,
        "reason": label.reason,
    }
