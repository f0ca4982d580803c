"""Slices under their floor, and what a lead made of each."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calibration", "0011_gate_triggers"),
        ("labeling", "0009_dispute_because"),
        ("reviews", "0012_triggers"),
    ]

    operations = [
        migrations.CreateModel(
            name="RubricReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("dimension", models.CharField(max_length=6)),
                ("value", models.CharField(max_length=200)),
                ("floor", models.FloatField()),
                ("findings", models.JSONField()),
                ("n_items", models.PositiveIntegerField()),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("note", models.TextField(blank=True, default="")),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="reviews.member",
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="reviews.queue"
                    ),
                ),
                (
                    "rubric_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="labeling.rubricversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("queue", "rubric_version", "dimension", "value"),
                        name="rubricreview_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at", None), ("closed_by", None), ("note", "")
                            ),
                            models.Q(
                                ("closed_at__isnull", False),
                                models.Q(("note", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="rubricreview_closed_with_note",
                    ),
                ],
            },
        ),
    ]
