"""Gold, retest and fresh items cannot be told apart by what a reviewer receives."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from scipy.stats import chisquare, rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from reviews.models import Assignment, Batch, Item, Member, Project, Purpose, Queue
from reviews.services.batches import deal_batch
from reviews.services.queues import seed_item
from tests.factories import (
    NOW,
    make_item,
    make_judgment,
    make_queue,
    make_rubric,
    make_slots,
)

WORDS = [
    *("the", "order", "came", "late", "and", "answer", "says", "when", "it"),
    *("will", "be", "sent", "again"),
]


def make_work(project: Project, reviewer: Member, **changes: Any) -> Queue:
    """A queue of items, and gold from the same distribution of texts."""
    rng = Random(7)
    values = {"overlap": 1, "gold_rate": 0.2, "daily_cap": 10_000} | changes
    queue = make_queue(project, make_rubric(project), reviewers=[reviewer], **values)
    for _ in range(190):
        make_slots(queue, make_text(project, rng))
    for number in range(60):
        item = make_text(project, rng)
        seed_item(queue_id=queue.pk, item_id=item.pk, band="ab"[number % 2], now=NOW)
    return queue


def make_text(project: Project, rng: Random) -> Item:
    said = [" ".join(rng.choices(WORDS, k=rng.randint(5, 60))) for _ in range(2)]
    return make_item(
        project, content={"prompt": said[0], "responses": [{"text": said[1]}]}
    )


def deal(queue: Queue, reviewer: Member, seed: int, now: datetime) -> Batch:
    dealt = deal_batch(
        queue_id=queue.pk, reviewer_id=reviewer.pk, now=now, seed=str(seed)
    )
    return Batch.objects.get(public_id=dealt.public_id)


def receive(client: Client, assignment: Assignment, place: int) -> list[float]:
    """Everything about one item that reaches the reviewer, as numbers."""
    address = reverse("labeling:bench", args=[assignment.public_id])
    received = [float(place)]
    with CaptureQueriesContext(connection) as asked:
        page = client.get(address)
    received += [len(asked), *_shape(page)]
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(
            reverse("labeling:judgment", args=[assignment.public_id]),
            {"value-quality": "good"},
        )
    return [*received, len(asked), *_shape(answer)]


def _shape(answer: Any) -> list[float]:
    """Size and make-up of an answer."""
    body = answer.text
    return [
        answer.status_code,
        len(body),
        len(body) // 256,
        body.count("<"),
        len(re.findall(r'class="[^"]*"', body)),
        len(re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]", body)),
        len(answer.headers),
        sum(map(len, answer.headers.values())),
        len(answer.cookies),
    ]


@pytest.fixture
def record(client: Client, cast: Any) -> tuple[list[list[float]], list[bool]]:
    """What reached ada over many batches, and whether it was gold or a retest."""
    queue = make_work(
        cast.project, cast.ada, batch_size=10, retest_rate=0.2, retest_after_items=1
    )
    now = timezone.now()
    for seed in range(4):
        early = deal(queue, cast.ada, seed, now - timedelta(days=30))
        for one in early.assignments.order_by("position"):
            make_judgment(one, quality="good")
    client.force_login(cast.ada.user)
    received, is_seeded = [], []
    for seed in range(4, 15):
        batch = deal(queue, cast.ada, seed, now)
        for place, one in enumerate(batch.assignments.order_by("position")):
            received.append(receive(client, one, place))
            is_seeded.append(one.purpose != Purpose.FRESH)
    return received, is_seeded


def p_values(received: Sequence[Any], is_seeded: Sequence[bool]) -> list[float]:
    """How often chance alone does as well as two classifiers, cross-validated.

    A label that is dealt anew over the same predictions: the rank sum of the gold
    is as large or larger.
    """
    gold, rng, found = np.array(is_seeded), np.random.default_rng(0), []
    for classifier in (
        make_pipeline(StandardScaler(), LogisticRegression()),
        DecisionTreeClassifier(max_depth=4, random_state=0),
    ):
        odds = cross_val_predict(
            classifier, received, is_seeded, cv=5, method="predict_proba"
        )
        ranks = rankdata(odds[:, 1])
        chance = [ranks[rng.permutation(gold)].sum() for _ in range(1000)]
        better = sum(one >= ranks[gold].sum() for one in chance)
        found.append((1 + better) / 1001)
    return found


def test_a_classifier_does_no_better_than_chance(record):
    """The seeds are fixed: the same pages, the same figures, every time."""
    received, is_seeded = record

    assert min(p_values(received, is_seeded)) > 0.05
    assert {True, False} == set(is_seeded)
    assert 30 < sum(is_seeded) < len(is_seeded) / 2
    # One byte more for gold, and the classifiers find it.
    told = [[*row, row[3] % 2 + 2 * gold] for row, gold in zip(*record, strict=True)]
    assert max(p_values(told, is_seeded)) < 0.02


@pytest.mark.django_db
def test_gold_stands_at_every_place_alike(cast):
    queue = make_work(cast.project, cast.ada, batch_size=5, gold_period_days=1)
    places = [0] * 5
    now = timezone.now()
    for seed in range(40):
        batch = deal(queue, cast.ada, seed, now + timedelta(days=2 * seed))
        for one in batch.assignments.filter(purpose=Purpose.GOLD):
            places[one.position - 1] += 1
        batch.assignments.update(status="SUBMITTED")

    assert sum(places) > 30
    assert chisquare(places).pvalue > 0.05


@pytest.mark.django_db
def test_ids_have_one_shape_and_the_same_item_never_the_same_id(cast):
    queue = make_work(cast.project, cast.ada, batch_size=10)

    batch = deal(queue, cast.ada, 1, timezone.now())

    ids: list[UUID] = [one.public_id for one in batch.assignments.all()]
    assert {(one.version, one.variant) for one in ids} == {(4, "specified in RFC 4122")}
    assert len(set(ids)) == 10
