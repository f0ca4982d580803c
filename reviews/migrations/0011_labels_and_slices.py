"""How a queue makes labels, and slices of it that are paused."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reviews", "0010_reliable_bar")]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="label_method",
            field=models.CharField(
                choices=[
                    ("WEIGHTED", "gold-weighted majority"),
                    ("MAJORITY", "majority"),
                    ("DAWID_SKENE", "Dawid-Skene"),
                ],
                db_default="WEIGHTED",
                default="WEIGHTED",
                max_length=11,
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="label_confidence_floor",
            field=models.FloatField(db_default=0.8, default=0.8),
        ),
        migrations.AddField(
            model_name="queue",
            name="slice_floor",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="queue",
            name="slice_minimum",
            field=models.PositiveIntegerField(db_default=30, default=30),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("label_method__in", ["WEIGHTED", "MAJORITY", "DAWID_SKENE"])
                ),
                name="queue_label_method_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("label_confidence_floor__gte", 0),
                    ("label_confidence_floor__lt", 1),
                ),
                name="queue_label_confidence_floor_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("slice_floor__isnull", True),
                    models.Q(("slice_floor__gt", 0), ("slice_floor__lt", 1)),
                    _connector="OR",
                ),
                name="queue_slice_floor_sane",
            ),
        ),
        migrations.RemoveConstraint(model_name="slot", name="slot_state_known"),
        migrations.AlterField(
            model_name="slot",
            name="state",
            field=models.CharField(
                choices=[
                    ("OPEN", "open"),
                    ("TAKEN", "taken"),
                    ("FILLED", "filled"),
                    ("ESCALATED", "escalated"),
                    ("WITHDRAWN", "withdrawn"),
                    ("HELD", "held"),
                ],
                default="OPEN",
                max_length=9,
            ),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["OPEN", "TAKEN", "FILLED", "ESCALATED", "WITHDRAWN", "HELD"],
                    )
                ),
                name="slot_state_known",
            ),
        ),
        migrations.CreateModel(
            name="SlicePause",
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
                (
                    "dimension",
                    models.CharField(
                        choices=[
                            ("intent", "intent"),
                            ("stakes", "stakes"),
                            ("rule", "rule"),
                            ("action", "action"),
                            ("kind", "kind"),
                        ],
                        max_length=6,
                    ),
                ),
                ("value", models.CharField(max_length=200)),
                ("because", models.CharField(max_length=500)),
                ("paused_at", models.DateTimeField()),
                ("held_at", models.DateTimeField(null=True)),
                ("resumed_at", models.DateTimeField(null=True)),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slice_pauses",
                        to="reviews.queue",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("resumed_at", None)),
                        fields=("queue", "dimension", "value"),
                        name="slicepause_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "dimension__in",
                                ["intent", "stakes", "rule", "action", "kind"],
                            )
                        ),
                        name="slicepause_dimension_known",
                    ),
                ]
            },
        ),
    ]
