"""bin/touchstone: the command line, with a database at hand whenever one is needed."""

import argparse
import os
import secrets
import signal
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from pkgutil import iter_modules

import django
import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.core.management import (
    call_command,
    execute_from_command_line,
    load_command_class,
)

from config import embedded
from config.env import CHECKOUT, data_dir
from reviews.management.base import Command

APPS = ("reviews", "labeling", "calibration", "config")

# These work on files alone, also where no database can run.
DATABASE_FREE = {"verify", "irr", "consensus", "judge-check"}


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    if options.data:
        os.environ["TOUCHSTONE_DATA"] = str(options.data.expanduser().absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        return dispatch(options.command, options.arguments)
    except (embedded.ServersUnavailable, ImproperlyConfigured) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except psycopg.OperationalError as error:
        sys.stderr.write(f"Cannot reach the database: {str(error).strip()}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="touchstone",
        usage="touchstone [--data DIR] COMMAND ...",
        description="Blinded human review of model outputs.",
        epilog="touchstone COMMAND --help says more about each command.",
        add_help=False,
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder")
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("command", nargs="?", default="help")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    if options.help:
        options.command = "help"
    return options


def dispatch(name: str, arguments: list[str]) -> int:
    if name == "help":
        return show_commands()
    if name == "manage":
        with embedded.servers(data_dir()) as urls:
            os.environ.update(urls.environment())
            execute_from_command_line(["touchstone manage", *arguments])
        return 0
    app = find_apps().get(name)
    if app is None:
        sys.stderr.write(f"There is no command {name}: see touchstone --help.\n")
        return 2
    needs_database = name not in DATABASE_FREE and not {"-h", "--help"} & {*arguments}
    with embedded.servers(data_dir()) if needs_database else nullcontext() as urls:
        set_up(urls)
        command = load_command_class(app, name.replace("-", "_"))
        command.run_from_argv(["touchstone", name, *arguments])
    return 0


def set_up(urls: embedded.Urls | None) -> None:
    """Start Django, on a database that has its tables."""
    if urls is None:
        # Nothing is signed: leave no key behind, the folder may be read-only.
        os.environ.setdefault("DJANGO_SECRET_KEY", secrets.token_urlsafe(50))
        django.setup()
        return
    os.environ.update(urls.environment())
    django.setup()
    if not is_migrated(urls.database_url):
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable")


def is_migrated(database_url: str) -> bool:
    query = "SELECT to_regclass('django_migrations') IS NOT NULL"
    with psycopg.connect(database_url) as connection:
        row = connection.execute(query).fetchone()
    return row is not None and bool(row[0])


def find_apps() -> dict[str, str]:
    """Each command, as it is typed, and the app that has it. Needs no Django."""
    return {
        module.name.replace("_", "-"): app
        for app in APPS
        for module in iter_modules([str(CHECKOUT / app / "management" / "commands")])
    }


def show_commands() -> int:
    set_up(None)
    lines = ["touchstone [--data DIR] COMMAND ...", ""]
    for name, app in sorted(find_apps().items()):
        command = load_command_class(app, name.replace("-", "_"))
        if isinstance(command, Command):
            lines.append(f"  {name:<20} {command.help}")
    lines += ["", "touchstone COMMAND --help says more about one of them."]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
