"""Why a dispute is open, where ratings are not just spread."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("labeling", "0008_triggers"),
    ]

    operations = [
        migrations.AddField(
            model_name="dispute",
            name="because",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=200
            ),
        ),
    ]
