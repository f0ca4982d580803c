"""What the alarm clock of the calibration app rings for."""

import logging

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from calibration.services import freeze_requests, qualifications
from calibration.services.panels import refresh_failures, refresh_stale_panels
from calibration.services.previews import refresh_stale_previews
from calibration.services.rubric_reviews import review_slices
from calibration.services.snapshots import refresh_stale_queues

logger = logging.getLogger(__name__)


@shared_task(name="calibration.measure_stale_queues")
def measure_stale_queues() -> None:
    refresh_stale_queues(now=timezone.now())
    review_slices(now=timezone.now())


@shared_task(name="calibration.measure_stale_panels")
def measure_stale_panels() -> None:
    refresh_stale_panels(now=timezone.now())


@shared_task(name="calibration.freeze_waiting", time_limit=3600)
def freeze_waiting() -> None:
    freeze_requests.freeze_waiting(now=timezone.now())
    refresh_stale_previews(now=timezone.now())


def announce_set() -> None:
    """Ask for a release or a preview, once this transaction is in."""
    transaction.on_commit(_ring_freeze)


def _ring_freeze() -> None:
    try:
        freeze_waiting.delay()
    except OperationalError as error:
        logger.warning("the broker is away, the sweep will freeze: %s", error)


@shared_task(name="calibration.settle_qualifications")
def settle_qualifications() -> None:
    qualifications.settle_qualifications(now=timezone.now())


@shared_task(name="calibration.measure_failures")
def measure_failures(*, project_id: int) -> None:
    refresh_failures(project_id=project_id, now=timezone.now())


def announce_sorting(project_id: int) -> None:
    """Ask for new figures once this transaction is in; the sweep finds it as well."""
    transaction.on_commit(lambda: _ring(project_id))


def _ring(project_id: int) -> None:
    try:
        measure_failures.delay(project_id=project_id)
    except OperationalError as error:
        logger.warning("the broker is away, the sweep will measure: %s", error)
