"""A rating of a step is of a step that is there; a criterion says if it has any."""

from django.db import migrations

# What was judged before was asked once for the whole trace, and stays so.
TOLD = """
ALTER TABLE labeling_criterion DISABLE TRIGGER criterion_append_only_v1;
UPDATE labeling_criterion c SET is_per_step = true
FROM labeling_rubricversion v
WHERE v.id = c.version_id
    AND v.document @> jsonb_build_object('criteria', jsonb_build_array(
        jsonb_build_object('key', c.key, 'per_step', true)))
    AND NOT EXISTS (SELECT FROM labeling_judgment j WHERE j.rubric_version_id = v.id);
ALTER TABLE labeling_criterion ENABLE TRIGGER criterion_append_only_v1;
"""

RATING = """
CREATE FUNCTION rating_within_scale_v2() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    scale labeling_criterion;
    fits boolean;
    n_steps integer := 0;
BEGIN
    SELECT c.* INTO scale FROM labeling_criterion c
        JOIN labeling_judgment j ON j.rubric_version_id = c.version_id
        WHERE c.id = NEW.criterion_id AND j.id = NEW.judgment_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the criterion is not of the rubric version of the judgment'
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'rating_criterion_of_version';
    END IF;
    -- What has steps is rated step by step or, on another criterion, as a whole.
    IF scale.is_per_step THEN
        SELECT jsonb_array_length(coalesce(i.content -> 'steps', '[]'::jsonb))
            INTO n_steps FROM labeling_judgment j
            JOIN reviews_item i ON i.id = j.item_id WHERE j.id = NEW.judgment_id;
    END IF;
    IF NEW.step NOT BETWEEN least(1, n_steps) AND n_steps THEN
        RAISE EXCEPTION 'there is no step % to rate on %', NEW.step, scale.key
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rating_of_a_step';
    END IF;
    CASE scale.level
        WHEN 'TEXT' THEN
            fits := jsonb_typeof(NEW.value) = 'string';
        WHEN 'INTERVAL' THEN
            fits := jsonb_typeof(NEW.value) = 'number'
                AND (NEW.value)::numeric BETWEEN scale.minimum AND scale.maximum
                AND mod((NEW.value)::numeric - scale.minimum, scale.step) = 0;
        WHEN 'MULTI_LABEL' THEN
            fits := jsonb_typeof(NEW.value) = 'array' AND NOT EXISTS (
                SELECT FROM jsonb_array_elements(NEW.value) AS given (label)
                WHERE jsonb_typeof(label) <> 'string' OR NOT EXISTS (
                    SELECT FROM labeling_option o
                    WHERE o.criterion_id = scale.id AND o.value = label #>> '{}')
            ) AND jsonb_array_length(NEW.value) = (
                SELECT count(DISTINCT label)
                FROM jsonb_array_elements(NEW.value) AS given (label));
        ELSE
            fits := jsonb_typeof(NEW.value) = 'string' AND EXISTS (
                SELECT FROM labeling_option o
                WHERE o.criterion_id = scale.id AND o.value = NEW.value #>> '{}');
    END CASE;
    IF NOT fits THEN
        RAISE EXCEPTION '% is not a value of the scale of %', NEW.value, scale.key
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rating_within_scale';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER rating_within_scale_v1 ON labeling_rating;
CREATE TRIGGER rating_within_scale_v2
    BEFORE INSERT ON labeling_rating
    FOR EACH ROW EXECUTE FUNCTION rating_within_scale_v2();
"""

RATING_REVERSE = """
DROP TRIGGER rating_within_scale_v2 ON labeling_rating;
CREATE TRIGGER rating_within_scale_v1
    BEFORE INSERT ON labeling_rating
    FOR EACH ROW EXECUTE FUNCTION rating_within_scale_v1();
DROP FUNCTION rating_within_scale_v2();
"""


class Migration(migrations.Migration):
    dependencies = [("labeling", "0019_step_ratings")]

    operations = [
        migrations.RunSQL(TOLD, migrations.RunSQL.noop, elidable=True),
        migrations.RunSQL(RATING, RATING_REVERSE),
    ]
