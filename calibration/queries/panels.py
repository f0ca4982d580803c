"""The newest measurement of a lead's page, and what it would be made from now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from calibration.models import GoldRating, JudgeTerms, PanelKind, PanelSnapshot
from labeling.models import Adjudication, Guess, Judgment
from reviews.models import Item, RoutingDecision
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]

# Of the figures that a page reads: one of an older form counts as none.
FORM = 2


@dataclass(frozen=True)
class PanelFacts:
    id: int
    results: Json
    inputs: Json
    is_behind: bool
    computed_at: datetime


def find_panel(
    *, project_id: int, queue_id: int | None, kind: PanelKind
) -> PanelFacts | None:
    found = PanelSnapshot.objects.filter(
        project_id=project_id, kind=kind, inputs__form=FORM
    )
    if queue_id is not None:
        found = found.filter(queue_id=queue_id)
    newest = found.order_by("-computed_at", "-pk").first()
    if newest is None:
        return None
    return PanelFacts(
        id=newest.pk,
        results=newest.results,
        inputs=newest.inputs,
        is_behind=newest.is_behind,
        computed_at=newest.computed_at,
    )


def count_queue_inputs(queue: QueueFacts, kind: PanelKind) -> Json:
    """What a page about one queue is made from; where it differs, the page is stale."""
    judgments = Judgment.objects.filter(
        queue_id=queue.id, rubric_version_id=queue.rubric_version_id
    )
    inputs: Json = {
        "form": FORM,
        "rubric_version": queue.rubric_version_id,
        "n_judgments": judgments.count(),
        "n_taken_back": _count_taken_back(judgments),
        "terms": _terms(queue_id=queue.id),
    }
    if kind == PanelKind.REVIEWERS:
        inputs["n_gold"] = GoldRating.objects.filter(
            gold_case__queue_id=queue.id
        ).count()
    if kind == PanelKind.JUDGES:
        inputs["n_items"] = Item.objects.filter(project_id=queue.project_id).count()
    if kind == PanelKind.BLINDING:
        inputs["n_guesses"] = Guess.objects.filter(
            assignment__queue_id=queue.id
        ).count()
    return inputs


def count_traffic_inputs(project_id: int) -> Json:
    """What the page about all traffic of a project is made from."""
    judgments = Judgment.objects.filter(queue__project_id=project_id)
    return {
        "form": FORM,
        "n_decisions": RoutingDecision.objects.filter(
            item__project_id=project_id
        ).count(),
        "n_judgments": judgments.count(),
        "n_taken_back": _count_taken_back(judgments),
        "n_adjudications": Adjudication.objects.filter(
            dispute__queue__project_id=project_id
        ).count(),
        "terms": _terms(queue__project_id=project_id),
    }


def _count_taken_back(judgments: QuerySet[Judgment]) -> int:
    return judgments.filter(withdrawn_at__isnull=False).count()


def _terms(**which: int) -> list[str]:
    times = JudgeTerms.objects.filter(**which).order_by("queue_id")
    return [at.isoformat() for at in times.values_list("applied_at", flat=True)]
