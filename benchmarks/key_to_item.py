"""From the key press to the next item on the screen, by the browser's own clock.

    python benchmarks/key_to_item.py --cycles 200

One reviewer in a headless Chromium, against the programs of bin/up on a folder of
their own. The frame after the swap is counted in.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.review_server import HOST, serving, set_up
from config import embedded

# Notes the time of the key, and of the first frame after the swap.
WATCH = """
window.measured = [];
let pressed = 0;
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter") pressed = performance.now();
}, { capture: true });
document.addEventListener("htmx:afterSettle", () => {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const answers = performance.getEntriesByType("resource")
      .filter((one) => one.name.endsWith("/judgment/"));
    const last = answers[answers.length - 1];
    window.measured.push({
      whole: performance.now() - pressed,
      server: last.responseEnd - last.startTime,
      bytes: last.decodedBodySize,
    });
  }));
});
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=5_000)
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("this needs the program chromium")
    with tempfile.TemporaryDirectory(prefix="touchstone-") as folder:
        os.environ["TOUCHSTONE_DATA"] = folder
        with embedded.servers(Path(folder)) as urls:
            set_up(urls)
            # Only now: it needs the settings.
            from benchmarks import review_queue  # noqa: PLC0415

            queue = review_queue.make_review_queue(
                n_items=options.items, n_reviewers=1, overlap=2
            )
            review_queue.analyse(review_queue.FILLED)
            with serving(Path(folder), urls) as server:
                origin = f"http://{HOST}:{server.port}"
                measured = judge(chromium, origin, queue.sessions[0], options.cycles)
    report(measured, as_json=options.json)
    return 0


def judge(
    chromium: str, origin: str, session: str, cycles: int
) -> list[dict[str, float]]:
    measured: list[dict[str, float]] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        context = browser.new_context()
        context.add_cookies([{"name": "sessionid", "value": session, "url": origin}])
        context.add_init_script(WATCH)
        page = context.new_page()
        while len(measured) < cycles:
            measured += judge_batch(page, origin)
        browser.close()
    return measured[:cycles]


def judge_batch(page: Page, origin: str) -> list[dict[str, float]]:
    """One batch by keyboard; the last item leads away and is not measured."""
    page.goto(f"{origin}/review/")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_selector("[data-bench]")
    measured: list[dict[str, float]] = []
    while page.locator("[data-bench]").count():
        title = page.locator("h1").inner_text()
        page.keyboard.press("1")
        page.keyboard.press("2")
        page.keyboard.press("Enter")
        page.wait_for_function(
            "title => document.querySelector('h1').innerText !== title", arg=title
        )
        page.wait_for_timeout(50)
        measured = page.evaluate("window.measured") or measured
    return measured


def report(measured: list[dict[str, float]], *, as_json: bool) -> None:
    result: dict[str, Any] = {"cycles": len(measured)}
    for name in ("whole", "server"):
        times = [one[name] for one in measured]
        cuts = statistics.quantiles(times, n=20)
        result[f"{name}_ms"] = {
            "median": round(statistics.median(times), 1),
            "p95": round(cuts[18], 1),
        }
    result["fragment_bytes"] = int(statistics.median(one["bytes"] for one in measured))
    if as_json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name.replace('_', ' '):<16} {value}")


if __name__ == "__main__":
    sys.exit(main())
