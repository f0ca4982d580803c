"""Judging in a real browser: by keyboard, without a connection, without a sign-in."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from labeling.models import Draft, FailureMode, FailureTag, Judgment, Rating
from reviews.models import Assignment, AssignmentStatus, Member, Queue, Session
from tests.factories import (
    NOW,
    PASSWORD,
    make_assignment,
    make_batch,
    make_item,
    make_member,
    make_project,
    make_queue,
    make_rubric,
    make_slots,
)
from tests.journeys.conftest import SignIn
from tests.journeys.test_accessibility import PHONE, THEMES, violations

pytestmark = pytest.mark.browser

LEVELS = {"quality": "ORDINAL", "why": "TEXT"}
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('bench:'))"


@pytest.fixture
def reviewer(transactional_db: None) -> Member:
    return make_member(make_project(), "ada")


@pytest.fixture
def batch(reviewer: Member) -> list[Assignment]:
    """Three items in a reviewer's hand."""
    rubric = make_rubric(reviewer.project, levels=LEVELS)
    queue = make_queue(reviewer.project, rubric, reviewers=[reviewer])
    batch = make_batch(queue, reviewer, 3)
    until = timezone.now() + timedelta(hours=1)
    items = [make_item(reviewer.project) for _ in range(3)]
    return [
        make_assignment(batch, item, make_slots(queue, item)[0], leased_until=until)
        for item in items
    ]


@pytest.fixture
def context(
    browser: Browser, reviewer: Member, sign_in: SignIn
) -> Iterator[BrowserContext]:
    context = browser.new_context()
    assert reviewer.user is not None
    sign_in(context, reviewer.user)
    yield context
    context.close()


@pytest.fixture
def page(
    live_server: LiveServer, context: BrowserContext, batch: list[Assignment]
) -> Page:
    return open_bench(context, live_server, batch[0])


def open_bench(
    context: BrowserContext, live_server: LiveServer, assignment: Assignment
) -> Page:
    page = context.new_page()
    path = reverse("labeling:bench", args=[assignment.public_id])
    page.goto(live_server.url + path)
    return page


def fill(page: Page, why: str = "It is so.") -> None:
    page.get_by_label("Good").check()
    page.locator("[name=value-why]").fill(why)


def submit(page: Page) -> None:
    page.get_by_role("button", name="Submit").click()


def expect_item(page: Page, number: int) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Item {number} of 3")


def expect_waiting(page: Page) -> None:
    words = page.get_by_role("main").get_by_text(
        "Your judgment is kept in this browser"
    )
    expect(words).to_be_visible()


def kept_reasons() -> list[Any]:
    reasons = Rating.objects.filter(criterion__key="why").order_by("pk")
    return list(reasons.values_list("value", flat=True))


def test_judgment_submitted_offline_is_sent_once_when_the_network_is_back(
    page: Page, context: BrowserContext
):
    fill(page)
    context.set_offline(True)

    submit(page)
    expect_waiting(page)
    expect(page.get_by_role("status")).to_contain_text("Your judgment is kept")
    count_before = Judgment.objects.count()
    context.set_offline(False)
    expect_item(page, 2)

    assert count_before == 0
    assert kept_reasons() == ["It is so."]
    expect(page.locator("[data-connection]")).to_be_hidden()
    assert page.evaluate(KEPT) == []


def test_judgment_submitted_offline_outlives_a_reload(
    page: Page, context: BrowserContext
):
    fill(page)
    context.set_offline(True)
    submit(page)
    expect_waiting(page)
    url = page.url
    page.close()
    context.set_offline(False)

    again = context.new_page()
    again.goto(url)

    expect_item(again, 2)
    assert kept_reasons() == ["It is so."]


def test_what_is_changed_while_it_waits_is_not_sent_by_itself(
    page: Page, context: BrowserContext
):
    fill(page)
    context.set_offline(True)
    submit(page)
    page.locator("[name=value-why]").fill("Or is it?")

    context.set_offline(False)
    expect(page.locator("[data-connection]")).to_be_hidden()

    expect_item(page, 1)
    assert not Judgment.objects.exists()
    assert Draft.objects.get().answers["value-why"] == ["Or is it?"]
    assert page.evaluate(KEPT) == []


