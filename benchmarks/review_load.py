"""The cycle of a reviewer over HTTP: submit a judgment, have the next item.

    python benchmarks/review_load.py --items 20000 --reviewers 16 --cycles 10000

Starts servers of its own in a throw-away folder, and on them the same programs
that bin/up starts. Reviewers, server and database share the cores of the machine.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.review_server import HOST, play, serving, set_up
from config import embedded

# Cycles of each reviewer before the clock starts.
WARM_UP = 4


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--reviewers", type=int, default=16)
    parser.add_argument("--cycles", type=int, default=10_000)
    parser.add_argument("--overlap", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="touchstone-") as folder:
        os.environ["TOUCHSTONE_DATA"] = folder
        with embedded.servers(Path(folder)) as urls:
            result = run(options, Path(folder), urls)
    report(result, as_json=options.json)
    broken = ("over_assigned", "same_reviewer_twice", "lost", "duplicated", "errors")
    return 1 if any(result[name] for name in broken) else 0


def run(
    options: argparse.Namespace, folder: Path, urls: embedded.Urls
) -> dict[str, Any]:
    set_up(urls)
    # Only now: it needs the settings.
    from benchmarks import review_queue  # noqa: PLC0415

    started = time.perf_counter()
    queue = review_queue.make_review_queue(
        n_items=options.items, n_reviewers=options.reviewers, overlap=options.overlap
    )
    review_queue.analyse(review_queue.FILLED)
    load_seconds = time.perf_counter() - started
    with serving(folder, urls) as server:
        plan = {**asdict(queue), "host": HOST, "port": server.port}
        first = play({**plan, "cycles": WARM_UP * options.reviewers})
        review_queue.analyse(review_queue.GROWN)
        before = server.cpu_seconds()
        second = play({**plan, "cycles": options.cycles})
        after = server.cpu_seconds()
    queries = count_queries(queue.sessions[0], queue.deal_path, queue.forms[0])
    cycles = len(second["judgment_times"])
    found = review_queue.check(first["acknowledged"] + second["acknowledged"])
    return {
        "items": options.items,
        "reviewers": options.reviewers,
        "cycles": cycles,
        "cycles_per_second": round(cycles / second["seconds"], 1),
        **percentiles("", second["judgment_times"]),
        "deals": len(second["deal_times"]),
        **percentiles("deal_", second["deal_times"]),
        "errors": sum(second["errors"].values()) + sum(first["errors"].values()),
        "error_messages": {**first["errors"], **second["errors"]},
        **found,
        "cpu_ms_per_cycle": {
            name: round(1000 * (after[name] - before[name]) / max(1, cycles), 3)
            for name in after
        }
        | {"reviewers": round(1000 * second["cpu_seconds"] / max(1, cycles), 3)},
        "queries_per_cycle": queries,
        "load_seconds": round(load_seconds, 1),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def count_queries(session: str, deal_path: str, form: str) -> int:
    """Statements of one cycle in the middle of a batch, seen from inside."""
    client = Client(HTTP_HOST="localhost", HTTP_COOKIE=f"sessionid={session}")
    where = client.post(deal_path).headers["Location"]
    client.get(where)
    with CaptureQueriesContext(connection) as captured:
        client.post(
            f"{where}judgment/",
            form,
            content_type="application/x-www-form-urlencoded",
            headers={"HX-Request": "true"},
        )
    return len(captured)


def percentiles(prefix: str, seconds: list[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {}
    cuts = statistics.quantiles(seconds, n=100)
    return {f"{prefix}p{k}_ms": round(1000 * cuts[k - 1], 1) for k in (50, 95, 99)}


def report(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name.replace('_', ' '):<26} {value}")


if __name__ == "__main__":
    sys.exit(main())
