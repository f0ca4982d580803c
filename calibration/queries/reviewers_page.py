"""The reviewers page: each reviewer in plain words, the figures behind them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calibration.formats.words import figure_text, share_text
from calibration.models import PanelKind, StandingState
from calibration.queries.panels import find_panel
from calibration.queries.standing import StandingFacts, list_history
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]

TONES = {
    StandingState.CLEAR: "good",
    StandingState.WATCH: "warn",
    StandingState.SUSPENDED: "bad",
}
# The drift chart, in the units of its view box.
WIDTH, HEIGHT = 200, 40
# As few gold cases as this certify nobody, whatever the answers.
FEW_GOLD = 14


@dataclass(frozen=True)
class Fact:
    name: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class Drift:
    """Points of the line, and the height of the accuracy that is asked for."""

    points: str
    bar: float
    text: str


@dataclass(frozen=True)
class ReviewerRow:
    # Of the place on the page: a handle may hold what a link may not.
    number: int
    handle: str
    state: str
    badge: str
    tone: str
    # The decision of a lead that holds now; None where the rule has its way.
    decision: StandingFacts | None
    reasons: tuple[str, ...]
    gold: str
    certain: str
    with_others: str
    pace: str
    facts: tuple[Fact, ...]
    drift: Drift | None
    n_gold: int
    history: tuple[StandingFacts, ...]

    @property
    def needs_attention(self) -> bool:
        return bool(self.reasons) or self.state != StandingState.CLEAR


@dataclass(frozen=True)
class ReviewersPage:
    computed_at: datetime | None
    is_behind: bool
    n_judgments: int
    rows: tuple[ReviewerRow, ...]

    @property
    def attention(self) -> tuple[ReviewerRow, ...]:
        return tuple(row for row in self.rows if row.needs_attention)

    @property
    def n_gold(self) -> int:
        return sum(row.n_gold for row in self.rows)


def get_reviewers_page(queue: QueueFacts) -> ReviewersPage:
    panel = find_panel(
        project_id=queue.project_id, queue_id=queue.id, kind=PanelKind.REVIEWERS
    )
    if panel is None:
        return ReviewersPage(None, is_behind=True, n_judgments=0, rows=())
    history = list_history(queue.id)
    return ReviewersPage(
        computed_at=panel.computed_at,
        is_behind=panel.is_behind,
        n_judgments=panel.results["n_judgments"],
        rows=tuple(
            _row(number, entry, history.get(entry["handle"], []))
            for number, entry in enumerate(panel.results["reviewers"], start=1)
        ),
    )


def find_gold_count(queue: QueueFacts, handle: str) -> int:
    """How many gold answers of a reviewer the newest measurement holds."""
    rows = get_reviewers_page(queue).rows
    return next((row.n_gold for row in rows if row.handle == handle), 0)


def _row(number: int, entry: Json, history: list[StandingFacts]) -> ReviewerRow:
    newest = history[0] if history else None
    state = StandingState(newest.state) if newest else StandingState.CLEAR
    is_known = entry["is_known"] or newest is not None
    return ReviewerRow(
        number=number,
        handle=entry["handle"],
        state=state,
        badge=state.label.capitalize() if is_known else "Not known yet",
        tone=TONES[state] if is_known else "info",
        decision=newest if newest and newest.set_by else None,
        reasons=_reasons(entry, newest),
        gold=f"{entry['n_right']} of {entry['n_gold']}" if entry["n_gold"] else "none",
        certain=f"{entry['p_above_bar']:.0%}" if entry["n_gold"] else "-",
        with_others=share_text(entry["with_others"])
        if entry["with_others"]["n_items"]
        else "none",
        pace=_pace(entry["speed_factor"]),
        facts=tuple(_facts(entry)),
        drift=_drift(entry),
        n_gold=entry["n_gold"],
        history=tuple(history),
    )


def _reasons(entry: Json, newest: StandingFacts | None) -> tuple[str, ...]:
    """What speaks against the reviewer now; else what was said when it was set."""
    if entry["reasons"] or newest is None or newest.set_by:
        return tuple(entry["reasons"])
    return () if newest.state == StandingState.CLEAR else (newest.reason,)


def _pace(factor: float | None) -> str:
    if factor is None:
        return "-"
    return f"{factor:.1f} times the usual time"


def _facts(entry: Json) -> list[Fact]:
    bar = f"{entry['bar']:.0%}"
    facts = [
        Fact("Gold", _gold(entry), _gold_note(entry)),
        Fact("Sequential test", entry["test_words"]),
        Fact(
            "With the others",
            share_text(entry["with_others"]),
            f"99% interval, {entry['with_others']['n_items']} ratings;"
            f" the others with each other: {share_text(entry['panel'])}",
        ),
        Fact(
            "Faster than reading",
            share_text(entry["hurried"]),
            f"of {entry['hurried']['n_items']} timed judgments, 99% interval;"
            f" {_pace(entry['speed_factor'])}",
        ),
        Fact("Over a batch", *_fatigue(entry["fatigue"])),
        Fact("Lean on gold", *_lean(entry)),
    ]
    facts += [
        Fact(
            f"Severity: {title}",
            figure_text(found),
            f"steps of the scale above the others, {found['n_items']} items",
        )
        for title, found in entry["severity"].items()
    ]
    if entry["left"] is not None:
        note = f"of {entry['left']['n_items']} decisive comparisons, p {_p(entry['left_p'])}"
        facts.append(Fact("Prefers the left", share_text(entry["left"]), note))
    facts += _retests(entry)
    facts.append(Fact("Gold recognised?", *_leak(entry["leak"])))
    if entry["n_gold"]:
        facts.insert(
            1, Fact(f"Right at least {bar}", f"{entry['p_above_bar']:.0%} sure")
        )
    return facts


def _gold(entry: Json) -> str:
    if not entry["n_gold"]:
        return "none answered yet"
    return (
        f"{entry['n_right']} of {entry['n_gold']} right, so"
        f" {share_text(entry['accuracy'])}"
    )


def _gold_note(entry: Json) -> str:
    if entry["n_gold"] < FEW_GOLD:
        return (
            "too few to certify anybody: even 10 right of 10 leave one chance in six"
            " of being under the bar"
        )
    return "each criterion of a gold case is one answer; 90% interval"


def _fatigue(found: Json) -> tuple[str, str]:
    note = f"more gold answers wrong with each place, {found['n_items']} answers"
    if found["value"] is None:
        return "not read yet", found["reason"] or ""
    if found["low"] is None:
        return f"{found['value']:+.1%}", f"{note}; {found['reason']}"
    words = "no sign of tiring"
    if found["low"] > 0:
        words = "gets worse"
    elif found["high"] < 0:
        words = "gets better"
    figures = f"{found['value']:+.1%} ({found['low']:+.1%} to {found['high']:+.1%})"
    return f"{words}: {figures}", f"{note}, 99% interval"


def _lean(entry: Json) -> tuple[str, str]:
    if entry["d_prime"] is None:
        least = entry["least_of_a_class"]
        return (
            "not read yet",
            f"needs {least} gold answers of a failure and {least} of none",
        )
    lean = entry["lean"]["value"] or 0.0
    way = "lenient: misses failures" if lean > 0 else "strict: sees too many failures"
    return (
        way,
        f"d' {figure_text(entry['d_prime'])}, c {figure_text(entry['lean'])}",
    )


def _retests(entry: Json) -> list[Fact]:
    if not entry["retests"]:
        return [Fact("With own earlier answers", "no item rated twice yet")]
    return [
        Fact(
            f"With own earlier answers: {title}",
            f"kappa {figure_text(found)}",
            f"{found['n_items']} items",
        )
        for title, found in entry["retests"].items()
    ]


def _leak(leak: Json) -> tuple[str, str]:
    if leak["p"] is None:
        return "not tested", leak["reason"] or "nobody to compare with"
    return (
        f"{leak['gap']:+.0%} on gold against live items",
        f"p {_p(leak['p'])} against what the others gain on gold; a small one would"
        " say so",
    )


def _p(value: float | None) -> str:
    if value is None:
        return "-"
    return "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def _drift(entry: Json) -> Drift | None:
    values = entry["smoothed"]
    if len(values) < 2:
        return None
    step = WIDTH / (len(values) - 1)
    points = " ".join(
        f"{place * step:.1f},{HEIGHT * (1 - value):.1f}"
        for place, value in enumerate(values)
    )
    end = "has fallen lately" if entry["is_drifting"] else "no drift"
    text = f"{end}: smoothed share of right gold answers, now {values[-1]:.0%}"
    return Drift(points, round(HEIGHT * (1 - entry["bar"]), 1), text)
