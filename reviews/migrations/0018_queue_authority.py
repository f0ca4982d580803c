"""What a queue lets its reviewers do with an item besides rating it."""

import django.contrib.postgres.fields
from django.db import migrations, models

import reviews.models.queues


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0017_triggers"),
    ]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="authority",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=8),
                db_default=["ESCALATE"],
                default=reviews.models.queues.escalate_alone,
                size=None,
            ),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "authority__contained_by",
                        ["APPROVE", "REJECT", "REVISE", "ESCALATE"],
                    )
                ),
                name="queue_authority_known",
            ),
        ),
    ]
