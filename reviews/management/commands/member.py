"""bin/touchstone member: who is in a project, and in which part."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from reviews.management.base import Command as TouchstoneCommand
from reviews.management.base import refuse
from reviews.queries.access import (
    ROLES,
    UnknownProject,
    get_project_id,
    list_members,
)
from reviews.services.projects import (
    AlreadyMember,
    NoUsername,
    UnknownAccount,
    add_member,
    get_or_create_project,
    renew_password,
)


class Command(TouchstoneCommand):
    help = "Add a person to a project, list who is in it, renew a password."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="give an account a part in a project")
        add.add_argument("username", help="made, with a password, if it is new")
        add.add_argument("--role", required=True, choices=ROLES)
        add.add_argument(
            "--project", required=True, help="name of the project; made if it is new"
        )
        listing = verbs.add_parser("list", help="list the members of a project")
        listing.add_argument("--project", required=True, help="name of the project")
        password = verbs.add_parser("password", help="give an account a new password")
        password.add_argument("username")
        for sub in (add, listing, password):
            self.add_json(sub)

    def handle(self, *, verb: str, **options: Any) -> None:
        getattr(self, f"_{verb}")(**options)

    def _add(self, **options: Any) -> None:
        now = timezone.now()
        try:
            # A name that is refused leaves no project behind.
            with transaction.atomic():
                project_id, _ = get_or_create_project(slug=options["project"], now=now)
                member = add_member(
                    project_id=project_id,
                    username=options["username"],
                    role=options["role"].upper(),
                    now=now,
                )
        except ValidationError:
            refuse(
                f"{options['project']!r} is no name for a project: expected letters, digits and -"
            )
        except (AlreadyMember, NoUsername) as error:
            refuse(str(error))
        text = f"{member.username} is now {options['role']} in {options['project']}."
        if member.password:
            text += f"\nPassword (shown this once): {member.password}"
        result = {
            "project": options["project"],
            "username": member.username,
            "role": options["role"],
            "password": member.password,
        }
        self.finish(result, text, as_json=options["json"])

    def _password(self, **options: Any) -> None:
        try:
            password = renew_password(username=options["username"])
        except UnknownAccount as error:
            refuse(str(error))
        result = {"username": options["username"], "password": password}
        text = f"New password (shown this once): {password}"
        self.finish(result, text, as_json=options["json"])

    def _list(self, **options: Any) -> None:
        try:
            members = list_members(get_project_id(options["project"]))
        except UnknownProject as error:
            refuse(str(error))
        rows = [
            {"handle": m.handle, "role": m.role.lower(), "origin": m.origin.lower()}
            for m in members
        ]
        text = "\n".join(
            f"{r['handle']:<24} {r['role']:<9} {r['origin']}" for r in rows
        )
        result = {"project": options["project"], "members": rows}
        self.finish(result, text, as_json=options["json"])
