"""A slot that nobody holds any more opens again only where it is still wanted."""

from django.db import migrations

MOVES_SLOT = """
CREATE FUNCTION assignment_moves_slot_v3() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.status = 'SUBMITTED' THEN
        UPDATE reviews_slot SET state = 'FILLED' WHERE id = NEW.slot_id;
    ELSIF NEW.status = 'ESCALATED' THEN
        UPDATE reviews_slot SET state = 'ESCALATED'
            WHERE id = NEW.slot_id AND state = 'TAKEN';
    ELSIF NEW.status IN ('EXPIRED', 'SKIPPED', 'RETURNED') THEN
        UPDATE reviews_slot slot SET state = CASE
            WHEN slot.closed_at IS NOT NULL OR queue.overlap <= (
                SELECT count(*) FROM reviews_slot other
                WHERE other.queue_id = slot.queue_id
                    AND other.item_id = slot.item_id
                    AND other.id <> slot.id AND other.state <> 'WITHDRAWN')
            THEN 'WITHDRAWN' ELSE 'OPEN' END
        FROM reviews_queue queue
        WHERE slot.id = NEW.slot_id AND slot.state = 'TAKEN'
            AND queue.id = slot.queue_id;
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER assignment_moves_slot_v2 ON reviews_assignment;
CREATE TRIGGER assignment_moves_slot_v3
    AFTER UPDATE OF status ON reviews_assignment
    FOR EACH ROW WHEN (NEW.slot_id IS NOT NULL AND NEW.status <> OLD.status)
    EXECUTE FUNCTION assignment_moves_slot_v3();
"""

MOVES_SLOT_REVERSE = """
DROP TRIGGER assignment_moves_slot_v3 ON reviews_assignment;
CREATE TRIGGER assignment_moves_slot_v2
    AFTER UPDATE OF status ON reviews_assignment
    FOR EACH ROW WHEN (NEW.slot_id IS NOT NULL AND NEW.status <> OLD.status)
    EXECUTE FUNCTION assignment_moves_slot_v2();
DROP FUNCTION assignment_moves_slot_v3();
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0008_slot_closed_at")]

    operations = [migrations.RunSQL(MOVES_SLOT, MOVES_SLOT_REVERSE)]
