"""Triage policies and what they did with each item."""

from django.db import models

from reviews.models.items import Item
from reviews.models.projects import Member, Project
from reviews.models.queues import Queue


class TriagePolicy(models.Model):
    """One immutable version of a project's triage rules."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="policies")
    number = models.PositiveIntegerField()
    source = models.TextField()
    rules = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Member, models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"], name="triagepolicy_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.project_id}@{self.number}"


class Action(models.TextChoices):
    QUEUE = "QUEUE", "queue"
    SAMPLE = "SAMPLE", "sample"
    SHIP = "SHIP", "ship"


class RoutingDecision(models.Model):
    """What a policy did with one item, why, and how probable a look was.

    One for ever: a later policy must not rewrite the probability with which an
    item came to be seen.
    """

    item = models.OneToOneField(Item, models.PROTECT, primary_key=True)
    policy = models.ForeignKey(TriagePolicy, models.PROTECT)
    rule = models.CharField(max_length=200)
    action = models.CharField(max_length=6, choices=Action)
    is_selected = models.BooleanField()
    queue = models.ForeignKey(Queue, models.PROTECT, null=True)
    inclusion_probability = models.FloatField()
    # The keyed hash of the item as a number in [0, 1): selected iff it is under
    # the inclusion probability, which anybody with the key can replay.
    draw = models.FloatField()
    decided_at = models.DateTimeField()

    class Meta:
        indexes = [
            # The lead's table of decisions by rule.
            models.Index(fields=["policy", "rule"], name="routing_by_rule"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(action__in=Action.values),
                name="routingdecision_action_known",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    inclusion_probability__gt=0, inclusion_probability__lte=1
                ),
                name="routingdecision_could_be_seen",
            ),
            models.CheckConstraint(
                condition=models.Q(is_selected=False, queue__isnull=True)
                | models.Q(is_selected=True, queue__isnull=False),
                name="routingdecision_selected_has_queue",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.rule}"
