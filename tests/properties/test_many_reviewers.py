"""Sixteen reviewers at once on one queue."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from labeling.models import Judgment, Rating
from labeling.queries.rubrics import get_rubric_version
from labeling.services.judgments import Answer, Submission, submit_judgment
from reviews.models import Assignment, AssignmentStatus, Member, Slot, SlotState
from reviews.queries.batches import get_batch_progress
from reviews.queries.presentations import Hand, get_hand
from reviews.services.batches import NothingLeft, deal_batch
from tests.factories import (
    make_item,
    make_member,
    make_project,
    make_queue,
    make_rubric,
)

N_REVIEWERS = 16
N_ITEMS = 150
OVERLAP = 2


class Reviewer(threading.Thread):
    """Takes batches and judges them until nothing is left."""

    def __init__(self, queue_id: int, member: Member, start: threading.Barrier) -> None:
        super().__init__()
        self.queue_id = queue_id
        self.member = member
        self.user_id = member.user_id or 0
        self.barrier = start
        self.acknowledged: list[int] = []
        self.reason = ""

    def run(self) -> None:
        try:
            self.barrier.wait()
            self.judge_all()
        except NothingLeft as reason:
            self.reason = str(reason)
        finally:
            connection.close()

    def judge_all(self) -> None:
        while True:
            now = timezone.now()
            batch = deal_batch(
                queue_id=self.queue_id,
                reviewer_id=self.member.pk,
                now=now,
                seed=f"{self.member.pk} {now}",
            )
            while True:
                progress = get_batch_progress(
                    batch=batch.public_id, user_id=self.user_id
                )
                if progress.next_assignment is None:
                    break
                hand = get_hand(
                    public_id=progress.next_assignment, user_id=self.user_id
                )
                self.submit(hand)

    def submit(self, hand: Hand) -> None:
        criterion = get_rubric_version(hand.rubric_version_id).criteria[0]
        submission = Submission(
            answers=(Answer(criterion, "good"),),
            comment="",
            active_seconds=1,
            typed={},
        )
        if submit_judgment(hand=hand, submission=submission, now=timezone.now()):
            self.acknowledged.append(hand.assignment_id)


@pytest.mark.django_db(transaction=True)
def test_sixteen_reviewers_at_once_judge_every_item_as_often_as_asked():
    project = make_project()
    members = [make_member(project, f"rev{number}") for number in range(N_REVIEWERS)]
    queue = make_queue(
        project, make_rubric(project), reviewers=members, overlap=OVERLAP
    )
    Slot.objects.bulk_create(
        Slot(
            queue=queue,
            item=item,
            number=number,
            tier=1,
            shuffle=place / N_ITEMS,
            opened_at=timezone.now() - timedelta(hours=1),
        )
        for place, item in enumerate([make_item(project) for _ in range(N_ITEMS)])
        for number in range(1, OVERLAP + 1)
    )
    start = threading.Barrier(N_REVIEWERS)
    threads = [Reviewer(queue.pk, member, start) for member in members]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    given = Assignment.objects.values_list("item_id", "reviewer_id")
    by_item = Counter(item for item, _ in given)
    assert set(by_item.values()) == {OVERLAP}
    assert len(set(given)) == len(given) == N_ITEMS * OVERLAP
    acknowledged = [one for thread in threads for one in thread.acknowledged]
    stored = Judgment.objects.values_list("assignment_id", flat=True)
    assert sorted(stored) == sorted(acknowledged)
    assert Rating.objects.count() == len(acknowledged) == N_ITEMS * OVERLAP
    assert not Slot.objects.exclude(state=SlotState.FILLED).exists()
    assert not Assignment.objects.exclude(status=AssignmentStatus.SUBMITTED).exists()
    assert all(thread.reason for thread in threads)
