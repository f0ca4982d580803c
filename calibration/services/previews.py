"""How a spec would fill, before anything is frozen."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from calibration.formats.specs import Spec, SpecFault
from calibration.models import GoldenSet, Retirement, SetPreview
from calibration.queries.erasures import list_erased_items
from calibration.queries.releases import list_case_names
from calibration.queries.terms import find_spec, get_terms, list_retired
from calibration.services.candidates import Tally, count_labels
from calibration.services.composing import (
    CellFill,
    Composition,
    chosen_cases,
    compose,
    list_gaps,
)
from calibration.services.golden_sets import check_set_name, get_spec_version
from calibration.services.selection import Chosen, retired_because, select_cases
from calibration.services.watermarks import read_watermark
from reviews.models import Item
from reviews.queries.queues import QueueFacts, get_queue

Json = dict[str, Any]
CHUNK = 500


def preview_set(*, name: str, queue: QueueFacts, spec: Spec) -> Composition:
    """What the set of that name, perhaps not made yet, would hold under the spec."""
    check_set_name(name, queue)
    found = GoldenSet.objects.filter(project=queue.project_id, slug=name).first()
    latest = found.releases.order_by("pk").last() if found is not None else None
    retired = list_retired(found.pk if found is not None else None)
    return compose(
        queue,
        get_spec_version(queue, spec),
        spec,
        parent=list_case_names(latest.pk) if latest is not None else (),
        retired=retired_because(queue.project_id, retired),
    )


def refresh_stale_previews(*, now: datetime) -> int:
    """Compose anew every set of which something has changed."""
    n_refreshed = 0
    sets = GoldenSet.objects.filter(project__retired_at__isnull=True)
    for golden_set in sets.select_related("queue").order_by("pk"):
        inputs = _inputs(golden_set)
        if find_current_preview(golden_set) is None:
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


def find_current_preview(golden_set: GoldenSet) -> Json | None:
    """What the set would hold now; None where that is to be composed anew."""
    known = SetPreview.objects.filter(golden_set=golden_set).first()
    is_current = known is not None and known.inputs == _inputs(golden_set)
    return known.results if known is not None and is_current else None


def _inputs(golden_set: GoldenSet) -> Json:
    queue = golden_set.queue
    version_id = _version_id(golden_set)
    latest = golden_set.releases.order_by("pk").last()
    newest = Item.objects.filter(project=golden_set.project_id).order_by("pk").last()
    return {
        "spec": golden_set.specs.count(),
        "release": latest.pk if latest is not None else None,
        "retired": Retirement.objects.filter(golden_set=golden_set).count(),
        "item": newest.pk if newest is not None else None,
        "erased": len(list_erased_items(golden_set.project_id)),
        "version": version_id,
        "labels": [queue.label_method, queue.label_confidence_floor, queue.overlap],
        "watermark": list(
            read_watermark(
                queue_id=queue.pk, version_id=version_id, golden_set_id=golden_set.pk
            )
        ),
    }


def _version_id(golden_set: GoldenSet) -> int:
    spec = find_spec(golden_set.pk)
    queue = get_queue(project_id=golden_set.project_id, slug=golden_set.queue.slug)
    try:
        return get_spec_version(queue, spec).id
    except SpecFault:
        return queue.rubric_version_id


def _results(golden_set: GoldenSet) -> Json:
    spec = find_spec(golden_set.pk)
    queue = get_queue(project_id=golden_set.project_id, slug=golden_set.queue.slug)
    tally = Tally()
    if spec is None:
        version = get_spec_version(queue, None)
        retired = retired_because(queue.project_id, list_retired(golden_set.pk))
        items = select_cases(queue, version, tally, retired=retired)
        _count(tally, golden_set, map(Chosen, items))
        composed: Json = {"gaps": [], "cells": [], "left_out": dict(tally.left_out)}
    else:
        try:
            found = preview_set(name=golden_set.slug, queue=queue, spec=spec)
        except SpecFault as error:
            return {"gaps": [str(error)], "cells": []}
        _count(
            tally,
            golden_set,
            chosen_cases(queue, get_spec_version(queue, spec), found),
        )
        composed = describe_composition(found)
    return (
        composed
        | count_labels(tally)
        | {"n_cases": tally.n_cases, "n_unreferenced": tally.n_unreferenced}
    )


def _count(tally: Tally, golden_set: GoldenSet, cases: Iterator[Chosen]) -> None:
    while chunk := list(islice(cases, CHUNK)):
        terms = get_terms(golden_set.pk, [one.item.item_id for one in chunk])
        for one in chunk:
            tally.count(one)
            known = terms.get(one.item.item_id)
            graded = known.grading if known is not None else None
            if known and graded and graded["type"] == "exact" and not known.reference:
                tally.n_unreferenced += 1


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
