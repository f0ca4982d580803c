"""The outcome of a qualification, what its reviewer is told, and what leads see."""

import threading
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from calibration.formats.gold import GoldFault, read_gold
from calibration.models import Feedback
from calibration.queries.blinding_facts import list_could_tell
from calibration.queries.feedback import ToldAttempt, get_feedback_page
from calibration.queries.reviewer_work import list_gold_answers, list_times
from calibration.services.gold import add_gold_case
from calibration.services.qualifications import (
    settle_own,
    settle_qualification,
    settle_qualifications,
)
from calibration.tasks import settle_qualifications as sweep
from labeling.models import Judgment, Rating
from labeling.queries.guesses import get_next_guess
from labeling.services.judgments import displayed_value
from reviews.models import (
    Assignment,
    Batch,
    Purpose,
    Qualification,
    QualificationDecision,
    Queue,
    Seed,
)
from reviews.queries.queues import get_queue
from reviews.services.batches import deal_batch
from reviews.services.queue_files import QueueFault, parse_queue
from reviews.services.queue_specs import get_queue_spec, write_queue
from reviews.services.queues import apply_queue
from tests.factories import (
    NOW,
    make_item,
    make_judgment,
    make_queue,
    make_rubric,
    make_slots,
)

LEVELS = {"quality": "ORDINAL", "flaws": "MULTI_LABEL", "note": "TEXT"}
RIGHT: dict[str, Any] = {"quality": "good", "flaws": ["bad", "fair"]}
MIXED: dict[str, Any] = {"quality": "good", "flaws": []}


def make_qualifying(
    cast: Any, n_gold: int = 2, kind: str = "SINGLE", levels: Any = None, **changes: Any
) -> Queue:
    """A queue that asks for two gold cases of which RIGHT is known."""
    values = {"qualification_size": 2, "qualification_pass": 0.75, "batch_size": 3}
    queue = make_queue(
        cast.project,
        make_rubric(cast.project, levels=levels or LEVELS),
        reviewers=[cast.ada, cast.ben],
        **values | changes,
    )
    known = {"verdict": "A"} if kind == "PAIR" else RIGHT
    for _ in range(4):
        make_slots(queue, make_item(cast.project, kind=kind))
    for number in range(n_gold):
        add_gold_case(
            queue_id=queue.pk,
            item_id=make_item(cast.project, kind=kind).pk,
            ratings=known,
            rationale=f"For reason {number}.",
            now=NOW,
        )
    return queue


def deal(queue: Queue, reviewer: Any, now: Any = NOW) -> Batch:
    dealt = deal_batch(queue_id=queue.pk, reviewer_id=reviewer.pk, now=now, seed="seed")
    return Batch.objects.get(public_id=dealt.public_id)


def judge(batch: Batch, *said: dict[str, Any]) -> None:
    at = batch.dealt_at
    for one, ratings in zip(
        batch.assignments.filter(status="LIVE").order_by("position"), said, strict=True
    ):
        make_judgment(one, at=at, **ratings)


def qualify(queue: Queue, reviewer: Any, *said: dict[str, Any]) -> Qualification:
    batch = deal(queue, reviewer)
    judge(batch, *said)
    settle_qualifications(now=NOW)
    return Qualification.objects.get(batches=batch)


@pytest.mark.parametrize(
    ("said", "n_right", "outcome"),
    [
        ((RIGHT, RIGHT), 4, "PASSED"),
        ((RIGHT, MIXED), 3, "PASSED"),
        ((MIXED, MIXED), 2, "FAILED"),
    ],
)
def test_answers_are_compared_by_criterion(cast, said, n_right, outcome):
    attempt = qualify(make_qualifying(cast), cast.ada, *said)

    assert (attempt.n_answers, attempt.n_right) == (4, n_right)
    assert attempt.outcome == outcome


def test_order_of_several_labels_says_nothing(cast):
    said = {"quality": "good", "flaws": ["fair", "bad"]}

    assert qualify(make_qualifying(cast), cast.ada, said, said).n_right == 4


def test_answer_that_was_left_open_is_neither_right_nor_wrong(cast):
    said = {"quality": "good"}

    attempt = qualify(make_qualifying(cast), cast.ada, said, said)

    assert (attempt.n_answers, attempt.n_right) == (2, 2)


def test_attempt_without_an_answer_to_compare_is_not_passed(cast):
    attempt = qualify(make_qualifying(cast), cast.ada, {"note": "?"}, {"note": "?"})

    assert (attempt.n_answers, attempt.outcome) == (0, "FAILED")


