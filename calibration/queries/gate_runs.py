"""Registered thresholds, and the runs of a golden set's gate."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.fields.json import KT

from calibration.models import GateRun, GateThresholds
from calibration.queries.releases import UnknownRelease

# What a run may have drawn.
CHARTS = ("overall", "overall-narrow", "hard", "hard-narrow")

Json = dict[str, Any]


class NotRegistered(Exception):
    """These thresholds, or any, were never registered with the golden set."""


@dataclass(frozen=True)
class ThresholdsFacts:
    id: int
    sha256: str
    text: str
    registered_by: str | None
    registered_at: datetime


@dataclass(frozen=True)
class RunFacts:
    id: int
    candidate: str
    version: str
    verdict: str
    report: Json
    ran_at: datetime
    thresholds: ThresholdsFacts


@dataclass(frozen=True)
class RunScores:
    """What the candidate that comes after is compared with."""

    candidate: str
    form: str
    cited: str
    digest: str
    scores: dict[str, float]


@dataclass(frozen=True)
class EarlierRun:
    """What the gate said before of the same candidate."""

    verdict: str
    # The release it was held against.
    cited: str
    thresholds_sha256: str
    ran_at: datetime


def list_thresholds(golden_set_id: int) -> list[ThresholdsFacts]:
    """Newest first."""
    found = GateThresholds.objects.filter(golden_set_id=golden_set_id)
    rows = found.select_related("registered_by").order_by("-registered_at", "-pk")
    return [_thresholds(one) for one in rows]


def get_thresholds(*, golden_set_id: int, sha256: str | None = None) -> ThresholdsFacts:
    """Those with this hash, or the newest."""
    for found in list_thresholds(golden_set_id):
        if sha256 in (None, found.sha256):
            return found
    what = "no thresholds are" if sha256 is None else "these thresholds are not"
    raise NotRegistered(f"{what} registered with the golden set")


def list_runs(golden_set_id: int) -> list[RunFacts]:
    """Newest first; scores and charts stay in the database."""
    found = GateRun.objects.filter(release__golden_set_id=golden_set_id)
    rows = (
        found.select_related("release", "thresholds__registered_by")
        .defer("scores", "charts")
        .order_by("-ran_at", "-pk")
    )
    return [_run(one) for one in rows]


def get_run(*, golden_set_id: int, run_id: int) -> RunFacts:
    found = GateRun.objects.filter(release__golden_set_id=golden_set_id, pk=run_id)
    rows = found.select_related("release", "thresholds__registered_by")
    run = rows.defer("scores", "charts").first()
    if run is None:
        raise UnknownRelease(f"the golden set has no gate run {run_id}")
    return _run(run)


def find_kept_run(
    *, release_id: int, thresholds_id: int, candidate_sha256: str
) -> int | None:
    runs = GateRun.objects.filter(
        release_id=release_id,
        thresholds_id=thresholds_id,
        candidate_sha256=candidate_sha256,
    )
    return runs.values_list("pk", flat=True).first()


def list_earlier_runs(
    *, golden_set_id: int, candidate_sha256: str, before_id: int | None
) -> tuple[EarlierRun, ...]:
    """Of the same bytes, on any release of the set, oldest first."""
    runs = GateRun.objects.filter(
        release__golden_set_id=golden_set_id, candidate_sha256=candidate_sha256
    )
    if before_id is not None:
        runs = runs.filter(pk__lt=before_id)
    rows = runs.select_related("release__golden_set", "thresholds")
    return tuple(
        EarlierRun(
            verdict=run.verdict,
            cited=str(run.release),
            thresholds_sha256=run.thresholds.sha256,
            ran_at=run.ran_at,
        )
        for run in rows.defer("report", "scores", "charts").order_by("pk")
    )


def get_last_scores(
    *, release_id: int, candidate_sha256: str, before_id: int | None
) -> RunScores | None:
    """Of the last other candidate that was held against the release."""
    runs = GateRun.objects.filter(release_id=release_id)
    runs = runs.exclude(candidate_sha256=candidate_sha256)
    if before_id is not None:
        runs = runs.filter(pk__lt=before_id)
    run = (
        runs.select_related("release__golden_set")
        .defer("charts")
        .order_by("-ran_at", "-pk")
        .first()
    )
    if run is None:
        return None
    return RunScores(
        candidate=run.candidate,
        form=run.report["candidate"]["form"],
        cited=str(run.release),
        digest=run.release.digest,
        scores=run.scores,
    )


def get_run_chart(*, golden_set_id: int, name: str) -> str | None:
    """SVG, as it was drawn with the newest run."""
    if name not in CHARTS:
        return None
    runs = GateRun.objects.filter(release__golden_set_id=golden_set_id)
    rows = runs.order_by("-ran_at", "-pk").annotate(svg=KT(f"charts__{name}"))
    return rows.values_list("svg", flat=True).first()


def list_chart_names(golden_set_id: int) -> set[str]:
    runs = GateRun.objects.filter(release__golden_set_id=golden_set_id)
    newest = runs.order_by("-ran_at", "-pk").values_list("charts", flat=True).first()
    return set(newest or {})


def _run(run: GateRun) -> RunFacts:
    return RunFacts(
        id=run.pk,
        candidate=run.candidate,
        version=run.release.version,
        verdict=run.verdict,
        report=run.report,
        ran_at=run.ran_at,
        thresholds=_thresholds(run.thresholds),
    )


def _thresholds(found: GateThresholds) -> ThresholdsFacts:
    return ThresholdsFacts(
        id=found.pk,
        sha256=found.sha256,
        text=found.text,
        registered_by=found.registered_by.handle if found.registered_by else None,
        registered_at=found.registered_at,
    )
