"""The bench as a browser and as a browser without JavaScript see it."""

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe

from labeling.forms import JudgmentForm, SkipForm
from labeling.models import Draft, Judgment, Option
from labeling.queries.bench import BenchPage, get_bench, get_next_bench
from labeling.tasks import BELL
from labeling.views.frames import FRAGMENT, WHOLE, render_untouched, render_whole
from reviews.models import Assignment, AssignmentStatus, Batch, Presentable, Queue
from reviews.queries.presentations import get_hand
from reviews.services.leases import expire_leases
from tests.factories import (
    make_assignment,
    make_batch,
    make_item,
    make_queue,
    make_rubric,
    make_slots,
)

HTMX = {"HTTP_HX_REQUEST": "true"}
LEVELS = {"quality": "ORDINAL", "flaws": "MULTI_LABEL", "score": "INTERVAL"}
GOOD = {"value-quality": "good", "value-flaws": ["fair"], "value-score": "7"}


def deal(
    cast: Any, n: int = 2, levels: Any = None, kind: str = "SINGLE", **item_changes: Any
) -> Any:
    """A batch of `n` items in ada's hand."""
    version = make_rubric(cast.project, levels=levels or LEVELS)
    queue = make_queue(cast.project, version, reviewers=[cast.ada])
    batch = make_batch(queue, cast.ada, n)
    until = timezone.now() + timedelta(hours=1)
    return [
        make_assignment(batch, item, make_slots(queue, item)[0], leased_until=until)
        for item in (make_item(cast.project, kind, **item_changes) for _ in range(n))
    ]


def url(name: str, assignment: Any) -> str:
    return reverse(f"labeling:{name}", args=[assignment.public_id])


@pytest.fixture
def ada(client, cast):
    client.force_login(cast.ada.user)
    return client


def test_the_bench_shows_the_item_without_a_default_choice(ada, cast):
    first, _ = deal(cast)

    page = ada.get(url("bench", first))

    assert "Item 1 of 2" in page.text
    assert first.item.content["prompt"] in page.text
    assert page.text.count('type="radio"') == 3
    assert " checked" not in page.text


def test_a_submit_answers_with_the_next_item(ada, cast):
    first, second = deal(cast)

    answer = ada.post(url("judgment", first), GOOD, **HTMX)

    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div class="bench')
    assert second.item.content["prompt"] in answer.text
    assert answer["HX-Push-Url"] == url("bench", second)
    assert json.loads(answer["HX-Trigger"]) == {"announce": "Saved. Item 2 of 2."}
    ratings = Judgment.objects.get().ratings.order_by("criterion__position")
    assert [rating.value for rating in ratings] == ["good", ["fair"], 7]


def test_a_submit_without_javascript_leads_to_the_next_item(ada, cast):
    first, second = deal(cast)

    answer = ada.post(url("judgment", first), GOOD)

    assert (answer.status_code, answer["Location"]) == (303, url("bench", second))


@pytest.mark.parametrize(
    ("headers", "status", "header"),
    [(HTMX, 200, "HX-Redirect"), ({}, 303, "Location")],
)
def test_the_last_submit_leads_to_the_batch(ada, cast, headers, status, header):
    (only,) = deal(cast, n=1)

    answer = ada.post(url("judgment", only), GOOD, **headers)

    done = reverse("reviews:batch", args=[only.batch.public_id])
    assert (answer.status_code, answer[header]) == (status, done)


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_second_submit_goes_on_and_changes_nothing(ada, cast, headers):
    first, second = deal(cast)
    ada.post(url("judgment", first), GOOD)

    answer = ada.post(
        url("judgment", first), GOOD | {"value-quality": "bad"}, **headers
    )

    assert answer.status_code == (200 if headers else 303)
    assert Judgment.objects.get().ratings.get(criterion__key="quality").value == "good"
    assert str(second.public_id) in str(answer.headers)


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_an_unfinished_answer_comes_back_with_what_was_typed(ada, cast, headers):
    first, _ = deal(cast)

    answer = ada.post(
        url("judgment", first), {"value-quality": "good", "comment": "hm"}, **headers
    )

    assert answer.status_code == 422
    assert "Give a number." in answer.text
    assert "Choose at least one." in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert ">\nhm</textarea>" in answer.text
    assert ("<!doctype html>" in answer.text) == (not headers)
    assert not Judgment.objects.exists()


