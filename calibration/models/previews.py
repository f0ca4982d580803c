"""How the spec of a golden set would fill, as of a moment, for pages to read."""

from django.db import models

from calibration.models.releases import GoldenSet


class SetPreview(models.Model):
    """`inputs` stamps what it was made from; the sweep compares it with what is."""

    golden_set = models.OneToOneField(GoldenSet, models.PROTECT, related_name="preview")
    inputs = models.JSONField()
    results = models.JSONField()
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"preview of {self.golden_set_id}"
