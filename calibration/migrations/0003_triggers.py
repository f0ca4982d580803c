"""A release is immutable."""

from django.db import migrations

RELEASE = """
CREATE TRIGGER release_append_only_v1
    BEFORE UPDATE OR DELETE ON calibration_release
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
CREATE TRIGGER releaseline_append_only_v1
    BEFORE UPDATE OR DELETE ON calibration_releaseline
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
"""

RELEASE_REVERSE = """
DROP TRIGGER releaseline_append_only_v1 ON calibration_releaseline;
DROP TRIGGER release_append_only_v1 ON calibration_release;
"""


class Migration(migrations.Migration):
    dependencies = [("calibration", "0002_initial"), ("reviews", "0002_triggers")]

    operations = [migrations.RunSQL(RELEASE, RELEASE_REVERSE)]
