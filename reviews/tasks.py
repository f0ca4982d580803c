"""What the alarm clock of the reviews app rings for."""

from celery import shared_task
from django.utils import timezone

from reviews.services.leases import expire_leases as expire_due_leases


@shared_task(name="reviews.expire_leases")
def expire_leases() -> None:
    expire_due_leases(now=timezone.now())
