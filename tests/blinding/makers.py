"""A project in which everything that a reviewer must not learn has a mark on it."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from calibration.models import (
    AgreementSnapshot,
    GoldCase,
    GoldenSet,
    GoldRating,
    JudgeTerms,
    Release,
    ReleaseLine,
    Standing,
)
from labeling.models import Adjudication, Criterion, Dispute, Draft, Guess, Rating
from labeling.queries.guesses import is_drawn
from reviews.models import (
    Assignment,
    Batch,
    Item,
    Member,
    Project,
    Queue,
    RoutingDecision,
    Seed,
    TriagePolicy,
    Unblinding,
    User,
)
from reviews.services.presentations import prepare_presentables
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_judgment,
    make_queue,
    make_rubric,
    make_slots,
)

# Every hidden text holds this word; every hidden number is one of the two.
MARK = "zqhidden"
SECRET_NUMBERS = ("0.731935", "0.264871")
SECRET = re.compile(rf"(?i){MARK}|" + "|".join(map(re.escape, SECRET_NUMBERS)))
# An id of which a guess is asked after the batch.
DRAWN = next(filter(is_drawn, (UUID(int=number) for number in range(1, 1000))))
BAR, RATE = map(float, SECRET_NUMBERS)


def hidden(name: str) -> str:
    return f"{MARK} {name}"


@dataclass(frozen=True)
class Scene:
    """Ada's batch among everything else; ids for every address there is."""

    project: Project
    queue: Queue
    batch: Batch
    # Ada's: judged, live (fresh, gold, retest), and one whose time ran out.
    judged: Assignment
    live: tuple[Assignment, ...]
    lapsed: Assignment
    # Ben's, on the item that Ada judged.
    others: Assignment
    others_batch: Batch
    item: Item
    dispute: Dispute
    golden_set: GoldenSet
    release: Release


def make_marked_item(project: Project, number: int) -> Item:
    return make_item(
        project,
        external_id=f"{MARK}-item-{number}",
        content={
            "prompt": f"Who wrote {MARK} number {number}?",
            "responses": [{"text": f"As {MARK}-9, I answer {number}."}],
        },
        provenance={
            "responses": [
                {"model": f"{MARK}-9", "parameters": {"x": [hidden("deep")]}}
            ],
            "vendor": MARK,
            hidden("key"): {"run": [hidden("run"), {"at": hidden("deeper")}]},
        },
        signals={
            "confidence": BAR,
            "stakes": hidden("stakes"),
            "intent": hidden("intent"),
            "flags": [hidden("flag")],
            "judges": [{"name": hidden("judge"), "score": RATE}],
        },
    )


def make_scene(project: Project, ada: Member, ben: Member, lea: Member) -> Scene:
    Project.objects.filter(pk=project.pk).update(triage_key=hidden("triage key"))
    for member in (ben, lea):
        Member.objects.filter(pk=member.pk).update(handle=f"{MARK}-{member.pk}")
        assert member.user_id is not None
        User.objects.filter(pk=member.user_id).update(
            username=f"{MARK}-{member.pk}", email=f"{MARK}@example.org"
        )
    # Ada's own handle in the project is the lead's word for her, not hers.
    Member.objects.filter(pk=ada.pk).update(handle=hidden("ada"))
    queue = make_queue(
        project,
        make_rubric(project),
        reviewers=[ada, ben],
        agreement_bar=BAR,
        gold_rate=RATE,
        retest_rate=RATE,
        batch_size=7,
        guess_systems=["Heron", "Wren"],
    )
    secret = {"seed": hidden("seed"), "seed_hash": hidden("seed hash")}
    batch = make_batch(queue, ada, 5, **secret)
    others_batch = make_batch(queue, ben, 1, **secret)
    items = [make_marked_item(project, number) for number in range(5)]
    until = timezone.now() + timedelta(minutes=50)
    slots = [make_slots(queue, item) for item in items]
    purposes: tuple[tuple[Any, dict[str, Any]], ...] = (
        (slots[0][0], {"public_id": DRAWN}),
        (slots[1][0], {}),
        (None, {"purpose": "GOLD"}),
        (None, {"purpose": "RETEST"}),
        (slots[4][0], {}),
    )
    prepare_presentables(item_ids=[item.pk for item in items], now=NOW)
    judged, *live, lapsed = [
        make_assignment(batch, item, slot, leased_until=until, **changes)
        for item, (slot, changes) in zip(items, purposes, strict=True)
    ]
    Assignment.objects.filter(pk=lapsed.pk).update(
        leased_until=timezone.now() - timedelta(minutes=5)
    )
    others = make_assignment(others_batch, items[0], slots[0][1], leased_until=until)
    _judge(judged, "good", "my own words")
    _judge(others, "bad", hidden("words of another"))
    _hide_the_rest(queue, items, others, lea)
    _measure(queue, ada)
    golden_set, release = _make_release(queue)
    return Scene(
        project=project,
        queue=queue,
        batch=batch,
        judged=judged,
        live=tuple(live),
        lapsed=lapsed,
        others=others,
        others_batch=others_batch,
        item=items[0],
        dispute=Dispute.objects.get(),
        golden_set=golden_set,
        release=release,
    )


