"""A qualification has one outcome; what leads decide on it is not rewritten."""

from django.db import migrations

QUALIFICATION = """
CREATE FUNCTION qualification_ends_once_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.outcome <> ''
        OR (OLD.queue_id, OLD.reviewer_id, OLD.number, OLD.size, OLD.pass_share,
            OLD.begun_at)
        IS DISTINCT FROM
           (NEW.queue_id, NEW.reviewer_id, NEW.number, NEW.size, NEW.pass_share,
            NEW.begun_at)
    THEN
        RAISE EXCEPTION 'an attempt is given its outcome once, and nothing else'
            USING ERRCODE = 'restrict_violation',
                  CONSTRAINT = 'qualification_ends_once';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER qualification_ends_once_v1
    BEFORE UPDATE OR DELETE ON reviews_qualification
    FOR EACH ROW EXECUTE FUNCTION qualification_ends_once_v1();

CREATE TRIGGER qualificationdecision_append_only_v1
    BEFORE UPDATE OR DELETE ON reviews_qualificationdecision
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
"""

QUALIFICATION_REVERSE = """
DROP TRIGGER qualificationdecision_append_only_v1 ON reviews_qualificationdecision;
DROP TRIGGER qualification_ends_once_v1 ON reviews_qualification;
DROP FUNCTION qualification_ends_once_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0022_qualifications")]

    operations = [migrations.RunSQL(QUALIFICATION, QUALIFICATION_REVERSE)]
