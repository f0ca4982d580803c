"""The history of a standing is not rewritten."""

from django.db import migrations

STANDING = """
CREATE TRIGGER standing_append_only_v1
    BEFORE UPDATE OR DELETE ON calibration_standing
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
"""

STANDING_REVERSE = """
DROP TRIGGER standing_append_only_v1 ON calibration_standing;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("calibration", "0004_panels_and_standing"),
        ("reviews", "0002_triggers"),
    ]

    operations = [migrations.RunSQL(STANDING, STANDING_REVERSE)]
