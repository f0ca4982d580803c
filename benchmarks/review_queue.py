"""A queue to review: made in a few statements, and checked when the run is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from random import Random
from typing import Any

from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    get_user_model,
)
from django.db import connection, transaction

from reviews.rendering.pieces import made_with, make_pieces

PROJECT = "benchmark"
QUEUE = "answers"
N_TEXTS = 499
N_GOLD = 100

PREFERENCES = ("LEFT", "RIGHT", "tie")
SCORES = ("1", "2", "3", "4", "5")
FORMS = [
    f"value-preference={preference}&value-clarity={score}&comment=&active_seconds=3"
    for preference in PREFERENCES
    for score in SCORES
]

# Everything but the items: a queue of pairs with two criteria and some gold.
SCENE = """
INSERT INTO reviews_project (slug, name, triage_key, is_sample, created_at)
VALUES (%(project)s, 'Benchmark', 'none', false, now());

INSERT INTO labeling_rubric (slug, created_at, project_id)
SELECT 'answers', now(), id FROM reviews_project;
INSERT INTO labeling_rubricversion
    (number, title, guidance, document, published_at, rubric_id)
SELECT 1, 'Answers', 'Judge what is said, *not* how long it is.', '{}', now(), id
FROM labeling_rubric;
INSERT INTO labeling_criterion
    (key, title, guidance, level, is_required, position, version_id)
SELECT key, given.title, given.guidance, level, true, place,
    labeling_rubricversion.id
FROM labeling_rubricversion, (VALUES
    (1, 'preference', 'Which answer is better?', 'Tie only if you cannot say.',
        'PAIRWISE'),
    (2, 'clarity', 'How clear is the better one?', '', 'ORDINAL')
) AS given (place, key, title, guidance, level);
INSERT INTO labeling_option
    (value, title, anchor, requires_rationale, position, criterion_id)
SELECT value, given.title, '', false, place, labeling_criterion.id
FROM labeling_criterion JOIN (VALUES
    ('preference', 1, 'A', 'A'), ('preference', 2, 'B', 'B'),
    ('preference', 3, 'tie', 'Neither'),
    ('clarity', 1, '1', 'Confusing'), ('clarity', 2, '2', 'Hard to follow'),
    ('clarity', 3, '3', 'Fair'), ('clarity', 4, '4', 'Clear'),
    ('clarity', 5, '5', 'Perfectly clear')
) AS given (key, place, value, title) USING (key);

INSERT INTO reviews_queue (
    slug, title, kinds, overlap, batch_size, gold_rate, lease_minutes, daily_cap,
    agreement_bar, gold_period_days, retest_rate, retest_after_days,
    retest_after_items, sla_hours, guess_systems, paused_because, created_at,
    project_id, rubric_version_id
)
SELECT %(queue)s, 'Answers', '{PAIR}', %(overlap)s, 20, 0.1, 60, 1000000,
    0.667, 90, 0, 7, 50, '{}', '{}', '', now(), reviews_project.id,
    labeling_rubricversion.id
FROM reviews_project, labeling_rubricversion;

INSERT INTO reviews_user (
    password, is_superuser, username, first_name, last_name, email, is_staff,
    is_active, date_joined
)
SELECT '!', false, 'reviewer-' || number, '', '', '', false, true, now()
FROM generate_series(1, %(reviewers)s) number;
INSERT INTO reviews_member
    (handle, role, origin, is_active, joined_at, user_id, project_id)
SELECT username, 'REVIEWER', 'ACCOUNT', true, now(), reviews_user.id,
    reviews_project.id
FROM reviews_user, reviews_project;
INSERT INTO reviews_panelseat
    (is_active, is_backup, paused_because, reviewer_id, queue_id)
SELECT true, false, '', reviews_member.id, reviews_queue.id
FROM reviews_member, reviews_queue;
"""

# A text in a hundred prompts, but no two items alike.
ITEMS = """
INSERT INTO reviews_item (
    external_id, kind, content, signals, provenance, fingerprint, ingested_at,
    project_id
)
SELECT 'item-' || number, 'PAIR',
    jsonb_build_object(
        'prompt', 'Case ' || number || '. ' || texts[1 + number %% cardinality(texts)],
        'responses', jsonb_build_array(
            jsonb_build_object('text', texts[1 + number * 7 %% cardinality(texts)]
                || ' (' || number || ')'),
            jsonb_build_object('text', texts[1 + number * 13 %% cardinality(texts)]
                || ' (' || number || ')'))),
    '{"confidence": 0.5}',
    '{"responses": [{"model": "north-2"}, {"model": "south-1"}]}',
    sha256(number::text::bytea), now(), reviews_project.id
FROM generate_series(1, %(items)s) number, reviews_project,
    (SELECT %(texts)s::text[] AS texts) given;
"""

# Made ready ahead by the worker, long before a reviewer comes: here by putting the
# number of each item in place of the one that stands in for all of them.
PRESENTABLES = """
INSERT INTO reviews_presentable
    (item_id, content, masks, prepared_at, opening, responses, made_with)
SELECT id, content, '[]', now(),
    replace(openings[1 + number %% cardinality(openings)], '000', number::text),
    ARRAY[
        replace(answers[1 + number * 7 %% cardinality(answers)], '000', number::text),
        replace(answers[1 + number * 13 %% cardinality(answers)], '000', number::text)
    ],
    %(made_with)s
FROM (SELECT *, substr(external_id, 6)::int AS number FROM reviews_item) item,
    (SELECT %(openings)s::text[] AS openings, %(answers)s::text[] AS answers) given;
