"""Whoever submits must hold the assignment, before anything is said about it."""

from django.db import migrations

# The triggers that follow run with the rights of the owner, and what they refuse
# tells about an assignment. These run with the rights of whoever submits, and by
# their names run first: what is not in hand does not exist.
IN_HAND = """
CREATE FUNCTION judgment_in_hand_v1() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM reviews_assignment WHERE id = NEW.assignment_id) THEN
        RAISE EXCEPTION 'no such assignment' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION rating_in_hand_v1() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM labeling_judgment WHERE id = NEW.judgment_id) THEN
        RAISE EXCEPTION 'no such judgment' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER judgment_in_hand_v1
    BEFORE INSERT ON labeling_judgment
    FOR EACH ROW EXECUTE FUNCTION judgment_in_hand_v1();
CREATE TRIGGER rating_in_hand_v1
    BEFORE INSERT ON labeling_rating
    FOR EACH ROW EXECUTE FUNCTION rating_in_hand_v1();
"""

IN_HAND_REVERSE = """
DROP TRIGGER rating_in_hand_v1 ON labeling_rating;
DROP TRIGGER judgment_in_hand_v1 ON labeling_judgment;
DROP FUNCTION rating_in_hand_v1();
DROP FUNCTION judgment_in_hand_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("labeling", "0005_triggers")]

    operations = [migrations.RunSQL(IN_HAND, IN_HAND_REVERSE)]
