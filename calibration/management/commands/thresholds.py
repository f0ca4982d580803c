"""What a candidate has to reach, registered before there is one."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from calibration.formats.thresholds import ThresholdsFault
from calibration.management.candidates import read_bytes
from calibration.queries.gate_runs import ThresholdsFacts, list_thresholds
from calibration.queries.releases import SetFacts, UnknownRelease, find_golden_set
from calibration.services.gate_runs import register_thresholds
from reviews.management import base


class Command(base.Command):
    help = (
        "Register a golden set's thresholds: thresholds register T.toml --golden-set G"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        register = verbs.add_parser("register", help="keep the file and the time")
        register.add_argument("file", type=Path, metavar="FILE.toml")
        listed = verbs.add_parser("list", help="every file that is registered")
        for verb in (register, listed):
            verb.add_argument(
                "--golden-set", required=True, help="NAME or PROJECT/NAME"
            )
            verb.add_argument("--project", help="where two projects share a name")
            self.add_json(verb)

    def handle(self, **options: Any) -> None:
        try:
            golden_set = find_golden_set(
                name=options["golden_set"], project=options["project"]
            )
        except UnknownRelease as error:
            base.refuse(str(error))
        if options["verb"] == "list":
            self._list(golden_set, as_json=options["json"])
        else:
            self._register(golden_set, options["file"], as_json=options["json"])

    def _register(self, golden_set: SetFacts, path: Path, *, as_json: bool) -> None:
        try:
            found, is_new = register_thresholds(
                golden_set=golden_set,
                data=read_bytes(path),
                registered_by_id=None,
                now=timezone.now(),
            )
        except ThresholdsFault as fault:
            raise base.InputFaults(f"{path}: {fault}") from fault
        said = "registered" if is_new else "were registered before"
        result = {"golden_set": golden_set.slug, **_described(found), "new": is_new}
        text = f"{golden_set.slug}: thresholds {found.sha256[:12]} {said}, {_at(found)}"
        self.finish(result, text, as_json=as_json)

    def _list(self, golden_set: SetFacts, *, as_json: bool) -> None:
        found = list_thresholds(golden_set.id)
        result = {
            "golden_set": golden_set.slug,
            "thresholds": [_described(one) for one in found],
        }
        lines = [f"{one.sha256}  {_at(one)}" for one in found]
        none = f"{golden_set.slug}: no thresholds are registered"
        self.finish(result, "\n".join(lines) or none, as_json=as_json)


def _at(found: ThresholdsFacts) -> str:
    return f"{found.registered_at:%Y-%m-%d %H:%M} UTC"


def _described(found: ThresholdsFacts) -> dict[str, Any]:
    return {
        "sha256": found.sha256,
        "registered_at": found.registered_at.isoformat(),
        "registered_by": found.registered_by,
    }
