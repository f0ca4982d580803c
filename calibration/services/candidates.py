"""The files of a release that may come to be, written to a workspace."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from calibration.formats.cases import ANY_CELL, UNWEIGHTED, Cell, label_grading
from calibration.formats.release import (
    CASES,
    INDEX,
    LINEAGE,
    RUBRIC,
    FileSum,
    LineFile,
    canonical,
    derived_guid,
    index_line,
)
from calibration.queries.cases import Source, get_sources
from calibration.queries.criteria import ScaledVersion
from calibration.queries.labels import Label, LabelledItem, stream_labels
from calibration.services.lineage import People, describe_lineage, name_people
from calibration.services.rubric_text import describe_rubric
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]
CHUNK = 500


@dataclass
class Tally:
    """What was taken, and what was left out and why."""

    n_cases: int = 0
    n_judgments: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    cells: Counter[Cell] = field(default_factory=Counter)
    labels: dict[str, Counter[str]] = field(default_factory=dict)
    methods: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def take(self, item: LabelledItem, source: Source) -> None:
        self.n_cases += 1
        self.n_judgments += item.n_judgments
        self.kinds[source.kind] += 1
        self.cells[ANY_CELL] += 1
        for label in decided(item):
            values = label.value if isinstance(label.value, list) else [label.value]
            found = self.labels.setdefault(label.criterion, Counter())
            found.update(str(value) for value in values)
            self.methods[label.method] += 1


@dataclass(frozen=True)
class Candidate:
    """The files in the workspace and what is to be said of them."""

    files: dict[str, FileSum]
    tally: Tally
    people: People
    canary: str


def select_cases(
    queue: QueueFacts, version: ScaledVersion, tally: Tally
) -> Iterator[LabelledItem]:
    """Items with all their judgments and a label on every required criterion."""
    required = {scale.key for scale in version.rated if scale.is_required}
    for item in stream_labels(queue_id=queue.id, version=version):
        reason = _left_out(item, queue.overlap, required)
        if reason is None:
            yield item
        else:
            tally.left_out[reason] += 1


def decided(item: LabelledItem) -> list[Label]:
    return [label for label in item.labels if label.value is not None]


def write_candidate(
    workspace: Path, queue: QueueFacts, version: ScaledVersion
) -> Candidate:
    tally = Tally()
    people = name_people(queue, version.id)
    rubric = canonical(describe_rubric(version.rubric))
    canary = derived_guid("canary", queue.project, queue.slug, rubric.decode())
    writer = _Writer(version, people, canary, tally)
    files = writer.write(workspace, select_cases(queue, version, tally))
    with LineFile(workspace / RUBRIC) as file:
        file.write(rubric)
    return Candidate(files | {RUBRIC: file.sum}, tally, people, canary)


def _left_out(item: LabelledItem, overlap: int, required: set[str]) -> str | None:
    if item.n_judgments < overlap and not item.is_imported:
        return "too few judgments"
    for label in item.labels:
        if label.value is None and label.criterion in required:
            return f"no label on {label.criterion}"
    return None


@dataclass(frozen=True)
class _Writer:
    version: ScaledVersion
    people: People
    canary: str
    tally: Tally

    def write(
        self, workspace: Path, items: Iterator[LabelledItem]
    ) -> dict[str, FileSum]:
        with (
            LineFile(workspace / CASES) as cases,
            LineFile(workspace / INDEX[CASES]) as case_index,
            LineFile(workspace / LINEAGE) as lineage,
            LineFile(workspace / INDEX[LINEAGE]) as lineage_index,
        ):
            while chunk := list(islice(items, CHUNK)):
                sources = get_sources([item.item_id for item in chunk])
                for item in chunk:
                    source = sources[item.item_id]
                    line = canonical(self._case(item, source))
                    cases.write(line)
                    case_index.write(index_line(line, item.external_id))
                    line = canonical(self._lineage(item, source))
                    lineage.write(line)
                    lineage_index.write(index_line(line, item.external_id))
                    self.tally.take(item, source)
        return {
            CASES: cases.sum,
            INDEX[CASES]: case_index.sum,
            LINEAGE: lineage.sum,
            INDEX[LINEAGE]: lineage_index.sum,
        }

    def _lineage(self, item: LabelledItem, source: Source) -> Json:
        return describe_lineage(item, source, self.version.rubric, self.people)

    def _case(self, item: LabelledItem, source: Source) -> Json:
        return {
            "id": item.external_id,
            "kind": source.kind,
            "content": source.content,
            "signals": source.signals,
            "provenance": source.provenance,
            "labels": {label.criterion: label.value for label in decided(item)},
            "cell": ANY_CELL.described(),
            "weight": UNWEIGHTED,
            "grading": label_grading(_graded_levels(item, self.version)),
            "reference": None,
            "canary": self.canary,
        }


def _graded_levels(item: LabelledItem, version: ScaledVersion) -> dict[str, str]:
    """The level of each criterion that is required, and of the others if none is."""
    labelled = {label.criterion for label in decided(item)}
    scales = [scale for scale in version.rated if scale.key in labelled]
    required = [scale for scale in scales if scale.is_required]
    return {scale.key: scale.level for scale in required or scales}