def test_known_side_is_told_as_it_stood(cast):
    queue = make_qualifying(cast, kind="PAIR", levels={"verdict": "PAIRWISE"})
    batch = deal(queue, cast.ada)
    for one in batch.assignments.all():
        judgment = make_judgment(one)
        Rating.objects.create(
            judgment=judgment,
            criterion=queue.rubric_version.criteria.get(),
            value="A",
            displayed=displayed_value("PAIRWISE", "A", one.response_order),
        )
    settle_qualifications(now=NOW)

    told = Feedback.objects.values_list("answers", "assignment__response_order")
    assert {order[0]: answers[0]["known"] for answers, order in told} == {
        0: "LEFT",
        1: "RIGHT",
    }
    assert all(answers[0]["is_right"] for answers, _ in told)


@pytest.mark.parametrize("n_judged", [0, 1])
def test_nothing_is_told_before_all_is_judged(cast, n_judged):
    queue = make_qualifying(cast)
    batch = deal(queue, cast.ada)
    for one in batch.assignments.all()[:n_judged]:
        make_judgment(one, **RIGHT)

    assert settle_qualifications(now=NOW) == 0
    assert not settle_qualification(
        qualification_id=Qualification.objects.get().pk, now=NOW
    )
    assert not Feedback.objects.exists()


def test_lapsed_rest_is_no_end(cast):
    queue = make_qualifying(cast)
    batch = deal(queue, cast.ada)
    make_judgment(batch.assignments.all()[0], **RIGHT)
    batch.assignments.filter(status="LIVE").update(status="EXPIRED")

    assert settle_qualifications(now=NOW) == 0


def test_attempt_over_two_batches_is_told_whole(cast):
    queue = make_qualifying(cast)
    first = deal(queue, cast.ada)
    make_judgment(first.assignments.all()[0], **RIGHT)
    later = NOW + timedelta(hours=3)
    judge(deal(queue, cast.ada, now=later), RIGHT)

    assert settle_qualifications(now=later) == 1
    assert Feedback.objects.count() == 2


def test_outcome_is_given_once(cast):
    queue = make_qualifying(cast)
    qualify(queue, cast.ada, RIGHT, RIGHT)

    settle_own(queue_id=queue.pk, reviewer_id=cast.ada.pk, now=NOW)
    sweep()

    assert Feedback.objects.count() == 2


def test_feedback_cannot_be_changed(cast):
    qualify(make_qualifying(cast), cast.ada, RIGHT, RIGHT)

    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
    ):
        Feedback.objects.update(rationale="other")


def test_gold_and_pace_and_blinding_are_read_from_live_work_alone(cast):
    queue = make_qualifying(cast)
    batch = deal(queue, cast.ada)
    for one in batch.assignments.all():
        Judgment.objects.create(assignment=one, submitted_at=NOW, active_seconds=9)
    which = {"queue_id": queue.pk, "version_id": queue.rubric_version_id}

    assert list_gold_answers(**which) == []
    assert list_times(**which) == []
    assert list_could_tell(get_queue(project_id=cast.project.pk, slug="answers")) == []


def test_no_guess_is_asked_of_it(cast):
    queue = make_qualifying(
        cast, n_gold=40, qualification_size=40, guess_systems=["Heron", "Wren"]
    )
    batch = deal(queue, cast.ada)
    judge(batch, *[RIGHT] * 40)

    assert get_next_guess(batch=batch.public_id, user_id=cast.ada.user_id) is None


def test_gold_file_says_what_a_case_is_for():
    lines = [
        b'{"id": "a", "ratings": {"q": 1}, "use": "qualification"}',
        b'{"id": "a", "ratings": {"q": 1}, "use": "never"}',
        b'{"id": "a", "ratings": {"q": 1}}',
    ]

    kept, fault, free = read_gold(lines)

    assert not isinstance(kept, GoldFault)
    assert kept.use == "qualification"
    assert str(fault) == "line 2: use: expected one of live, qualification, both"
    assert not isinstance(free, GoldFault)
    assert free.use is None


def test_gold_is_known_under_the_rubric_in_force(cast):
    queue = make_qualifying(cast)

    versions = Seed.objects.values_list("rubric_version_id", flat=True)
    assert set(versions) == {queue.rubric_version_id}


