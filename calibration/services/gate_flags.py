"""What a reader of the verdict has to know, and what blocks nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calibration.formats.figures import describe
from calibration.formats.gate_cases import GateRelease
from calibration.formats.gate_verdict import (
    BLOCKED,
    DISAGREEMENT,
    OVERALL,
    STRATUM,
    UNWEIGHTED,
    outcome_of,
    percent,
)
from calibration.formats.thresholds import Thresholds
from calibration.queries.gate_runs import EarlierRun
from calibration.services.gate_change import WORSE, Previous, points
from calibration.services.gate_measures import Measured
from calibration.services.gate_scores import Scoring
from reviews.formats.terminal import counted

Json = dict[str, Any]


@dataclass(frozen=True)
class Registration:
    """What is known of when the thresholds were there."""

    # Where a register was asked; without one the time is that of the file.
    is_registered: bool
    at: datetime | None
    # Of the same candidate, oldest first; of files alone nothing is known.
    earlier: tuple[EarlierRun, ...] = ()

    def described(self) -> Json:
        return {
            "registered": self.is_registered,
            "at": self.at.isoformat() if self.at else None,
        }


@dataclass(frozen=True)
class Named:
    """The candidate as it is called, and the bytes that were read."""

    name: str
    sha256: str
    created_at: datetime


def flag_timing(
    named: Named, registration: Registration, now: datetime
) -> Iterator[str]:
    if not registration.is_registered:
        yield (
            "whether the thresholds were registered before the run cannot be said "
            "without a database"
        )
    # What a file says of its own time counts only where nothing shows otherwise.
    ran = [one.ran_at for one in registration.earlier]
    there_by = min(named.created_at, now, *ran)
    if registration.at is not None and registration.at > there_by:
        by = "" if registration.is_registered else ", by the time of the file"
        yield (
            f"the thresholds are younger than the candidate{by}: they may have been "
            "chosen to fit it"
        )


def flag_earlier(registration: Registration, thresholds: Thresholds) -> Iterator[str]:
    """Who tries thresholds until one of them clears is seen to have done so."""
    for one in registration.earlier:
        if one.thresholds_sha256 != thresholds.sha256:
            yield (
                "an earlier run of this candidate under other thresholds said "
                f"{one.verdict} ({one.cited}, thresholds {one.thresholds_sha256[:12]})"
            )


def flag_release(
    release: GateRelease, scoring: Scoring, thresholds: Thresholds
) -> Iterator[str]:
    if not release.is_weighted:
        yield UNWEIGHTED
    override = release.manifest.get("override")
    if override is not None:
        reason = " ".join(override["reason"].split())
        yield f'the release was frozen against the rules, because: "{reason}"'
    if release.erased:
        gone = counted(len(release.erased), "case")
        yield f"{gone} whose content was erased: left out, and missing"
    n_drafts = sum(one.case.is_draft for one in scoring.scored.values())
    if n_drafts:
        drafted = counted(n_drafts, "reference")
        yield f"{drafted} nobody owns yet: drafts"
    if scoring.missing:
        yield f"{counted(len(scoring.missing), 'case')} without an answer"
    k = thresholds.k
    n_short = sum(0 < len(one.runs) < k for one in scoring.scored.values())
    if scoring.form == "runs" and n_short:
        cases = counted(n_short, "case")
        yield f"{cases} with fewer than {k} runs: not in pass^{k}"


def flag_figures(figures: Sequence[Measured], thresholds: Thresholds) -> Iterator[str]:
    for figure in figures:
        if figure.scope == OVERALL:
            yield from _far_apart(figure)
        elif figure.scope == STRATUM and _is_over(figure, thresholds):
            yield f"{figure.name} is over the overall threshold, whole interval"


def _far_apart(figure: Measured) -> Iterator[str]:
    raw, traffic = figure.raw.value, figure.traffic
    if raw is None or traffic.low is None or traffic.high is None:
        return
    if not traffic.low <= raw <= traffic.high:
        yield (
            f"{figure.name}: {percent(raw)} raw and {percent(traffic.value or 0)} "
            "re-weighted to traffic are far apart"
        )


def _is_over(figure: Measured, thresholds: Thresholds) -> bool:
    """Of a stratum that has no threshold of its own, by the overall one."""
    bars = thresholds.disagreement
    if bars is None or figure.measure != DISAGREEMENT:
        return False
    found = describe(figure.traffic if thresholds.is_reweighted else figure.raw)
    named = {stratum for stratum, _ in bars.strata}
    is_over = outcome_of(found, bars.overall, is_most=True) == BLOCKED
    return figure.of not in named and is_over


def flag_change(
    change: Json | None,
    previous: Previous | None,
    thresholds: Thresholds,
    form: str,
) -> Iterator[str]:
    if previous is not None and change is None:
        yield (
            f'"{previous.name}" cannot be compared: its lines are {previous.form}, '
            f"these are {form}"
        )
    if change is not None and thresholds.change is None and change["outcome"] == WORSE:
        worse = points(change["difference"])
        yield f'worse than "{change["previous"]}": {worse}'
