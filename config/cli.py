"""bin/touchstone: the command line, with a database at hand whenever one is needed."""

import argparse
import json
import os
import secrets
import signal
import sys
import tomllib
from collections.abc import Sequence
from contextlib import nullcontext
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
from config.env import CHECKOUT, data_dir, folder_of
from reviews.management.base import Command

APPS = ("reviews", "labeling", "calibration", "config")

# These work on files alone, also where no database can run.
DATABASE_FREE = {"verify", "irr", "consensus", "judge-check"}

# And these, where an option says where the files are.
DATABASE_FREE_WITH = {"gate": "--release"}

# What an installation begins with: these make it where there is none. The others
# would find nothing in it.
FIRST = {"manage", "demo", "ingest", "member", "rubric", "queue"}
USAGE = "touchstone [--data DIR] COMMAND ..."


class NotMade(Exception):
    """There is no database in the data folder, and nothing to put into one."""


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        if options.data is not None:
            os.environ["TOUCHSTONE_DATA"] = str(folder_of(options.data))
        return dispatch(options.command, options.arguments)
    except (embedded.ServersUnavailable, ImproperlyConfigured, NotMade) as error:
        return fail(str(error), options.arguments)
    except psycopg.OperationalError as error:
        message = f"Cannot reach the database: {str(error).strip()}"
        return fail(message, options.arguments)
    except KeyboardInterrupt:
        return 130


def fail(message: str, arguments: Sequence[str]) -> int:
    """Say why no command could run, also to a program that asked for JSON."""
    if "--json" in arguments:
        sys.stdout.write(json.dumps({"ok": False, "error": message}) + "\n")
    sys.stderr.write(f"{message}\n")
    return 2


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="touchstone",
        usage=USAGE,
        description="Blinded human review of model outputs.",
        epilog="touchstone COMMAND --help says more about each command.",
        add_help=False,
    )
    parser.add_argument("--data", metavar="DIR", help="the data folder")
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("--version", action="store_true")
    parser.add_argument("command", nargs="?")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    if options.help:
        options.command = "help"
    elif options.version:
        options.command = "version"
    return options


def dispatch(name: str | None, arguments: list[str]) -> int:
    if name is None:
        return fail(f"usage: {USAGE}\nSee touchstone --help.", arguments)
    if name == "help":
        return show_commands()
    if name == "version":
        sys.stdout.write(f"touchstone {find_version()}\n")
        return 0
    if name == "manage":
        with embedded.servers(data_dir()) as urls:
            os.environ.update(urls.environment())
            execute_from_command_line(["touchstone manage", *arguments])
        return 0
    app = find_apps().get(name)
    if app is None:
        return fail(f"There is no command {name}: see touchstone --help.", arguments)
    needs_database = not is_database_free(name, arguments)
    if needs_database and name not in FIRST and not embedded.is_made(data_dir()):
        raise NotMade(
            f"There is no Touchstone in {data_dir()}: "
            f"start bin/up --data {data_dir()} first."
        )
    with embedded.servers(data_dir()) if needs_database else nullcontext() as urls:
        set_up(urls)
        command = load_command_class(app, name.replace("-", "_"))
        command.run_from_argv(["touchstone", name, *arguments])
    return 0


def is_database_free(name: str, arguments: Sequence[str]) -> bool:
    given = {argument.partition("=")[0] for argument in arguments}
    alone = {"-h", "--help", DATABASE_FREE_WITH.get(name, "--help")}
    return name in DATABASE_FREE or bool(alone & given)


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


def find_version() -> str:
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def show_commands() -> int:
    set_up(None)
    lines = [USAGE, ""]
    for name, app in sorted(find_apps().items()):
        command = load_command_class(app, name.replace("-", "_"))
        if isinstance(command, Command):
            lines.append(f"  {name:<20} {command.help}")
    lines += ["", "touchstone COMMAND --help says more about one of them."]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
