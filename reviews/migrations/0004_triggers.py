"""Slots follow returned and escalated assignments; unblindings stay."""

from django.db import migrations

MOVES_SLOT = """
CREATE FUNCTION assignment_moves_slot_v2() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.status = 'SUBMITTED' THEN
        UPDATE reviews_slot SET state = 'FILLED' WHERE id = NEW.slot_id;
    ELSIF NEW.status = 'ESCALATED' THEN
        UPDATE reviews_slot SET state = 'ESCALATED'
            WHERE id = NEW.slot_id AND state = 'TAKEN';
    ELSIF NEW.status IN ('EXPIRED', 'SKIPPED', 'RETURNED') THEN
        UPDATE reviews_slot SET state = 'OPEN'
            WHERE id = NEW.slot_id AND state = 'TAKEN';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER assignment_moves_slot_v1 ON reviews_assignment;
CREATE TRIGGER assignment_moves_slot_v2
    AFTER UPDATE OF status ON reviews_assignment
    FOR EACH ROW WHEN (NEW.slot_id IS NOT NULL AND NEW.status <> OLD.status)
    EXECUTE FUNCTION assignment_moves_slot_v2();
"""

MOVES_SLOT_REVERSE = """
DROP TRIGGER assignment_moves_slot_v2 ON reviews_assignment;
CREATE TRIGGER assignment_moves_slot_v1
    AFTER UPDATE OF status ON reviews_assignment
    FOR EACH ROW WHEN (NEW.slot_id IS NOT NULL AND NEW.status <> OLD.status)
    EXECUTE FUNCTION assignment_moves_slot_v1();
DROP FUNCTION assignment_moves_slot_v2();
"""

APPEND_ONLY = """
CREATE TRIGGER unblinding_append_only_v1
    BEFORE UPDATE OR DELETE ON reviews_unblinding
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
"""

APPEND_ONLY_REVERSE = """
DROP TRIGGER unblinding_append_only_v1 ON reviews_unblinding;
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0003_blinding_and_cover")]

    operations = [
        migrations.RunSQL(MOVES_SLOT, MOVES_SLOT_REVERSE),
        migrations.RunSQL(APPEND_ONLY, APPEND_ONLY_REVERSE),
    ]
