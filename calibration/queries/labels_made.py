"""How the labels of a queue came about, in words for the agreement page."""

from dataclasses import dataclass
from typing import Any

from calibration.queries.labels import ADJUDICATED, MEDIAN, NONE
from reviews.models import LabelMethod

WORDS = {
    **{method.value: f"by {method.label}" for method in LabelMethod},
    MEDIAN: "by median",
    ADJUDICATED: "adjudicated",
    NONE: "undecided",
}


@dataclass(frozen=True)
class LabelsMade:
    method: str
    # 0: no label is doubted for its confidence.
    floor: float
    # How many by which method, the commonest first.
    counts: tuple[tuple[str, int], ...]
    n_doubtful: int
    # Why votes count alike, or what a model lacks.
    notes: tuple[str, ...]


def labels_made(found: dict[str, Any] | None) -> LabelsMade | None:
    """None where the measurement is older than this was looked at."""
    if found is None:
        return None
    commonest = sorted(found["methods"].items(), key=lambda one: (-one[1], one[0]))
    return LabelsMade(
        method=LabelMethod(found["method"]).label,
        floor=found["confidence_floor"],
        counts=tuple((WORDS[method], n) for method, n in commonest),
        n_doubtful=found["n_doubtful"],
        notes=tuple(found["notes"]),
    )
