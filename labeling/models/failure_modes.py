"""Failure modes: the categories into which leads sort what reviewers wrote."""

from django.db import models
from django.db.models.functions import Lower

from labeling.models.judgments import Judgment


class FailureMode(models.Model):
    """One kind of error. It holds tags and notes, and can be merged, renamed, split."""

    project = models.ForeignKey("reviews.Project", models.PROTECT)
    name = models.CharField(max_length=80)
    description = models.TextField(blank=True, default="")
    # Reviewers are offered its name on the bench, without any figure.
    is_offered = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    # Merged into another; its tags and notes are there.
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "project",
                Lower("name"),
                condition=models.Q(retired_at__isnull=True),
                name="failuremode_name_once_per_project",
            ),
            models.CheckConstraint(
                condition=~models.Q(name=""), name="failuremode_has_name"
            ),
            models.CheckConstraint(
                condition=models.Q(retired_at__isnull=True)
                | models.Q(is_offered=False),
                name="failuremode_retired_is_not_offered",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SortedTag(models.Model):
    """The failure mode that a tag of a project means now."""

    project = models.ForeignKey("reviews.Project", models.PROTECT)
    tag = models.CharField(max_length=80)
    mode = models.ForeignKey(FailureMode, models.PROTECT, related_name="tags")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "tag"], name="sortedtag_once_per_project"
            )
        ]

    def __str__(self) -> str:
        return self.tag


class SortedNote(models.Model):
    """A failure mode that a lead read in the words of one judgment."""

    judgment = models.ForeignKey(Judgment, models.PROTECT)
    mode = models.ForeignKey(FailureMode, models.PROTECT, related_name="notes")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["judgment", "mode"], name="sortednote_once_per_mode"
            )
        ]

    def __str__(self) -> str:
        return f"{self.judgment_id}: {self.mode_id}"


class TaxonomyActKind(models.TextChoices):
    CREATED = "CREATED", "created"
    RENAMED = "RENAMED", "renamed"
    OFFERED = "OFFERED", "offered to reviewers"
    WITHHELD = "WITHHELD", "not offered any more"
    SORTED = "SORTED", "sorted in"
    UNSORTED = "UNSORTED", "taken out"
    MERGED = "MERGED", "merged"
    SPLIT = "SPLIT", "split"


class TaxonomyAct(models.Model):
    """What a lead did with the failure modes of a project, and when. Append-only."""

    project = models.ForeignKey("reviews.Project", models.PROTECT)
    lead = models.ForeignKey("reviews.Member", models.PROTECT)
    kind = models.CharField(max_length=8, choices=TaxonomyActKind)
    mode = models.ForeignKey(FailureMode, models.PROTECT, related_name="acts")
    # Into which it was merged, or from which it was split.
    other = models.ForeignKey(FailureMode, models.PROTECT, null=True, related_name="+")
    # As they were called then: {"name", "before", "into", "tags", "judgments"}.
    details = models.JSONField()
    done_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["project", "-done_at", "-id"], name="taxonomyact_newest"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=TaxonomyActKind.values),
                name="taxonomyact_kind_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.mode_id}"
