"""The gate: may this candidate ship, as far as a release can tell?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from calibration.formats.candidates_file import CandidateFile
from calibration.formats.gate_cases import GateRelease
from calibration.formats.gate_verdict import BLOCKED, CLEAR, HOLD
from calibration.formats.thresholds import Thresholds
from calibration.services.gate_change import Previous, check_change, describe_change
from calibration.services.gate_flags import (
    Named,
    Registration,
    flag_change,
    flag_earlier,
    flag_figures,
    flag_release,
    flag_timing,
)
from calibration.services.gate_measures import (
    Check,
    check_candidate,
    measure_candidate,
)
from calibration.services.gate_scores import (
    Scored,
    Scoring,
    check_created,
    check_thresholds,
    score_candidate,
)
from calibration.services.gate_trust import (
    agreement_at_freeze,
    describe_trust,
    judges_on_trial,
    voids,
)

REPORT = "touchstone-gate/1"
MOST_LISTED = 1000
MOST_QUOTED = 200

Json = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What the gate says, and the scores it can be held to later."""

    report: Json
    scores: dict[str, float]

    @property
    def verdict(self) -> str:
        return str(self.report["verdict"])


def run_gate(
    *,
    release: GateRelease,
    candidate: CandidateFile,
    named: Named,
    thresholds: Thresholds,
    registration: Registration,
    now: datetime,
    previous: Previous | None = None,
) -> Outcome:
    """Hold the candidate against the release. Needs no database.

    Raises CandidateRefused where lines do not fit, and ThresholdsFault where the
    thresholds are not for this release or this form of candidate.
    """
    check_created(candidate, now)
    check_thresholds(release, thresholds, candidate.form)
    scoring = score_candidate(release, candidate, thresholds)
    figures = measure_candidate(scoring, thresholds)
    checks = check_candidate(figures, thresholds, scoring.form)
    trust = [
        *agreement_at_freeze(release, thresholds),
        *judges_on_trial(release, candidate, thresholds),
    ]
    change = None
    if previous is not None and previous.form == scoring.form:
        change = describe_change(scoring, previous, thresholds)
        if thresholds.change is not None:
            won = scoring.form == "preferences"
            checks.append(check_change(change, thresholds.change, is_share_won=won))
    flags = [
        *flag_timing(named, registration, now),
        *flag_earlier(registration, thresholds),
        *flag_release(release, scoring, thresholds),
        *flag_figures(figures, thresholds),
        *flag_change(change, previous, thresholds, scoring.form),
    ]
    void = voids(trust)
    report = {
        "format": REPORT,
        "verdict": _verdict(checks, void),
        "reasons": _reasons(checks, void),
        "release": _describe_release(release),
        "candidate": _describe_candidate(candidate, named, scoring),
        "thresholds": {
            "sha256": thresholds.sha256,
            "confidence": thresholds.confidence,
            "reweighted": thresholds.is_reweighted,
            **registration.described(),
        },
        "checks": [asdict(check) for check in checks],
        "void": void,
        "trust": describe_trust(trust),
        "flags": flags,
        "figures": [figure.described() for figure in figures],
        "change": change,
        "missing": _describe_missing(scoring, thresholds),
        **_describe_disagreeing(scoring),
    }
    return Outcome(report, scoring.scores)


def _verdict(checks: Sequence[Check], void: Sequence[str]) -> str:
    """What rests on nothing neither clears nor blocks."""
    outcomes = {check.outcome for check in checks}
    if void:
        return HOLD
    return next(one for one in (BLOCKED, HOLD, CLEAR) if one in outcomes)


def _reasons(checks: Sequence[Check], void: Sequence[str]) -> list[str]:
    if void:
        return [f"void: {reason}" for reason in void]
    worst = _verdict(checks, void)
    return [f"{check.name}: {check.said}" for check in checks if check.outcome == worst]


def _describe_release(release: GateRelease) -> Json:
    return {
        "name": release.name,
        "version": release.version,
        "digest": release.digest,
        "n_cases": len(release.cases),
        "weighted": release.is_weighted,
    }


def _describe_candidate(
    candidate: CandidateFile, named: Named, scoring: Scoring
) -> Json:
    judges = sorted({line.judge for line in candidate.lines if line.judge})
    outcomes = Counter(one.outcome for one in scoring.scored.values() if one.outcome)
    return {
        "name": named.name,
        "sha256": named.sha256,
        "created_at": named.created_at.isoformat(),
        "form": scoring.form,
        "judges": judges,
        "n_lines": len(candidate.lines),
        "outcomes": dict(sorted(outcomes.items())),
    }


def _describe_missing(scoring: Scoring, thresholds: Thresholds) -> Json:
    return {
        "n": len(scoring.missing),
        "n_asked": scoring.n_asked,
        "counted_as": thresholds.missing_as,
        "most": thresholds.missing,
        "ids": scoring.missing[:MOST_LISTED],
    }


def _describe_disagreeing(scoring: Scoring) -> Json:
    if scoring.form == "preferences":
        wrong = [one for one in scoring.scored.values() if one.score == 0]
    else:
        wrong = [one for one in scoring.scored.values() if one.score > 0]
    return {
        "n_disagreeing": len(wrong),
        "disagreeing": [_describe_case(one) for one in wrong[:MOST_LISTED]],
    }


def _describe_case(one: Scored) -> Json:
    run = next(
        (run for run in one.runs if not all(answer.agrees for answer in run)), []
    )
    return {
        "id": one.case.id,
        "line": one.line,
        "stratum": one.case.stratum,
        "bucket": one.case.bucket,
        "weight": one.case.weight,
        "score": one.score,
        "answers": [
            {
                "criterion": answer.criterion,
                "found": _quoted(answer.found),
                "expected": [_quoted(value) for value in answer.expected],
            }
            for answer in run
            if not answer.agrees
        ],
    }


def _quoted(value: Any) -> Any:
    """As a report may keep it: outputs can be long, and hold what JSONB does not."""
    if not isinstance(value, str):
        return value
    text = value.replace("\x00", "\N{SYMBOL FOR NULL}")
    return text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED]}\u2026"
