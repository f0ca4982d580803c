"""Looking for disputes: announced by a submit, swept by the schedule."""

import logging
import time

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from labeling.services import disputes

CHUNK = 500

logger = logging.getLogger(__name__)


@shared_task(name="labeling.recheck_items")
def recheck_items() -> None:
    while disputes.recheck_items(now=timezone.now(), limit=CHUNK) == CHUNK:
        pass


class Bell:
    """Rung at most so often by one process: one look finds all that is due."""

    seconds = 5.0
    rung_at = float("-inf")

    def is_due(self) -> bool:
        now = time.monotonic()
        if now - self.rung_at < self.seconds:
            return False
        self.rung_at = now
        return True


BELL = Bell()


def announce_recheck() -> None:
    """Ring for a recheck once this transaction is in.

    The outbox row is what counts: with the broker away, or shortly after another
    ring, the sweep finds it, and nobody's click fails or waits.
    """
    transaction.on_commit(_ring)


def _ring() -> None:
    if not BELL.is_due():
        return
    try:
        recheck_items.delay()
    except OperationalError as error:
        logger.warning("the broker is away, the sweep will recheck: %s", error)
