"""The manifest of a release: everything there is to know of it but the cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calibration.formats.croissant import describe_croissant
from calibration.formats.datasheet import write_datasheet
from calibration.formats.differences import Changes
from calibration.formats.release import (
    CROISSANT,
    DATASHEET,
    FORMAT,
    FileSum,
    canonical,
    decimal,
    sha256,
)
from calibration.formats.specs import describe_spec
from calibration.queries.terms import Retired
from calibration.services.agreement import Agreement, CriterionAgreement
from calibration.services.candidates import Candidate, Tally
from calibration.services.composing import Composition
from calibration.services.strata import StratumAgreement
from calibration.statistics import Estimate
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]


@dataclass(frozen=True)
class Parent:
    """The release that a version follows, and what the version changes of it."""

    version: str
    digest: str
    changes: Changes


@dataclass(frozen=True)
class Draft:
    """Everything that a manifest says but for its version."""

    name: str
    queue: QueueFacts
    candidate: Candidate
    agreement: Agreement
    strata: tuple[StratumAgreement, ...]
    # None: the set has no spec and holds every labelled item.
    composition: Composition | None
    retired: tuple[Retired, ...]
    n_not_judged: int
    blocks: tuple[str, ...]
    override: str


@dataclass(frozen=True)
class Manifest:
    """The manifest, and the two files that are made from it alone."""

    text: str
    digest: str
    datasheet: str
    croissant: str


def write_manifest(draft: Draft, version: str, parent: Parent | None) -> Manifest:
    said = _describe(draft, version, parent)
    datasheet = write_datasheet(said)
    croissant = canonical(describe_croissant(said)).decode() + "\n"
    for name, text in ((DATASHEET, datasheet), (CROISSANT, croissant)):
        said["files"][name] = FileSum.of(text.encode()).described()
    data = canonical(said) + b"\n"
    return Manifest(data.decode(), sha256(data), datasheet, croissant)


def _describe(draft: Draft, version: str, parent: Parent | None) -> Json:
    tally, agreement = draft.candidate.tally, draft.agreement
    left_out = dict(tally.left_out)
    if draft.n_not_judged:
        left_out["not judged under this rubric version"] = draft.n_not_judged
    return {
        "format": FORMAT,
        "name": draft.name,
        "version": version,
        "parent": parent and {"version": parent.version, "digest": parent.digest},
        "changes": parent and parent.changes.described(),
        "project": draft.queue.project,
        "queue": draft.queue.slug,
        "rubric": {"name": agreement.rubric, "version": agreement.rubric_version},
        "files": {
            name: found.described() for name, found in draft.candidate.files.items()
        },
        "n_cases": tally.n_cases,
        "kinds": dict(tally.kinds),
        "labels": {key: dict(counts) for key, counts in tally.labels.items()},
        **_of_steps(tally),
        "gradings": dict(tally.gradings),
        "references": dict(tally.references),
        "left_out": left_out,
        "retired": [
            {
                "id": one.item,
                "because": one.because,
                "note": draft.candidate.people.anonymous(one.note),
            }
            for one in draft.retired
        ],
        **_describe_composition(draft),
        "agreement": _describe_agreement(draft),
        "label_process": _describe_process(draft),
        "override": _describe_override(draft),
    }


def _of_steps(tally: Tally) -> Json:
    """How many steps have which label; nothing where the rubric rates none."""
    if not tally.step_labels:
        return {}
    counts = {key: dict(counts) for key, counts in tally.step_labels.items()}
    return {"step_labels": counts}


def _describe_composition(draft: Draft) -> Json:
    composition, tally = draft.composition, draft.candidate.tally
    spec = composition.spec if composition is not None else None
    traffic = (
        {one.cell: one.traffic for one in composition.fills}
        if composition is not None
        else {}
    )
    return {
        "canary": draft.candidate.canary,
        "licence": (spec.licence or None) if spec is not None else None,
        "spec": describe_spec(spec) if spec is not None else None,
        "cells": [
            cell.described() | {"cases": n, "traffic": decimal(traffic.get(cell))}
            for cell, n in sorted(tally.cells.items())
        ],
        "window": composition
        and {"first_day": composition.first_day, "last_day": composition.last_day},
    }


def _describe_override(draft: Draft) -> Json | None:
    if not draft.blocks:
        return None
    return {
        "reason": draft.candidate.people.anonymous(draft.override),
        "overridden": list(draft.blocks),
    }


def _describe_process(draft: Draft) -> Json:
    tally = draft.candidate.tally
    return {
        "reviewing": "each judgment was given blind to the models, to the signals "
        "and to all other judgments, unless it was imported",
        "overlap": draft.queue.overlap,
        "n_raters": len(draft.candidate.people.pseudonyms),
        "n_judgments": tally.n_judgments,
        "label_method": draft.queue.label_method,
        "confidence_floor": decimal(draft.queue.label_confidence_floor),
        "methods": dict(tally.methods),
        "rules": {
            "MAJORITY": "the value with the most votes; a tie is not decided",
            "WEIGHTED": "the most probable value if each vote is right as often as its "
            "rater was on gold; even votes are not decided",
            "DAWID_SKENE": "the most probable value under the model of Dawid and Skene "
            "of who errs how; even votes are not decided",
            "MEDIAN": "the median of the votes, on interval scales",
            "ADJUDICATED": "the value an adjudicator gave with a reason",
        },
    }


def _describe_agreement(draft: Draft) -> Json:
    return {
        "over": "all judgments that count under the rubric version",
        "n_judgments": draft.agreement.n_judgments,
        "bar": decimal(draft.queue.agreement_bar),
        "bar_is_read_on": "the lower limit of alpha",
        "criteria": [
            _describe_criterion(entry, draft.candidate.people.pseudonyms)
            for entry in draft.agreement.criteria
        ],
        "strata": [
            {
                "stratum": one.stratum,
                "criterion": one.criterion,
                "n_items": one.n_items,
                "alpha": _describe_estimate(one.alpha),
            }
            for one in draft.strata
        ],
    }


def _describe_criterion(entry: CriterionAgreement, people: Mapping[str, str]) -> Json:
    kappas = [
        {
            "raters": sorted(people[rater] for rater in pair.raters),
            **_describe_estimate(pair.kappa),
        }
        for pair in entry.kappas
    ]
    return {
        "criterion": entry.key,
        "level": entry.level,
        "alpha_level": entry.alpha_level,
        "kappa_weights": entry.weights,
        **({"unit": entry.unit} if entry.unit != "item" else {}),
        "n_items": entry.n_items,
        "n_ratings": entry.n_ratings,
        "n_raters": entry.n_raters,
        "percent_agreement": _describe_estimate(entry.percent),
        "alpha": _describe_estimate(entry.alpha),
        "cohen_kappa": sorted(kappas, key=lambda kappa: kappa["raters"]),
        "mean_kappa": _describe_estimate(entry.mean_kappa),
    }


def _describe_estimate(estimate: Estimate) -> Json:
    return {
        "value": decimal(estimate.value),
        "low": decimal(estimate.low),
        "high": decimal(estimate.high),
        "n_items": estimate.n_items,
        "method": estimate.method,
        "reason": estimate.reason,
    }
