import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("labeling", "0009_dispute_because"),
        ("reviews", "0009_triggers"),
    ]

    operations = [
        migrations.CreateModel(
            name="RubricDraft",
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
                ("slug", models.SlugField(max_length=80)),
                ("sheet", models.JSONField()),
                ("revision", models.PositiveIntegerField(default=1)),
                ("saved_at", models.DateTimeField()),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="reviews.project",
                    ),
                ),
                (
                    "saved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="reviews.member",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "slug"), name="rubricdraft_once_per_rubric"
                    )
                ],
            },
        ),
    ]
