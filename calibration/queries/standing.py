"""Standing: what holds for each reviewer now, and what held before."""

from dataclasses import dataclass
from datetime import datetime

from calibration.models import Standing


@dataclass(frozen=True)
class StandingFacts:
    handle: str
    state: str
    label: str
    # None where the rule set it.
    set_by: str | None
    reason: str
    n_gold: int
    set_at: datetime


def list_history(queue_id: int) -> dict[str, list[StandingFacts]]:
    """By reviewer, the newest first: it is the one that holds."""
    rows = (
        Standing.objects.filter(queue_id=queue_id)
        .select_related("reviewer", "set_by")
        .order_by("reviewer__handle", "-set_at", "-pk")
    )
    found: dict[str, list[StandingFacts]] = {}
    for row in rows:
        found.setdefault(row.reviewer.handle, []).append(_facts(row))
    return found


def _facts(row: Standing) -> StandingFacts:
    return StandingFacts(
        handle=row.reviewer.handle,
        state=row.state,
        label=row.get_state_display(),
        set_by=row.set_by.handle if row.set_by else None,
        reason=row.reason,
        n_gold=row.n_gold,
        set_at=row.set_at,
    )
