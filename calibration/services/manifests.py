"""The manifest of a release: everything there is to know of it but the cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calibration.formats.release import FORMAT, canonical, sha256
from calibration.services.agreement import Agreement, CriterionAgreement
from calibration.services.candidates import Candidate
from calibration.statistics import Estimate
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]


@dataclass(frozen=True)
class Parent:
    """The release that a version follows."""

    version: str
    digest: str


@dataclass(frozen=True)
class Draft:
    """Everything that a manifest says but for its version."""

    name: str
    queue: QueueFacts
    candidate: Candidate
    agreement: Agreement
    n_not_judged: int
    blocks: tuple[str, ...]
    override: str


@dataclass(frozen=True)
class Manifest:
    text: str
    digest: str


def write_manifest(draft: Draft, version: str, parent: Parent | None) -> Manifest:
    data = canonical(_describe(draft, version, parent)) + b"\n"
    return Manifest(data.decode(), sha256(data))


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
        "project": draft.queue.project,
        "queue": draft.queue.slug,
        "rubric": {"name": agreement.rubric, "version": agreement.rubric_version},
        "files": {
            name: found.described() for name, found in draft.candidate.files.items()
        },
        "n_cases": tally.n_cases,
        "kinds": dict(tally.kinds),
        "cells": [
            cell.described() | {"cases": n} for cell, n in sorted(tally.cells.items())
        ],
        "canary": draft.candidate.canary,
        "licence": None,
        "spec": None,
        "labels": {key: dict(counts) for key, counts in tally.labels.items()},
        "left_out": left_out,
        "agreement": _describe_agreement(draft),
        "label_process": _describe_process(draft),
        "override": _describe_override(draft),
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
        "methods": dict(tally.methods),
        "rules": {
            "MAJORITY": "the value with the most votes; a tie is not decided",
            "MEDIAN": "the median of the votes, on interval scales",
            "ADJUDICATED": "the value an adjudicator gave with a reason",
        },
    }


def _describe_agreement(draft: Draft) -> Json:
    return {
        "over": "all judgments that count under the rubric version",
        "n_judgments": draft.agreement.n_judgments,
        "bar": _decimal(draft.queue.agreement_bar),
        "bar_is_read_on": "the lower limit of alpha",
        "criteria": [
            _describe_criterion(entry, draft.candidate.people.pseudonyms)
            for entry in draft.agreement.criteria
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
        "value": _decimal(estimate.value),
        "low": _decimal(estimate.low),
        "high": _decimal(estimate.high),
        "n_items": estimate.n_items,
        "method": estimate.method,
        "reason": estimate.reason,
    }


def _decimal(value: float | None) -> str | None:
    """Six places as text: the last bits of a float differ between machines."""
    return None if value is None else f"{round(value, 6) + 0.0:.6f}"
