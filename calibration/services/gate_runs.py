"""Thresholds are registered before a run, and runs are kept."""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from calibration.formats.candidates_file import CandidateFile
from calibration.formats.gate_cases import GateRelease, read_release
from calibration.formats.thresholds import ThresholdsFault, parse_thresholds
from calibration.models import GateRun, GateThresholds, GoldenSet
from calibration.queries.gate_runs import (
    ThresholdsFacts,
    find_kept_run,
    get_last_scores,
    get_thresholds,
    list_earlier_runs,
)
from calibration.queries.releases import ReleaseFacts, SetFacts
from calibration.services.folders import write_folder
from calibration.services.gate_change import Previous
from calibration.services.gate_charts import draw_runs
from calibration.services.gate_flags import Named, Registration
from calibration.services.gating import Outcome, run_gate


@dataclass(frozen=True)
class KeptRun:
    """A run as it stands in the database, kept now or before."""

    run_id: int
    is_new: bool
    outcome: Outcome


def register_thresholds(
    *, golden_set: SetFacts, data: bytes, registered_by_id: int | None, now: datetime
) -> tuple[ThresholdsFacts, bool]:
    """Keep the file and the time; the same file again changes nothing.

    Raises ThresholdsFault where it cannot be read, or is of another set.
    """
    thresholds = parse_thresholds(data)
    if thresholds.golden_set not in (None, golden_set.slug):
        raise ThresholdsFault(
            f"golden_set: is {thresholds.golden_set}, and this is {golden_set.slug}"
        )
    _, is_new = GateThresholds.objects.get_or_create(
        golden_set_id=golden_set.id,
        sha256=thresholds.sha256,
        defaults={
            "text": data.decode(),
            "registered_by_id": registered_by_id,
            "registered_at": now,
        },
    )
    found = get_thresholds(golden_set_id=golden_set.id, sha256=thresholds.sha256)
    return found, is_new


def load_release(release: ReleaseFacts) -> GateRelease:
    """The release as its files say, verified like any folder."""
    with tempfile.TemporaryDirectory(prefix="touchstone-") as workspace:
        folder = Path(workspace) / "release"
        write_folder(release, folder)
        return read_release(folder, release.digest)


def run_and_keep(
    *,
    golden_set: SetFacts,
    facts: ReleaseFacts,
    release: GateRelease,
    candidate: CandidateFile,
    named: Named,
    thresholds: ThresholdsFacts,
    previous: Previous | None,
    now: datetime,
) -> KeptRun:
    """Hold the candidate against the release; keep the run unless it is kept already.

    Without `previous` the candidate is compared with the last other one.
    """
    found_id = find_kept_run(
        release_id=facts.id,
        thresholds_id=thresholds.id,
        candidate_sha256=named.sha256,
    )
    outcome = run_gate(
        release=release,
        candidate=candidate,
        named=named,
        thresholds=parse_thresholds(thresholds.text.encode()),
        registration=Registration(
            is_registered=True,
            at=thresholds.registered_at,
            earlier=list_earlier_runs(
                golden_set_id=golden_set.id,
                candidate_sha256=named.sha256,
                before_id=found_id,
            ),
        ),
        previous=previous or _last(facts, named, found_id),
        now=now,
    )
    if found_id is not None:
        return KeptRun(found_id, is_new=False, outcome=outcome)
    with transaction.atomic():
        # One run of a set at a time: each draws the chart of all before it.
        GoldenSet.objects.select_for_update(no_key=True).get(pk=golden_set.id)
        run, is_new = GateRun.objects.get_or_create(
            release_id=facts.id,
            thresholds_id=thresholds.id,
            candidate_sha256=named.sha256,
            defaults={
                "candidate": named.name,
                "verdict": outcome.verdict,
                "report": outcome.report,
                "scores": outcome.scores,
                "charts": draw_runs(golden_set.id, outcome.report),
                "ran_at": now,
            },
        )
    return KeptRun(run.pk, is_new=is_new, outcome=outcome)


def _last(facts: ReleaseFacts, named: Named, before_id: int | None) -> Previous | None:
    found = get_last_scores(
        release_id=facts.id,
        candidate_sha256=named.sha256,
        before_id=before_id,
    )
    if found is None:
        return None
    return Previous(
        name=found.candidate,
        form=found.form,
        cited=found.cited,
        digest=found.digest,
        scores=found.scores,
    )
