"""The first pages, in both themes and on a small screen, through axe."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from reviews.models import Role, User
from tests.factories import (
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

pytestmark = pytest.mark.browser

THEMES = ["light", "dark"]
PAGES = ["/review/", "/p/shop/", "/p/shop/queues/answers/", "/nowhere/"]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def lead(transactional_db: None) -> User:
    """A lead who also reviews, with one queue and a batch under way."""
    project = make_project()
    lead = make_member(project, "lea", Role.LEAD)
    queue = make_queue(project, make_rubric(project), reviewers=[lead])
    slots = [make_slots(queue, make_item(project)) for _ in range(3)]
    make_assignment(make_batch(queue, lead), slots[0][0].item, slots[0][0])
    assert lead.user is not None
    return lead.user


def violations(page: Page) -> list[Any]:
    return [
        (violation["id"], [node["target"] for node in violation["nodes"]])
        for violation in Axe().run(page).response["violations"]
    ]


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_the_sign_in_page(
    live_server: LiveServer, browser: Browser, theme: Any
):
    page = browser.new_page(color_scheme=theme)

    page.goto(f"{live_server.url}/accounts/login/")

    assert violations(page) == []


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_the_first_pages(
    live_server: LiveServer, browser: Browser, lead: User, sign_in: SignIn, theme: Any
):
    context = browser.new_context(color_scheme=theme)
    sign_in(context, lead)
    page = context.new_page()
    found = {}

    for path in PAGES:
        page.goto(live_server.url + path)
        found[path] = violations(page)

    assert found == {path: [] for path in PAGES}


def test_no_page_is_wider_than_a_phone(
    live_server: LiveServer, browser: Browser, lead: User, sign_in: SignIn
):
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]  # a plain dict
    sign_in(context, lead)
    page = context.new_page()
    widths = {}

    for path in PAGES:
        page.goto(live_server.url + path)
        widths[path] = page.evaluate("document.documentElement.scrollWidth")

    assert widths == dict.fromkeys(PAGES, PHONE["width"])


def test_pages_obey_their_own_content_security_policy(
    live_server: LiveServer, browser: Browser, lead: User, sign_in: SignIn
):
    context = browser.new_context()
    sign_in(context, lead)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))

    for path in PAGES[:3]:
        page.goto(live_server.url + path)

    assert said == []
    assert [url for url in asked if not url.startswith(live_server.url)] == []


def test_menu_opens_and_closes_by_keyboard(
    live_server: LiveServer, browser: Browser, lead: User, sign_in: SignIn
):
    context = browser.new_context()
    sign_in(context, lead)
    page = context.new_page()
    page.goto(f"{live_server.url}/review/")

    page.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    opened = page.get_by_text("Sign out").is_visible()
    page.keyboard.press("Escape")

    assert opened
    assert not page.get_by_text("Sign out").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
