"""bin/touchstone policy: publish triage rules, or see what they would do."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from reviews.management.base import Command as TouchstoneCommand
from reviews.management.base import InputFaults, read_text, refuse
from reviews.queries.access import UnknownProject, get_project_id
from reviews.services.policies import apply_policy, check_queues
from reviews.services.routing import Routed, preview_routing, route_items
from reviews.tasks import announce_routed
from reviews.triage import PolicyFault, parse_policy


class Command(TouchstoneCommand):
    help = "Publish a triage policy, or preview what one would do."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, text in (
            ("apply", "make the policy the one in force and route what is unrouted"),
            ("preview", "say what the policy would do with the items at hand"),
        ):
            sub = verbs.add_parser(verb, help=text)
            sub.add_argument("file", type=Path, help="the policy, a TOML file")
            sub.add_argument("--project", required=True, help="name of the project")
            self.add_json(sub)

    def handle(self, *, verb: str, **options: Any) -> None:
        source = read_text(options["file"])
        try:
            project_id = get_project_id(options["project"])
            result = getattr(self, f"_{verb}")(project_id, source)
        except UnknownProject as error:
            refuse(str(error))
        except PolicyFault as error:
            raise InputFaults(f"{options['file']}: {error}") from None
        result["project"] = options["project"]
        self.finish(result, self._text(result), as_json=options["json"])

    def _apply(self, project_id: int, source: str) -> dict[str, Any]:
        now = timezone.now()
        applied = apply_policy(project_id=project_id, source=source, now=now)
        routed = route_items(project_id=project_id, now=now)
        announce_routed()
        return {
            "policy": applied.number,
            "created": applied.created,
            **_routed(routed),
        }

    def _preview(self, project_id: int, source: str) -> dict[str, Any]:
        policy = parse_policy(source)
        check_queues(project_id=project_id, policy=policy)
        return _routed(preview_routing(project_id=project_id, policy=policy))

    def _text(self, result: dict[str, Any]) -> str:
        head = "Preview: nothing was changed."
        if "policy" in result:
            state = "published" if result["created"] else "unchanged"
            head = f"Policy version {result['policy']} ({state})."
        lines = [head, ""]
        lines += [
            f"{rule['items']:>8} items {rule['selected']:>8} to review"
            f"  p={rule['probability']:<6g} {rule['action']:<7} {rule['rule']}"
            f"  -> {rule['queue']}"
            for rule in result["rules"]
        ]
        lines.append(f"{result['items']:>8} items {result['selected']:>8} to review")
        if result["unroutable"]:
            lines.append(
                f"{result['unroutable']} items are of a kind that no queue takes;"
                " they stay unrouted"
            )
        return "\n".join(lines)


def _routed(routed: Routed) -> dict[str, Any]:
    return {
        "items": routed.items,
        "selected": routed.selected,
        "unroutable": routed.unroutable,
        "rules": [asdict(rule) for rule in routed.rules],
    }
