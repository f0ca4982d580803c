"""What an interval of alpha costs, beside the naive way and one call of the library.

The naive way draws items and calls `krippendorff.alpha` for each resample; a few are
timed and scaled. Run: python benchmarks/agreement.py [--json]
"""

import argparse
import json
import os
import platform
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import krippendorff
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from calibration.statistics import (
    Level,
    RatingMatrix,
    Resampling,
    cohen_kappa,
    krippendorff_alpha,
)

SIZES = (
    (10_000, 3),
    (10_000, 5),
    (100_000, 3),
    (100_000, 5),
    (1_000_000, 3),
    (1_000_000, 5),
)
VALUES = 5
MISSING_SHARE = 0.2
NAIVE_RESAMPLES = 2


@dataclass(frozen=True)
class Timing:
    """Seconds and mebibytes for one size."""

    items: int
    raters: int
    interval_seconds: float
    interval_peak_mib: float
    kappa_interval_seconds: float
    library_call_seconds: float
    naive_seconds: float
    ratio_to_naive: float
    ratio_to_library_call: float
    alpha: float
    low: float
    high: float


def make_matrix(items: int, raters: int) -> RatingMatrix:
    """Draw ordinal ratings around a true value, a fifth of them missing."""
    rng = np.random.default_rng(items + raters)
    truth = rng.integers(0, VALUES, (items, 1))
    noise = rng.choice([-1, 0, 1], p=[0.15, 0.7, 0.15], size=(items, raters))
    codes = np.clip(truth + noise, 0, VALUES - 1)
    codes[rng.random(codes.shape) < MISSING_SHARE] = -1
    return RatingMatrix.from_codes(codes, domain=range(VALUES), level=Level.ORDINAL)


def seconds(work: Callable[[], object]) -> float:
    """Time one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def fresh(matrix: RatingMatrix) -> RatingMatrix:
    """Copy the matrix without what it has already worked out."""
    return RatingMatrix.from_codes(
        matrix.codes, domain=matrix.domain, level=matrix.level
    )


def library_alpha(matrix: RatingMatrix, rows: np.ndarray | None = None) -> float:
    """Call the library on the ratings as they are, or on a resample of the items."""
    codes = matrix.codes if rows is None else matrix.codes[rows]
    data = np.where(codes < 0, np.nan, codes).T
    return krippendorff.alpha(
        data, level_of_measurement="ordinal", value_domain=np.arange(VALUES)
    )


def naive(matrix: RatingMatrix, resamples: int) -> None:
    """Resample items and recompute alpha each time."""
    rng = np.random.default_rng(0)
    for _ in range(resamples):
        library_alpha(matrix, rng.integers(0, matrix.n_items, matrix.n_items))


def peak_mib(work: Callable[[], object]) -> float:
    """Measure the most memory that one run holds beyond its input."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def measure(items: int, raters: int) -> Timing:
    """Time one size."""
    matrix, plan = make_matrix(items, raters), Resampling(seed=1)

    def interval() -> object:
        return krippendorff_alpha(fresh(matrix), resampling=plan)

    def kappa() -> object:
        return cohen_kappa(fresh(matrix), 0, 1, resampling=plan)

    found = krippendorff_alpha(matrix, resampling=plan)
    ours, once = seconds(interval), seconds(lambda: library_alpha(matrix))
    scale = plan.resamples / NAIVE_RESAMPLES
    slow = scale * seconds(lambda: naive(matrix, NAIVE_RESAMPLES))
    return Timing(
        items=items,
        raters=raters,
        interval_seconds=ours,
        interval_peak_mib=peak_mib(interval),
        kappa_interval_seconds=seconds(kappa),
        library_call_seconds=once,
        naive_seconds=slow,
        ratio_to_naive=slow / ours,
        ratio_to_library_call=ours / once,
        alpha=found.value or 0.0,
        low=found.low or 0.0,
        high=found.high or 0.0,
    )


def machine() -> str:
    """Name what the figures were measured on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def main() -> None:
    """Print the table, as Markdown or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = [measure(*size) for size in SIZES]
    if options.json:
        report = {"machine": machine(), "timings": [asdict(row) for row in found]}
        json.dump(report, sys.stdout, indent=2)
        sys.stdout.write("\n")
        return
    print(f"Alpha (ordinal, 5 values, 20% missing), 2,000 resamples; {machine()}")
    print()
    print(
        "| items | raters | alpha with interval | peak memory | kappa with interval "
        "| one library call | naive, scaled | naive / ours | ours / library call |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for row in found:
        print(
            f"| {row.items:,} | {row.raters} | {row.interval_seconds:.2f} s "
            f"| {row.interval_peak_mib:.0f} MiB | {row.kappa_interval_seconds:.2f} s "
            f"| {row.library_call_seconds:.2f} s | {row.naive_seconds:,.0f} s "
            f"| {row.ratio_to_naive:,.0f} | {row.ratio_to_library_call:.2f} |"
        )


if __name__ == "__main__":
    main()