@pytest.mark.parametrize("number", ["11", "0.5", "x", "1e400", "NaN"])
def test_a_number_off_the_scale_is_refused(ada, cast, number):
    first, _ = deal(cast)

    answer = ada.post(url("judgment", first), GOOD | {"value-score": number})

    assert answer.status_code == 422


def test_a_choice_that_asks_for_a_reason_is_not_taken_without_one(ada, cast):
    first, _ = deal(cast)
    # Rubric rows are frozen: the asking option is a new one.
    criterion = first.rubric_version.criteria.get(key="quality")
    Option.objects.create(
        criterion=criterion, value="x", title="X", requires_rationale=True, position=9
    )

    bare = ada.post(url("judgment", first), GOOD | {"value-quality": "x"})
    reasoned = ada.post(
        url("judgment", first),
        GOOD | {"value-quality": "x", "rationale-quality": "Because."},
    )

    assert "This choice needs a reason." in bare.text
    assert reasoned.status_code == 303
    assert Judgment.objects.get().ratings.get(rationale="Because.").value == "x"


def test_a_pair_is_judged_by_the_place_of_its_responses(ada, cast):
    (only,) = deal(cast, 1, {"better": "PAIRWISE"}, "PAIR")

    ada.post(url("judgment", only), {"value-better": "RIGHT"})

    rating = Judgment.objects.get().ratings.get()
    assert (rating.displayed, rating.value) == ("RIGHT", "B")


def test_a_draft_is_kept_and_comes_back(ada, cast):
    first, _ = deal(cast)

    answer = ada.post(
        url("draft", first), {"value-quality": "fair", "comment": "so\x00 far"}, **HTMX
    )
    page = ada.get(url("bench", first))

    assert answer.status_code == 204
    assert 'value="fair" checked' in page.text
    assert ">\nso far</textarea>" in page.text


@pytest.mark.parametrize("typed", [GOOD, GOOD | {"could_tell": "on"}])
def test_a_reviewer_can_say_that_they_could_tell(ada, cast, typed):
    first, _ = deal(cast)

    ada.post(url("judgment", first), typed)

    assert Judgment.objects.get().could_tell is ("could_tell" in typed)


def test_a_draft_keeps_that_the_reviewer_could_tell(ada, cast):
    first, _ = deal(cast)

    ada.post(url("draft", first), {"could_tell": "on"}, **HTMX)

    assert 'name="could_tell" checked' in ada.get(url("bench", first)).text


def test_a_draft_without_javascript_leads_back_to_the_item(ada, cast):
    first, _ = deal(cast)

    answer = ada.post(url("draft", first), {"comment": "so far"})

    assert (answer.status_code, answer["Location"]) == (303, url("bench", first))
    assert Draft.objects.exists()


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_skip_gives_the_item_back_with_its_reason(ada, cast, headers):
    first, second = deal(cast)

    answer = ada.post(url("skip", first), {"reason": "Not my language"}, **headers)

    first.refresh_from_db()
    assert (first.status, first.ended_because) == ("SKIPPED", "Not my language")
    assert str(second.public_id) in str(answer.headers)


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_skip_needs_a_reason(ada, cast, headers):
    first, _ = deal(cast)

    answer = ada.post(url("skip", first), {"reason": " "}, **headers)

    assert answer.status_code == 422
    assert "Say why you skip this item." in answer.text


def lapse(*assignments: Any, swept: bool) -> None:
    past = timezone.now() - timedelta(minutes=1)
    for assignment in assignments:
        Assignment.objects.filter(pk=assignment.pk).update(leased_until=past)
    if swept:
        expire_leases(now=timezone.now())


