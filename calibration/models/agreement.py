"""Agreement as it was measured at a moment, for pages to read."""

from django.db import models


class AgreementSnapshot(models.Model):
    """The coefficients of one queue under one rubric version.

    Pages read the newest; `n_judgments` stamps what it was made from, so that a
    page can say when newer judgments are not in it yet.
    """

    queue = models.ForeignKey("reviews.Queue", models.PROTECT)
    rubric_version = models.ForeignKey("labeling.RubricVersion", models.PROTECT)
    n_judgments = models.PositiveBigIntegerField()
    results = models.JSONField()
    computed_at = models.DateTimeField()

    class Meta:
        indexes = [
            # The newest snapshot of a queue's rubric version.
            models.Index(
                fields=["queue", "rubric_version", "-computed_at"],
                name="agreement_newest",
            )
        ]

    def __str__(self) -> str:
        return f"agreement {self.pk}"
