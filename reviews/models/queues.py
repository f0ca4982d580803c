"""Queues, their panels, and the slots in which items wait."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from reviews.models.items import Item
from reviews.models.projects import Member, Project


class Queue(models.Model):
    """Where routed items wait for one panel under one rubric version."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="queues")
    slug = models.SlugField(max_length=80)
    title = models.CharField(max_length=200)
    rubric_version = models.ForeignKey("labeling.RubricVersion", models.PROTECT)
    kinds = ArrayField(models.CharField(max_length=6))
    overlap = models.PositiveSmallIntegerField()
    batch_size = models.PositiveSmallIntegerField()
    gold_rate = models.FloatField()
    lease_minutes = models.PositiveIntegerField()
    daily_cap = models.PositiveIntegerField()
    # For the whole panel; none: as much as its reviewers take.
    queue_daily_cap = models.PositiveIntegerField(null=True)
    agreement_bar = models.FloatField()
    # A gold case comes back to the same reviewer after so long, never before.
    gold_period_days = models.PositiveIntegerField(default=90)
    # Share of a batch that its reviewer has rated before, and how long ago.
    retest_rate = models.FloatField(default=0)
    retest_after_days = models.PositiveIntegerField(default=7)
    retest_after_items = models.PositiveIntegerField(default=50)
    # Hours within which an item of each tier is to be judged; none: no promise.
    sla_hours = ArrayField(models.PositiveIntegerField(), size=4, default=list)
    # Who may have written what, for the guess after a batch; empty: never asked.
    guess_systems = ArrayField(models.CharField(max_length=80), default=list)
    # Why nothing is dealt now; empty while the queue runs.
    paused_because = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "slug"], name="queue_slug_once_per_project"
            ),
            models.CheckConstraint(
                condition=models.Q(overlap__gte=1, overlap__lte=20),
                name="queue_overlap_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(batch_size__gte=1, batch_size__lte=200),
                name="queue_batch_size_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(gold_rate__gte=0, gold_rate__lte=0.5),
                name="queue_gold_rate_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(retest_rate__gte=0, retest_rate__lte=0.5),
                name="queue_retest_rate_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(sla_hours__len__in=[0, 4]),
                name="queue_sla_for_every_tier",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class PanelSeat(models.Model):
    """A reviewer's place on the panel of a queue."""

    queue = models.ForeignKey(Queue, models.PROTECT, related_name="panel")
    reviewer = models.ForeignKey(Member, models.PROTECT, related_name="seats")
    is_active = models.BooleanField(default=True)
    # Dealt to while a primary is absent or the queue is late.
    is_backup = models.BooleanField(default=False)
    paused_because = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "reviewer"], name="panelseat_once_per_queue"
            )
        ]

    def __str__(self) -> str:
        return f"{self.queue_id}/{self.reviewer_id}"


class SlotState(models.TextChoices):
    OPEN = "OPEN", "open"
    TAKEN = "TAKEN", "taken"
    FILLED = "FILLED", "filled"
    # With the lead: the reviewer who had it escalated it.
    ESCALATED = "ESCALATED", "escalated"
    WITHDRAWN = "WITHDRAWN", "withdrawn"


class Slot(models.Model):
    """Room for one judgment of an item; an item has as many as the overlap.

    The state follows the assignment that holds the slot, by trigger.
    """

    queue = models.ForeignKey(Queue, models.PROTECT, related_name="slots")
    item = models.ForeignKey(Item, models.PROTECT, related_name="slots")
    number = models.PositiveSmallIntegerField()
    # 0 is looked at first.
    tier = models.PositiveSmallIntegerField()
    # Uniform in [0, 1): a deal starts at a random point of this order.
    shuffle = models.FloatField()
    state = models.CharField(max_length=9, choices=SlotState, default=SlotState.OPEN)
    opened_at = models.DateTimeField()
    # When the sweep found it past the SLA of its tier.
    overdue_at = models.DateTimeField(null=True)
    # When a lead withdrew the item from the queue: it is not opened again.
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "item", "number"], name="slot_number_once_per_item"
            ),
            models.CheckConstraint(
                condition=models.Q(number__gte=1), name="slot_number_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=SlotState.values), name="slot_state_known"
            ),
        ]
        indexes = [
            # Dealing a batch: open slots of a queue by tier from a random point.
            models.Index(
                fields=["queue", "tier", "shuffle"],
                name="slot_open",
                condition=models.Q(state=SlotState.OPEN),
            ),
            # Dealing a batch: what is late comes first.
            models.Index(
                fields=["queue", "tier", "shuffle"],
                name="slot_overdue",
                condition=models.Q(state=SlotState.OPEN, overdue_at__isnull=False),
            ),
            # The sweep of the SLA: what has waited longest in each tier.
            models.Index(
                fields=["queue", "tier", "opened_at"],
                name="slot_waiting",
                condition=models.Q(
                    state__in=[SlotState.OPEN, SlotState.TAKEN], overdue_at=None
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}#{self.number}"


class Seed(models.Model):
    """An item with known ratings that batches of a queue may carry unseen.

    What the right ratings are is known to calibration alone; `band` is the
    class that is kept in balance (for instance good and bad answers).
    """

    queue = models.ForeignKey(Queue, models.PROTECT, related_name="seeds")
    item = models.ForeignKey(Item, models.PROTECT, related_name="seeds")
    band = models.CharField(max_length=40)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "item"], name="seed_item_once_per_queue"
            )
        ]

    def __str__(self) -> str:
        return f"{self.queue_id}:{self.item_id}"
