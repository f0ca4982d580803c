"""Thresholds that were registered with a golden set, and the runs of its gate."""

from django.db import models

from calibration.models.releases import GoldenSet, Release


class GateVerdict(models.TextChoices):
    CLEAR = "CLEAR", "clear"
    HOLD = "HOLD", "hold"
    BLOCKED = "BLOCKED", "blocked"


class GateThresholds(models.Model):
    """What a candidate has to reach, and since when that is known. Append-only."""

    golden_set = models.ForeignKey(
        GoldenSet, models.PROTECT, related_name="gate_thresholds"
    )
    sha256 = models.CharField(max_length=64)
    # The file, byte for byte.
    text = models.TextField()
    registered_by = models.ForeignKey("reviews.Member", models.PROTECT, null=True)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["golden_set", "sha256"], name="gatethresholds_once_per_set"
            )
        ]

    def __str__(self) -> str:
        return self.sha256[:12]


class GateRun(models.Model):
    """One candidate, held against one release. Append-only."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="gate_runs")
    thresholds = models.ForeignKey(GateThresholds, models.PROTECT)
    candidate = models.CharField(max_length=200)
    candidate_sha256 = models.CharField(max_length=64)
    verdict = models.CharField(max_length=7, choices=GateVerdict)
    # As it was printed; see calibration.services.gating.
    report = models.JSONField()
    # Case id: score, for the candidate that comes after.
    scores = models.JSONField()
    # The chart of all runs of the set up to this one, as SVG.
    charts = models.JSONField()
    ran_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verdict__in=GateVerdict.values),
                name="gaterun_verdict_known",
            ),
            models.UniqueConstraint(
                fields=["release", "thresholds", "candidate_sha256"],
                name="gaterun_once_per_candidate",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} {self.verdict}"
