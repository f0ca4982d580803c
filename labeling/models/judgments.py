"""What reviewers submitted, and what they typed before they did."""

from django.db import models

from labeling.models.rubrics import Criterion, RubricVersion
from reviews.models.known import is_known


class LeftOut(models.TextChoices):
    """Why a judgment enters neither agreement nor labels nor counts."""

    GOLD = "GOLD", "gold"
    RETEST = "RETEST", "retest"
    UNBLINDED = "UNBLINDED", "unblinded"
    WITHDRAWN = "WITHDRAWN", "withdrawn"
    QUALIFICATION = "QUALIFICATION", "qualification"


class Disposition(models.TextChoices):
    """What a reviewer decides on an item, by the authority of the queue."""

    APPROVE = "APPROVE", "approve"
    REJECT = "REJECT", "reject"
    REVISE = "REVISE", "revise"


class Judgment(models.Model):
    """One submitted answer for one assignment. Append-only.

    One that its reviewer takes back stays, and says so: `left_out` and
    `withdrawn_at` are all that ever changes, once.

    Everything that follows from the assignment (queue, item, reviewer, rubric
    version, purpose) is filled in by the trigger `judgment_takes_after`, so that
    whoever may submit need not be able to read it.
    """

    assignment = models.OneToOneField("reviews.Assignment", models.PROTECT)
    # Copied by the trigger from the assignment, whose own keys hold them: it neither
    # changes nor goes while it has a judgment. Keys of these four as well would look
    # up and lock, at every click, rows that all reviewers share.
    queue = models.ForeignKey("reviews.Queue", models.PROTECT, db_constraint=False)
    item = models.ForeignKey("reviews.Item", models.PROTECT, db_constraint=False)
    reviewer = models.ForeignKey("reviews.Member", models.PROTECT, db_constraint=False)
    # Asked for together with the queue: no index of its own.
    rubric_version = models.ForeignKey(
        RubricVersion, models.PROTECT, db_index=False, db_constraint=False
    )
    # Gold, retest and qualification judgments never enter agreement, labels or counts.
    counts = models.BooleanField()
    # Why it does not; empty where it does.
    left_out = models.CharField(max_length=13, choices=LeftOut, blank=True, default="")
    # The reviewer says that they could tell who wrote it.
    could_tell = models.BooleanField(default=False)
    # What was decided on the item, where the queue grants it; else empty.
    disposition = models.CharField(
        max_length=8, choices=Disposition, blank=True, default="", db_default=""
    )
    comment = models.TextField(blank=True)
    active_seconds = models.PositiveIntegerField(null=True)
    submitted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

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
        constraints = [
            models.CheckConstraint(
                condition=is_known("left_out", ["", *LeftOut.values]),
                name="judgment_left_out_known",
            ),
            models.CheckConstraint(
                condition=is_known("disposition", ["", *Disposition.values]),
                name="judgment_disposition_known",
            ),
            models.CheckConstraint(
                condition=models.Q(counts=True, left_out="")
                | (models.Q(counts=False) & ~models.Q(left_out="")),
                name="judgment_left_out_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"judgment {self.pk}"


class Rating(models.Model):
    """The value of one judgment on one criterion, of one step. Append-only.

    `value` is canonical (for a pair: "A" is the first response as ingested) and
    `displayed` is what was on the reviewer's screen ("LEFT", "RIGHT", "tie"),
    so that position bias can be measured.
    """

    # The trigger `rating_within_scale` looks both up, and neither ever goes: they are
    # append-only. The index of `rating_once_per_step` begins with the judgment.
    judgment = models.ForeignKey(
        Judgment,
        models.PROTECT,
        related_name="ratings",
        db_index=False,
        db_constraint=False,
    )
    criterion = models.ForeignKey(Criterion, models.PROTECT, db_constraint=False)
    # Of a trace, from 1, where the criterion is rated for each step; 0: the item. The
    # trigger refuses what is less.
    step = models.SmallIntegerField(default=0, db_default=0)
    # Text for an option or a note, a number, or a list of options.
    value = models.JSONField()
    displayed = models.JSONField()
    rationale = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["judgment", "criterion", "step"], name="rating_once_per_step"
            )
        ]

    def __str__(self) -> str:
        return f"rating {self.pk}"


class Guess(models.Model):
    """Who a reviewer thinks wrote an item, asked after the batch. Append-only.

    An empty `system` is "don't know".
    """

    assignment = models.OneToOneField("reviews.Assignment", models.PROTECT)
    # As they were shown, so that the order can be looked at.
    options = models.JSONField()
    system = models.CharField(max_length=80, blank=True)
    clue = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"guess {self.pk}"


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

    # Of judgments, which hold them. A line about nothing would find nothing, and go.
    queue = models.ForeignKey(
        "reviews.Queue", models.PROTECT, db_index=False, db_constraint=False
    )
    item = models.ForeignKey(
        "reviews.Item", models.PROTECT, db_index=False, db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "item"], name="recheck_once_per_item"
            )
        ]

    def __str__(self) -> str:
        return f"{self.queue_id}:{self.item_id}"
