"""The desk: from one dispute to the next, and what the decisions teach."""

from typing import Any

import pytest
from django.urls import reverse

from labeling.formats.findings import CorrectedOutput, Findings, MarkedSpan
from labeling.models import Adjudication, Dispute, Judgment
from labeling.queries.adjudications import list_causes, list_guideline_gaps
from labeling.queries.disputes import get_dispute, get_neighbours
from labeling.services.disputes import adjudicate, recheck_items
from labeling.services.findings import keep_findings
from reviews.services.presentations import prepare_presentables
from tests.factories import (
    NOW,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
)


@pytest.fixture
def queue(cast):
    return make_queue(cast.project, make_rubric(cast.project))


@pytest.fixture
def raters(cast):
    return [make_rater(cast.project, f"rater-{number}") for number in range(4)]


@pytest.fixture
def lea(client, cast):
    client.force_login(cast.lea.user)
    return client


def dispute_over(queue: Any, raters: Any, *values: str) -> Dispute:
    pairs = zip(raters, values, strict=False)
    ratings = {rater: {"quality": value} for rater, value in pairs}
    item = make_rated_item(queue, ratings)
    recheck_items(now=NOW, limit=100)
    return Dispute.objects.get(item=item)


def decide(dispute: Dispute, lead: Any, **changes: Any) -> None:
    values: dict[str, Any] = {
        "value": "good",
        "reason": "So it is.",
        "cause": "MISSED_DETAIL",
        "now": NOW,
    }
    adjudicate(dispute_id=dispute.pk, adjudicator_id=lead.pk, **values | changes)


def page_of(dispute: Dispute, name: str = "dispute") -> str:
    return reverse(f"labeling:{name}", args=["shop", dispute.public_id])


def around(dispute: Dispute) -> Any:
    project_id = dispute.queue.project_id
    page = get_dispute(project_id=project_id, public_id=dispute.public_id)
    return get_neighbours(project_id=project_id, dispute=page)


def test_neighbours_go_from_the_lowest_agreement_on_and_round(queue, raters):
    most = dispute_over(queue, raters, "bad", "bad", "good")
    least = dispute_over(queue, raters, "bad", "good")
    second = dispute_over(queue, raters, "bad", "good")

    found = [around(one) for one in (least, second, most)]

    assert [one.place for one in found] == [1, 2, 3]
    assert [one.following for one in found] == [
        second.public_id,
        most.public_id,
        least.public_id,
    ]
    assert [one.previous for one in found] == [
        most.public_id,
        least.public_id,
        second.public_id,
    ]
    assert {one.n_open for one in found} == {3}


def test_neighbours_are_open_and_of_the_same_queue(cast, queue, raters):
    one = dispute_over(queue, raters, "bad", "good")
    settled = dispute_over(queue, raters, "bad", "good")
    decide(settled, cast.lea)
    other = make_queue(cast.project, queue.rubric_version, slug="other")
    dispute_over(other, raters, "bad", "good")

    alone, after = around(one), around(settled)

    assert (alone.previous, alone.following, alone.n_open) == (None, None, 1)
    assert (after.following, after.place, after.n_open) == (one.public_id, None, 1)


def test_a_decision_in_the_middle_leads_on_from_there(lea, queue, raters):
    first = dispute_over(queue, raters, "bad", "good")
    second = dispute_over(queue, raters, "bad", "good")
    third = dispute_over(queue, raters, "bad", "good")
    decision = {"value": "good", "reason": "So.", "cause": "MISSED_DETAIL"}

    answer = lea.post(page_of(second, "adjudication"), decision)

    assert answer["Location"].startswith(page_of(third))
    assert around(first).n_open == 2


def test_names_are_a_key_away_once_the_dispute_is_settled(lea, cast, queue, raters):
    settled = dispute_over(queue, raters, "bad", "good")
    following = dispute_over(queue, raters, "bad", "good")
    decide(settled, cast.lea)

    page = lea.get(page_of(following), {"settled": settled.public_id}).text

    assert page_of(settled, "dispute_votes") in page
    assert 'data-key="v"' in page
    assert "rater-" not in page
    assert "rater-0" in lea.get(page_of(settled, "dispute_votes")).text


