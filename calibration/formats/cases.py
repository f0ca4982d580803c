"""What a line of cases.jsonl says of a case besides its item and its labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]

TYPICAL: Final = "typical"
LOW_CONFIDENCE: Final = "low_confidence"
CORRECTED: Final = "corrected"
ADVERSARIAL: Final = "adversarial"
INCIDENT: Final = "incident"
# The rarest first: an item is in the first bucket that fits it.
HARD_BUCKETS = (INCIDENT, ADVERSARIAL, CORRECTED, LOW_CONFIDENCE)
BUCKETS = (TYPICAL, *HARD_BUCKETS[::-1])

# The weight of a case of which nothing is known about the traffic it stands for.
UNWEIGHTED = "1.000000"

# Changing one of these makes the score of a case another score.
SCORED = ("id", "kind", "content", "labels", "grading", "reference")
# And one of these, what a score re-weighted to traffic says.
WEIGHED = ("cell", "weight")


@dataclass(frozen=True, order=True)
class Cell:
    """What a case was chosen as: one stratum of traffic, one bucket of it."""

    stratum: str
    bucket: str

    def described(self) -> Json:
        return {"stratum": self.stratum, "bucket": self.bucket}

    def __str__(self) -> str:
        return f"{self.stratum or 'all'}, {self.bucket.replace('_', ' ')}"


# The cell of every case of a set without a spec.
ANY_CELL = Cell("", TYPICAL)


def weight_text(weight: float) -> str:
    """Six places as text: the last bits of a float differ between machines."""
    return f"{round(weight, 6) + 0.0:.6f}"


def label_grading(levels: Mapping[str, str]) -> Json:
    """How a case is graded by its labels; `levels` are those of its criteria."""
    first = next(iter(levels), None)
    if first is not None and levels[first] == "pairwise":
        return {"type": "pairwise", "criterion": first}
    return {"type": "rubric_label", "criteria": list(levels)}
