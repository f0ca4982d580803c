"""How often the 95% interval of alpha holds the true value: a simulation.

Run: python benchmarks/coverage.py [--runs 2000] [--json]
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from calibration.statistics import RatingMatrix, Resampling, krippendorff_alpha

ITEMS = (20, 50, 100)
RATERS = (2, 3)
PREVALENCES = (0.5, 0.1)
ERRORS = (0.1, 0.05)


@dataclass(frozen=True)
class Cell:
    """One row of the table."""

    items: int
    raters: int
    prevalence: float
    error: float
    alpha: float
    coverage: float | None
    width: float | None
    no_interval: float


def draw(
    rng: np.random.Generator, items: int, raters: int, prevalence: float, error: float
) -> npt.NDArray[np.int64]:
    """Draw yes/no ratings by raters who each err with one probability."""
    truth = rng.random((items, 1)) < prevalence
    slips = rng.random((items, raters)) < error
    return (truth ^ slips).astype(np.int64)


def true_alpha(prevalence: float, error: float) -> float:
    """Return alpha in the population: the correlation of two such raters."""
    yes = prevalence * (1 - error) + (1 - prevalence) * error
    shared = prevalence * (1 - prevalence) * (1 - 2 * error) ** 2
    return shared / (yes * (1 - yes))


def simulate(
    items: int, raters: int, prevalence: float, error: float, runs: int
) -> Cell:
    """Count how often the interval holds the true alpha."""
    rng = np.random.default_rng(
        [items, raters, int(100 * prevalence), int(100 * error)]
    )
    alpha = true_alpha(prevalence, error)
    held, widths = 0, []
    for run in range(runs):
        codes = draw(rng, items, raters, prevalence, error)
        matrix = RatingMatrix.from_codes(codes, domain=["no", "yes"])
        estimate = krippendorff_alpha(matrix, resampling=Resampling(seed=run))
        if estimate.low is None or estimate.high is None:
            continue
        held += estimate.low <= alpha <= estimate.high
        widths.append(estimate.high - estimate.low)
    found = len(widths)
    return Cell(
        items=items,
        raters=raters,
        prevalence=prevalence,
        error=error,
        alpha=alpha,
        coverage=held / found if found else None,
        width=float(np.mean(widths)) if found else None,
        no_interval=1 - found / runs,
    )


def cells(runs: int) -> Iterator[Cell]:
    """Simulate every combination."""
    for error, items, raters, prevalence in product(ERRORS, ITEMS, RATERS, PREVALENCES):
        yield simulate(items, raters, prevalence, error, runs)


def main() -> None:
    """Print the table, as Markdown or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = list(cells(options.runs))
    if options.json:
        json.dump([asdict(cell) for cell in found], sys.stdout, indent=2)
        sys.stdout.write("\n")
        return
    print(
        "| items | raters | prevalence | error | alpha | coverage | mean width | no interval |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for cell in found:
        coverage = "-" if cell.coverage is None else f"{cell.coverage:.3f}"
        width = "-" if cell.width is None else f"{cell.width:.2f}"
        print(
            f"| {cell.items} | {cell.raters} | {cell.prevalence} "
            f"| {cell.error} | {cell.alpha:.3f} | {coverage} "
            f"| {width} | {cell.no_interval:.1%} |"
        )


if __name__ == "__main__":
    main()
