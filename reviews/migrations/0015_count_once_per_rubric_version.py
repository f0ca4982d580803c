"""A reviewer may judge an item again in a queue, under a later rubric version."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("labeling", "0001_initial"),
        ("reviews", "0014_sessions_of_persons"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="assignment",
            name="assignment_counts_once_per_reviewer",
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("purpose__in", ["FRESH", "IMPORT"]),
                    ("status__in", ["LIVE", "SUBMITTED"]),
                ),
                fields=("reviewer", "item", "queue", "rubric_version"),
                name="assignment_counts_once_per_reviewer",
            ),
        ),
    ]