@pytest.mark.parametrize("swept", [False, True])
@pytest.mark.parametrize("headers", [HTMX, {}])
def test_what_was_typed_after_the_lease_is_kept_and_offered_again(
    ada, cast, headers, swept
):
    first, _ = deal(cast)
    lapse(first, swept=swept)

    answer = ada.post(url("judgment", first), GOOD, follow=not headers, **headers)
    again = ada.post(url("lease", first), follow=True)

    assert "Your time for this item ran out." in answer.text
    assert not Judgment.objects.exists()
    assert 'value="good" checked' in again.text


def test_an_item_that_is_gone_is_not_offered_again(ada, cast):
    first, second = deal(cast)
    lapse(first, swept=True)
    first.queue.slots.filter(item=first.item).update(state="FILLED")

    answer = ada.post(url("lease", first))

    assert answer["Location"] == url("bench", second)


def test_a_judged_item_leads_to_the_next(ada, cast):
    first, second = deal(cast)
    ada.post(url("judgment", first), GOOD)

    answer = ada.get(url("bench", first))

    assert (answer.status_code, answer["Location"]) == (303, url("bench", second))


@pytest.mark.parametrize("name", ["bench", "judgment", "draft", "skip", "lease"])
@pytest.mark.parametrize("who", ["ben", "lea", "adam"])
def test_the_bench_of_somebody_else_is_not_there(client, cast, name, who):
    first, _ = deal(cast)
    client.force_login(getattr(cast, who).user)

    ask = client.get if name == "bench" else client.post

    assert ask(url(name, first)).status_code == 404
    assert ask(reverse(f"labeling:{name}", args=[uuid4()])).status_code == 404


@pytest.mark.parametrize("name", ["bench", "judgment", "draft", "skip", "lease"])
def test_the_bench_asks_for_a_sign_in(client, cast, name):
    first, _ = deal(cast)

    ask = client.get if name == "bench" else client.post

    assert ask(url(name, first))["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("page", "next_page"),
    [("http://testserver/bench/here/", "/bench/here/"), ("http://elsewhere/", None)],
)
def test_htmx_is_led_to_the_sign_in_and_back_to_its_page(client, cast, page, next_page):
    only, *_ = deal(cast)

    answer = client.post(url("judgment", only), HTTP_HX_CURRENT_URL=page, **HTMX)

    asked = next_page or url("judgment", only)
    assert answer.status_code == 401
    assert unquote(answer["HX-Redirect"]) == f"/accounts/login/?next={asked}"
    assert answer.text == ""


def test_no_bench_page_holds_what_is_hidden(ada, cast):
    hidden: dict[str, Any] = {
        "signals": {"intent": "SENTINEL-intent", "flags": ["SENTINEL-flag"]},
        "provenance": {"responses": [{"model": "SENTINEL-model"}]},
    }
    (first,) = deal(cast, 1, external_id="SENTINEL-fresh", **hidden)
    make_assignment(
        first.batch,
        make_item(cast.project, external_id="SENTINEL-seeded", **hidden),
        leased_until=first.leased_until,
    )

    answers = [
        ada.get(url("bench", first)),
        ada.post(url("judgment", first), {}, **HTMX),
        ada.post(url("skip", first), {}),
        ada.post(url("judgment", first), GOOD, **HTMX),
        ada.get(url("bench", first), follow=True),
    ]

    for answer in answers:
        seen = answer.text + str(answer.headers)
        assert "SENTINEL" not in seen
        assert "gold" not in seen.lower()
        assert "purpose" not in seen.lower()


def test_a_trace_shows_its_steps_with_errors_open(ada, cast):
    steps = [
        {"type": "tool_call", "name": "find_order", "arguments": {"id": 7}},
        {"type": "tool_result", "name": "find_order", "text": '{"state": "lost"}'},
        {"type": "error", "text": "timeout"},
    ]
    (only,) = deal(cast, 1, kind="TRACE", content={"steps": steps, "responses": []})

    page = ada.get(url("bench", only)).text

    assert "find_order" in page
    assert page.count('<details class="step') == 3
    assert 'class="step step--error" data-step="3" open' in page
    assert 'class="step step--tool_call" data-step="1">' in page


