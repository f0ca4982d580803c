"""A judgment and its ratings are looked at once, each in one statement."""

from django.db import migrations

# As reviews.services.rights has it: requests may come before that is applied.
IDENTITY = """
CREATE OR REPLACE FUNCTION touchstone_reviewer_ids_v3() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    ids pg_catalog.text :=
        pg_catalog.current_setting('touchstone.reviewer_ids', true);
    proof pg_catalog.text;
BEGIN
    SELECT secret INTO proof FROM public.touchstone_proof;
    proof := pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
        proof OPERATOR(pg_catalog.||) ':' OPERATOR(pg_catalog.||) ids, 'UTF8')), 'hex');
    IF pg_catalog.current_setting('touchstone.proof', true) OPERATOR(pg_catalog.=) proof
    THEN
        RETURN ids;
    END IF;
    RETURN '{}';
END $$;
REVOKE ALL ON FUNCTION touchstone_reviewer_ids_v3() FROM PUBLIC;
"""

# Live work, which is nearly all, is taken by one UPDATE; only what that leaves alone is
# looked at again, for the reason. An erasure locks the assignments of its item and
# ends those that are live: whoever judges waits for it, or is waited for. An import
# has no assignment to lock.
JUDGMENT = """
CREATE FUNCTION judgment_takes_after_v6() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    -- What a reviewer's request does not hold does not exist for it.
    mine bigint[] := CASE WHEN current_setting('role') = 'touchstone_reviewer'
        THEN touchstone_reviewer_ids_v3() END;
    given reviews_assignment;
    is_taken boolean;
BEGIN
    NEW.could_tell := coalesce(NEW.could_tell, false);
    UPDATE reviews_assignment a SET status = 'SUBMITTED'
        WHERE a.id = NEW.assignment_id AND a.status = 'LIVE'
            AND a.leased_until > NEW.submitted_at AND a.purpose <> 'IMPORT'
            AND (mine IS NULL OR a.reviewer_id = ANY (mine))
            AND NOT EXISTS (
                SELECT FROM reviews_erasure e WHERE e.item_id = a.item_id)
        RETURNING a.queue_id, a.item_id, a.reviewer_id, a.rubric_version_id, CASE
            WHEN a.purpose IN ('GOLD', 'RETEST', 'QUALIFICATION') THEN a.purpose
            WHEN EXISTS (
                SELECT FROM reviews_unblinding u WHERE u.item_id = a.item_id)
            THEN 'UNBLINDED' ELSE '' END
        INTO NEW.queue_id, NEW.item_id, NEW.reviewer_id, NEW.rubric_version_id,
            NEW.left_out;
    is_taken := FOUND;
    IF NOT is_taken THEN
        SELECT * INTO given FROM reviews_assignment a
            WHERE a.id = NEW.assignment_id
                AND (mine IS NULL OR a.reviewer_id = ANY (mine)) FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no such assignment'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        NEW.queue_id := given.queue_id;
        NEW.item_id := given.item_id;
        NEW.reviewer_id := given.reviewer_id;
        NEW.rubric_version_id := given.rubric_version_id;
        NEW.left_out := '';
    END IF;
    NEW.counts := NEW.left_out = '';
    IF NEW.disposition <> '' THEN
        IF NOT EXISTS (SELECT FROM reviews_queue q
            WHERE q.id = NEW.queue_id AND NEW.disposition = ANY (q.authority))
        THEN
            RAISE EXCEPTION 'the queue does not let its reviewers %', NEW.disposition
                USING ERRCODE = 'check_violation', CONSTRAINT = 'judgment_by_authority';
        END IF;
    END IF;
    IF is_taken THEN
        RETURN NEW;
    END IF;
    IF given.purpose = 'IMPORT' THEN
        PERFORM FROM reviews_item WHERE id = given.item_id FOR KEY SHARE;
        IF EXISTS (SELECT FROM reviews_erasure WHERE item_id = given.item_id) THEN
            RAISE EXCEPTION 'the text of the item was erased'
                USING ERRCODE = 'restrict_violation',
                CONSTRAINT = 'item_stays_erased';
        END IF;
        RETURN NEW;
    END IF;
    IF given.status = 'SUBMITTED' THEN
        RAISE EXCEPTION 'the assignment has its judgment'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'judgment_once';
    END IF;
    RAISE EXCEPTION 'the lease of the assignment has ended'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'judgment_within_lease';
END $$;

DROP TRIGGER judgment_in_hand_v1 ON labeling_judgment;
DROP TRIGGER judgment_takes_after_v5 ON labeling_judgment;
CREATE TRIGGER judgment_takes_after_v6
    BEFORE INSERT ON labeling_judgment
    FOR EACH ROW EXECUTE FUNCTION judgment_takes_after_v6();
"""

JUDGMENT_REVERSE = """
DROP TRIGGER judgment_takes_after_v6 ON labeling_judgment;
CREATE TRIGGER judgment_takes_after_v5
    BEFORE INSERT ON labeling_judgment
    FOR EACH ROW EXECUTE FUNCTION judgment_takes_after_v5();
CREATE TRIGGER judgment_in_hand_v1
    BEFORE INSERT ON labeling_judgment
    FOR EACH ROW EXECUTE FUNCTION judgment_in_hand_v1();
DROP FUNCTION judgment_takes_after_v6();
"""

