"""bin/touchstone consensus: one label an item from several ratings in a CSV."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from calibration.formats.figures import Json, table
from calibration.formats.ratings_csv import Scale
from calibration.management.ratings import FileCommand, matrix_of
from calibration.statistics import (
    Consensus,
    Level,
    RatingMatrix,
    fit_dawid_skene,
    majority,
)
from reviews.formats.terminal import visible
from reviews.management import base

COLUMNS = ("item_id", "criterion", "label", "support", "confidence")
MAJORITY, DAWID_SKENE = "majority", "dawid-skene"


class Command(FileCommand):
    help = "One label an item from the ratings in a CSV. Needs no database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            type=Path,
            metavar="FILE.csv",
            help="columns item_id, rater_id, label and, if any, criterion",
        )
        parser.add_argument(
            "--method", choices=[MAJORITY, DAWID_SKENE], default=MAJORITY
        )
        parser.add_argument(
            "--out", type=Path, metavar="LABELS.csv", help="where the labels go"
        )

    def handle(self, **options: Any) -> None:
        path, out, method = options["file"], options["out"], options["method"]
        if out is not None and out.resolve() == path.resolve():
            base.refuse("--out is the file of the ratings, which would be lost")
        scale = Scale(Level.NOMINAL)
        ratings = self.read(path, scale)
        matrices = {
            criterion: matrix_of(criterion, triples, scale)
            for criterion, triples in ratings.by_criterion.items()
        }
        found = {key: _labelled(matrix, method) for key, matrix in matrices.items()}
        if out is not None:
            _write(out, [row for key in found for row in _rows(key, found[key])])
        criteria = [
            _described(key, matrices[key], method, consensus)
            for key, consensus in found.items()
        ]
        text = "\n\n".join(map(_in_words, criteria))
        self.finish({"criteria": criteria}, text, as_json=options["json"])
        self.conclude([(path, ratings)])


def _labelled(matrix: RatingMatrix, method: str) -> Consensus:
    if method == DAWID_SKENE:
        return fit_dawid_skene(matrix).consensus
    return majority(matrix)


def _described(
    criterion: str, matrix: RatingMatrix, method: str, found: Consensus
) -> Json:
    labels = found.labels
    n_labelled = len(labels) - labels.count(None)
    return {
        "criterion": criterion or None,
        "method": method,
        "n_items": matrix.n_items,
        "n_ratings": matrix.n_ratings,
        "n_raters": matrix.n_raters,
        "n_labelled": n_labelled,
        "ties": matrix.n_items - n_labelled,
        "counts": {label: labels.count(label) for label in found.domain},
        "warnings": list(found.warnings),
    }


def _rows(criterion: str, found: Consensus) -> Iterator[Sequence[Any]]:
    for item, label, support, confidence in zip(
        found.items, found.labels, found.support, found.confidence, strict=True
    ):
        sure = "" if confidence is None else round(confidence, 6)
        yield item, criterion, "" if label is None else label, int(support), sure


def _write(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    """Ids and labels go out as they came in, for programs, not for spreadsheets."""
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(rows)
    except OSError as error:
        base.refuse(f"cannot write {path}: {error.strerror}")


def _in_words(entry: Json) -> str:
    name = f"{entry['criterion']}: " if entry["criterion"] else ""
    head = (
        f"{name}{entry['n_labelled']} of {entry['n_items']} items labelled by "
        f"{entry['method']}, {entry['ties']} ties, from {entry['n_ratings']} ratings "
        f"by {entry['n_raters']} raters"
    )
    rows = [(label, str(n), "") for label, n in entry["counts"].items()]
    warnings = [f"note: {warning}" for warning in entry["warnings"]]
    return "\n".join(
        [visible(head), *table([("label", "items", ""), *rows]), *warnings]
    )
