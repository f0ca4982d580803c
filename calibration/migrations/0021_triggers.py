"""What was erased does not come back: by no deal, no judgment and no draft."""

from django.db import migrations

# By whatever way a slot would open again: a lapse, a lead, an overlap, a routing.
SLOTS = """
CREATE FUNCTION slot_of_erased_item_withdrawn_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    erased timestamptz;
BEGIN
    SELECT e.erased_at INTO erased FROM reviews_erasure e
        WHERE e.item_id = NEW.item_id;
    IF FOUND THEN
        NEW.state := 'WITHDRAWN';
        NEW.closed_at := coalesce(NEW.closed_at, erased);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER slot_of_erased_item_withdrawn_v1
    BEFORE UPDATE OF state ON reviews_slot
    FOR EACH ROW WHEN (
        NEW.state IN ('OPEN', 'HELD', 'ESCALATED') AND OLD.state <> NEW.state)
    EXECUTE FUNCTION slot_of_erased_item_withdrawn_v1();

-- Slots are made by the thousand: without an erasure it is one look for all of them.
CREATE FUNCTION slots_made_withdrawn_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM reviews_erasure) THEN
        UPDATE reviews_slot slot SET state = 'WITHDRAWN', closed_at = e.erased_at
        FROM made JOIN reviews_erasure e ON e.item_id = made.item_id
        WHERE slot.id = made.id AND slot.state IN ('OPEN', 'HELD');
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER slots_made_withdrawn_v1
    AFTER INSERT ON reviews_slot REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION slots_made_withdrawn_v1();
"""

SLOTS_REVERSE = """
DROP TRIGGER slots_made_withdrawn_v1 ON reviews_slot;
DROP FUNCTION slots_made_withdrawn_v1();
DROP TRIGGER slot_of_erased_item_withdrawn_v1 ON reviews_slot;
DROP FUNCTION slot_of_erased_item_withdrawn_v1();
"""

# An erasure locks the assignments of its item first, and the item at last: whoever
# judges waits for it, or is waited for. An import has no assignment to lock.
JUDGMENT = """
CREATE FUNCTION judgment_takes_after_v5() RETURNS trigger
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
    NEW.could_tell := coalesce(NEW.could_tell, false);
    IF NEW.disposition <> '' AND NOT EXISTS (
        SELECT FROM reviews_queue
        WHERE id = given.queue_id AND NEW.disposition = ANY (authority)
    ) THEN
        RAISE EXCEPTION 'the queue does not let its reviewers %', NEW.disposition
            USING ERRCODE = 'check_violation', CONSTRAINT = 'judgment_by_authority';
    END IF;
    IF given.purpose = 'IMPORT' THEN
        PERFORM FROM reviews_item WHERE id = given.item_id FOR KEY SHARE;
        IF EXISTS (SELECT FROM reviews_erasure WHERE item_id = given.item_id) THEN
            RAISE EXCEPTION 'the text of the item was erased'
                USING ERRCODE = 'restrict_violation',
                CONSTRAINT = 'item_stays_erased';
        END IF;
        NEW.left_out := '';
        NEW.counts := true;
        RETURN NEW;
    END IF;
    IF given.status = 'SUBMITTED' THEN
        RAISE EXCEPTION 'the assignment has its judgment'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'judgment_once';
    END IF;
    IF given.status <> 'LIVE' OR given.leased_until <= NEW.submitted_at
        OR EXISTS (SELECT FROM reviews_erasure WHERE item_id = given.item_id)
    THEN
        RAISE EXCEPTION 'the lease of the assignment has ended'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'judgment_within_lease';
    END IF;
    NEW.left_out := CASE
        WHEN given.purpose IN ('GOLD', 'RETEST', 'QUALIFICATION')
            THEN given.purpose
        WHEN EXISTS (SELECT FROM reviews_unblinding WHERE item_id = given.item_id)
            THEN 'UNBLINDED'
        ELSE '' END;
    NEW.counts := NEW.left_out = '';
    UPDATE reviews_assignment SET status = 'SUBMITTED' WHERE id = given.id;
    RETURN NEW;
END $$;

DROP TRIGGER judgment_takes_after_v4 ON labeling_judgment;
CREATE TRIGGER judgment_takes_after_v5
    BEFORE INSERT ON labeling_judgment
    FOR EACH ROW EXECUTE FUNCTION judgment_takes_after_v5();
"""

