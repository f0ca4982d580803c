"""The lead's pages about panels, measured ahead of the clicks that show them."""

from datetime import datetime, timedelta
from typing import Any

from calibration.models import OF_A_PROJECT, PanelKind, PanelSnapshot
from calibration.queries.failures import count_taxonomy_acts
from calibration.queries.panels import (
    PanelFacts,
    count_queue_inputs,
    count_traffic_inputs,
    find_panel,
)
from calibration.services.blinding_panel import measure_blinding
from calibration.services.failure_panel import measure_failures
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
    for kind in OF_A_PROJECT:
        _refresh_project(project_id, kind, _project_inputs(project_id, kind), now)


def refresh_failures(*, project_id: int, now: datetime) -> None:
    """Count failures again, after a lead has sorted them: unless that was done."""
    inputs = _project_inputs(project_id, PanelKind.FAILURES)
    old = find_panel(project_id=project_id, queue_id=None, kind=PanelKind.FAILURES)
    if old is None or old.inputs != inputs:
        _refresh_project(project_id, PanelKind.FAILURES, inputs, now)


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
    for kind in OF_A_PROJECT:
        inputs = _project_inputs(project_id, kind)
        old = find_panel(project_id=project_id, queue_id=None, kind=kind)
        if _is_due(old, inputs, now):
            _refresh_project(project_id, kind, inputs, now)
            n_refreshed += 1
    return n_refreshed


def _project_inputs(project_id: int, kind: PanelKind) -> Json:
    inputs = count_traffic_inputs(project_id)
    if kind == PanelKind.FAILURES:
        inputs["n_acts"] = count_taxonomy_acts(project_id)
    return inputs


def _is_due(old: PanelFacts | None, inputs: Json, now: datetime) -> bool:
    if old is None:
        return True
    if old.inputs == inputs:
        return False
    PanelSnapshot.objects.filter(pk=old.id).update(is_behind=True)
    # What a lead has sorted, they want to see.
    is_sorted = old.inputs.get("n_acts") != inputs.get("n_acts")
    return is_sorted or now >= old.computed_at + LEAST_AGE


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


def _refresh_project(
    project_id: int, kind: PanelKind, inputs: Json, now: datetime
) -> None:
    measure = measure_traffic if kind == PanelKind.TRAFFIC else measure_failures
    PanelSnapshot.objects.create(
        project_id=project_id,
        kind=kind,
        inputs=inputs,
        results=measure(project_id),
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
