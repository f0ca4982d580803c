"""Traces whose steps are rated one by one, in a real browser."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from labeling.models import Dispute, Judgment, Rating
from labeling.services.disputes import recheck_items
from reviews.models import Member, Role
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_member,
    make_project,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
    make_slots,
    make_trace,
)
from tests.journeys.conftest import SignIn
from tests.journeys.test_accessibility import PHONE, THEMES, violations

pytestmark = pytest.mark.browser

Deal = Callable[..., Page]
LEVELS = {"tool": "NOMINAL", "slip": "ORDINAL", "verdict": "NOMINAL"}
SAID: dict[str, dict[str, Any]] = {
    "tool": {"per_step": True, "required": False},
    "slip": {"per_step": True, "only_if": {"criterion": "tool", "values": ["bad"]}},
}


@pytest.fixture
def reviewer(transactional_db: None) -> Member:
    return make_member(make_project(), "ada")


@pytest.fixture
def deal(
    live_server: LiveServer, browser: Browser, reviewer: Member, sign_in: SignIn
) -> Deal:
    """Traces of so many steps in one batch; the page of the first."""

    def deal(
        *lengths: int, levels: Any = LEVELS, said: Any = SAID, **options: Any
    ) -> Page:
        rubric = make_rubric(reviewer.project, levels=levels, said=said)
        queue = make_queue(reviewer.project, rubric, reviewers=[reviewer])
        batch = make_batch(queue, reviewer, len(lengths))
        until = timezone.now() + timedelta(hours=1)
        items = [make_trace(reviewer.project, length) for length in lengths]
        first, *_ = [
            make_assignment(batch, item, make_slots(queue, item)[0], leased_until=until)
            for item in items
        ]
        context = browser.new_context(**options)
        assert reviewer.user is not None
        sign_in(context, reviewer.user)
        page = context.new_page()
        page.goto(live_server.url + reverse("labeling:bench", args=[first.public_id]))
        return page

    return deal


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def ratings() -> list[tuple[int, str, int, str]]:
    rows = Rating.objects.order_by("judgment", "criterion__position", "step")
    return list(rows.values_list("judgment_id", "criterion__key", "step", "value"))


def test_a_batch_of_traces_is_rated_step_by_step_by_keys_alone(deal: Deal):
    page = deal(3, 60)

    # Good, then bad and how bad; the third step stays unrated.
    press(page, "j", "3", "j", "1", "2", "j")
    expect(page.locator(".step-row[data-current]:visible")).to_contain_text("Step 3")
    expect(page.locator("[data-step='3'] > summary")).to_be_focused()
    # Past the step that is unrated to the verdict; it leads to Submit.
    press(page, "ArrowRight", "ArrowRight", "3", "Enter")
    expect(page.get_by_role("heading", name="Item 2 of 2")).to_be_visible()
    press(page, *["j"] * 57, "3")
    expect(page.get_by_role("status")).to_have_text("Step 57: Good")
    press(page, "ArrowRight", "ArrowRight", "1", "Enter")
    page.wait_for_url("**/batches/**")

    first, second = Judgment.objects.order_by("pk").values_list("pk", flat=True)
    assert ratings() == [
        (first, "tool", 1, "good"),
        (first, "tool", 2, "bad"),
        (first, "slip", 2, "fair"),
        (first, "verdict", 0, "good"),
        (second, "tool", 57, "good"),
        (second, "verdict", 0, "bad"),
    ]


def test_a_row_is_marked_and_in_sight_while_its_step_is_read(deal: Deal):
    page = deal(60)

    press(page, *["j"] * 40)

    row = page.locator(".step-row[data-current]").first
    expect(row).to_contain_text("Step 40")
    expect(row).to_be_in_viewport(ratio=1)


def test_a_digit_in_a_row_goes_on_to_the_next_row(deal: Deal):
    page = deal(4)
    page.locator("[name=step-1-value-tool]").first.focus()

    press(page, "3", "2")

    expect(page.locator("[name=step-1-value-tool]:checked")).to_have_value("good")
    expect(page.locator("[name=step-2-value-tool]:checked")).to_have_value("fair")
    expect(page.locator("[name=step-3-value-tool]").first).to_be_focused()


def test_a_number_is_typed_for_the_step_that_is_read(deal: Deal):
    levels = {"score": "INTERVAL"}
    page = deal(3, levels=levels, said={"score": {"per_step": True}})

    press(page, "j", "j", "1", "0", "Escape", "j", "7")

    expect(page.locator("[name=step-2-value-score]")).to_have_value("10")
    expect(page.locator("[name=step-3-value-score]")).to_have_value("7")


def test_a_reason_that_is_asked_for_is_written_next(deal: Deal):
    said = {"tool": {"per_step": True, "rationale": "required"}}
    page = deal(2, levels={"tool": "NOMINAL"}, said=said)

    press(page, "j", "1")
    page.keyboard.type("It calls the wrong tool.")
    press(page, "Escape", "j", "3")

    reason = page.locator("[name=step-1-rationale-tool]")
    expect(reason).to_have_value("It calls the wrong tool.")
    expect(page.locator("[name=step-2-rationale-tool]")).to_be_focused()


def test_a_link_of_a_row_leads_to_its_step(deal: Deal):
    page = deal(20)

    page.locator("[data-for-step='15'] > a").first.click()

    expect(page.locator("[data-step='15'] > summary")).to_be_focused()
    assert "#" not in page.url


def test_steps_are_rated_without_a_script_on_a_phone(deal: Deal):
    page = deal(2, java_script_enabled=False, viewport=PHONE)

    page.get_by_role("group", name="Tool, step 2").get_by_label("Fair").check()
    page.get_by_role("group", name="Verdict").get_by_label("Good").check()
    width = page.evaluate("document.documentElement.scrollWidth")
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url("**/batches/**")

    assert width == PHONE["width"]
    assert [row[1:] for row in ratings()] == [
        ("tool", 2, "fair"),
        ("verdict", 0, "good"),
    ]


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_where_steps_are_rated(deal: Deal, theme: Any):
    page = deal(5, color_scheme=theme)

    press(page, "j", "1")

    assert violations(page) == []


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_a_dispute_about_a_step(
    live_server: LiveServer,
    browser: Browser,
    sign_in: SignIn,
    reviewer: Member,
    theme: Any,
):
    lead = make_member(reviewer.project, "lea", Role.LEAD)
    raters = [make_rater(reviewer.project, handle) for handle in ("r1", "r2")]
    rubric = make_rubric(reviewer.project, levels=LEVELS, said=SAID)
    rows = zip(raters, ({1: "good", 2: "bad"}, {1: "good", 2: "good"}), strict=True)
    make_rated_item(
        make_queue(reviewer.project, rubric),
        {rater: {"tool": steps} for rater, steps in rows},
        make_trace(reviewer.project),
    )
    recheck_items(now=NOW, limit=10)
    address = ["shop", Dispute.objects.get().public_id]
    context = browser.new_context(color_scheme=theme)
    assert lead.user is not None
    sign_in(context, lead.user)
    page = context.new_page()

    page.goto(live_server.url + reverse("labeling:dispute", args=address))

    expect(page.get_by_role("heading", name="Step 2: Tool")).to_be_visible()
    expect(page.locator(".step-votes__row").nth(1)).to_contain_text("Bad")
    assert violations(page) == []
