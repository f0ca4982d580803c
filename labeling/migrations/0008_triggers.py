"""Findings stay with their judgment, marks quote their text, modes their project."""

from django.db import migrations

FROZEN = """
CREATE TRIGGER failuretag_append_only_v1
    BEFORE UPDATE OR DELETE ON labeling_failuretag
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
CREATE TRIGGER correction_append_only_v1
    BEFORE UPDATE OR DELETE ON labeling_correction
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
CREATE TRIGGER span_append_only_v1
    BEFORE UPDATE OR DELETE ON labeling_span
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
CREATE TRIGGER taxonomyact_append_only_v1
    BEFORE UPDATE OR DELETE ON labeling_taxonomyact
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
"""

FROZEN_REVERSE = """
DROP TRIGGER taxonomyact_append_only_v1 ON labeling_taxonomyact;
DROP TRIGGER span_append_only_v1 ON labeling_span;
DROP TRIGGER correction_append_only_v1 ON labeling_correction;
DROP TRIGGER failuretag_append_only_v1 ON labeling_failuretag;
"""

# Not as definer: whoever writes them may read their judgment and what was shown
# of its item; the judgment of another does not exist.
FINDINGS = """
CREATE TRIGGER failuretag_in_hand_v1
    BEFORE INSERT ON labeling_failuretag
    FOR EACH ROW EXECUTE FUNCTION rating_in_hand_v1();

CREATE FUNCTION correction_of_a_response_v1() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    shown jsonb;
BEGIN
    SELECT p.content INTO shown FROM labeling_judgment j
        JOIN reviews_assignment a ON a.id = j.assignment_id
        JOIN reviews_presentable p ON p.item_id = a.item_id
        WHERE j.id = NEW.judgment_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such judgment' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- An item without any response lacks the one that is written here.
    IF NEW.response > greatest(1, jsonb_array_length(
        coalesce(shown -> 'responses', '[]'::jsonb)))
    THEN
        RAISE EXCEPTION 'the item has no response %', NEW.response
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'correction_of_a_response';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER correction_of_a_response_v1
    BEFORE INSERT ON labeling_correction
    FOR EACH ROW EXECUTE FUNCTION correction_of_a_response_v1();

CREATE FUNCTION span_quotes_its_text_v1() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    shown jsonb;
    words text;
BEGIN
    SELECT p.content INTO shown FROM labeling_judgment j
        JOIN reviews_assignment a ON a.id = j.assignment_id
        JOIN reviews_presentable p ON p.item_id = a.item_id
        WHERE j.id = NEW.judgment_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such judgment' USING ERRCODE = 'insufficient_privilege';
    END IF;
    words := CASE NEW.place
        WHEN 'MESSAGE' THEN CASE WHEN shown ? 'prompt' AND NEW.number = 1
            THEN shown ->> 'prompt'
            ELSE shown -> 'messages' -> (NEW.number - 1) ->> 'content' END
        WHEN 'PASSAGE' THEN shown -> 'context' -> (NEW.number - 1) ->> 'text'
        WHEN 'STEP' THEN shown -> 'steps' -> (NEW.number - 1) ->> 'text'
        ELSE shown -> 'responses' -> (NEW.number - 1) ->> 'text' END;
    IF NEW.number < 1 OR substr(words, NEW.start + 1, NEW."end" - NEW.start)
        IS DISTINCT FROM NEW.quote
    THEN
        RAISE EXCEPTION 'what is quoted does not stand there'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'span_quotes_its_text';
    END IF;
    -- Under 1 it would count from the end.
    IF NEW.passage < 1 OR NEW.passage IS NOT NULL
        AND shown -> 'context' -> (NEW.passage - 1) IS NULL
    THEN
        RAISE EXCEPTION 'the item has no passage %', NEW.passage
            USING ERRCODE = 'check_violation', CONSTRAINT = 'span_of_a_passage';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER span_quotes_its_text_v1
    BEFORE INSERT ON labeling_span
    FOR EACH ROW EXECUTE FUNCTION span_quotes_its_text_v1();
"""

FINDINGS_REVERSE = """
DROP TRIGGER span_quotes_its_text_v1 ON labeling_span;
DROP FUNCTION span_quotes_its_text_v1();
DROP TRIGGER correction_of_a_response_v1 ON labeling_correction;
DROP FUNCTION correction_of_a_response_v1();
DROP TRIGGER failuretag_in_hand_v1 ON labeling_failuretag;
"""

MODES = """
ALTER TABLE labeling_failuremode
    ADD CONSTRAINT failuremode_identity UNIQUE (id, project_id);
ALTER TABLE labeling_sortedtag
    ADD CONSTRAINT sortedtag_mode_of_its_project
    FOREIGN KEY (mode_id, project_id)
    REFERENCES labeling_failuremode (id, project_id);

CREATE FUNCTION sorted_into_live_mode_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    -- The lock lets no merge retire the mode meanwhile.
    PERFORM FROM labeling_failuremode
        WHERE id = NEW.mode_id AND retired_at IS NULL FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the failure mode was merged into another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sorted_into_live_mode';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER sortedtag_into_live_mode_v1
    BEFORE INSERT OR UPDATE ON labeling_sortedtag
    FOR EACH ROW EXECUTE FUNCTION sorted_into_live_mode_v1();
CREATE TRIGGER sortednote_into_live_mode_v1
    BEFORE INSERT OR UPDATE ON labeling_sortednote
    FOR EACH ROW EXECUTE FUNCTION sorted_into_live_mode_v1();

CREATE FUNCTION sortednote_of_one_project_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM labeling_failuremode m
        JOIN reviews_queue q ON q.project_id = m.project_id
        JOIN labeling_judgment j ON j.queue_id = q.id
        WHERE m.id = NEW.mode_id AND j.id = NEW.judgment_id
    ) THEN
        RAISE EXCEPTION 'the judgment is of another project'
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'sortednote_of_one_project';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER sortednote_of_one_project_v1
    BEFORE INSERT OR UPDATE ON labeling_sortednote
    FOR EACH ROW EXECUTE FUNCTION sortednote_of_one_project_v1();
"""

MODES_REVERSE = """
DROP TRIGGER sortednote_of_one_project_v1 ON labeling_sortednote;
DROP FUNCTION sortednote_of_one_project_v1();
DROP TRIGGER sortednote_into_live_mode_v1 ON labeling_sortednote;
DROP TRIGGER sortedtag_into_live_mode_v1 ON labeling_sortedtag;
DROP FUNCTION sorted_into_live_mode_v1();
ALTER TABLE labeling_sortedtag DROP CONSTRAINT sortedtag_mode_of_its_project;
ALTER TABLE labeling_failuremode DROP CONSTRAINT failuremode_identity;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("labeling", "0007_findings_and_failure_modes"),
        ("reviews", "0002_triggers"),
    ]

    operations = [
        migrations.RunSQL(FROZEN, FROZEN_REVERSE),
        migrations.RunSQL(FINDINGS, FINDINGS_REVERSE),
        migrations.RunSQL(MODES, MODES_REVERSE),
    ]
