"""A line of a release changes once at most: when what its case says is erased."""

from django.db import migrations

# To the byte as calibration.formats.erasure writes and reads it: what stays is the
# hash of the line as it was released, so that nothing else can take its place.
ERASED = """
CREATE FUNCTION touchstone_erased_line_v1(line text, erasure reviews_erasure)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT '{"erased":{"on":"'
        || to_char(erasure.erased_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
        || '","reason":' || to_json(erasure.reason::text)::text
        || ',"sha256":"' || encode(sha256(convert_to(line, 'UTF8')), 'hex')
        || '"},"id":' || to_json(line::jsonb ->> 'id')::text || '}'
$$;

CREATE FUNCTION releaseline_only_erased_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (NEW.id, NEW.release_id, NEW.file, NEW.number)
            = (OLD.id, OLD.release_id, OLD.file, OLD.number)
        AND OLD.file IN ('cases.jsonl', 'lineage.jsonl')
        AND EXISTS (
            SELECT FROM reviews_erasure e
            JOIN reviews_item i ON i.id = e.item_id
            JOIN calibration_goldenset g ON g.project_id = i.project_id
            JOIN calibration_release r ON r.golden_set_id = g.id
            WHERE r.id = OLD.release_id
                AND i.external_id = OLD.text::jsonb ->> 'id'
                AND NOT OLD.text::jsonb ? 'erased'
                AND touchstone_is_erasing_v1(i.id)
                AND NEW.text = touchstone_erased_line_v1(OLD.text, e)
        )
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'calibration_releaseline is append-only'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'append_only';
END $$;

DROP TRIGGER releaseline_append_only_v1 ON calibration_releaseline;
CREATE TRIGGER releaseline_append_only_v2
    BEFORE UPDATE OR DELETE ON calibration_releaseline
    FOR EACH ROW EXECUTE FUNCTION releaseline_only_erased_v1();
DROP TRIGGER caseterms_append_only_v1 ON calibration_caseterms;
CREATE TRIGGER caseterms_append_only_v2
    BEFORE UPDATE OR DELETE ON calibration_caseterms FOR EACH ROW
    EXECUTE FUNCTION touchstone_only_erased_v1('item', 'reference', 'grading');
DROP TRIGGER feedback_append_only_v1 ON calibration_feedback;
CREATE TRIGGER feedback_append_only_v2
    BEFORE UPDATE OR DELETE ON calibration_feedback FOR EACH ROW
    EXECUTE FUNCTION touchstone_only_erased_v1('assignment', 'rationale');
"""

ERASED_REVERSE = """
DROP TRIGGER feedback_append_only_v2 ON calibration_feedback;
CREATE TRIGGER feedback_append_only_v1
    BEFORE UPDATE OR DELETE ON calibration_feedback
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
DROP TRIGGER caseterms_append_only_v2 ON calibration_caseterms;
CREATE TRIGGER caseterms_append_only_v1
    BEFORE UPDATE OR DELETE ON calibration_caseterms
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
DROP TRIGGER releaseline_append_only_v2 ON calibration_releaseline;
CREATE TRIGGER releaseline_append_only_v1
    BEFORE UPDATE OR DELETE ON calibration_releaseline
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
DROP FUNCTION releaseline_only_erased_v1();
DROP FUNCTION touchstone_erased_line_v1(text, reviews_erasure);
"""


class Migration(migrations.Migration):
    dependencies = [("calibration", "0017_triggers"), ("labeling", "0021_triggers")]

    operations = [migrations.RunSQL(ERASED, ERASED_REVERSE)]
