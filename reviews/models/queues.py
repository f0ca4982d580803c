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
    agreement_bar = models.FloatField()
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
        ]

    def __str__(self) -> str:
        return self.slug


class PanelSeat(models.Model):
    """A reviewer's place on the panel of a queue."""

    queue = models.ForeignKey(Queue, models.PROTECT, related_name="panel")
    reviewer = models.ForeignKey(Member, models.PROTECT, related_name="seats")
    is_active = models.BooleanField(default=True)

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