# Row-level security refuses the judgment of another before this is asked. The
# subquery is a fence (OFFSET 0): looked up row by row, whether two ratings of a click
# or the many of an import were the first for which the statement was planned.
RATING = """
CREATE FUNCTION rating_within_scale_v3() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    given record;
    fits boolean;
    n_steps integer;
BEGIN
    -- An option of the scale, of the item as a whole, written with its judgment: such
    -- are most, and need no second look.
    FOR given IN
        SELECT made.value, made.step AS of_step, found.*
        FROM made LEFT JOIN LATERAL (
            SELECT j.item_id, j.xmin AS judged_in, m.user_id IS NOT NULL AS by_account,
                c.id AS criterion_id, c.key, c.level, c.is_per_step, c.minimum,
                c.maximum, c.step, o.id AS option_id
            FROM labeling_judgment j
            JOIN reviews_member m ON m.id = j.reviewer_id
            LEFT JOIN labeling_criterion c
                ON c.id = made.criterion_id AND c.version_id = j.rubric_version_id
            LEFT JOIN labeling_option o ON o.criterion_id = c.id
                AND jsonb_typeof(made.value) = 'string' AND o.value = made.value #>> '{}'
            WHERE j.id = made.judgment_id
            OFFSET 0
        ) AS found ON true
        WHERE found.option_id IS NULL OR found.level IN ('TEXT', 'INTERVAL', 'MULTI_LABEL')
            OR found.is_per_step OR made.step <> 0
            OR found.by_account AND found.judged_in <> pg_current_xact_id()::xid
    LOOP
        IF given.criterion_id IS NULL THEN
            RAISE EXCEPTION 'the criterion is not of the rubric version of the judgment'
                USING ERRCODE = 'check_violation',
                      CONSTRAINT = 'rating_criterion_of_version';
        END IF;
        IF given.by_account AND NOT touchstone_made_here_v1(given.judged_in) THEN
            RAISE EXCEPTION 'the judgment was given: nothing is added to it'
                USING ERRCODE = 'restrict_violation',
                      CONSTRAINT = 'finding_with_judgment';
        END IF;
        -- What has steps is rated step by step or, on another criterion, as a whole.
        n_steps := 0;
        IF given.is_per_step THEN
            SELECT jsonb_array_length(coalesce(i.content -> 'steps', '[]'::jsonb))
                INTO n_steps FROM reviews_item i WHERE i.id = given.item_id;
        END IF;
        IF given.of_step NOT BETWEEN least(1, n_steps) AND n_steps THEN
            RAISE EXCEPTION 'there is no step % to rate on %', given.of_step, given.key
                USING ERRCODE = 'check_violation', CONSTRAINT = 'rating_of_a_step';
        END IF;
        CASE given.level
            WHEN 'TEXT' THEN
                fits := jsonb_typeof(given.value) = 'string';
            WHEN 'INTERVAL' THEN
                fits := jsonb_typeof(given.value) = 'number'
                    AND (given.value)::numeric BETWEEN given.minimum AND given.maximum
                    AND mod((given.value)::numeric - given.minimum, given.step) = 0;
            WHEN 'MULTI_LABEL' THEN
                fits := jsonb_typeof(given.value) = 'array' AND NOT EXISTS (
                    SELECT FROM jsonb_array_elements(given.value) AS chosen (label)
                    WHERE jsonb_typeof(label) <> 'string' OR NOT EXISTS (
                        SELECT FROM labeling_option o
                        WHERE o.criterion_id = given.criterion_id
                            AND o.value = label #>> '{}')
                ) AND jsonb_array_length(given.value) = (
                    SELECT count(DISTINCT label)
                    FROM jsonb_array_elements(given.value) AS chosen (label));
            ELSE
                fits := given.option_id IS NOT NULL;
        END CASE;
        IF NOT fits THEN
            RAISE EXCEPTION '% is not a value of the scale of %', given.value, given.key
                USING ERRCODE = 'check_violation', CONSTRAINT = 'rating_within_scale';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

DROP TRIGGER rating_in_hand_v1 ON labeling_rating;
DROP TRIGGER rating_within_scale_v2 ON labeling_rating;
DROP TRIGGER rating_with_judgment_v1 ON labeling_rating;
CREATE TRIGGER rating_within_scale_v3
    AFTER INSERT ON labeling_rating REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION rating_within_scale_v3();
"""

RATING_REVERSE = """
DROP TRIGGER rating_within_scale_v3 ON labeling_rating;
CREATE TRIGGER rating_with_judgment_v1
    AFTER INSERT ON labeling_rating REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION finding_with_judgment_v1();
CREATE TRIGGER rating_within_scale_v2
    BEFORE INSERT ON labeling_rating
    FOR EACH ROW EXECUTE FUNCTION rating_within_scale_v2();
CREATE TRIGGER rating_in_hand_v1
    BEFORE INSERT ON labeling_rating
    FOR EACH ROW EXECUTE FUNCTION rating_in_hand_v1();
DROP FUNCTION rating_within_scale_v3();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("labeling", "0022_fewer_keys"),
        ("calibration", "0021_triggers"),
    ]

    operations = [
        migrations.RunSQL(IDENTITY, migrations.RunSQL.noop),
        migrations.RunSQL(JUDGMENT, JUDGMENT_REVERSE),
        migrations.RunSQL(RATING, RATING_REVERSE),
    ]
