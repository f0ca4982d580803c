"""What of an item would be erased, and what was."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from calibration.formats.erasure import BEGINS, Erased, list_erased
from calibration.formats.release import CASES, INDEX, canonical
from calibration.models import CaseTerms, Release, ReleaseLine
from labeling.models import Adjudication, Correction, Draft, Judgment, Rating, Span
from reviews.models import Erasure, Item


class UnknownItem(Exception):
    """The project has no such item."""


@dataclass(frozen=True)
class ErasureScope:
    """Where the words of an item, and those about it, stand."""

    item_id: int
    external_id: str
    n_judgments: int
    n_notes: int
    n_corrections: int
    n_marks: int
    n_drafts: int
    n_references: int
    # NAME@VERSION of every release that holds it.
    releases: tuple[str, ...]
    # None: it was not erased yet.
    erased_at: datetime | None
    reason: str


def get_erasure_scope(
    *, project_id: int, item_id: int | None = None, external_id: str = ""
) -> ErasureScope:
    """By its number or by its id as ingested."""
    items = Item.objects.filter(project_id=project_id)
    wanted = {"external_id": external_id} if item_id is None else {"pk": item_id}
    item = None if "\x00" in external_id else items.filter(**wanted).first()
    if item is None:
        raise UnknownItem("the project has no such item")
    judged = Q(judgment__item=item)
    erasure = Erasure.objects.filter(item=item).first()
    return ErasureScope(
        item_id=item.pk,
        external_id=item.external_id,
        n_judgments=Judgment.objects.filter(item=item).count(),
        n_notes=Judgment.objects.filter(item=item).exclude(comment="").count()
        + Rating.objects.filter(judged).exclude(rationale="").count()
        + Adjudication.objects.filter(dispute__item=item).count(),
        n_corrections=Correction.objects.filter(judged).count(),
        n_marks=Span.objects.filter(judged).count(),
        n_drafts=Draft.objects.filter(assignment__item=item).count(),
        n_references=CaseTerms.objects.filter(item=item).exclude(reference="").count(),
        releases=_releases(item),
        erased_at=erasure.erased_at if erasure else None,
        reason=erasure.reason if erasure else "",
    )


def list_erased_cases(release_id: int) -> list[Erased]:
    lines = _erased_lines().filter(release_id=release_id).order_by("number")
    return list(list_erased(lines.values_list("text", flat=True)))


def count_erased_cases(golden_set_id: int) -> dict[int, int]:
    """By release; one without any is not there."""
    lines = _erased_lines().filter(release__golden_set=golden_set_id).order_by()
    return dict(lines.values_list("release_id").annotate(n=Count("pk")))


def _erased_lines() -> QuerySet[ReleaseLine]:
    return ReleaseLine.objects.filter(file=CASES, text__startswith=BEGINS)


def list_erased_items(project_id: int) -> set[str]:
    """By their ids as ingested."""
    found = Erasure.objects.filter(item__project_id=project_id)
    return set(found.values_list("item__external_id", flat=True))


def _releases(item: Item) -> tuple[str, ...]:
    entry = f"  {canonical(item.external_id)[1:-1].decode()}"
    lines = ReleaseLine.objects.filter(
        release__golden_set__project_id=item.project_id,
        file=INDEX[CASES],
        text__endswith=entry,
    ).values_list("release_id", "text")
    held = {release for release, text in lines if len(text) == 64 + len(entry)}
    found = Release.objects.filter(pk__in=held).select_related("golden_set")
    return tuple(map(str, found.order_by("pk")))
