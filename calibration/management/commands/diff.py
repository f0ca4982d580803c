"""What differs between two releases, case by case, and why."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from calibration.formats.found import NoRelease, open_release
from calibration.queries.releases import UnknownRelease, find_release
from calibration.services.diffs import (
    Diff,
    ExplainedChange,
    NotComparable,
    Side,
    diff_releases,
    side_of_folder,
    side_of_release,
)
from reviews.formats.terminal import counted, visible
from reviews.management import base

MOST_SHOWN = 50


class Command(base.Command):
    help = "Compare two releases: NAME@VERSION, or the folder or .zip of one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("old", metavar="A")
        parser.add_argument("new", metavar="B")
        parser.add_argument("--project", help="where two projects share a name")

    def handle(self, **options: Any) -> None:
        with ExitStack() as stack:
            try:
                sides = [
                    _side(options[name], options["project"], stack)
                    for name in ("old", "new")
                ]
                found = diff_releases(*sides)
            except (UnknownRelease, NoRelease, NotComparable) as error:
                base.refuse(str(error))
        self.finish(_described(found), _text(found), as_json=options["json"])


def _side(name: str, project: str | None, stack: ExitStack) -> Side:
    if Path(name).exists():
        return side_of_folder(stack.enter_context(open_release(Path(name))))
    return side_of_release(find_release(name=name, project=project))


def _described(found: Diff) -> dict[str, Any]:
    return {
        "old": found.old,
        "new": found.new,
        "counts": found.counts.described(),
        "bump": ("major", "minor", "patch")[found.counts.bump],
        "changes": [
            {
                "case": one.change.case,
                "kind": one.change.kind,
                "fields": list(one.change.fields),
                "why": list(one.why),
            }
            for one in found.changes
        ],
    }


def _text(found: Diff) -> str:
    counts = found.counts
    lines = [
        f"{found.old} -> {found.new}: {counts.n_added} added, "
        f"{counts.n_removed} removed, {counted(counts.n_shared, 'case')} shared"
    ]
    if counts.fields:
        of_fields = sorted(counts.fields.items())
        lines.append("changed: " + ", ".join(f"{key} {n}" for key, n in of_fields))
    if counts.has_other_rubric:
        lines.append("the rubric is another")
    # What changes a score before what changes a weight.
    ranked = sorted(found.changes, key=lambda one: not _matters(one))
    for one in ranked[:MOST_SHOWN]:
        lines.append(f"  {one.change.kind} {one.change.case}")
        lines += [f"    {why}" for why in one.why]
    if len(ranked) > MOST_SHOWN:
        lines.append(f"  and {len(ranked) - MOST_SHOWN} more (--json has all)")
    return "\n".join(map(visible, lines))


def _matters(one: ExplainedChange) -> bool:
    return not one.change.fields or one.change.is_scored
