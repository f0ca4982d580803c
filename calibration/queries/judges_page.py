"""The judges page: what each judge may be used for, and the trial behind that."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calibration.formats.agreement import figure
from calibration.formats.words import figure_text, rate_text, share_text
from calibration.models import PanelKind
from calibration.queries.panels import find_panel
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]

# Chance of as uneven a split, were the judge fair to either order.
RARE = 0.01
# Limits so far apart leave room for any bias that matters.
WIDE = 0.3


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
    kappa: str


@dataclass(frozen=True)
class Bias:
    """What else than the item moves the judge: the figure, and what it says."""

    name: str
    # Empty where it could not be looked at, and the note says why.
    badge: str
    tone: str
    text: str
    note: str


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
    # Kappa of the people among themselves.
    people: str = ""
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
    # The same rate by another way, to hold against the first.
    turned: str = ""
    biases: tuple[Bias, ...] = ()


@dataclass(frozen=True)
class JudgesPage:
    computed_at: datetime | None
    is_behind: bool
    gate: str = ""
    triage: str = ""
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
        gate=figure(found["bars"]["gate"]),
        triage=figure(found["bars"]["triage"]),
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
        people=figure_text(entry["human_kappa"]),
        sides=_sides(entry),
        accuracy=share_text(entry["accuracy"]),
        n_verdicts=entry["n_verdicts"],
        n_unreadable=entry["n_unreadable"],
        n_ties=entry["ties_left_out"],
        words=tuple((word, ", ".join(own)) for word, own in entry["words"].items()),
        alternative=_alternative(alternative, epsilon),
        skipped=tuple(alternative["skipped"]),
        compared=tuple(_compared_with_each(entry)),
        rate=rate,
        rate_note=note,
        turned=rate_text(entry["rate"]["turned"]) if entry["rate"] else "",
        biases=tuple(_list_biases(entry["biases"])),
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
        Side(
            "People with the judge as one more of them",
            figure_text(entry["joined_kappa"]),
            figure_text(entry["joined_alpha"]),
            entry["joined_kappa"]["n_items"],
            _remark(entry["joined_kappa"]),
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


def _compared_with_each(entry: Json) -> Iterator[Compared]:
    tested = {one["rater"]: one for one in entry["alternative"]["compared"]}
    for kappa in entry["with_each"]:
        one = tested.get(kappa["rater"])
        yield Compared(
            rater=kappa["rater"],
            n_items=kappa["n_items"],
            judge=f"{one['judge']:.0%}" if one else "-",
            human=f"{one['human']:.0%}" if one else "-",
            verdict=_stands_in(one),
            kappa=figure_text(kappa),
        )


def _stands_in(one: Json | None) -> str:
    if one is None:
        return "too few items to test"
    return "no worse" if one["is_no_worse"] else "not shown"


def _list_biases(found: Json) -> Iterator[Bias]:
    length, kin, swap = found["length"], found["kin"], found["swap"]
    yield _bias(
        "Length",
        length,
        "favours longer answers",
        "favours shorter answers",
        "more often for an answer one standard deviation longer than usual",
    )
    yield _bias(
        "Self-preference",
        kin,
        "favours its own family",
        "is harder on its own family",
        "more often for an answer of a model of its own family",
    )
    yield _first_shown(swap)
    same = swap["consistency"]
    yield Bias(
        "Swap consistency",
        "",
        "",
        share_text(same) if same["value"] is not None else "",
        f"same winner whichever answer it sees first; {same['n_items']} pairs"
        if same["value"] is not None
        else same["reason"],
    )


def _bias(name: str, found: Json, more: str, less: str, unit: str) -> Bias:
    value, low, high = found["value"], found["low"], found["high"]
    if value is None or low is None or high is None:
        return Bias(name, "", "", "", found["reason"] or "no interval")
    badge, tone = "no sign of it", "good"
    if low > 0 or high < 0:
        badge, tone = (more if low > 0 else less), "bad"
    elif high - low > WIDE:
        badge, tone = "too few to say", "info"
    return Bias(
        name,
        badge,
        tone,
        f"{value:+.0%} ({low:+.0%} to {high:+.0%})",
        f"{unit}, people's own preference held fixed; {found['n_items']} items",
    )


def _first_shown(swap: Json) -> Bias:
    found, p = swap["first_shown"], swap["p"]
    if found["value"] is None or p is None:
        return Bias("Order", "", "", "", found["reason"] or "no decisive verdicts")
    badge, tone = "no sign of it", "good"
    if p < RARE:
        side = "first" if found["value"] > 0.5 else "last"
        badge, tone = f"favours what it sees {side}", "bad"
    note = f"of its {found['n_items']} decisive verdicts go to the answer shown first"
    return Bias("Order", badge, tone, share_text(found), note)


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
    if found["value"] is not None:
        note += f"; the judge has a weight of {rate['power']:.2f}"
    return rate_text(found), note
