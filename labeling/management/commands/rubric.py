"""bin/touchstone rubric: publish a rubric from a file."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.utils import timezone

from labeling.formats.rubrics import NO_TOML, RubricFaults, RubricFile, parse_rubric
from labeling.services.rubrics import Applied, apply_rubric
from reviews.management.base import Command as TouchstoneCommand
from reviews.management.base import InputFaults, fault_as_json, refuse
from reviews.services.projects import get_or_create_project


class Command(TouchstoneCommand):
    help = "Publish a rubric; a changed file becomes its next version."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        apply = verbs.add_parser("apply", help="publish what the file says")
        apply.add_argument("file", type=Path, help="the rubric, a TOML file")
        apply.add_argument(
            "--project", help="name of the project, in place of the file's own"
        )
        self.add_json(apply)

    def handle(self, **options: Any) -> None:
        path: Path = options["file"]
        try:
            file = parse_rubric(path.read_bytes())
        except OSError as error:
            refuse(f"cannot read {path}: {error.strerror}")
        except RubricFaults as error:
            message = "\n".join(f"{path}: {fault}" for fault in error.faults)
            raise InputFaults(message, [*map(_as_json, error.faults)]) from None
        project = options["project"] or file.project
        if not project:
            refuse(f"{path}: project is missing: name it in the file or by --project")
        applied = self._apply(project, file)
        result = {
            "project": project,
            "rubric": file.slug,
            "version": applied.number,
            "created": applied.is_created,
            "queues_on_older_version": list(applied.lagging),
        }
        self.finish(result, _text(project, file, applied), as_json=options["json"])

    def _apply(self, project: str, file: RubricFile) -> Applied:
        now = timezone.now()
        try:
            project_id, created = get_or_create_project(slug=project, now=now)
        except ValidationError:
            refuse(f"{project!r} is not a project name: expected letters, digits and -")
        if created:
            self.progress(f"Project {project} was not there and is made.")
        return apply_rubric(project_id=project_id, file=file, now=now)


def _as_json(fault: str) -> dict[str, Any]:
    if fault.startswith(NO_TOML):
        return fault_as_json(None, "", fault)
    field, _, expected = fault.partition(": ")
    return fault_as_json(None, field, expected)


def _text(project: str, file: RubricFile, applied: Applied) -> str:
    state = "is" if applied.is_created else "unchanged,"
    text = f"Rubric {file.slug} of project {project}: {state} version {applied.number}."
    if applied.lagging:
        queues = ", ".join(applied.lagging)
        text += f"\nStill on an older version: {queues}. Apply their files to move on."
    return text
