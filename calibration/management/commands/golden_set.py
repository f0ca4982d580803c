"""What is said of the cases of a golden set, and who is behind a pseudonym."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from calibration.formats.grading import read_terms_lines
from calibration.queries.releases import (
    UnknownRelease,
    find_golden_set,
    find_release,
    list_pseudonyms,
)
from calibration.services.golden_sets import (
    SetRefused,
    apply_terms,
    find_member_id,
    forget_member,
    retire_case,
)
from reviews.formats.terminal import counted, visible
from reviews.management import base
from reviews.queries.access import UnknownProject, get_project_id


class Command(base.Command):
    help = "References and rules of cases, retiring cases, who is behind a pseudonym."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        terms = verbs.add_parser("terms", help="take references and grading rules")
        terms.add_argument("name", help="of the golden set")
        terms.add_argument("file", type=Path, metavar="FILE.jsonl")
        terms.add_argument(
            "--owner",
            metavar="HANDLE",
            help="who stands behind the references; without, they are drafts",
        )
        retire = verbs.add_parser("retire", help="let no later release hold a case")
        retire.add_argument("name", help="of the golden set")
        retire.add_argument("case", help="its id")
        retire.add_argument(
            "--because", required=True, choices=["saturated", "disputed", "leaked"]
        )
        retire.add_argument("--note", required=True, help="why, in words that stay")
        raters = verbs.add_parser("raters", help="who is behind each pseudonym")
        raters.add_argument("name", metavar="NAME[@VERSION]")
        forget = verbs.add_parser(
            "forget", help="erase for ever who is behind the pseudonyms of a person"
        )
        forget.add_argument("handle")
        forget.add_argument("--project", required=True)
        for verb in (terms, retire, raters):
            verb.add_argument("--project", help="where two projects share a name")
        for verb in (terms, retire, raters, forget):
            self.add_json(verb)

    def handle(self, **options: Any) -> None:
        verb = getattr(self, f"_{options['verb']}")
        try:
            verb(options)
        except (UnknownRelease, UnknownProject, SetRefused) as error:
            base.refuse(str(error))

    def _terms(self, options: dict[str, Any]) -> None:
        found = find_golden_set(name=options["name"], project=options["project"])
        owner = options["owner"]
        try:
            with options["file"].open("rb") as stream:
                report = apply_terms(
                    golden_set_id=found.id,
                    lines=read_terms_lines(stream),
                    owner_id=owner
                    and find_member_id(project_id=found.project_id, handle=owner),
                    now=timezone.now(),
                )
        except OSError as error:
            base.refuse(f"cannot read {options['file']}: {error.strerror}")
        faults = [
            base.fault_as_json(one.line, one.field, one.expected, id_=one.case)
            for one in report.faults
        ]
        result = {
            "name": found.slug,
            "changed": report.n_changed,
            "unchanged": report.n_unchanged,
        }
        text = f"{found.slug}: {counted(report.n_changed, 'case')} changed"
        self.finish(result, text, as_json=options["json"])
        if faults:
            message = "\n".join(visible(str(fault)) for fault in report.faults)
            raise base.InputFaults(message, faults)

    def _retire(self, options: dict[str, Any]) -> None:
        found = find_golden_set(name=options["name"], project=options["project"])
        is_new = retire_case(
            golden_set_id=found.id,
            item=options["case"],
            because=options["because"].upper(),
            note=options["note"],
            retired_by_id=None,
            now=timezone.now(),
        )
        result = {"name": found.slug, "case": options["case"], "changed": is_new}
        said = "from the next release on" if is_new else "already"
        text = visible(f"{found.slug}: {options['case']} is retired {said}")
        self.finish(result, text, as_json=options["json"])

    def _raters(self, options: dict[str, Any]) -> None:
        release = find_release(name=options["name"], project=options["project"])
        raters = dict(list_pseudonyms(release.id))
        result = {
            "name": release.golden_set,
            "version": release.version,
            "raters": raters,
        }
        text = "\n".join(f"{name}  {handle}" for name, handle in raters.items())
        self.finish(result, text, as_json=options["json"])

    def _forget(self, options: dict[str, Any]) -> None:
        project_id = get_project_id(options["project"])
        n_erased = forget_member(project_id=project_id, handle=options["handle"])
        result = {"handle": options["handle"], "erased": n_erased}
        text = f"{options['handle']}: {counted(n_erased, 'pseudonym')} erased"
        self.finish(result, text, as_json=options["json"])
