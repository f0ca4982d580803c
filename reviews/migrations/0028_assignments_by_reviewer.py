"""What a reviewer has had of an item is found by both; batches need fewer indexes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("labeling", "0021_triggers"),
        ("reviews", "0027_fewer_keys"),
    ]

    operations = [
        migrations.AlterField(
            model_name="assignment",
            name="reviewer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="reviews.member",
            ),
        ),
        migrations.AlterField(
            model_name="batch",
            name="queue",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="reviews.queue",
            ),
        ),
        migrations.AlterField(
            model_name="batch",
            name="reviewer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="reviews.member",
            ),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                fields=["reviewer", "item"], name="assignment_by_reviewer"
            ),
        ),
    ]
