"""Publish what a queue has decided as a release of a golden set."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from calibration.queries.releases import get_release_by_id
from calibration.services.folders import FolderTaken
from calibration.services.freezing import FreezeRefused, Frozen, freeze_release
from reviews.management import base
from reviews.queries.queues import UnknownQueue, find_queue


class Command(base.Command):
    help = "Freeze the labelled items of a queue into a release of a golden set."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="of the golden set; made when it is new")
        parser.add_argument("--queue", required=True, help="SLUG or PROJECT/SLUG")
        parser.add_argument("--project", help="where two projects share a queue name")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument(
            "--override",
            default="",
            metavar="REASON",
            help="freeze in spite of low agreement or open disputes; the reason "
            "stays in the manifest",
        )

        parser.add_argument(
            "--as",
            default="",
            dest="number",
            metavar="VERSION",
            help="of the release: higher than what changed asks for, never lower",
        )

    def handle(self, **options: Any) -> None:
        try:
            queue = find_queue(name=options["queue"], project=options["project"])
            frozen = freeze_release(
                name=options["name"],
                queue=queue,
                override=options["override"],
                frozen_by_id=None,
                now=timezone.now(),
                out=options["out"],
                version=options["number"],
                on_step=self.progress,
            )
        except (UnknownQueue, FolderTaken) as exc:
            base.refuse(str(exc))
        except FreezeRefused as refused:
            base.refuse("\n".join(["refused to freeze:", *_listed(refused)]))
        except OSError as exc:
            base.refuse(f"cannot write {options['out']}: {exc.strerror}")
        result = _described(frozen, options["out"])
        self.finish(result, _text(frozen, options["out"]), as_json=options["json"])


def _described(frozen: Frozen, out: Path) -> dict[str, Any]:
    manifest = json.loads(get_release_by_id(frozen.release_id).manifest)
    return {
        "name": frozen.name,
        "version": frozen.version,
        "digest": frozen.digest,
        "n_cases": frozen.n_cases,
        "is_new": frozen.is_new,
        "left_out": manifest["left_out"],
        "overridden": list(frozen.overridden),
        "out": str(out),
    }


def _listed(refused: FreezeRefused) -> list[str]:
    return [f"  {block}" for block in refused.blocks]


def _text(frozen: Frozen, out: Path) -> str:
    what = f"{frozen.name} {frozen.version}"
    if not frozen.is_new:
        what = f"{frozen.name}: unchanged since {frozen.version}"
    return f"{what}, {frozen.n_cases} cases in {out}\ndigest {frozen.digest}"
