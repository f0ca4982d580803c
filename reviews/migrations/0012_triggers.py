"""Slots of a paused slice do not open."""

from django.db import migrations

# One meaning of a slice for the triggers and for the sweep.
SLICE = """
CREATE FUNCTION touchstone_slice_is_paused_v1(bigint, bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM reviews_slicepause pause
        JOIN reviews_item item ON item.id = $2
        LEFT JOIN reviews_routingdecision decision ON decision.item_id = item.id
        WHERE pause.queue_id = $1 AND pause.resumed_at IS NULL
            AND pause.value = CASE pause.dimension
                WHEN 'intent' THEN item.signals ->> 'intent'
                WHEN 'stakes' THEN item.signals ->> 'stakes'
                WHEN 'rule' THEN decision.rule
                WHEN 'action' THEN decision.action
                WHEN 'kind' THEN item.kind
            END
    )
$$;
"""

SLICE_REVERSE = """
DROP FUNCTION touchstone_slice_is_paused_v1(bigint, bigint);
"""

# A deal takes open slots and never comes by here; what is given back does.
HOLD = """
CREATE FUNCTION slot_of_paused_slice_held_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF touchstone_slice_is_paused_v1(NEW.queue_id, NEW.item_id) THEN
        NEW.state := 'HELD';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER slot_of_paused_slice_held_v1
    BEFORE UPDATE OF state ON reviews_slot
    FOR EACH ROW WHEN (NEW.state = 'OPEN' AND OLD.state <> 'OPEN')
    EXECUTE FUNCTION slot_of_paused_slice_held_v1();

-- Slots are made by the thousand: without a pause it is one look for all of them.
CREATE FUNCTION slots_made_held_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM reviews_slicepause WHERE resumed_at IS NULL) THEN
        UPDATE reviews_slot slot SET state = 'HELD' FROM made
        WHERE slot.id = made.id AND slot.state = 'OPEN'
            AND touchstone_slice_is_paused_v1(made.queue_id, made.item_id);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER slots_made_held_v1
    AFTER INSERT ON reviews_slot REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION slots_made_held_v1();
"""

HOLD_REVERSE = """
DROP TRIGGER slots_made_held_v1 ON reviews_slot;
DROP FUNCTION slots_made_held_v1();
DROP TRIGGER slot_of_paused_slice_held_v1 ON reviews_slot;
DROP FUNCTION slot_of_paused_slice_held_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0011_labels_and_slices")]

    operations = [
        migrations.RunSQL(SLICE, SLICE_REVERSE),
        migrations.RunSQL(HOLD, HOLD_REVERSE),
    ]
