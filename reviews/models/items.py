"""Items as ingested, and what a reviewer may be shown of them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from reviews.models.projects import Project


class ItemKind(models.TextChoices):
    SINGLE = "SINGLE", "single"
    PAIR = "PAIR", "pair"
    TRACE = "TRACE", "trace"


class Item(models.Model):
    """One thing to be judged.

    `content` is what may be shown once masked; `signals` and `provenance` never
    are, and neither is `external_id`, which often names the model.
    """

    # No index of its own: the unique one below begins with the project, and beside
    # it the planner took the shorter one for lookups of an id, reading all items. No
    # constraint that looks at each row either, a third of what intake costs: the
    # trigger `item_of_a_project_v1` asks once for each statement.
    project = models.ForeignKey(
        Project,
        models.PROTECT,
        related_name="items",
        db_index=False,
        db_constraint=False,
    )
    external_id = models.CharField(max_length=300)
    kind = models.CharField(max_length=6, choices=ItemKind)
    content = models.JSONField()
    signals = models.JSONField()
    provenance = models.JSONField()
    # SHA-256 of the canonical line: the same line again is a no-op.
    fingerprint = models.BinaryField(max_length=32)
    ingested_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "external_id"], name="item_id_once_per_project"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=ItemKind.values), name="item_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class Presentable(models.Model):
    """The content of an item with the names of its authors masked.

    Beside it stands the same as HTML (see reviews.rendering.pieces), so that no
    reviewer waits for a text to be parsed.
    """

    item = models.OneToOneField(Item, models.PROTECT, primary_key=True)
    content = models.JSONField()
    # What was masked, for leads: [{"text", "count"}].
    masks = models.JSONField()
    prepared_at = models.DateTimeField()
    opening = models.TextField(db_default="")
    responses = ArrayField(models.TextField(), db_default=[])
    n_passages = models.PositiveIntegerField(db_default=0)
    n_steps = models.PositiveIntegerField(db_default=0)
    # Empty: there are no pieces yet.
    made_with = models.CharField(max_length=16, db_default="")

    def __str__(self) -> str:
        return f"presentable {self.pk}"
