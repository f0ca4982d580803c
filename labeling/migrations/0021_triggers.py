"""What was written about an item goes with its text, and nothing else does."""

from django.db import migrations

# The first argument says how a row knows its item, the others which columns hold
# words. Each may become empty or say that it was erased; nothing else may change.
ONLY_ERASED = """
CREATE FUNCTION touchstone_only_erased_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    words text[] := TG_ARGV[1:];
    was jsonb := to_jsonb(OLD);
    becomes jsonb;
    item bigint;
    name text;
    is_erased boolean := TG_OP = 'UPDATE';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        becomes := to_jsonb(NEW);
        CASE TG_ARGV[0]
            WHEN 'item' THEN item := (was ->> 'item_id')::bigint;
            WHEN 'judgment' THEN SELECT j.item_id INTO item
                FROM labeling_judgment j WHERE j.id = (was ->> 'judgment_id')::bigint;
            WHEN 'dispute' THEN SELECT d.item_id INTO item
                FROM labeling_dispute d WHERE d.id = (was ->> 'dispute_id')::bigint;
            WHEN 'assignment' THEN SELECT a.item_id INTO item
                FROM reviews_assignment a
                WHERE a.id = (was ->> 'assignment_id')::bigint;
        END CASE;
        is_erased := touchstone_is_erasing_v1(item) AND was - words = becomes - words;
        FOREACH name IN ARRAY words LOOP
            is_erased := is_erased AND (
                becomes -> name = was -> name
                OR becomes -> name IN ('""', '"[erased]"', 'null'));
        END LOOP;
        IF is_erased THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'append_only';
END $$;

-- The values of ratings stay, but for those that are free text.
CREATE FUNCTION rating_only_text_erased_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.value, OLD.displayed) IS DISTINCT FROM (NEW.value, NEW.displayed)
        AND NOT EXISTS (SELECT FROM labeling_criterion c
            WHERE c.id = OLD.criterion_id AND c.level = 'TEXT')
    THEN
        RAISE EXCEPTION 'labeling_rating is append-only'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'append_only';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION judgment_append_only_v3() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed labeling_judgment;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL THEN
        changed := OLD;
        changed.withdrawn_at := NEW.withdrawn_at;
        changed.left_out := 'WITHDRAWN';
        changed.counts := false;
        IF NEW.withdrawn_at IS NOT NULL AND NEW IS NOT DISTINCT FROM changed THEN
            RETURN NEW;
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        changed := OLD;
        changed.comment := '';
        IF NEW IS NOT DISTINCT FROM changed
            AND touchstone_is_erasing_v1(OLD.item_id)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'labeling_judgment is append-only'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'append_only';
END $$;

DROP TRIGGER judgment_append_only_v2 ON labeling_judgment;
CREATE TRIGGER judgment_append_only_v3
    BEFORE UPDATE OR DELETE ON labeling_judgment
    FOR EACH ROW EXECUTE FUNCTION judgment_append_only_v3();
DROP TRIGGER rating_append_only_v1 ON labeling_rating;
CREATE TRIGGER rating_append_only_v2
    BEFORE UPDATE OR DELETE ON labeling_rating FOR EACH ROW
    EXECUTE FUNCTION touchstone_only_erased_v1(
        'judgment', 'rationale', 'value', 'displayed');
CREATE TRIGGER rating_only_text_erased_v1
    BEFORE UPDATE ON labeling_rating
    FOR EACH ROW EXECUTE FUNCTION rating_only_text_erased_v1();
DROP TRIGGER adjudication_append_only_v1 ON labeling_adjudication;
CREATE TRIGGER adjudication_append_only_v2
    BEFORE UPDATE OR DELETE ON labeling_adjudication FOR EACH ROW
    EXECUTE FUNCTION touchstone_only_erased_v1('dispute', 'reason', 'guideline_gap');
DROP TRIGGER correction_append_only_v1 ON labeling_correction;
CREATE TRIGGER correction_append_only_v2
    BEFORE UPDATE OR DELETE ON labeling_correction FOR EACH ROW
    EXECUTE FUNCTION touchstone_only_erased_v1('judgment', 'text');
DROP TRIGGER span_append_only_v1 ON labeling_span;
CREATE TRIGGER span_append_only_v2
    BEFORE UPDATE OR DELETE ON labeling_span FOR EACH ROW
    EXECUTE FUNCTION touchstone_only_erased_v1('judgment', 'quote', 'note');
DROP TRIGGER guess_append_only_v1 ON labeling_guess;
CREATE TRIGGER guess_append_only_v2
    BEFORE UPDATE OR DELETE ON labeling_guess FOR EACH ROW
    EXECUTE FUNCTION touchstone_only_erased_v1('assignment', 'clue');
"""

ONLY_ERASED_REVERSE = """
DROP TRIGGER guess_append_only_v2 ON labeling_guess;
CREATE TRIGGER guess_append_only_v1
    BEFORE UPDATE OR DELETE ON labeling_guess
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
DROP TRIGGER span_append_only_v2 ON labeling_span;
CREATE TRIGGER span_append_only_v1
    BEFORE UPDATE OR DELETE ON labeling_span
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
DROP TRIGGER correction_append_only_v2 ON labeling_correction;
CREATE TRIGGER correction_append_only_v1
    BEFORE UPDATE OR DELETE ON labeling_correction
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
DROP TRIGGER adjudication_append_only_v2 ON labeling_adjudication;
CREATE TRIGGER adjudication_append_only_v1
    BEFORE UPDATE OR DELETE ON labeling_adjudication
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
DROP TRIGGER rating_only_text_erased_v1 ON labeling_rating;
DROP TRIGGER rating_append_only_v2 ON labeling_rating;
CREATE TRIGGER rating_append_only_v1
    BEFORE UPDATE OR DELETE ON labeling_rating
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
DROP TRIGGER judgment_append_only_v3 ON labeling_judgment;
CREATE TRIGGER judgment_append_only_v2
    BEFORE UPDATE OR DELETE ON labeling_judgment
    FOR EACH ROW EXECUTE FUNCTION judgment_append_only_v2();
DROP FUNCTION judgment_append_only_v3();
DROP FUNCTION rating_only_text_erased_v1();
DROP FUNCTION touchstone_only_erased_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("labeling", "0020_triggers"), ("reviews", "0026_triggers")]

    operations = [migrations.RunSQL(ONLY_ERASED, ONLY_ERASED_REVERSE)]
