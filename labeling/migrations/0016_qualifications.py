from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("labeling", "0015_triggers"),
        ("reviews", "0020_triggers"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="judgment",
            name="judgment_left_out_known",
        ),
        migrations.AlterField(
            model_name="judgment",
            name="left_out",
            field=models.CharField(
                blank=True,
                choices=[
                    ("GOLD", "gold"),
                    ("RETEST", "retest"),
                    ("UNBLINDED", "unblinded"),
                    ("WITHDRAWN", "withdrawn"),
                    ("QUALIFICATION", "qualification"),
                ],
                default="",
                max_length=13,
            ),
        ),
        migrations.AddConstraint(
            model_name="judgment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "left_out__in",
                        [
                            "",
                            "GOLD",
                            "RETEST",
                            "UNBLINDED",
                            "WITHDRAWN",
                            "QUALIFICATION",
                        ],
                    )
                ),
                name="judgment_left_out_known",
            ),
        ),
    ]
