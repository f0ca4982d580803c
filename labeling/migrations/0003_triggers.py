"""Judgments follow their assignment, ratings their scale; nothing is rewritten."""

from django.db import migrations

JUDGMENT = """
-- Whoever submits names the assignment and nothing else; the rest is read here,
-- with rights that a reviewer's role does not have.
CREATE FUNCTION judgment_takes_after_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    given reviews_assignment;
BEGIN
    SELECT * INTO given FROM reviews_assignment
        WHERE id = NEW.assignment_id FOR UPDATE;
    NEW.queue_id := given.queue_id;
    NEW.item_id := given.item_id;
    NEW.reviewer_id := given.reviewer_id;
    NEW.rubric_version_id := given.rubric_version_id;
    NEW.counts := given.purpose IN ('FRESH', 'IMPORT');
    IF given.purpose = 'IMPORT' THEN
        RETURN NEW;
    END IF;
    IF given.status = 'SUBMITTED' THEN
        RAISE EXCEPTION 'the assignment has its judgment'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'judgment_once';
    END IF;
    IF given.status <> 'LIVE' OR given.leased_until <= NEW.submitted_at THEN
        RAISE EXCEPTION 'the lease of the assignment has ended'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'judgment_within_lease';
    END IF;
    UPDATE reviews_assignment SET status = 'SUBMITTED' WHERE id = given.id;
    RETURN NEW;
END $$;

CREATE TRIGGER judgment_takes_after_v1
    BEFORE INSERT ON labeling_judgment
    FOR EACH ROW EXECUTE FUNCTION judgment_takes_after_v1();

-- DO UPDATE, not DO NOTHING: it holds the row until this transaction ends, so
-- that a recheck running now cannot remove it without having seen the judgment.
CREATE FUNCTION judgment_wants_recheck_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO labeling_recheck (queue_id, item_id)
        SELECT DISTINCT queue_id, item_id FROM made WHERE counts
        ORDER BY queue_id, item_id
        ON CONFLICT (queue_id, item_id) DO UPDATE SET queue_id = EXCLUDED.queue_id;
    RETURN NULL;
END $$;

CREATE TRIGGER judgment_wants_recheck_v1
    AFTER INSERT ON labeling_judgment REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION judgment_wants_recheck_v1();
"""

JUDGMENT_REVERSE = """
DROP TRIGGER judgment_wants_recheck_v1 ON labeling_judgment;
DROP FUNCTION judgment_wants_recheck_v1();
DROP TRIGGER judgment_takes_after_v1 ON labeling_judgment;
DROP FUNCTION judgment_takes_after_v1();
"""

RATING = """
CREATE FUNCTION rating_within_scale_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    scale labeling_criterion;
    fits boolean;
BEGIN
    SELECT c.* INTO scale FROM labeling_criterion c
        JOIN labeling_judgment j ON j.rubric_version_id = c.version_id
        WHERE c.id = NEW.criterion_id AND j.id = NEW.judgment_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the criterion is not of the rubric version of the judgment'
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'rating_criterion_of_version';
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

CREATE TRIGGER rating_within_scale_v1
    BEFORE INSERT ON labeling_rating
    FOR EACH ROW EXECUTE FUNCTION rating_within_scale_v1();
"""

RATING_REVERSE = """
DROP TRIGGER rating_within_scale_v1 ON labeling_rating;
DROP FUNCTION rating_within_scale_v1();
"""

FROZEN = """
CREATE TRIGGER judgment_append_only_v1
    BEFORE UPDATE OR DELETE ON labeling_judgment
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
CREATE TRIGGER rating_append_only_v1
    BEFORE UPDATE OR DELETE ON labeling_rating
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
CREATE TRIGGER adjudication_append_only_v1
    BEFORE UPDATE OR DELETE ON labeling_adjudication
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
CREATE TRIGGER rubricversion_append_only_v1
    BEFORE UPDATE OR DELETE ON labeling_rubricversion
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
CREATE TRIGGER criterion_append_only_v1
    BEFORE UPDATE OR DELETE ON labeling_criterion
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
CREATE TRIGGER option_append_only_v1
    BEFORE UPDATE OR DELETE ON labeling_option
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();

CREATE FUNCTION rubric_grows_unjudged_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    judged bigint;
BEGIN
    IF TG_TABLE_NAME = 'labeling_criterion' THEN
        judged := NEW.version_id;
    ELSE
        SELECT version_id INTO judged FROM labeling_criterion
            WHERE id = NEW.criterion_id;
    END IF;
    IF EXISTS (SELECT FROM labeling_judgment WHERE rubric_version_id = judged) THEN
        RAISE EXCEPTION 'a rubric version with judgments is frozen'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'rubricversion_frozen';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER criterion_grows_unjudged_v1
    BEFORE INSERT ON labeling_criterion
    FOR EACH ROW EXECUTE FUNCTION rubric_grows_unjudged_v1();
CREATE TRIGGER option_grows_unjudged_v1
    BEFORE INSERT ON labeling_option
    FOR EACH ROW EXECUTE FUNCTION rubric_grows_unjudged_v1();
"""

FROZEN_REVERSE = """
DROP TRIGGER option_grows_unjudged_v1 ON labeling_option;
DROP TRIGGER criterion_grows_unjudged_v1 ON labeling_criterion;
DROP FUNCTION rubric_grows_unjudged_v1();
DROP TRIGGER option_append_only_v1 ON labeling_option;
DROP TRIGGER criterion_append_only_v1 ON labeling_criterion;
DROP TRIGGER rubricversion_append_only_v1 ON labeling_rubricversion;
DROP TRIGGER adjudication_append_only_v1 ON labeling_adjudication;
DROP TRIGGER rating_append_only_v1 ON labeling_rating;
DROP TRIGGER judgment_append_only_v1 ON labeling_judgment;
"""


class Migration(migrations.Migration):
    dependencies = [("labeling", "0002_initial"), ("reviews", "0002_triggers")]

    operations = [
        migrations.RunSQL(JUDGMENT, JUDGMENT_REVERSE),
        migrations.RunSQL(RATING, RATING_REVERSE),
        migrations.RunSQL(FROZEN, FROZEN_REVERSE),
    ]
