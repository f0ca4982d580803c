from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calibration", "0019_confirmed"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="releaseline",
            index=models.Index(
                condition=models.Q(
                    ("file", "cases.jsonl"), ("text__startswith", '{"erased":{')
                ),
                fields=["release"],
                name="releaseline_erased",
            ),
        ),
    ]
