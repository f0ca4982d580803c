"""The sample project: every page alive, and nobody real in it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from django.db import connection
from django.db.models import Q

from calibration.queries.ratings import list_judged_versions
from calibration.services.freezing import FreezeRefused, freeze_release
from calibration.services.panels import refresh_panels
from calibration.services.sample_failures import add_sample_failures
from calibration.services.sample_gate import gate_candidates
from calibration.services.sample_past import PILOT, RELEASED_QUEUE, live_through
from calibration.services.simulation import Character, SimulatedReviewer
from calibration.services.snapshots import refresh_agreement
from labeling.models import Dispute
from reviews.models import Item, Member, Origin, Project, Role
from reviews.queries.queues import get_queue
from reviews.services.projects import (
    add_member,
    add_rater,
    get_or_create_project,
    renew_password,
    retire_project,
)

PROJECT = "support"
NAME = "Brackwater Nursery support (sample)"
TRAITS = (
    "accuracy",
    "accuracy_lately",
    "tires",
    "lean",
    "left_bias",
    "seconds_per_word",
)
ACCOUNTS = (("lead", Role.LEAD), ("reviewer", Role.REVIEWER), ("admin", Role.ADMIN))
# The same picture on every machine.
SEED = 7
RELEASE = "agent-runs-core"
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
    start = now - timedelta(days=PILOT)
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
    queues = live_through(
        project_id=project_id, folder=folder, panel=panel, now=now, rng=rng
    )
    add_sample_failures(project_id=project_id, folder=folder, now=now, rng=Random(seed))
    _count_rows()
    for queue in queues:
        for version in list_judged_versions(queue.id):
            refresh_agreement(queue_id=queue.id, version_id=version.version_id, now=now)
    refresh_panels(project_id=project_id, now=now)
    release = _release(project_id, now)
    gate_candidates(
        project_id=project_id, golden_set=RELEASE, folder=folder, now=now, rng=rng
    )
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


def _count_rows() -> None:
    """A table filled just now still counts as empty, and plans go by that."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


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
                **{trait: person[trait] for trait in TRAITS},
            ),
        )
        for person in people
    ]


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
