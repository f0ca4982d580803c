"""bin/touchstone irr: how far raters agree, from a CSV alone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import CommandParser

from calibration.formats.figures import Json, describe, figure_row, table
from calibration.management.ratings import (
    FileCommand,
    add_interval_arguments,
    add_scale_arguments,
    matrix_of,
    resampling_from,
    scale_from,
    weights_for,
)
from calibration.statistics import (
    Estimate,
    RatingMatrix,
    Resampling,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    pairwise_kappas,
    percent_agreement,
)
from reviews.formats.terminal import visible

# Of more pairs of raters, a terminal shows only those that agree least.
MOST_PAIRS = 45
FEW_PAIRS = 5


class Command(FileCommand):
    help = "Agreement of raters in a CSV, with intervals. Needs no database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            type=Path,
            metavar="FILE.csv",
            help="columns item_id, rater_id, label and, if any, criterion",
        )
        add_scale_arguments(parser, required=True)
        add_interval_arguments(parser)

    def handle(self, **options: Any) -> None:
        scale = scale_from(options)
        ratings = self.read(options["file"], scale)
        criteria = [
            measure(
                criterion,
                matrix_of(criterion, triples, scale),
                resampling_from(options),
            )
            for criterion, triples in ratings.by_criterion.items()
        ]
        text = "\n\n".join(_in_words(entry, options["interval"]) for entry in criteria)
        self.finish({"criteria": criteria}, text, as_json=options["json"])
        self.conclude([(options["file"], ratings)])


def measure(criterion: str, matrix: RatingMatrix, resampling: Resampling) -> Json:
    weights = weights_for(matrix.level)
    gwet = gwet_ac(matrix, weights=weights, resampling=resampling)
    kappas = pairwise_kappas(matrix, weights=weights, resampling=resampling)
    return {
        "criterion": criterion or None,
        "level": str(matrix.level),
        "n_items": matrix.n_items,
        "n_ratings": matrix.n_ratings,
        "n_raters": matrix.n_raters,
        "alpha": describe(krippendorff_alpha(matrix, resampling=resampling)),
        "percent_agreement": describe(percent_agreement(matrix, resampling=resampling)),
        "gwet_ac": describe(_by_position(matrix, gwet)),
        "fleiss": describe(fleiss_kappa(matrix, resampling=resampling)),
        "cohen_kappa": [
            {"raters": [first, second], **describe(_by_position(matrix, kappa))}
            for first, second, kappa in kappas
        ],
    }


def _by_position(matrix: RatingMatrix, found: Estimate) -> Estimate:
    """Weights go by position, which is not what uneven numbers would suggest."""
    steps = np.diff(matrix.values)
    if not matrix.level.is_numeric or np.allclose(steps, steps[:1]):
        return found
    name, separator, interval = found.method.partition("; ")
    told = f"{name}, by position on a scale of uneven steps{separator}{interval}"
    return replace(found, method=told)


def _in_words(entry: Json, confidence: float) -> str:
    name = entry["criterion"]
    head = (
        f"{f'{name}: ' if name else ''}{entry['n_items']} items, "
        f"{entry['n_ratings']} ratings by {entry['n_raters']} raters, "
        f"{entry['level']}"
    )
    rows = [
        ("", "value", f"{100 * confidence:.10g}% interval", "items", ""),
        figure_row("Krippendorff's alpha", entry["alpha"]),
        figure_row("percent agreement", entry["percent_agreement"]),
        figure_row(_name(entry["gwet_ac"]), entry["gwet_ac"]),
        figure_row(_name(entry["fleiss"]), entry["fleiss"]),
    ]
    pairs, remarks = _pairs(entry["cohen_kappa"])
    rows += [
        figure_row(f"{_name(pair)} {pair['raters'][0]} - {pair['raters'][1]}", pair)
        for pair in pairs
    ]
    return "\n".join([visible(head), *table(rows), *remarks])


def _pairs(pairs: list[Json]) -> tuple[list[Json], list[str]]:
    """The pairs to show, and what is said of the others."""
    if len(pairs) <= MOST_PAIRS:
        return pairs, []
    defined = [pair for pair in pairs if pair["value"] is not None]
    apart = sum(not pair["n_items"] for pair in pairs)
    remark = (
        f"{len(pairs)} pairs of raters: {apart} share no item, "
        f"{len(pairs) - len(defined) - apart} more have no kappa"
    )
    if defined:
        mean = np.mean([pair["value"] for pair in defined])
        remark += f", the mean of the others is {mean:.3f}"
        remark += (
            f"; the {min(FEW_PAIRS, len(defined))} lowest are shown, --json has all"
        )
    lowest = sorted(defined, key=lambda pair: (pair["value"], pair["raters"]))
    return lowest[:FEW_PAIRS], [remark]


def _name(found: Json) -> str:
    return str(found["method"]).partition(";")[0].partition(", by position")[0]
