"""The lead's pages about panels, measured ahead of the clicks that show them."""

from datetime import datetime, timedelta
from typing import Any

from calibration.models import PanelKind, PanelSnapshot
from calibration.queries.panels import (
    PanelFacts,
    count_queue_inputs,
    count_traffic_inputs,
    find_panel,
)
from calibration.services.blinding_panel import measure_blinding
from calibration.services.judge_panel import measure_judges
from calibration.services.reviewer_panel import describe_reviewers
from calibration.services.reviewer_records import measure_reviewers
from calibration.services.standing import follow_rule
from calibration.services.standing_rule import find_standing
from calibration.services.traffic import measure_traffic
from reviews.models import Project
from reviews.queries.queues import QueueFacts, list_queues

Json = dict[str, Any]

OF_A_QUEUE = (PanelKind.REVIEWERS, PanelKind.JUDGES, PanelKind.BLINDING)
# A page that streams in judgments is not measured at each of them.
LEAST_AGE = timedelta(minutes=5)


def refresh_panels(*, project_id: int, now: datetime) -> None:
    """Measure every page of a project anew."""
    for queue in list_queues(project_id):
        for kind in OF_A_QUEUE:
            _refresh(queue, kind, count_queue_inputs(queue, kind), now)
    _refresh_traffic(project_id, count_traffic_inputs(project_id), now)


def refresh_stale_panels(*, now: datetime) -> int:
    """Measure what has changed since it was measured; how many pages."""
    projects = Project.objects.filter(retired_at__isnull=True).order_by("pk")
    return sum(
        _refresh_stale(project_id, now)
        for project_id in list(projects.values_list("pk", flat=True))
    )


def _refresh_stale(project_id: int, now: datetime) -> int:
    n_refreshed = 0
    for queue in list_queues(project_id):
        for kind in OF_A_QUEUE:
            inputs = count_queue_inputs(queue, kind)
            old = find_panel(project_id=project_id, queue_id=queue.id, kind=kind)
            if _is_due(old, inputs, now):
                _refresh(queue, kind, inputs, now)
                n_refreshed += 1
    inputs = count_traffic_inputs(project_id)
    old = find_panel(project_id=project_id, queue_id=None, kind=PanelKind.TRAFFIC)
    if _is_due(old, inputs, now):
        _refresh_traffic(project_id, inputs, now)
        n_refreshed += 1
    return n_refreshed


def _is_due(old: PanelFacts | None, inputs: Json, now: datetime) -> bool:
    if old is None:
        return True
    if old.inputs == inputs:
        return False
    PanelSnapshot.objects.filter(pk=old.id).update(is_behind=True)
    return now >= old.computed_at + LEAST_AGE


def _refresh(queue: QueueFacts, kind: PanelKind, inputs: Json, now: datetime) -> None:
    # The inputs were counted first: what arrives meanwhile makes this one stale.
    if kind == PanelKind.REVIEWERS:
        results = _measure_reviewers(queue, now)
    elif kind == PanelKind.JUDGES:
        results = measure_judges(queue)
    else:
        results = measure_blinding(queue)
    PanelSnapshot.objects.create(
        project_id=queue.project_id,
        queue_id=queue.id,
        kind=kind,
        inputs=inputs,
        results=results,
        computed_at=now,
    )


def _refresh_traffic(project_id: int, inputs: Json, now: datetime) -> None:
    PanelSnapshot.objects.create(
        project_id=project_id,
        kind=PanelKind.TRAFFIC,
        inputs=inputs,
        results=measure_traffic(project_id),
        computed_at=now,
    )


def _measure_reviewers(queue: QueueFacts, now: datetime) -> Json:
    records = measure_reviewers(queue_id=queue.id, version_id=queue.rubric_version_id)
    found = [(record, find_standing(record)) for record in records]
    for record, finding in found:
        follow_rule(
            queue_id=queue.id,
            handle=record.handle,
            finding=finding,
            n_gold=record.n_gold,
            now=now,
        )
    return describe_reviewers(queue, found)
