"""Disputes open by themselves, and a lead settles them once."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from labeling.models import Adjudication, Dispute, Recheck
from labeling.queries.disputes import get_dispute
from labeling.services.disputes import (
    AlreadySettled,
    Doubt,
    OffScale,
    adjudicate,
    open_disputes,
    recheck_items,
)
from labeling.tasks import recheck_items as recheck_task
from reviews.models import Assignment, AssignmentStatus, Purpose
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_judgment,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
    make_slots,
)


def recheck() -> int:
    return recheck_items(now=NOW, limit=100)


@pytest.fixture
def queue(cast):
    return make_queue(cast.project, make_rubric(cast.project))


@pytest.fixture
def raters(cast):
    return [make_rater(cast.project, f"rater-{number}") for number in range(4)]


def rate(queue: Any, raters: Any, *values: str) -> Any:
    """An item with these imported values of "quality"."""
    pairs = zip(raters, values, strict=False)
    return make_rated_item(queue, {rater: {"quality": value} for rater, value in pairs})


def dispute_for(queue: Any, raters: Any, *values: str) -> Dispute:
    item = rate(queue, raters, *(values or ("bad", "good")))
    recheck()
    return Dispute.objects.get(item=item)


def decide(dispute: Dispute, lead: Any, **changes: Any) -> None:
    values: dict[str, Any] = {
        "value": "good",
        "reason": "The order number is right.",
        "cause": "MISSED_DETAIL",
        "now": NOW,
    }
    adjudicate(dispute_id=dispute.pk, adjudicator_id=lead.pk, **values | changes)


def test_a_spread_item_is_disputed_and_an_agreed_one_is_not(queue, raters):
    spread = rate(queue, raters, "bad", "good")
    rate(queue, raters, "good", "good")

    looked_at = recheck()

    assert looked_at == 2
    assert list(Dispute.objects.values_list("item", "agreement")) == [(spread.pk, 0.0)]
    assert not Recheck.objects.exists()


def test_a_recheck_takes_no_more_than_its_limit(queue, raters):
    for _ in range(3):
        rate(queue, raters, "bad", "good")

    looked_at = recheck_items(now=NOW, limit=2)

    assert looked_at == 2
    assert Recheck.objects.count() == 1


def test_a_rechecked_dispute_is_opened_once(queue, raters):
    item = rate(queue, raters, "bad", "good")
    recheck()
    rate_again = Recheck.objects.create(queue=queue, item=item)

    recheck()

    assert Dispute.objects.count() == 1
    assert not Recheck.objects.filter(pk=rate_again.pk).exists()


def test_an_item_waits_for_all_its_judgments(cast, raters):
    queue = make_queue(cast.project, make_rubric(cast.project), overlap=3)
    item = make_item(cast.project)
    slots = make_slots(queue, item)
    for member, slot, value in zip(
        (cast.ada, cast.ben), slots, ("bad", "good"), strict=False
    ):
        make_judgment(
            make_assignment(make_batch(queue, member), item, slot), quality=value
        )

    recheck()

    assert not Dispute.objects.exists()


def test_gold_and_retest_never_open_a_dispute(cast, queue):
    item = make_item(cast.project)
    for member, purpose, value in (
        (cast.ada, Purpose.GOLD, "bad"),
        (cast.ben, Purpose.RETEST, "good"),
    ):
        assignment = make_assignment(make_batch(queue, member), item, purpose=purpose)
        make_judgment(assignment, quality=value)

    recheck()

    assert not Dispute.objects.exists()


def test_ratings_under_two_rubric_versions_are_never_held_against_each_other(
    cast, queue, raters
):
    item = rate(queue, raters[:1], "bad")
    newer = make_rubric(cast.project, slug="newer")
    make_judgment(
        Assignment.objects.create(
            queue=queue,
            reviewer=raters[1],
            item=item,
            purpose=Purpose.IMPORT,
            rubric_version=newer,
            position=1,
            response_order=[0],
            status=AssignmentStatus.SUBMITTED,
            created_at=NOW,
        ),
        quality="good",
    )

    recheck()

    assert not Dispute.objects.exists()


def test_the_task_empties_the_outbox(queue, raters):
    rate(queue, raters, "bad", "good")

    recheck_task()

    assert Dispute.objects.count() == 1
    assert not Recheck.objects.exists()


def test_a_decision_is_kept_with_its_reason(cast, queue, raters):
    dispute = dispute_for(queue, raters)

    decide(dispute, cast.lea)

    decision = Adjudication.objects.get()
    assert (decision.value, decision.cause) == ("good", "MISSED_DETAIL")
    assert decision.adjudicator == cast.lea


def test_a_second_decision_is_refused(cast, queue, raters):
    dispute = dispute_for(queue, raters)
    decide(dispute, cast.lea)

    with pytest.raises(AlreadySettled):
        decide(dispute, cast.adam, value="bad")

    assert Adjudication.objects.get().value == "good"


def test_a_decision_off_the_scale_is_refused(cast, queue, raters):
    dispute = dispute_for(queue, raters)

    with pytest.raises(OffScale, match="one of bad, fair, good"):
        decide(dispute, cast.lea, value="superb")


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"cause": "BAD_LUCK"}, "adjudication_cause_known"),
        ({"reason": ""}, "adjudication_has_reason"),
    ],
)
def test_the_database_refuses_a_decision_without_reason_or_cause(
    cast, queue, raters, changes, constraint
):
    dispute = dispute_for(queue, raters)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        decide(dispute, cast.lea, **changes)


def test_a_decision_cannot_be_rewritten(cast, queue, raters):
    decide(dispute_for(queue, raters), cast.lea)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Adjudication.objects.update(value="bad")


def test_a_settled_dispute_is_never_opened_again(cast, queue, raters):
    dispute = dispute_for(queue, raters)
    decide(dispute, cast.lea)
    Recheck.objects.create(queue=queue, item=dispute.item)

    recheck()

    assert Dispute.objects.get() == dispute
    assert Adjudication.objects.count() == 1


def doubt(queue: Any, item: Any, *votes: str) -> Doubt:
    criterion = queue.rubric_version.criteria.get(key="quality")
    return Doubt(item.pk, criterion.pk, votes, because="low confidence: .62 < .80")


def test_a_doubtful_label_is_disputed_though_all_said_the_same(queue, raters):
    item = rate(queue, raters, "good")

    open_disputes(queue_id=queue.pk, doubts=[doubt(queue, item, "good")], now=NOW)

    dispute = Dispute.objects.get(item=item)
    assert (dispute.agreement, dispute.because) == (1.0, "low confidence: .62 < .80")


def test_a_doubt_leaves_an_open_dispute_as_it_is(queue, raters):
    dispute = dispute_for(queue, raters)

    again = [doubt(queue, dispute.item, "bad", "good")]
    open_disputes(queue_id=queue.pk, doubts=again, now=NOW)

    assert Dispute.objects.get().because == ""


# The pages.


@pytest.fixture
def lea(client, cast):
    client.force_login(cast.lea.user)
    return client


def page_of(dispute: Dispute, name: str = "dispute") -> str:
    return reverse(f"labeling:{name}", args=["shop", dispute.public_id])


DECISION = {"value": "good", "reason": "Because.", "cause": "GENUINE_AMBIGUITY"}


def test_the_list_takes_the_lowest_agreement_first(lea, queue, raters):
    some = dispute_for(queue, raters, "bad", "bad", "good")
    none = dispute_for(queue, raters, "bad", "good")

    page = lea.get(reverse("labeling:disputes", args=["shop"])).text

    assert page.index(str(none.public_id)) < page.index(str(some.public_id))


def test_the_pages_say_why_a_dispute_is_open(lea, queue, raters):
    spread = dispute_for(queue, raters)
    doubtful = rate(queue, raters, "good")
    open_disputes(queue_id=queue.pk, doubts=[doubt(queue, doubtful, "good")], now=NOW)

    listed = lea.get(reverse("labeling:disputes", args=["shop"])).text
    page = lea.get(page_of(Dispute.objects.exclude(pk=spread.pk).get())).text

    assert "ratings are spread" in listed
    assert "low confidence: .62 &lt; .80" in listed
    assert "Low confidence: .62 &lt; .80" in page


def test_the_list_can_be_of_one_queue_and_of_what_is_settled(cast, lea, queue, raters):
    here = dispute_for(queue, raters)
    other = make_queue(cast.project, queue.rubric_version, slug="other")
    there = dispute_for(other, raters)
    decide(there, cast.lea)
    url = reverse("labeling:disputes", args=["shop"])

    of_queue = lea.get(url, {"queue": "answers"}).text
    settled = lea.get(url, {"state": "settled"}).text

    assert str(here.public_id) in of_queue
    assert str(there.public_id) not in of_queue
    assert str(there.public_id) in settled
    assert str(here.public_id) not in settled


def test_the_list_takes_as_many_queries_for_many_disputes(
    lea, queue, raters, django_assert_max_num_queries
):
    for _ in range(5):
        dispute_for(queue, raters)

    with django_assert_max_num_queries(16):
        lea.get(reverse("labeling:disputes", args=["shop"]))


def test_the_page_shows_votes_without_names(lea, queue, raters):
    dispute = dispute_for(queue, raters)

    page = lea.get(page_of(dispute)).text

    assert "2 votes, in no order" in page
    assert "rater-" not in page
    assert " checked" not in page


def test_the_page_names_no_model(lea, queue, raters):
    item = rate(queue, raters, "bad", "good")
    type(item).objects.filter(pk=item.pk).update(
        external_id="SENTINEL-id", provenance={"model": "SENTINEL-model"}
    )
    recheck()

    page = lea.get(page_of(Dispute.objects.get())).text
    listed = lea.get(reverse("labeling:disputes", args=["shop"])).text

    assert "SENTINEL" not in page + listed


def test_the_order_of_votes_is_its_own_for_each_dispute(cast, queue, raters):
    orders = set()
    for _ in range(12):
        dispute = dispute_for(queue, raters, "bad", "fair", "good")
        found = get_dispute(project_id=cast.project.pk, public_id=dispute.public_id)
        orders.add(tuple(vote.shown for vote in found.votes))

    assert len(orders) > 1


def test_a_decision_leads_to_the_next_open_dispute(lea, queue, raters):
    first, second = dispute_for(queue, raters), dispute_for(queue, raters)

    answer = lea.post(page_of(first, "adjudication"), DECISION)

    after = f"?settled={first.public_id}"
    assert (answer.status_code, answer["Location"]) == (303, page_of(second) + after)


def test_the_last_decision_leads_to_the_list(lea, queue, raters):
    dispute = dispute_for(queue, raters)

    answer = lea.post(page_of(dispute, "adjudication"), DECISION)

    listed = reverse("labeling:disputes", args=["shop"])
    assert answer["Location"] == f"{listed}?settled={dispute.public_id}"


def test_a_settled_dispute_shows_its_decision_and_takes_no_other(
    cast, lea, queue, raters
):
    dispute = dispute_for(queue, raters)
    decide(dispute, cast.adam)

    answer = lea.post(page_of(dispute, "adjudication"), DECISION, follow=True)

    assert "The order number is right." in answer.text
    assert "The dispute was settled already" in answer.text
    assert Adjudication.objects.count() == 1


@pytest.mark.parametrize("missing", ["value", "reason", "cause"])
def test_a_decision_needs_value_reason_and_cause(lea, queue, raters, missing):
    dispute = dispute_for(queue, raters)

    answer = lea.post(page_of(dispute, "adjudication"), DECISION | {missing: " "})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert not Adjudication.objects.exists()


@pytest.mark.parametrize("who", ["ada", "outsider"])
def test_only_leads_reach_the_desk(client, cast, queue, raters, who):
    dispute = dispute_for(queue, raters)
    member = getattr(cast, who)
    client.force_login(getattr(member, "user", member))

    assert client.get(page_of(dispute)).status_code == 404
    assert client.post(page_of(dispute, "adjudication")).status_code == 404
    assert client.get(reverse("labeling:disputes", args=["shop"])).status_code == 404


def test_a_dispute_that_is_not_there_is_not_found(lea):
    url = reverse("labeling:dispute", args=["shop", uuid4()])

    assert lea.get(url).status_code == 404


def test_names_are_refused_before_the_decision_and_shown_after_it(
    client, cast, queue, raters
):
    dispute = dispute_for(queue, raters)
    client.force_login(cast.lea.user)

    before = client.get(page_of(dispute, "dispute_votes"))
    decide(dispute, cast.lea)
    settled = client.get(page_of(dispute)).text
    after = client.get(page_of(dispute, "dispute_votes")).text

    assert before.status_code == 403
    assert "rater-" not in before.text + settled
    assert {f"rater-{n}" in after for n in (0, 1)} == {True}


def test_names_of_voters_are_not_there_for_a_reviewer(client, cast, queue, raters):
    dispute = dispute_for(queue, raters)
    decide(dispute, cast.lea)
    client.force_login(cast.ada.user)

    assert client.get(page_of(dispute, "dispute_votes")).status_code == 404


def test_votes_stand_in_an_order_that_tells_nothing(queue, raters):
    """Over many disputes of the same two raters, either comes first about half."""
    dispute = dispute_for(queue, raters, "bad", "good")

    firsts = []
    for _ in range(40):
        public_id = uuid4()
        Dispute.objects.filter(pk=dispute.pk).update(public_id=public_id)
        page = get_dispute(project_id=queue.project_id, public_id=public_id)
        firsts.append(page.votes[0].shown)

    # Of 40 fair coins, fewer than 7 fall on one side once in 120,000 throws.
    assert 7 <= firsts.count("Bad") <= 33


def test_no_vote_says_anything_about_its_voter(queue, raters):
    dispute = dispute_for(queue, raters)

    page = get_dispute(project_id=queue.project_id, public_id=dispute.public_id)

    assert {vote.handle for vote in page.votes} == {None}
    assert "rater-" not in repr(page)
