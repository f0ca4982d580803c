"""A queue may want its texts without their formatting."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reviews", "0012_triggers")]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="plain_text",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
