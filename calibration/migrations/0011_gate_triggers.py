"""What was asked of a candidate, and what it came to, is not rewritten."""

from django.db import migrations

TRIGGERS = """
CREATE TRIGGER gatethresholds_append_only_v1
    BEFORE UPDATE OR DELETE ON calibration_gatethresholds
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
CREATE TRIGGER gaterun_append_only_v1
    BEFORE UPDATE OR DELETE ON calibration_gaterun
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
"""

TRIGGERS_REVERSE = """
DROP TRIGGER gaterun_append_only_v1 ON calibration_gaterun;
DROP TRIGGER gatethresholds_append_only_v1 ON calibration_gatethresholds;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("calibration", "0010_gate_runs"),
        ("reviews", "0002_triggers"),
    ]

    operations = [migrations.RunSQL(TRIGGERS, TRIGGERS_REVERSE)]
