"""What reviewers submitted, and what they typed before they did."""

from django.db import models

from labeling.models.rubrics import Criterion, RubricVersion


class Judgment(models.Model):
    """One submitted answer for one assignment. Append-only.

    Everything that follows from the assignment (queue, item, reviewer, rubric
    version, purpose) is filled in by the trigger `judgment_takes_after`, so that
    whoever may submit need not be able to read it.
    """

    assignment = models.OneToOneField("reviews.Assignment", models.PROTECT)
    queue = models.ForeignKey("reviews.Queue", models.PROTECT)
    item = models.ForeignKey("reviews.Item", models.PROTECT)
    reviewer = models.ForeignKey("reviews.Member", models.PROTECT)
    rubric_version = models.ForeignKey(RubricVersion, models.PROTECT)
    # Gold and retest judgments never enter agreement, labels or counts.
    counts = models.BooleanField()
    comment = models.TextField(blank=True)
    active_seconds = models.PositiveIntegerField(null=True)
    submitted_at = models.DateTimeField()

    class Meta:
        indexes = [
            # Agreement, labels and disputes read one rubric version of a queue
            # item by item.
            models.Index(
                fields=["queue", "rubric_version", "item"],
                name="judgment_by_item",
                condition=models.Q(counts=True),
            ),
        ]

    def __str__(self) -> str:
        return f"judgment {self.pk}"


class Rating(models.Model):
    """The value of one judgment on one criterion. Append-only.

    `value` is canonical (for a pair: "A" is the first response as ingested) and
    `displayed` is what was on the reviewer's screen ("LEFT", "RIGHT", "tie"),
    so that position bias can be measured.
    """

    judgment = models.ForeignKey(Judgment, models.PROTECT, related_name="ratings")
    criterion = models.ForeignKey(Criterion, models.PROTECT)
    # Text for an option or a note, a number, or a list of options.
    value = models.JSONField()
    displayed = models.JSONField()
    rationale = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["judgment", "criterion"], name="rating_once_per_criterion"
            )
        ]

    def __str__(self) -> str:
        return f"rating {self.pk}"


class Draft(models.Model):
    """What a reviewer has typed and not submitted; outlives the lease."""

    assignment = models.OneToOneField("reviews.Assignment", models.PROTECT)
    answers = models.JSONField()
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"draft {self.pk}"


class Recheck(models.Model):
    """An item whose ratings changed and whose disputes are to be looked at.

    Written by a trigger, removed by the task that looked: a lost message delays
    the look, it never loses it.
    """

    queue = models.ForeignKey("reviews.Queue", models.PROTECT)
    item = models.ForeignKey("reviews.Item", models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "item"], name="recheck_once_per_item"
            )
        ]

    def __str__(self) -> str:
        return f"{self.queue_id}:{self.item_id}"
