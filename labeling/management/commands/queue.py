"""bin/touchstone queue: set up a queue from a file."""

from pathlib import Path
from random import Random
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from labeling.queries.versions import UnknownVersion, find_version
from reviews.management.base import Command as TouchstoneCommand
from reviews.management.base import InputFaults, read_text, refuse
from reviews.queries.access import UnknownProject, get_project_id
from reviews.services.queue_files import QueueFault, parse_queue
from reviews.services.queues import apply_queue


class Command(TouchstoneCommand):
    help = "Set up a queue: its rubric, panel, overlap, gold and limits."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        apply = verbs.add_parser("apply", help="make the queue what the file says")
        apply.add_argument("file", type=Path, help="the queue, a TOML file")
        apply.add_argument(
            "--project", help="name of the project, in place of the file's own"
        )
        self.add_json(apply)

    def handle(self, **options: Any) -> None:
        try:
            result = self._apply(read_text(options["file"]), options["project"])
        except UnknownProject as error:
            refuse(str(error))
        except (QueueFault, UnknownVersion) as error:
            raise InputFaults(f"{options['file']}: {error}") from None
        state = "made" if result["created"] else "unchanged"
        if result["changed"]:
            state = f"changed: {', '.join(result['changed'])}"
        text = f"Queue {result['queue']} of project {result['project']}: {state}."
        self.finish(result, text, as_json=options["json"])

    def _apply(self, text: str, project: str | None) -> dict[str, Any]:
        spec = parse_queue(text)
        project = project or spec.project
        if not project:
            raise QueueFault("project is missing: name it in the file or by --project")
        project_id = get_project_id(project)
        applied = apply_queue(
            spec=spec,
            project_id=project_id,
            rubric_version_id=find_version(project_id=project_id, name=spec.rubric),
            now=timezone.now(),
            # Where in the order of a tier an item stands; nothing hangs on it.
            rng=Random(),
        )
        return {
            "project": project,
            "queue": spec.queue,
            "rubric": spec.rubric,
            "created": applied.created,
            "changed": [
                "rubric" if key == "rubric_version_id" else key
                for key in applied.changed
            ],
        }
