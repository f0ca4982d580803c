"""What a reviewer's request may do in the database: all of it, and nothing else.

Reviewer pages run as the PostgreSQL role ROLE. It owns nothing and inherits
nothing; what stands here is what it may. A table or a column that is not here
does not exist for a reviewer. `docs/blinding.md` explains it; the tests compare
it with the database, and walk every table that is not here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

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
# role cannot read the secret by which it knows a forged list. In a subquery of its
# own, so that a statement asks once for each table and not for each row.
MY_IDS = "ANY ((SELECT touchstone_reviewer_ids_v3())::bigint[])"
MINE = f"reviewer_id = {MY_IDS}"
# Of assignments, seats and batches, the role sees those of its person alone.
# Looked up row by row: a list of all that is theirs would grow with their work.
MY_ASSIGNMENT = (
    "EXISTS (SELECT FROM reviews_assignment mine WHERE mine.id = assignment_id)"
)
# A minute for clocks that differ.
LONGEST_LEASE = (
    "now() + (SELECT make_interval(mins => q.lease_minutes + 1)"
    " FROM reviews_queue q WHERE q.id = queue_id)"
)
MY_JUDGMENT = "EXISTS (SELECT FROM labeling_judgment mine WHERE mine.id = judgment_id)"
SHOWN_TO_ME = "EXISTS (SELECT FROM reviews_assignment mine WHERE mine.item_id = {item})"

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
            "plain_text",
            "authority",
            "qualification_size",
            "qualification_pass",
        ),
        rows=(
            "EXISTS (SELECT FROM reviews_panelseat mine"
            " WHERE mine.queue_id = reviews_queue.id)"
            " OR EXISTS (SELECT FROM reviews_batch mine"
            " WHERE mine.queue_id = reviews_queue.id)"
        ),
    ),
    "reviews_member": Rights(
        select=("id", "project_id", "user_id", "is_active"),
        rows=f"id = {MY_IDS}",
    ),
    "reviews_panelseat": Rights(
        select=("id", "queue_id", "reviewer_id", "is_active"), rows=MINE
    ),
    "reviews_batch": Rights(
        select=(
            "id",
            "public_id",
            "queue_id",
            "reviewer_id",
            "size",
            "qualification_id",
            "dealt_at",
        ),
        rows=MINE,
    ),
    # That a batch is a qualification is no secret: a reviewer is told before it.
    "reviews_qualification": Rights(
        select=(
            "id",
            "queue_id",
            "reviewer_id",
            "number",
            "size",
            "pass_share",
            "outcome",
            "n_answers",
            "n_right",
            "ended_at",
        ),
        rows=MINE,
    ),
    "reviews_qualificationdecision": Rights(
        select=("id", "queue_id", "reviewer_id", "qualification_id", "act"),
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
        new_rows=(
            f"{MINE} AND (status IN ('SKIPPED', 'RETURNED', 'ESCALATED')"
            f" OR status = 'LIVE' AND leased_until <= {LONGEST_LEASE})"
        ),
    ),
    "reviews_item": Rights(
        select=("id",), rows=SHOWN_TO_ME.format(item="reviews_item.id")
    ),
    "reviews_presentable": Rights(
        select=(
            "item_id",
            "content",
            "opening",
            "responses",
            "n_passages",
            "n_steps",
            "made_with",
        ),
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
            "disposition",
            "submitted_at",
        ),
        rows=MINE,
    ),
    "labeling_rating": Rights(
        select=("id", "judgment_id", "criterion_id", "step", "displayed", "rationale"),
        insert=(
            "judgment_id",
            "criterion_id",
            "step",
            "value",
            "displayed",
            "rationale",
        ),
        rows=MY_JUDGMENT,
    ),
    "labeling_failuretag": Rights(
        select=EVERY_COLUMN,
        insert=("judgment_id", "tag"),
        rows=MY_JUDGMENT,
    ),
    "labeling_correction": Rights(
        select=EVERY_COLUMN,
        insert=("judgment_id", "response", "text"),
        rows=MY_JUDGMENT,
    ),
    "labeling_span": Rights(
        select=EVERY_COLUMN,
        insert=(
            "judgment_id",
            "place",
            "number",
            "start",
            "end",
            "quote",
            "tag",
            "note",
            "is_claim",
            "passage",
        ),
        rows=MY_JUDGMENT,
    ),
    # What a lead offers to the bench: a name and what it means, no figure.
    "labeling_failuremode": Rights(
        select=("id", "project_id", "name", "description", "is_offered"),
        rows="is_offered AND project_id IN (SELECT project_id FROM reviews_member)",
    ),
    "labeling_guess": Rights(
        select=("id", "assignment_id", "made_at"),
        insert=("assignment_id", "options", "system", "clue", "made_at"),
        rows=MY_ASSIGNMENT,
    ),
    # What is known of gold that is gold no more to this person: an attempt that has
    # its outcome.
    "calibration_feedback": Rights(
        select=EVERY_COLUMN,
        rows=(
            f"{MY_ASSIGNMENT} AND EXISTS (SELECT FROM reviews_qualification mine"
            " WHERE mine.id = qualification_id AND mine.outcome <> '')"
        ),
    ),
    "labeling_draft": Rights(
        select=EVERY_COLUMN,
        insert=("assignment_id", "answers", "saved_at"),
        update=("answers", "saved_at"),
        may_delete=True,
        rows=MY_ASSIGNMENT,
    ),
}

# The role cannot keep SQL from leaving it (`RESET ROLE` is everybody's right), so
# that what a reviewer's request sends is looked at before it is sent: one plain
# statement that calls nothing but these.
FUNCTIONS = frozenset(
    """
    abs array_agg array_length avg bool_and bool_or cast clock_timestamp coalesce concat
    count date_trunc exists extract greatest json_agg json_build_array json_build_object
    jsonb_agg jsonb_array_elements jsonb_array_length jsonb_build_array jsonb_build_object
    jsonb_to_recordset
    least length lower make_interval max min now nullif numeric rank round row_number
    string_agg substring sum to_json to_jsonb trim unnest upper varchar
    """.split()  # noqa: SIM905
)
# What else may stand before a parenthesis.
_KEYWORDS = frozenset(
    """
    all and any array as by case conflict else filter from in intersect join key lateral
    materialized not on or over select set then union using values when where within
    """.split()  # noqa: SIM905
)
_BEGINS = re.compile(
    r"(?i)\s*(select|insert|update|delete|with|(release |rollback to )?savepoint)\b"
)
_FORBIDDEN = re.compile(r"(?i);|--|/\*|\b(pg_|u&|temp(orary)?\b|information_schema\b)")
_CALLED = re.compile(r'("?)([\w$.]+)\1\s*\(')


@lru_cache(maxsize=1024)
def is_plain(statement: str) -> bool:
    """Whether SQL (with placeholders for its values) is what our pages send.

    An injected text can leave the role by `set_config`, by an update of
    `pg_settings`, by a second statement, or by any of these inside a function that
    runs SQL; none of it passes. Data never stands in the statement itself.
    """
    if not _BEGINS.match(statement) or _FORBIDDEN.search(statement):
        return False
    return all(
        name.lower() in FUNCTIONS | _KEYWORDS or name in RIGHTS
        for _, name in _CALLED.findall(statement)
    )
