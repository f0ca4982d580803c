"""Freezing: what a queue has decided becomes an immutable release."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from calibration.formats.release import (
    CROISSANT,
    DATA,
    DATASHEET,
    VERSION,
)
from calibration.formats.specs import Spec, SpecFault
from calibration.models import GoldenSet, Pseudonym, Release
from calibration.queries.cases import count_not_judged
from calibration.queries.criteria import ScaledVersion
from calibration.queries.erasures import list_erased_items
from calibration.queries.ratings import count_open_disputes
from calibration.queries.releases import (
    get_release_by_id,
    list_case_names,
)
from calibration.queries.terms import Retired, find_spec, list_retired
from calibration.services.agreement import Agreement, measure_agreement
from calibration.services.candidates import Tally, write_candidate
from calibration.services.composing import (
    Composition,
    chosen_cases,
    compose,
    list_gaps,
)
from calibration.services.doubts import dispute_doubtful_labels
from calibration.services.folders import check_folder_free, write_folder
from calibration.services.gate import list_blocks, list_case_blocks, read_agreement
from calibration.services.golden_sets import (
    SetRefused,
    check_set_name,
    get_or_make_set,
    get_spec_version,
)
from calibration.services.manifests import Draft, write_manifest
from calibration.services.selection import (
    Chosen,
    retired_because,
    select_cases,
)
from calibration.services.strata import measure_strata
from calibration.services.versions import (
    VersionTooLow,
    find_parent,
    number_release,
    workspace_lines,
)
from calibration.services.watermarks import Watermark, read_watermark
from labeling.services.disputes import recheck_items
from reviews.models import Member
from reviews.queries.queues import QueueFacts
from reviews.services.erasures import lock_erasing

CHUNK = 2000
OnStep = Callable[[str], None]


class FreezeRefused(Exception):
    """The queue may not be frozen now; `blocks` says why, one reason each."""

    def __init__(self, *blocks: str) -> None:
        super().__init__("; ".join(blocks))
        self.blocks = blocks


@dataclass(frozen=True)
class Frozen:
    """The release that holds what was to be frozen, new or not."""

    release_id: int
    name: str
    version: str
    digest: str
    n_cases: int
    is_new: bool
    overridden: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What is to be frozen, and what the set says of it."""

    name: str
    queue: QueueFacts
    version: ScaledVersion
    golden_set_id: int | None
    latest: Release | None
    spec: Spec | None
    retired: tuple[Retired, ...]
    override: str


@dataclass(frozen=True)
class Confirmed:
    """What a lead was shown, and said yes to."""

    n_cases: int
    blocks: tuple[str, ...]
    watermark: Watermark


@dataclass(frozen=True)
class _Measured:
    agreement: Agreement
    # Reasons to refuse, whatever is chosen.
    blocks: tuple[str, ...]
    watermark: Watermark


def freeze_release(
    *,
    name: str,
    queue: QueueFacts,
    override: str,
    frozen_by_id: int | None,
    now: datetime,
    out: Path | None = None,
    version: str = "",
    confirmed: Confirmed | None = None,
    on_step: OnStep = lambda step: None,
) -> Frozen:
    """Publish what the set should hold, unless the latest release holds it.

    With `out`, the release is published and written to that folder, or neither. With
    `version`, it gets that number, which may not be lower than what changed asks for.
    """
    if version and not VERSION.match(version):
        raise FreezeRefused(f"{version!r} is no version: expected three numbers")
    if out is not None:
        check_folder_free(out)
    # Disputes that nobody has looked for yet would not stand in the way.
    while recheck_items(now=now, limit=CHUNK):
        on_step("Looking for disputes")
    plan = plan_release(name, queue, override.strip())
    erased = list_erased_items(queue.project_id)
    on_step("Looking for labels in doubt")
    dispute_doubtful_labels(queue=plan.queue, now=now)
    measured = _measure(plan, on_step)
    with tempfile.TemporaryDirectory(prefix="touchstone-") as folder:
        workspace = Path(folder)
        is_asked = plan.latest is not None and version not in ("", plan.latest.version)
        same = None if is_asked else _find_same(workspace, plan, measured, on_step)
        if same is not None:
            if out is not None:
                write_folder(get_release_by_id(same.release_id), out)
            return same
        draft = _draft(workspace, plan, measured, plan.latest, on_step)
        if draft.blocks and not plan.override:
            raise FreezeRefused(*draft.blocks)
        _check_confirmed(confirmed, draft, measured)
        on_step(f"Publishing {draft.candidate.tally.n_cases:,} cases")
        with transaction.atomic():
            _check_erased(queue.project_id, erased)
            frozen = _publish(workspace, plan, draft, version, frozen_by_id, now)
            if out is not None:
                # Last: nothing after it can be refused. Should the commit itself
                # fail, freezing again finds the same bytes there.
                write_folder(get_release_by_id(frozen.release_id), out)
        return frozen


