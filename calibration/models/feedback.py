"""What a reviewer is told after a qualification."""

from django.db import models


class Feedback(models.Model):
    """One item of a finished qualification beside its known ratings. Append-only.

    Written when the attempt has its outcome, for the reviewer who judged the item,
    as that reviewer saw it. It is all that a reviewer ever reads of gold answers;
    the item is never gold to them again.
    """

    qualification = models.ForeignKey(
        "reviews.Qualification", models.PROTECT, related_name="feedback"
    )
    assignment = models.OneToOneField("reviews.Assignment", models.PROTECT)
    # By criterion: id, what was said and what is known, and whether that is right;
    # none where there was nothing to compare.
    answers = models.JSONField()
    rationale = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"feedback {self.pk}"
