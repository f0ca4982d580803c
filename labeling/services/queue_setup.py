"""A queue in one go: outputs, rubric, panel and settings, or nothing of it."""

import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from django.db import transaction
from django.utils.translation import gettext as _

from labeling.formats.rubrics import RubricFile
from labeling.formats.starters import list_starters
from labeling.queries.rubrics import Level, get_rubric_version
from labeling.services.rubrics import apply_rubric
from reviews.formats.files import Entry
from reviews.formats.toml_text import write_toml
from reviews.models import Queue, RoutingDecision
from reviews.queries.policies import find_policy_source
from reviews.services.intake import IntakeReport, ingest_items
from reviews.services.policies import apply_policy
from reviews.services.projects import AlreadyMember, NewMember, NoUsername, add_member
from reviews.services.queue_files import QueueFault, QueueSpec, parse_queue
from reviews.services.queue_specs import write_queue
from reviews.services.queues import AppliedQueue, apply_queue
from reviews.services.routing import route_items
from reviews.triage import KINDS, PolicyFault, parse_policy

STARTER = "starter:"


class SetUpRefused(Exception):
    """It cannot be set up so, and nothing of it was; `field` is that of the form."""

    def __init__(
        self, field: str, message: str, lines: Sequence[str] = (), n_lines: int = 0
    ) -> None:
        super().__init__(message)
        self.field = field
        # What is wrong with lines of the file: the first of so many.
        self.lines = tuple(lines)
        self.n_lines = n_lines


@dataclass(frozen=True)
class Plan:
    """What the lead asks for. `rubric` is a version's id, or "starter:NAME"."""

    spec: QueueSpec
    rubric: str
    # Accounts that are to join, as primaries; made where there is none.
    people: tuple[str, ...] = ()
    # None: what is in the project already.
    entries: Iterable[Entry] | None = None
    # Whether everything goes to this queue, or where the policy sends it.
    takes_everything: bool = True


@dataclass(frozen=True)
class SetUp:
    queue: str
    is_created: bool
    changed: tuple[str, ...]
    people: tuple[NewMember, ...]
    report: IntakeReport | None
    # Items that wait in the queue, and reviewers who are no backups.
    n_items: int
    n_reviewers: int


@transaction.atomic
def set_up_queue(
    *, project_id: int, project: str, plan: Plan, now: datetime, rng: Random
) -> SetUp:
    if Queue.objects.filter(project_id=project_id, slug=plan.spec.queue).exists():
        raise SetUpRefused("title", _("There is a queue of this name already."))
    applied, people = _apply(project_id, plan, now, rng)
    before = find_policy_source(project_id)
    if plan.takes_everything or before is None:
        _publish_everything(project_id, plan.spec.queue, now)
    report = None
    if plan.entries is not None:
        report = _take_in(project, plan.entries, now, rng)
    route_items(project_id=project_id, now=now, rng=rng)
    if plan.takes_everything and before is not None:
        _publish(project_id, _with_kinds(before, project_id, plan.spec.queue), now)
    n_items = RoutingDecision.objects.filter(queue_id=applied.queue_id).count()
    if plan.takes_everything and report and report.added and not n_items:
        _refuse_misfit(project_id, plan.spec.queue)
    n_reviewers = len(plan.spec.reviewers) + len(people)
    return SetUp(plan.spec.queue, True, (), people, report, n_items, n_reviewers)


@transaction.atomic
def change_queue(*, project_id: int, plan: Plan, now: datetime, rng: Random) -> SetUp:
    applied, people = _apply(project_id, plan, now, rng)
    n_reviewers = len(plan.spec.reviewers) + len(people)
    changed = applied.changed
    return SetUp(plan.spec.queue, False, changed, people, None, 0, n_reviewers)


def _apply(
    project_id: int, plan: Plan, now: datetime, rng: Random
) -> tuple[AppliedQueue, tuple[NewMember, ...]]:
    people = tuple(_add(project_id, name, now) for name in plan.people)
    version_id = _find_rubric(project_id, plan.rubric, now)
    spec = replace(
        plan.spec,
        reviewers=plan.spec.reviewers + tuple(one.username for one in people),
        kinds=_kinds(plan.spec.kinds, version_id),
    )
    try:
        # What a file may say and what the page may say is one thing.
        spec = parse_queue(write_queue(spec))
        applied = apply_queue(
            spec=spec,
            project_id=project_id,
            rubric_version_id=version_id,
            now=now,
            rng=rng,
        )
    except QueueFault as error:
        key, _, message = str(error).partition(": ")
        raise SetUpRefused(key, message or str(error)) from error
    return applied, people


