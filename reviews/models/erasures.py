"""Erasing the text of an item: an act of a lead, recorded."""

from django.db import models

from reviews.models.items import Item
from reviews.models.projects import Member


class Erasure(models.Model):
    """What an item said was erased: by whom, when, why. Append-only.

    In the transaction that makes it, and in no other, the triggers let the words of
    this item go; nobody could write others in their place.
    """

    item = models.OneToOneField(Item, models.PROTECT, related_name="erasure")
    # None: from the command line.
    lead = models.ForeignKey(Member, models.PROTECT, null=True)
    # It stands in every release that held the item.
    reason = models.CharField(max_length=500)
    erased_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="erasure_has_reason"
            )
        ]

    def __str__(self) -> str:
        return f"erasure {self.pk}"
