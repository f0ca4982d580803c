"""The files of a release that may come to be, written to a workspace."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from calibration.formats.release import (
    CASES,
    INDEX,
    LINEAGE,
    RUBRIC,
    FileSum,
    LineFile,
    canonical,
    index_line,
    pseudonyms,
    without_names,
)
from calibration.queries.cases import Source, get_sources, list_names
from calibration.queries.criteria import ScaledVersion
from calibration.queries.labels import (
    ADJUDICATED,
    Label,
    LabelledItem,
    stream_labels,
)
from labeling.queries.rubrics import CriterionFacts, RubricFacts
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]
CHUNK = 500


@dataclass
class Tally:
    """What was taken, and what was left out and why."""

    n_cases: int = 0
    n_judgments: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    labels: dict[str, Counter[str]] = field(default_factory=dict)
    methods: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    handles: set[str] = field(default_factory=set)

    def take(self, item: LabelledItem, source: Source) -> None:
        self.n_cases += 1
        self.n_judgments += item.n_judgments
        self.kinds[source.kind] += 1
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
    pseudonyms: dict[str, str]
    # Every name that a text could hold, and what is to stand there.
    replacements: dict[str, str]


def select_cases(
    queue: QueueFacts, version: ScaledVersion, tally: Tally
) -> Iterator[LabelledItem]:
    """Items with all their judgments and a label on every required criterion."""
    required = {scale.key for scale in version.rated if scale.is_required}
    for item in stream_labels(queue_id=queue.id, version=version):
        tally.handles |= set(_handles(item))
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
    files = _write_cases(workspace, select_cases(queue, version, tally), tally)
    people = pseudonyms(tally.handles, files[CASES].sha256)
    replacements = {
        name: people.get(handle, "[person]")
        for handle, names in list_names(queue.project_id).items()
        for name in names
    }
    files |= _write_lineage(workspace, version.rubric, people, replacements)
    with LineFile(workspace / RUBRIC) as rubric:
        rubric.write(canonical(describe_rubric(version.rubric)))
    return Candidate(files | {RUBRIC: rubric.sum}, tally, people, replacements)


def _left_out(item: LabelledItem, overlap: int, required: set[str]) -> str | None:
    if item.n_judgments < overlap and not item.is_imported:
        return "too few judgments"
    for label in item.labels:
        if label.value is None and label.criterion in required:
            return f"no label on {label.criterion}"
    return None


def _handles(item: LabelledItem) -> Iterator[str]:
    for label in item.labels:
        yield from (vote.handle for vote in label.votes)
        if label.settlement is not None:
            yield label.settlement.handle


def _write_cases(
    workspace: Path, items: Iterator[LabelledItem], tally: Tally
) -> dict[str, FileSum]:
    """Write the cases, and their lineage still with handles.

    Pseudonyms are numbered in an order that depends on all the cases, so that the
    lineage gets them in a second pass.
    """
    with (
        LineFile(workspace / CASES) as cases,
        LineFile(workspace / INDEX[CASES]) as index,
        LineFile(_handled(workspace)) as handled,
    ):
        while chunk := list(islice(items, CHUNK)):
            sources = get_sources([item.item_id for item in chunk])
            for item in chunk:
                source = sources[item.item_id]
                line = canonical(_case(item, source))
                cases.write(line)
                index.write(index_line(line, item.external_id))
                handled.write(json.dumps(_lineage(item, source)).encode())
                tally.take(item, source)
    return {CASES: cases.sum, INDEX[CASES]: index.sum}


def _write_lineage(
    workspace: Path,
    rubric: RubricFacts,
    people: dict[str, str],
    replacements: dict[str, str],
) -> dict[str, FileSum]:
    with (
        _handled(workspace).open(encoding="utf-8") as handled,
        LineFile(workspace / LINEAGE) as lineage,
        LineFile(workspace / INDEX[LINEAGE]) as index,
    ):
        for text in handled:
            entry = json.loads(text)
            for criterion in entry["criteria"].values():
                _anonymise(criterion, people, replacements)
            entry |= {"rubric": rubric.slug, "rubric_version": rubric.number}
            line = canonical(entry)
            lineage.write(line)
            index.write(index_line(line, entry["id"]))
    _handled(workspace).unlink()
    return {LINEAGE: lineage.sum, INDEX[LINEAGE]: index.sum}


def _handled(workspace: Path) -> Path:
    return workspace / "lineage-with-handles"


def _case(item: LabelledItem, source: Source) -> Json:
    return {
        "id": item.external_id,
        "kind": source.kind,
        "content": source.content,
        "signals": source.signals,
        "provenance": source.provenance,
        "labels": {label.criterion: label.value for label in decided(item)},
    }


def _lineage(item: LabelledItem, source: Source) -> Json:
    return {
        "id": item.external_id,
        "item_sha256": source.fingerprint,
        "n_judgments": item.n_judgments,
        "criteria": {label.criterion: _origin(label) for label in item.labels},
    }


def _origin(label: Label) -> Json:
    settlement = label.settlement
    return {
        "value": label.value,
        "method": label.method,
        "votes_for": label.votes_for,
        "n_votes": label.n_votes,
        "reason": label.reason,
        "votes": [{"rater": vote.handle, "value": vote.value} for vote in label.votes],
        "adjudication": settlement
        and {
            "rater": settlement.handle,
            "value": settlement.value,
            "reason": settlement.reason,
            "cause": settlement.cause,
        },
    }


def _anonymise(
    criterion: Json, people: dict[str, str], replacements: dict[str, str]
) -> None:
    for vote in criterion["votes"]:
        vote["rater"] = people[vote["rater"]]
    criterion["votes"].sort(key=lambda vote: vote["rater"])
    if criterion["method"] == ADJUDICATED:
        settlement = criterion["adjudication"]
        settlement["rater"] = people[settlement["rater"]]
        settlement["reason"] = without_names(settlement["reason"], replacements)


def describe_rubric(rubric: RubricFacts) -> Json:
    return {
        "rubric": rubric.slug,
        "version": rubric.number,
        "title": rubric.title,
        "guidance": rubric.guidance,
        "criteria": [_describe_criterion(one) for one in rubric.criteria],
    }


def _describe_criterion(criterion: CriterionFacts) -> Json:
    bounds: Iterable[tuple[str, Any]] = (
        ("minimum", criterion.minimum),
        ("maximum", criterion.maximum),
        ("step", criterion.step),
    )
    return {
        "key": criterion.key,
        "title": criterion.title,
        "guidance": criterion.guidance,
        "level": criterion.level.lower().replace("_", "-"),
        "alpha": criterion.alpha_level,
        "required": criterion.is_required,
        "options": [
            {
                "value": option.value,
                "title": option.title,
                "anchor": option.anchor,
                "rationale": option.requires_rationale,
            }
            for option in criterion.options
        ],
        # Text: a decimal number has many ways to be written as a float.
        **{
            name: f"{value.normalize():f}"
            for name, value in bounds
            if value is not None
        },
    }
