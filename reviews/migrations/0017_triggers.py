"""What was judged can be taken back, and its slot opens again."""

from django.db import migrations

ENDS = """
CREATE FUNCTION assignment_ends_once_v2() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.public_id, OLD.queue_id, OLD.reviewer_id, OLD.item_id, OLD.purpose,
        OLD.response_order, OLD.rubric_version_id, OLD.position)
       IS DISTINCT FROM
       (NEW.public_id, NEW.queue_id, NEW.reviewer_id, NEW.item_id, NEW.purpose,
        NEW.response_order, NEW.rubric_version_id, NEW.position)
       OR OLD.slot_id IS DISTINCT FROM NEW.slot_id
       OR OLD.batch_id IS DISTINCT FROM NEW.batch_id
    THEN
        RAISE EXCEPTION 'what was assigned cannot change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_identity';
    END IF;
    IF OLD.status <> 'LIVE' AND NEW.status <> OLD.status
        AND NOT (OLD.status = 'SUBMITTED' AND NEW.status = 'WITHDRAWN')
    THEN
        RAISE EXCEPTION 'an assignment ends once: it is %', OLD.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_ends_once';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER assignment_ends_once_v1 ON reviews_assignment;
CREATE TRIGGER assignment_ends_once_v2
    BEFORE UPDATE ON reviews_assignment
    FOR EACH ROW EXECUTE FUNCTION assignment_ends_once_v2();
"""

ENDS_REVERSE = """
DROP TRIGGER assignment_ends_once_v2 ON reviews_assignment;
CREATE TRIGGER assignment_ends_once_v1
    BEFORE UPDATE ON reviews_assignment
    FOR EACH ROW EXECUTE FUNCTION assignment_ends_once_v1();
DROP FUNCTION assignment_ends_once_v2();
"""

# Besides what else moves a slot: its own trigger, for it is seldom.
REOPENS = """
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

REOPENS_REVERSE = """
DROP TRIGGER withdrawal_opens_slot_v1 ON reviews_assignment;
DROP FUNCTION withdrawal_opens_slot_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0016_withdrawn")]

    operations = [
        migrations.RunSQL(ENDS, ENDS_REVERSE),
        migrations.RunSQL(REOPENS, REOPENS_REVERSE),
    ]
