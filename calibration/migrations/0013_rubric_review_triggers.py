"""A rubric review is closed once, and what it was opened for stays."""

from django.db import migrations

CLOSES_ONCE = """
CREATE FUNCTION rubricreview_closes_once_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'a rubric review stays as it was closed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'append_only';
    END IF;
    IF (OLD.queue_id, OLD.rubric_version_id, OLD.dimension, OLD.value, OLD.floor,
        OLD.findings, OLD.n_items, OLD.opened_at)
       IS DISTINCT FROM
       (NEW.queue_id, NEW.rubric_version_id, NEW.dimension, NEW.value, NEW.floor,
        NEW.findings, NEW.n_items, NEW.opened_at)
    THEN
        RAISE EXCEPTION 'what a rubric review was opened for cannot change'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'append_only';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER rubricreview_closes_once_v1
    BEFORE UPDATE OR DELETE ON calibration_rubricreview
    FOR EACH ROW EXECUTE FUNCTION rubricreview_closes_once_v1();
"""

CLOSES_ONCE_REVERSE = """
DROP TRIGGER rubricreview_closes_once_v1 ON calibration_rubricreview;
DROP FUNCTION rubricreview_closes_once_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("calibration", "0012_rubric_reviews")]

    operations = [migrations.RunSQL(CLOSES_ONCE, CLOSES_ONCE_REVERSE)]
