"""bin/tour: every page of the sample project as a picture, and docs/tour.md.

The programs of bin/up run on a folder of their own that is thrown away, so that a
tour shows what a fresh clone shows.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.review_server import HOST, serving, set_up
from config import embedded
from config.env import CHECKOUT

FOLDER = CHECKOUT / "docs" / "tour"
WIDE = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 800}
HEAD = """\
# A tour

Every page, on the sample project that `bin/touchstone demo` makes. `bin/tour` takes the
pictures and writes this page.
"""
# Beyond that a page goes on; the picture need not.
TALLEST = 1700

Open = Callable[[Page], object]


@dataclass(frozen=True)
class Stop:
    """One picture: whose page, how one gets there, and what there is to see."""

    name: str
    title: str
    who: str
    path: str
    words: str
    open: Open = lambda page: None
    theme: str = "light"
    is_phone: bool = False


def start_batch(queue: str) -> Open:
    def start(page: Page) -> None:
        row = page.locator("main li", has_text=queue)
        row.locator("form button, a.button--primary").first.click()
        page.wait_for_selector("[data-bench]")
        opened = page.locator("details.guidelines[open] > summary")
        if opened.count():
            opened.click()

    return start


def follow(selector: str) -> Open:
    def go(page: Page) -> None:
        page.locator(selector).first.click()
        page.wait_for_load_state("networkidle")

    return go


REVIEWER, LEAD = "reviewer", "lead"
PROJECT = "/p/support/"
QUEUE = f"{PROJECT}queues/answers/"
STOPS = [
    Stop("sign-in", "Signing in", "", "/", "Leads make the accounts; nobody signs up."),
    Stop(
        "desk",
        "The reviewer's desk",
        REVIEWER,
        "/review/",
        "One's queues and batches, and nothing about how anybody does.",
    ),
    Stop(
        "bench",
        "The bench: one answer",
        REVIEWER,
        "/review/",
        "The text has the room. Number keys choose, Enter submits, ? lists the keys.",
        start_batch("Support answers"),
    ),
    Stop(
        "bench-pair",
        "The bench: two answers side by side",
        REVIEWER,
        "/review/",
        "Who wrote which is nowhere on the page; the sides are drawn for each reviewer.",
        start_batch("Answer comparisons"),
        theme="dark",
    ),
    Stop(
        "bench-trace",
        "The bench: the steps of an agent",
        REVIEWER,
        "/review/",
        "Steps fold; errors stand out; j, k and x jump between them.",
        start_batch("Agent runs"),
    ),
    Stop(
        "bench-phone",
        "The bench on a phone",
        REVIEWER,
        "/review/",
        "The same page at 390 pixels.",
        start_batch("Support answers"),
        is_phone=True,
    ),
    Stop(
        "overview",
        "The lead's overview",
        LEAD,
        PROJECT,
        "What waits for a lead stands first; then the queues and how far they are.",
    ),
    Stop(
        "queue",
        "A queue",
        LEAD,
        QUEUE,
        "Its panel, its pace, what is escalated, and its settings.",
    ),
    Stop(
        "queue-setup",
        "Setting up a queue",
        LEAD,
        f"{PROJECT}queue-setup/",
        "From an uploaded file to a queue that reviewers can work, on one page.",
    ),
    Stop(
        "rubrics",
        "Rubrics",
        LEAD,
        f"{PROJECT}rubrics/",
        "Versions never change; a new one is drafted, checked and published here.",
        follow("main table a, main .panel a"),
    ),
    Stop(
        "agreement",
        "Agreement",
        LEAD,
        f"{QUEUE}agreement/",
        "Are we good enough to gate? Each coefficient with its interval and its n, and"
        " where the rubric is ambiguous.",
    ),
    Stop(
        "agreement-dark",
        "Agreement, dark",
        LEAD,
        f"{QUEUE}agreement/",
        "The same figures at night.",
        theme="dark",
    ),
    Stop(
        "disputes",
        "Disputes",
        LEAD,
        f"{PROJECT}disputes/",
        "Lowest agreement first.",
    ),
    Stop(
        "dispute",
        "Settling a dispute",
        LEAD,
        f"{PROJECT}disputes/",
        "The item as reviewers saw it, the votes shuffled and nameless; names come after"
        " the decision.",
        follow("main table a[href*='/disputes/'], main a[href*='/disputes/']"),
    ),
    Stop(
        "failures",
        "Failures",
        LEAD,
        f"{PROJECT}failure-modes/",
        "What goes wrong, how often, in which feature and by which system.",
    ),
    Stop(
        "reviewers",
        "Reviewers as instruments",
        LEAD,
        f"{QUEUE}reviewers/",
        "Gold, retests, drift, lean and pace of each, in plain words.",
    ),
    Stop(
        "judges",
        "Judges on trial",
        LEAD,
        f"{QUEUE}judges/",
        "May the judge gate, may it triage, or is the rubric broken?",
    ),
    Stop(
        "blinding",
        "Blinding",
        LEAD,
        f"{QUEUE}blinding/",
        "Could they tell who wrote it?",
    ),
    Stop(
        "traffic",
        "All traffic",
        LEAD,
        f"{PROJECT}traffic/",
        "How often outputs fail, reviewed or not, with inclusion probabilities.",
    ),
    Stop(
        "golden-set",
        "A golden set",
        LEAD,
        f"{PROJECT}golden-sets/agent-runs-core/",
        "Its releases, what the next one would hold, and what stands in the way.",
    ),
    Stop(
        "gate",
        "The gate",
        LEAD,
        f"{PROJECT}golden-sets/agent-runs-core/gate/",
        "Candidates against the frozen labels: clear, hold or blocked.",
    ),
]


def main() -> int:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.stderr.write("bin/tour needs the program chromium.\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="touchstone-") as folder:
        os.environ["TOUCHSTONE_DATA"] = folder
        with embedded.servers(Path(folder)) as urls:
            set_up(urls)
            call_command("demo", verbosity=0)
            with serving(Path(folder), urls) as server:
                shoot_all(chromium, f"http://{HOST}:{server.port}")
    write_page()
    return 0


def shoot_all(chromium: str, origin: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    cookies = {who: session_of(who) for who in (REVIEWER, LEAD)}
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        for stop in STOPS:
            sys.stdout.write(f"{stop.name}\n")
            shoot(browser, origin, stop, cookies.get(stop.who))
        browser.close()


def shoot(browser: Browser, origin: str, stop: Stop, session: str | None) -> None:
    context = browser.new_context(
        viewport=PHONE if stop.is_phone else WIDE,  # type: ignore[arg-type]  # a plain dict
        color_scheme=stop.theme,  # type: ignore[arg-type]  # light or dark
        reduced_motion="reduce",
    )
    if session:
        context.add_cookies([{"name": "sessionid", "value": session, "url": origin}])
    page = context.new_page()
    page.goto(origin + stop.path, wait_until="networkidle")
    stop.open(page)
    height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
    width = PHONE["width"] if stop.is_phone else WIDE["width"]
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("window.scrollTo(0, 0)")
    page.screenshot(path=FOLDER / f"{stop.name}.png")
    context.close()


def session_of(who: str) -> str:
    """The session that signing in would make."""
    # Only now: it needs the settings.
    from reviews.models import Member, Role  # noqa: PLC0415

    role = {REVIEWER: Role.REVIEWER, LEAD: Role.LEAD}[who]
    member = Member.objects.filter(
        project__slug="support", role=role, user__isnull=False
    ).first()
    assert member is not None
    assert member.user is not None
    client = Client()
    client.force_login(member.user)
    return client.cookies["sessionid"].value


def write_page() -> None:
    """docs/tour.md: the pictures in the order in which one would walk."""
    parts = [HEAD]
    for stop in STOPS:
        parts.append(f"## {stop.title}\n\n{stop.words}\n")
        parts.append(f"![{stop.title}](tour/{stop.name}.png)\n")
    (CHECKOUT / "docs" / "tour.md").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
