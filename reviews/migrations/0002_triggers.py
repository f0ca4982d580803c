"""States that the database itself refuses."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION touchstone_refuse_change_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'append_only';
END $$;

CREATE TRIGGER routingdecision_append_only_v1
    BEFORE UPDATE OR DELETE ON reviews_routingdecision
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
CREATE TRIGGER triagepolicy_append_only_v1
    BEFORE UPDATE OR DELETE ON reviews_triagepolicy
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
"""

APPEND_ONLY_REVERSE = """
DROP TRIGGER triagepolicy_append_only_v1 ON reviews_triagepolicy;
DROP TRIGGER routingdecision_append_only_v1 ON reviews_routingdecision;
DROP FUNCTION touchstone_refuse_change_v1();
"""

# Slots are made by the thousand, so that the check is one join per statement.
SLOT = """
CREATE FUNCTION slot_within_overlap_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM made JOIN reviews_queue q ON q.id = made.queue_id
        WHERE made.number > q.overlap
    ) THEN
        RAISE EXCEPTION 'more slots than the overlap of the queue'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_within_overlap';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER slot_within_overlap_v1
    AFTER INSERT ON reviews_slot REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION slot_within_overlap_v1();
"""

SLOT_REVERSE = """
DROP TRIGGER slot_within_overlap_v1 ON reviews_slot;
DROP FUNCTION slot_within_overlap_v1();
"""

ASSIGNMENT = """
ALTER TABLE reviews_slot
    ADD CONSTRAINT slot_identity UNIQUE (id, item_id, queue_id);
ALTER TABLE reviews_assignment
    ADD CONSTRAINT assignment_slot_of_its_item
    FOREIGN KEY (slot_id, item_id, queue_id)
    REFERENCES reviews_slot (id, item_id, queue_id) DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION assignment_ends_once_v1() RETURNS trigger
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
    IF OLD.status <> 'LIVE' AND NEW.status <> OLD.status THEN
        RAISE EXCEPTION 'an assignment ends once: it is %', OLD.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_ends_once';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER assignment_ends_once_v1
    BEFORE UPDATE ON reviews_assignment
    FOR EACH ROW EXECUTE FUNCTION assignment_ends_once_v1();

-- A reviewer's role may not touch slots; the slot follows all the same.
CREATE FUNCTION assignment_moves_slot_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE reviews_slot SET state = 'TAKEN'
            WHERE id = NEW.slot_id AND state = 'OPEN';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the slot is not open'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_slot_open';
        END IF;
    ELSIF NEW.status = 'SUBMITTED' THEN
        UPDATE reviews_slot SET state = 'FILLED' WHERE id = NEW.slot_id;
    ELSIF NEW.status IN ('EXPIRED', 'SKIPPED') THEN
        UPDATE reviews_slot SET state = 'OPEN'
            WHERE id = NEW.slot_id AND state = 'TAKEN';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER assignment_takes_slot_v1
    AFTER INSERT ON reviews_assignment
    FOR EACH ROW WHEN (NEW.slot_id IS NOT NULL)
    EXECUTE FUNCTION assignment_moves_slot_v1();
CREATE TRIGGER assignment_moves_slot_v1
    AFTER UPDATE OF status ON reviews_assignment
    FOR EACH ROW WHEN (NEW.slot_id IS NOT NULL AND NEW.status <> OLD.status)
    EXECUTE FUNCTION assignment_moves_slot_v1();
"""

ASSIGNMENT_REVERSE = """
DROP TRIGGER assignment_moves_slot_v1 ON reviews_assignment;
DROP TRIGGER assignment_takes_slot_v1 ON reviews_assignment;
DROP FUNCTION assignment_moves_slot_v1();
DROP TRIGGER assignment_ends_once_v1 ON reviews_assignment;
DROP FUNCTION assignment_ends_once_v1();
ALTER TABLE reviews_assignment DROP CONSTRAINT assignment_slot_of_its_item;
ALTER TABLE reviews_slot DROP CONSTRAINT slot_identity;
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]

    operations = [
        migrations.RunSQL(APPEND_ONLY, APPEND_ONLY_REVERSE),
        migrations.RunSQL(SLOT, SLOT_REVERSE),
        migrations.RunSQL(ASSIGNMENT, ASSIGNMENT_REVERSE),
    ]
