"""What bin/up does before the web server starts: migrate, and fill an empty database."""

import os
import sys

import django
from django.contrib.auth import get_user_model
from django.core.management import call_command


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    call_command("createcachetable")
    if get_user_model().objects.exists():
        return
    if "--no-sample" in sys.argv:
        call_command("member", "add", "admin", "--role", "admin")
    else:
        call_command("demo")


if __name__ == "__main__":
    main()
