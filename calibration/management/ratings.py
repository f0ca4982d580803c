"""What the commands share that read ratings from a CSV and need no database."""

import argparse
import csv
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from calibration.formats.ratings_csv import (
    InvalidOrder,
    MissingColumns,
    Ratings,
    Scale,
    read_ratings,
)
from calibration.statistics import (
    Level,
    RatingMatrix,
    Resampling,
    UnorderedScale,
    Weights,
)
from calibration.statistics.scales import scale_of
from reviews.formats.terminal import visible
from reviews.management import base

MOST_SHOWN = 50
# Sums are taken over pairs of values; an ordinal alpha resamples every such pair.
MOST_VALUES = 2000
MOST_ORDINAL = 150


class FileCommand(base.Command):
    """A command on files alone: figures on stdout, faults on stderr and as exit code."""

    requires_migrations_checks = False

    def read(self, path: Path, scale: Scale, rater_column: str = "rater_id") -> Ratings:
        try:
            # A line that is not UTF-8 is a fault of its own, not of the file.
            with path.open(
                encoding="utf-8-sig", errors="surrogateescape", newline=""
            ) as source:
                found = read_ratings(source, scale, rater_column=rater_column)
        except OSError as error:
            base.refuse(f"cannot read {path}: {error.strerror}")
        except MissingColumns as error:
            base.refuse(visible(f"{path}: {error}"))
        except UnorderedScale as error:
            base.refuse(visible(f"{path}: {error}; give --order lowest,...,highest"))
        self._note(path, found)
        return found

    def _note(self, path: Path, found: Ratings) -> None:
        if found.n_gaps:
            self.progress(f"{path}: {found.n_gaps} empty labels: missing ratings")
        for word in sorted(found.missing_words):
            self.progress(
                visible(
                    f"{path}: {word!r} counts as a label; leave the cell empty for a "
                    "missing rating"
                )
            )

    def conclude(self, files: Iterable[tuple[Path, Ratings]]) -> None:
        """Exit with 1 where lines were left out; the figures have been printed."""
        lines, shown = [], []
        for path, found in files:
            faults = sorted(found.faults, key=lambda fault: fault.line)
            lines += [f"{path}: {fault}" for fault in faults[:MOST_SHOWN]]
            shown += [
                {"file": str(path)}
                | base.fault_as_json(fault.line, fault.field, fault.message)
                for fault in faults
            ]
            if len(faults) > MOST_SHOWN:
                lines.append(f"{path}: and {len(faults) - MOST_SHOWN} more faults")
            if not found.by_key:
                lines.append(f"{path}: there are no ratings in it")
        if lines:
            raise base.InputFaults("\n".join(lines), shown)


def add_scale_arguments(parser: CommandParser, **level: Any) -> None:
    parser.add_argument(
        "--level",
        choices=[str(one) for one in Level],
        help="how labels compare: as words, ranks, or numbers with or without a zero",
        **level,
    )
    parser.add_argument(
        "--order",
        metavar="A,B,C",
        help="the whole scale from lowest to highest, values nobody chose included",
    )


def add_interval_arguments(parser: CommandParser) -> None:
    parser.add_argument(
        "--interval",
        type=_share,
        default=0.95,
        metavar="SHARE",
        help="confidence of the intervals (default: 0.95)",
    )
    parser.add_argument(
        "--seed",
        type=_seed,
        default=0,
        metavar="N",
        help="of the resampling (default: 0); the same seed, the same interval",
    )


def _share(text: str) -> float:
    share = float(text)
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"expected a number between 0 and 1: {text}")
    return share


def _seed(text: str) -> int:
    seed = int(text)
    if seed < 0:
        raise argparse.ArgumentTypeError(f"expected a number from 0 up: {text}")
    return seed


def scale_from(options: dict[str, Any]) -> Scale:
    order = options["order"]
    try:
        if order is None:
            return Scale(Level(options["level"]))
        labels = tuple(label.strip() for label in next(csv.reader([order]), []))
        return Scale(Level(options["level"]), labels)
    except InvalidOrder as error:
        base.refuse(f"--order: {error}")


def resampling_from(options: dict[str, Any]) -> Resampling:
    return Resampling(confidence=options["interval"], seed=options["seed"])


def weights_for(level: Level) -> Weights:
    return Weights.QUADRATIC if level.is_ordered else Weights.NONE


def matrix_of(
    criterion: str,
    triples: Sequence[tuple[str, str, Hashable]],
    scale: Scale,
    further: Iterable[Hashable] = (),
) -> RatingMatrix:
    """The matrix of one criterion; without an order, the labels found are the scale."""
    found = {value for _, _, value in triples} | set(further)
    domain = scale_of(found, scale.level, scale.domain)
    most = MOST_ORDINAL if scale.level is Level.ORDINAL else MOST_VALUES
    if len(domain) > most:
        name = f"criterion {criterion}: " if criterion else ""
        base.refuse(
            f"{name}{len(domain):,} different labels, where {most:,} are the most on "
            f"this {scale.level} scale; round them"
            + (" or use --level interval" if scale.level is Level.ORDINAL else "")
        )
    return RatingMatrix.from_triples(triples, domain=domain, level=scale.level)