def _judge(assignment: Assignment, value: str, comment: str) -> None:
    judgment = make_judgment(assignment)
    criterion = Criterion.objects.get(version_id=judgment.rubric_version_id)
    Rating.objects.create(
        judgment=judgment,
        criterion=criterion,
        value=value,
        displayed=value,
        rationale=comment,
    )


def _hide_the_rest(
    queue: Queue, items: list[Item], others: Assignment, lea: Member
) -> None:
    policy = TriagePolicy.objects.create(
        project=queue.project,
        number=1,
        source=hidden("policy"),
        rules=[{"name": hidden("rule")}],
        created_at=NOW,
    )
    for item in items:
        RoutingDecision.objects.create(
            item=item,
            policy=policy,
            rule=hidden("rule"),
            action="QUEUE",
            is_selected=True,
            queue=queue,
            inclusion_probability=BAR,
            draw=RATE,
            decided_at=NOW,
        )
    Seed.objects.create(queue=queue, item=items[2], band=hidden("band"), created_at=NOW)
    gold = GoldCase.objects.create(
        queue=queue,
        item=items[2],
        rubric_version_id=queue.rubric_version_id,
        rationale=hidden("gold rationale"),
        created_at=NOW,
    )
    criterion = Criterion.objects.get(version_id=queue.rubric_version_id)
    GoldRating.objects.create(
        gold_case=gold, criterion=criterion, value=hidden("gold value")
    )
    Draft.objects.create(
        assignment=others, answers={"comment": [hidden("draft")]}, saved_at=NOW
    )
    Guess.objects.create(
        assignment=others,
        options=[hidden("option")],
        system=hidden("guess"),
        clue=hidden("clue"),
        made_at=NOW,
    )
    dispute = Dispute.objects.create(
        queue=queue,
        item=items[0],
        criterion=criterion,
        agreement=BAR,
        opened_at=NOW,
        public_id=uuid4(),
    )
    Adjudication.objects.create(
        dispute=dispute,
        adjudicator=lea,
        value="good",
        reason=hidden("adjudication"),
        cause="MISSED_DETAIL",
        decided_at=NOW,
    )
    Unblinding.objects.create(
        item=items[1], lead=lea, reason=hidden("unblinding"), revealed_at=NOW
    )


def _measure(queue: Queue, reviewer: Member) -> None:
    AgreementSnapshot.objects.create(
        queue=queue,
        rubric_version_id=queue.rubric_version_id,
        n_judgments=0,
        results={"criteria": [], "why": hidden("agreement")},
        computed_at=NOW,
    )
    Standing.objects.create(
        queue=queue,
        reviewer=reviewer,
        state="WATCH",
        reason=hidden("standing"),
        n_gold=9,
        set_at=NOW,
    )
    JudgeTerms.objects.create(
        queue=queue, document={"judge": hidden("terms")}, applied_at=NOW
    )


def _make_release(queue: Queue) -> tuple[GoldenSet, Release]:
    golden_set = GoldenSet.objects.create(
        project=queue.project, slug=f"{MARK}-set", queue=queue, created_at=NOW
    )
    release = Release.objects.create(
        golden_set=golden_set,
        version="1.0.0",
        digest=hidden("digest"),
        manifest=hidden("manifest"),
        n_cases=1,
        frozen_at=NOW,
    )
    ReleaseLine.objects.create(
        release=release, file="cases.jsonl", number=1, text=hidden("case")
    )
    return golden_set, release
