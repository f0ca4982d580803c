"""What happened in the sample project before anybody looks at it.

A pilot under the first words of a rubric, their revision, three waves of outputs
reviewed under the new ones, and today's, which wait for one more judgment.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from calibration.formats.judges import parse_judges
from calibration.services.gold import add_gold_case
from calibration.services.judge_terms import apply_judge_terms
from calibration.services.simulation import (
    SimulatedReviewer,
    Truth,
    review_until_nothing_left,
)
from labeling.formats.rubrics import parse_rubric
from labeling.models import Cause, Dispute
from labeling.queries.rubrics import get_rubric_version
from labeling.services.disputes import adjudicate, recheck_items
from labeling.services.rubrics import apply_rubric
from reviews.formats.files import read_jsonl
from reviews.models import Item, Member, Project
from reviews.queries.queues import QueueFacts, get_queue, list_queues
from reviews.services.intake import ingest_items
from reviews.services.policies import apply_policy
from reviews.services.queue_files import parse_queue
from reviews.services.queues import apply_queue

# Days before today: the pilot, the revision, and when outputs came in since.
PILOT, REVISION, WAVES = 30, 22, (21, 12, 5)
# Its rubric is revised after the pilot: rubric-answers-before.toml comes first.
PILOTED = "answers"
# Every so many-th of the outputs written one by one came in today and waits for one
# more judgment, so that whoever signs in as the reviewer completes it.
NEW_EVERY = 3
# Its disputes are all settled, so that it can be released.
RELEASED_QUEUE = "agent-runs"


def live_through(
    *,
    project_id: int,
    folder: Path,
    panel: list[SimulatedReviewer],
    now: datetime,
    rng: Random,
) -> list[QueueFacts]:
    """Set up the queues and let the panel work in them; the queues as they are now."""
    start = now - timedelta(days=PILOT)
    truths = _truths(folder)
    _set_up(project_id, folder, start, rng)
    project = Project.objects.get(pk=project_id).slug
    _ingest(project, _lines(folder / "pilot.jsonl"), start, rng)
    pilot = get_queue(project_id=project_id, slug=PILOTED)
    _review(pilot, panel, truths, start + timedelta(hours=3), rng)
    _revise(project_id, folder, now - timedelta(days=REVISION), rng)
    queues = list_queues(project_id)
    gold = {row["id"]: row for row in _rows(folder / "gold.jsonl")}
    waves, today = _split(folder, gold)
    for number, (days, lines) in enumerate(zip(WAVES, waves, strict=True)):
        came = now - timedelta(days=days)
        _ingest(project, lines, came, rng)
        if not number:
            _add_gold(project_id, queues, gold, truths, came)
        is_last = number == len(WAVES) - 1
        people = [one.lately() for one in panel] if is_last else panel
        for queue in queues:
            _review(queue, people, truths, came + timedelta(hours=2), rng)
    _ingest(project, today, now - timedelta(hours=7), rng)
    for queue in queues:
        early = panel[: queue.overlap - 1]
        _review(queue, early, truths, now - timedelta(hours=6), rng)
    failures = json.loads((folder / "failures.json").read_text(encoding="utf-8"))
    _settle(queues, truths, project_id, dict(failures["gaps"]), now)
    return queues


def _set_up(project_id: int, folder: Path, now: datetime, rng: Random) -> None:
    first = [*folder.glob("rubric-*.toml")]
    first.remove(folder / f"rubric-{PILOTED}.toml")
    versions = dict(_publish(project_id, path, now) for path in sorted(first))
    for path in sorted(folder.glob("queue-*.toml")):
        _apply_queue(project_id, path, versions, now, rng)
    source = (folder / "policy.toml").read_text(encoding="utf-8")
    apply_policy(project_id=project_id, source=source, now=now)


def _revise(project_id: int, folder: Path, now: datetime, rng: Random) -> None:
    versions = dict([_publish(project_id, folder / f"rubric-{PILOTED}.toml", now)])
    _apply_queue(project_id, folder / f"queue-{PILOTED}.toml", versions, now, rng)


def _publish(project_id: int, path: Path, now: datetime) -> tuple[str, int]:
    file = parse_rubric(path.read_bytes())
    applied = apply_rubric(project_id=project_id, file=file, now=now)
    return file.slug, applied.version_id


def _apply_queue(
    project_id: int, path: Path, versions: Mapping[str, int], now: datetime, rng: Random
) -> None:
    spec = parse_queue(path.read_text(encoding="utf-8"))
    apply_queue(
        spec=spec,
        project_id=project_id,
        rubric_version_id=versions[spec.rubric],
        now=now,
        rng=rng,
    )
    queue = get_queue(project_id=project_id, slug=spec.queue)
    text = (path.parent / f"judges-{queue.slug}.toml").read_text(encoding="utf-8")
    apply_judge_terms(queue_id=queue.id, terms=parse_judges(text), now=now)


def _truths(folder: Path) -> dict[str, Truth]:
    return {
        row["id"]: Truth(
            row["ratings"], row["difficulty"], row["why"], row.get("unclear", {})
        )
        for row in _rows(folder / "truth.jsonl")
    }


def _rows(path: Path) -> Iterator[Any]:
    return map(json.loads, _lines(path))


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def _split(
    folder: Path, gold: Mapping[str, Any]
) -> tuple[list[list[bytes]], list[bytes]]:
    """What came in wave by wave, gold with the first one, and what came in today."""
    waves: list[list[bytes]] = [[] for _ in WAVES]
    today: list[bytes] = []
    for name in ("items.jsonl", "routine.jsonl"):
        for number, line in enumerate(_lines(folder / name)):
            if json.loads(line)["id"] in gold:
                waves[0].append(line)
            elif name == "items.jsonl" and number % NEW_EVERY == 0:
                today.append(line)
            else:
                waves[number % len(WAVES)].append(line)
    return waves, today


def _ingest(project: str, lines: Iterable[bytes], now: datetime, rng: Random) -> None:
    entries = read_jsonl(BytesIO(b"".join(lines)))
    report = ingest_items(project=project, entries=entries, now=now, rng=rng)
    if report.n_faults:
        raise ValueError(f"the sample has faults: {report.faults}")


def _add_gold(
    project_id: int,
    queues: list[QueueFacts],
    gold: Mapping[str, Any],
    truths: Mapping[str, Truth],
    now: datetime,
) -> None:
    ids = dict(
        Item.objects.filter(project_id=project_id, external_id__in=gold).values_list(
            "external_id", "pk"
        )
    )
    by_slug = {queue.slug: queue.id for queue in queues}
    for external_id, row in gold.items():
        add_gold_case(
            queue_id=by_slug[row["queue"]],
            item_id=ids[external_id],
            ratings=dict(truths[external_id].ratings),
            rationale=row["rationale"],
            now=now,
        )


def _review(
    queue: QueueFacts,
    panel: list[SimulatedReviewer],
    truths: Mapping[str, Truth],
    start: datetime,
    rng: Random,
) -> None:
    review_until_nothing_left(
        queue_id=queue.id,
        rubric=get_rubric_version(queue.rubric_version_id),
        reviewers=panel,
        truths=truths,
        start=start,
        rng=rng,
    )


def _settle(
    queues: list[QueueFacts],
    truths: Mapping[str, Truth],
    project_id: int,
    gaps: dict[str, str],
    now: datetime,
) -> None:
    """Open the disputes, and settle all of the pilot and of one queue, and most others."""
    while recheck_items(now=now, limit=1000):
        pass
    lead = Member.objects.get(project_id=project_id, handle="lead")
    for queue in queues:
        disputes = Dispute.objects.filter(queue_id=queue.id).select_related(
            "item", "criterion"
        )
        for number, dispute in enumerate(disputes.order_by("pk")):
            is_former = dispute.criterion.version_id != queue.rubric_version_id
            if not is_former and queue.slug != RELEASED_QUEUE and number % 8 == 7:
                continue
            truth = truths[dispute.item.external_id]
            is_unclear = dispute.criterion.key in truth.unclear
            adjudicate(
                dispute_id=dispute.pk,
                adjudicator_id=lead.pk,
                value=truth.ratings.get(dispute.criterion.key, []),
                reason=truth.why,
                cause=Cause.AMBIGUOUS_RUBRIC if is_unclear else Cause.MISSED_DETAIL,
                # Each gap is found once.
                guideline_gap=gaps.pop(dispute.criterion.key, "") if is_unclear else "",
                now=now,
            )
