"""What of a queue was judged under another version of its rubric."""

from django.db import connection

# Filled slots of a queue. One that judgments from elsewhere filled has no holder;
# then those judgments say under which version it was.
OUTDATED = """
    SELECT filled.id, filled.item_id FROM reviews_slot filled
    LEFT JOIN reviews_assignment holder
        ON holder.slot_id = filled.id AND holder.status = 'SUBMITTED'
    WHERE filled.queue_id = %(queue)s AND filled.state = 'FILLED'
        AND filled.closed_at IS NULL
        AND NOT EXISTS (
            SELECT FROM reviews_seed seed
            WHERE seed.queue_id = filled.queue_id AND seed.item_id = filled.item_id
                AND seed.is_active)
        AND CASE WHEN holder.id IS NOT NULL
            THEN holder.rubric_version_id <> %(version)s
            ELSE EXISTS (
                SELECT FROM reviews_assignment given
                WHERE given.queue_id = filled.queue_id
                    AND given.item_id = filled.item_id
                    AND given.purpose = 'IMPORT'
                    AND given.rubric_version_id <> %(version)s)
            AND NOT EXISTS (
                SELECT FROM reviews_assignment given
                WHERE given.queue_id = filled.queue_id
                    AND given.item_id = filled.item_id
                    AND given.purpose = 'IMPORT'
                    AND given.rubric_version_id = %(version)s)
            END
"""


def count_outdated(*, queue_id: int, version_id: int) -> int:
    """Items that were judged under another version than this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(DISTINCT item_id) FROM ({OUTDATED}) outdated",  # noqa: S608
            {"queue": queue_id, "version": version_id},
        )
        return int(cursor.fetchone()[0])
