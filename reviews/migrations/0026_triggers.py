"""An erasure is not rewritten, and says for which item words may go now."""

from django.db import migrations

ERASURE = """
CREATE TRIGGER erasure_append_only_v1
    BEFORE UPDATE OR DELETE ON reviews_erasure
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();

-- Only in the transaction that records it.
CREATE FUNCTION touchstone_is_erasing_v1(erased bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM reviews_erasure e
        WHERE e.item_id = erased AND touchstone_made_here_v1(e.xmin)
    )
$$;

-- An item that was erased says nothing ever again.
CREATE FUNCTION item_stays_erased_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM reviews_erasure e WHERE e.item_id = OLD.id)
        AND NOT touchstone_is_erasing_v1(OLD.id)
    THEN
        RAISE EXCEPTION 'the text of the item was erased'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'item_stays_erased';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER item_stays_erased_v1
    BEFORE UPDATE OF content, provenance, signals ON reviews_item
    FOR EACH ROW EXECUTE FUNCTION item_stays_erased_v1();
"""

ERASURE_REVERSE = """
DROP TRIGGER item_stays_erased_v1 ON reviews_item;
DROP FUNCTION item_stays_erased_v1();
DROP FUNCTION touchstone_is_erasing_v1(bigint);
DROP TRIGGER erasure_append_only_v1 ON reviews_erasure;
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0025_erasures")]

    operations = [migrations.RunSQL(ERASURE, ERASURE_REVERSE)]
