"""What the alarm clock of the reviews app rings for."""

import logging

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from reviews.services import ahead, leases, sla, slices

logger = logging.getLogger(__name__)


@shared_task(name="reviews.expire_leases")
def expire_leases() -> None:
    leases.expire_leases(now=timezone.now())


@shared_task(name="reviews.raise_breaches")
def raise_breaches() -> None:
    sla.raise_breaches(now=timezone.now())


@shared_task(name="reviews.settle_slices")
def settle_slices() -> None:
    slices.settle_slices(now=timezone.now())


@shared_task(name="reviews.prepare_presentables")
def prepare_presentables() -> None:
    while ahead.prepare_next(now=timezone.now()) == ahead.CHUNK:
        pass


def announce_routed() -> None:
    """Ring for what was routed to be made ready; with the broker away, beat will."""
    try:
        prepare_presentables.delay()
    except OperationalError as error:
        logger.warning("the broker is away, the sweep will prepare: %s", error)
