"""How the reviewers of a queue fare with its qualification, for the lead."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from reviews.models import (
    Assignment,
    PanelSeat,
    QualificationAct,
    QualificationDecision,
    Queue,
)
from reviews.queries.qualifications import Phase, Stage, known_gold, list_stages


@dataclass(frozen=True)
class Decided:
    """What a lead decided last about a reviewer."""

    words: str
    lead: str
    reason: str
    decided_at: datetime


@dataclass(frozen=True)
class QualificationRow:
    handle: str
    stage: Stage
    decided: Decided | None
    # Cases that the reviewer never had.
    n_gold: int
    # Whether they are dealt nothing until there is more.
    lacks_gold: bool

    @property
    def has_missed(self) -> bool:
        return self.stage.phase == Phase.FAILED

    @property
    def may_again(self) -> bool:
        return self.has_missed and self.n_gold >= self.stage.size

    @property
    def is_live(self) -> bool:
        return self.stage.phase.is_live

    @property
    def words(self) -> str:
        return gettext(self.stage.phase.value)

    @property
    def tone(self) -> str:
        tones = {Phase.FAILED: "warn", Phase.PASSED: "good", Phase.UNDER_WAY: "info"}
        return tones.get(self.stage.phase, "")


@dataclass(frozen=True)
class QualifyingPanel:
    # Cases whose answers are known under the rubric in force, kept for live use aside.
    n_gold: int
    # Who is asked, or was.
    rows: tuple[QualificationRow, ...]
    # Reviewers who judged here before, and are asked for nothing.
    n_before: int

    @property
    def waiting(self) -> tuple[QualificationRow, ...]:
        """Who is dealt nothing until there is more gold."""
        return tuple(row for row in self.rows if row.lacks_gold)


def get_qualifying_panel(queue_id: int) -> QualifyingPanel | None:
    """None where the queue asks for no qualification."""
    queue = Queue.objects.get(pk=queue_id)
    if not queue.qualification_size:
        return None
    seated = PanelSeat.objects.filter(queue_id=queue_id, is_active=True)
    handles = dict(seated.values_list("reviewer_id", "reviewer__handle"))
    gold = set(known_gold(queue).values_list("item_id", flat=True))
    had = _count_had(handles, gold)
    decided = _list_decided(queue_id)
    stages = list_stages(queue_ids=[queue_id])
    rows = [
        QualificationRow(
            handle=handles[stage.reviewer_id],
            stage=stage,
            decided=decided.get(stage.reviewer_id),
            n_gold=len(gold) - had[stage.reviewer_id],
            lacks_gold=_lacks_gold(
                stage, len(gold), len(gold) - had[stage.reviewer_id]
            ),
        )
        for stage in stages
        if stage.reviewer_id in handles and stage.phase != Phase.BEFORE
    ]
    rows.sort(key=lambda row: row.handle)
    n_before = sum(
        stage.reviewer_id in handles and stage.phase == Phase.BEFORE for stage in stages
    )
    return QualifyingPanel(len(gold), tuple(rows), n_before)


def _lacks_gold(stage: Stage, n_known: int, n_new: int) -> bool:
    if stage.attempt is not None and stage.is_under_way:
        # What lapsed comes again: it runs dry where the gold fits the rubric no more.
        return n_known < stage.attempt.n_missing
    return stage.is_due and n_new < stage.size


def _count_had(reviewers: dict[int, str], gold: set[int]) -> Counter[int]:
    """How many of the cases each reviewer has had in hand."""
    rows = Assignment.objects.filter(reviewer__in=reviewers, item__in=gold)
    pairs = rows.order_by().values_list("reviewer_id", "item_id").distinct()
    return Counter(reviewer for reviewer, _ in pairs)


def _list_decided(queue_id: int) -> dict[int, Decided]:
    rows = (
        QualificationDecision.objects.filter(queue=queue_id)
        .order_by("decided_at", "pk")
        .values_list("reviewer_id", "act", "lead__handle", "reason", "decided_at")
    )
    return {
        reviewer: Decided(gettext(QualificationAct(act).label), lead, reason, at)
        for reviewer, act, lead, reason, at in rows
    }
