"""Where raters part under a rubric version, for a lead to look at its words."""

from django.db import models


class RubricReview(models.Model):
    """A slice whose agreement fell under the floor of its queue: why, and what came of it.

    Nothing fresh of the slice is dealt while it is open. Without `closed_by` another
    rubric version closed it.
    """

    queue = models.ForeignKey("reviews.Queue", models.PROTECT)
    rubric_version = models.ForeignKey("labeling.RubricVersion", models.PROTECT)
    dimension = models.CharField(max_length=6)
    value = models.CharField(max_length=200)
    # The floor then, and by criterion alpha with its limits and the items it is of.
    floor = models.FloatField()
    findings = models.JSONField()
    # Of the slice, each rated twice: a lead's decision holds until there are more.
    n_items = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("reviews.Member", models.PROTECT, null=True)
    note = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "rubric_version", "dimension", "value"],
                condition=models.Q(closed_at=None),
                name="rubricreview_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None, closed_by=None, note="")
                | (models.Q(closed_at__isnull=False) & ~models.Q(note="")),
                name="rubricreview_closed_with_note",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue_id}: {self.dimension} {self.value}"
