"""What a reviewer decided on an item."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("labeling", "0012_triggers"),
        ("reviews", "0017_triggers"),
    ]

    operations = [
        migrations.AddField(
            model_name="judgment",
            name="disposition",
            field=models.CharField(
                blank=True,
                choices=[
                    ("APPROVE", "approve"),
                    ("REJECT", "reject"),
                    ("REVISE", "revise"),
                ],
                db_default="",
                default="",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="judgment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("disposition__in", ["", "APPROVE", "REJECT", "REVISE"])
                ),
                name="judgment_disposition_known",
            ),
        ),
    ]
