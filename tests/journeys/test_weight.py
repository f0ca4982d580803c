"""What the bench weighs on its way to the browser."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from reviews.models import Assignment
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

WEIGHT = """() => {
  const loaded = [
    ...performance.getEntriesByType("navigation"),
    ...performance.getEntriesByType("resource"),
  ];
  const item = new Blob([document.querySelector("[data-content]").innerHTML]).size;
  return loaded.map((one) => [one.name, one.transferSize])
    .concat([["item", -item]]);
}"""


@pytest.fixture
def assignment(transactional_db: None) -> Assignment:
    """An item under a rubric of the size that people use."""
    reviewer = make_member(make_project(), "ada")
    levels = {"grounded": "ORDINAL", "complete": "ORDINAL", "tone": "NOMINAL"}
    rubric = make_rubric(reviewer.project, levels={**levels, "why": "TEXT"})
    queue = make_queue(reviewer.project, rubric, reviewers=[reviewer])
    item = make_item(reviewer.project)
    return make_assignment(
        make_batch(queue, reviewer, 1),
        item,
        make_slots(queue, item)[0],
        leased_until=timezone.now() + timedelta(hours=1),
    )


def test_bench_weighs_less_than_60_kilobytes_without_its_item(
    browser: Browser, live_server: LiveServer, sign_in: SignIn, assignment: Assignment
):
    context = browser.new_context()
    assert assignment.reviewer.user is not None
    sign_in(context, assignment.reviewer.user)
    page = context.new_page()

    page.goto(
        live_server.url + reverse("labeling:bench", args=[assignment.public_id]),
        wait_until="networkidle",
    )

    weights: list[tuple[str, int]] = page.evaluate(WEIGHT)
    assert any(name.endswith(".js") for name, _ in weights)
    assert sum(weight for _, weight in weights) < 60_000, "\n".join(map(str, weights))


def test_bench_that_was_open_before_asks_for_its_page_alone(
    browser: Browser, live_server: LiveServer, sign_in: SignIn, assignment: Assignment
):
    context = browser.new_context()
    assert assignment.reviewer.user is not None
    sign_in(context, assignment.reviewer.user)
    page = context.new_page()
    address = live_server.url + reverse("labeling:bench", args=[assignment.public_id])
    page.goto(address, wait_until="networkidle")

    page.goto(address, wait_until="networkidle")

    kept = page.evaluate(
        "performance.getEntriesByType('resource').map((one) => one.transferSize)"
    )
    assert len(kept) > 3
    assert sum(kept) == 0
