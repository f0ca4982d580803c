"""Judgments of a qualification count nowhere, like those of gold and retests."""

from django.db import migrations

JUDGMENT = """
CREATE FUNCTION judgment_takes_after_v4() RETURNS trigger
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
        NEW.left_out := '';
        NEW.counts := true;
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

DROP TRIGGER judgment_takes_after_v3 ON labeling_judgment;
CREATE TRIGGER judgment_takes_after_v4
    BEFORE INSERT ON labeling_judgment
    FOR EACH ROW EXECUTE FUNCTION judgment_takes_after_v4();
"""

JUDGMENT_REVERSE = """
DROP TRIGGER judgment_takes_after_v4 ON labeling_judgment;
CREATE TRIGGER judgment_takes_after_v3
    BEFORE INSERT ON labeling_judgment
    FOR EACH ROW EXECUTE FUNCTION judgment_takes_after_v3();
DROP FUNCTION judgment_takes_after_v4();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("labeling", "0016_qualifications"),
        ("reviews", "0023_triggers"),
    ]

    operations = [migrations.RunSQL(JUDGMENT, JUDGMENT_REVERSE)]
