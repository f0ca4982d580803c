"""What the sample's reviewers called the failures, and how its lead sorted it."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from labeling.formats.findings import CorrectedOutput, Findings, MarkedSpan
from labeling.models import Judgment
from labeling.services.failure_modes import By, Chosen, create_mode, offer_mode
from labeling.services.findings import keep_findings
from reviews.models import Member

# Not every reviewer who sees a failure gives it a name.
NAMED = 0.7


def add_sample_failures(
    *, project_id: int, folder: Path, now: datetime, rng: Random
) -> None:
    texts = json.loads((folder / "failures.json").read_text(encoding="utf-8"))
    judgments = Judgment.objects.filter(
        queue__project_id=project_id, item__external_id__in=texts["tags"], counts=True
    ).order_by("pk")
    for judgment_id, item in judgments.values_list("pk", "item__external_id"):
        if rng.random() < NAMED:
            findings = _findings(item, texts, rng)
            keep_findings(judgment_id=judgment_id, findings=findings)
    lead = Member.objects.get(project_id=project_id, handle="lead")
    by = By(project_id, lead.pk, now)
    for mode in texts["modes"]:
        mode_id = create_mode(
            by=by,
            name=mode["name"],
            description=mode["description"],
            chosen=Chosen(tags=mode["tags"]),
        )
        offer_mode(by=by, mode_id=mode_id, is_offered=mode["name"] in texts["offered"])


def _findings(item: str, texts: Mapping[str, Any], rng: Random) -> Findings:
    tag = rng.choice(texts["tags"][item])
    marked, corrected = texts["marks"].get(item), texts["corrections"].get(item)
    return Findings(
        tags=(tag,),
        spans=(MarkedSpan("RESPONSE", 1, marked[0], tag=tag, note=marked[1]),)
        if marked
        else (),
        corrections=(CorrectedOutput(1, corrected),) if corrected else (),
    )
