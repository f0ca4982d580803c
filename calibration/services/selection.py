"""Which reviewed items may be cases at all."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from calibration.formats.cases import ANY_CELL, UNWEIGHTED, Cell
from calibration.queries.criteria import ScaledVersion
from calibration.queries.erasures import list_erased_items
from calibration.queries.labels import Label, LabelledItem, stream_labels
from calibration.queries.terms import Retired
from reviews.queries.queues import QueueFacts

ERASED = "content erased"


@dataclass(frozen=True)
class Chosen:
    """An item that is to be a case, and what it is to stand for."""

    item: LabelledItem
    cell: Cell = ANY_CELL
    weight: str = UNWEIGHTED


def decided(labels: Iterable[Label]) -> list[Label]:
    return [label for label in labels if label.value is not None]


def left_out_because(
    item: LabelledItem,
    queue: QueueFacts,
    required: Collection[str],
    retired: Mapping[str, str],
) -> str | None:
    if item.external_id in retired:
        return f"retired: {retired[item.external_id]}"
    if item.n_judgments < queue.overlap and not item.is_imported:
        return "too few judgments"
    labels = (*item.labels, *item.step_labels)
    found = {label.criterion for label in labels}
    undecided = {label.criterion for label in labels if label.value is None}
    for key in required:
        if key in undecided or key not in found:
            return f"no label on {key}"
    return None


def retired_because(project_id: int, retired: Iterable[Retired]) -> dict[str, str]:
    """By the name of the case; what was erased is a case of nothing any more."""
    erased = dict.fromkeys(list_erased_items(project_id), ERASED)
    return {one.item: one.because for one in retired} | erased


def required_keys(version: ScaledVersion) -> list[str]:
    return [scale.key for scale in version.measured if scale.is_required]


class LeavesOut(Protocol):
    left_out: Counter[str]


def select_cases(
    queue: QueueFacts,
    version: ScaledVersion,
    tally: LeavesOut,
    labelled: Iterator[LabelledItem] | None = None,
    retired: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[LabelledItem]:
    """Items with all their judgments and a label on every required criterion."""
    required = required_keys(version)
    for item in labelled or stream_labels(queue_id=queue.id, version=version):
        reason = left_out_because(item, queue, required, retired)
        if reason is None:
            yield item
        else:
            tally.left_out[reason] += 1
