"""Gold cases: items whose right ratings are known."""

from django.db import models


class GoldCase(models.Model):
    """The known ratings of one item under one rubric version.

    `reviews.Seed` tells the deal that the item may be slipped into a batch; what
    the right ratings are stands here, out of the reach of reviewer requests.
    """

    queue = models.ForeignKey("reviews.Queue", models.PROTECT)
    item = models.ForeignKey("reviews.Item", models.PROTECT)
    rubric_version = models.ForeignKey("labeling.RubricVersion", models.PROTECT)
    rationale = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "item", "rubric_version"],
                name="goldcase_once_per_rubric_version",
            )
        ]

    def __str__(self) -> str:
        return f"gold case {self.pk}"


class GoldRating(models.Model):
    gold_case = models.ForeignKey(GoldCase, models.PROTECT, related_name="ratings")
    criterion = models.ForeignKey("labeling.Criterion", models.PROTECT)
    value = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gold_case", "criterion"], name="goldrating_once_per_criterion"
            )
        ]

    def __str__(self) -> str:
        return f"gold rating {self.pk}"
