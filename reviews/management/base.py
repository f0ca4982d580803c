"""What every command of bin/touchstone shares."""

import argparse
import json
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser


class InputFaults(CommandError):
    """The input was read and had faults: exit code 1."""

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=1)


class Refused(CommandError):
    """Wrong usage, or the project refuses to do this: exit code 2."""

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=2)


class Command(BaseCommand):
    """A command with --json: one object on stdout, everything else on stderr."""

    requires_system_checks = []
    # Django's own options stay out of sight; they still work.
    suppressed_base_arguments = {
        "--version",
        "--verbosity",
        "--settings",
        "--pythonpath",
        "--traceback",
        "--no-color",
        "--force-color",
        "--skip-checks",
    }

    def create_parser(
        self, prog_name: str, subcommand: str, **kwargs: Any
    ) -> CommandParser:
        name = subcommand.replace("_", "-")
        parser = super().create_parser("touchstone", name, **kwargs)
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object on stdout"
        )
        return parser

    def add_json(self, subparser: CommandParser) -> None:
        """Let --json stand behind a verb too."""
        subparser.add_argument(
            "--json",
            action="store_true",
            # No default of its own: it would undo a --json before the verb.
            default=argparse.SUPPRESS,
            help="print one JSON object on stdout",
        )

    def progress(self, message: str) -> None:
        self.stderr.write(message)

    def finish(self, result: dict[str, Any], text: str, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
        elif text:
            self.stdout.write(text)


def refuse(message: str) -> NoReturn:
    raise Refused(message)


def read_text(path: Path) -> str:
    """The text of a file that a command was given, or a refusal that says why not."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        refuse(f"cannot read {path}: {error.strerror}")
    except UnicodeDecodeError:
        refuse(f"cannot read {path}: it is not UTF-8 text")
