"""Disputes as the adjudicator sees them: no names, no order that tells."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from labeling.models import Adjudication, Cause, Dispute, Rating
from labeling.queries.findings import Found, list_findings
from labeling.queries.rubrics import CriterionFacts, RubricFacts, get_rubric_version
from reviews.queries.presentations import ItemContent, get_item_content

CAUSES: tuple[tuple[str, str], ...] = tuple(
    (cause.value, cause.label) for cause in Cause
)
PAGE_SIZE = 25


class UnknownDispute(Exception):
    """There is no such dispute in this project."""


class StillOpen(Exception):
    """Who voted what is told once the dispute is settled, and not before."""


@dataclass(frozen=True)
class DisputeRow:
    public_id: UUID
    queue: str
    queue_title: str
    criterion: str
    # Of a trace, where each is rated; 0: the item.
    step: int
    opening: str
    agreement: float
    because: str
    opened_at: datetime
    is_settled: bool


@dataclass(frozen=True)
class DisputeList:
    """One page of a list of disputes; pages count from 1."""

    rows: tuple[DisputeRow, ...]
    number: int
    n_pages: int


@dataclass(frozen=True)
class Vote:
    """One reviewer's rating; whose, once the dispute is settled and somebody asks."""

    shown: str
    rationale: str
    comment: str
    # The responses stood in another order on that reviewer's screen, so that
    # "A" in their words is not the A of this page.
    is_reordered: bool
    found: Found | None
    handle: str | None


@dataclass(frozen=True)
class StepVotes:
    """What one step of the item was given on the criterion, by all together."""

    step: int
    # Each value in words and how often it was given, in the order of the scale.
    shown: tuple[tuple[str, int], ...]
    # The dispute about that step, if there is one.
    dispute: UUID | None
    is_settled: bool


@dataclass(frozen=True)
class Decision:
    shown: str
    reason: str
    cause: str
    guideline_gap: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class Neighbours:
    """The open disputes of the queue around one, from the lowest agreement on."""

    previous: UUID | None
    following: UUID | None
    # From 1; none for what is settled.
    place: int | None
    n_open: int


@dataclass(frozen=True)
class DisputePage:
    id: int
    public_id: UUID
    item_id: int
    queue: str
    queue_title: str
    rubric: RubricFacts
    criterion: CriterionFacts
    # Of a trace, where each is rated; 0: the item.
    step: int
    agreement: float
    because: str
    content: ItemContent | None
    votes: tuple[Vote, ...]
    # Of all steps, where the dispute is about one.
    steps: tuple[StepVotes, ...]
    decision: Decision | None


def list_disputes(
    *, project_id: int, queue: str | None, settled: bool, page: int | str
) -> DisputeList:
    """The lowest agreement first; of the settled, the last decision first."""
    order = ("-adjudication__decided_at", "pk") if settled else ("agreement", "pk")
    found = _disputes(project_id, queue, settled=settled).order_by(*order)
    rows = found.values(
        "public_id",
        "queue__slug",
        "queue__title",
        "criterion__title",
        "step",
        "agreement",
        "because",
        "opened_at",
        "item__presentable__content",
    )
    chosen = Paginator(rows, PAGE_SIZE).get_page(page)
    return DisputeList(
        rows=tuple(_row(row, settled) for row in chosen.object_list),
        number=chosen.number,
        n_pages=chosen.paginator.num_pages,
    )


def count_disputes(*, project_id: int, queue: str | None, settled: bool) -> int:
    return _disputes(project_id, queue, settled=settled).count()


def get_neighbours(*, project_id: int, dispute: DisputePage) -> Neighbours:
    """Where `j` and `k` lead; after the last comes the first."""
    found = _disputes(project_id, dispute.queue, settled=False).exclude(pk=dispute.id)
    share, pk = dispute.agreement, dispute.id
    before = found.filter(Q(agreement__lt=share) | Q(agreement=share, pk__lt=pk))
    after = found.filter(Q(agreement__gt=share) | Q(agreement=share, pk__gt=pk))
    order, back = ("agreement", "pk"), ("-agreement", "-pk")
    is_open = dispute.decision is None
    return Neighbours(
        previous=_first(before, *back) or _first(after, *back),
        following=_first(after, *order) or _first(before, *order),
        place=before.count() + 1 if is_open else None,
        n_open=found.count() + is_open,
    )


def _first(found: QuerySet[Dispute], *order: str) -> UUID | None:
    return found.order_by(*order).values_list("public_id", flat=True).first()


def get_dispute(
    *, project_id: int, public_id: UUID, is_named: bool = False
) -> DisputePage:
    """The page of a dispute; with names only after the decision."""
    dispute = (
        Dispute.objects.filter(queue__project_id=project_id, public_id=public_id)
        .select_related("queue", "criterion")
        .first()
    )
    if dispute is None:
        raise UnknownDispute(str(public_id))
    if is_named and not Adjudication.objects.filter(dispute=dispute).exists():
        raise StillOpen(str(public_id))
    rubric = get_rubric_version(dispute.criterion.version_id)
    criterion = next(c for c in rubric.criteria if c.id == dispute.criterion_id)
    return DisputePage(
        id=dispute.pk,
        public_id=public_id,
        item_id=dispute.item_id,
        queue=dispute.queue.slug,
        queue_title=dispute.queue.title,
        rubric=rubric,
        criterion=criterion,
        step=dispute.step,
        agreement=dispute.agreement,
        because=dispute.because,
        content=get_item_content(dispute.item_id, is_plain=dispute.queue.plain_text),
        votes=_votes(dispute, criterion, is_named=is_named),
        steps=_steps(dispute, criterion) if dispute.step else (),
        decision=_decision(dispute, criterion),
    )


