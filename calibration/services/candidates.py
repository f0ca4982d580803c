"""The files of a release that may come to be, written to a workspace."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from calibration.formats.cases import Cell, label_grading
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
from calibration.formats.specs import Spec
from calibration.queries.cases import Source, get_sources
from calibration.queries.criteria import ScaledVersion
from calibration.queries.labels import Label, LabelledItem
from calibration.queries.terms import Terms, get_terms
from calibration.services.lineage import People, describe_lineage, name_people
from calibration.services.rubric_text import describe_rubric
from calibration.services.selection import Chosen, decided
from calibration.services.selection import select_cases as select_cases
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]
CHUNK = 500
DRAFT, OWNED = "draft", "owned"


@dataclass
class Tally:
    """What was taken, and what was left out and why."""

    n_cases: int = 0
    n_judgments: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    cells: Counter[Cell] = field(default_factory=Counter)
    labels: dict[str, Counter[str]] = field(default_factory=dict)
    step_labels: dict[str, Counter[str]] = field(default_factory=dict)
    methods: Counter[str] = field(default_factory=Counter)
    gradings: Counter[str] = field(default_factory=Counter)
    references: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    # Cases whose output is to equal a reference that they do not have.
    n_unreferenced: int = 0

    def take(self, chosen: Chosen, case: Json) -> None:
        self.count(chosen)
        self.kinds[case["kind"]] += 1
        self.gradings[case["grading"]["type"]] += 1
        if case["reference"] is not None:
            self.references[case["reference"]["status"]] += 1
        elif case["grading"]["type"] == "exact":
            self.n_unreferenced += 1

    def count(self, chosen: Chosen) -> None:
        """What can be said of a case before its line is written."""
        self.n_cases += 1
        self.n_judgments += chosen.item.n_judgments
        self.cells[chosen.cell] += 1
        self._count(self.labels, chosen.item.labels)
        self._count(self.step_labels, chosen.item.step_labels)

    def _count(self, counts: dict[str, Counter[str]], labels: Iterable[Label]) -> None:
        for label in decided(labels):
            values = label.value if isinstance(label.value, list) else [label.value]
            found = counts.setdefault(label.criterion, Counter())
            found.update(str(value) for value in values)
            self.methods[label.method] += 1


def count_labels(tally: Tally) -> Json:
    """How the cases fall over labels, by criterion: each value and its cases."""
    return {
        "labels": {key: dict(found) for key, found in tally.labels.items()},
        "step_labels": {key: dict(found) for key, found in tally.step_labels.items()},
    }


@dataclass(frozen=True)
class Candidate:
    """The files in the workspace and what is to be said of them."""

    files: dict[str, FileSum]
    tally: Tally
    people: People
    canary: str


def write_candidate(
    workspace: Path,
    *,
    queue: QueueFacts,
    version: ScaledVersion,
    golden_set_id: int | None,
    spec: Spec | None,
    cases: Iterator[Chosen],
    tally: Tally,
) -> Candidate:
    people = name_people(queue, version.id)
    rubric = canonical(describe_rubric(version.rubric))
    given = spec.canary if spec is not None else None
    canary = given or derived_guid("canary", queue.project, queue.slug, rubric.decode())
    writer = _Writer(version, people, canary, golden_set_id, tally)
    files = writer.write(workspace, cases)
    with LineFile(workspace / RUBRIC) as file:
        file.write(rubric)
    return Candidate(files | {RUBRIC: file.sum}, tally, people, canary)


@dataclass(frozen=True)
class _Writer:
    version: ScaledVersion
    people: People
    canary: str
    golden_set_id: int | None
    tally: Tally

    def write(self, workspace: Path, cases: Iterator[Chosen]) -> dict[str, FileSum]:
        with (
            LineFile(workspace / CASES) as case_file,
            LineFile(workspace / INDEX[CASES]) as case_index,
            LineFile(workspace / LINEAGE) as lineage_file,
            LineFile(workspace / INDEX[LINEAGE]) as lineage_index,
        ):
            for case, lineage in self._entries(cases):
                for entry, file, index in (
                    (case, case_file, case_index),
                    (lineage, lineage_file, lineage_index),
                ):
                    line = canonical(entry)
                    file.write(line)
                    index.write(index_line(line, entry["id"]))
        return {
            CASES: case_file.sum,
            INDEX[CASES]: case_index.sum,
            LINEAGE: lineage_file.sum,
            INDEX[LINEAGE]: lineage_index.sum,
        }

    def _entries(self, cases: Iterator[Chosen]) -> Iterator[tuple[Json, Json]]:
        while chunk := list(islice(cases, CHUNK)):
            ids = [chosen.item.item_id for chosen in chunk]
            sources, terms = get_sources(ids), get_terms(self.golden_set_id, ids)
            for chosen in chunk:
                item, source = chosen.item, sources[chosen.item.item_id]
                case = self._case(chosen, source, terms.get(item.item_id))
                self.tally.take(chosen, case)
                rubric = self.version.rubric
                yield case, describe_lineage(item, source, rubric, self.people)

    def _case(self, chosen: Chosen, source: Source, terms: Terms | None) -> Json:
        item = chosen.item
        given = terms.grading if terms is not None else None
        return {
            "id": item.external_id,
            "kind": source.kind,
            "content": source.content,
            "signals": source.signals,
            "provenance": source.provenance,
            "labels": {one.criterion: one.value for one in decided(item.labels)},
            **self._of_steps(item),
            "cell": chosen.cell.described(),
            "weight": chosen.weight,
            "grading": given or label_grading(_graded_levels(item, self.version)),
            "reference": self._reference(terms),
            "canary": self.canary,
        }

    def _of_steps(self, item: LabelledItem) -> Json:
        """Nothing where the rubric rates no steps: the line is what it always was."""
        if not self.version.per_step:
            return {}
        found: dict[str, list[Json]] = {one.key: [] for one in self.version.per_step}
        for label in decided(item.step_labels):
            found[label.criterion].append({"step": label.step, "value": label.value})
        return {"step_labels": {key: steps for key, steps in found.items() if steps}}

    def _reference(self, terms: Terms | None) -> Json | None:
        if terms is None or not terms.reference:
            return None
        owner = terms.owner
        return {
            "text": terms.reference,
            "status": OWNED if owner else DRAFT,
            # An owner who decided nothing under this version has no pseudonym.
            "owner": self.people.pseudonyms.get(owner) if owner else None,
        }


def _graded_levels(item: LabelledItem, version: ScaledVersion) -> dict[str, str]:
    """The level of each criterion that is required, and of the others if none is."""
    labelled = {label.criterion for label in decided(item.labels)}
    scales = [scale for scale in version.rated if scale.key in labelled]
    required = [scale for scale in scales if scale.is_required]
    return {scale.key: scale.level for scale in required or scales}
