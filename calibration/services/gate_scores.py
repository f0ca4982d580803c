"""A candidate's lines held against the cases of a release: a score for each case."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from calibration.formats.candidates_file import CandidateFile, CandidateLine
from calibration.formats.gate_cases import GateCase, GateRelease
from calibration.formats.gate_grading import (
    Compared,
    WrongAnswer,
    compare,
    criteria_of,
    read_verdicts,
)
from calibration.formats.thresholds import AS_DISAGREEMENT, Thresholds, ThresholdsFault
from reviews.formats.items import Fault

WON = {"win": 1.0, "tie": 0.5, "loss": 0.0}
MOST_NAMED = 20


class CandidateRefused(Exception):
    """The candidate cannot be held against the release; the message says why."""

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Scored:
    """What a candidate came to on one case."""

    case: GateCase
    # The share of its runs that disagree; of a preference, the share that was won.
    score: float
    # One for each run, or none where nothing was said and that counts as wrong.
    runs: tuple[list[Compared], ...] = ()
    line: int | None = None
    outcome: str | None = None

    @property
    def n_passed(self) -> int:
        return sum(all(one.agrees for one in run) for run in self.runs)


@dataclass
class Scoring:
    """Every case that the thresholds ask for, by id, or why it has no score."""

    form: str
    scored: dict[str, Scored] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    n_asked: int = 0

    @property
    def scores(self) -> dict[str, float]:
        return {case: one.score for case, one in self.scored.items()}


def check_created(candidate: CandidateFile, now: datetime) -> None:
    """Raises CandidateRefused: a time to come would be later than any thresholds."""
    at, line = candidate.created_at, candidate.head_line
    if at is not None and line is not None and at > now:
        problem = f"expected a time that is not in the future, found {at.isoformat()}"
        raise CandidateRefused(
            "the candidate is not made yet", [Fault(line, "created_at", problem)]
        )


def check_thresholds(release: GateRelease, thresholds: Thresholds, form: str) -> None:
    """Raises ThresholdsFault where they are not for this release and candidate."""
    wanted = thresholds.golden_set
    if wanted is not None and wanted != release.name:
        raise ThresholdsFault(f"golden_set: is {wanted}, and this is {release.name}")
    for key in thresholds.criteria:
        if key != "output" and key not in release.scales:
            raise ThresholdsFault(f"criteria: {key} is no criterion of the rubric")
    _check_acceptable(release, thresholds)
    is_read = {
        "answers": thresholds.disagreement,
        "preferences": thresholds.win_rate,
        "runs": thresholds.disagreement or thresholds.pass_rate,
    }
    if is_read[form] is None:
        table = {"preferences": "win_rate", "runs": "pass"}.get(form, "disagreement")
        raise ThresholdsFault(f"[{table}] is missing: the candidate's lines are {form}")


def _check_acceptable(release: GateRelease, thresholds: Thresholds) -> None:
    for key, values in thresholds.acceptable.items():
        scale = release.scales.get(key)
        if scale is None or scale.options is None or scale.level == "multi-label":
            problem = "is no criterion of the rubric with one option of several"
            raise ThresholdsFault(f"acceptable.{key}: {problem}")
        for value in values:
            if value not in scale.options:
                expected = ", ".join(scale.options)
                raise ThresholdsFault(f"acceptable.{key}: expected some of {expected}")


def score_candidate(
    release: GateRelease, candidate: CandidateFile, thresholds: Thresholds
) -> Scoring:
    """Raises CandidateRefused with a fault for each line that does not fit."""
    faults = list(candidate.faults)
    by_case: dict[str, list[CandidateLine]] = {}
    erased = set(release.erased)
    for line in candidate.lines:
        if line.id in release.cases:
            by_case.setdefault(line.id, []).append(line)
        elif line.id not in erased:
            problem = f"is no case of {release.cited}"
            faults.append(Fault(line.number, "id", problem, line.id))
    scoring = Scoring(candidate.form)
    for case in release.cases.values():
        lines = by_case.get(case.id, [])
        faults += _faults_of(lines, release)
        if not criteria_of(case, thresholds):
            continue
        scoring.n_asked += 1
        try:
            _score(case, lines, release, thresholds, scoring)
        except _Unfit as unfit:
            faults.append(unfit.fault)
    if faults:
        faults.sort(key=lambda fault: fault.line)
        raise CandidateRefused("the candidate does not fit the release", faults)
    _check_missing(scoring, thresholds, release.erased)
    return scoring


class _Unfit(Exception):
    def __init__(self, line: CandidateLine, wrong: WrongAnswer) -> None:
        super().__init__(str(wrong))
        self.fault = Fault(line.number, wrong.field, wrong.expected, line.id)


def _faults_of(lines: Sequence[CandidateLine], release: GateRelease) -> list[Fault]:
    """What is wrong with the verdicts on the recorded outputs."""
    faults = []
    for line in lines:
        try:
            read_verdicts("recorded", line.recorded, release.scales)
        except WrongAnswer as wrong:
            faults.append(Fault(line.number, wrong.field, wrong.expected, line.id))
    return faults


def _score(
    case: GateCase,
    lines: Sequence[CandidateLine],
    release: GateRelease,
    thresholds: Thresholds,
    scoring: Scoring,
) -> None:
    found = _scored(case, lines, release, thresholds, scoring.form)
    if found is None:
        scoring.missing.append(case.id)
        if thresholds.missing_as == AS_DISAGREEMENT:
            worst = 0.0 if scoring.form == "preferences" else 1.0
            scoring.scored[case.id] = Scored(case, worst)
    else:
        scoring.scored[case.id] = found


def _scored(
    case: GateCase,
    lines: Sequence[CandidateLine],
    release: GateRelease,
    thresholds: Thresholds,
    form: str,
) -> Scored | None:
    if form == "preferences":
        for line in lines:
            outcome = line.outcome or ""
            return Scored(case, WON[outcome], line=line.number, outcome=outcome)
        return None
    runs = []
    for line in lines:
        try:
            run = compare(case, line, release.scales, thresholds)
        except WrongAnswer as wrong:
            raise _Unfit(line, wrong) from None
        if run is not None:
            runs.append(run)
    if not runs:
        return None
    failed = sum(not all(one.agrees for one in run) for run in runs)
    return Scored(case, failed / len(runs), tuple(runs), lines[0].number)


def _check_missing(
    scoring: Scoring, thresholds: Thresholds, erased: Sequence[str]
) -> None:
    """An erased case is one that nobody can answer any more: it is missing as well,
    so that no verdict rests on what is left when much was taken away."""
    if not scoring.n_asked:
        raise CandidateRefused("the thresholds ask for no case of the release")
    if len(scoring.missing) == scoring.n_asked:
        raise CandidateRefused("the candidate answers no case of the release")
    n, n_asked = len(scoring.missing) + len(erased), scoring.n_asked + len(erased)
    if n / n_asked <= thresholds.missing:
        return
    gone = [_named(scoring.missing)] if scoring.missing else []
    if erased:
        whose = "its" if len(erased) == 1 else "their"
        gone.append(f"{_named(erased)}: {whose} content was erased")
    raise CandidateRefused(
        f"{n} of {n_asked} cases {'has' if n == 1 else 'have'} no answer, "
        f"{thresholds.missing:.1%} may be missing: {'; '.join(gone)}"
    )


def _named(cases: Sequence[str]) -> str:
    n_more = len(cases) - MOST_NAMED
    more = f" and {n_more} more" if n_more > 0 else ""
    return ", ".join(cases[:MOST_NAMED]) + more
