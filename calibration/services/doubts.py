"""Labels too doubtful to stand: they go to adjudication, by rule."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from calibration.queries.criteria import ScaledVersion, get_version
from calibration.queries.labels import NONE, Label, LabelledItem, stream_labels
from calibration.queries.ratings import list_disputed
from calibration.queries.weighing import Weighing, get_weighing
from labeling.services.disputes import Doubt, open_disputes
from reviews.models import LabelMethod
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]


class DoubtWatch:
    """Gathers, while labels stream by, those that are not sure enough."""

    def __init__(
        self, queue: QueueFacts, version: ScaledVersion, weighing: Weighing
    ) -> None:
        self.queue, self.weighing = queue, weighing
        self.criteria = {scale.key: scale.criterion_id for scale in version.measured}
        # Open or settled already: a dispute is opened once.
        self.disputed = list_disputed(queue_id=queue.id, version_id=version.id)
        self.doubts: list[Doubt] = []
        self.methods: Counter[str] = Counter()
        self.n_doubtful = 0

    def watch(self, items: Iterator[LabelledItem]) -> Iterator[LabelledItem]:
        for item in items:
            for label in (*item.labels, *item.step_labels):
                self.methods[label.method] += 1
                self._look(item, label)
            yield item

    def _look(self, item: LabelledItem, label: Label) -> None:
        is_full = label.n_votes >= self.queue.overlap or item.is_imported
        because = self._because(label)
        if not because or not is_full:
            return
        self.n_doubtful += 1
        criterion_id = self.criteria[label.criterion]
        if (item.item_id, criterion_id, label.step) not in self.disputed:
            votes = tuple(vote.value for vote in label.votes)
            self.doubts.append(
                Doubt(item.item_id, criterion_id, votes, because, label.step)
            )

    def _because(self, label: Label) -> str:
        if label.method == NONE and label.n_votes:
            return "tie"
        at_least = self.queue.label_confidence_floor
        if label.confidence is None or label.confidence >= at_least:
            return ""
        method = LabelMethod(label.method).label
        return (
            f"low confidence: {places(label.confidence)} < {places(at_least)}"
            f" by {method}"
        )

    def described(self) -> Json:
        return {
            "method": self.queue.label_method,
            "confidence_floor": self.queue.label_confidence_floor,
            "notes": list(self.weighing.notes),
            "methods": dict(self.methods),
            "n_doubtful": self.n_doubtful,
        }


def places(share: float) -> str:
    """Two places, rounded down: what is under a floor must not read like it."""
    shown = Decimal(f"{share:.6f}").quantize(Decimal("0.01"), ROUND_DOWN)
    return str(shown).removeprefix("0")


def dispute_doubtful_labels(*, queue: QueueFacts, now: datetime) -> int:
    """Open a dispute over each doubtful label that has none; how many."""
    version = get_version(queue.rubric_version_id)
    weighing = get_weighing(queue_id=queue.id, version=version)
    watch = DoubtWatch(queue, version, weighing)
    for _ in watch.watch(
        stream_labels(queue_id=queue.id, version=version, weighing=weighing)
    ):
        pass
    open_disputes(queue_id=queue.id, doubts=watch.doubts, now=now)
    return len(watch.doubts)
