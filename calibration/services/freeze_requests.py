"""Freezing that a lead asked for on a page, and a worker does."""

from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from calibration.models import FreezeRequest, FreezeState
from calibration.services.freezing import (
    Confirmed,
    FreezeRefused,
    Frozen,
    freeze_release,
)
from calibration.services.golden_sets import SetRefused, get_or_make_set
from reviews.queries.queues import QueueFacts, get_queue

# A worker says how far it is at every step; none of them takes so long.
DEAD_AFTER = timedelta(minutes=30)
STOPPED = "an error stopped it; the log of the worker has it"


@transaction.atomic
def request_freeze(
    *,
    name: str,
    queue: QueueFacts,
    override: str,
    confirmed: Confirmed,
    requested_by_id: int,
    now: datetime,
) -> int:
    """Ask for a release; the id of the request that is open then, new or not."""
    try:
        get_or_make_set(name=name, queue=queue, now=now)
    except SetRefused as error:
        raise FreezeRefused(str(error)) from None
    try:
        with transaction.atomic():
            return FreezeRequest.objects.create(
                project_id=queue.project_id,
                name=name,
                queue_id=queue.id,
                override=override,
                confirmed=asdict(confirmed),
                requested_by_id=requested_by_id,
                requested_at=now,
            ).pk
    except IntegrityError:
        # One at a time: whoever asked first has asked for both.
        return FreezeRequest.objects.get(
            project_id=queue.project_id,
            name=name,
            state__in=[FreezeState.WAITING, FreezeState.RUNNING],
        ).pk


def freeze_waiting(*, now: datetime) -> int:
    """Do every request that waits, and those whose worker died; how many."""
    dead = Q(state=FreezeState.RUNNING, beat_at__lt=now - DEAD_AFTER)
    n_done = 0
    while True:
        found = (
            FreezeRequest.objects.filter(Q(state=FreezeState.WAITING) | dead)
            .order_by("requested_at", "pk")
            .first()
        )
        if found is None:
            return n_done
        # Of two workers one takes it: the other finds no such row any more.
        n_done += _run(found, now) if _claim(found, now) else 0


def _claim(request: FreezeRequest, now: datetime) -> bool:
    rows = FreezeRequest.objects.filter(
        pk=request.pk, state=request.state, beat_at=request.beat_at
    )
    return bool(rows.update(state=FreezeState.RUNNING, beat_at=now, step="Starting"))


def _run(request: FreezeRequest, now: datetime) -> int:
    rows = FreezeRequest.objects.filter(pk=request.pk)
    try:
        frozen = _freeze(request, now)
    except FreezeRefused as refused:
        rows.update(state=FreezeState.REFUSED, blocks=list(refused.blocks), step="")
    except BaseException:
        rows.update(state=FreezeState.REFUSED, blocks=[STOPPED], step="")
        raise
    else:
        step = "" if frozen.is_new else "Nothing has changed"
        rows.update(state=FreezeState.FROZEN, release_id=frozen.release_id, step=step)
    return 1


def _freeze(request: FreezeRequest, now: datetime) -> Frozen:
    def tell(step: str) -> None:
        FreezeRequest.objects.filter(pk=request.pk).update(step=step, beat_at=Now())

    queue = get_queue(project_id=request.project_id, slug=request.queue.slug)
    return freeze_release(
        name=request.name,
        queue=queue,
        override=request.override,
        frozen_by_id=request.requested_by_id,
        now=now,
        version=request.version,
        confirmed=_confirmed(request),
        on_step=tell,
    )


def _confirmed(request: FreezeRequest) -> Confirmed | None:
    """None of a request from before there was a second step."""
    if request.confirmed is None:
        return None
    return Confirmed(
        n_cases=request.confirmed["n_cases"],
        blocks=tuple(request.confirmed["blocks"]),
        watermark=tuple(request.confirmed["watermark"]),
    )
