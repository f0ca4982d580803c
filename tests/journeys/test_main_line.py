"""From a batch rated by keyboard to a verified release, in a real browser."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from calibration.services.freeze_requests import freeze_waiting
from calibration.services.snapshots import refresh_stale_queues
from labeling.models import Adjudication, Judgment
from labeling.services.disputes import recheck_items
from reviews.management.base import InputFaults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MODELS = ("larkspur-2", "quartz-mini", "tern-7b")
WHY = "The passages settle it."


@pytest.fixture
def passwords(settings: Any, tmp_path: Path, capsys: Any) -> dict[str, str]:
    settings.DATA_DIR = tmp_path
    call_command("demo", "--json")
    made = json.loads(capsys.readouterr().out)
    return {account["username"]: account["password"] for account in made["accounts"]}


def enter(page: Page, address: str, username: str, password: str) -> None:
    page.goto(f"{address}/accounts/login/")
    page.get_by_label("Name").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_visible()


def rate_by_keyboard(page: Page) -> None:
    """The first option of every criterion, a reason where one is asked, Enter."""
    heading = page.get_by_role("heading", level=1)
    before = heading.inner_text()
    for _ in range(page.locator("[data-judgment] [data-criterion]").count()):
        page.keyboard.press("1")
    for reason in page.locator("[data-judgment] textarea[required]:visible").all():
        reason.fill(WHY)
        page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(heading).not_to_have_text(before)


def test_batch_is_rated_by_keyboard_and_names_no_model(
    live_server: Any, browser: Browser, passwords: dict[str, str]
) -> None:
    page = browser.new_page()
    judged = Judgment.objects.count()
    enter(page, live_server.url, "reviewer", passwords["reviewer"])

    page.get_by_role("listitem").filter(has_text="Agent runs").get_by_role(
        "button"
    ).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Item 1 of")
    size = int(page.get_by_role("heading", level=1).inner_text().split()[-1])
    for _ in range(size):
        shown = page.content().lower()
        assert not [model for model in MODELS if model in shown]
        rate_by_keyboard(page)

    assert Judgment.objects.count() == judged + size
    expect(page.get_by_role("main")).to_contain_text(f"{size} of {size}")
    page.close()


def test_lead_settles_freezes_downloads_and_verifies(
    live_server: Any,
    browser: Browser,
    passwords: dict[str, str],
    tmp_path: Path,
    capsys: Any,
) -> None:
    page = browser.new_page(accept_downloads=True)
    settled = Adjudication.objects.count()
    enter(page, live_server.url, "lead", passwords["lead"])

    page.goto(f"{live_server.url}/p/support/queues/answers/agreement/")
    expect(page.get_by_role("main")).to_contain_text("Correctness")
    page.get_by_role("link", name="Disputes").first.click()
    page.get_by_role("main").locator("table a, li a").first.click()
    page.locator("input[name=value]").first.check()
    page.get_by_label("Missed detail").check()
    page.get_by_label("Why").fill(WHY)
    page.get_by_role("button", name="Settle").click()
    expect(page.locator("input[name=value]").first).not_to_be_checked()
    assert Adjudication.objects.count() == settled + 1

    page.goto(f"{live_server.url}/p/support/golden-sets/")
    page.locator("[name=name]").fill("answers-core")
    page.locator("[name=queue]").select_option("answers")
    page.locator("[name=override]").fill("The panel is simulated.")
    # What the sweeps would have done by now: the worker looks for disputes first.
    recheck_items(now=timezone.now(), limit=1000)
    refresh_stale_queues(now=timezone.now())
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("main")).to_contain_text("The panel is simulated.")
    page.get_by_role("button", name="Freeze for good").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("answers-core")
    expect(page.get_by_role("main")).to_contain_text("A release is being frozen")
    freeze_waiting(now=timezone.now())
    expect(page.get_by_role("main")).to_contain_text("The panel is simulated.")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").first.click()
    folder = tmp_path / "release"
    zipfile.ZipFile(download.value.path()).extractall(folder)
    folder = next(path.parent for path in folder.rglob("manifest.json"))
    call_command("verify", str(folder), "--json")
    assert json.loads(capsys.readouterr().out)["ok"] is True

    cases = folder / "cases.jsonl"
    line = cases.read_bytes().splitlines()[3]
    cases.write_bytes(cases.read_bytes().replace(line, line.replace(b"a", b"e", 1)))
    with pytest.raises(InputFaults):
        call_command("verify", str(folder), "--json")
    (fault, *_) = json.loads(capsys.readouterr().out)["faults"]
    assert fault["file"] == "cases.jsonl"
    assert fault["case"] == json.loads(line)["id"]
    page.close()