def test_answer_that_never_arrived_is_asked_for_again(page: Page):
    fill(page)
    arrived: list[str] = []

    def lose_the_answer(route: Any) -> None:
        arrived.append(route.fetch().text())
        route.abort("connectionreset")

    page.route("**/judgment/", lose_the_answer, times=1)
    submit(page)
    expect_item(page, 2)

    assert len(arrived) == 1
    assert kept_reasons() == ["It is so."]


@pytest.mark.parametrize(
    ("key", "button", "status"),
    [
        ("s", "Skip and go on", AssignmentStatus.SKIPPED),
        ("e", "Escalate and go on", AssignmentStatus.ESCALATED),
    ],
)
def test_reason_given_offline_outlives_a_reload_and_is_sent_once(
    page: Page, context: BrowserContext, key: str, button: str, status: str
):
    arrived: list[str] = []
    page.keyboard.press(key)
    page.keyboard.type("It names a person.")
    context.set_offline(True)
    page.get_by_role("button", name=button).click()
    expect(
        page.get_by_role("main").get_by_text("Your reason is kept in this browser")
    ).to_be_visible()
    url = page.url
    page.close()
    context.set_offline(False)

    again = context.new_page()
    again.on("request", lambda one: arrived.append(one.url) if one.post_data else None)
    again.goto(url)

    expect(again.get_by_role("heading", level=1)).to_have_text("Item 1 of 2")
    ended = Assignment.objects.get(position=1)
    assert (ended.status, ended.ended_because) == (status, "It names a person.")
    assert len(arrived) == 1
    assert again.evaluate(KEPT) == []


def test_reason_that_was_begun_is_there_after_a_reload_and_sent_by_nobody(page: Page):
    fill(page)
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.keyboard.type("It names")
    with page.expect_response("**/draft/"):
        page.locator("[name=value-why]").fill("It is so, too.")

    page.reload(wait_until="networkidle")

    expect(page.get_by_label("Why can you not judge")).to_have_value("It names")
    expect(page.locator("[name=value-why]")).to_have_value("It is so, too.")
    assert Assignment.objects.filter(status=AssignmentStatus.LIVE).count() == 3
    submit(page)
    expect_item(page, 2)
    assert page.evaluate(KEPT) == []


def test_escalation_without_a_reason_says_so_on_the_page(page: Page):
    page.keyboard.press("e")
    page.keyboard.type("  ")

    page.keyboard.press("Enter")

    expect(page.get_by_role("main")).to_contain_text("Not escalated yet")
    expect_item(page, 1)


def test_item_is_in_sight_below_the_guidelines_of_a_first_batch(
    live_server: LiveServer, context: BrowserContext, batch: list[Assignment]
):
    version = batch[0].rubric_version
    words = "Read it through to its end.\n\n" * 60
    rubric = make_rubric(version.rubric.project, "long", levels=LEVELS, guidance=words)
    queue = make_queue(
        version.rubric.project, rubric, "long", reviewers=[batch[0].reviewer]
    )
    item = make_item(version.rubric.project)
    assignment = make_assignment(
        make_batch(queue, batch[0].reviewer, 1),
        item,
        make_slots(queue, item)[0],
        leased_until=timezone.now() + timedelta(hours=1),
    )

    page = open_bench(context, live_server, assignment)
    page.set_viewport_size({"width": 1440, "height": 900})

    expect(page.locator("details.guidelines")).to_have_attribute("open", "")
    expect(page.locator("[data-content] .prose").first).to_be_in_viewport(ratio=1)
    assert violations(page) == []


def test_server_that_is_away_for_a_moment_gets_the_judgment_later(page: Page):
    fill(page)
    page.route("**/judgment/", lambda route: route.fulfill(status=503), times=1)

    submit(page)
    expect_waiting(page)
    page.locator("[data-connection-send]:visible").click()

    expect_item(page, 2)
    assert kept_reasons() == ["It is so."]


