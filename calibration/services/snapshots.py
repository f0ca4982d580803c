"""Agreement measured ahead of time, so that no page computes on a click."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from calibration.models import AgreementSnapshot
from calibration.queries.criteria import ScaledVersion, get_version
from calibration.queries.labels import LabelledItem, stream_labels
from calibration.queries.ratings import (
    count_adjudications,
    count_judgments,
    count_taken_back,
    list_judged_versions,
)
from calibration.queries.snapshots import get_snapshot
from calibration.queries.weighing import get_weighing
from calibration.services.agreement import measure_agreement
from calibration.services.breakdown import measure_breakdown
from calibration.services.candidates import Tally, count_labels
from calibration.services.doubts import DoubtWatch
from calibration.services.gate import list_blocks, read_agreement
from calibration.services.pictures import draw_agreement
from calibration.services.reports import (
    Json,
    describe_agreement,
    describe_breakdown,
)
from calibration.services.selection import Chosen, retired_because, select_cases
from labeling.services.disputes import open_disputes
from reviews.models import Queue
from reviews.queries.queues import QueueFacts, get_queue


def refresh_agreement(
    *, queue_id: int, now: datetime, version_id: int | None = None
) -> int:
    """Measure a queue under one rubric version, by default its own; the snapshot's id.

    The counts are read first: what arrives meanwhile makes the snapshot stale, and
    the next sweep measures again.
    """
    found = Queue.objects.get(pk=queue_id)
    queue = get_queue(project_id=found.project_id, slug=found.slug)
    version_id = version_id or queue.rubric_version_id
    n_judgments = count_judgments(queue_id=queue_id, version_id=version_id)
    n_taken_back = count_taken_back(queue_id=queue_id, version_id=version_id)
    n_adjudications = count_adjudications(queue_id=queue_id, version_id=version_id)
    agreement = measure_agreement(queue_id=queue_id, version_id=version_id)
    breakdowns = measure_breakdown(queue_id=queue_id, version_id=version_id)
    version = get_version(version_id)
    weighing = get_weighing(queue_id=queue_id, version=version)
    watch = DoubtWatch(queue, version, weighing)
    labelled = watch.watch(
        stream_labels(queue_id=queue_id, version=version, weighing=weighing)
    )
    results: Json = {
        "agreement": describe_agreement(queue, agreement),
        "breakdown": describe_breakdown(agreement, breakdowns),
        "cases": _count_cases(queue, version, labelled)
        | {
            "blocks": list_blocks(
                read_agreement(agreement), bar=queue.agreement_bar, n_open_disputes=0
            )
        },
        "labels": watch.described(),
        "n_adjudications": n_adjudications,
        "n_taken_back": n_taken_back,
    }
    if version_id == queue.rubric_version_id:
        open_disputes(queue_id=queue_id, doubts=watch.doubts, now=now)
    charts = draw_agreement(results)
    results |= {"charts": charts, "drawn": sorted(charts)}
    return _keep(queue_id, version_id, n_judgments, results, now)


@transaction.atomic
def _keep(
    queue_id: int, version_id: int, n_judgments: int, results: Json, now: datetime
) -> int:
    """Keep the newest alone: nobody reads the others, and each holds pictures."""
    snapshot = AgreementSnapshot.objects.create(
        queue_id=queue_id,
        rubric_version_id=version_id,
        n_judgments=n_judgments,
        results=results,
        computed_at=now,
    )
    AgreementSnapshot.objects.filter(
        queue_id=queue_id, rubric_version_id=version_id, pk__lt=snapshot.pk
    ).delete()
    return snapshot.pk


def refresh_stale_queues(*, now: datetime) -> int:
    """Measure every queue with judgments or adjudications that no snapshot has."""
    n_refreshed = 0
    for judged in list_judged_versions():
        snapshot = get_snapshot(queue_id=judged.queue_id, version_id=judged.version_id)
        if snapshot is None or snapshot.is_behind:
            refresh_agreement(
                queue_id=judged.queue_id, version_id=judged.version_id, now=now
            )
            n_refreshed += 1
    return n_refreshed


def _count_cases(
    queue: QueueFacts, version: ScaledVersion, labelled: Iterator[LabelledItem]
) -> Json:
    tally, retired = Tally(), retired_because(queue.project_id, ())
    for item in select_cases(queue, version, tally, labelled, retired):
        tally.count(Chosen(item))
    return {
        "n_cases": tally.n_cases,
        "left_out": dict(tally.left_out),
        "overlap": queue.overlap,
        "erased": len(retired),
        **count_labels(tally),
    }
