"""Intake beside a plain COPY of the same bytes, on the same server, in one run.

    python -m config.embedded run --temporary -- python benchmarks/ingest.py
    DATABASE_URL=postgresql://... python benchmarks/ingest.py --items 100000

The intake is `touchstone ingest` in a process of its own, so that its peak memory
is its own as well. The best of several rounds counts on both sides, for the machine
may be busy. Works in throw-away projects and removes them.
"""

import argparse
import json
import os
import platform
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import django
from django.db import connection

CHECKOUT = Path(__file__).parent.parent
ALPHABET = "etaoinshrdlu"
BLOCK = 1 << 16


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.jsonl"
        write_pairs(path, options.items)
        result = measure(path, options.items, options.rounds)
    report(result, as_json=options.json)
    return 0


def write_pairs(path: Path, n_items: int) -> None:
    """Pairs of 1.4 kB with signals and provenance; every one is different."""
    rng = Random(20260302)
    words = ["".join(rng.choices(ALPHABET, k=rng.randint(2, 9))) for _ in range(4000)]
    with path.open("w", encoding="utf-8") as file:
        for number in range(n_items):
            file.write(json.dumps(make_pair(number, words, rng)) + "\n")


def make_pair(number: int, words: list[str], rng: Random) -> dict[str, object]:
    prompt, left, right = (
        " ".join(rng.choices(words, k=size)) for size in (35, 75, 75)
    )
    return {
        "id": f"pair-{number:07}",
        "kind": "pair",
        "content": {"prompt": prompt, "responses": [{"text": left}, {"text": right}]},
        "signals": {
            "confidence": round(rng.random(), 3),
            "stakes": rng.choice(["low", "medium", "high"]),
        },
        "provenance": {
            "responses": [
                {"model": "north-2", "version": "2026-01", "latency_ms": 412},
                {"model": "south-1", "version": "2026-02", "latency_ms": 388},
            ]
        },
    }


def measure(path: Path, n_items: int, n_rounds: int) -> dict[str, object]:
    copies, intakes, peaks = [], [], []
    for _ in range(n_rounds):
        copies.append(time_copy(path))
        seconds, peak = time_ingest(path)
        intakes.append(seconds)
        peaks.append(peak)
    copy, seconds = min(copies), min(intakes)
    return {
        "items": n_items,
        "bytes_per_item": round(path.stat().st_size / n_items),
        "ingest_seconds": round(seconds, 2),
        "ingest_items_per_second": round(n_items / seconds),
        "copy_seconds": round(copy, 2),
        "copy_items_per_second": round(n_items / copy),
        "ratio": round(copy / seconds, 3),
        "ingest_peak_memory_mb": round(max(peaks) / 1e6),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def time_copy(path: Path) -> float:
    """Seconds for the bytes of the file into one text column without any index."""
    # Bytes that mean nothing in a line of JSON: each line is one field, unquoted.
    statement = (
        "COPY benchmark_lines FROM STDIN"
        r" (FORMAT CSV, DELIMITER E'\x01', QUOTE E'\x02', ESCAPE E'\x02')"
    )
    with connection.cursor() as cursor, path.open("rb") as file:
        cursor.execute("DROP TABLE IF EXISTS benchmark_lines")
        cursor.execute("CREATE TABLE benchmark_lines (line text)")
        started = time.perf_counter()
        with cursor.copy(statement) as copy:
            while block := file.read(BLOCK):
                copy.write(block)
        seconds = time.perf_counter() - started
        cursor.execute("DROP TABLE benchmark_lines")
    return seconds


def time_ingest(path: Path) -> tuple[float, float]:
    """Seconds as the command says them, and its peak memory in bytes."""
    project = f"benchmark-{secrets.token_hex(4)}"
    command = ["manage.py", "ingest", str(path), "--project", project, "--json"]
    try:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            check=True,
        )
    finally:
        remove(project)
    # Of the children of this process; Linux counts in KiB, macOS in bytes.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    return json.loads(done.stdout)["seconds"], peak * unit


def remove(project: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM reviews_item USING reviews_project p"
            " WHERE p.id = project_id AND p.slug = %s",
            [project],
        )
        cursor.execute("DELETE FROM reviews_project WHERE slug = %s", [project])


def report(result: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name.replace('_', ' '):<26} {value}")


if __name__ == "__main__":
    sys.path.insert(0, str(CHECKOUT))
    sys.exit(main())
