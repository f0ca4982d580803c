"""First time on a queue: guidelines, a qualification, what came of it, live work."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from calibration.services.gold import add_gold_case
from labeling.models import Rubric, RubricVersion
from reviews.models import Assignment, Member, Purpose, Queue, Role
from tests.factories import (
    NOW,
    make_criterion,
    make_item,
    make_member,
    make_project,
    make_queue,
    make_slots,
)
from tests.journeys.conftest import SignIn
from tests.journeys.test_accessibility import PHONE, THEMES, violations

pytestmark = pytest.mark.browser

EXAMPLE = {
    "title": "A plain refusal",
    "text": "Q: May I return it? A: No.",
    "why": "It gives no reason.",
    "ratings": {"quality": "bad"},
}


@pytest.fixture
def reviewer(transactional_db: None) -> Member:
    return make_member(make_project(), "ada")


@pytest.fixture
def queue(reviewer: Member) -> Queue:
    """Two gold cases to qualify with, two more, and three items of work."""
    rubric = Rubric.objects.create(
        project=reviewer.project, slug="answer", created_at=NOW
    )
    version = RubricVersion.objects.create(
        rubric=rubric,
        number=1,
        title="Answer",
        guidance="Read the question first.",
        document={
            "criteria": [{"key": "quality", "title": "Quality", "options": []}],
            "examples": [EXAMPLE],
        },
        published_at=NOW,
    )
    make_criterion(version, "quality", "ORDINAL", 0, ("bad", "fair", "good"))
    queue = make_queue(
        reviewer.project, version, reviewers=[reviewer], qualification_size=2
    )
    for number in range(4):
        add_gold_case(
            queue_id=queue.pk,
            item_id=make_item(reviewer.project).pk,
            ratings={"quality": "good"},
            rationale=f"It answers what was asked, {number}.",
            now=timezone.now(),
        )
    for _ in range(3):
        make_slots(queue, make_item(reviewer.project))
    return queue


def open_desk(
    browser: Browser,
    live_server: LiveServer,
    sign_in: SignIn,
    member: Member,
    **options: Any,
) -> Page:
    context: BrowserContext = browser.new_context(**options)
    assert member.user is not None
    sign_in(context, member.user)
    page = context.new_page()
    page.goto(f"{live_server.url}/review/")
    return page


def judge(page: Page, key: str) -> None:
    """By keyboard, both items of the qualification."""
    for number in (1, 2):
        expect(page.locator("h1")).to_have_text(f"Item {number} of 2")
        page.keyboard.press(key)
        page.keyboard.press("Enter")
    page.get_by_role("link", name="See how it went").click()


def test_new_reviewer_goes_from_the_guidelines_to_live_work(
    browser: Browser, live_server: LiveServer, sign_in: SignIn, reviewer, queue
):
    page = open_desk(browser, live_server, sign_in, reviewer)
    expect(page.get_by_text("It begins with a qualification: 2 items")).to_be_visible()

    page.get_by_role("button", name="Start the qualification").click()
    expect(page.get_by_text("Read the question first.")).to_be_visible()
    expect(page.get_by_text("It gives no reason.")).to_be_visible()
    judge(page, "3")

    expect(page.locator("h1")).to_have_text("You have passed")
    expect(page.get_by_text("2 of 2 answers are right")).to_be_visible()
    expect(page.get_by_text("It answers what was asked")).to_have_count(2)
    page.get_by_role("link", name="Read it again").first.click()
    page.get_by_role("link", name="Next item").click()
    expect(page.locator("h1")).to_have_text("Item 2 of 2")
    page.get_by_role("link", name="All of them").click()
    page.get_by_role("button", name="Start a batch").click()
    expect(page.locator("h1")).to_have_text("Item 1 of 3")
    expect(page.get_by_text("Read the question first.")).to_be_hidden()
    live = Assignment.objects.filter(status="LIVE")
    assert set(live.values_list("purpose", flat=True)) == {Purpose.FRESH}


def test_reviewer_who_missed_it_tries_again_when_the_lead_says_so(
    browser: Browser, live_server: LiveServer, sign_in: SignIn, reviewer, queue
):
    lead = make_member(reviewer.project, "lea", Role.LEAD)
    page = open_desk(browser, live_server, sign_in, reviewer)
    page.get_by_role("button", name="Start the qualification").click()
    judge(page, "1")
    expect(page.locator("h1")).to_have_text("Not passed this time")
    expect(page.get_by_role("button", name="Start")).to_have_count(0)

    desk = open_desk(browser, live_server, sign_in, lead)
    desk.goto(f"{live_server.url}/p/shop/queues/answers/")
    assert violations(desk) == []
    desk.get_by_label("ada, because").fill("We talked about it")
    desk.get_by_role("button", name="Let them try again").click()
    expect(desk.get_by_text("ada may try again, with other gold.")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Start the qualification").click()
    judge(page, "3")

    expect(page.locator("h1")).to_have_text("You have passed")
    page.get_by_role("link", name="1", exact=True).click()
    expect(page.locator("h1")).to_have_text("Not passed")


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_the_pages_of_a_qualification(
    browser: Browser, live_server: LiveServer, sign_in: SignIn, reviewer, queue, theme
):
    phone = {"color_scheme": theme, "viewport": PHONE}
    page = open_desk(browser, live_server, sign_in, reviewer, **phone)
    found = violations(page)
    page.get_by_role("button", name="Start the qualification").click()
    page.get_by_label("Bad").check()
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("h1")).to_have_text("Item 2 of 2")
    page.get_by_label("Good").check()
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("link", name="See how it went").click()
    found += violations(page)
    page.get_by_role("link", name="Read it again").first.click()
    found += violations(page)
    width = page.evaluate("document.documentElement.scrollWidth")

    assert found == []
    assert width <= PHONE["width"]
