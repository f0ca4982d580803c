"""Celery: the alarm clock. What is to be done stands in the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("touchstone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_time_limit=600,
    task_default_queue="default",
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    # A dead broker stops no click: publishing gives up at once, the sweeps of
    # the schedule below find what was not announced.
    task_publish_retry=False,
    broker_transport_options={
        "socket_connect_timeout": 1,
        "socket_timeout": 5,
        # Of the connection that a publisher opens; without it, seconds of waiting.
        "max_retries": 0,
    },
    beat_schedule={
        "expire-leases": {"task": "reviews.expire_leases", "schedule": 30},
        "raise-breaches": {"task": "reviews.raise_breaches", "schedule": 60},
        "settle-slices": {"task": "reviews.settle_slices", "schedule": 20},
        "prepare-presentables": {
            "task": "reviews.prepare_presentables",
            "schedule": 30,
        },
        "recheck-items": {"task": "labeling.recheck_items", "schedule": 20},
        "measure-agreement": {
            "task": "calibration.measure_stale_queues",
            "schedule": 60,
        },
        "settle-qualifications": {
            "task": "calibration.settle_qualifications",
            "schedule": 60,
        },
        "freeze-waiting": {"task": "calibration.freeze_waiting", "schedule": 60},
        "measure-panels": {
            "task": "calibration.measure_stale_panels",
            "schedule": 60,
        },
    },
)
app.autodiscover_tasks()
