"""What stands in the way of freezing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from calibration.formats.agreement import figure
from calibration.services.agreement import Agreement


@dataclass(frozen=True)
class Reading:
    """Alpha of one criterion, as much of it as decides."""

    key: str
    value: float | None
    low: float | None
    reason: str | None
    is_unused_label: bool


def read_agreement(agreement: Agreement) -> list[Reading]:
    return [
        Reading(
            entry.key,
            entry.alpha.value,
            entry.alpha.low,
            entry.alpha.reason,
            entry.is_unused_label,
        )
        for entry in agreement.criteria
    ]


def read_snapshot(described: Mapping[str, Any]) -> list[Reading]:
    """Of agreement as a snapshot keeps it."""
    return [
        Reading(
            entry["criterion"],
            entry["alpha"]["value"],
            entry["alpha"]["low"],
            entry["alpha"]["reason"],
            entry["is_unused_label"],
        )
        for entry in described["criteria"]
    ]


def list_blocks(
    readings: Iterable[Reading], *, bar: float, n_open_disputes: int
) -> list[str]:
    """Every reason to refuse, in words that name the criterion and the figure."""
    blocks = [
        f"{one.key}: {problem}" for one in readings for problem in _problems(one, bar)
    ]
    if n_open_disputes:
        noun = "dispute is" if n_open_disputes == 1 else "disputes are"
        blocks.append(f"{n_open_disputes} {noun} open")
    return blocks


def list_case_blocks(gaps: Iterable[str], *, n_unreferenced: int) -> Iterator[str]:
    """What stands against the cases themselves: gaps of a spec, missing references."""
    yield from gaps
    if n_unreferenced:
        yield f"{n_unreferenced} cases are graded by a reference they do not have"


def _problems(alpha: Reading, bar: float) -> Iterator[str]:
    # That nobody ever chose a label is agreement, which no coefficient can show.
    if alpha.is_unused_label:
        return
    if alpha.value is None:
        yield f"alpha is undefined ({alpha.reason})"
    elif alpha.low is None:
        yield f"alpha {figure(alpha.value)} has no lower limit ({alpha.reason})"
    elif alpha.low < bar:
        yield (
            f"alpha {figure(alpha.value)}, lower limit {figure(alpha.low)}, "
            f"is under the bar {figure(bar)}"
        )
