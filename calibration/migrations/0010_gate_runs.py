"""Thresholds of golden sets, and the runs of their gate."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calibration", "0009_triggers"),
        ("reviews", "0012_triggers"),
    ]

    operations = [
        migrations.CreateModel(
            name="GateThresholds",
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
                ("sha256", models.CharField(max_length=64)),
                ("text", models.TextField()),
                ("registered_at", models.DateTimeField()),
                (
                    "golden_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gate_thresholds",
                        to="calibration.goldenset",
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="reviews.member",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GateRun",
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
                ("candidate", models.CharField(max_length=200)),
                ("candidate_sha256", models.CharField(max_length=64)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("CLEAR", "clear"),
                            ("HOLD", "hold"),
                            ("BLOCKED", "blocked"),
                        ],
                        max_length=7,
                    ),
                ),
                ("report", models.JSONField()),
                ("scores", models.JSONField()),
                ("charts", models.JSONField()),
                ("ran_at", models.DateTimeField()),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gate_runs",
                        to="calibration.release",
                    ),
                ),
                (
                    "thresholds",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="calibration.gatethresholds",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="gatethresholds",
            constraint=models.UniqueConstraint(
                fields=("golden_set", "sha256"), name="gatethresholds_once_per_set"
            ),
        ),
        migrations.AddConstraint(
            model_name="gaterun",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ["CLEAR", "HOLD", "BLOCKED"])),
                name="gaterun_verdict_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="gaterun",
            constraint=models.UniqueConstraint(
                fields=("release", "thresholds", "candidate_sha256"),
                name="gaterun_once_per_candidate",
            ),
        ),
    ]
