"""Whether what a candidate is held against can be relied on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from calibration.formats.agreement import figure
from calibration.formats.candidates_file import CandidateFile
from calibration.formats.figures import describe
from calibration.formats.gate_cases import CriterionScale, GateRelease
from calibration.formats.gate_grading import criteria_of, read_verdicts
from calibration.formats.thresholds import Thresholds
from calibration.formats.words import figure_text
from calibration.statistics import (
    Estimate,
    Level,
    RatingMatrix,
    Resampling,
    Weights,
    cohen_kappa,
)

JUDGE, PEOPLE = "judge", "people"

Json = dict[str, Any]


@dataclass(frozen=True)
class Trust:
    """One figure that has to hold, or else nothing that rests on it says anything."""

    # The judge, or nobody: the people at freeze.
    judge: str
    criterion: str
    estimate: Json
    least: float
    holds: bool

    @property
    def name(self) -> str:
        if self.judge:
            return f"{self.judge} and people, {self.criterion}"
        return f"people at freeze, {self.criterion}"

    @property
    def said(self) -> str:
        what = "kappa" if self.judge else "alpha"
        if self.estimate["low"] is None:
            why = self.estimate["reason"]
            return f"{what} {figure(self.estimate['value'])}, no lower limit: {why}"
        side = "at least" if self.holds else "not at least"
        return (
            f"{what} {figure_text(self.estimate)}: the lower limit is {side} "
            f"{figure(self.least)}"
        )


def agreement_at_freeze(
    release: GateRelease, thresholds: Thresholds
) -> Iterator[Trust]:
    """Of every criterion that is compared, as the manifest has it."""
    agreement = release.manifest["agreement"]
    least = thresholds.agreement
    if least is None:
        least = float(agreement["bar"])
    compared = _criteria(release, thresholds)
    labels = release.manifest["labels"]
    for entry in agreement["criteria"]:
        key, slash, label = entry["criterion"].partition("/")
        if key not in compared or (slash and label not in labels.get(key, {})):
            continue
        alpha = entry["alpha"] | {
            name: _number(entry["alpha"][name]) for name in ("value", "low", "high")
        }
        holds = alpha["low"] is not None and alpha["low"] >= least
        yield Trust("", entry["criterion"], alpha, least, holds)


def judges_on_trial(
    release: GateRelease, candidate: CandidateFile, thresholds: Thresholds
) -> Iterator[Trust]:
    """Each judge that gave verdicts: its own on the recorded outputs, and the labels."""
    judges = {line.judge for line in candidate.lines if line.judge}
    criteria = sorted(_criteria(release, thresholds) & release.scales.keys())
    said = _recorded(release, candidate, thresholds)
    for judge in sorted(judges):
        for key in criteria:
            kappa = _kappa(
                release.scales[key], said.get((judge, key), []), thresholds.confidence
            )
            holds = kappa.low is not None and kappa.low >= thresholds.judge_floor
            yield Trust(judge, key, describe(kappa), thresholds.judge_floor, holds)


def _criteria(release: GateRelease, thresholds: Thresholds) -> set[str]:
    return {
        key for case in release.cases.values() for key in criteria_of(case, thresholds)
    }


def _recorded(
    release: GateRelease, candidate: CandidateFile, thresholds: Thresholds
) -> dict[tuple[str, str], list[tuple[str, Any, Any]]]:
    """(case, verdict of the judge, label) by judge and criterion, a case once."""
    pairs: dict[tuple[str, str], dict[str, tuple[str, Any, Any]]] = {}
    for line in candidate.lines:
        case = release.cases.get(line.id)
        # One that was erased since is on trial for nobody.
        if case is None or not line.judge or not line.recorded:
            continue
        verdicts = read_verdicts("recorded", line.recorded, release.scales)
        for key in criteria_of(case, thresholds):
            if verdicts.get(key) is not None:
                pair = (line.id, verdicts[key], case.labels[key])
                pairs.setdefault((line.judge, key), {}).setdefault(line.id, pair)
    return {key: list(found.values()) for key, found in pairs.items()}


def _kappa(
    scale: CriterionScale, pairs: Sequence[tuple[str, Any, Any]], confidence: float
) -> Estimate:
    level, domain = _scale(scale, pairs)
    triples = [
        (case, rater, _rating(value))
        for case, verdict, label in pairs
        for rater, value in ((JUDGE, verdict), (PEOPLE, label))
    ]
    if not triples:
        return Estimate(
            value=None,
            n_items=0,
            n_ratings=0,
            n_raters=2,
            method="Cohen's kappa",
            reason="the judge gave no verdict on a recorded output",
        )
    return cohen_kappa(
        RatingMatrix.from_triples(triples, domain=domain, level=level),
        JUDGE,
        PEOPLE,
        weights=Weights.NONE if level is Level.NOMINAL else Weights.QUADRATIC,
        resampling=Resampling(confidence=confidence),
    )


def _scale(
    scale: CriterionScale, pairs: Sequence[tuple[str, Any, Any]]
) -> tuple[Level, list[Any] | None]:
    if scale.level == "ordinal" or scale.alpha_level == "ordinal":
        return Level.ORDINAL, list(scale.options or ())
    if scale.level == "interval":
        values = {_rating(value) for _, *both in pairs for value in both}
        return Level.INTERVAL, sorted(values)
    return Level.NOMINAL, None


def _rating(value: Any) -> Any:
    if isinstance(value, list):
        return "|".join(sorted(value))
    return float(value) if isinstance(value, int) else value


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


def voids(trust: Sequence[Trust]) -> list[str]:
    return [f"{one.name}: {one.said}" for one in trust if not one.holds]


def describe_trust(trust: Sequence[Trust]) -> list[Json]:
    return [
        {
            "name": one.name,
            "judge": one.judge or None,
            "criterion": one.criterion,
            "estimate": one.estimate,
            "least": one.least,
            "holds": one.holds,
            "said": one.said,
        }
        for one in trust
    ]
