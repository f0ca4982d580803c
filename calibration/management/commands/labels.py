"""The labels that the judgments of a queue come to."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from calibration.queries.criteria import (
    ScaledVersion,
    UnknownVersion,
    get_sibling_id,
    get_version,
)
from calibration.queries.labels import stream_labels
from calibration.queries.weighing import get_weighing
from calibration.services.labels import LabelTally, label_rows, write_labels
from reviews.formats.terminal import counted, visible
from reviews.management import base
from reviews.queries.queues import QueueFacts, UnknownQueue, find_queue


class Command(base.Command):
    help = "The label of every item, with its method, support and confidence."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queue", required=True, help="SLUG or PROJECT/SLUG")
        parser.add_argument("--project", help="where two projects share a queue name")
        parser.add_argument("--rubric-version", type=int, metavar="N")
        parser.add_argument("--criterion", help="of this criterion only")
        parser.add_argument(
            "--out", type=Path, help="write the labels to FILE.csv or FILE.jsonl"
        )
        parser.add_argument(
            "--all",
            action="store_true",
            help="list every label; with --json, as labels in the object",
        )

    def handle(self, **options: Any) -> None:
        try:
            queue = find_queue(name=options["queue"], project=options["project"])
            version = _version(queue, options["rubric_version"])
        except (UnknownQueue, UnknownVersion) as exc:
            base.refuse(str(exc))
        criterion, out = options["criterion"], options["out"]
        keys = [scale.key for scale in version.measured]
        if criterion is not None and criterion not in keys:
            base.refuse(f"no rated criterion {criterion!r}: there are {keys}")
        if out is not None and out.suffix not in (".csv", ".jsonl"):
            base.refuse(f"{out}: the name must end in .csv or .jsonl")
        tally = LabelTally()
        weighing = get_weighing(queue_id=queue.id, version=version)
        items = tally.watch(
            stream_labels(queue_id=queue.id, version=version, weighing=weighing)
        )
        rows = label_rows(items, criterion)
        result: dict[str, Any] = {}
        if out is not None:
            write_labels(out, rows)
            result["out"] = str(out)
        elif options["all"]:
            result["labels"] = list(rows)
        for _ in items:
            pass  # Whatever was not asked for is still counted.
        result = _result(queue, version, tally, criterion) | result
        result["notes"] = list(weighing.notes)
        self.finish(result, _text(result), as_json=options["json"])


def _version(queue: QueueFacts, number: int | None) -> ScaledVersion:
    version_id = queue.rubric_version_id
    if number is not None:
        version_id = get_sibling_id(version_id=version_id, number=number)
    return get_version(version_id)


def _result(
    queue: QueueFacts, version: ScaledVersion, tally: LabelTally, criterion: str | None
) -> dict[str, Any]:
    scales = [scale for scale in version.measured if criterion in (None, scale.key)]
    return {
        "queue": queue.slug,
        "project": queue.project,
        "rubric": version.rubric.slug,
        "rubric_version": version.rubric.number,
        "method": queue.label_method.lower().replace("_", "-"),
        "confidence_floor": queue.label_confidence_floor,
        "n_items": tally.n_items,
        "counts": {
            scale.key: _in_order(scale.values, tally.counts[scale.key])
            for scale in scales
        },
        "undecided": {scale.key: tally.undecided[scale.key] for scale in scales},
    }


def _in_order(values: tuple[Any, ...], counts: dict[str, int]) -> dict[str, int]:
    order = {str(value): place for place, value in enumerate(values)}
    return dict(
        sorted(counts.items(), key=lambda pair: (order.get(pair[0], len(order)), pair))
    )


def _text(result: dict[str, Any]) -> str:
    lines = [counted(result["n_items"], "item")]
    for key, counts in result["counts"].items():
        found = ", ".join(f"{value} {n}" for value, n in counts.items())
        lines.append(f"{key}: {found}; undecided {result['undecided'][key]}")
    lines += [f"note: {note}" for note in result["notes"]]
    if "out" in result:
        lines.append(f"labels written to {result['out']}")
    for row in result.get("labels", []):
        label = "-" if row["label"] is None else row["label"]
        sure = row["confidence"]
        beside = "" if sure is None else f"  {sure:.2f}"
        step = f" step {row['step']}" if row["step"] else ""
        lines.append(f"{row['item_id']}{step}  {row['criterion']}  {label}{beside}")
    return "\n".join(map(visible, lines))