def show_value(criterion: CriterionFacts, value: Any) -> str:
    """A value in the words of the rubric."""
    titles = {option.value: option.title for option in criterion.options}
    if isinstance(value, list):
        return ", ".join(titles.get(str(one), str(one)) for one in value) or _(
            "no label"
        )
    return titles.get(value, value) if isinstance(value, str) else f"{value:g}"


def _disputes(
    project_id: int, queue: str | None, *, settled: bool
) -> QuerySet[Dispute]:
    found = Dispute.objects.filter(
        queue__project_id=project_id, adjudication__isnull=not settled
    )
    return found.filter(queue__slug=queue) if queue else found


def _row(row: Mapping[str, Any], settled: bool) -> DisputeRow:
    return DisputeRow(
        public_id=row["public_id"],
        queue=row["queue__slug"],
        queue_title=row["queue__title"],
        criterion=row["criterion__title"],
        step=row["step"],
        opening=opening_of(row["item__presentable__content"] or {}),
        agreement=row["agreement"],
        because=row["because"],
        opened_at=row["opened_at"],
        is_settled=settled,
    )


def opening_of(content: dict[str, Any]) -> str:
    """The first words of an item: its id may say who wrote it."""
    texts = [content.get("prompt", "")]
    texts += [message["content"] for message in content.get("messages", [])]
    texts += [response["text"] for response in content.get("responses", [])]
    texts += [step.get("text", "") for step in content.get("steps", [])]
    return next((text for text in texts if text.strip()), "")[:400]


def _votes(
    dispute: Dispute, criterion: CriterionFacts, *, is_named: bool
) -> tuple[Vote, ...]:
    rows = Rating.objects.filter(
        judgment__queue_id=dispute.queue_id,
        judgment__item_id=dispute.item_id,
        judgment__counts=True,
        criterion_id=criterion.id,
        step=dispute.step,
    ).values_list(
        "pk",
        "value",
        "rationale",
        "judgment__comment",
        "judgment__assignment__response_order",
        "judgment__reviewer__handle",
        "judgment_id",
    )
    # Shuffled once for good: a reload shows the same order, another dispute of
    # the same raters another one.
    shuffled = sorted(rows, key=lambda row: _shuffle_key(dispute.public_id, row[0]))
    found = list_findings([row[-1] for row in shuffled])
    return tuple(
        Vote(
            shown=show_value(criterion, value),
            rationale=rationale,
            comment=comment,
            is_reordered=order != sorted(order),
            found=found.get(judgment_id),
            handle=handle if is_named else None,
        )
        for _, value, rationale, comment, order, handle, judgment_id in shuffled
    )


def _steps(dispute: Dispute, criterion: CriterionFacts) -> tuple[StepVotes, ...]:
    """Counted, so that nobody's answers can be followed from step to step."""
    rows = Rating.objects.filter(
        judgment__queue_id=dispute.queue_id,
        judgment__item_id=dispute.item_id,
        judgment__counts=True,
        criterion_id=criterion.id,
    ).values_list("step", "value")
    counts: dict[int, Counter[str]] = {}
    for step, value in rows:
        counts.setdefault(step, Counter())[show_value(criterion, value)] += 1
    others = Dispute.objects.filter(
        queue_id=dispute.queue_id, item_id=dispute.item_id, criterion_id=criterion.id
    ).values_list("step", "public_id", "adjudication")
    disputes = {step: (public_id, settled) for step, public_id, settled in others}
    order = [option.title for option in criterion.options]
    return tuple(
        StepVotes(
            step,
            tuple(sorted(found.items(), key=lambda one: _place(order, one[0]))),
            *_about(disputes.get(step)),
        )
        for step, found in sorted(counts.items())
    )


def _about(found: tuple[UUID, int | None] | None) -> tuple[UUID | None, bool]:
    return (found[0], found[1] is not None) if found else (None, False)


def _place(order: list[str], shown: str) -> tuple[int, str]:
    return order.index(shown) if shown in order else len(order), shown


def _shuffle_key(public_id: UUID, rating_id: int) -> bytes:
    return hashlib.sha256(public_id.bytes + str(rating_id).encode()).digest()


def _decision(dispute: Dispute, criterion: CriterionFacts) -> Decision | None:
    found = (
        Adjudication.objects.filter(dispute=dispute)
        .select_related("adjudicator")
        .first()
    )
    if found is None:
        return None
    return Decision(
        shown=show_value(criterion, found.value),
        reason=found.reason,
        cause=_(Cause(found.cause).label),
        guideline_gap=found.guideline_gap,
        decided_by=found.adjudicator.handle,
        decided_at=found.decided_at,
    )
