"""What leads read about a panel, its judges and its traffic; and standing."""

from django.db import models


class PanelKind(models.TextChoices):
    REVIEWERS = "REVIEWERS", "reviewers"
    JUDGES = "JUDGES", "judges"
    BLINDING = "BLINDING", "blinding"
    TRAFFIC = "TRAFFIC", "traffic"
    FAILURES = "FAILURES", "failures"


OF_A_PROJECT = [PanelKind.TRAFFIC, PanelKind.FAILURES]


class PanelSnapshot(models.Model):
    """One page of figures as measured at a moment; pages read the newest.

    `inputs` stamps what it was made from. The sweep compares it with what is there
    now, so that no click has to count.
    """

    project = models.ForeignKey("reviews.Project", models.PROTECT)
    # None for what is about the whole project.
    queue = models.ForeignKey("reviews.Queue", models.PROTECT, null=True)
    kind = models.CharField(max_length=9, choices=PanelKind)
    inputs = models.JSONField()
    results = models.JSONField()
    # Newer inputs were seen by a sweep; they are in the next snapshot.
    is_behind = models.BooleanField(default=False)
    computed_at = models.DateTimeField()

    class Meta:
        indexes = [
            # The newest snapshot of a page.
            models.Index(
                fields=["project", "kind", "queue", "-computed_at"],
                name="panel_newest",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=PanelKind.values),
                name="panelsnapshot_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=OF_A_PROJECT, queue__isnull=True)
                | (~models.Q(kind__in=OF_A_PROJECT) & models.Q(queue__isnull=False)),
                name="panelsnapshot_of_project_or_queue",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class StandingState(models.TextChoices):
    CLEAR = "CLEAR", "clear"
    WATCH = "WATCH", "watch"
    SUSPENDED = "SUSPENDED", "suspended"


class Standing(models.Model):
    """What a reviewer's record allows, from a moment on. Append-only: the newest holds.

    Without `set_by` it was set by the rule.
    """

    queue = models.ForeignKey("reviews.Queue", models.PROTECT)
    reviewer = models.ForeignKey(
        "reviews.Member", models.PROTECT, related_name="standings"
    )
    state = models.CharField(max_length=9, choices=StandingState)
    set_by = models.ForeignKey(
        "reviews.Member", models.PROTECT, null=True, related_name="+"
    )
    reason = models.TextField()
    # How many gold answers it rests on: a lead's decision holds until there are more.
    n_gold = models.PositiveIntegerField()
    set_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["queue", "reviewer", "-set_at"], name="standing_newest"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=StandingState.values),
                name="standing_state_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="standing_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer_id} {self.state}"


class JudgeTerms(models.Model):
    """How a queue reads its judges, and which labels are a failure: a judges file."""

    queue = models.OneToOneField("reviews.Queue", models.PROTECT)
    # The file as it was parsed; see calibration.formats.judges.
    document = models.JSONField()
    applied_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"judges of {self.queue_id}"
