"""A lead without documentation: a rubric of their own, and a first queue."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from labeling.models import Judgment, RubricVersion
from reviews.models import Project, Queue, Role, User
from reviews.services.turns import escalate_assignment
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

ANSWERS = """id,question,answer,model
q-1,Where is my order?,It left on Monday.,north-2
q-2,Can I return it?,"Yes, within 30 days.",north-2
"""


@pytest.fixture
def lead(transactional_db: None) -> User:
    lead = make_member(make_project(), "lea", Role.LEAD)
    assert lead.user is not None
    return lead.user


@pytest.fixture
def context(browser: Browser) -> Any:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


def violations(page: Page) -> list[Any]:
    return [
        (violation["id"], [node["target"] for node in violation["nodes"]])
        for violation in Axe().run(page).response["violations"]
    ]


def watch(page: Page) -> list[str]:
    """What the console complains about from now on."""
    said: list[str] = []
    page.on(
        "console",
        lambda message: said.append(message.text) if message.type == "error" else None,
    )
    return said


def test_lead_sets_up_a_first_queue_and_a_new_reviewer_judges_in_it(
    live_server: Any, browser: Browser, context: BrowserContext, lead: User,
    sign_in: SignIn, tmp_path: Path,
) -> None:  # fmt: skip
    sign_in(context, lead)
    page = context.new_page()
    said = watch(page)
    outputs = tmp_path / "answers.csv"
    outputs.write_text(ANSWERS)

    page.goto(live_server.url)
    page.get_by_role("link", name="Set up a queue").click()
    page.get_by_label("Name of the queue").fill("First answers")
    page.get_by_label("File of outputs").set_input_files(outputs)
    page.get_by_label("Add people").fill("ada\nben")
    assert violations(page) == []
    page.get_by_role("button", name="Set up the queue").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("First answers is ready")
    expect(page.get_by_role("main")).to_contain_text("2 items wait for 2 judgments")
    assert violations(page) == []
    password = page.get_by_role("row", name="ada").locator("code").inner_text()

    desk = browser.new_page()
    desk.goto(f"{live_server.url}/accounts/login/")
    desk.get_by_label("Name").fill("ada")
    desk.get_by_label("Password", exact=True).fill(password)
    desk.keyboard.press("Enter")
    desk.get_by_role("button", name="Start a batch").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Item 1 of 2")
    assert "north-2" not in desk.content()
    # The keys come with the scripts.
    desk.wait_for_load_state("networkidle")
    desk.keyboard.press("1")
    expect(desk.get_by_role("radio").first).to_be_checked()
    desk.get_by_role("button", name="Submit").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Item 2 of 2")
    assert Judgment.objects.count() == 1
    assert said == []
    desk.close()


def test_lead_edits_a_rubric_checks_and_publishes_it(
    live_server: Any, context: BrowserContext, lead: User, sign_in: SignIn
) -> None:
    sign_in(context, lead)
    page = context.new_page()
    said = watch(page)

    page.goto(f"{live_server.url}/p/shop/rubrics/")
    assert violations(page) == []
    page.get_by_label("Title").fill("Support answer")
    page.get_by_role("button", name="Begin a rubric").click()
    page.get_by_label("Scale", exact=True).last.select_option("multi-label")
    page.get_by_role("button", name="Add a criterion").click()
    added = page.locator("#criterion-2")
    expect(added.get_by_role("heading", level=2)).to_be_focused()
    added.get_by_label("Question or title").fill("What is wrong with it")
    added.get_by_label("Reads").nth(0).fill("Rude")
    added.get_by_label("Reads").nth(1).fill("False")
    added.get_by_text("More: when it is asked").click()
    added.get_by_label("Fail", exact=True).check()
    page.get_by_role("button", name="Move What is wrong with it up")
    assert violations(page) == []
    page.get_by_role("button", name="Check and publish").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Check and publish")
    expect(page.get_by_role("group", name=re.compile("What is wrong"))).to_be_attached()
    assert violations(page) == []
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Version 1")
    criteria = RubricVersion.objects.get().document["criteria"]
    assert criteria[1]["only_if"] == {"criterion": "verdict", "values": ["fail"]}
    assert [one["value"] for one in criteria[1]["options"]] == ["rude", "false"]
    assert said == []


def test_what_is_typed_is_kept_without_a_button(
    live_server: Any, context: BrowserContext, lead: User, sign_in: SignIn
) -> None:
    sign_in(context, lead)
    page = context.new_page()
    page.goto(f"{live_server.url}/p/shop/rubrics/")
    page.get_by_label("Title").fill("Support answer")
    page.get_by_role("button", name="Begin a rubric").click()

    with page.expect_response(lambda answer: answer.status == 204):
        page.get_by_label("Title").first.fill("Typed and left")
    page.goto(f"{live_server.url}/p/shop/rubrics/support-answer/draft/")

    expect(page.get_by_label("Title").first).to_have_value("Typed and left")


def test_field_that_was_dragged_larger_leaves_no_complaint_when_the_page_is_swapped(
    live_server: Any, context: BrowserContext, lead: User, sign_in: SignIn
) -> None:
    sign_in(context, lead)
    page = context.new_page()
    said = watch(page)
    page.goto(f"{live_server.url}/p/shop/rubrics/")
    page.get_by_label("Title").fill("Support answer")
    page.get_by_role("button", name="Begin a rubric").click()
    # As dragging its corner does.
    page.locator("textarea:visible").first.evaluate(
        "(field) => { field.style.height = '200px'; }"
    )

    page.get_by_role("button", name="Add a criterion").click()
    # Put there once the swap has settled.
    expect(page.locator("#criterion-2").get_by_role("heading", level=2)).to_be_focused()

    assert said == []


def test_what_is_escalated_is_decided_on_a_phone_without_scrolling_aside(
    live_server: Any, browser: Browser, lead: User, sign_in: SignIn
) -> None:
    project = Project.objects.get()
    ada = make_member(project, "ada")
    queue = make_queue(project, make_rubric(project), "answers", reviewers=[ada])
    item = make_item(project)
    given = make_assignment(make_batch(queue, ada, 1), item, make_slots(queue, item)[0])
    escalate_assignment(assignment_id=given.pk, reason="It names a customer. " * 4)
    context = browser.new_context(viewport={"width": 390, "height": 844})
    sign_in(context, lead)
    page = context.new_page()

    page.goto(f"{live_server.url}/p/shop/queues/answers/")
    ends = [
        page.get_by_role("button", name=name).evaluate(
            "(button) => button.getBoundingClientRect().right"
        )
        for name in ("Back to the queue", "Withdraw")
    ]
    context.close()

    assert max(ends) < 390


def test_rubrics_are_edited_and_queues_set_up_without_scripts(
    live_server: Any, browser: Browser, lead: User, sign_in: SignIn, tmp_path: Path
) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    sign_in(context, lead)
    page = context.new_page()
    outputs = tmp_path / "answers.csv"
    outputs.write_text(ANSWERS)

    page.goto(f"{live_server.url}/p/shop/rubrics/")
    page.get_by_label("Title").fill("Support answer")
    page.get_by_role("button", name="Begin a rubric").click()
    page.get_by_role("button", name="Add an option").click()
    page.get_by_label("Reads").nth(2).fill("Unsure")
    page.get_by_role("button", name="Check and publish").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    page.goto(f"{live_server.url}/p/shop/queue-setup/")
    page.get_by_label("Name of the queue").fill("Answers")
    page.get_by_label("File of outputs").set_input_files(outputs)
    page.get_by_role("button", name="Set up the queue").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Answers has no reviewers yet"
    )
    assert str(Queue.objects.get().rubric_version) == "support-answer@1"
    context.close()
