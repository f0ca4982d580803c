"""A release is written in the transaction that publishes it; no line comes later."""

from django.db import migrations

LINES = """
CREATE FUNCTION releaseline_with_release_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM calibration_release r
        WHERE r.id IN (SELECT release_id FROM made)
            AND NOT touchstone_made_here_v1(r.xmin)
    ) THEN
        RAISE EXCEPTION 'the release is published: no line is added to it'
            USING ERRCODE = 'restrict_violation',
                  CONSTRAINT = 'releaseline_with_release';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER releaseline_with_release_v1
    AFTER INSERT ON calibration_releaseline REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION releaseline_with_release_v1();
"""

LINES_REVERSE = """
DROP TRIGGER releaseline_with_release_v1 ON calibration_releaseline;
DROP FUNCTION releaseline_with_release_v1();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("calibration", "0014_set_previews"),
        ("reviews", "0020_triggers"),
    ]

    operations = [migrations.RunSQL(LINES, LINES_REVERSE)]
