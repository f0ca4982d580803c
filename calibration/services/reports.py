"""Agreement as the JSON object that commands print and snapshots keep."""

from typing import Any

from calibration.services.agreement import Agreement, CriterionAgreement
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
