"""The statements of an import: sets of rows, never one at a time.

A staged row without a value is faulty; a judgment is taken only where all its
rows are good (`good` below).
"""

STAGE = """
CREATE TEMPORARY TABLE staged (
    line bigint, item text, rater text, criterion_id bigint, criterion text,
    step smallint, value jsonb, rationale text, rated_at timestamptz
) ON COMMIT DROP
"""

UNSTAGE = "DROP TABLE staged, good"

COPY_STAGE = "COPY staged FROM STDIN"

INDEX_STAGE = ("CREATE INDEX ON staged (line)", "ANALYZE staged")

SPOIL = "UPDATE staged SET value = NULL WHERE line = ANY(%(lines)s)"

UNKNOWN_ITEMS = """
SELECT line, 'item_id', format('there is no item %%L in the project', left(item, 80))
FROM staged
WHERE value IS NOT NULL AND NOT EXISTS (
    SELECT FROM reviews_item i
    WHERE i.project_id = %(project)s AND i.external_id = staged.item)
"""

TAKEN_HANDLES = """
SELECT line, 'rater_id', format(
    '%%L is the name of a member who is no imported rater: rename the rater', rater)
FROM staged
JOIN reviews_member m ON m.project_id = %(project)s AND m.handle = staged.rater
WHERE m.origin <> 'IMPORTED' AND value IS NOT NULL
"""

# The steps of a trace are rated, never the trace; without steps there are none.
WRONG_STEPS = """
SELECT line, 'step', CASE WHEN n_steps = 0 THEN 'expected none: the item has no steps'
    ELSE format('expected one of the steps 1 to %%s of the item', n_steps) END
FROM (
    SELECT s.line, s.step,
        coalesce(jsonb_array_length(i.content -> 'steps'), 0) AS n_steps
    FROM staged s
    JOIN reviews_item i ON i.project_id = %(project)s AND i.external_id = s.item
    WHERE s.value IS NOT NULL AND s.criterion_id = ANY(%(per_step)s)
) counted
WHERE step > n_steps OR (step = 0 AND n_steps > 0)
"""

REPEATED = """
SELECT line, 'line', format('repeats line %%s: the same item, rater and criterion', first)
FROM (
    SELECT line, value, min(line) OVER (
        PARTITION BY item, rater, criterion_id, step) AS first
    FROM staged) numbered
WHERE line <> first AND value IS NOT NULL
"""

RESOLVE = """
CREATE TEMPORARY TABLE good ON COMMIT DROP AS
SELECT s.*, i.id AS item_id, m.id AS reviewer_id, a.id AS assignment_id
FROM staged s
JOIN reviews_item i ON i.project_id = %(project)s AND i.external_id = s.item
LEFT JOIN reviews_member m ON m.project_id = %(project)s AND m.handle = s.rater
LEFT JOIN reviews_assignment a ON a.queue_id = %(queue)s
    AND a.item_id = i.id AND a.reviewer_id = m.id AND a.purpose = 'IMPORT'
WHERE NOT EXISTS (
    SELECT FROM staged bad
    WHERE bad.item = s.item AND bad.rater = s.rater AND bad.value IS NULL)
"""
INDEX_RESOLVED = ("CREATE INDEX ON good (item_id, rater)", "ANALYZE good")

# By the criterion's key, so that a history judged under an older version of the
# rubric is known as the same history.
CONTRADICTIONS = """
SELECT g.line, 'label', CASE WHEN r.id IS NULL
    THEN format('the judgment is there without %%s, and cannot be added to',
                g.criterion)
    ELSE format('the judgment is there with %%s, and judgments do not change', r.value)
    END
FROM good g
JOIN labeling_judgment j ON j.assignment_id = g.assignment_id
LEFT JOIN (labeling_rating r JOIN labeling_criterion c ON c.id = r.criterion_id)
    ON r.judgment_id = j.id AND c.key = g.criterion AND r.step = g.step
WHERE r.value IS DISTINCT FROM g.value
"""

# What is there already stays as it is; nothing is added to it.
ERASED_ITEMS = """
SELECT g.line, 'item', 'what the item said was erased: nobody judges it any more'
FROM good g JOIN reviews_erasure e ON e.item_id = g.item_id
WHERE g.assignment_id IS NULL
"""

UNCHANGED = """
SELECT count(DISTINCT g.assignment_id)
FROM good g
WHERE NOT EXISTS (
    SELECT FROM staged bad WHERE bad.item = g.item AND bad.rater = g.rater
        AND bad.value IS NULL)
"""

ADD_RATERS = """
INSERT INTO reviews_member
    (project_id, handle, role, origin, is_active, joined_at)
SELECT DISTINCT %(project)s, rater, 'REVIEWER', 'IMPORTED', true, %(now)s::timestamptz
FROM good WHERE reviewer_id IS NULL ORDER BY rater
ON CONFLICT (project_id, handle) DO NOTHING
"""

ADD_ASSIGNMENTS = """
INSERT INTO reviews_assignment
    (public_id, queue_id, reviewer_id, item_id, rubric_version_id, purpose, position,
     response_order, status, ended_because, created_at)
SELECT gen_random_uuid(), %(queue)s, m.id, g.item_id, %(version)s, 'IMPORT', 1,
    ARRAY(SELECT generate_series(
        0, coalesce(jsonb_array_length(i.content -> 'responses'), 0) - 1)),
    'SUBMITTED', '', %(now)s
FROM (SELECT DISTINCT item_id, rater FROM good WHERE assignment_id IS NULL) g
JOIN reviews_item i ON i.id = g.item_id
JOIN reviews_member m ON m.project_id = %(project)s AND m.handle = g.rater
ORDER BY g.item_id, m.id
"""

ADD_JUDGMENTS = """
INSERT INTO labeling_judgment (assignment_id, comment, submitted_at)
SELECT a.id, '', coalesce(max(g.rated_at), %(now)s)
FROM good g
JOIN reviews_member m ON m.project_id = %(project)s AND m.handle = g.rater
JOIN reviews_assignment a ON a.queue_id = %(queue)s AND a.item_id = g.item_id
    AND a.reviewer_id = m.id AND a.purpose = 'IMPORT'
WHERE g.assignment_id IS NULL
GROUP BY a.id ORDER BY a.id
"""

# A rating of a side was shown in the ingested order.
ADD_RATINGS = """
INSERT INTO labeling_rating
    (judgment_id, criterion_id, step, value, displayed, rationale)
SELECT j.id, g.criterion_id, g.step, g.value,
    CASE WHEN c.level = 'PAIRWISE' AND g.value = '"A"' THEN '"LEFT"'
         WHEN c.level = 'PAIRWISE' AND g.value = '"B"' THEN '"RIGHT"'
         ELSE g.value END,
    g.rationale
FROM good g
JOIN labeling_criterion c ON c.id = g.criterion_id
JOIN reviews_member m ON m.project_id = %(project)s AND m.handle = g.rater
JOIN reviews_assignment a ON a.queue_id = %(queue)s AND a.item_id = g.item_id
    AND a.reviewer_id = m.id AND a.purpose = 'IMPORT'
JOIN labeling_judgment j ON j.assignment_id = a.id
WHERE g.assignment_id IS NULL
ORDER BY j.id, g.criterion_id, g.step
"""

COUNT_RATERS = "SELECT count(DISTINCT rater) FROM good"