def test_queue_file_asks_for_a_qualification(cast):
    spec = parse_queue(
        'queue = "answers"\nrubric = "answer"\nproject = "shop"\n'
        "qualification_size = 12\nqualification_pass = 0.9\n"
    )
    rubric = make_rubric(cast.project)

    applied = apply_queue(
        spec=spec,
        project_id=cast.project.pk,
        rubric_version_id=rubric.pk,
        now=NOW,
        rng=Random(1),
    )

    again = parse_queue(write_queue(get_queue_spec(queue_id=applied.queue_id)))
    assert (again.qualification_size, again.qualification_pass) == (12, 0.9)


def test_queue_file_without_one_asks_for_none():
    spec = parse_queue('queue = "answers"\nrubric = "answer"\n')

    assert spec.qualification_size == 0


@pytest.mark.parametrize(
    "line",
    ["qualification_size = -1", "qualification_pass = 0", 'qualification_size = "x"'],
)
def test_queue_file_with_a_senseless_one_is_refused(line):
    with pytest.raises(QueueFault, match=line.split()[0]):
        parse_queue(f'queue = "answers"\nrubric = "answer"\n{line}\n')


def at_once(work: Callable[[], object]) -> list[Exception]:
    """Two do it at the same moment; what went wrong."""
    start = threading.Barrier(2)
    failures: list[Exception] = []

    def run() -> None:
        start.wait()
        try:
            work()
        except Exception as error:  # noqa: BLE001 - looked at by the test
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