def test_judgment_that_waits_in_two_tabs_counts_once(
    page: Page,
    context: BrowserContext,
    live_server: LiveServer,
    batch: list[Assignment],
):
    other = open_bench(context, live_server, batch[0])
    fill(page, "From the one.")
    fill(other, "From the other.")
    context.set_offline(True)
    submit(page)
    submit(other)
    expect_waiting(other)

    context.set_offline(False)
    expect_item(page, 2)
    expect_item(other, 2)

    assert len(kept_reasons()) == 1
    assert page.evaluate(KEPT) == []


def test_way_back_leads_on_with_what_was_typed(page: Page):
    fill(page)
    submit(page)
    expect_item(page, 2)
    fill(page, "Typed on the second.")

    page.go_back()

    expect(page.get_by_text("your first answer stands")).to_be_visible()
    expect_item(page, 2)
    expect(page.locator("[name=value-why]")).to_have_value("Typed on the second.")
    assert Judgment.objects.count() == 1


def test_what_was_submitted_after_the_lease_comes_back_with_the_item(
    page: Page, context: BrowserContext
):
    fill(page, "Too late.")
    context.set_offline(True)
    submit(page)
    expect_waiting(page)
    Assignment.objects.update(leased_until=timezone.now() - timedelta(minutes=1))

    context.set_offline(False)
    page.get_by_role("button", name="Take it again").click()

    expect(page.locator("[name=value-why]")).to_have_value("Too late.")
    assert not Judgment.objects.exists()


def test_what_was_kept_over_the_end_of_the_lease_comes_back_with_the_item(
    page: Page, context: BrowserContext
):
    context.set_offline(True)
    fill(page, "Typed in the dark.")
    url = page.url
    page.close()
    Assignment.objects.update(leased_until=timezone.now() - timedelta(minutes=1))
    context.set_offline(False)

    again = context.new_page()
    again.goto(url)
    again.get_by_role("button", name="Take it again").click()

    expect(again.locator("[name=value-why]")).to_have_value("Typed in the dark.")
    expect(again.get_by_label("Good")).to_be_checked()
    assert again.evaluate(KEPT) == []


def test_submit_without_a_sign_in_leads_there_and_back_to_what_was_typed(page: Page):
    page.route("**/draft/", lambda route: route.abort())
    fill(page)
    Session.objects.all().delete()

    submit(page)
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect_item(page, 1)

    expect(page.locator("[name=value-why]")).to_have_value("It is so.")
    expect(page.get_by_label("Good")).to_be_checked()
    submit(page)
    expect_item(page, 2)
    assert kept_reasons() == ["It is so."]


def test_draft_without_a_sign_in_says_so_and_leads_nobody_away(page: Page):
    Session.objects.all().delete()

    fill(page)

    expect(
        page.get_by_role("main").get_by_text("Your sign-in has ended or changed")
    ).to_be_visible()
    expect(page.locator("[name=value-why]")).to_have_value("It is so.")


def test_submit_from_before_another_sign_in_is_accepted(
    page: Page, context: BrowserContext
):
    page.route("**/draft/", lambda route: route.abort())
    fill(page)
    context.clear_cookies(name="csrftoken")

    submit(page)

    expect_item(page, 2)
    assert kept_reasons() == ["It is so."]


def test_nothing_of_the_item_is_kept_in_the_browser(
    live_server: LiveServer, context: BrowserContext, batch: list[Assignment]
):
    content = {
        "prompt": "May I return it?",
        "context": [{"title": "Returns", "text": "Within 14 days."}],
        "responses": [{"text": "Within a fortnight."}],
    }
    item = make_item(batch[0].reviewer.project, content=content)
    dealt = batch[0].batch
    assert dealt is not None
    assignment = make_assignment(
        dealt,
        item,
        make_slots(batch[0].queue, item)[0],
        leased_until=timezone.now() + timedelta(hours=1),
    )
    page = open_bench(context, live_server, assignment)
    context.set_offline(True)
    page.keyboard.press("m")
    page.keyboard.press("1")
    stored = page.evaluate(f"localStorage[{KEPT}[0]]")
    url = page.url
    page.close()
    context.set_offline(False)

    again = context.new_page()
    again.goto(url)

    assert "fortnight" not in stored
    assert '\\"start\\":0' in stored
    expect(again.locator("[data-claims-list]")).to_contain_text("Within a fortnight.")


