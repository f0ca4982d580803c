from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calibration", "0018_triggers"),
    ]

    operations = [
        migrations.AddField(
            model_name="freezerequest",
            name="confirmed",
            field=models.JSONField(null=True),
        ),
    ]
