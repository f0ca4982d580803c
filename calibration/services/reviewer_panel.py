"""The reviewers page, as its snapshot keeps it."""

from typing import Any

from calibration.formats.figures import describe
from calibration.queries.ratings import count_judgments
from calibration.services.reviewer_records import (
    LEAST_OF_A_CLASS,
    ReviewerRecord,
)
from calibration.services.standing_rule import Finding
from calibration.statistics import Verdict
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]

TESTED = {
    Verdict.CLEAR: "cleared: the answers are those of somebody right 95 times of 100",
    Verdict.FLAG: "flagged: the answers are those of somebody right 80 times of 100",
    Verdict.CONTINUE: "undecided: too few answers to tell 95% right from 80%",
}


def describe_reviewers(
    queue: QueueFacts, found: list[tuple[ReviewerRecord, Finding]]
) -> Json:
    return {
        "n_judgments": count_judgments(
            queue_id=queue.id, version_id=queue.rubric_version_id
        ),
        "reviewers": [_describe(record, finding) for record, finding in found],
    }


def _describe(record: ReviewerRecord, finding: Finding) -> Json:
    lean = record.lean
    return {
        "handle": record.handle,
        "rule": str(finding.state),
        "is_known": finding.is_known,
        "reasons": list(finding.reasons),
        "n_gold": record.n_gold,
        "n_right": record.n_right,
        "accuracy": describe(record.gold.accuracy),
        "p_above_bar": record.gold.p_above_bar,
        "bar": record.gold.bar,
        "test": str(record.test),
        "test_words": TESTED[record.test],
        "smoothed": list(record.drift.smoothed),
        "is_drifting": record.drift.is_alarmed,
        "fatigue": describe(record.fatigue),
        "with_others": describe(record.with_others),
        "panel": describe(record.panel),
        "d_prime": describe(lean.d_prime) if lean else None,
        "lean": describe(lean.criterion) if lean else None,
        "least_of_a_class": LEAST_OF_A_CLASS,
        "severity": {
            title: describe(one) for title, one in sorted(record.severity.items())
        },
        "retests": {
            title: describe(one) for title, one in sorted(record.retests.items())
        },
        "hurried": describe(record.speed.hurried),
        "speed_factor": record.speed.factor,
        "left": describe(record.sides.share) if record.sides else None,
        "left_p": record.sides.p if record.sides else None,
        "leak": {
            "gap": record.leak.gap,
            "p": record.leak_beside_others,
            "reason": record.leak.reason,
        },
    }
