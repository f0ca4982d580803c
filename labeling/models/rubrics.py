"""Rubrics: the named guide, its frozen versions, their criteria and options."""

from django.db import models


class Rubric(models.Model):
    project = models.ForeignKey(
        "reviews.Project", models.PROTECT, related_name="rubrics"
    )
    slug = models.SlugField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "slug"], name="rubric_slug_once_per_project"
            )
        ]

    def __str__(self) -> str:
        return self.slug


class RubricVersion(models.Model):
    """The frozen text of a rubric. Any change is the next version."""

    rubric = models.ForeignKey(Rubric, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    guidance = models.TextField(blank=True)
    # The canonical document that the version was made from; agreement of two
    # files is agreement of these.
    document = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rubric", "number"], name="rubricversion_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rubric.slug}@{self.number}"


class RubricDraft(models.Model):
    """What a lead has typed of the next version and not published."""

    project = models.ForeignKey("reviews.Project", models.PROTECT)
    slug = models.SlugField(max_length=80)
    sheet = models.JSONField()
    # Counts the saves, so that nobody overwrites what they have not seen.
    revision = models.PositiveIntegerField(default=1)
    saved_by = models.ForeignKey("reviews.Member", models.PROTECT)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "slug"], name="rubricdraft_once_per_rubric"
            )
        ]

    def __str__(self) -> str:
        return self.slug


class Level(models.TextChoices):
    NOMINAL = "NOMINAL", "nominal"
    ORDINAL = "ORDINAL", "ordinal"
    INTERVAL = "INTERVAL", "interval"
    PAIRWISE = "PAIRWISE", "pairwise"
    MULTI_LABEL = "MULTI_LABEL", "multi-label"
    TEXT = "TEXT", "text"


class Criterion(models.Model):
    """One thing judged, and its scale."""

    version = models.ForeignKey(RubricVersion, models.PROTECT, related_name="criteria")
    key = models.SlugField(max_length=80)
    title = models.CharField(max_length=200)
    guidance = models.TextField(blank=True)
    level = models.CharField(max_length=11, choices=Level)
    is_required = models.BooleanField(default=True)
    # Asked of each step of a trace; of an item without steps once, like others.
    is_per_step = models.BooleanField(default=False, db_default=False)
    position = models.PositiveSmallIntegerField()
    minimum = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    maximum = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    step = models.DecimalField(max_digits=12, decimal_places=4, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "key"], name="criterion_key_once_per_version"
            ),
            models.CheckConstraint(
                condition=models.Q(level__in=Level.values), name="criterion_level_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(level=Level.INTERVAL)
                | models.Q(
                    minimum__isnull=False,
                    maximum__gt=models.F("minimum"),
                    step__gt=0,
                ),
                name="criterion_interval_has_range",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Option(models.Model):
    """One value of a criterion's scale, in its order."""

    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="options")
    value = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    anchor = models.TextField(blank=True)
    requires_rationale = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["criterion", "value"], name="option_value_once_per_criterion"
            )
        ]

    def __str__(self) -> str:
        return self.value
