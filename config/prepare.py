"""What bin/up does before the web server starts: migrate, and fill an empty database."""

import json
import os
import sys
from io import StringIO

import django
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError

from config.env import create_private_file, data_dir


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    if get_user_model().objects.exists():
        return
    if "--no-sample" in sys.argv:
        add_administrator()
    else:
        call_command("demo")


def add_administrator() -> None:
    printed = StringIO()
    call_command(
        *("member", "add", "admin", "--role", "admin", "--project", "first", "--json"),
        stdout=printed,
    )
    account = json.loads(printed.getvalue())
    text = f"{account['username']} (administrator): {account['password']}\n"
    create_private_file(data_dir() / "sign-in.txt", text)


if __name__ == "__main__":
    try:
        main()
    except (CommandError, ImproperlyConfigured) as error:
        # After the progress in the log: bin/up shows the last line.
        sys.stdout.flush()
        sys.exit(str(error))
