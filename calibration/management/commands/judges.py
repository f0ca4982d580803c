"""How a queue reads its judges, from a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from calibration.formats.judges import JudgesFault, parse_judges
from calibration.services.judge_terms import TermsRefused, apply_judge_terms
from reviews.management import base
from reviews.queries.queues import UnknownQueue, find_queue


class Command(base.Command):
    help = "Say how a queue reads its judges: judges apply FILE.toml --queue Q"

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="apply")
        apply = verbs.add_parser("apply", help="read the judges as the file says")
        apply.add_argument("file", type=Path, metavar="FILE.toml")
        apply.add_argument("--queue", required=True, help="SLUG or PROJECT/SLUG")
        apply.add_argument("--project", help="where two projects share a queue name")
        self.add_json(apply)

    def handle(self, **options: Any) -> None:
        text = base.read_text(options["file"])
        try:
            queue = find_queue(name=options["queue"], project=options["project"])
            terms = parse_judges(text)
            is_changed = apply_judge_terms(
                queue_id=queue.id, terms=terms, now=timezone.now()
            )
        except UnknownQueue as exc:
            base.refuse(str(exc))
        except (JudgesFault, TermsRefused) as exc:
            raise base.InputFaults(f"{options['file']}: {exc}") from exc
        names = [judge.name for judge in terms.judges]
        result = {"queue": queue.slug, "judges": names, "changed": is_changed}
        said = "read as the file says" if is_changed else "unchanged"
        self.finish(
            result,
            f"{queue.slug}: {len(names)} judges, {said}",
            as_json=options["json"],
        )
