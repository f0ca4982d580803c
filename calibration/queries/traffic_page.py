"""The traffic page: how often all traffic fails, and what gets past the rules."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calibration.formats.words import rate_text
from calibration.models import PanelKind
from calibration.queries.panels import find_panel

Json = dict[str, Any]


@dataclass(frozen=True)
class RateRow:
    name: str
    rate: str
    n_labelled: int
    n_items: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class StratumRow:
    kind: str
    seen_as: str
    chance: str
    n_items: int
    n_labelled: int
    n_waiting: int
    n_failed: int


@dataclass(frozen=True)
class EscapeFigures:
    n_passed: int
    n_audited: int
    n_failed: int
    n_caught: int
    rate: str
    guaranteed: str
    escaped: str
    miss_share: str
    # In words, where no failure was seen or nothing was audited.
    caution: str
    n_needed: int
    wanted: str


@dataclass(frozen=True)
class TrafficPage:
    computed_at: datetime | None
    is_behind: bool
    definitions: tuple[Json, ...] = ()
    undefined: tuple[tuple[str, int], ...] = ()
    total: RateRow | None = None
    by_kind: tuple[RateRow, ...] = ()
    escapes: EscapeFigures | None = None
    strata: tuple[StratumRow, ...] = ()


def get_traffic_page(project_id: int) -> TrafficPage:
    panel = find_panel(project_id=project_id, queue_id=None, kind=PanelKind.TRAFFIC)
    if panel is None:
        return TrafficPage(None, is_behind=True)
    found = panel.results
    return TrafficPage(
        computed_at=panel.computed_at,
        is_behind=panel.is_behind,
        definitions=tuple(found["definitions"]),
        undefined=tuple(found["undefined"].items()),
        total=_rate("All traffic", found["rate"]) if found["n_items"] else None,
        by_kind=tuple(_rate(one["kind"], one["rate"]) for one in found["by_kind"]),
        escapes=_escapes(found["escapes"]) if found["escapes"]["n_passed"] else None,
        strata=tuple(_stratum(one) for one in found["strata"]),
    )


def _rate(name: str, found: Json) -> RateRow:
    return RateRow(
        name=name,
        rate=rate_text(found),
        n_labelled=found["n_labelled"],
        n_items=found["n_items"],
        missing=tuple(found["missing"]),
    )


def _escapes(found: Json) -> EscapeFigures:
    return EscapeFigures(
        n_passed=found["n_passed"],
        n_audited=found["n_audited"],
        n_failed=found["n_failed"],
        n_caught=found["n_caught"],
        rate=_unless_none_failed(found),
        guaranteed=_at_most(found["guaranteed"]),
        escaped=_count(found["escaped"]),
        miss_share=_at_most(found["miss_share"]),
        caution=_caution(found),
        n_needed=found["n_needed"],
        wanted=f"{found['wanted']:.0%}",
    )


def _unless_none_failed(found: Json) -> str:
    """Never "0%": that none was seen in a few does not say that there is none."""
    if found["n_audited"] and not found["n_failed"]:
        return f"under {found['at_most']:.1%}"
    return rate_text(found["rate"])


def _at_most(found: Json) -> str:
    if found["value"] == 0 and found["high"] is not None:
        return f"up to {found['high']:.1%}"
    return rate_text(found)


def _caution(found: Json) -> str:
    n = found["n_audited"]
    if not n:
        return "No passed item has been audited and judged yet, so nothing can be said."
    words = []
    if not found["n_failed"]:
        items = "item" if n == 1 else "items"
        words.append(
            f"No failure in {n:,} audited {items}. That does not mean none:"
            f" up to {found['at_most']:.1%} of the passed items may still fail"
            " (one-sided 95% limit; from some thirty items on, three divided by their"
            " number)."
        )
    if len(found["chances"]) > 1:
        rates = ", ".join(f"{chance:.0%}" for chance in found["chances"])
        words.append(
            f"Items were audited at different rates ({rates}), which these figures do"
            " not weigh; the rate of all traffic does."
        )
    return " ".join(words)


def _count(found: Json) -> str:
    if found["value"] is None:
        return f"none: {found['reason']}"
    if not found["value"]:
        return f"up to {found['high']:,.0f}"
    return f"about {found['value']:,.0f} ({found['low']:,.0f} to {found['high']:,.0f})"


def _stratum(one: Json) -> StratumRow:
    return StratumRow(
        kind=one["kind"],
        seen_as=one["seen_as"],
        chance=f"{one['probability']:.0%}",
        n_items=one["n_items"],
        n_labelled=one["n_labelled"],
        n_waiting=one["n_selected"] - one["n_labelled"],
        n_failed=one["n_failed"],
    )
