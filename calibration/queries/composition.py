"""The traffic that a spec looks at, and what is known of the items in it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection

from calibration.formats.specs import Spec
from reviews.queries.policies import list_ways
from reviews.queries.queues import QueueFacts

# The day of an item: as its provenance has it, which every database agrees on; else
# that of its ingest. Text that is no day says nothing.
DAY = r"""CASE WHEN item.provenance ->> %(at)s ~ %(day)s
    THEN left(item.provenance ->> %(at)s, 10)
    ELSE to_char(item.ingested_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') END"""

IS_DAY = r"^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])"

SIGNALS = """coalesce(item.signals ->> 'intent', '') AS intent,
    (item.signals ->> 'confidence')::float8 AS confidence,
    coalesce(item.signals -> 'flags' ?| %(incident)s, false) AS is_incident,
    coalesce(item.signals -> 'flags' ?| %(adversarial)s, false) AS is_adversarial"""

IN_WINDOW = """(%(from)s::text IS NULL OR day >= %(from)s)
    AND (%(until)s::text IS NULL OR day <= %(until)s)"""

# What was looked at says where; of the rest, the rule says where it would have been.
# Without a decision, as after an import, the kind is all there is to go by.
IS_OF_QUEUE = """(decision.item_id IS NULL OR decision.queue_id = %(queue)s
    OR decision.queue_id IS NULL AND (decision.policy_id, decision.rule, item.kind) IN (
        SELECT * FROM unnest(%(policies)s::bigint[], %(rules)s::text[], %(ways)s::text[]))
    OR item.id IN (
        SELECT judgment.item_id FROM labeling_judgment AS judgment
        WHERE judgment.queue_id = %(queue)s AND judgment.counts))"""

TRAFFIC = f"""
WITH traffic AS MATERIALIZED (
    SELECT * FROM (
        SELECT {DAY} AS day, {SIGNALS} FROM reviews_item AS item
        LEFT JOIN reviews_routingdecision AS decision ON decision.item_id = item.id
        WHERE item.project_id = %(project)s AND item.kind = ANY(%(kinds)s)
            AND {IS_OF_QUEUE}
    ) AS seen WHERE {IN_WINDOW}
), edge AS (
    -- Where a quarter or more are as unsure as the surest of all, what is under that.
    SELECT CASE WHEN 2 * count(*) FILTER (WHERE confidence <= q) <= count(confidence)
        THEN q ELSE max(confidence) FILTER (WHERE confidence < q) END AS quartile
    FROM traffic CROSS JOIN (
        SELECT percentile_disc(0.25) WITHIN GROUP (ORDER BY confidence) AS q
        FROM traffic) AS quarter
    GROUP BY q
)
SELECT intent, is_incident, is_adversarial,
    coalesce(confidence <= quartile, false) AS is_low,
    count(*), min(day), max(day), max(quartile)
FROM traffic CROSS JOIN edge
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""  # noqa: S608

TRAITS = f"""
SELECT item.id, {DAY} AS day, {SIGNALS},
    coalesce(presentable.masks <> '[]'::jsonb, false),
    coalesce(decision.is_selected, true),
    coalesce(decision.inclusion_probability, 1),
    EXISTS (
        SELECT FROM labeling_dispute AS dispute
        LEFT JOIN labeling_adjudication AS settled ON settled.dispute_id = dispute.id
        WHERE dispute.item_id = item.id AND dispute.queue_id = %(queue)s
            AND settled.id IS NULL),
    EXISTS (
        SELECT FROM labeling_correction AS correction
        JOIN labeling_judgment AS judgment ON judgment.id = correction.judgment_id
        WHERE judgment.item_id = item.id AND judgment.queue_id = %(queue)s
            AND judgment.withdrawn_at IS NULL)
FROM reviews_item AS item
LEFT JOIN reviews_presentable AS presentable ON presentable.item_id = item.id
LEFT JOIN reviews_routingdecision AS decision ON decision.item_id = item.id
WHERE item.id = ANY(%(items)s)
"""  # noqa: S608


@dataclass(frozen=True)
class Signs:
    """What of an item decides its cell, but for what people found."""

    intent: str
    is_incident: bool
    is_adversarial: bool
    is_low: bool


@dataclass(frozen=True)
class Frame:
    """All traffic of the window, reviewed or not."""

    counts: dict[Signs, int]
    # Confidence up to here is the lowest quarter; None where no item has one.
    quartile: float | None
    first_day: str | None
    last_day: str | None


@dataclass(frozen=True)
class Traits:
    """What composing has to know of one reviewed item."""

    day: str
    signs: Signs
    is_masked: bool
    # Chance that it was looked at; 1 where nobody drew.
    probability: float
    is_disputed: bool
    # A reviewer wrote what the output should have been.
    has_correction: bool


def get_frame(queue: QueueFacts, spec: Spec) -> Frame:
    ways = list_ways(queue)
    parameters = _parameters(queue, spec) | {
        "policies": [way.policy_id for way in ways],
        "rules": [way.rule for way in ways],
        "ways": [way.kind for way in ways],
    }
    with connection.cursor() as cursor:
        cursor.execute(TRAFFIC, parameters)
        rows = cursor.fetchall()
    return Frame(
        counts={Signs(*row[:4]): row[4] for row in rows},
        quartile=rows[0][7] if rows else None,
        first_day=min((row[5] for row in rows), default=None),
        last_day=max((row[6] for row in rows), default=None),
    )


def get_traits(
    queue: QueueFacts, spec: Spec, frame: Frame, item_ids: Collection[int]
) -> dict[int, Traits]:
    with connection.cursor() as cursor:
        cursor.execute(TRAITS, _parameters(queue, spec) | {"items": list(item_ids)})
        return {
            pk: Traits(
                day=day,
                signs=Signs(intent, incident, adversarial, _is_low(confidence, frame)),
                is_masked=masked,
                # What was not drawn and judged all the same stands for itself alone.
                probability=probability if selected else 1.0,
                is_disputed=disputed,
                has_correction=corrected,
            )
            for (
                pk,
                day,
                intent,
                confidence,
                incident,
                adversarial,
                masked,
                selected,
                probability,
                disputed,
                corrected,
            ) in cursor.fetchall()
        }


def _is_low(confidence: float | None, frame: Frame) -> bool:
    if confidence is None or frame.quartile is None:
        return False
    return confidence <= frame.quartile


def _parameters(queue: QueueFacts, spec: Spec) -> dict[str, Any]:
    window = spec.window
    return {
        "project": queue.project_id,
        "queue": queue.id,
        "kinds": list(queue.kinds),
        "at": window.at,
        "day": IS_DAY,
        "from": window.from_ and window.from_.isoformat(),
        "until": window.until and window.until.isoformat(),
        "incident": list(spec.hard.incident_flags),
        "adversarial": list(spec.hard.adversarial_flags),
    }
