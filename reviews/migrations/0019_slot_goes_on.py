"""What is taken back keeps its slot: whether it is refused must not tell its kind."""

from django.db import migrations

TAKES = """
DROP TRIGGER withdrawal_opens_slot_v1 ON reviews_assignment;
DROP FUNCTION withdrawal_opens_slot_v1();

-- A slot that was filled is taken again only by whoever takes a judgment back: the
-- unique constraint on holders refuses everybody else.
CREATE FUNCTION assignment_takes_slot_v2() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE reviews_slot slot SET state = 'TAKEN'
        WHERE slot.id = NEW.slot_id AND (slot.state = 'OPEN' OR slot.state = 'FILLED'
            AND EXISTS (
                SELECT FROM reviews_assignment former
                WHERE former.slot_id = slot.id AND former.status = 'WITHDRAWN'
                    AND former.reviewer_id = NEW.reviewer_id
                    AND former.batch_id = NEW.batch_id));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the slot is not open'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_slot_open';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER assignment_takes_slot_v1 ON reviews_assignment;
CREATE TRIGGER assignment_takes_slot_v2
    AFTER INSERT ON reviews_assignment
    FOR EACH ROW WHEN (NEW.slot_id IS NOT NULL)
    EXECUTE FUNCTION assignment_takes_slot_v2();
"""

TAKES_REVERSE = """
DROP TRIGGER assignment_takes_slot_v2 ON reviews_assignment;
CREATE TRIGGER assignment_takes_slot_v1
    AFTER INSERT ON reviews_assignment
    FOR EACH ROW WHEN (NEW.slot_id IS NOT NULL)
    EXECUTE FUNCTION assignment_moves_slot_v1();
DROP FUNCTION assignment_takes_slot_v2();

CREATE FUNCTION withdrawal_opens_slot_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE reviews_slot SET
        state = CASE WHEN closed_at IS NULL THEN 'OPEN' ELSE 'WITHDRAWN' END
        WHERE id = NEW.slot_id AND state = 'FILLED';
    RETURN NULL;
END $$;
CREATE TRIGGER withdrawal_opens_slot_v1
    AFTER UPDATE OF status ON reviews_assignment
    FOR EACH ROW WHEN (NEW.slot_id IS NOT NULL AND NEW.status = 'WITHDRAWN')
    EXECUTE FUNCTION withdrawal_opens_slot_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0018_queue_authority")]

    operations = [migrations.RunSQL(TAKES, TAKES_REVERSE)]