def test_pause_is_suggested_after_45_minutes_and_waved_away(page: Page):
    almost = "JSON.stringify({seconds: 45 * 60 - 1, at: Date.now()})"
    page.evaluate(f"sessionStorage.setItem('bench-active', {almost})")
    notice = page.get_by_role("main").get_by_text("You have judged for 45 minutes.")
    expect(notice).to_be_hidden()

    page.mouse.move(5, 5)
    expect(notice).to_be_visible()
    page.get_by_role("button", name="Go on").click()

    expect(notice).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.mouse.move(6, 6)
    page.wait_for_timeout(1500)
    expect(notice).to_be_hidden()
    assert '"seconds":1' in page.evaluate("sessionStorage['bench-active']")


def test_decision_is_given_by_keyboard_and_revising_leads_to_the_text(page: Page):
    Queue.objects.update(authority=["APPROVE", "REJECT", "REVISE"])
    page.reload()

    page.keyboard.press("3")
    page.keyboard.type("It is so.")
    page.keyboard.press("Escape")
    page.keyboard.press("3")
    expect(page.get_by_label("Corrected text")).to_be_focused()
    page.keyboard.type("Better.")
    page.keyboard.press("Control+Enter")
    expect_item(page, 2)

    assert Judgment.objects.get().disposition == "REVISE"
    assert page.get_by_role("radio", checked=True).count() == 0


def test_what_was_said_of_one_item_is_not_said_of_the_next(page: Page):
    fill(page)
    submit(page)
    expect_item(page, 2)
    page.locator("body").press("z")
    taken_back = page.get_by_text("Taken back: judge this item once more.")
    expect(taken_back).to_be_visible()

    submit(page)
    expect_item(page, 2)

    expect(taken_back).to_have_count(0)


def test_closed_guidelines_leave_enter_to_submit(page: Page):
    fill(page)
    page.keyboard.press("Escape")
    # They are open on the first item of a first batch.
    page.keyboard.press("g")

    page.keyboard.press("Enter")

    expect_item(page, 2)


def test_offered_failure_modes_are_chosen_by_keyboard_and_kept(
    live_server: LiveServer,
    context: BrowserContext,
    batch: list[Assignment],
    reviewer: Member,
):
    for name in ("Made up", "Too late", "Unkind"):
        FailureMode.objects.create(
            project=reviewer.project, name=name, is_offered=True, created_at=NOW
        )
    page = open_bench(context, live_server, batch[0])
    page.keyboard.press("3")
    page.keyboard.press("Escape")
    page.keyboard.press("f")

    with page.expect_response("**/draft/"):
        page.keyboard.press("3")
    page.keyboard.press("1")
    page.reload()
    expect(page.get_by_role("group", name="Failure modes")).to_be_visible()
    axe = violations(page)
    page.locator("[name=value-why]").fill("It is so.")
    page.keyboard.press("Control+Enter")
    expect_item(page, 2)

    tags = FailureTag.objects.order_by("pk").values_list("tag", flat=True)
    assert list(tags) == ["made up", "unkind"]
    assert axe == []
    assert Rating.objects.get(criterion__key="quality").value == "good"


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_a_phone_that_is_offline(
    live_server: LiveServer,
    browser: Browser,
    reviewer: Member,
    batch: list[Assignment],
    sign_in: SignIn,
    theme: Any,
):
    context = browser.new_context(viewport=PHONE, color_scheme=theme)  # type: ignore[arg-type]  # a plain dict
    assert reviewer.user is not None
    sign_in(context, reviewer.user)
    page = open_bench(context, live_server, batch[0])
    fill(page)
    context.set_offline(True)

    submit(page)
    expect_waiting(page)

    assert violations(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == PHONE["width"]
    context.close()
