"""What belongs to a judgment is written with it: nothing is added afterwards."""

from django.db import migrations

# Of whoever can sign in: what a rater of a file found may follow in another file.
# As definer, after the triggers that refuse the judgment of another: a reviewer's
# role does not see which transaction wrote a row.
TOGETHER = """
CREATE FUNCTION finding_with_judgment_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM labeling_judgment j
        JOIN reviews_member m ON m.id = j.reviewer_id
        WHERE j.id IN (SELECT judgment_id FROM made)
            AND m.user_id IS NOT NULL
            AND NOT touchstone_made_here_v1(j.xmin)
    ) THEN
        RAISE EXCEPTION 'the judgment was given: nothing is added to it'
            USING ERRCODE = 'restrict_violation',
                  CONSTRAINT = 'finding_with_judgment';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER rating_with_judgment_v1
    AFTER INSERT ON labeling_rating REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION finding_with_judgment_v1();
CREATE TRIGGER failuretag_with_judgment_v1
    AFTER INSERT ON labeling_failuretag REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION finding_with_judgment_v1();
CREATE TRIGGER correction_with_judgment_v1
    AFTER INSERT ON labeling_correction REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION finding_with_judgment_v1();
CREATE TRIGGER span_with_judgment_v1
    AFTER INSERT ON labeling_span REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION finding_with_judgment_v1();
"""

TOGETHER_REVERSE = """
DROP TRIGGER span_with_judgment_v1 ON labeling_span;
DROP TRIGGER correction_with_judgment_v1 ON labeling_correction;
DROP TRIGGER failuretag_with_judgment_v1 ON labeling_failuretag;
DROP TRIGGER rating_with_judgment_v1 ON labeling_rating;
DROP FUNCTION finding_with_judgment_v1();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("labeling", "0014_triggers"),
        ("reviews", "0020_triggers"),
    ]

    operations = [migrations.RunSQL(TOGETHER, TOGETHER_REVERSE)]
