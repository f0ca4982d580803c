"""Whether a slot may open is asked by one trigger, and only of slots that open."""

from django.db import migrations

# Asked within, not by a WHEN: PostgreSQL reads that anew for every statement, also
# for those that fill a slot. Erased is erased, also in a slice that is on hold.
OPENS = """
CREATE FUNCTION slot_opens_where_wanted_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    erased timestamptz;
BEGIN
    IF NEW.state IN ('OPEN', 'HELD', 'ESCALATED') AND NEW.state <> OLD.state THEN
        SELECT e.erased_at INTO erased FROM reviews_erasure e
            WHERE e.item_id = NEW.item_id;
        IF FOUND THEN
            NEW.state := 'WITHDRAWN';
            NEW.closed_at := coalesce(NEW.closed_at, erased);
        ELSIF NEW.state = 'OPEN' THEN
            IF touchstone_slice_is_paused_v1(NEW.queue_id, NEW.item_id) THEN
                NEW.state := 'HELD';
            END IF;
        END IF;
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER slot_of_erased_item_withdrawn_v1 ON reviews_slot;
DROP TRIGGER slot_of_paused_slice_held_v1 ON reviews_slot;
CREATE TRIGGER slot_opens_where_wanted_v1
    BEFORE UPDATE OF state ON reviews_slot
    FOR EACH ROW EXECUTE FUNCTION slot_opens_where_wanted_v1();
"""

OPENS_REVERSE = """
DROP TRIGGER slot_opens_where_wanted_v1 ON reviews_slot;
CREATE TRIGGER slot_of_paused_slice_held_v1
    BEFORE UPDATE OF state ON reviews_slot
    FOR EACH ROW WHEN (NEW.state = 'OPEN' AND OLD.state <> 'OPEN')
    EXECUTE FUNCTION slot_of_paused_slice_held_v1();
CREATE TRIGGER slot_of_erased_item_withdrawn_v1
    BEFORE UPDATE OF state ON reviews_slot
    FOR EACH ROW WHEN (
        NEW.state IN ('OPEN', 'HELD', 'ESCALATED') AND OLD.state <> NEW.state)
    EXECUTE FUNCTION slot_of_erased_item_withdrawn_v1();
DROP FUNCTION slot_opens_where_wanted_v1();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("calibration", "0021_triggers"),
        ("reviews", "0030_cheaper_to_write"),
    ]

    operations = [migrations.RunSQL(OPENS, OPENS_REVERSE)]
