"""Golden sets, their releases, and the cases of a release."""

from django.db import models


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

    def __str__(self) -> str:
        return f"{self.file}:{self.number}"
