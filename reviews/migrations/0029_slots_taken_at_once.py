"""The slots of a batch are taken by one statement, not by one for each of them."""

from django.db import migrations

TAKES = """
DROP TRIGGER assignment_takes_slot_v2 ON reviews_assignment;
DROP FUNCTION assignment_takes_slot_v2();

-- A slot that was filled is taken again only by whoever takes a judgment back: the
-- unique constraint on holders refuses everybody else.
CREATE FUNCTION assignment_takes_slot_v3() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wanted bigint := (SELECT count(slot_id) FROM made);
    taken bigint;
BEGIN
    IF wanted = 0 THEN
        RETURN NULL;
    END IF;
    UPDATE reviews_slot slot SET state = 'TAKEN' FROM made
        WHERE slot.id = made.slot_id AND (slot.state = 'OPEN' OR slot.state = 'FILLED'
            AND EXISTS (
                SELECT FROM reviews_assignment former
                WHERE former.slot_id = slot.id AND former.status = 'WITHDRAWN'
                    AND former.reviewer_id = made.reviewer_id
                    AND former.batch_id = made.batch_id));
    GET DIAGNOSTICS taken = ROW_COUNT;
    IF taken < wanted THEN
        RAISE EXCEPTION 'the slot is not open'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_slot_open';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER assignment_takes_slot_v3
    AFTER INSERT ON reviews_assignment
    REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION assignment_takes_slot_v3();
"""

TAKES_REVERSE = """
DROP TRIGGER assignment_takes_slot_v3 ON reviews_assignment;
DROP FUNCTION assignment_takes_slot_v3();

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

CREATE TRIGGER assignment_takes_slot_v2
    AFTER INSERT ON reviews_assignment
    FOR EACH ROW WHEN (NEW.slot_id IS NOT NULL)
    EXECUTE FUNCTION assignment_takes_slot_v2();
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0028_assignments_by_reviewer")]

    operations = [migrations.RunSQL(TAKES, TAKES_REVERSE)]
