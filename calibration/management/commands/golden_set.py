"""What is said of the cases of a golden set, who is behind a pseudonym, erasing."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from calibration.formats.erasure import digest_of
from calibration.formats.grading import read_terms_lines
from calibration.formats.verification import NO_ERASURES
from calibration.queries.erasures import (
    ErasureScope,
    UnknownItem,
    get_erasure_scope,
    list_erased_cases,
)
from calibration.queries.releases import (
    UnknownRelease,
    find_golden_set,
    find_release,
    list_pseudonyms,
)
from calibration.services.erasures import erase_text
from calibration.services.golden_sets import (
    SetRefused,
    apply_terms,
    draft_from_corrections,
    find_member_id,
    forget_member,
    retire_case,
)
from reviews.formats.terminal import counted, visible
from reviews.management import base
from reviews.queries.access import UnknownProject, get_project_id
from reviews.services.erasures import ErasureRefused


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
        draft = verbs.add_parser(
            "draft", help="draft missing references from reviewers' corrections"
        )
        draft.add_argument("name", help="of the golden set")
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
        erase = verbs.add_parser(
            "erase", help="erase for ever what an item says, also in releases"
        )
        erase.add_argument("item", help="its id")
        erase.add_argument("--project", required=True)
        erase.add_argument("--reason", required=True, help="in words that stay")
        erase.add_argument(
            "--confirm", action="store_true", help="do it; without, say what would go"
        )
        erased = verbs.add_parser("erased", help="which cases of a release are erased")
        erased.add_argument("name", metavar="NAME[@VERSION]")
        for verb in (terms, draft, retire, raters, erased):
            verb.add_argument("--project", help="where two projects share a name")
        for verb in (terms, draft, retire, raters, forget, erase, erased):
            self.add_json(verb)

    def handle(self, **options: Any) -> None:
        verb = getattr(self, f"_{options['verb']}")
        try:
            verb(options)
        except (
            UnknownRelease,
            UnknownProject,
            UnknownItem,
            SetRefused,
            ErasureRefused,
        ) as error:
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

    def _draft(self, options: dict[str, Any]) -> None:
        found = find_golden_set(name=options["name"], project=options["project"])
        n_drafted = draft_from_corrections(golden_set_id=found.id, now=timezone.now())
        result = {"name": found.slug, "drafted": n_drafted}
        text = f"{found.slug}: {counted(n_drafted, 'reference')} drafted"
        self.finish(result, text, as_json=options["json"])

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

    def _erase(self, options: dict[str, Any]) -> None:
        project_id = get_project_id(options["project"])
        scope = get_erasure_scope(project_id=project_id, external_id=options["item"])
        n_lines = 0
        if options["confirm"]:
            n_lines = erase_text(
                item_id=scope.item_id,
                lead_id=None,
                reason=options["reason"],
                now=timezone.now(),
            )
        result = asdict(scope) | {"erased": options["confirm"], "lines": n_lines}
        result["reason"] = scope.reason or options["reason"]
        del result["erased_at"], result["item_id"]
        told = [
            _told(scope),
            "erased: labels and hashes stay"
            if options["confirm"]
            else "nothing is erased yet: --confirm erases all of it, for ever",
        ]
        self.finish(result, "\n".join(map(visible, told)), as_json=options["json"])

    def _erased(self, options: dict[str, Any]) -> None:
        release = find_release(name=options["name"], project=options["project"])
        found = list_erased_cases(release.id)
        digest = digest_of(found)
        result = {
            "name": release.golden_set,
            "version": release.version,
            "erasures": digest,
            "erased": [asdict(one) for one in found],
        }
        lines = [f"erasures {digest or NO_ERASURES}", *map(str, found)]
        self.finish(result, "\n".join(map(visible, lines)), as_json=options["json"])


def _told(scope: ErasureScope) -> str:
    """What there is of it; of what is not there, not a word."""
    words = [
        (scope.n_notes, "note"),
        (scope.n_corrections, "correction"),
        (scope.n_marks, "mark"),
        (scope.n_drafts, "draft"),
        (scope.n_references, "reference"),
    ]
    said = f"{counted(scope.n_judgments, 'judgment')} of it"
    found = ", ".join(counted(n, what) for n, what in words if n)
    held = ", ".join(scope.releases) or "no release"
    return f"{scope.external_id}: {said}{found and f', with {found}'}; in {held}"
