"""The page of a golden set's gate: its runs, and one of them in full."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calibration.formats.gate_report import means
from calibration.formats.gate_verdict import (
    BLOCKED,
    CLEAR,
    CRITERION,
    DISAGREEMENT,
    HARD,
    HOLD,
    OVERALL,
    UNWEIGHTED,
    WIN_RATE,
    figure_of,
    is_weighted,
    outcome_of,
    percent,
)
from calibration.formats.words import rate_text
from calibration.queries.gate_runs import (
    RunFacts,
    ThresholdsFacts,
    get_run,
    list_chart_names,
    list_runs,
    list_thresholds,
)
from calibration.queries.releases import get_release
from calibration.queries.titles import (
    Titles,
    get_titles_of_release,
    list_version_ids,
)

TONES = {CLEAR: "good", HOLD: "warn", BLOCKED: "bad"}
# What leads ask for when a threshold is about to be set.
AT_MOST = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
AT_LEAST = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
MOST_SHOWN = 100

Json = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    word: str
    tone: str


@dataclass(frozen=True)
class RunRow:
    id: int
    candidate: str
    version: str
    verdict: Verdict
    measure: str
    overall: str
    hard: str
    change: str
    ran_at: datetime
    is_shown: bool


@dataclass(frozen=True)
class CheckRow:
    name: str
    said: str
    bar: str
    verdict: Verdict


@dataclass(frozen=True)
class FigureRow:
    name: str
    n_cases: int
    raw: str
    traffic: str


@dataclass(frozen=True)
class CaseRow:
    """A case that flipped, or on which the candidate disagrees."""

    id: str
    part: str
    before: str
    after: str
    verdict: Verdict


@dataclass(frozen=True)
class WrongRow:
    id: str
    part: str
    answers: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class OtherRow:
    """What the gate would have said, had this been the threshold."""

    bar: str
    is_own: bool
    outcomes: tuple[Verdict, ...]


@dataclass(frozen=True)
class OtherTable:
    measure: str
    side: str
    columns: tuple[str, ...]
    rows: tuple[OtherRow, ...]


@dataclass(frozen=True)
class RunPage:
    run: RunFacts
    verdict: Verdict
    means: str
    void: tuple[str, ...]
    checks: tuple[CheckRow, ...]
    figures: tuple[FigureRow, ...]
    trust: tuple[Json, ...]
    flags: tuple[str, ...]
    change: Json | None
    n_flips: int
    flips: tuple[CaseRow, ...]
    n_wrong: int
    wrong: tuple[WrongRow, ...]
    others: tuple[OtherTable, ...]
    is_reweighted: bool
    # What to say where the release has no weights.
    unweighted: str


@dataclass(frozen=True)
class GatePage:
    runs: tuple[RunRow, ...]
    charts: frozenset[str]
    thresholds: tuple[ThresholdsFacts, ...]
    shown: RunPage | None


def get_gate_page(golden_set_id: int, run_id: int | None) -> GatePage:
    """Raises UnknownRelease where there is no such run."""
    runs = list_runs(golden_set_id)
    shown = runs[0] if runs else None
    if run_id is not None:
        shown = get_run(golden_set_id=golden_set_id, run_id=run_id)
    return GatePage(
        runs=tuple(_row(run, shown) for run in runs),
        charts=frozenset(list_chart_names(golden_set_id)),
        thresholds=tuple(list_thresholds(golden_set_id)),
        shown=None if shown is None else _page(shown, _titles(golden_set_id, shown)),
    )


def _titles(golden_set_id: int, run: RunFacts) -> Titles:
    release = get_release(golden_set_id=golden_set_id, version=run.version)
    ids = list_version_ids(golden_set_id)
    return get_titles_of_release(ids, json.loads(release.manifest))


def _row(run: RunFacts, shown: RunFacts | None) -> RunRow:
    report = run.report
    is_won = report["candidate"]["form"] == "preferences"
    measure = WIN_RATE if is_won else DISAGREEMENT
    change = report["change"]
    return RunRow(
        id=run.id,
        candidate=run.candidate,
        version=run.version,
        verdict=_verdict(run.verdict),
        measure=measure,
        overall=_figure_text(report, measure, OVERALL),
        hard=_figure_text(report, measure, HARD),
        change="" if change is None else f"{change['outcome']} ({change['previous']})",
        ran_at=run.ran_at,
        is_shown=shown is not None and run.id == shown.id,
    )


def _figure_text(report: Json, measure: str, scope: str) -> str:
    figure = figure_of(report, measure, scope)
    return "\N{EN DASH}" if figure is None else rate_text(figure)


def _page(run: RunFacts, titles: Titles) -> RunPage:
    report = run.report
    change = report["change"]
    return RunPage(
        run=run,
        verdict=_verdict(run.verdict),
        means=means(report),
        void=tuple(report["void"]),
        checks=tuple(_check_row(check, titles) for check in report["checks"]),
        figures=tuple(_figure_row(one, titles) for one in report["figures"]),
        trust=tuple(_trust_row(one, titles) for one in report["trust"]),
        flags=tuple(report["flags"]),
        change=change,
        n_flips=change["n_worse"] + change["n_better"] if change else 0,
        flips=tuple(_flips(report)),
        n_wrong=report["n_disagreeing"],
        wrong=tuple(
            _wrong_row(found, report["candidate"]["form"], titles)
            for found in report["disagreeing"][:MOST_SHOWN]
        ),
        others=tuple(_other_tables(report)),
        is_reweighted=report["thresholds"]["reweighted"],
        unweighted="" if is_weighted(report) else UNWEIGHTED,
    )


def _verdict(word: str) -> Verdict:
    return Verdict(word, TONES[word])


def _check_row(check: Json, titles: Titles) -> CheckRow:
    side = "at most" if check["is_most"] else "at least"
    return CheckRow(
        name=_name_of(check, titles),
        said=check["said"],
        bar=f"{side} {percent(check['bar'])}",
        verdict=_verdict(check["outcome"]),
    )


def _name_of(measured: Json, titles: Titles) -> str:
    if measured["scope"] != CRITERION:
        return str(measured["name"])
    return f"{measured['measure']}, {titles.of(measured['of'])}"


def _trust_row(one: Json, titles: Titles) -> Json:
    who = f"{one['judge']} and people" if one["judge"] else "people at freeze"
    return one | {"name": f"{who}, {titles.of(one['criterion'])}"}


def _figure_row(figure: Json, titles: Titles) -> FigureRow:
    return FigureRow(
        name=_name_of(figure, titles),
        n_cases=figure["n_cases"],
        raw=rate_text(figure["raw"]),
        traffic=rate_text(figure["traffic"]),
    )


def _flips(report: Json) -> Iterator[CaseRow]:
    is_won = report["candidate"]["form"] == "preferences"
    for flip in (report["change"] or {"flips": []})["flips"][:MOST_SHOWN]:
        is_worse = flip["direction"] == "worse"
        yield CaseRow(
            id=flip["id"],
            part=_part(flip),
            before=_score_text(flip["before"], is_won=is_won),
            after=_score_text(flip["after"], is_won=is_won),
            verdict=Verdict(flip["direction"], "bad" if is_worse else "good"),
        )


def _score_text(score: float, *, is_won: bool) -> str:
    if is_won:
        return {0.0: "loss", 0.5: "tie", 1.0: "win"}.get(score, percent(score))
    words = {0.0: "agrees", 1.0: "disagrees"}
    return words.get(score, f"disagrees in {percent(score)} of its runs")


def _wrong_row(found: Json, form: str, titles: Titles) -> WrongRow:
    nothing = "loss" if form == "preferences" else "no answer"
    return WrongRow(
        id=found["id"],
        part=_part(found),
        answers=tuple(
            (
                titles.of(answer["criterion"]),
                _text(answer["found"]),
                " or ".join(map(_text, answer["expected"])),
            )
            for answer in found["answers"]
        )
        or (("", nothing, ""),),
    )


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def _part(found: Json) -> str:
    bucket = found["bucket"].replace("_", " ")
    return f"{found['stratum']}, {bucket}" if found["stratum"] else bucket


def _other_tables(report: Json) -> Iterator[OtherTable]:
    """Of each measure that the run has a threshold on, overall and on the hard tail."""
    own: dict[str, list[Json]] = {}
    for check in report["checks"]:
        if check["measure"] != "change":
            own.setdefault(check["measure"], []).append(check)
    for measure, checks in own.items():
        found = {scope: figure_of(report, measure, scope) for scope in (OVERALL, HARD)}
        figures = {scope: one for scope, one in found.items() if one is not None}
        is_most = checks[0]["is_most"]
        bars = {check["bar"] for check in checks if check["scope"] in figures}
        yield OtherTable(
            measure=measure,
            side="at most" if is_most else "at least",
            columns=tuple(figures),
            rows=tuple(
                OtherRow(
                    bar=percent(bar),
                    is_own=bar in bars,
                    outcomes=tuple(
                        _verdict(outcome_of(one, bar, is_most=is_most))
                        for one in figures.values()
                    ),
                )
                for bar in sorted(bars | set(AT_MOST if is_most else AT_LEAST))
            ),
        )
