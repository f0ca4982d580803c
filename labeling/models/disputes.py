"""Disputes and how they were settled."""

from django.db import models
from django.utils.translation import gettext_noop as _

from labeling.models.rubrics import Criterion


class Dispute(models.Model):
    """Ratings of an item, or of one step of it, on one criterion, to be decided."""

    queue = models.ForeignKey("reviews.Queue", models.PROTECT)
    item = models.ForeignKey("reviews.Item", models.PROTECT)
    criterion = models.ForeignKey(Criterion, models.PROTECT)
    # As in a rating: 0 is the item.
    step = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Share of pairs of ratings that agree; the desk takes the lowest first.
    agreement = models.FloatField()
    # What was doubtful about the label; empty: the ratings are spread beyond the rule.
    because = models.CharField(max_length=200, blank=True, default="", db_default="")
    opened_at = models.DateTimeField()
    public_id = models.UUIDField(unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "item", "criterion", "step"],
                name="dispute_once_per_step",
            )
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Cause(models.TextChoices):
    AMBIGUOUS_RUBRIC = "AMBIGUOUS_RUBRIC", _("ambiguous rubric")
    MISSED_DETAIL = "MISSED_DETAIL", _("missed detail")
    GENUINE_AMBIGUITY = "GENUINE_AMBIGUITY", _("genuine ambiguity")
    WRONG_GOLD = "WRONG_GOLD", _("wrong gold")


class Adjudication(models.Model):
    """The adjudicator's reasoned decision of a dispute. Append-only."""

    dispute = models.OneToOneField(Dispute, models.PROTECT)
    adjudicator = models.ForeignKey("reviews.Member", models.PROTECT)
    value = models.JSONField()
    reason = models.TextField()
    cause = models.CharField(max_length=20, choices=Cause)
    # What the guidelines do not say and should; empty: nothing is missing.
    guideline_gap = models.TextField(blank=True, default="", db_default="")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cause__in=Cause.values),
                name="adjudication_cause_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="adjudication_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"adjudication {self.pk}"
