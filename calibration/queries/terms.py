"""What was said of the cases of a set: terms, retirements, and its spec."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from calibration.formats.specs import Spec, read_spec
from calibration.models import CaseTerms, RetiredBecause, Retirement, SetSpec


@dataclass(frozen=True)
class Terms:
    """How one case is graded, and against what."""

    item: str
    reference: str
    # The handle of who stands behind the reference; None: it is a draft.
    owner: str | None
    # None: by the labels.
    grading: dict[str, Any] | None


@dataclass(frozen=True)
class Retired:
    item: str
    because: str
    note: str


def find_spec(golden_set_id: int | None) -> Spec | None:
    """The spec that holds, if the set has one."""
    found = SetSpec.objects.filter(golden_set=golden_set_id).order_by("number").last()
    return None if found is None else read_spec(found.document)


def get_terms(golden_set_id: int | None, item_ids: Collection[int]) -> dict[int, Terms]:
    """The newest terms of each of these items that has any."""
    newest = (
        CaseTerms.objects.filter(golden_set=golden_set_id, item__in=item_ids)
        .order_by("item_id", "-pk")
        .distinct("item_id")
        .select_related("owner", "item")
    )
    return {terms.item_id: _facts(terms) for terms in newest}


def list_drafts(golden_set_id: int, limit: int) -> list[Terms]:
    """References that nobody stands behind yet, by the name of their case."""
    newest = (
        CaseTerms.objects.filter(golden_set=golden_set_id)
        .order_by("item_id", "-pk")
        .distinct("item_id")
        .values("pk")
    )
    drafts = (
        CaseTerms.objects.filter(pk__in=newest, owner__isnull=True)
        .exclude(reference="")
        .select_related("owner", "item")
        .order_by("item__external_id")
    )
    return [_facts(terms) for terms in drafts[:limit]]


def count_references(golden_set_id: int) -> tuple[int, int]:
    """References that somebody owns, and drafts."""
    newest = (
        CaseTerms.objects.filter(golden_set=golden_set_id)
        .order_by("item_id", "-pk")
        .distinct("item_id")
        .values("pk")
    )
    referenced = CaseTerms.objects.filter(pk__in=newest).exclude(reference="")
    n_owned = referenced.filter(owner__isnull=False).count()
    return n_owned, referenced.count() - n_owned


def count_terms(golden_set_id: int | None) -> int:
    return CaseTerms.objects.filter(golden_set=golden_set_id).count()


def list_retired(golden_set_id: int | None) -> list[Retired]:
    """By the name of the case."""
    found = Retirement.objects.filter(golden_set=golden_set_id).order_by(
        "item__external_id"
    )
    return [
        Retired(item, RetiredBecause(because).label, note)
        for item, because, note in found.values_list(
            "item__external_id", "because", "note"
        )
    ]


def _facts(terms: CaseTerms) -> Terms:
    return Terms(
        item=terms.item.external_id,
        reference=terms.reference,
        owner=terms.owner.handle if terms.owner else None,
        grading=terms.grading,
    )
