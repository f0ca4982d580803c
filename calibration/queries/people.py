"""The people behind the labels of a queue, and how each of them is told apart."""

from collections import defaultdict

from django.db import connection

from reviews.models import Member

# What a person has decided in a queue under one rubric version, as one hash: of
# their ratings and of their adjudications, in an order that no database chooses.
RECORDS = """
SELECT handle, encode(sha256(convert_to(
    string_agg(entry, '' ORDER BY entry COLLATE "C"), 'UTF8')), 'hex')
FROM (
    SELECT member.handle, encode(sha256(convert_to(concat_ws(E'\\t',
        item.external_id, criterion.key, nullif(rating.step, 0), rating.value::text),
        'UTF8')), 'hex') AS entry
    FROM labeling_judgment AS judgment
    JOIN reviews_member AS member ON member.id = judgment.reviewer_id
    JOIN reviews_item AS item ON item.id = judgment.item_id
    LEFT JOIN labeling_rating AS rating ON rating.judgment_id = judgment.id
    LEFT JOIN labeling_criterion AS criterion ON criterion.id = rating.criterion_id
    WHERE judgment.queue_id = %(queue)s AND judgment.counts
        AND judgment.rubric_version_id = %(version)s
    UNION ALL
    SELECT member.handle, encode(sha256(convert_to(concat_ws(E'\\t', 'settled',
        item.external_id, criterion.key, nullif(dispute.step, 0),
        adjudication.value::text), 'UTF8')), 'hex')
    FROM labeling_adjudication AS adjudication
    JOIN labeling_dispute AS dispute ON dispute.id = adjudication.dispute_id
    JOIN labeling_criterion AS criterion ON criterion.id = dispute.criterion_id
    JOIN reviews_member AS member ON member.id = adjudication.adjudicator_id
    JOIN reviews_item AS item ON item.id = dispute.item_id
    WHERE dispute.queue_id = %(queue)s AND criterion.version_id = %(version)s
) AS decided
GROUP BY handle
"""


def list_records(*, queue_id: int, version_id: int) -> dict[str, str]:
    """By handle, the hash of all that this person has decided."""
    with connection.cursor() as cursor:
        cursor.execute(RECORDS, {"queue": queue_id, "version": version_id})
        return dict(cursor.fetchall())


def list_names(project_id: int) -> dict[str, set[str]]:
    """Every name by which a reason could mean somebody, by handle."""
    names: dict[str, set[str]] = defaultdict(set)
    members = Member.objects.filter(project_id=project_id).values_list(
        "handle", "user__username", "user__first_name", "user__last_name"
    )
    for handle, *others in members:
        names[handle] |= {handle, *filter(None, others)}
    return dict(names)
