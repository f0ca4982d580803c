"""migrate, and after it the cache's table and the rights of the reviewers' role.

Django's own command with two acts more, so that no way of setting up a database
(bin/up, tests, an operator) can leave either behind the tables.
"""

from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.core.management.commands import migrate

from reviews.services.rights import RightsRefused, apply_rights


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options["app_label"] or options["plan"] or options["check_unapplied"]:
            return
        call_command("createcachetable", database=options["database"], verbosity=0)
        try:
            apply_rights()
        except RightsRefused as error:
            raise CommandError(str(error)) from None
