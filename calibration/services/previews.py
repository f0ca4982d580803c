"""How a spec would fill, before anything is frozen."""

from datetime import datetime
from typing import Any

from calibration.formats.specs import Spec, SpecFault
from calibration.models import GoldenSet, Retirement, SetPreview
from calibration.queries.ratings import (
    count_adjudications,
    count_judgments,
    count_taken_back,
)
from calibration.queries.releases import list_case_names
from calibration.queries.terms import find_spec, list_retired
from calibration.services.composing import (
    CellFill,
    Composition,
    compose,
    list_gaps,
)
from calibration.services.golden_sets import check_set_name, get_spec_version
from reviews.models import Item
from reviews.queries.queues import QueueFacts, get_queue

Json = dict[str, Any]


def preview_set(*, name: str, queue: QueueFacts, spec: Spec) -> Composition:
    """What the set of that name, perhaps not made yet, would hold under the spec."""
    check_set_name(name, queue)
    found = GoldenSet.objects.filter(project=queue.project_id, slug=name).first()
    latest = found.releases.order_by("pk").last() if found is not None else None
    retired = list_retired(found.pk) if found is not None else []
    return compose(
        queue,
        get_spec_version(queue, spec),
        spec,
        parent=list_case_names(latest.pk) if latest is not None else (),
        retired={one.item: one.because for one in retired},
    )


def refresh_stale_previews(*, now: datetime) -> int:
    """Compose anew every set with a spec of which something has changed."""
    n_refreshed = 0
    sets = GoldenSet.objects.filter(
        specs__isnull=False, project__retired_at__isnull=True
    )
    for golden_set in sets.distinct().select_related("queue").order_by("pk"):
        known = SetPreview.objects.filter(golden_set=golden_set).first()
        inputs = _inputs(golden_set)
        if known is None or known.inputs != inputs:
            SetPreview.objects.update_or_create(
                golden_set=golden_set,
                defaults={
                    "inputs": inputs,
                    "results": _results(golden_set),
                    "computed_at": now,
                },
            )
            n_refreshed += 1
    return n_refreshed


def _inputs(golden_set: GoldenSet) -> Json:
    queue = golden_set.queue
    version = {"queue_id": queue.pk, "version_id": queue.rubric_version_id}
    latest = golden_set.releases.order_by("pk").last()
    newest = Item.objects.filter(project=golden_set.project_id).order_by("pk").last()
    return {
        "spec": golden_set.specs.count(),
        "release": latest.pk if latest is not None else None,
        "retired": Retirement.objects.filter(golden_set=golden_set).count(),
        "item": newest.pk if newest is not None else None,
        "judgments": count_judgments(**version),
        "taken_back": count_taken_back(**version),
        "adjudications": count_adjudications(**version),
    }


def _results(golden_set: GoldenSet) -> Json:
    spec = find_spec(golden_set.pk)
    if spec is None:
        return {"gaps": [], "cells": []}
    queue = get_queue(project_id=golden_set.project_id, slug=golden_set.queue.slug)
    try:
        found = preview_set(name=golden_set.slug, queue=queue, spec=spec)
    except SpecFault as error:
        return {"gaps": [str(error)], "cells": []}
    return describe_composition(found)


def describe_composition(composition: Composition) -> Json:
    return {
        "wanted": composition.wanted,
        "taken": composition.taken,
        "hard_share": round(composition.hard_share, 6),
        "first_day": composition.first_day,
        "last_day": composition.last_day,
        "anchors": composition.n_anchors,
        "n_reviews": composition.n_reviews,
        "cells": [_describe_fill(fill) for fill in composition.fills],
        "left_out": dict(composition.left_out),
        "gaps": list(list_gaps(composition)),
    }


def _describe_fill(fill: CellFill) -> Json:
    return fill.cell.described() | {
        "traffic": round(fill.traffic, 6),
        "reviewed": fill.n_reviewed,
        "eligible": fill.n_eligible,
        "wanted": fill.wanted,
        "taken": fill.taken,
        "missing": fill.missing,
        "n_reviews": fill.n_reviews,
        "unreviewed": fill.n_unreviewed,
    }
