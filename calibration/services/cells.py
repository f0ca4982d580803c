"""Which cell of a spec an item is in."""

from collections import Counter

from calibration.formats.cases import (
    ADVERSARIAL,
    CORRECTED,
    INCIDENT,
    LOW_CONFIDENCE,
    TYPICAL,
    Cell,
)
from calibration.formats.specs import Spec
from calibration.queries.composition import Frame, Signs

# Strata that would not get one case of the set between them.
OTHER = "other"
# Items that came without one.
NO_INTENT = "no intent"


class Sorter:
    """Puts signs into cells, under the spec and the traffic of its window."""

    def __init__(self, spec: Spec, frame: Frame) -> None:
        self._buckets = spec.hard.buckets
        self._by_intent = spec.strata.by == "intent"
        traffic: Counter[str] = Counter()
        for signs, n in frame.counts.items():
            traffic[signs.intent] += n
        least = traffic.total() / spec.size.cases
        self._small = {intent for intent, n in traffic.items() if n < least and intent}

    def cell(self, signs: Signs, *, is_corrected: bool = False) -> Cell:
        return Cell(self._stratum(signs.intent), self._bucket(signs, is_corrected))

    def _stratum(self, intent: str) -> str:
        if not self._by_intent:
            return ""
        return OTHER if intent in self._small else intent or NO_INTENT

    def _bucket(self, signs: Signs, is_corrected: bool) -> str:
        fits = {
            INCIDENT: signs.is_incident,
            ADVERSARIAL: signs.is_adversarial,
            CORRECTED: is_corrected,
            LOW_CONFIDENCE: signs.is_low,
        }
        for bucket, is_it in fits.items():
            if is_it and bucket in self._buckets:
                return bucket
        return TYPICAL
