"""The newest measurement of a queue, and whether it is behind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calibration.models import AgreementSnapshot
from calibration.queries.ratings import count_adjudications, count_judgments


@dataclass(frozen=True)
class SnapshotFacts:
    """A measurement as it was made, and what has arrived since."""

    computed_at: datetime
    agreement: dict[str, Any]
    n_cases: int
    left_out: dict[str, int]
    # Why agreement alone would refuse to be frozen.
    blocks: tuple[str, ...]
    n_judgments: int
    n_newer: int
    is_behind: bool


def get_snapshot(*, queue_id: int, version_id: int) -> SnapshotFacts | None:
    snapshot = (
        AgreementSnapshot.objects.filter(
            queue_id=queue_id, rubric_version_id=version_id
        )
        .order_by("-computed_at", "-pk")
        .first()
    )
    if snapshot is None:
        return None
    n_now = count_judgments(queue_id=queue_id, version_id=version_id)
    n_settled = count_adjudications(queue_id=queue_id, version_id=version_id)
    n_newer = n_now - snapshot.n_judgments
    return SnapshotFacts(
        computed_at=snapshot.computed_at,
        agreement=snapshot.results["agreement"],
        n_cases=snapshot.results["cases"]["n_cases"],
        left_out=snapshot.results["cases"]["left_out"],
        blocks=tuple(snapshot.results["cases"]["blocks"]),
        n_judgments=snapshot.n_judgments,
        n_newer=n_newer,
        is_behind=bool(n_newer) or n_settled != snapshot.results["n_adjudications"],
    )
