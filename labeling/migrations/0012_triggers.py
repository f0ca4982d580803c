"""A judgment changes once at most: when its reviewer takes it back."""

from django.db import migrations

JUDGMENT = """
CREATE FUNCTION judgment_append_only_v2() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    taken_back labeling_judgment;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL THEN
        taken_back := OLD;
        taken_back.withdrawn_at := NEW.withdrawn_at;
        taken_back.left_out := 'WITHDRAWN';
        taken_back.counts := false;
        IF NEW.withdrawn_at IS NOT NULL AND NEW IS NOT DISTINCT FROM taken_back THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'labeling_judgment is append-only'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'append_only';
END $$;

DROP TRIGGER judgment_append_only_v1 ON labeling_judgment;
CREATE TRIGGER judgment_append_only_v2
    BEFORE UPDATE OR DELETE ON labeling_judgment
    FOR EACH ROW EXECUTE FUNCTION judgment_append_only_v2();
"""

JUDGMENT_REVERSE = """
DROP TRIGGER judgment_append_only_v2 ON labeling_judgment;
CREATE TRIGGER judgment_append_only_v1
    BEFORE UPDATE OR DELETE ON labeling_judgment
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
DROP FUNCTION judgment_append_only_v2();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("labeling", "0011_withdrawn"),
        ("reviews", "0017_triggers"),
    ]

    operations = [migrations.RunSQL(JUDGMENT, JUDGMENT_REVERSE)]
