"""Where a rubric is ambiguous: what its raters take for what, and dispute."""

from dataclasses import dataclass
from textwrap import shorten
from typing import Any
from uuid import UUID

from django.db.models import Count

from calibration.formats.agreement import limits, unit_of
from calibration.queries.agreement_tables import SPOKEN
from calibration.queries.ratings import JudgedVersion
from calibration.queries.snapshots import get_snapshot
from labeling.models import Adjudication, Cause, Dispute
from labeling.queries.disputes import opening_of
from labeling.queries.rubrics import CriterionFacts, RubricFacts

Json = dict[str, Any]

# Open disputes that are looked through, and that are shown of a criterion.
MOST_DISPUTES = 100
MOST_SHOWN = 3
# So much of the first words of an item.
OPENING = 90


@dataclass(frozen=True)
class Words:
    """An option as the rubric has it."""

    title: str
    anchor: str


@dataclass(frozen=True)
class ConfusedPair:
    first: Words
    # None: a label that some give and others do not.
    second: Words | None
    n_items: int
    # Of all disagreement on the criterion, in percent.
    share: int


@dataclass(frozen=True)
class OpenDispute:
    public_id: UUID
    opening: str


@dataclass(frozen=True)
class Evidence:
    """One criterion."""

    key: str
    title: str
    # What its raters part on: "item", or "step" where each step is rated.
    unit: str
    # Rated twice or more.
    n_items: int
    alpha: str
    pairs: tuple[ConfusedPair, ...]
    # Slices in which raters agree less than elsewhere, tested.
    breaks: tuple[str, ...]
    disputes: tuple[OpenDispute, ...]
    n_settled: int
    # Of these, put down to the rubric by the adjudicator.
    n_ambiguous: int


@dataclass(frozen=True)
class Change:
    title: str
    before: str
    after: str


@dataclass(frozen=True)
class Revision:
    """Alpha of each criterion under the version before and under this one."""

    before: int
    after: int
    changes: tuple[Change, ...]


def list_evidence(
    *, queue_id: int, rubric: RubricFacts, criteria: list[Json]
) -> tuple[Evidence, ...]:
    """The criterion of the lowest alpha first."""
    disputes = _list_open(queue_id, rubric.id)
    causes = _count_causes(queue_id, rubric.id)
    found = []
    for each in sorted(criteria, key=_by_alpha):
        criterion = rubric.criterion(each["criterion"])
        if criterion is None:
            continue
        by_cause = causes.get(criterion.key, {})
        found.append(
            Evidence(
                key=criterion.key,
                title=criterion.title,
                unit=unit_of(each),
                n_items=each["alpha"]["n_items"],
                alpha=limits(each["alpha"]),
                pairs=tuple(_pair(criterion, one) for one in each["confusions"]),
                breaks=tuple(_break(one) for one in each["slices"] if one["is_break"]),
                disputes=tuple(disputes.get(criterion.key, [])[:MOST_SHOWN]),
                n_settled=sum(by_cause.values()),
                n_ambiguous=by_cause.get(Cause.AMBIGUOUS_RUBRIC, 0),
            )
        )
    return tuple(found)


def get_revision(
    *, queue_id: int, versions: list[JudgedVersion], shown: int, after: list[Json]
) -> Revision | None:
    """What the version before measured; None if this one is the first judged."""
    earlier = [one for one in versions if one.number < shown]
    if not earlier:
        return None
    snapshot = get_snapshot(queue_id=queue_id, version_id=earlier[-1].version_id)
    if snapshot is None or snapshot.breakdown is None:
        return None
    before = {
        (each["criterion"], unit_of(each)): each["alpha"]
        for each in snapshot.breakdown["criteria"]
    }
    changes = tuple(
        Change(
            title=each["title"],
            before=limits(before[each["criterion"], unit_of(each)]),
            after=limits(each["alpha"]),
        )
        for each in after
        if (each["criterion"], unit_of(each)) in before
    )
    return Revision(earlier[-1].number, shown, changes)


def _by_alpha(criterion: Json) -> float:
    value = criterion["alpha"]["value"]
    return 2.0 if value is None else float(value)


def _pair(criterion: CriterionFacts, found: Json) -> ConfusedPair:
    second = found["second"]
    return ConfusedPair(
        first=_words(criterion, found["first"]),
        second=None if second is None else _words(criterion, second),
        n_items=found["n_items"],
        share=round(100 * found["share"]),
    )


def _words(criterion: CriterionFacts, value: str) -> Words:
    for option in criterion.options:
        if option.value == value:
            return Words(option.title, option.anchor)
    return Words(value, "")


def _break(found: Json) -> str:
    where = found["dimension"], found["value"]
    return f"{where[0]} {SPOKEN.get(where, where[1])}: {limits(found['alpha'])}"


def _list_open(queue_id: int, version_id: int) -> dict[str, list[OpenDispute]]:
    rows = Dispute.objects.filter(
        queue_id=queue_id,
        criterion__version_id=version_id,
        adjudication__isnull=True,
    ).order_by("agreement", "pk")
    found: dict[str, list[OpenDispute]] = {}
    for public_id, key, step, content in rows.values_list(
        "public_id", "criterion__key", "step", "item__presentable__content"
    )[:MOST_DISPUTES]:
        opening = opening_of(content or {})
        said = shorten(opening, OPENING, placeholder=" ...") or "no text"
        where = f"Step {step} of: " if step else ""
        found.setdefault(key, []).append(OpenDispute(public_id, f"{where}{said}"))
    return found


def _count_causes(queue_id: int, version_id: int) -> dict[str, dict[str, int]]:
    rows = (
        Adjudication.objects.filter(
            dispute__queue_id=queue_id, dispute__criterion__version_id=version_id
        )
        .values_list("dispute__criterion__key", "cause")
        .annotate(n=Count("pk"))
        .order_by("dispute__criterion__key", "cause")
    )
    found: dict[str, dict[str, int]] = {}
    for key, cause, n in rows:
        found.setdefault(key, {})[cause] = n
    return found
