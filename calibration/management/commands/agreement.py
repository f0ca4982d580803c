"""How far the raters of a queue agree."""

from typing import Any

from django.core.management.base import CommandParser

from calibration.formats.agreement import agreement_table
from calibration.queries.criteria import UnknownVersion, get_sibling_id
from calibration.services.agreement import measure_agreement
from calibration.services.reports import describe_agreement
from reviews.management import base
from reviews.queries.queues import UnknownQueue, find_queue


class Command(base.Command):
    help = "Percent agreement, kappa and alpha of a queue, for each criterion."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queue", required=True, help="SLUG or PROJECT/SLUG")
        parser.add_argument("--project", help="where two projects share a queue name")
        parser.add_argument(
            "--rubric-version",
            type=int,
            metavar="N",
            help="the version to measure (default: that of the queue)",
        )

    def handle(self, **options: Any) -> None:
        try:
            queue = find_queue(name=options["queue"], project=options["project"])
            version_id = queue.rubric_version_id
            if options["rubric_version"] is not None:
                version_id = get_sibling_id(
                    version_id=version_id, number=options["rubric_version"]
                )
        except (UnknownQueue, UnknownVersion) as exc:
            base.refuse(str(exc))
        agreement = measure_agreement(queue_id=queue.id, version_id=version_id)
        report = describe_agreement(queue, agreement)
        self.finish(report, agreement_table(report), as_json=options["json"])