def _add(project_id: int, name: str, now: datetime) -> NewMember:
    try:
        return add_member(
            project_id=project_id, username=name, role="REVIEWER", now=now
        )
    except (AlreadyMember, NoUsername) as error:
        raise SetUpRefused("people", str(error)) from error


def _find_rubric(project_id: int, name: str, now: datetime) -> int:
    """The version's id; a starter is published first, where it is not there."""
    if not name.startswith(STARTER):
        return int(name)
    starter = next(
        one for one in list_starters() if one.name == name.removeprefix(STARTER)
    )
    file = RubricFile(None, starter.name, starter.document)
    return apply_rubric(project_id=project_id, file=file, now=now).version_id


def _kinds(kinds: tuple[str, ...], version_id: int) -> tuple[str, ...]:
    """A rubric that compares responses fits pairs alone."""
    criteria = get_rubric_version(version_id).criteria
    if not any(one.level == Level.PAIRWISE for one in criteria):
        return kinds
    if "PAIR" not in kinds:
        raise SetUpRefused(
            "kinds", _("This rubric compares responses: it takes pairs.")
        )
    return ("PAIR",)


def _publish_everything(project_id: int, queue: str, now: datetime) -> None:
    """A policy under which every item that this queue takes goes to it."""
    queues = _queues(project_id)
    audits = {
        kind: next(
            slug
            # Of its own kinds this queue comes first.
            for slug in sorted(queues, key=lambda slug: slug != queue)
            if kind in queues[slug]
        )
        for kind in KINDS
        if any(kind in kinds for kinds in queues.values())
    }
    audited = ", ".join(f'{kind} = "{slug}"' for kind, slug in audits.items())
    source = (
        f"# Made when the queue {queue} was set up.\n"
        f"audit_rate = 1.0\naudit_queue = {{ {audited} }}\n\n[[rule]]\n"
        f'name = "everything for {queue}"\n'
        f"when = {{ kind = {json.dumps(sorted(queues[queue]))} }}\n"
        f'action = "queue"\nqueue = "{queue}"\n'
    )
    _publish(project_id, source, now)


def _with_kinds(source: str, project_id: int, queue: str) -> str:
    """The policy that was in force; kinds that it never heard of are audited here."""
    audits = parse_policy(source).audit_queues
    new = sorted(_queues(project_id)[queue] - audits.keys())
    if not new:
        return source
    document = tomllib.loads(source)
    document["audit_queue"] = dict(audits) | dict.fromkeys(new, queue)
    return write_toml(document)


def _publish(project_id: int, source: str, now: datetime) -> None:
    try:
        apply_policy(project_id=project_id, source=source, now=now)
    except PolicyFault as error:
        raise SetUpRefused(
            "routing",
            _(
                "The project's triage policy does not fit a queue of these kinds:"
                " %(error)s. Choose fewer kinds, or let its file name this queue."
            )
            % {"error": error},
        ) from error


def _queues(project_id: int) -> dict[str, set[str]]:
    return {
        queue.slug: {kind.lower() for kind in queue.kinds}
        for queue in Queue.objects.filter(project_id=project_id).order_by("slug")
    }


def _take_in(
    project: str, entries: Iterable[Entry], now: datetime, rng: Random
) -> IntakeReport:
    report = ingest_items(
        project=project, entries=entries, now=now, is_strict=True, rng=rng
    )
    if report.n_faults:
        raise SetUpRefused(
            "file",
            _("Nothing was taken in: some lines are not as expected."),
            [str(fault) for fault in report.faults],
            report.n_faults,
        )
    if not report.read:
        raise SetUpRefused("file", _("The file has no line."))
    return report


def _refuse_misfit(project_id: int, queue: str) -> None:
    takes = _(" and ").join(sorted(_queues(project_id)[queue]))
    message = _("No line of the file is for this queue: it takes kind %(kinds)s.")
    raise SetUpRefused("file", message % {"kinds": takes})
