from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reviews", "0007_item_project_by_statement")]

    operations = [
        migrations.AddField(
            model_name="slot",
            name="closed_at",
            field=models.DateTimeField(null=True),
        ),
    ]
