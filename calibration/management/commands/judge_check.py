"""bin/touchstone judge-check: may a judge stand in for the humans? From two CSVs."""

import argparse
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from calibration.formats.agreement import figure
from calibration.formats.figures import Json, describe, figure_row, table
from calibration.formats.ratings_csv import Ratings, Scale
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
    AlternativeAnnotator,
    JudgeRecord,
    RatingMatrix,
    Resampling,
    alternative_annotator_test,
    judge_record,
)
from reviews.formats.terminal import visible
from reviews.management import base

Triples = Sequence[tuple[str, str, Hashable]]
Verdicts = Mapping[str, Hashable]


class Command(FileCommand):
    help = "Judges against the humans in a CSV, and humans beside. Needs no database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "ratings",
            type=Path,
            metavar="RATINGS.csv",
            help="columns item_id, rater_id, label and, if any, criterion",
        )
        parser.add_argument(
            "judges",
            type=Path,
            metavar="JUDGES.csv",
            help="columns item_id, judge, label and, if any, criterion",
        )
        parser.add_argument(
            "--epsilon",
            type=_epsilon,
            default=0.2,
            help="what a judge may fall short by (default: 0.2, against experts)",
        )
        add_scale_arguments(parser, default="nominal")
        add_interval_arguments(parser)

    def handle(self, **options: Any) -> None:
        scale = scale_from(options)
        ratings = self.read(options["ratings"], scale)
        verdicts = self.read(options["judges"], scale, "judge")
        if ratings.has_criteria != verdicts.has_criteria:
            base.refuse("one file has a column criterion and the other has none")
        judges = [
            _measured(judge, criterion, matrix, given, options)
            for judge, criterion, matrix, given in _trials(ratings, verdicts, scale)
        ]
        text = "\n\n".join(_in_words(entry, options["interval"]) for entry in judges)
        self.finish({"judges": judges}, text, as_json=options["json"])
        self.conclude([(options["ratings"], ratings), (options["judges"], verdicts)])


def _epsilon(text: str) -> float:
    epsilon = float(text)
    if not 0 <= epsilon <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1: {text}")
    return epsilon


def _trials(
    ratings: Ratings, verdicts: Ratings, scale: Scale
) -> Iterator[tuple[str, str, RatingMatrix, Verdicts]]:
    """Each judge under each criterion, on the scale of the humans and this judge."""
    for criterion, given in verdicts.by_criterion.items():
        by_judge: dict[str, dict[str, Hashable]] = {}
        for item, judge, value in given:
            by_judge.setdefault(judge, {})[item] = value
        humans: Triples = ratings.by_criterion.get(criterion, ())
        for judge, mine in sorted(by_judge.items()):
            matrix = matrix_of(criterion, humans, scale, mine.values())
            yield judge, criterion, matrix, mine


def _measured(
    judge: str,
    criterion: str,
    matrix: RatingMatrix,
    verdicts: Verdicts,
    options: Mapping[str, Any],
) -> Json:
    resampling: Resampling = resampling_from(dict(options))
    record = judge_record(
        matrix, verdicts, weights=weights_for(matrix.level), resampling=resampling
    )
    test = alternative_annotator_test(matrix, verdicts, epsilon=options["epsilon"])
    unrated = len(verdicts.keys() - set(matrix.items))
    return {
        "judge": judge,
        "criterion": criterion or None,
        "level": str(matrix.level),
        "n_items": record.accuracy.n_items,
        "ties_left_out": record.ties_left_out,
        "unrated_left_out": unrated,
        **_record(record),
        **_test(test, options["epsilon"]),
    }


def _record(record: JudgeRecord) -> Json:
    return {
        "accuracy": record.accuracy.value,
        "accuracy_estimate": describe(record.accuracy),
        "kappa": describe(record.kappa),
        "alpha": describe(record.alpha),
        "human_kappa": describe(record.human_kappa),
        "human_alpha": describe(record.human_alpha),
    }


def _test(test: AlternativeAnnotator, epsilon: float) -> Json:
    return {
        "epsilon": epsilon,
        "omega": test.omega,
        "rho": test.rho,
        "passes": None if test.omega is None else test.passes,
        "compared_raters": [row.rater for row in test.comparisons],
        "skipped_raters": list(test.skipped_raters),
        "reason": test.reason,
    }


def _in_words(entry: Json, confidence: float) -> str:
    name = f", {entry['criterion']}" if entry["criterion"] else ""
    head = (
        f"{entry['judge']}{name}: {entry['n_items']} items with a majority "
        f"({entry['ties_left_out']} ties and {entry['unrated_left_out']} items without "
        "ratings left out)"
    )
    rows = [
        ("", "value", f"{100 * confidence:.10g}% interval", "items", ""),
        figure_row("accuracy, judge against majority", entry["accuracy_estimate"]),
        figure_row("kappa, judge against majority", entry["kappa"]),
        figure_row("kappa, human against human (mean)", entry["human_kappa"]),
        figure_row("alpha, judge against majority", entry["alpha"]),
        figure_row("alpha, human against human", entry["human_alpha"]),
    ]
    return "\n".join([visible(head), *table(rows), *_verdict(entry)])


def _verdict(entry: Json) -> list[str]:
    if entry["omega"] is None:
        said = f"alternative annotator test: undefined, {entry['reason']}"
    else:
        n_all = len(entry["compared_raters"])
        said = (
            f"alternative annotator test at epsilon {entry['epsilon']:g}: no worse than "
            f"{round(entry['omega'] * n_all)} of {n_all} humans (omega "
            f"{figure(entry['omega'])}, rho {figure(entry['rho'])}): "
            + ("may stand in" if entry["passes"] else "may not stand in")
        )
    lines = [said]
    if entry["skipped_raters"]:
        skipped = ", ".join(entry["skipped_raters"])
        lines.append(visible(f"too few items to compare, not in omega: {skipped}"))
    return lines
