"""The sample project: every page alive, and nobody real in it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from django.db.models import Q

from calibration.formats.judges import parse_judges
from calibration.services.freezing import FreezeRefused, freeze_release
from calibration.services.gold import add_gold_case
from calibration.services.judge_terms import apply_judge_terms
from calibration.services.panels import refresh_panels
from calibration.services.simulation import (
    Character,
    SimulatedReviewer,
    Truth,
    review_until_nothing_left,
)
from calibration.services.snapshots import refresh_agreement
from labeling.formats.rubrics import parse_rubric
from labeling.models import Cause, Dispute
from labeling.queries.rubrics import get_rubric_version
from labeling.services.disputes import adjudicate, recheck_items
from labeling.services.rubrics import apply_rubric
from reviews.formats.files import read_jsonl
from reviews.models import Item, Member, Origin, Project, Role
from reviews.queries.queues import QueueFacts, get_queue
from reviews.services.intake import ingest_items
from reviews.services.policies import apply_policy
from reviews.services.projects import (
    add_member,
    add_rater,
    get_or_create_project,
    renew_password,
    retire_project,
)
from reviews.services.queue_files import parse_queue
from reviews.services.queues import apply_queue

PROJECT = "support"
NAME = "Brackwater Nursery support (sample)"
ACCOUNTS = (("lead", Role.LEAD), ("reviewer", Role.REVIEWER), ("admin", Role.ADMIN))
DAYS_AGO = 16
# Every so many-th item came in today and waits for one more judgment, so that
# whoever signs in as the reviewer completes it.
NEW_EVERY = 3
# The same picture on every machine.
SEED = 7
RELEASE = "agent-runs-core"
RELEASED_QUEUE = "agent-runs"
WHY_RELEASED = (
    "Sample data: the reviewers are simulated and the items few, so the interval is"
    " wide. Frozen to show what a release looks like."
)


@dataclass(frozen=True)
class Account:
    username: str
    role: str
    # None where the account was there and keeps the one it has.
    password: str | None


@dataclass(frozen=True)
class Sample:
    """What was made."""

    project: str
    accounts: tuple[Account, ...]
    items: int
    judgments_from: int
    disputes_open: int
    release: str


def create_sample(
    *, folder: Path, now: datetime, reset_passwords: bool = False, seed: int = SEED
) -> Sample:
    """Make the sample project; one that is there already is retired first.

    A retired project keeps everything that was judged in it, under another name, and
    an account that is there its password, unless it is of former samples only and
    `reset_passwords` is given.
    """
    old = Project.objects.filter(slug=PROJECT).first()
    if old is not None:
        retire_project(project_id=old.pk, now=now)
    rng = Random(seed)
    start = now - timedelta(days=DAYS_AGO)
    project_id, _ = get_or_create_project(
        slug=PROJECT, now=start, name=NAME, is_sample=True
    )
    Project.objects.filter(pk=project_id).update(
        triage_key=f"{rng.getrandbits(256):064x}"
    )
    renewable = _of_former_samples() if reset_passwords else set()
    accounts = tuple(
        _account(project_id, *account, now, is_renewed=account[0] in renewable)
        for account in ACCOUNTS
    )
    panel = _panel(project_id, folder, start)
    queues = _set_up(project_id, folder, start, rng)
    truths = _truths(folder)
    lines = _lines(folder / "items.jsonl")
    gold = {row["id"]: row for row in _rows(folder / "gold.jsonl")}
    older, newer = _split(lines, keep=set(gold))
    _ingest(older, start, rng)
    _add_gold(project_id, queues, gold, truths, start)
    for queue in queues:
        _review(queue, panel, truths, start + timedelta(days=1), rng)
    _ingest(newer, now - timedelta(hours=7), rng)
    for queue in queues:
        early = panel[: queue.overlap - 1]
        _review(queue, early, truths, now - timedelta(hours=6), rng)
    _settle(queues, truths, project_id, now, rng)
    for queue in queues:
        refresh_agreement(queue_id=queue.id, now=now)
    refresh_panels(project_id=project_id, now=now)
    release = _release(project_id, now)
    return Sample(
        project=PROJECT,
        accounts=accounts,
        items=Item.objects.filter(project_id=project_id).count(),
        judgments_from=len(panel),
        disputes_open=Dispute.objects.filter(
            queue__project_id=project_id, adjudication__isnull=True
        ).count(),
        release=release,
    )


def _of_former_samples() -> set[str]:
    """Names of the accounts that have a part in retired samples and nowhere else."""
    former = Q(project__is_sample=True, project__retired_at__isnull=False)
    members = Member.objects.filter(user__isnull=False, user__is_superuser=False)
    names = members.values_list("user__username", flat=True)
    return {*names.filter(former)} - {*names.exclude(former)}


def _account(
    project_id: int, username: str, role: Role, now: datetime, *, is_renewed: bool
) -> Account:
    member = add_member(project_id=project_id, username=username, role=role, now=now)
    password = member.password
    if is_renewed:
        password = renew_password(username=username)
    return Account(username, role.lower(), password)


def _panel(project_id: int, folder: Path, now: datetime) -> list[SimulatedReviewer]:
    people = json.loads((folder / "reviewers.json").read_text(encoding="utf-8"))
    return [
        SimulatedReviewer(
            member_id=add_rater(
                project_id=project_id,
                handle=person["handle"],
                origin=Origin.SIMULATED,
                now=now,
            ),
            character=Character(
                handle=person["handle"],
                accuracy=person["accuracy"],
                lean=person["lean"],
                left_bias=person["left_bias"],
                seconds_per_word=person["seconds_per_word"],
            ),
        )
        for person in people
    ]


def _set_up(
    project_id: int, folder: Path, now: datetime, rng: Random
) -> list[QueueFacts]:
    versions = {}
    for path in sorted(folder.glob("rubric-*.toml")):
        file = parse_rubric(path.read_bytes())
        applied = apply_rubric(project_id=project_id, file=file, now=now)
        versions[file.slug] = applied.version_id
    queues = []
    for path in sorted(folder.glob("queue-*.toml")):
        spec = parse_queue(path.read_text(encoding="utf-8"))
        apply_queue(
            spec=spec,
            project_id=project_id,
            rubric_version_id=versions[spec.rubric],
            now=now,
            rng=rng,
        )
        queue = get_queue(project_id=project_id, slug=spec.queue)
        terms = (folder / f"judges-{queue.slug}.toml").read_text(encoding="utf-8")
        apply_judge_terms(queue_id=queue.id, terms=parse_judges(terms), now=now)
        queues.append(queue)
    source = (folder / "policy.toml").read_text(encoding="utf-8")
    apply_policy(project_id=project_id, source=source, now=now)
    return queues


def _truths(folder: Path) -> dict[str, Truth]:
    return {
        row["id"]: Truth(row["ratings"], row["difficulty"], row["why"])
        for row in _rows(folder / "truth.jsonl")
    }


def _rows(path: Path) -> Iterator[Any]:
    return map(json.loads, _lines(path))


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def _split(lines: list[bytes], keep: set[str]) -> tuple[list[bytes], list[bytes]]:
    """The items of two weeks ago and those of today; gold is of two weeks ago."""
    older: list[bytes] = []
    newer: list[bytes] = []
    for number, line in enumerate(lines):
        is_new = number % NEW_EVERY == 0 and json.loads(line)["id"] not in keep
        (newer if is_new else older).append(line)
    return older, newer


def _ingest(lines: Iterable[bytes], now: datetime, rng: Random) -> None:
    stream = BytesIO(b"".join(lines))
    entries = read_jsonl(stream)
    report = ingest_items(project=PROJECT, entries=entries, now=now, rng=rng)
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
    now: datetime,
    rng: Random,
) -> None:
    """Open the disputes, and settle all of one queue and some of the others."""
    while recheck_items(now=now, limit=1000):
        pass
    lead = Member.objects.get(project_id=project_id, handle="lead")
    for queue in queues:
        disputes = Dispute.objects.filter(queue_id=queue.id).select_related(
            "item", "criterion"
        )
        for number, dispute in enumerate(disputes.order_by("pk")):
            if queue.slug != RELEASED_QUEUE and number % 3 == 2:
                continue
            truth = truths[dispute.item.external_id]
            adjudicate(
                dispute_id=dispute.pk,
                adjudicator_id=lead.pk,
                value=truth.ratings.get(dispute.criterion.key, []),
                reason=truth.why,
                cause=rng.choice(
                    [Cause.MISSED_DETAIL, Cause.MISSED_DETAIL, Cause.AMBIGUOUS_RUBRIC]
                ),
                now=now,
            )


def _release(project_id: int, now: datetime) -> str:
    """A release; the bar is overridden where the simulated panel does not reach it."""
    queue = get_queue(project_id=project_id, slug=RELEASED_QUEUE)
    for override in ("", WHY_RELEASED):
        try:
            frozen = freeze_release(
                name=RELEASE, queue=queue, override=override, frozen_by_id=None, now=now
            )
        except FreezeRefused:
            continue
        return f"{frozen.name}@{frozen.version}"
    raise FreezeRefused("the sample could not be frozen")
