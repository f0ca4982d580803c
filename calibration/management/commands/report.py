"""The agreement of a queue as a folder to read, send and keep."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from calibration.queries.criteria import UnknownVersion, get_sibling_id
from calibration.services.report_folder import ReportFolderTaken, write_report
from reviews.management import base
from reviews.queries.queues import UnknownQueue, find_queue


class Command(base.Command):
    help = "Write the agreement of a queue as Markdown, charts and JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queue", required=True, help="SLUG or PROJECT/SLUG")
        parser.add_argument("--project", help="where two projects share a queue name")
        parser.add_argument(
            "--rubric-version",
            type=int,
            metavar="N",
            help="the version to report on (default: that of the queue)",
        )
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")

    def handle(self, **options: Any) -> None:
        out = options["out"]
        try:
            queue = find_queue(name=options["queue"], project=options["project"])
            version_id = queue.rubric_version_id
            if options["rubric_version"] is not None:
                version_id = get_sibling_id(
                    version_id=version_id, number=options["rubric_version"]
                )
            files = write_report(
                queue=queue, version_id=version_id, out=out, now=timezone.now()
            )
        except (UnknownQueue, UnknownVersion, ReportFolderTaken) as exc:
            base.refuse(str(exc))
        except OSError as exc:
            base.refuse(f"cannot write {out}: {exc.strerror}")
        result = {"queue": queue.slug, "out": str(out), "files": files}
        text = f"Agreement of {queue.slug} written to {out}: {', '.join(files)}"
        self.finish(result, text, as_json=options["json"])
