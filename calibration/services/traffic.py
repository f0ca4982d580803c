"""How often all traffic fails, from the part of it that people saw.

Flagged items are no random sample: each item stands for as many as its chance of being
seen says. Items of one kind with the same chance are one stratum.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from calibration.formats.figures import describe
from calibration.queries.traffic import Stratum, Traffic, get_traffic
from calibration.statistics import Estimate, escapes, stratified
from calibration.statistics import Stratum as Counts
from reviews.models import Action, ItemKind

Json = dict[str, Any]

# The half-width of the interval that a lead would like to have.
WANTED = 0.05
Z = 1.96

SEEN_AS = {
    Action.QUEUE: "sent to people by a rule",
    Action.SAMPLE: "sampled at random",
    Action.SHIP: "passed, audited at random",
}


def measure_traffic(project_id: int) -> Json:
    traffic = get_traffic(project_id)
    kinds = sorted({one.kind for one in traffic.strata})
    return {
        "definitions": [one.described() for one in traffic.definitions],
        "undefined": dict(traffic.undefined),
        "n_items": sum(one.n_items for one in traffic.strata),
        "n_selected": sum(one.n_selected for one in traffic.strata),
        "n_labelled": sum(one.n_labelled for one in traffic.strata),
        "n_failed": sum(one.n_failed for one in traffic.strata),
        "rate": _rate(traffic.strata),
        "by_kind": [
            {"kind": ItemKind(kind).label, "rate": _rate(_of(kind, traffic.strata))}
            for kind in kinds
        ],
        "escapes": _escapes(traffic),
        "strata": [_describe(one) for one in traffic.strata],
    }


def items_still_needed(
    estimate: Estimate, n: int, population: int, half_width: float = WANTED
) -> int:
    """Items more, of so many, for an interval that reaches so far to either side.

    The share is drawn towards a half by four items, so that none seen in a few does not
    promise that few are enough (Agresti and Coull).
    """
    share = ((estimate.value or 0.0) * n + 2) / (n + 4)
    endless = Z**2 * share * (1 - share) / half_width**2
    needed = endless / (1 + (endless - 1) / population) if population else 0.0
    return max(0, min(math.ceil(needed), population) - n)


def _of(kind: str, strata: Iterable[Stratum]) -> list[Stratum]:
    return [one for one in strata if one.kind == kind]


def _rate(strata: Iterable[Stratum]) -> Json:
    """Over strata of one kind and chance, whatever rule gave the chance."""
    merged: dict[tuple[str, float], list[Stratum]] = defaultdict(list)
    for one in strata:
        merged[one.kind, one.probability].append(one)
    counts = [
        Counts(
            population=sum(one.n_items for one in own),
            sampled=sum(one.n_labelled for one in own),
            failures=sum(one.n_failed for one in own),
        )
        for own in merged.values()
    ]
    found = stratified(counts).rate
    missing = [
        f"{ItemKind(kind).label} items seen with a chance of {probability:.0%}"
        for (kind, probability), own in sorted(merged.items())
        if not sum(one.n_labelled for one in own)
    ]
    return describe(found) | {
        "missing": missing,
        "n_labelled": sum(one.sampled for one in counts),
        "n_items": sum(one.population for one in counts),
    }


def _escapes(traffic: Traffic) -> Json:
    passed = [one for one in traffic.strata if one.is_passed]
    chances = sorted({one.probability for one in passed})
    audited = sum(one.n_labelled for one in passed)
    failed = sum(one.n_failed for one in passed)
    n_passed = sum(one.n_items for one in passed)
    n_caught = sum(one.n_failed for one in traffic.strata if not one.is_passed)
    found = escapes(passed=n_passed, audited=audited, failed=failed, caught=n_caught)
    return {
        "n_passed": n_passed,
        "n_audited": audited,
        "n_failed": failed,
        "n_caught": n_caught,
        "rate": describe(found.escape_rate),
        "guaranteed": describe(found.guaranteed),
        "escaped": describe(found.escaped),
        "miss_share": describe(found.miss_share),
        "at_most": found.at_most,
        "wanted": WANTED,
        "n_needed": items_still_needed(found.escape_rate, audited, n_passed),
        # An audit at several rates is no simple random sample of what passed.
        "chances": chances,
    }


def _describe(one: Stratum) -> Json:
    return {
        "kind": ItemKind(one.kind).label,
        "seen_as": SEEN_AS[Action(one.action)],
        "probability": one.probability,
        "n_items": one.n_items,
        "n_selected": one.n_selected,
        "n_labelled": one.n_labelled,
        "n_failed": one.n_failed,
    }
