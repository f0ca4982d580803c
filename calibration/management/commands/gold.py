"""Gold cases of a queue, from a file."""

from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from calibration.formats.gold import GoldFault, GoldLine, read_gold
from calibration.services.gold import NotGold, add_gold_case, find_item
from reviews.formats.terminal import counted
from reviews.management import base
from reviews.queries.queues import UnknownQueue, find_queue
from reviews.services.queues import use_seed

OUTCOMES = ("added", "changed", "unchanged")


class Command(base.Command):
    help = "Mark items of known ratings as gold of a queue: gold apply FILE.jsonl --queue Q"

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="apply")
        apply = verbs.add_parser("apply", help="add the cases of a file")
        apply.add_argument("file", type=Path, metavar="FILE.jsonl")
        apply.add_argument("--queue", required=True, help="SLUG or PROJECT/SLUG")
        apply.add_argument("--project", help="where two projects share a queue name")
        self.add_json(apply)

    def handle(self, **options: Any) -> None:
        try:
            queue = find_queue(name=options["queue"], project=options["project"])
            with options["file"].open("rb") as stream:
                entries = list(read_gold(stream))
        except UnknownQueue as exc:
            base.refuse(str(exc))
        except OSError as exc:
            base.refuse(f"cannot read {options['file']}: {exc.strerror}")
        tally, faults = Counter[str](), []
        for entry in entries:
            outcome = _add(queue.id, entry)
            if isinstance(outcome, GoldFault):
                faults.append(outcome)
            else:
                tally[outcome] += 1
        added, changed, unchanged = (tally[one] for one in OUTCOMES)
        result = {
            "queue": queue.slug,
            "added": added,
            "changed": changed,
            "unchanged": unchanged,
            "faults": [base.fault_as_json(one.line, *one.parts) for one in faults],
        }
        text = f"{counted(added, 'gold case')} added, {unchanged} unchanged"
        if changed:
            text += f", {changed} for another use"
        self.finish(result, text, as_json=options["json"])
        if faults:
            raise base.InputFaults("\n".join(map(str, faults)))


def _add(queue_id: int, entry: GoldLine | GoldFault) -> str | GoldFault:
    if isinstance(entry, GoldFault):
        return entry
    try:
        item_id = find_item(queue_id=queue_id, external_id=entry.item)
        use = entry.use.upper() if entry.use else None
        is_new = add_gold_case(
            queue_id=queue_id,
            item_id=item_id,
            ratings=entry.ratings,
            rationale=entry.rationale,
            use=use,
            now=timezone.now(),
        )
    except NotGold as exc:
        return GoldFault(entry.number, str(exc))
    if is_new:
        return "added"
    is_changed = use and use_seed(queue_id=queue_id, item_id=item_id, use=use)
    return "changed" if is_changed else "unchanged"
