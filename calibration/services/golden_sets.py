"""What a golden set should hold, and how its cases are graded."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction

from calibration.formats.grading import TermsFault, TermsLine
from calibration.formats.specs import Spec, SpecFault, describe_spec
from calibration.models import (
    CaseTerms,
    GoldenSet,
    Pseudonym,
    RetiredBecause,
    Retirement,
    SetSpec,
)
from calibration.queries.corrections import list_undrafted
from calibration.queries.criteria import (
    ScaledVersion,
    UnknownVersion,
    get_sibling_id,
    get_version,
)
from reviews.models import Item, Member
from reviews.queries.queues import QueueFacts

CHUNK = 1000


class SetRefused(Exception):
    """The set cannot be made so; the message says why."""


@transaction.atomic
def get_or_make_set(*, name: str, queue: QueueFacts, now: datetime) -> GoldenSet:
    """The set of that name, locked until the transaction ends."""
    check_set_name(name, queue)
    GoldenSet.objects.get_or_create(
        project_id=queue.project_id,
        slug=name,
        defaults={"queue_id": queue.id, "created_at": now},
    )
    return GoldenSet.objects.select_for_update(no_key=True).get(
        project_id=queue.project_id, slug=name
    )


def check_set_name(name: str, queue: QueueFacts) -> None:
    try:
        validate_slug(name)
    except ValidationError:
        raise SetRefused(
            f"{name!r} is no name for a golden set: letters, digits, - and _ only"
        ) from None
    other = (
        GoldenSet.objects.filter(project_id=queue.project_id, slug=name)
        .exclude(queue_id=queue.id)
        .select_related("queue")
        .first()
    )
    if other is not None:
        raise SetRefused(f"{name!r} is the golden set of queue {other.queue.slug!r}")


def get_spec_version(queue: QueueFacts, spec: Spec | None) -> ScaledVersion:
    """The rubric version under which the cases are labelled."""
    number = spec.eligible.rubric_version if spec is not None else None
    if number is None:
        return get_version(queue.rubric_version_id)
    try:
        return get_version(
            get_sibling_id(version_id=queue.rubric_version_id, number=number)
        )
    except UnknownVersion as error:
        raise SpecFault(f"eligible.rubric_version: {error}") from None


@transaction.atomic
def apply_spec(
    *,
    name: str,
    queue: QueueFacts,
    spec: Spec,
    applied_by_id: int | None,
    now: datetime,
) -> bool:
    """Let the set hold what the spec says from now on; whether anything changed."""
    get_spec_version(queue, spec)
    golden_set = get_or_make_set(name=name, queue=queue, now=now)
    latest = golden_set.specs.order_by("number").last()
    # As JSON keeps it, so that what was stored can be compared with it.
    document = msgspec.json.decode(msgspec.json.encode(describe_spec(spec)))
    if latest is not None and latest.document == document:
        return False
    SetSpec.objects.create(
        golden_set=golden_set,
        number=latest.number + 1 if latest is not None else 1,
        document=document,
        applied_by_id=applied_by_id,
        applied_at=now,
    )
    return True


@dataclass(frozen=True)
class TermsReport:
    n_changed: int
    n_unchanged: int
    faults: tuple[TermsFault, ...]


@transaction.atomic
def apply_terms(
    *,
    golden_set_id: int,
    lines: Iterable[TermsLine | TermsFault],
    owner_id: int | None,
    now: datetime,
) -> TermsReport:
    """Take the references and rules of a file; a line that does not fit is told.

    Without an owner its references are drafts. What a line does not say stays.
    """
    golden_set = GoldenSet.objects.select_for_update(no_key=True).get(pk=golden_set_id)
    known = _criteria(golden_set)
    faults: list[TermsFault] = []
    n_changed = n_unchanged = 0
    for chunk in _chunks(lines, faults, known):
        changed, unchanged = _apply_chunk(golden_set, chunk, owner_id, now, faults)
        n_changed, n_unchanged = n_changed + changed, n_unchanged + unchanged
    in_order = tuple(sorted(faults, key=lambda fault: fault.line))
    return TermsReport(n_changed, n_unchanged, in_order)


@transaction.atomic
def own_reference(
    *, golden_set_id: int, item: str, owner_id: int, now: datetime
) -> None:
    """A person says that the drafted reference of the case is right."""
    # No id holds a NUL, and the database would not take one.
    if "\x00" in item:
        raise SetRefused("there is no such case")
    golden_set = GoldenSet.objects.select_for_update(no_key=True).get(pk=golden_set_id)
    latest = (
        CaseTerms.objects.filter(golden_set=golden_set, item__external_id=item)
        .order_by("pk")
        .last()
    )
    if latest is None or not latest.reference:
        raise SetRefused(f"case {item!r} has no reference")
    if latest.owner_id is not None:
        return
    latest.pk, latest.owner_id, latest.set_at = None, owner_id, now
    latest._state.adding = True
    latest.save(force_insert=True)


@transaction.atomic
def draft_from_corrections(*, golden_set_id: int, now: datetime) -> int:
    """What reviewers wrote an output should have been becomes the drafted reference
    of its case, where there is none; how many. Nobody stands behind it yet."""
    golden_set = GoldenSet.objects.select_for_update(no_key=True).get(pk=golden_set_id)
    found = list_undrafted(golden_set.pk)
    CaseTerms.objects.bulk_create(
        CaseTerms(
            golden_set=golden_set,
            item_id=one.item_id,
            reference=one.text,
            # How the case is graded stays as it was.
            grading=one.grading,
            set_at=now,
        )
        for one in found
    )
    return len(found)


@transaction.atomic
def retire_case(
    *,
    golden_set_id: int,
    item: str,
    because: str,
    note: str,
    retired_by_id: int | None,
    now: datetime,
) -> bool:
    """Let no later release hold the case; whether it was not retired before."""
    golden_set = GoldenSet.objects.select_for_update(no_key=True).get(pk=golden_set_id)
    if because not in RetiredBecause.values:
        known = ", ".join(RetiredBecause.labels)
        raise SetRefused(f"{because.lower()!r} is no ground; expected one of {known}")
    if not note.strip():
        raise SetRefused("a case is retired with a note that says why")
    found = Item.objects.filter(
        project_id=golden_set.project_id, external_id=item
    ).first()
    if found is None:
        raise SetRefused(f"the project has no item {item!r}")
    _, is_new = Retirement.objects.get_or_create(
        golden_set=golden_set,
        item=found,
        defaults={
            "because": because,
            "note": note.strip(),
            "retired_by_id": retired_by_id,
            "retired_at": now,
        },
    )
    return is_new


@transaction.atomic
def forget_member(*, project_id: int, handle: str) -> int:
    """Erase who is behind the pseudonyms of a person; how many there were.

    The releases stay as they are: no file of theirs ever held it.
    """
    member_id = find_member_id(project_id=project_id, handle=handle)
    n_erased, _ = Pseudonym.objects.filter(member=member_id).delete()
    return n_erased


def find_member_id(*, project_id: int, handle: str) -> int:
    found = Member.objects.filter(project_id=project_id, handle=handle).first()
    if found is None:
        raise SetRefused(f"the project has no member {handle!r}")
    return found.pk


def _criteria(golden_set: GoldenSet) -> set[str]:
    version = get_version(golden_set.queue.rubric_version_id)
    return {scale.key for scale in version.rated}


def _fault(line: TermsLine, known: set[str]) -> TermsFault | None:
    """What of its rule the rubric does not have."""
    rule = line.grading or {}
    for field in ("criteria", "criterion"):
        value = rule.get(field, ())
        for key in (value,) if isinstance(value, str) else value:
            if key not in known:
                expected = f"no criterion {key!r}; expected {', '.join(sorted(known))}"
                where = f"grading.{field}"
                return TermsFault(line.number, where, expected, line.case)
    return None


def _chunks(
    lines: Iterable[TermsLine | TermsFault], faults: list[TermsFault], known: set[str]
) -> Iterator[list[TermsLine]]:
    chunk: list[TermsLine] = []
    for line in lines:
        fault = line if isinstance(line, TermsFault) else _fault(line, known)
        if fault is not None or isinstance(line, TermsFault):
            faults += [fault] if fault is not None else []
            continue
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
        chunk.append(line)
    yield chunk


def _apply_chunk(
    golden_set: GoldenSet,
    lines: Sequence[TermsLine],
    owner_id: int | None,
    now: datetime,
    faults: list[TermsFault],
) -> tuple[int, int]:
    items = dict(
        Item.objects.filter(
            project_id=golden_set.project_id,
            external_id__in=[line.case for line in lines],
        ).values_list("external_id", "pk")
    )
    newest = {
        terms.item_id: terms
        for terms in CaseTerms.objects.filter(
            golden_set=golden_set, item__in=items.values()
        )
        .order_by("item_id", "-pk")
        .distinct("item_id")
    }
    made, n_unchanged = [], 0
    for line in lines:
        item_id = items.get(line.case)
        if item_id is None:
            problem = "the project has no such item"
            faults.append(TermsFault(line.number, "id", problem, line.case))
            continue
        before = newest.get(item_id) or CaseTerms(
            golden_set=golden_set, item_id=item_id
        )
        terms = _changed(before, line, owner_id, now)
        if terms is None:
            n_unchanged += 1
        else:
            newest[item_id] = terms
            made.append(terms)
    CaseTerms.objects.bulk_create(made)
    return len(made), n_unchanged


def _changed(
    before: CaseTerms, line: TermsLine, owner_id: int | None, now: datetime
) -> CaseTerms | None:
    reference, owner, grading = before.reference, before.owner_id, before.grading
    if line.says_reference:
        # The same text again takes nobody's name off it.
        if (line.reference or "") != reference or owner_id is not None:
            owner = owner_id if line.reference else None
        reference = line.reference or ""
    if line.says_grading:
        grading = line.grading
    said: tuple[Any, ...] = (reference, owner, grading)
    if said == (before.reference, before.owner_id, before.grading):
        return None
    return CaseTerms(
        golden_set=before.golden_set,
        item_id=before.item_id,
        reference=reference,
        owner_id=owner,
        grading=grading,
        set_at=now,
    )