def plan_release(name: str, queue: QueueFacts, override: str) -> Plan:
    try:
        check_set_name(name, queue)
        found = GoldenSet.objects.filter(project=queue.project_id, slug=name).first()
        spec = find_spec(found.pk) if found is not None else None
        version = get_spec_version(queue, spec)
    except (SetRefused, SpecFault) as error:
        raise FreezeRefused(str(error)) from None
    if version.per_step and not version.rated:
        raise FreezeRefused(
            "the rubric rates steps alone: a case is graded by a label of the item"
        )
    if spec is not None and spec.eligible.agreement_bar is not None:
        queue = replace(queue, agreement_bar=spec.eligible.agreement_bar)
    return Plan(
        name=name,
        queue=replace(queue, rubric_version_id=version.id),
        version=version,
        golden_set_id=found.pk if found is not None else None,
        latest=found.releases.order_by("pk").last() if found is not None else None,
        spec=spec,
        retired=tuple(list_retired(found.pk)) if found is not None else (),
        override=override,
    )


def _measure(plan: Plan, on_step: OnStep) -> _Measured:
    on_step("Measuring agreement")
    queue = {"queue_id": plan.queue.id, "version_id": plan.version.id}
    before = _watermark(plan)
    agreement = measure_agreement(**queue)
    blocks = list_blocks(
        read_agreement(agreement),
        bar=plan.queue.agreement_bar,
        n_open_disputes=count_open_disputes(**queue),
    )
    if blocks and not plan.override:
        raise FreezeRefused(*blocks)
    return _Measured(agreement, tuple(blocks), before)


def _check_confirmed(
    confirmed: Confirmed | None, draft: Draft, measured: _Measured
) -> None:
    """Between the page and the worker, too, something may have come in."""
    made = Confirmed(draft.candidate.tally.n_cases, draft.blocks, measured.watermark)
    if confirmed is not None and made != confirmed:
        raise FreezeRefused("it is no longer what was confirmed: look at it again")


def _check_erased(project_id: int, erased: set[str]) -> None:
    """What is erased while cases are written would be published for ever."""
    lock_erasing(project_id)
    if list_erased_items(project_id) != erased:
        raise FreezeRefused("an item was erased in the meantime: freeze again")


def _find_same(
    workspace: Path, plan: Plan, measured: _Measured, on_step: OnStep
) -> Frozen | None:
    """The latest release, if frozen in its place the set would be just that."""
    latest = plan.latest
    if latest is None:
        return None
    before = (
        Release.objects.filter(golden_set=latest.golden_set_id, pk__lt=latest.pk)
        .order_by("pk")
        .last()
    )
    draft = _draft(workspace, plan, measured, before, on_step)
    manifest = write_manifest(draft, latest.version, find_parent(workspace, before))
    if manifest.digest != latest.digest:
        return None
    return _frozen(draft, latest, is_new=False)


