"""The first time on a queue: a batch of gold, its outcome, what a lead decides."""

from django.db import models
from django.utils.translation import gettext_noop as _

from reviews.models.projects import Member
from reviews.models.queues import Queue


class Outcome(models.TextChoices):
    PASSED = "PASSED", "passed"
    FAILED = "FAILED", "not passed"


class Qualification(models.Model):
    """One reviewer's attempt at showing that they judge as the gold of a queue does.

    It may take more than one batch: what lapsed or was given back comes again. Size
    and bar are those of the queue when it began. Once it has an outcome it is frozen.
    """

    queue = models.ForeignKey(Queue, models.PROTECT)
    reviewer = models.ForeignKey(Member, models.PROTECT)
    # The first attempt is 1.
    number = models.PositiveSmallIntegerField()
    # So many gold cases are judged, and this share of the answers is to be right.
    size = models.PositiveSmallIntegerField()
    pass_share = models.FloatField()
    begun_at = models.DateTimeField()
    # Empty while it is under way.
    outcome = models.CharField(max_length=6, choices=Outcome, blank=True, default="")
    # Answers are counted by criterion.
    n_answers = models.PositiveIntegerField(null=True)
    n_right = models.PositiveIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "reviewer", "number"],
                name="qualification_number_once",
            ),
            models.UniqueConstraint(
                fields=["queue", "reviewer"],
                condition=models.Q(outcome=""),
                name="qualification_one_under_way",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["", *Outcome.values]),
                name="qualification_outcome_known",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    outcome="", ended_at=None, n_answers=None, n_right=None
                )
                | (
                    ~models.Q(outcome="")
                    & models.Q(
                        ended_at__isnull=False,
                        n_answers__isnull=False,
                        n_right__lte=models.F("n_answers"),
                    )
                ),
                name="qualification_ends_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue_id}/{self.reviewer_id}#{self.number}"


class QualificationAct(models.TextChoices):
    AGAIN = "AGAIN", _("may try again")
    ADMIT = "ADMIT", _("admitted")


class QualificationDecision(models.Model):
    """A lead lets a reviewer try again, or judge without having passed. Append-only."""

    queue = models.ForeignKey(Queue, models.PROTECT)
    reviewer = models.ForeignKey(
        Member, models.PROTECT, related_name="qualification_decisions"
    )
    # The attempt after which it was decided; none before the first.
    qualification = models.ForeignKey(
        Qualification, models.PROTECT, null=True, related_name="decisions"
    )
    act = models.CharField(max_length=5, choices=QualificationAct)
    lead = models.ForeignKey(Member, models.PROTECT, related_name="+")
    reason = models.TextField()
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(act__in=QualificationAct.values),
                name="qualificationdecision_act_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="qualificationdecision_has_reason"
            ),
            models.CheckConstraint(
                condition=~models.Q(act=QualificationAct.AGAIN)
                | models.Q(qualification__isnull=False),
                name="qualificationdecision_again_after_attempt",
            ),
            models.UniqueConstraint(
                fields=["queue", "reviewer"],
                condition=models.Q(act=QualificationAct.ADMIT),
                name="qualificationdecision_admitted_once",
            ),
            models.UniqueConstraint(
                fields=["qualification"],
                condition=models.Q(act=QualificationAct.AGAIN),
                name="qualificationdecision_again_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue_id}/{self.reviewer_id}: {self.act}"
