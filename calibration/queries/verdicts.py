"""What judges said of items, and what people said of the same ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from calibration.queries.criteria import ScaledVersion
from calibration.queries.labels import stream_labels
from calibration.queries.ratings import CHUNK
from labeling.models import Judgment
from reviews.models import Item, RoutingDecision
from reviews.queries.queues import QueueFacts


@dataclass(frozen=True)
class Verdict:
    judge: str
    item: str
    word: str
    # Items of one kind with one chance of being seen are alike to the estimate.
    stratum: tuple[str, float]
    is_selected: bool


@dataclass(frozen=True)
class Written:
    """One response of an item: how long it is, and which model wrote it."""

    n_words: int
    model: str


def stream_verdicts(queue: QueueFacts) -> Iterator[Verdict]:
    """Every verdict about routed items of the kinds that the queue takes."""
    rows = (
        RoutingDecision.objects.filter(
            item__project_id=queue.project_id,
            item__kind__in=queue.kinds,
            item__signals__has_key="judges",
        )
        .order_by()
        .values_list(
            "item__external_id",
            "item__kind",
            "item__signals__judges",
            "inclusion_probability",
            "is_selected",
        )
    )
    for item, kind, judges, probability, is_selected in rows.iterator(chunk_size=CHUNK):
        for one in judges:
            yield Verdict(
                judge=str(one.get("judge", "")),
                item=item,
                word=str(one.get("verdict", "")),
                stratum=(kind, probability),
                is_selected=is_selected,
            )


def stream_decided(
    queue: QueueFacts, version: ScaledVersion, criterion: str
) -> Iterator[tuple[int, str, object]]:
    """Item id, its name and its label on one criterion, once it is judged in full."""
    for item in stream_labels(queue_id=queue.id, version=version):
        for label in item.labels:
            is_full = label.n_votes >= queue.overlap or label.settlement is not None
            if label.criterion == criterion and label.value is not None and is_full:
                yield item.item_id, item.external_id, label.value


def stream_written(queue: QueueFacts) -> Iterator[tuple[str, list[Written]]]:
    """The responses of every item that people judged under the rubric in force."""
    judged = Judgment.objects.filter(
        queue_id=queue.id, rubric_version_id=queue.rubric_version_id, counts=True
    )
    rows = (
        Item.objects.filter(pk__in=judged.values("item"))
        .order_by()
        .values_list("external_id", "content__responses", "provenance__responses")
    )
    for item, responses, authors in rows.iterator(chunk_size=CHUNK):
        yield item, _written(responses or [], authors or [])


def _written(responses: list[Any], authors: list[Any]) -> list[Written]:
    models = [str(one.get("model") or "") for one in authors]
    models += [""] * (len(responses) - len(models))
    return [
        Written(len(str(one.get("text") or "").split()), model)
        for one, model in zip(responses, models, strict=False)
    ]
