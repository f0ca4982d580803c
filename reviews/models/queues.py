"""Queues, their panels, and the slots in which items wait."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_noop as _

from reviews.models.items import Item
from reviews.models.known import is_known
from reviews.models.projects import Member, Project


class LabelMethod(models.TextChoices):
    """How the votes on an item become its label."""

    WEIGHTED = "WEIGHTED", _("gold-weighted majority")
    MAJORITY = "MAJORITY", _("majority")
    DAWID_SKENE = "DAWID_SKENE", "Dawid-Skene"


class Authority(models.TextChoices):
    """What a queue lets its reviewers do with an item besides rating it."""

    APPROVE = "APPROVE", "approve"
    REJECT = "REJECT", "reject"
    REVISE = "REVISE", "revise"
    ESCALATE = "ESCALATE", "escalate"


def escalate_alone() -> list[str]:
    return [Authority.ESCALATE.value]


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
    # Of alpha's lower limit: from the first on a set may be frozen, from the second
    # on labels can be relied on.
    agreement_bar = models.FloatField()
    label_method = models.CharField(
        max_length=11,
        choices=LabelMethod,
        default=LabelMethod.WEIGHTED,
        db_default=LabelMethod.WEIGHTED,
    )
    # A label that is less probable goes to adjudication; 0: none does for that.
    label_confidence_floor = models.FloatField(default=0.8, db_default=0.8)
    # A slice whose alpha is surely under it is not dealt on; none: never.
    slice_floor = models.FloatField(null=True)
    # Items of a slice, each rated twice, before it is looked at for that.
    slice_minimum = models.PositiveIntegerField(default=30, db_default=30)
    reliable_bar = models.FloatField(default=0.8, db_default=0.8)
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
    # Gold cases that a reviewer judges before anything else here, and the share of
    # right answers that is asked for; 0: nobody is asked.
    qualification_size = models.PositiveSmallIntegerField(default=0, db_default=0)
    qualification_pass = models.FloatField(default=0.8, db_default=0.8)
    # Formatting is a cue to who wrote a text: shown without it.
    plain_text = models.BooleanField(default=False, db_default=False)
    authority = ArrayField(
        models.CharField(max_length=8),
        default=escalate_alone,
        db_default=[Authority.ESCALATE.value],
    )
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
            models.CheckConstraint(
                condition=models.Q(authority__contained_by=Authority.values),
                name="queue_authority_known",
            ),
            models.CheckConstraint(
                condition=models.Q(label_method__in=LabelMethod.values),
                name="queue_label_method_known",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    label_confidence_floor__gte=0, label_confidence_floor__lt=1
                ),
                name="queue_label_confidence_floor_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(slice_floor__isnull=True)
                | models.Q(slice_floor__gt=0, slice_floor__lt=1),
                name="queue_slice_floor_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(qualification_pass__gt=0, qualification_pass__lte=1),
                name="queue_qualification_pass_sane",
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
    # Of a slice that is paused: it opens again when that is resumed.
    HELD = "HELD", "held"


class Slot(models.Model):
    """Room for one judgment of an item; an item has as many as the overlap.

    The state follows the assignment that holds the slot, by trigger.
    """

    # The index of `slot_number_once_per_item` begins with it.
    queue = models.ForeignKey(
        Queue, models.PROTECT, related_name="slots", db_index=False
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="slots")
    # From 1, as `slot_number_positive` says.
    number = models.SmallIntegerField()
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
                condition=is_known("state", SlotState.values), name="slot_state_known"
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


class Dimension(models.TextChoices):
    """What the items of a queue may be sliced by."""

    INTENT = "intent", "intent"
    STAKES = "stakes", "stakes"
    RULE = "rule", "rule"
    ACTION = "action", "action"
    KIND = "kind", "kind"


class SlicePause(models.Model):
    """A slice of a queue of which nothing fresh is dealt.

    Triggers hold what of it would be open. `held_at` and `resumed_at` are marks for
    the sweep: what was open before is held after the one, and opens after the other,
    whereupon the row is done with.
    """

    queue = models.ForeignKey(Queue, models.PROTECT, related_name="slice_pauses")
    dimension = models.CharField(max_length=6, choices=Dimension)
    value = models.CharField(max_length=200)
    # For the lead alone: it holds figures.
    because = models.CharField(max_length=500)
    paused_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True)
    resumed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "dimension", "value"],
                condition=models.Q(resumed_at=None),
                name="slicepause_once",
            ),
            models.CheckConstraint(
                condition=models.Q(dimension__in=Dimension.values),
                name="slicepause_dimension_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue_id}: {self.dimension} {self.value}"


class SeedUse(models.TextChoices):
    """What gold is for. Of a qualification its reviewer is told the right answers."""

    BOTH = "BOTH", "both"
    LIVE = "LIVE", "live"
    QUALIFICATION = "QUALIFICATION", "qualification"


class Seed(models.Model):
    """An item with known ratings that batches of a queue may carry unseen.

    What the right ratings are is known to calibration alone; `band` is the
    class that is kept in balance (for instance good and bad answers).
    """

    queue = models.ForeignKey(Queue, models.PROTECT, related_name="seeds")
    item = models.ForeignKey(Item, models.PROTECT, related_name="seeds")
    band = models.CharField(max_length=40)
    use = models.CharField(
        max_length=13, choices=SeedUse, default=SeedUse.BOTH, db_default=SeedUse.BOTH
    )
    # The newest version under which its right ratings are known.
    rubric_version = models.ForeignKey(
        "labeling.RubricVersion", models.PROTECT, null=True
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "item"], name="seed_item_once_per_queue"
            ),
            models.CheckConstraint(
                condition=models.Q(use__in=SeedUse.values), name="seed_use_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue_id}:{self.item_id}"
