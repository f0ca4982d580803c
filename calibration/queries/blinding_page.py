"""The blinding page: could they tell?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calibration.formats.words import figure_text, rate_text, share_text
from calibration.models import PanelKind
from calibration.queries.panels import find_panel
from reviews.queries.queues import QueueFacts

Json = dict[str, Any]


@dataclass(frozen=True)
class SystemRow:
    system: str
    n: int
    bang: str
    meaning: str


@dataclass(frozen=True)
class AlphaRow:
    criterion: str
    all_items: str
    unmasked: str
    untold: str


@dataclass(frozen=True)
class BlindingPage:
    computed_at: datetime | None
    is_behind: bool
    findings: tuple[str, ...] = ()
    # What could not be looked at, so that silence is not read as a yes.
    gaps: tuple[str, ...] = ()
    told: str = ""
    n_told: int = 0
    n_judgments: int = 0
    by_reviewer: tuple[tuple[str, int, int], ...] = ()
    n_guesses: int = 0
    guesses: str = ""
    systems: tuple[SystemRow, ...] = ()
    sides: str = ""
    n_masked_items: int = 0
    n_masks: int = 0
    agreement: tuple[AlphaRow, ...] = ()


def get_blinding_page(queue: QueueFacts) -> BlindingPage:
    panel = find_panel(
        project_id=queue.project_id, queue_id=queue.id, kind=PanelKind.BLINDING
    )
    if panel is None:
        return BlindingPage(None, is_behind=True)
    found = panel.results
    told, guesses = found["told"], found["guesses"]
    return BlindingPage(
        computed_at=panel.computed_at,
        is_behind=panel.is_behind,
        findings=tuple(found["findings"]),
        gaps=tuple(_gaps(found)),
        told=rate_text(told["share"]),
        n_told=told["n_told"],
        n_judgments=told["share"]["n_items"],
        by_reviewer=tuple(
            (one["handle"], one["n"], one["n_told"]) for one in told["by_reviewer"]
        ),
        n_guesses=guesses["n"],
        guesses=_guesses(guesses),
        systems=tuple(_system(one) for one in guesses["by_system"]),
        sides=_sides(found["sides"]),
        n_masked_items=found["n_masked_items"],
        n_masks=found["n_masks"],
        agreement=tuple(
            AlphaRow(
                one["criterion"],
                figure_text(one["all"]),
                figure_text(one["unmasked"]),
                figure_text(one["untold"]),
            )
            for one in found["agreement"]
        ),
    )


def _gaps(found: Json) -> list[str]:
    gaps = []
    if not found["told"]["share"]["n_items"]:
        gaps.append("nothing has been judged yet")
    if not found["guesses"]["n"]:
        gaps.append("nobody has been asked to guess who wrote what")
    return gaps


def _guesses(guesses: Json) -> str:
    n, right, unsure = guesses["n"], guesses["n_right"], guesses["n_unsure"]
    p = guesses["p"]
    chance = "" if p is None else f"; by chance alone p {_p(p)}"
    return f"{right} of {n - unsure} guesses right, {unsure} times don't know{chance}"


def _system(one: Json) -> SystemRow:
    bang = one["bang"]
    low, high = bang["low"], bang["high"]
    if one["is_small"]:
        meaning = "too few guesses to say"
    elif low is None or high is None:
        meaning = "cannot be said"
    elif low > 0:
        meaning = "recognised more often than by chance"
    elif high < 0:
        meaning = "taken for another one"
    else:
        meaning = "as by chance"
    return SystemRow(one["system"], one["n"], figure_text(bang), meaning)


def _sides(sides: Json | None) -> str:
    if sides is None:
        return ""
    decided = sides["n_left"] + sides["n_right"]
    return (
        f"The left one won {sides['n_left']} of {decided} decisive comparisons,"
        f" {share_text(sides['share'])}; exact test against a half: p {_p(sides['p'])}."
    )


def _p(value: float) -> str:
    return "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0")