"""

SLOTS = """
INSERT INTO reviews_slot
    (number, tier, shuffle, state, opened_at, item_id, queue_id)
SELECT given.number, 1 + reviews_item.id %% 3, random(), 'OPEN', now(), reviews_item.id,
    reviews_queue.id
FROM reviews_item, reviews_queue, generate_series(1, overlap) given (number)
WHERE reviews_item.id > %(gold)s;
INSERT INTO reviews_seed (band, is_active, created_at, item_id, queue_id)
SELECT CASE reviews_item.id %% 2 WHEN 0 THEN 'good' ELSE 'bad' END, true, now(),
    reviews_item.id, reviews_queue.id
FROM reviews_item, reviews_queue WHERE reviews_item.id <= %(gold)s;
"""

# By an intake, and by reviewers.
FILLED = ("reviews_item", "reviews_presentable", "reviews_slot", "reviews_seed")
GROWN = (
    "reviews_slot",
    "reviews_batch",
    "reviews_assignment",
    "labeling_judgment",
    "labeling_rating",
)

# What must be zero when a run is over; %(acknowledged)s are the public ids.
COUNTS = {
    "over_assigned": """
        SELECT count(*) FROM (
            SELECT FROM reviews_assignment JOIN reviews_queue q ON q.id = queue_id
            WHERE purpose = 'FRESH' AND status IN ('LIVE', 'SUBMITTED')
            GROUP BY item_id, overlap HAVING count(*) > overlap) AS found""",
    "same_reviewer_twice": """
        SELECT count(*) FROM (
            SELECT FROM reviews_assignment
            WHERE purpose = 'FRESH' AND status IN ('LIVE', 'SUBMITTED')
            GROUP BY item_id, reviewer_id HAVING count(*) > 1) AS found""",
    "lost": """
        SELECT count(*) FROM unnest(%(acknowledged)s::uuid[]) AS given (public_id)
        WHERE NOT EXISTS (
            SELECT FROM reviews_assignment a
            JOIN labeling_judgment j ON j.assignment_id = a.id
            WHERE a.public_id = given.public_id AND a.status = 'SUBMITTED'
            AND 2 = (SELECT count(*) FROM labeling_rating WHERE judgment_id = j.id))""",
    "duplicated": """
        SELECT count(*) FROM (
            SELECT FROM labeling_judgment
            GROUP BY assignment_id HAVING count(*) > 1
            UNION ALL
            SELECT FROM labeling_judgment WHERE counts
            GROUP BY item_id, reviewer_id HAVING count(*) > 1) AS found""",
}


@dataclass(frozen=True)
class ReviewQueue:
    deal_path: str
    # The session cookie of each reviewer.
    sessions: list[str]
    forms: list[str]


@transaction.atomic
def make_review_queue(*, n_items: int, n_reviewers: int, overlap: int) -> ReviewQueue:
    """Fill an empty database. Nothing is made one by one but the sessions."""
    texts = [make_text(Random(number)) for number in range(N_TEXTS)]
    pieces = [
        make_pieces(
            {"prompt": f"Case 000. {text}", "responses": [{"text": f"{text} (000)"}]}
        )
        for text in texts
    ]
    given: dict[str, Any] = {
        "project": PROJECT,
        "queue": QUEUE,
        "overlap": overlap,
        "reviewers": n_reviewers,
        "items": n_items + N_GOLD,
        "gold": N_GOLD,
        "texts": texts,
        "openings": [one.opening for one in pieces],
        "answers": [one.responses[0] for one in pieces],
        "made_with": made_with(),
    }
    with connection.cursor() as cursor:
        for statements in (SCENE, ITEMS, PRESENTABLES, SLOTS):
            for statement in statements.split(";\n"):
                if statement.strip():
                    cursor.execute(statement, given)
    return ReviewQueue(f"/review/{PROJECT}/{QUEUE}/batches/", sign_in_all(), FORMS)


def make_text(rng: Random) -> str:
    """Some 70 words of Markdown: two paragraphs, now and then a list or code."""

    def words(count: int) -> str:
        return " ".join(
            "".join(rng.choices("etaoinshrdlu", k=rng.randint(2, 9)))
            for _ in range(count)
        )

    parts = [f"{words(12)} **{words(2)}**, {words(10)}.", f"{words(25)}."]
    if rng.random() < 0.3:
        parts.append("\n".join(f"- {words(6)}" for _ in range(3)))
    if rng.random() < 0.1:
        parts.append(f"```python\ndef {words(1)}(x):\n    return x + 1\n```")
    return "\n\n".join(parts)


def sign_in_all() -> list[str]:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    sessions = []
    for user in get_user_model().objects.order_by("pk"):
        session = store()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        sessions.append(session.session_key)
    return sessions


def analyse(tables: Sequence[str]) -> None:
    """What autovacuum does after a large change, without waiting for it.

    It does not look at tables that are empty still. Nor may this: planned for an
    empty table, a statement that is kept prepared would read all of it for long.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(tables)}")


def check(acknowledged: list[str]) -> dict[str, int]:
    """How often a promise was broken, by promise, and what is in the database."""
    given = {"acknowledged": acknowledged}
    with connection.cursor() as cursor:
        found = {}
        for name, query in COUNTS.items():
            cursor.execute(query, given if "%(" in query else None)
            found[name] = int(cursor.fetchone()[0])
        cursor.execute("SELECT count(*) FROM labeling_judgment")
        found["judgments"] = int(cursor.fetchone()[0])
    found["acknowledged"] = len(acknowledged)
    found["acknowledged_twice"] = len(acknowledged) - len({*acknowledged})
    return found
