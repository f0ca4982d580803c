"""How far what is frozen had got: what tells that something came in between."""

from calibration.queries.ratings import (
    count_adjudications,
    count_gold_judgments,
    count_judgments,
    count_open_disputes,
    count_taken_back,
)
from calibration.queries.terms import count_terms

Watermark = tuple[int, ...]


def read_watermark(
    *, queue_id: int, version_id: int, golden_set_id: int | None
) -> Watermark:
    """Equal counts mean that all of it was the same: what else is read only grows."""
    version = {"queue_id": queue_id, "version_id": version_id}
    return (
        count_judgments(**version),
        # One taken back and another given would leave the others as they were.
        count_taken_back(**version),
        count_adjudications(**version),
        count_open_disputes(**version),
        # It says what votes are worth.
        count_gold_judgments(**version),
        count_terms(golden_set_id) if golden_set_id else 0,
    )