def _draft(
    workspace: Path,
    plan: Plan,
    measured: _Measured,
    parent: Release | None,
    on_step: OnStep,
) -> Draft:
    """Write what the set should hold after `parent`; which reasons stand against it."""
    on_step("Choosing cases")
    composition = _compose(plan, parent)
    tally = Tally()
    on_step("Writing cases")
    candidate = write_candidate(
        workspace,
        queue=plan.queue,
        version=plan.version,
        golden_set_id=plan.golden_set_id,
        spec=plan.spec,
        cases=_cases(plan, composition, tally),
        tally=tally,
    )
    if not tally.n_cases:
        raise FreezeRefused("no item has all its judgments and a label")
    queue = {"queue_id": plan.queue.id, "version_id": plan.version.id}
    draft = Draft(
        name=plan.name,
        queue=plan.queue,
        candidate=candidate,
        agreement=measured.agreement,
        strata=measure_strata(
            queue_id=plan.queue.id,
            version=plan.version,
            strata=composition.strata if composition is not None else {},
        ),
        composition=composition,
        retired=plan.retired,
        n_not_judged=count_not_judged(**queue),
        blocks=(
            *measured.blocks,
            *list_case_blocks(
                list_gaps(composition) if composition is not None else (),
                n_unreferenced=tally.n_unreferenced,
            ),
        ),
        override=plan.override,
    )
    if _watermark(plan) != measured.watermark:
        raise FreezeRefused("judgments arrived in the meantime: freeze again")
    return draft


def _compose(plan: Plan, parent: Release | None) -> Composition | None:
    if plan.spec is None:
        return None
    return compose(
        plan.queue,
        plan.version,
        plan.spec,
        parent=list_case_names(parent.pk) if parent is not None else (),
        retired=_retired_because(plan),
    )


def _cases(
    plan: Plan, composition: Composition | None, tally: Tally
) -> Iterator[Chosen]:
    if composition is not None:
        tally.left_out.update(composition.left_out)
        return chosen_cases(plan.queue, plan.version, composition)
    retired = _retired_because(plan)
    return map(Chosen, select_cases(plan.queue, plan.version, tally, retired=retired))


def _retired_because(plan: Plan) -> dict[str, str]:
    return retired_because(plan.queue.project_id, plan.retired)


def _watermark(plan: Plan) -> Watermark:
    return read_watermark(
        queue_id=plan.queue.id,
        version_id=plan.version.id,
        golden_set_id=plan.golden_set_id,
    )


def _publish(
    workspace: Path,
    plan: Plan,
    draft: Draft,
    wanted: str,
    frozen_by_id: int | None,
    now: datetime,
) -> Frozen:
    golden_set = get_or_make_set(name=draft.name, queue=draft.queue, now=now)
    if golden_set.releases.order_by("pk").last() != plan.latest:
        raise FreezeRefused("another release was frozen in the meantime: freeze again")
    parent = find_parent(workspace, plan.latest)
    try:
        version = number_release(parent, wanted)
    except VersionTooLow as error:
        raise FreezeRefused(str(error)) from None
    manifest = write_manifest(draft, version, parent)
    release = Release.objects.create(
        golden_set=golden_set,
        version=version,
        digest=manifest.digest,
        manifest=manifest.text,
        n_cases=draft.candidate.tally.n_cases,
        frozen_by_id=frozen_by_id,
        frozen_at=now,
    )
    for file in DATA:
        _store(release, file, workspace_lines(workspace / file))
    _store(release, DATASHEET, iter(manifest.datasheet.splitlines()))
    _store(release, CROISSANT, iter(manifest.croissant.splitlines()))
    _keep_pseudonyms(release, draft)
    return _frozen(draft, release, is_new=True)


def _store(release: Release, file: str, lines: Iterator[str]) -> None:
    columns = "release_id, file, number, text"
    copying = f"COPY calibration_releaseline ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copying) as copy:
        for number, text in enumerate(lines, start=1):
            copy.write_row((release.pk, file, number, text))


def _keep_pseudonyms(release: Release, draft: Draft) -> None:
    people = draft.candidate.people.pseudonyms
    members = Member.objects.filter(
        project_id=draft.queue.project_id, handle__in=people
    )
    Pseudonym.objects.bulk_create(
        Pseudonym(release=release, name=people[member.handle], member=member)
        for member in members
    )


def _frozen(draft: Draft, release: Release, *, is_new: bool) -> Frozen:
    return Frozen(
        release_id=release.pk,
        name=draft.name,
        version=release.version,
        digest=release.digest,
        n_cases=release.n_cases,
        is_new=is_new,
        overridden=draft.blocks,
    )
