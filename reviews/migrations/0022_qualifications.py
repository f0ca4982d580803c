import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("labeling", "0016_qualifications"),
        ("reviews", "0021_pieces"),
    ]

    operations = [
        migrations.CreateModel(
            name="Qualification",
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
                ("number", models.PositiveSmallIntegerField()),
                ("size", models.PositiveSmallIntegerField()),
                ("pass_share", models.FloatField()),
                ("begun_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("PASSED", "passed"), ("FAILED", "not passed")],
                        default="",
                        max_length=6,
                    ),
                ),
                ("n_answers", models.PositiveIntegerField(null=True)),
                ("n_right", models.PositiveIntegerField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="QualificationDecision",
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
                    "act",
                    models.CharField(
                        choices=[("AGAIN", "may try again"), ("ADMIT", "admitted")],
                        max_length=5,
                    ),
                ),
                ("reason", models.TextField()),
                ("decided_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="assignment",
            name="assignment_purpose_known",
        ),
        migrations.AddField(
            model_name="queue",
            name="qualification_pass",
            field=models.FloatField(db_default=0.8, default=0.8),
        ),
        migrations.AddField(
            model_name="queue",
            name="qualification_size",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="seed",
            name="rubric_version",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="labeling.rubricversion",
            ),
        ),
        migrations.AddField(
            model_name="seed",
            name="use",
            field=models.CharField(
                choices=[
                    ("BOTH", "both"),
                    ("LIVE", "live"),
                    ("QUALIFICATION", "qualification"),
                ],
                db_default="BOTH",
                default="BOTH",
                max_length=13,
            ),
        ),
        migrations.AlterField(
            model_name="assignment",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("FRESH", "fresh"),
                    ("GOLD", "gold"),
                    ("RETEST", "retest"),
                    ("IMPORT", "import"),
                    ("QUALIFICATION", "qualification"),
                ],
                max_length=13,
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "purpose__in",
                        ["FRESH", "GOLD", "RETEST", "IMPORT", "QUALIFICATION"],
                    )
                ),
                name="assignment_purpose_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("qualification_pass__gt", 0), ("qualification_pass__lte", 1)
                ),
                name="queue_qualification_pass_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="seed",
            constraint=models.CheckConstraint(
                condition=models.Q(("use__in", ["BOTH", "LIVE", "QUALIFICATION"])),
                name="seed_use_known",
            ),
        ),
        migrations.AddField(
            model_name="qualification",
            name="queue",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="reviews.queue"
            ),
        ),
        migrations.AddField(
            model_name="qualification",
            name="reviewer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="reviews.member"
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="qualification",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="batches",
                to="reviews.qualification",
            ),
        ),
        migrations.AddField(
            model_name="qualificationdecision",
            name="lead",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reviews.member",
            ),
        ),
        migrations.AddField(
            model_name="qualificationdecision",
            name="qualification",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="reviews.qualification",
            ),
        ),
        migrations.AddField(
            model_name="qualificationdecision",
            name="queue",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="reviews.queue"
            ),
        ),
        migrations.AddField(
            model_name="qualificationdecision",
            name="reviewer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="qualification_decisions",
                to="reviews.member",
            ),
        ),
        migrations.AddConstraint(
            model_name="qualification",
            constraint=models.UniqueConstraint(
                fields=("queue", "reviewer", "number"), name="qualification_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="qualification",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", "")),
                fields=("queue", "reviewer"),
                name="qualification_one_under_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="qualification",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["", "PASSED", "FAILED"])),
                name="qualification_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="qualification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at", None),
                        ("n_answers", None),
                        ("n_right", None),
                        ("outcome", ""),
                    ),
                    models.Q(
                        models.Q(("outcome", ""), _negated=True),
                        ("ended_at__isnull", False),
                        ("n_answers__isnull", False),
                        ("n_right__lte", models.F("n_answers")),
                    ),
                    _connector="OR",
                ),
                name="qualification_ends_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="qualificationdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("act__in", ["AGAIN", "ADMIT"])),
                name="qualificationdecision_act_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="qualificationdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="qualificationdecision_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="qualificationdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("act", "AGAIN"), _negated=True),
                    ("qualification__isnull", False),
                    _connector="OR",
                ),
                name="qualificationdecision_again_after_attempt",
            ),
        ),
        migrations.AddConstraint(
            model_name="qualificationdecision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("act", "ADMIT")),
                fields=("queue", "reviewer"),
                name="qualificationdecision_admitted_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="qualificationdecision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("act", "AGAIN")),
                fields=("qualification",),
                name="qualificationdecision_again_once",
            ),
        ),
    ]
