"""The judges page: what each judge may be used for, and the trial behind that."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calibration.formats.words import figure_text, rate_text, share_text
from calibration.models import PanelKind
from calibration.queries.panels import find_panel
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """One side of the triangle: who against whom."""

    name: str
    kappa: str
    alpha: str
    n_items: int
    note: str


@dataclass(frozen=True)
class Compared:
    rater: str
    n_items: int
    judge: str
    human: str
    verdict: str


@dataclass(frozen=True)
class JudgeRow:
    number: int
    judge: str
    criterion: str
    fault: str
    word: str = ""
    tone: str = "bad"
    why: str = ""
    may_triage: bool = False
    sides: tuple[Side, ...] = ()
    accuracy: str = ""
    n_verdicts: int = 0
    n_unreadable: int = 0
    n_ties: int = 0
    words: tuple[tuple[str, str], ...] = ()
    alternative: str = ""
    skipped: tuple[str, ...] = ()
    compared: tuple[Compared, ...] = ()
    rate: str = ""
    rate_note: str = ""


@dataclass(frozen=True)
class JudgesPage:
    computed_at: datetime | None
    is_behind: bool
    gate: float = 0.0
    triage: float = 0.0
    rows: tuple[JudgeRow, ...] = ()
    # Judges that nobody has said how to read, and on how many items they spoke.
    unread: tuple[tuple[str, int], ...] = ()


def get_judges_page(queue: QueueFacts) -> JudgesPage:
    panel = find_panel(
        project_id=queue.project_id, queue_id=queue.id, kind=PanelKind.JUDGES
    )
    if panel is None:
        return JudgesPage(None, is_behind=True)
    found = panel.results
    return JudgesPage(
        computed_at=panel.computed_at,
        is_behind=panel.is_behind,
        gate=found["bars"]["gate"],
        triage=found["bars"]["triage"],
        rows=tuple(
            _row(number, entry, found["epsilon"])
            for number, entry in enumerate(found["judges"], start=1)
        ),
        unread=tuple((one["judge"], one["n_items"]) for one in found["unread"]),
    )


def _row(number: int, entry: Json, epsilon: float) -> JudgeRow:
    if entry["fault"]:
        return JudgeRow(number, entry["judge"], entry["criterion"], entry["fault"])
    outcome, alternative = entry["outcome"], entry["alternative"]
    rate, note = _rate(entry["rate"])
    return JudgeRow(
        number=number,
        judge=entry["judge"],
        criterion=entry["criterion"],
        fault="",
        word=outcome["word"],
        tone=outcome["tone"],
        why=outcome["why"],
        may_triage=outcome["may_triage"],
        sides=_sides(entry),
        accuracy=share_text(entry["accuracy"]),
        n_verdicts=entry["n_verdicts"],
        n_unreadable=entry["n_unreadable"],
        n_ties=entry["ties_left_out"],
        words=tuple((word, ", ".join(own)) for word, own in entry["words"].items()),
        alternative=_alternative(alternative, epsilon),
        skipped=tuple(alternative["skipped"]),
        compared=tuple(_compared(one) for one in alternative["compared"]),
        rate=rate,
        rate_note=note,
    )


def _sides(entry: Json) -> tuple[Side, ...]:
    return (
        Side(
            "Judge and majority of the people",
            figure_text(entry["kappa"]),
            figure_text(entry["alpha"]),
            entry["kappa"]["n_items"],
            "",
        ),
        Side(
            "People among themselves, same items",
            figure_text(entry["human_kappa"]),
            figure_text(entry["human_alpha"]),
            entry["human_kappa"]["n_items"],
            _remark(entry["human_kappa"]),
        ),
    )


def _remark(found: Json) -> str:
    return found["reason"] or "" if found["value"] is not None else ""


def _alternative(found: Json, epsilon: float) -> str:
    if found["omega"] is None:
        return f"Not tested: {found['reason']}."
    can = "may" if found["passes"] else "may not"
    return (
        f"The judge {can} stand in for a person: it does no worse than"
        f" {found['omega']:.0%} of the people (omega; at least 50% is asked), at an"
        f" allowance of {epsilon:g} for what a person costs more. Advantage"
        f" {found['rho']:.2f} (rho)."
    )


def _compared(one: Json) -> Compared:
    return Compared(
        rater=one["rater"],
        n_items=one["n_items"],
        judge=f"{one['judge']:.0%}",
        human=f"{one['human']:.0%}",
        verdict="no worse" if one["is_no_worse"] else "not shown",
    )


def _rate(rate: Json | None) -> tuple[str, str]:
    if rate is None:
        return "none", "the judges file does not say which verdicts are a failure"
    found = rate["corrected"]
    note = (
        f"over {rate['n_judged']:,} items with a verdict, corrected by"
        f" {rate['n_labelled']:,} of them that people labelled"
    )
    if found["value"] is not None and found["reason"]:
        note += f"; {found['reason']}"
    if rate["n_unseen"]:
        note += (
            f"; {rate['n_unseen']:,} items are left out, since people have seen none"
            " that came in the same way"
        )
    return rate_text(found), note
