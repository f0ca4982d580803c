"""What every command of bin/touchstone shares."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser


class InputFaults(CommandError):
    """The input was read and had faults: exit code 1.

    Each of `faults` says line, field and what was expected, null where unknown.
    """

    def __init__(self, message: str, faults: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message, returncode=1)
        self.faults = faults


class Refused(CommandError):
    """Wrong usage, or the project refuses to do this: exit code 2."""

    faults: Sequence[Mapping[str, Any]] = ()

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=2)


class Command(BaseCommand):
    """A command with --json: one object on stdout, everything else on stderr.

    What went wrong is such an object too, with ok, error and the faults, if any.
    """

    _result: dict[str, Any] | None = None
    _is_typed = False
    _is_started = False

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

    def run_from_argv(self, argv: list[str]) -> None:
        self._is_typed = True
        try:
            super().run_from_argv(argv)
        except SystemExit as end:
            if end.code and not self._is_started and "--json" in argv:
                name = argv[1].replace("_", "-")
                error = f"wrong usage: see touchstone {name} --help"
                self._print({"ok": False, "error": error})
            raise

    def execute(self, *args: Any, **options: Any) -> str | None:
        self._result, self._is_started = None, True
        try:
            output = super().execute(*args, **options)
        except (InputFaults, Refused) as error:
            if options.get("json"):
                self._print(describe_failure(error, self._result))
            if self._is_typed:
                # Django would put the name of the class before the message.
                self.stderr.write(str(error))
                sys.exit(error.returncode)
            raise
        self._print_result()
        return output

    def progress(self, message: str) -> None:
        self.stderr.write(message)

    def finish(self, result: dict[str, Any], text: str, *, as_json: bool) -> None:
        """Say what came out. Faults may still be raised: JSON waits for the end."""
        if as_json:
            self._result = result
        elif text:
            self.stdout.write(text)

    def _print_result(self) -> None:
        if self._result is not None:
            self._print(self._result)

    def _print(self, result: Mapping[str, Any]) -> None:
        self.stdout.write(json.dumps(result, ensure_ascii=False))


def describe_failure(
    error: InputFaults | Refused, result: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What went wrong, with what the command found out all the same."""
    failure = {"ok": False, "error": str(error), **(result or {})}
    if error.faults:
        failure["faults"] = list(error.faults)
    return failure


def fault_as_json(
    line: int | None, field: str, expected: str, *, id_: str | None = None
) -> dict[str, Any]:
    """The one shape of a fault in a file; `field` is "" for the whole line."""
    return {"line": line, "field": field, "expected": expected, "id": id_}


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