def test_hostile_text_stays_text_on_the_bench(ada, cast):
    text = "<script>alert(1)</script> ![x](https://evil.example/p.png)"
    (only,) = deal(cast, 1, content={"prompt": text, "responses": [{"text": text}]})

    page = ada.get(url("bench", only)).text

    assert "<script>alert" not in page
    assert "<img" not in page


def test_the_masked_content_is_shown_and_not_the_original(ada, cast):
    (only,) = deal(cast, 1)
    Presentable.objects.filter(item=only.item).update(
        content={"prompt": "masked words", "responses": [{"text": "r"}]}
    )

    page = ada.get(url("bench", only)).text

    assert "masked words" in page
    assert only.item.content["prompt"] not in page


def test_the_bench_takes_few_queries(ada, cast, django_assert_num_queries):
    first, second = deal(cast)
    ada.get(url("bench", second))

    # Session; savepoint, role; hand, item; role, savepoint.
    with django_assert_num_queries(7):
        ada.get(url("bench", first))


def test_a_submit_with_the_next_item_is_one_request_of_few_queries(
    ada, cast, django_assert_num_queries
):
    first, second, _ = deal(cast, 3)
    ada.post(url("judgment", first), GOOD, **HTMX)

    # Session; savepoint, role; hand, judgment, ratings, next item; role,
    # savepoint. In production a transaction stands for the savepoint, and the role
    # ends with it.
    with django_assert_num_queries(9):
        ada.post(url("judgment", second), GOOD, **HTMX)


def test_a_dead_broker_stops_no_submit(
    ada, cast, dead_broker, monkeypatch, django_capture_on_commit_callbacks, caplog
):
    first, _ = deal(cast)
    monkeypatch.setattr(BELL, "rung_at", float("-inf"))

    with django_capture_on_commit_callbacks(execute=True):
        answer = ada.post(url("judgment", first), GOOD)

    assert answer.status_code == 303
    assert Assignment.objects.get(pk=first.pk).status == AssignmentStatus.SUBMITTED
    assert "the broker is away" in caplog.text


@pytest.mark.parametrize("sign_of_work", ["judgment", "draft"])
def test_work_keeps_the_rest_of_the_batch_in_hand(ada, cast, sign_of_work):
    first, second = deal(cast)
    Batch.objects.update(dealt_at=timezone.now() - timedelta(minutes=50))
    nearly_over = timezone.now() + timedelta(minutes=10)
    Assignment.objects.update(leased_until=nearly_over)

    ada.post(url(sign_of_work, first), GOOD, **HTMX)

    second.refresh_from_db()
    assert second.leased_until > nearly_over + timedelta(minutes=45)


def test_lease_that_has_long_to_run_is_left_as_it_is(ada, cast):
    first, second = deal(cast)

    ada.post(url("judgment", first), GOOD, **HTMX)

    before = second.leased_until
    second.refresh_from_db()
    assert second.leased_until == before


ALREADY = "Already judged: your first answer stands."


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_second_submit_says_on_the_next_item_that_the_first_stands(
    ada, cast, headers
):
    first, second = deal(cast)
    ada.post(url("judgment", first), GOOD)

    answer = ada.post(url("judgment", first), GOOD, **headers)

    shown = answer if headers else ada.get(url("bench", second))
    assert ALREADY in shown.text
    assert ALREADY not in ada.get(url("bench", second)).text


def test_a_way_back_to_a_judged_item_says_that_the_answer_stands(ada, cast):
    first, _ = deal(cast)
    ada.post(url("judgment", first), GOOD)

    page = ada.get(url("bench", first), follow=True)

    assert "Item 2 of 2" in page.text
    assert ALREADY in page.text


