"""Three candidates for the sample's golden set: a good, a doubtful and a bad one."""

import hashlib
import json
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from calibration.formats.candidates_file import read_candidate
from calibration.formats.gate_cases import GateRelease
from calibration.queries.gate_runs import ThresholdsFacts
from calibration.queries.releases import (
    ReleaseFacts,
    SetFacts,
    get_golden_set,
    get_release,
)
from calibration.services.gate_flags import Named
from calibration.services.gate_runs import (
    load_release,
    register_thresholds,
    run_and_keep,
)

CRITERION = "task_done"
# Name: the share of cases on which it says something else than the people.
CANDIDATES = (("agent-3", 0.8), ("agent-4-draft", 0.35), ("agent-4", 0.0))
BETWEEN = timedelta(seconds=1)

Json = dict[str, Any]


def gate_candidates(
    *, project_id: int, golden_set: str, folder: Path, now: datetime, rng: Random
) -> None:
    """Register thresholds, then hold each candidate against the latest release."""
    found = get_golden_set(project_id=project_id, slug=golden_set)
    facts = get_release(golden_set_id=found.id)
    thresholds, _ = register_thresholds(
        golden_set=found,
        data=(folder / "thresholds.toml").read_bytes(),
        registered_by_id=None,
        now=now,
    )
    release = load_release(facts)
    for number, (name, share) in enumerate(CANDIDATES, start=1):
        at = now + number * BETWEEN
        _run(found, facts, release, thresholds, _lines(release, share, rng), name, at)


def _run(
    golden_set: SetFacts,
    facts: ReleaseFacts,
    release: GateRelease,
    thresholds: ThresholdsFacts,
    lines: list[Json],
    name: str,
    at: datetime,
) -> None:
    data = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
    run_and_keep(
        golden_set=golden_set,
        facts=facts,
        release=release,
        candidate=read_candidate(BytesIO(data), is_csv=False),
        named=Named(name, hashlib.sha256(data).hexdigest(), created_at=at),
        thresholds=thresholds,
        previous=None,
        now=at,
    )


def _lines(release: GateRelease, share: float, rng: Random) -> list[Json]:
    cases = sorted(release.cases)
    wrong = set(rng.sample(cases, round(share * len(cases))))
    options = release.scales[CRITERION].options or ()
    lines = []
    for case in cases:
        label = release.cases[case].labels[CRITERION]
        if case in wrong:
            label = rng.choice([option for option in options if option != label])
        lines.append({"id": case, "verdicts": {CRITERION: label}})
    return lines
