"""Unblinding: an act of a lead, recorded."""

from django.db import models

from reviews.models.assignments import Batch
from reviews.models.items import Item
from reviews.models.projects import Member


class Unblinding(models.Model):
    """Where an item came from was revealed: by whom, when, why. Append-only.

    Judgments of the item that come later are marked and leave agreement.
    """

    item = models.ForeignKey(Item, models.PROTECT, related_name="unblindings")
    # Where a whole batch was revealed.
    batch = models.ForeignKey(Batch, models.PROTECT, null=True)
    lead = models.ForeignKey(Member, models.PROTECT)
    reason = models.TextField()
    revealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="unblinding_has_reason"
            )
        ]

    def __str__(self) -> str:
        return f"unblinding {self.pk}"
