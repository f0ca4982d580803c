"""Write a release of a golden set in a format."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from calibration.formats.exports.catalogue import FORMATS
from calibration.queries.releases import (
    UnknownRelease,
    find_release,
)
from calibration.services.exports import Loss, WrongName, export_release
from calibration.services.folders import FolderTaken, write_folder
from reviews.formats.terminal import counted
from reviews.management import base

NATIVE = "native"


class Command(base.Command):
    help = "Write a release of a golden set: its own folder, or for another tool."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "name", metavar="NAME[@VERSION]", help="the latest without a version"
        )
        parser.add_argument(
            "--format", choices=[NATIVE, *FORMATS], default=NATIVE, dest="form"
        )
        parser.add_argument(
            "--out", type=Path, required=True, metavar="PATH", help="file or new folder"
        )
        parser.add_argument("--project", help="where two projects share a name")

    def handle(self, **options: Any) -> None:
        out, form = options["out"], options["form"]
        losses: list[Loss] = []
        try:
            release = find_release(name=options["name"], project=options["project"])
            if form == NATIVE:
                write_folder(release, out)
            else:
                losses = export_release(release=release, form=form, out=out)
        except (UnknownRelease, FolderTaken, WrongName) as exc:
            base.refuse(str(exc))
        except OSError as exc:
            base.refuse(f"cannot write {out}: {exc.strerror}")
        for loss in losses:
            self.progress(f"{counted(loss.n_cases, 'case')}: {loss.what}")
        result = {
            "name": release.golden_set,
            "version": release.version,
            "digest": release.digest,
            "format": form,
            "n_cases": release.n_cases,
            "not_held": [{"what": one.what, "cases": one.n_cases} for one in losses],
            "out": str(out),
        }
        text = f"{release.golden_set} {release.version} written to {out}"
        self.finish(result, text, as_json=options["json"])