@pytest.mark.parametrize("settled", ["", "x", "../../etc"])
def test_an_odd_address_of_a_settled_one_is_left_out(lea, queue, raters, settled):
    dispute = dispute_over(queue, raters, "bad", "good")

    answer = lea.get(page_of(dispute), {"settled": settled})

    assert answer.status_code == 200
    assert "The one before" not in answer.text


def test_votes_stand_with_what_their_reviewers_found(lea, queue, raters):
    dispute = dispute_over(queue, raters, "bad", "good")
    prepare_presentables(item_ids=[dispute.item_id], now=NOW)
    judgment = Judgment.objects.filter(item=dispute.item).earliest("pk")
    words = dispute.item.content["responses"][0]["text"]
    keep_findings(
        judgment_id=judgment.pk,
        findings=Findings(
            tags=("wrong date",),
            corrections=(CorrectedOutput(1, "It was Monday."),),
            spans=(MarkedSpan("RESPONSE", 1, words, note="No such day."),),
        ),
    )

    page = lea.get(page_of(dispute)).text

    for words in ("wrong date", "It was Monday.", "No such day."):
        assert words in page


def test_a_guideline_gap_is_kept_and_listed(lea, cast, queue, raters):
    dispute = dispute_over(queue, raters, "bad", "good")
    decision = {
        "value": "good",
        "reason": "So.",
        "cause": "AMBIGUOUS_RUBRIC",
        "guideline_gap": "Whether a bank holiday counts.",
    }

    lea.post(page_of(dispute, "adjudication"), decision)

    gap = list_guideline_gaps(project_id=cast.project.pk, rubric="answer")[0]
    assert (gap.text, gap.rubric, gap.version) == (
        "Whether a bank holiday counts.",
        "answer",
        1,
    )
    assert list_guideline_gaps(project_id=cast.project.pk, rubric="other") == ()
    listed = lea.get(reverse("labeling:disputes", args=["shop"])).text
    assert "Whether a bank holiday counts." in listed
    assert "Whether a bank holiday counts." in lea.get(page_of(dispute)).text
    rubric = lea.get(reverse("labeling:rubric", args=["shop", "answer"])).text
    assert "Whether a bank holiday counts." in rubric


def test_no_gap_is_the_default(cast, queue, raters):
    decide(dispute_over(queue, raters, "bad", "good"), cast.lea)

    assert Adjudication.objects.get().guideline_gap == ""
    assert list_guideline_gaps(project_id=cast.project.pk) == ()


def test_causes_are_counted_by_queue_with_those_that_none_had(cast, queue, raters):
    for cause in ("WRONG_GOLD", "WRONG_GOLD", "MISSED_DETAIL"):
        decide(dispute_over(queue, raters, "bad", "good"), cast.lea, cause=cause)
    other = make_queue(cast.project, queue.rubric_version, slug="other")
    decide(dispute_over(other, raters, "bad", "good"), cast.lea)

    found = list_causes(project_id=cast.project.pk, queue="answers")

    assert [(row.label, row.n_disputes) for row in found[:2]] == [
        ("wrong gold", 2),
        ("missed detail", 1),
    ]
    assert sum(row.n_disputes for row in found) == 3
    assert len(found) == 4
    assert list_causes(project_id=cast.project.pk, queue="nowhere") == ()


def test_the_list_says_what_caused_disputes(lea, cast, queue, raters):
    url = reverse("labeling:disputes", args=["shop"])
    before = lea.get(url).text
    decide(dispute_over(queue, raters, "bad", "good"), cast.lea)

    after = lea.get(url).text

    assert "What caused them" not in before
    assert "What caused them" in after


def test_on_a_trace_the_keys_of_its_steps_stay_free(lea, cast, queue, raters):
    one = dispute_over(queue, raters, "bad", "good")
    dispute_over(queue, raters, "bad", "good")
    plain = lea.get(page_of(one)).text
    prepare_presentables(item_ids=[one.item_id], now=NOW)
    presentable = one.item.presentable
    presentable.content["steps"] = [{"type": "message", "text": "x", "role": "user"}]
    presentable.made_with = ""
    presentable.save()

    trace = lea.get(page_of(one)).text

    assert 'rel="next"' in plain
    assert 'data-key="j">' in plain.split('rel="next"')[1].split("<kbd")[0]
    assert 'data-key="J">' in trace.split('rel="next"')[1].split("<kbd")[0]
