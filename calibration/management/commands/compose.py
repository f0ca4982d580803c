"""What a golden set should hold, from a spec, and how far it is from it."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from calibration.formats.specs import SpecFault, parse_spec
from calibration.services.golden_sets import SetRefused, apply_spec
from calibration.services.previews import describe_composition, preview_set
from reviews.formats.terminal import counted, visible
from reviews.management import base
from reviews.queries.queues import UnknownQueue, find_queue


class Command(base.Command):
    help = "Say by a spec what a golden set should hold: compose preview|apply NAME"

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        for verb, said in (
            ("preview", "how each cell would fill, and what is missing"),
            ("apply", "let the set hold what the spec says from now on"),
        ):
            one = verbs.add_parser(verb, help=said)
            one.add_argument("name", help="of the golden set")
            one.add_argument("spec", type=Path, metavar="SPEC.toml")
            one.add_argument("--project", help="where two projects share a queue name")
            self.add_json(one)

    def handle(self, **options: Any) -> None:
        name, path = options["name"], options["spec"]
        try:
            spec = parse_spec(base.read_text(path))
            queue = find_queue(name=spec.queue, project=options["project"])
            is_changed = options["verb"] == "apply" and apply_spec(
                name=name,
                queue=queue,
                spec=spec,
                applied_by_id=None,
                now=timezone.now(),
            )
            composition = preview_set(name=name, queue=queue, spec=spec)
        except (UnknownQueue, SetRefused) as exc:
            base.refuse(str(exc))
        except SpecFault as exc:
            raise base.InputFaults(f"{path}: {exc}") from None
        result: dict[str, Any] = {
            "name": name,
            "project": queue.project,
            "queue": queue.slug,
        }
        result |= describe_composition(composition) | {"changed": is_changed}
        self.finish(result, _text(result), as_json=options["json"])


HEADER = ("cell", "traffic", "reviewed", "eligible", "wanted", "taken", "reviews")


def _text(result: dict[str, Any]) -> str:
    rows = [HEADER] + [
        (
            f"{one['stratum'] or 'all'}, {one['bucket'].replace('_', ' ')}",
            f"{one['traffic']:,.0f}",
            f"{one['reviewed']:,}",
            f"{one['eligible']:,}",
            f"{one['wanted']:,}",
            f"{one['taken']:,}",
            f"{one['n_reviews']:,}" if one["n_reviews"] else "",
        )
        for one in result["cells"]
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    lines.append(
        f"{result['taken']} of {counted(result['wanted'], 'case')}, "
        f"{result['hard_share']:.0%} hard"
    )
    lines += [f"missing: {gap}" for gap in result["gaps"]]
    if result["n_reviews"]:
        lines.append(f"about {counted(result['n_reviews'], 'review')} would fill it")
    return "\n".join(map(visible, lines))
