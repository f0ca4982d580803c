"""What a reviewer was told is not rewritten; gold says under which rubric it is known."""

from django.db import migrations

FEEDBACK = """
CREATE TRIGGER feedback_append_only_v1
    BEFORE UPDATE OR DELETE ON calibration_feedback
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
"""

FEEDBACK_REVERSE = """
DROP TRIGGER feedback_append_only_v1 ON calibration_feedback;
"""

SEEDS = """
UPDATE reviews_seed seed SET rubric_version_id = known.rubric_version_id
FROM (
    SELECT queue_id, item_id, max(rubric_version_id) AS rubric_version_id
    FROM calibration_goldcase GROUP BY queue_id, item_id
) known
WHERE known.queue_id = seed.queue_id AND known.item_id = seed.item_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("calibration", "0016_feedback"),
        ("reviews", "0023_triggers"),
    ]

    operations = [
        migrations.RunSQL(FEEDBACK, FEEDBACK_REVERSE),
        migrations.RunSQL(SEEDS, migrations.RunSQL.noop, elidable=True),
    ]
