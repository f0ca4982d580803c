"""Agreement as the JSON object that commands print and snapshots keep."""

from typing import Any

from calibration.services.agreement import Agreement, CriterionAgreement
from calibration.services.breakdown import Breakdown, Slice, Window
from calibration.services.rarity import Rarity
from calibration.statistics import Estimate
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]


def describe_agreement(queue: QueueFacts, agreement: Agreement) -> Json:
    return {
        "queue": queue.slug,
        "project": queue.project,
        "rubric": agreement.rubric,
        "rubric_version": agreement.rubric_version,
        "bar": queue.agreement_bar,
        "reliable_bar": queue.reliable_bar,
        "n_judgments": agreement.n_judgments,
        "criteria": [_describe_criterion(entry) for entry in agreement.criteria],
        "left_out": list(agreement.left_out),
    }


def _describe_criterion(entry: CriterionAgreement) -> Json:
    return {
        "criterion": entry.key,
        "title": entry.title,
        "level": entry.level,
        "alpha_level": entry.alpha_level,
        "kappa_weights": entry.weights,
        "unit": entry.unit,
        "n_items": entry.n_items,
        "n_ratings": entry.n_ratings,
        "n_raters": entry.n_raters,
        "percent_agreement": _describe(entry.percent),
        "alpha": _describe(entry.alpha),
        "cohen_kappa": [
            {"raters": list(pair.raters), **_describe(pair.kappa)}
            for pair in entry.kappas
        ],
        "mean_kappa": _describe(entry.mean_kappa),
        "is_unused_label": entry.is_unused_label,
    }


def describe_breakdown(agreement: Agreement, breakdowns: tuple[Breakdown, ...]) -> Json:
    """What the page of leads has beside the figures that commands print."""
    return {
        "criteria": [_describe_one(one) for one in breakdowns],
        "beside_alpha": {
            entry.key: {"ac": _describe(entry.ac), "rarity": _rarity(entry.rarity)}
            for entry in agreement.criteria
        },
    }


def _describe_one(found: Breakdown) -> Json:
    return {
        "criterion": found.key,
        "title": found.title,
        "level": found.level,
        "unit": found.unit,
        "alpha": _describe(found.alpha),
        "confusions": [
            {
                "first": one.first,
                "second": one.second,
                "n_items": one.n_items,
                "share": one.share,
            }
            for one in found.confusions
        ],
        "slices": [_describe_slice(one) for one in found.slices],
        "windows": [_describe_window(one) for one in found.windows],
        "window_size": found.window_size,
        "n_waiting": found.n_waiting,
    }


def _describe_slice(found: Slice) -> Json:
    return {
        "dimension": found.dimension,
        "value": found.value,
        "n_items": found.n_items,
        "n_rare": found.n_rare,
        "alpha": _describe(found.alpha),
        "percent_agreement": _describe(found.percent),
        "is_small": found.is_small,
        "p": found.p,
        "is_break": found.is_break,
    }


def _describe_window(found: Window) -> Json:
    return {
        "number": found.number,
        "start": found.start.isoformat(),
        "end": found.end.isoformat(),
        "alpha": _describe(found.alpha),
        "percent_agreement": _describe(found.percent),
    }


def _rarity(found: Rarity | None) -> Json | None:
    if found is None:
        return None
    return {
        "commonest": found.commonest,
        "n_rare": found.n_rare,
        "n_ratings": found.n_ratings,
        "n_items": found.n_items,
        "agreement": _describe(found.agreement),
    }


def _describe(estimate: Estimate) -> Json:
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "n_items": estimate.n_items,
        "n_ratings": estimate.n_ratings,
        "n_raters": estimate.n_raters,
        "method": estimate.method,
        "reason": estimate.reason,
    }
