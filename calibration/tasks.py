"""What the alarm clock of the calibration app rings for."""

from celery import shared_task
from django.utils import timezone

from calibration.services.panels import refresh_stale_panels
from calibration.services.snapshots import refresh_stale_queues


@shared_task(name="calibration.measure_stale_queues")
def measure_stale_queues() -> None:
    refresh_stale_queues(now=timezone.now())


@shared_task(name="calibration.measure_stale_panels")
def measure_stale_panels() -> None:
    refresh_stale_panels(now=timezone.now())