@pytest.mark.django_db(transaction=True)
def test_two_tabs_begin_one_attempt(cast):
    queue = make_qualifying(cast)

    assert at_once(lambda: deal(queue, cast.ada)) == []
    assert (Qualification.objects.count(), Batch.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_sweep_and_reviewer_give_one_outcome(cast):
    queue = make_qualifying(cast)
    judge(deal(queue, cast.ada), RIGHT, RIGHT)

    assert at_once(lambda: settle_qualifications(now=NOW)) == []
    assert Feedback.objects.count() == 2


# Pages.


def of(name: str, queue: Queue) -> str:
    return reverse(name, args=[queue.project.slug, queue.slug])


@pytest.fixture
def ada(client: Client, cast: Any) -> Client:
    client.force_login(cast.ada.user)
    return client


def start(queue: Queue, reviewer: Any) -> Batch:
    """Dealt now, since pages go by the clock."""
    return deal(queue, reviewer, now=timezone.now())


def test_desk_says_what_comes_first(ada, cast):
    queue = make_qualifying(cast)

    before = ada.get(reverse("reviews:desk")).text
    batch = start(queue, cast.ada)
    batch.assignments.update(status="RETURNED")
    under_way = ada.get(reverse("reviews:desk")).text

    assert "It begins with a qualification: 2 items" in before
    assert "Start the qualification" in before
    assert "Your qualification: 0 of 2 items judged" in under_way


def test_last_answer_leads_to_the_feedback(ada, cast):
    queue = make_qualifying(cast)
    batch = start(queue, cast.ada)
    judge(batch, RIGHT, MIXED)

    done = ada.get(reverse("reviews:batch", args=[batch.public_id])).text
    told = ada.get(of("calibration:qualification", queue)).text

    assert of("calibration:qualification", queue) in done
    assert "Start another batch" not in done
    assert "You have passed" in told
    assert "3 of 4 answers are right" in told
    assert "For reason 0." in told
    assert "For reason 1." in told
    assert "Start a batch" in told


def test_page_before_the_end_tells_no_answer(ada, cast):
    queue = make_qualifying(cast)
    batch = start(queue, cast.ada)
    make_judgment(batch.assignments.all()[0], at=batch.dealt_at, **RIGHT)

    told = ada.get(of("calibration:qualification", queue)).text

    assert "1 of 2 items are judged" in told
    assert "For reason" not in told


def test_who_did_not_pass_is_told_so_kindly(ada, cast):
    queue = make_qualifying(cast)
    judge(start(queue, cast.ada), MIXED, MIXED)

    asked = ada.post(of("reviews:batches", queue))
    told = ada.get(asked["Location"]).text

    assert asked["Location"] == of("calibration:qualification", queue)
    assert "Not passed this time" in told
    assert "Your lead has the outcome" in told
    assert "Start a batch" not in told
    assert Batch.objects.count() == 1


def test_who_may_try_again_starts_from_the_page(ada, cast):
    queue = make_qualifying(cast, n_gold=4)
    judge(start(queue, cast.ada), MIXED, MIXED)
    settle_qualifications(now=timezone.now())
    QualificationDecision.objects.create(
        queue=queue,
        reviewer=cast.ada,
        qualification=Qualification.objects.get(),
        act="AGAIN",
        lead=cast.lea,
        reason="secret reason",
        decided_at=NOW,
    )

    told = ada.get(of("calibration:qualification", queue)).text
    ada.post(of("reviews:batches", queue))

    assert "Your lead lets you try again, with other items" in told
    assert "secret reason" not in told
    assert (
        Assignment.objects.filter(status="LIVE", purpose="QUALIFICATION").count() == 2
    )


def test_who_is_admitted_is_told_so(ada, cast):
    queue = make_qualifying(cast)
    judge(start(queue, cast.ada), MIXED, MIXED)
    settle_qualifications(now=timezone.now())
    QualificationDecision.objects.create(
        queue=queue,
        reviewer=cast.ada,
        act="ADMIT",
        lead=cast.lea,
        reason="secret reason",
        decided_at=NOW,
    )

    told = ada.get(of("calibration:qualification", queue)).text

    assert "Your lead has admitted you" in told
    assert "Your batches are live." in told
    assert "Not passed" not in told
    assert "secret reason" not in told


@pytest.mark.parametrize(
    ("n_right", "n_answers", "pass_share", "percent"),
    [(2, 3, 0.8, 67), (2, 3, 0.66, 67), (179, 200, 0.9, 89), (0, 0, 0.8, 0)],
)
def test_a_share_is_rounded_but_never_up_to_the_bar(
    n_right, n_answers, pass_share, percent
):
    attempt = ToldAttempt(1, False, n_answers, n_right, pass_share, (), None)

    assert attempt.percent == percent


def test_earlier_attempts_can_be_read(ada, cast):
    queue = make_qualifying(cast, n_gold=4)
    judge(start(queue, cast.ada), MIXED, MIXED)
    settle_qualifications(now=timezone.now())
    QualificationDecision.objects.create(
        queue=queue,
        reviewer=cast.ada,
        qualification=Qualification.objects.get(),
        act="AGAIN",
        lead=cast.lea,
        reason="Because",
        decided_at=NOW,
    )
    judge(start(queue, cast.ada), RIGHT, RIGHT)

    newest = ada.get(of("calibration:qualification", queue)).text
    first = ada.get(of("calibration:qualification", queue) + "?attempt=1").text

    assert "4 of 4 answers are right" in newest
    assert "2 of 4 answers are right" in first


def test_item_is_read_again_with_its_answers(ada, cast):
    queue = make_qualifying(cast)
    batch = start(queue, cast.ada)
    judge(batch, RIGHT, MIXED)
    ada.get(of("calibration:qualification", queue))
    first, second = batch.assignments.order_by("position")

    page = ada.get(reverse("calibration:feedback", args=[first.public_id]))

    assert page.status_code == 200
    assert "Item 1 of 2" in page.text
    assert str(second.public_id) in page.text
    assert first.item.content["responses"][0]["text"] in page.text


def test_item_of_an_open_qualification_has_no_feedback(ada, cast):
    queue = make_qualifying(cast)
    batch = start(queue, cast.ada)
    first = batch.assignments.first()
    assert first is not None

    page = ada.get(reverse("calibration:feedback", args=[first.public_id]))

    assert page.status_code == 404


def test_queue_without_a_qualification_leads_to_the_desk(ada, cast):
    queue = make_qualifying(cast, qualification_size=0)

    answer = ada.get(of("calibration:qualification", queue))

    assert answer["Location"] == reverse("reviews:desk")


def test_feedback_stays_where_the_queue_asks_no_more(ada, cast):
    queue = make_qualifying(cast)
    qualify(queue, cast.ada, RIGHT, RIGHT)
    queue.qualification_size = 0
    queue.save()

    told = ada.get(of("calibration:qualification", queue)).text

    assert "You have passed" in told


def test_feedback_on_ten_items_takes_few_queries(cast, django_assert_max_num_queries):
    queue = make_qualifying(cast, n_gold=10, qualification_size=10)
    qualify(queue, cast.ada, *[RIGHT] * 10)

    with django_assert_max_num_queries(8):
        page = get_feedback_page(queue_id=queue.pk, reviewer_id=cast.ada.pk)

    assert page.attempt is not None
    assert len(page.attempt.items) == 10


# The lead.


@pytest.fixture
def lea(client: Client, cast: Any) -> Client:
    client.force_login(cast.lea.user)
    return client


def test_lead_sees_who_waits_for_gold(lea, cast):
    queue = make_qualifying(cast, n_gold=1)

    page = lea.get(of("reviews:queue", queue)).text

    assert "gold missing" in page
    assert "<strong>ada</strong>, <strong>ben</strong>" in page


def test_lead_sees_the_outcome_and_lets_try_again(lea, cast):
    queue = make_qualifying(cast, n_gold=4)
    qualify(queue, cast.ada, MIXED, MIXED)

    page = lea.get(of("reviews:queue", queue)).text
    answer = lea.post(
        of("reviews:seat_qualification", queue),
        {"reviewer": "ada", "act": "AGAIN", "reason": "A slip"},
        follow=True,
    )

    assert "2 of 4" in page
    assert "Let them try again" in page
    assert "ada may try again, with other gold." in answer.text
    assert "A slip" in answer.text


def test_overview_says_who_waits_for_the_lead_until_they_decide(lea, cast):
    queue = make_qualifying(cast, n_gold=4)
    qualify(queue, cast.ada, MIXED, MIXED)
    qualify(queue, cast.ben, RIGHT, RIGHT)

    before = lea.get(reverse("reviews:project", args=["shop"])).text
    lea.post(
        of("reviews:seat_qualification", queue),
        {"reviewer": "ada", "act": "AGAIN", "reason": "A slip"},
    )
    after = lea.get(reverse("reviews:project", args=["shop"])).text

    assert "1 qualification not passed in " in before
    assert of("reviews:queue", queue) + "#qualification" in before
    assert "not passed" not in after


def test_lead_without_other_gold_may_only_admit(lea, cast):
    queue = make_qualifying(cast, n_gold=3)
    qualify(queue, cast.ada, MIXED, MIXED)

    page = lea.get(of("reviews:queue", queue)).text
    lea.post(
        of("reviews:seat_qualification", queue),
        {"reviewer": "ada", "act": "ADMIT", "reason": "Talked"},
    )

    assert "Let them try again" not in page
    assert "Not enough other gold" in page
    assert QualificationDecision.objects.get().lead_id == cast.lea.pk


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"reviewer": "ada", "act": "?", "reason": "x"}, 404),
        ({"reviewer": "olga", "act": "ADMIT", "reason": "x"}, 404),
        ({"reviewer": "ada\x00", "act": "ADMIT", "reason": ""}, 303),
        ({"reviewer": "ada", "act": "AGAIN", "reason": "x"}, 303),
    ],
)
def test_senseless_decision_changes_nothing(lea, cast, data, status):
    queue = make_qualifying(cast)

    answer = lea.post(of("reviews:seat_qualification", queue), data)

    assert answer.status_code == status
    assert not QualificationDecision.objects.exists()


