"""The second bar of agreement belongs to the queue too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reviews", "0009_triggers")]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="reliable_bar",
            field=models.FloatField(db_default=0.8, default=0.8),
        ),
    ]
