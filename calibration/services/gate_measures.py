"""The figures of a candidate, and what they say about the thresholds."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from calibration.formats.figures import describe
from calibration.formats.gate_verdict import (
    CLEAR,
    CRITERION,
    DISAGREEMENT,
    HARD,
    HOLD,
    OVERALL,
    STRATUM,
    WIN_RATE,
    outcome_of,
    percent,
)
from calibration.formats.thresholds import Bars, Thresholds
from calibration.formats.words import rate_text
from calibration.services.gate_scores import Scored, Scoring
from calibration.statistics import (
    Estimate,
    cases_to_tell,
    effective_cases,
    pass_hat_k,
    weighted_share,
)

Json = dict[str, Any]


@dataclass(frozen=True)
class Measured:
    """One measure over one part of the cases, raw and re-weighted to traffic."""

    measure: str
    scope: str
    # Which stratum or criterion.
    of: str
    raw: Estimate
    traffic: Estimate
    # How many cases stand for one that is worth its weight.
    design: float

    @property
    def name(self) -> str:
        what = {STRATUM: f"stratum {self.of or '(none)'}", CRITERION: self.of}
        return f"{self.measure}, {what.get(self.scope, self.scope)}"

    def described(self) -> Json:
        return {
            "name": self.name,
            "measure": self.measure,
            "scope": self.scope,
            "of": self.of,
            "n_cases": self.raw.n_items,
            "raw": describe(self.raw),
            "traffic": describe(self.traffic),
        }


@dataclass(frozen=True)
class Check:
    """One threshold, read on one figure."""

    name: str
    measure: str
    scope: str
    of: str
    bar: float
    # Whether the figure may at most be the bar; else it has to be at least that.
    is_most: bool
    outcome: str
    said: str
    cases_to_tell: int | None


def measure_candidate(scoring: Scoring, thresholds: Thresholds) -> list[Measured]:
    """Every measure of this form of candidate, over every part of the cases."""
    if scoring.form == "preferences":
        return _parts(WIN_RATE, scoring.scored, _score, thresholds)
    figures = _parts(DISAGREEMENT, scoring.scored, _score, thresholds)
    figures += _criteria(scoring.scored, thresholds)
    if scoring.form == "runs":
        k = thresholds.k
        enough = {
            case: one
            for case, one in scoring.scored.items()
            if len(one.runs) >= k or not one.runs
        }
        figures += _parts(
            f"pass^{k}",
            enough,
            lambda one: pass_hat_k(one.n_passed, len(one.runs), k) if one.runs else 0.0,
            thresholds,
        )
    return figures


def check_candidate(
    figures: list[Measured], thresholds: Thresholds, form: str
) -> list[Check]:
    bars: list[tuple[str, Bars | None, bool]] = [
        (DISAGREEMENT, thresholds.disagreement, True),
        (f"pass^{thresholds.k}", thresholds.pass_rate, False),
    ]
    if form == "preferences":
        bars = [(WIN_RATE, thresholds.win_rate, False)]
    found = {(one.measure, one.scope, one.of): one for one in figures}
    return [
        check_figure(
            found.get((measure, scope, of)) or _absent(measure, scope, of),
            bar,
            thresholds,
            is_most=is_most,
        )
        for measure, one, is_most in bars
        if one is not None and (form == "runs" or not measure.startswith("pass"))
        for scope, of, bar in _bars(one)
    ]


def check_figure(
    figure: Measured, bar: float, thresholds: Thresholds, *, is_most: bool
) -> Check:
    estimate = figure.traffic if thresholds.is_reweighted else figure.raw
    outcome = outcome_of(describe(estimate), bar, is_most=is_most)
    needed = None
    if outcome == HOLD and estimate.value is not None:
        told = cases_to_tell(estimate.value, bar, confidence=thresholds.confidence)
        design = figure.design if thresholds.is_reweighted else 1.0
        needed = None if told is None else math.ceil(told * design)
    return Check(
        name=figure.name,
        measure=figure.measure,
        scope=figure.scope,
        of=figure.of,
        bar=bar,
        is_most=is_most,
        outcome=outcome,
        said=_said(estimate, outcome, bar, needed, is_most=is_most),
        cases_to_tell=needed,
    )


def _said(
    estimate: Estimate, outcome: str, bar: float, needed: int | None, *, is_most: bool
) -> str:
    if estimate.value is None:
        return f"cannot be said: {estimate.reason}"
    figure = rate_text(describe(estimate))
    if estimate.low is None:
        return f"{figure}: {estimate.reason}"
    if outcome == HOLD:
        told = "" if needed is None else f"; about {needed:,} cases would tell"
        return f"{figure}: {percent(bar)} lies within the interval{told}"
    if (outcome == CLEAR) is is_most:
        side = f"even the upper limit is {'at most' if is_most else 'under'}"
    else:
        side = f"even the lower limit is {'over' if is_most else 'at least'}"
    return f"{figure}: {side} {percent(bar)}"


def _score(one: Scored) -> float:
    return one.score


def _parts(
    measure: str,
    scored: Mapping[str, Scored],
    score: Callable[[Scored], float],
    thresholds: Thresholds,
) -> list[Measured]:
    cases = list(scored.values())
    parts = [(OVERALL, "", cases)]
    hard = [one for one in cases if one.case.is_hard]
    if hard:
        parts.append((HARD, "", hard))
    strata = sorted({one.case.stratum for one in cases})
    if strata != [""]:
        parts += [
            (STRATUM, stratum, [one for one in cases if one.case.stratum == stratum])
            for stratum in strata
        ]
    return [
        _measured(
            (measure, scope, of),
            [(score(one), one.case.weight) for one in part],
            thresholds,
        )
        for scope, of, part in parts
    ]


def _criteria(scored: Mapping[str, Scored], thresholds: Thresholds) -> list[Measured]:
    """Criterion by criterion, where there are several."""
    pairs: dict[str, list[tuple[float, float]]] = {}
    for one in scored.values():
        for key, share in _by_criterion(one):
            pairs.setdefault(key, []).append((share, one.case.weight))
    if len(pairs) < 2:
        return []
    return [
        _measured((DISAGREEMENT, CRITERION, key), pairs[key], thresholds)
        for key in sorted(pairs)
    ]


def _by_criterion(one: Scored) -> Iterator[tuple[str, float]]:
    for place in range(len(one.runs[0]) if one.runs else 0):
        failed = sum(not run[place].agrees for run in one.runs)
        yield one.runs[0][place].criterion, failed / len(one.runs)


def _measured(
    names: tuple[str, str, str],
    pairs: list[tuple[float, float]],
    thresholds: Thresholds,
) -> Measured:
    scores = [score for score, _ in pairs]
    weights = [weight for _, weight in pairs]
    confidence = thresholds.confidence
    worth = effective_cases(scores, weights) if pairs else 1.0
    return Measured(
        *names,
        raw=weighted_share(scores, confidence=confidence),
        traffic=weighted_share(scores, weights, confidence=confidence),
        design=max(1.0, len(pairs) / worth),
    )


def _absent(measure: str, scope: str, of: str) -> Measured:
    nothing = weighted_share([])
    return Measured(measure, scope, of, nothing, nothing, 1.0)


def _bars(bars: Bars) -> Iterator[tuple[str, str, float]]:
    yield OVERALL, "", bars.overall
    if bars.hard is not None:
        yield HARD, "", bars.hard
    for stratum, bar in bars.strata:
        yield STRATUM, stratum, bar
