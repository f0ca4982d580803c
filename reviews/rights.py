"""What a reviewer's request may do in the database: all of it, and nothing else.

Reviewer pages run as the PostgreSQL role ROLE. It owns nothing and inherits
nothing; what stands here is what it may. A table or a column that is not here
does not exist for a reviewer. `docs/blinding.md` explains it; the tests compare
it with the database, and walk every table that is not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

ROLE = "touchstone_reviewer"
EVERY_COLUMN = ("*",)


@dataclass(frozen=True)
class Rights:
    """Columns by act, and which rows: `rows` and `new_rows` are SQL conditions."""

    select: tuple[str, ...] = ()
    insert: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    may_delete: bool = False
    # None: every row, for tables that hold nothing about anybody.
    rows: str | None = None
    # What an inserted or updated row must be; `rows` where it is None.
    new_rows: str | None = None


# The memberships of the person whose request this is. A definer's function: the
# role itself cannot read who is who, and a forged id has no proof.
MINE = "reviewer_id IN (SELECT touchstone_reviewer_ids_v1())"
MY_ASSIGNMENT = f"assignment_id IN (SELECT id FROM reviews_assignment WHERE {MINE})"
SHOWN_TO_ME = (
    "EXISTS (SELECT FROM reviews_assignment mine"
    " WHERE mine.item_id = {item} AND mine." + MINE + ")"
)

RIGHTS: Mapping[str, Rights] = {
    "reviews_project": Rights(
        select=("id", "slug", "name", "retired_at"),
        rows="id IN (SELECT project_id FROM reviews_member)",
    ),
    "reviews_queue": Rights(
        select=(
            "id",
            "project_id",
            "slug",
            "title",
            "batch_size",
            "daily_cap",
            "lease_minutes",
            # A lead who lists them means reviewers to read them: see the guess.
            "guess_systems",
        ),
        rows=(
            f"id IN (SELECT queue_id FROM reviews_panelseat WHERE {MINE}"
            f" UNION ALL SELECT queue_id FROM reviews_batch WHERE {MINE})"
        ),
    ),
    "reviews_member": Rights(
        select=("id", "project_id", "user_id", "is_active"),
        rows="id IN (SELECT touchstone_reviewer_ids_v1())",
    ),
    "reviews_panelseat": Rights(
        select=("id", "queue_id", "reviewer_id", "is_active"), rows=MINE
    ),
    "reviews_batch": Rights(
        select=("id", "public_id", "queue_id", "reviewer_id", "size", "dealt_at"),
        rows=MINE,
    ),
    "reviews_assignment": Rights(
        select=(
            "id",
            "public_id",
            "batch_id",
            "queue_id",
            "reviewer_id",
            "item_id",
            "rubric_version_id",
            "position",
            "response_order",
            "status",
            "leased_until",
        ),
        update=("status", "ended_because", "leased_until"),
        rows=MINE,
        new_rows=f"{MINE} AND status IN ('LIVE', 'SKIPPED', 'RETURNED', 'ESCALATED')",
    ),
    "reviews_item": Rights(
        select=("id", "kind"), rows=SHOWN_TO_ME.format(item="reviews_item.id")
    ),
    "reviews_presentable": Rights(
        select=("item_id", "content"),
        rows=SHOWN_TO_ME.format(item="reviews_presentable.item_id"),
    ),
    "labeling_rubric": Rights(select=EVERY_COLUMN),
    "labeling_rubricversion": Rights(select=EVERY_COLUMN),
    "labeling_criterion": Rights(select=EVERY_COLUMN),
    "labeling_option": Rights(select=EVERY_COLUMN),
    "labeling_judgment": Rights(
        select=("id", "assignment_id", "reviewer_id", "comment", "submitted_at"),
        insert=(
            "assignment_id",
            "comment",
            "active_seconds",
            "could_tell",
            "submitted_at",
        ),
        rows=MINE,
    ),
    "labeling_rating": Rights(
        select=("id", "judgment_id", "criterion_id", "displayed", "rationale"),
        insert=("judgment_id", "criterion_id", "value", "displayed", "rationale"),
        rows="judgment_id IN (SELECT id FROM labeling_judgment)",
    ),
    "labeling_guess": Rights(
        select=("id", "assignment_id", "made_at"),
        insert=("assignment_id", "options", "system", "clue", "made_at"),
        rows=MY_ASSIGNMENT,
    ),
    "labeling_draft": Rights(
        select=EVERY_COLUMN,
        insert=("assignment_id", "answers", "saved_at"),
        update=("answers", "saved_at"),
        may_delete=True,
        rows=MY_ASSIGNMENT,
    ),
}
