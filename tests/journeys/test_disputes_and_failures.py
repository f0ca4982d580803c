"""A lead settles disputes by keyboard alone, and sorts what was written."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from calibration.services.panels import refresh_failures
from labeling.formats.findings import Findings
from labeling.models import Adjudication, Dispute, Judgment
from labeling.services.disputes import recheck_items
from labeling.services.findings import keep_findings
from reviews.models import Role, User
from tests.factories import (
    NOW,
    make_member,
    make_project,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
)
from tests.journeys.conftest import SignIn
from tests.journeys.test_accessibility import violations

pytestmark = pytest.mark.browser

THEMES = ["light", "dark"]


@pytest.fixture
def lea(transactional_db: None) -> User:
    """A lead with two open disputes and a tag that nobody has sorted."""
    project = make_project()
    lead = make_member(project, "lea", Role.LEAD)
    queue = make_queue(project, make_rubric(project))
    ann, bob = make_rater(project, "zq-ann"), make_rater(project, "zq-bob")
    for _ in range(2):
        make_rated_item(queue, {ann: {"quality": "bad"}, bob: {"quality": "good"}})
    judgment = Judgment.objects.earliest("pk")
    keep_findings(judgment_id=judgment.pk, findings=Findings(tags=("late",)))
    recheck_items(now=NOW, limit=10)
    refresh_failures(project_id=project.pk, now=NOW)
    assert lead.user is not None
    return lead.user


@pytest.fixture
def page(browser: Browser, sign_in: SignIn, lea: User) -> Page:
    context = browser.new_context()
    sign_in(context, lea)
    return context.new_page()


def test_disputes_are_settled_one_after_the_other_by_keyboard(
    live_server: LiveServer, page: Page
):
    first, second = Dispute.objects.order_by("agreement", "pk")
    desk = f"{live_server.url}/p/shop/disputes/"

    page.goto(f"{desk}{first.public_id}/")
    page.keyboard.press("j")
    page.wait_for_url(f"{desk}{second.public_id}/")
    page.keyboard.press("k")
    page.wait_for_url(f"{desk}{first.public_id}/")
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 1
    page.keyboard.press("Escape")
    for key in ("3", "1", "n"):
        page.keyboard.press(key)
    page.keyboard.type("As 2 of them said.")
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.keyboard.type("Whether half is enough.")
    assert "zq-" not in page.content()
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"{desk}{second.public_id}/?settled={first.public_id}")
    page.keyboard.press("v")
    page.wait_for_url(f"{desk}{first.public_id}/votes/")

    assert "zq-ann" in page.content()
    decided = Adjudication.objects.get()
    assert (decided.value, decided.cause) == ("good", "AMBIGUOUS_RUBRIC")
    assert decided.reason == "As 2 of them said."
    assert decided.guideline_gap == "Whether half is enough."


def test_a_tag_is_sorted_without_a_mouse(live_server: LiveServer, page: Page):
    page.goto(f"{live_server.url}/p/shop/failure-modes/")

    page.get_by_role("checkbox", name="late").press("Space")
    page.get_by_label("or a new one called").fill("Comes too late")
    page.get_by_label("or a new one called").press("Enter")
    page.wait_for_url("**/failure-modes/#sorting")

    assert page.get_by_text("Every tag is in a failure mode.").is_visible()
    assert page.get_by_text("Created “Comes too late” with “late”").is_visible()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    "path", ["failure-modes/", "failure-modes/items/", "disputes/"]
)
def test_axe_finds_nothing_on_these_pages_of_the_desk(
    live_server: LiveServer,
    browser: Browser,
    sign_in: SignIn,
    lea: User,
    theme: Any,
    path: str,
):
    context = browser.new_context(
        color_scheme=theme, viewport={"width": 390, "height": 844}
    )
    sign_in(context, lea)
    page = context.new_page()

    page.goto(f"{live_server.url}/p/shop/{path}")

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
