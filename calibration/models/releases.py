"""Golden sets, their releases, and the cases of a release."""

from django.db import models

from calibration.formats.erasure import BEGINS


class GoldenSet(models.Model):
    """A curated set of labelled cases; what is published are its releases."""

    project = models.ForeignKey(
        "reviews.Project", models.PROTECT, related_name="golden_sets"
    )
    slug = models.SlugField(max_length=80)
    queue = models.ForeignKey("reviews.Queue", models.PROTECT)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "slug"], name="goldenset_slug_once_per_project"
            )
        ]

    def __str__(self) -> str:
        return self.slug


class SetSpec(models.Model):
    """What a golden set should hold, from a moment on. Append-only: the newest holds."""

    golden_set = models.ForeignKey(GoldenSet, models.PROTECT, related_name="specs")
    number = models.PositiveIntegerField()
    # See calibration.formats.specs.
    document = models.JSONField()
    applied_by = models.ForeignKey("reviews.Member", models.PROTECT, null=True)
    applied_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["golden_set", "number"], name="setspec_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"spec {self.number} of {self.golden_set_id}"


class CaseTerms(models.Model):
    """How a case is graded and against what. Append-only: the newest holds.

    A reference without an owner is a draft: nobody has said yet that it is right.
    """

    golden_set = models.ForeignKey(GoldenSet, models.PROTECT)
    item = models.ForeignKey("reviews.Item", models.PROTECT)
    reference = models.TextField(blank=True)
    owner = models.ForeignKey(
        "reviews.Member", models.PROTECT, null=True, related_name="+"
    )
    # See calibration.formats.grading; None: by the labels.
    grading = models.JSONField(null=True)
    set_at = models.DateTimeField()

    class Meta:
        indexes = [
            # The newest terms of each case.
            models.Index(fields=["golden_set", "item", "-id"], name="caseterms_newest")
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(reference="") | models.Q(owner__isnull=True),
                name="caseterms_owner_of_a_reference",
            )
        ]

    def __str__(self) -> str:
        return f"terms {self.pk}"


class RetiredBecause(models.TextChoices):
    SATURATED = "SATURATED", "saturated"
    DISPUTED = "DISPUTED", "disputed"
    LEAKED = "LEAKED", "leaked"


class Retirement(models.Model):
    """A case that no later release of the set holds. Append-only."""

    golden_set = models.ForeignKey(GoldenSet, models.PROTECT)
    item = models.ForeignKey("reviews.Item", models.PROTECT)
    because = models.CharField(max_length=9, choices=RetiredBecause)
    note = models.TextField()
    retired_by = models.ForeignKey("reviews.Member", models.PROTECT, null=True)
    retired_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["golden_set", "item"], name="retirement_once_per_case"
            ),
            models.CheckConstraint(
                condition=models.Q(because__in=RetiredBecause.values),
                name="retirement_because_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(note=""), name="retirement_has_note"
            ),
        ]

    def __str__(self) -> str:
        return f"retirement {self.pk}"


class Release(models.Model):
    """A numbered, hashed, immutable publication of a golden set."""

    golden_set = models.ForeignKey(GoldenSet, models.PROTECT, related_name="releases")
    version = models.CharField(max_length=20)
    # SHA-256 of manifest.json, which holds the hash of every other file.
    digest = models.CharField(max_length=64)
    manifest = models.TextField()
    n_cases = models.PositiveIntegerField()
    frozen_by = models.ForeignKey("reviews.Member", models.PROTECT, null=True)
    frozen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["golden_set", "version"], name="release_version_once"
            ),
            models.UniqueConstraint(
                fields=["golden_set", "digest"], name="release_digest_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.golden_set.slug}@{self.version}"


class ReleaseLine(models.Model):
    """One line of one of a release's files, byte for byte."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="lines")
    file = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "file", "number"], name="releaseline_number_once"
            )
        ]
        indexes = [
            # Few of very many, and asked for by pages.
            models.Index(
                fields=["release"],
                name="releaseline_erased",
                condition=models.Q(file="cases.jsonl", text__startswith=BEGINS),
            )
        ]

    def __str__(self) -> str:
        return f"{self.file}:{self.number}"


class Pseudonym(models.Model):
    """Who is behind a pseudonym of a release: the key, which no file holds.

    Rows may be deleted: then nobody can tell any more, and no digest changes.
    """

    release = models.ForeignKey(Release, models.PROTECT, related_name="pseudonyms")
    name = models.CharField(max_length=12)
    member = models.ForeignKey("reviews.Member", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "name"], name="pseudonym_once_per_release"
            )
        ]

    def __str__(self) -> str:
        return self.name


class FreezeState(models.TextChoices):
    WAITING = "WAITING", "waiting"
    RUNNING = "RUNNING", "running"
    FROZEN = "FROZEN", "frozen"
    REFUSED = "REFUSED", "refused"


class FreezeRequest(models.Model):
    """A lead asked for a release; a worker makes it, and says here how far it is."""

    project = models.ForeignKey("reviews.Project", models.PROTECT)
    name = models.CharField(max_length=80)
    queue = models.ForeignKey("reviews.Queue", models.PROTECT)
    override = models.TextField(blank=True)
    version = models.CharField(max_length=20, blank=True)
    # What the lead was shown; null of a request from before that was kept.
    confirmed = models.JSONField(null=True)
    requested_by = models.ForeignKey("reviews.Member", models.PROTECT)
    requested_at = models.DateTimeField()
    state = models.CharField(
        max_length=7, choices=FreezeState, default=FreezeState.WAITING
    )
    # What is being done, in words for the lead.
    step = models.CharField(max_length=200, blank=True)
    # Newer than this: somebody is at it.
    beat_at = models.DateTimeField(null=True)
    # Why it was refused, one reason each.
    blocks = models.JSONField(default=list)
    release = models.ForeignKey(Release, models.PROTECT, null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["requested_at"],
                name="freezerequest_open",
                condition=models.Q(state__in=["WAITING", "RUNNING"]),
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=FreezeState.values),
                name="freezerequest_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state="FROZEN", release__isnull=False)
                | (~models.Q(state="FROZEN") & models.Q(release__isnull=True)),
                name="freezerequest_frozen_has_release",
            ),
            # Two at once for one set would make the same release.
            models.UniqueConstraint(
                fields=["project", "name"],
                name="freezerequest_one_at_a_time",
                condition=models.Q(state__in=["WAITING", "RUNNING"]),
            ),
        ]

    def __str__(self) -> str:
        return f"freeze {self.pk}"
