"""Items are of a project that is there: asked once for each COPY, not for each row."""

import django.db.models.deletion
from django.db import migrations, models

PROJECT = """
CREATE FUNCTION item_of_a_project_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT project_id FROM made) given
        WHERE NOT EXISTS (
            SELECT FROM reviews_project WHERE id = given.project_id)
    ) THEN
        RAISE EXCEPTION 'an item of a project that is not there'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'item_of_a_project';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER item_of_a_project_v1
    AFTER INSERT ON reviews_item REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION item_of_a_project_v1();

CREATE FUNCTION item_stays_in_project_v1() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an item stays in its project'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'item_stays_in_project';
END $$;

CREATE TRIGGER item_stays_in_project_v1
    BEFORE UPDATE OF project_id ON reviews_item
    FOR EACH ROW WHEN (NEW.project_id <> OLD.project_id)
    EXECUTE FUNCTION item_stays_in_project_v1();

-- A project is retired, never deleted; so no item can lose its own.
CREATE TRIGGER project_stays_v1
    BEFORE DELETE ON reviews_project
    FOR EACH ROW EXECUTE FUNCTION touchstone_refuse_change_v1();
"""

PROJECT_REVERSE = """
DROP TRIGGER project_stays_v1 ON reviews_project;
DROP TRIGGER item_stays_in_project_v1 ON reviews_item;
DROP FUNCTION item_stays_in_project_v1();
DROP TRIGGER item_of_a_project_v1 ON reviews_item;
DROP FUNCTION item_of_a_project_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0006_item_project_without_index")]

    operations = [
        migrations.RunSQL(PROJECT, PROJECT_REVERSE),
        migrations.AlterField(
            model_name="item",
            name="project",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="reviews.project",
            ),
        ),
    ]
