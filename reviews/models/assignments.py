"""Batches and assignments: who was given what, under which opaque id."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_noop as _

from reviews.models.items import Item
from reviews.models.known import is_known
from reviews.models.projects import Member
from reviews.models.qualifications import Qualification
from reviews.models.queues import Queue, Slot


class Batch(models.Model):
    """One reviewer's sitting: a short, shuffled run of assignments."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    # The indexes below begin with them.
    queue = models.ForeignKey(Queue, models.PROTECT, db_index=False)
    reviewer = models.ForeignKey(Member, models.PROTECT, db_index=False)
    # Of the shuffle, the gold positions and the sides: kept for audit.
    seed = models.CharField(max_length=64)
    # SHA-256 of the seed, which may be shown before the seed is.
    seed_hash = models.CharField(max_length=64, default="")
    size = models.PositiveSmallIntegerField()
    # Of gold alone, which its reviewer is told about afterwards; none: live.
    qualification = models.ForeignKey(
        Qualification, models.PROTECT, null=True, related_name="batches"
    )
    dealt_at = models.DateTimeField()

    class Meta:
        indexes = [
            # The daily cap and the reviewer's last batch.
            models.Index(
                fields=["reviewer", "queue", "-dealt_at"], name="batch_by_reviewer"
            ),
            # The daily cap of a queue.
            models.Index(fields=["queue", "-dealt_at"], name="batch_by_queue"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Purpose(models.TextChoices):
    FRESH = "FRESH", "fresh"
    GOLD = "GOLD", _("gold")
    RETEST = "RETEST", _("retest")
    IMPORT = "IMPORT", "import"
    QUALIFICATION = "QUALIFICATION", _("qualification")


class AssignmentStatus(models.TextChoices):
    LIVE = "LIVE", "live"
    SUBMITTED = "SUBMITTED", "submitted"
    EXPIRED = "EXPIRED", "expired"
    SKIPPED = "SKIPPED", "skipped"
    RETURNED = "RETURNED", "returned"
    ESCALATED = "ESCALATED", "escalated"
    # Judged, and taken back by its reviewer before the batch was over.
    WITHDRAWN = "WITHDRAWN", "withdrawn"


HELD = [AssignmentStatus.LIVE, AssignmentStatus.SUBMITTED]


class Assignment(models.Model):
    """One item given to one reviewer under an opaque id."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    # Without indexes that others begin with or nothing asks for: a row moves in all
    # of them whenever its status does.
    batch = models.ForeignKey(
        Batch, models.PROTECT, null=True, related_name="assignments", db_index=False
    )
    queue = models.ForeignKey(Queue, models.PROTECT)
    reviewer = models.ForeignKey(Member, models.PROTECT, db_index=False)
    item = models.ForeignKey(Item, models.PROTECT)
    # Held by the key `assignment_slot_of_its_item`, of the slot, its item and its queue.
    # Whoever holds it is found by the index of `assignment_one_holder_per_slot`.
    slot = models.ForeignKey(
        Slot, models.PROTECT, null=True, db_index=False, db_constraint=False
    )
    # The version in force when the batch was dealt; the judgment is under it.
    rubric_version = models.ForeignKey(
        "labeling.RubricVersion", models.PROTECT, db_index=False
    )
    purpose = models.CharField(max_length=13, choices=Purpose)
    position = models.PositiveSmallIntegerField()
    # The canonical index of the response shown first, second, ...
    response_order = ArrayField(models.PositiveSmallIntegerField())
    status = models.CharField(
        max_length=9, choices=AssignmentStatus, default=AssignmentStatus.LIVE
    )
    # Why it was skipped, returned or escalated.
    ended_because = models.CharField(max_length=500, blank=True)
    leased_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=is_known("purpose", Purpose.values),
                name="assignment_purpose_known",
            ),
            models.CheckConstraint(
                condition=is_known("status", AssignmentStatus.values),
                name="assignment_status_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=AssignmentStatus.LIVE)
                | models.Q(leased_until__isnull=False),
                name="assignment_live_has_lease",
            ),
            models.CheckConstraint(
                condition=models.Q(purpose=Purpose.FRESH, slot__isnull=False)
                | (~models.Q(purpose=Purpose.FRESH) & models.Q(slot__isnull=True)),
                name="assignment_fresh_has_slot",
            ),
            models.CheckConstraint(
                condition=models.Q(purpose=Purpose.IMPORT, batch__isnull=True)
                | (~models.Q(purpose=Purpose.IMPORT) & models.Q(batch__isnull=False)),
                name="assignment_dealt_has_batch",
            ),
            models.UniqueConstraint(
                fields=["slot"],
                condition=models.Q(status__in=HELD),
                name="assignment_one_holder_per_slot",
            ),
            models.UniqueConstraint(
                fields=["reviewer", "item"],
                condition=models.Q(status=AssignmentStatus.LIVE),
                name="assignment_one_live_per_reviewer",
            ),
            models.UniqueConstraint(
                fields=["reviewer", "item", "queue", "rubric_version"],
                condition=models.Q(
                    status__in=HELD, purpose__in=[Purpose.FRESH, Purpose.IMPORT]
                ),
                name="assignment_counts_once_per_reviewer",
            ),
            models.UniqueConstraint(
                fields=["batch", "position"], name="assignment_position_once"
            ),
        ]
        indexes = [
            # Dealing a batch: what of an item or a gold case its reviewer has had.
            models.Index(fields=["reviewer", "item"], name="assignment_by_reviewer"),
            # The sweep of expired leases.
            models.Index(
                fields=["leased_until"],
                name="assignment_lease",
                condition=models.Q(status=AssignmentStatus.LIVE),
            ),
            # The lead's list of what was escalated.
            models.Index(
                fields=["queue"],
                name="assignment_escalated",
                condition=models.Q(status=AssignmentStatus.ESCALATED),
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
