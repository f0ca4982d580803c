"""Nothing is judged anew while the judgment that was given of it counts."""

from django.db import migrations

# As version 2 of reviews, but for the judgment. Live work, which is nearly all, is not
# looked at any longer than before.
ENDS = """
CREATE FUNCTION assignment_ends_once_v3() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.public_id, OLD.queue_id, OLD.reviewer_id, OLD.item_id, OLD.purpose,
        OLD.response_order, OLD.rubric_version_id, OLD.position)
       IS DISTINCT FROM
       (NEW.public_id, NEW.queue_id, NEW.reviewer_id, NEW.item_id, NEW.purpose,
        NEW.response_order, NEW.rubric_version_id, NEW.position)
       OR OLD.slot_id IS DISTINCT FROM NEW.slot_id
       OR OLD.batch_id IS DISTINCT FROM NEW.batch_id
    THEN
        RAISE EXCEPTION 'what was assigned cannot change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_identity';
    END IF;
    IF OLD.status <> 'LIVE' AND NEW.status <> OLD.status THEN
        IF OLD.status <> 'SUBMITTED' OR NEW.status <> 'WITHDRAWN' THEN
            RAISE EXCEPTION 'an assignment ends once: it is %', OLD.status
                USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_ends_once';
        ELSIF EXISTS (SELECT FROM labeling_judgment j
            WHERE j.assignment_id = OLD.id AND j.withdrawn_at IS NULL)
        THEN
            RAISE EXCEPTION 'the judgment of the assignment stands'
                USING ERRCODE = 'check_violation',
                    CONSTRAINT = 'assignment_taken_back_with_judgment';
        END IF;
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER assignment_ends_once_v2 ON reviews_assignment;
CREATE TRIGGER assignment_ends_once_v3
    BEFORE UPDATE ON reviews_assignment
    FOR EACH ROW EXECUTE FUNCTION assignment_ends_once_v3();
"""

ENDS_REVERSE = """
DROP TRIGGER assignment_ends_once_v3 ON reviews_assignment;
CREATE TRIGGER assignment_ends_once_v2
    BEFORE UPDATE ON reviews_assignment
    FOR EACH ROW EXECUTE FUNCTION assignment_ends_once_v2();
DROP FUNCTION assignment_ends_once_v3();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("labeling", "0024_cheaper_to_write"),
        ("reviews", "0030_cheaper_to_write"),
    ]

    operations = [migrations.RunSQL(ENDS, ENDS_REVERSE)]
