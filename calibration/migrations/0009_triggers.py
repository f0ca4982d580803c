"""What a set was to hold is not rewritten; a pseudonym may be erased, not changed."""

from django.db import migrations

TRIGGERS = """
CREATE TRIGGER setspec_append_only_v1
    BEFORE UPDATE OR DELETE ON calibration_setspec
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
CREATE TRIGGER caseterms_append_only_v1
    BEFORE UPDATE OR DELETE ON calibration_caseterms
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
CREATE TRIGGER retirement_append_only_v1
    BEFORE UPDATE OR DELETE ON calibration_retirement
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
CREATE TRIGGER pseudonym_never_another_v1
    BEFORE UPDATE ON calibration_pseudonym
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
"""

TRIGGERS_REVERSE = """
DROP TRIGGER pseudonym_never_another_v1 ON calibration_pseudonym;
DROP TRIGGER retirement_append_only_v1 ON calibration_retirement;
DROP TRIGGER caseterms_append_only_v1 ON calibration_caseterms;
DROP TRIGGER setspec_append_only_v1 ON calibration_setspec;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("calibration", "0008_specs_terms_and_requests"),
        ("reviews", "0002_triggers"),
    ]

    operations = [migrations.RunSQL(TRIGGERS, TRIGGERS_REVERSE)]