@pytest.mark.parametrize("name", ["judgment", "draft", "skip", "escalation", "lease"])
def test_the_address_of_a_form_leads_to_its_item(ada, cast, name):
    first, _ = deal(cast)

    answer = ada.get(url(name, first))

    assert (answer.status_code, answer["Location"]) == (302, url("bench", first))


def test_a_reason_of_digits_is_none(ada, cast):
    first, _ = deal(cast)

    answer = ada.post(url("judgment", first), GOOD | {"rationale-quality": "1 2"})

    assert answer.status_code == 422
    assert "Give the reason in words." in answer.text


def page_of(assignment: Any, user_id: int) -> BenchPage:
    hand = get_hand(public_id=assignment.public_id, user_id=user_id)
    return get_bench(hand=hand, now=timezone.now())


def test_guidelines_are_open_on_the_first_item_and_no_later(ada, cast):
    def opens(assignment: Any) -> bool:
        return page_of(assignment, cast.ada.user.pk).opens_guidelines

    first, second = deal(cast)

    before = opens(first)
    ada.post(url("judgment", first), GOOD)

    assert (before, opens(second)) == (True, False)


def test_guidelines_stay_folded_in_a_later_batch_of_the_queue(cast):
    first, _ = deal(cast)
    later = make_batch(first.queue, cast.ada, 1)
    item = make_item(cast.project)
    slot = make_slots(first.queue, item)[0]
    until = timezone.now() + timedelta(hours=1)
    again = make_assignment(later, item, slot, leased_until=until)

    page = page_of(again, cast.ada.user.pk)

    assert not page.opens_guidelines


def test_a_mask_is_explained_where_there_is_one(ada, cast):
    (plain, masked) = deal(cast)
    Presentable.objects.filter(item=masked.item).update(
        content={"prompt": "Who are you?", "responses": [{"text": "I am [masked]."}]}
    )

    pages = [ada.get(url("bench", one)).text for one in (plain, masked)]

    note = "</code> A name that could tell who wrote this is hidden."
    assert [note in page for page in pages] == [False, True]


@pytest.mark.parametrize("kind", ["SINGLE", "PAIR", "TRACE"])
def test_a_bench_made_of_kept_pieces_is_the_bench_of_the_template(ada, cast, kind):
    first, *_ = deal(cast, 3, kind=kind)
    ada.post(url("judgment", first), GOOD)
    hand = get_hand(public_id=first.public_id, user_id=cast.ada.user.pk)
    page = get_next_bench(hand=hand, now=timezone.now())
    assert page is not None
    form = JudgmentForm(page.rubric, len(page.presentation.responses), token="f0")
    context = {
        "page": page,
        "form": form,
        "skip_form": SkipForm(),
        "csrf_token": "c0",
    }

    made = [render_untouched(page, "c0") for _ in range(2)]

    same = [re.sub(r"\bq[0-9a-f]{8}_", "qf0_", text) for text in made]
    assert same == [render_to_string(FRAGMENT, context)] * 2
    assert made[0] != made[1]


def test_a_page_made_of_kept_pieces_is_the_page_of_the_template(cast):
    first, *_ = deal(cast)
    page = page_of(first, cast.ada.user.pk)
    cast.ada.user.username = "ada & <co>"
    bench = mark_safe("<p>bench</p>")
    context = {
        "page": page,
        "user": cast.ada.user,
        "bench": bench,
        "csrf_token": "c0",
    }

    made = [render_whole(page, bench, "ada & <co>", "c0") for _ in range(2)]

    assert made == [render_to_string(WHOLE, context)] * 2


@pytest.mark.parametrize("is_plain", [False, True])
def test_a_queue_of_plain_text_shows_no_formatting_and_offers_none(ada, cast, is_plain):
    first, second = deal(cast)
    Queue.objects.update(plain_text=is_plain)

    page = ada.get(url("bench", first))
    answer = ada.post(url("judgment", first), GOOD, **HTMX)

    assert second.item.content["prompt"] in answer.text
    for text in (page.text, answer.text):
        assert ("reading--plain" in text) == is_plain
        assert ('data-key="p"' in text) != is_plain
