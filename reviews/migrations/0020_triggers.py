"""What only its own transaction may still add to; a batch keeps its seed."""

from django.db import migrations

# A row whose transaction still runs and which can be seen is of this transaction,
# or of a savepoint of it. A row knows 32 of the 64 bits of the number of its
# transaction; savepoints have higher numbers than the transaction they are of.
MADE_HERE = """
CREATE FUNCTION touchstone_made_here_v1(made xid) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    own bigint := pg_current_xact_id()::text::bigint;
    wraps bigint := 4294967296;
    after bigint := (made::text::bigint - own % wraps + wraps) % wraps;
BEGIN
    RETURN after < wraps / 2 AND coalesce(
        pg_xact_status((own + after)::text::xid8) = 'in progress', false);
END $$;
"""

MADE_HERE_REVERSE = "DROP FUNCTION touchstone_made_here_v1(xid);"

SEED = """
CREATE FUNCTION batch_keeps_seed_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a batch keeps the seed it was dealt with'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'batch_keeps_seed';
END $$;

CREATE TRIGGER batch_keeps_seed_v1
    BEFORE UPDATE OF seed, seed_hash ON reviews_batch
    FOR EACH ROW
    WHEN ((OLD.seed, OLD.seed_hash) IS DISTINCT FROM (NEW.seed, NEW.seed_hash))
    EXECUTE FUNCTION batch_keeps_seed_v1();
"""

SEED_REVERSE = """
DROP TRIGGER batch_keeps_seed_v1 ON reviews_batch;
DROP FUNCTION batch_keeps_seed_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0019_slot_goes_on")]

    operations = [
        migrations.RunSQL(MADE_HERE, MADE_HERE_REVERSE),
        migrations.RunSQL(SEED, SEED_REVERSE),
    ]
