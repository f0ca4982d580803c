"""What a lead sees of rubrics: their versions, their drafts, who judges by them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from labeling.models import Judgment, RubricVersion
from labeling.models.rubrics import RubricDraft
from reviews.models import Queue
from reviews.queries.relabeling import count_outdated


class UnknownRubric(Exception):
    """The project has no such rubric, or no such version of it."""


@dataclass(frozen=True)
class QueueUse:
    """A queue and the version that its batches are dealt under."""

    slug: str
    title: str
    number: int


@dataclass(frozen=True)
class VersionUse:
    """A queue of a rubric, seen from one of its versions."""

    slug: str
    title: str
    number: int
    # Items that were judged under another version, and would be asked for again.
    n_judged: int


@dataclass(frozen=True)
class VersionRow:
    number: int
    title: str
    published_at: datetime
    judgments: int
    queues: tuple[QueueUse, ...]


@dataclass(frozen=True)
class DraftFacts:
    sheet: dict[str, Any]
    revision: int
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True)
class RubricRow:
    """A rubric with its versions, the newest first; none yet for a first draft."""

    slug: str
    title: str
    versions: tuple[VersionRow, ...]
    has_draft: bool

    @property
    def newest(self) -> VersionRow | None:
        return self.versions[0] if self.versions else None

    @property
    def queues(self) -> tuple[QueueUse, ...]:
        return tuple(queue for version in self.versions for queue in version.queues)

    @property
    def lagging(self) -> tuple[QueueUse, ...]:
        """Queues that are still on an older version."""
        return tuple(queue for one in self.versions[1:] for queue in one.queues)


@dataclass(frozen=True)
class VersionDocument:
    version_id: int
    slug: str
    number: int
    published_at: datetime
    document: dict[str, Any]


def list_rubrics(project_id: int, *, slug: str | None = None) -> list[RubricRow]:
    versions = RubricVersion.objects.filter(rubric__project_id=project_id)
    drafts = RubricDraft.objects.filter(project_id=project_id)
    if slug is not None:
        versions, drafts = versions.filter(rubric__slug=slug), drafts.filter(slug=slug)
    titles = {draft.slug: draft.sheet["title"] for draft in drafts.order_by("slug")}
    found: dict[str, list[VersionRow]] = {slug: [] for slug in titles}
    judged, used = _count_judgments(project_id), _list_uses(project_id)
    for version in versions.select_related("rubric").order_by("-number", "pk"):
        row = VersionRow(
            version.number,
            version.title,
            version.published_at,
            judged.get(version.pk, 0),
            used.get(version.pk, ()),
        )
        found.setdefault(version.rubric.slug, []).append(row)
    return [
        RubricRow(
            slug, rows[0].title if rows else titles[slug], tuple(rows), slug in titles
        )
        for slug, rows in sorted(found.items())
    ]


def get_rubric(*, project_id: int, slug: str) -> RubricRow:
    rows = list_rubrics(project_id, slug=slug)
    if not rows:
        raise UnknownRubric(slug)
    return rows[0]


def _count_judgments(project_id: int) -> Mapping[int, int]:
    rows = (
        Judgment.objects.filter(queue__project_id=project_id, counts=True)
        .order_by()
        .values_list("rubric_version_id")
        .annotate(n=Count("pk"))
    )
    return dict(rows)


def _list_uses(project_id: int) -> Mapping[int, tuple[QueueUse, ...]]:
    found: dict[int, tuple[QueueUse, ...]] = {}
    queues = Queue.objects.filter(project_id=project_id).order_by("title", "pk")
    for queue in queues.select_related("rubric_version"):
        use = QueueUse(queue.slug, queue.title, queue.rubric_version.number)
        version = queue.rubric_version_id
        found[version] = (*found.get(version, ()), use)
    return found


def list_uses(*, project_id: int, slug: str, version_id: int) -> list[VersionUse]:
    """The queues that judge by some version of the rubric."""
    queues = Queue.objects.filter(
        project_id=project_id, rubric_version__rubric__slug=slug
    ).select_related("rubric_version")
    return [
        VersionUse(
            queue.slug,
            queue.title,
            queue.rubric_version.number,
            count_outdated(queue_id=queue.pk, version_id=version_id),
        )
        for queue in queues.order_by("title", "pk")
    ]


def get_document(
    *, project_id: int, slug: str, number: int | None = None
) -> VersionDocument:
    """A version, or the newest one."""
    versions = RubricVersion.objects.filter(
        rubric__project_id=project_id, rubric__slug=slug
    )
    if number is not None:
        versions = versions.filter(number=number)
    version = versions.order_by("-number").first()
    if version is None:
        raise UnknownRubric(slug)
    return VersionDocument(
        version.pk, slug, version.number, version.published_at, version.document
    )


def find_draft(*, project_id: int, slug: str) -> DraftFacts | None:
    draft = (
        RubricDraft.objects.filter(project_id=project_id, slug=slug)
        .select_related("saved_by")
        .first()
    )
    if draft is None:
        return None
    return DraftFacts(
        draft.sheet, draft.revision, draft.saved_by.handle, draft.saved_at
    )