JUDGMENT_REVERSE = """
DROP TRIGGER judgment_takes_after_v5 ON labeling_judgment;
CREATE TRIGGER judgment_takes_after_v4
    BEFORE INSERT ON labeling_judgment
    FOR EACH ROW EXECUTE FUNCTION judgment_takes_after_v4();
DROP FUNCTION judgment_takes_after_v5();
"""

# What was typed is not kept, without a fault: the page says that the item is gone.
DRAFT = """
CREATE FUNCTION draft_of_erased_item_empty_v1() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    item bigint;
BEGIN
    -- A draft that is there already is deleted by the erasure, which waits for it.
    IF TG_OP = 'INSERT' THEN
        SELECT a.item_id INTO item FROM reviews_assignment a
            WHERE a.id = NEW.assignment_id FOR SHARE;
    ELSE
        SELECT a.item_id INTO item FROM reviews_assignment a
            WHERE a.id = NEW.assignment_id;
    END IF;
    IF EXISTS (SELECT FROM reviews_erasure e WHERE e.item_id = item) THEN
        NEW.answers := '{}';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER draft_of_erased_item_empty_v1
    BEFORE INSERT OR UPDATE ON labeling_draft
    FOR EACH ROW EXECUTE FUNCTION draft_of_erased_item_empty_v1();
"""

DRAFT_REVERSE = """
DROP TRIGGER draft_of_erased_item_empty_v1 ON labeling_draft;
DROP FUNCTION draft_of_erased_item_empty_v1();
"""

# Which answer was right stays; what was said and what is known goes where it is text.
WORDS = """
CREATE FUNCTION touchstone_erased_answers_v1(answers jsonb) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(CASE
        WHEN EXISTS (SELECT FROM labeling_criterion c
            WHERE c.id = (answer ->> 'criterion')::bigint AND c.level = 'TEXT')
        THEN answer || '{"said": "[erased]", "known": "[erased]"}'
        ELSE answer END ORDER BY number), '[]')
    FROM jsonb_array_elements(answers) WITH ORDINALITY AS each(answer, number)
$$;

CREATE FUNCTION feedback_only_erased_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed calibration_feedback;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        changed := OLD;
        changed.rationale := '';
        changed.answers := touchstone_erased_answers_v1(OLD.answers);
        IF NEW IS NOT DISTINCT FROM changed AND touchstone_is_erasing_v1(
            (SELECT a.item_id FROM reviews_assignment a WHERE a.id = OLD.assignment_id))
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'calibration_feedback is append-only'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'append_only';
END $$;

DROP TRIGGER feedback_append_only_v2 ON calibration_feedback;
CREATE TRIGGER feedback_append_only_v3
    BEFORE UPDATE OR DELETE ON calibration_feedback
    FOR EACH ROW EXECUTE FUNCTION feedback_only_erased_v1();
DROP TRIGGER unblinding_append_only_v1 ON reviews_unblinding;
CREATE TRIGGER unblinding_append_only_v2
    BEFORE UPDATE OR DELETE ON reviews_unblinding FOR EACH ROW
    EXECUTE FUNCTION touchstone_only_erased_v1('item', 'reason');
"""

WORDS_REVERSE = """
DROP TRIGGER unblinding_append_only_v2 ON reviews_unblinding;
CREATE TRIGGER unblinding_append_only_v1
    BEFORE UPDATE OR DELETE ON reviews_unblinding
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
DROP TRIGGER feedback_append_only_v3 ON calibration_feedback;
CREATE TRIGGER feedback_append_only_v2
    BEFORE UPDATE OR DELETE ON calibration_feedback
    FOR EACH ROW EXECUTE FUNCTION touchstone_only_erased_v1('assignment', 'rationale');
DROP FUNCTION feedback_only_erased_v1();
DROP FUNCTION touchstone_erased_answers_v1(jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("calibration", "0020_erased_lines"),
        ("labeling", "0021_triggers"),
        ("reviews", "0026_triggers"),
    ]

    operations = [
        migrations.RunSQL(SLOTS, SLOTS_REVERSE),
        migrations.RunSQL(JUDGMENT, JUDGMENT_REVERSE),
        migrations.RunSQL(DRAFT, DRAFT_REVERSE),
        migrations.RunSQL(WORDS, WORDS_REVERSE),
    ]