def test_lead_sees_work_and_qualification_apart(lea, cast):
    queue = make_qualifying(cast)
    qualify(queue, cast.ada, RIGHT, RIGHT)

    row = lea.get(of("reviews:queue", queue)).context["seats"][0]

    assert (row.handle, row.work.judged, row.work.seeded) == ("ada", 0, 0)


def test_progress_of_the_queue_is_untouched(lea, cast):
    queue = make_qualifying(cast)
    qualify(queue, cast.ada, RIGHT, RIGHT)

    tiers = lea.get(of("reviews:queue", queue)).context["tiers"]

    assert [(tier.slots.filled, tier.slots.open) for tier in tiers] == [(0, 8)]


def test_lead_who_may_review_learns_no_gold_from_a_qualification(lea, cast):
    queue = make_qualifying(cast)
    batch = Batch.objects.get(qualification=qualify(queue, cast.ada, RIGHT, RIGHT))
    address = reverse(
        "labeling:dealt_batch", args=[queue.project.slug, queue.slug, batch.public_id]
    )

    page = lea.get(of("reviews:queue", queue))

    assert page.context["batches"] == []
    assert lea.get(address).status_code == 404


def test_lead_sees_that_an_attempt_ran_dry_when_the_rubric_changed(lea, cast):
    queue = make_qualifying(cast)
    deal(queue, cast.ada).assignments.update(status="EXPIRED")
    queue.rubric_version = make_rubric(cast.project, "next")
    queue.save()

    page = lea.get(of("reviews:queue", queue)).text

    assert "<strong>ada</strong>, <strong>ben</strong>" in page


def test_settings_ask_for_a_qualification(lea, cast):
    queue = make_qualifying(cast)

    page = lea.get(of("labeling:queue_settings", queue)).text

    assert 'name="qualification_size"' in page
    assert 'name="qualification_pass"' in page


def test_purpose_has_words_for_the_lead():
    assert Purpose.QUALIFICATION.label == "qualification"
