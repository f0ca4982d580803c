"""What stands in the way of freezing."""

from collections.abc import Iterator

from calibration.formats.agreement import figure
from calibration.services.agreement import Agreement, CriterionAgreement


def list_blocks(agreement: Agreement, *, bar: float, n_open_disputes: int) -> list[str]:
    """Every reason to refuse, in words that name the criterion and the figure."""
    blocks = [
        f"{entry.key}: {problem}"
        for entry in agreement.criteria
        for problem in _problems(entry, bar)
    ]
    if n_open_disputes:
        noun = "dispute is" if n_open_disputes == 1 else "disputes are"
        blocks.append(f"{n_open_disputes} {noun} open")
    return blocks


def _problems(entry: CriterionAgreement, bar: float) -> Iterator[str]:
    # That nobody ever chose a label is agreement, which no coefficient can show.
    if entry.is_unused_label:
        return
    alpha = entry.alpha
    if alpha.value is None:
        yield f"alpha is undefined ({alpha.reason})"
    elif alpha.low is None:
        yield f"alpha {figure(alpha.value)} has no lower limit ({alpha.reason})"
    elif alpha.low < bar:
        yield (
            f"alpha {figure(alpha.value)}, lower limit {figure(alpha.low)}, "
            f"is under the bar {figure(bar)}"
        )
