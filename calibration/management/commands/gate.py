"""May this candidate ship? Exit code 0 CLEAR, 3 HOLD, 4 BLOCKED."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from calibration.formats.gate_junit import as_junit
from calibration.formats.gate_report import as_markdown, as_text
from calibration.formats.thresholds import ThresholdsFault, parse_thresholds
from calibration.management.candidates import (
    GivenCandidate,
    faults_of,
    file_time,
    open_given_release,
    read_bytes,
    read_given_candidate,
    read_previous,
)
from calibration.queries.gate_runs import (
    NotRegistered,
    ThresholdsFacts,
    get_thresholds,
)
from calibration.queries.releases import (
    SetFacts,
    UnknownRelease,
    find_golden_set,
    get_release,
)
from calibration.services.gate_flags import Registration
from calibration.services.gate_runs import load_release, run_and_keep
from calibration.services.gating import Outcome, run_gate
from reviews.management import base

EXIT_CODES = {"CLEAR": 0, "HOLD": 3, "BLOCKED": 4}


class Command(base.Command):
    help = "Hold a candidate against a release: CLEAR (0), HOLD (3) or BLOCKED (4)."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("name", nargs="?", metavar="NAME[@VERSION]", help="of the golden set")
        add(
            "--release",
            type=Path,
            metavar="PATH",
            help="a release's folder or .zip instead: needs no database, keeps no run",
        )
        add("--digest", help="that the release at PATH is known to have")
        add(
            "--candidate",
            type=Path,
            required=True,
            metavar="FILE",
            help="what the candidate came to on each case, as .jsonl or .csv",
        )
        add(
            "--thresholds",
            type=Path,
            metavar="T.toml",
            help="if left out, the newest that are registered with the set",
        )
        add(
            "--previous",
            type=Path,
            metavar="FILE",
            help="an earlier candidate; if left out, that of the last kept run",
        )
        add("--project", help="where two projects share a name")
        add("--markdown", type=Path, metavar="PATH", help="for a pull request")
        add("--junit", type=Path, metavar="PATH", help="for a build server")

    def execute(self, *args: Any, **options: Any) -> str | None:
        self._exit_code = 0
        output = super().execute(*args, **options)
        if self._exit_code:
            sys.exit(self._exit_code)
        return output

    def handle(self, **options: Any) -> None:
        if (options["name"] is None) == (options["release"] is None):
            base.refuse("expected NAME[@VERSION] or --release PATH, one of the two")
        candidate = read_given_candidate(options["candidate"])
        try:
            if options["release"] is not None:
                outcome, kept = _run_on_files(candidate, options), None
            else:
                outcome, kept = _run_and_keep(candidate, options)
        except ThresholdsFault as fault:
            where = options["thresholds"] or "the thresholds"
            raise base.InputFaults(f"{where}: {fault}") from fault
        _write(outcome, options)
        self.finish(
            outcome.report | {"run": kept},
            as_text(outcome.report),
            as_json=options["json"],
        )
        self._exit_code = EXIT_CODES[outcome.verdict]


def _run_on_files(candidate: GivenCandidate, options: dict[str, Any]) -> Outcome:
    path = options["thresholds"]
    if path is None:
        base.refuse("--release needs --thresholds: there is no register to ask")
    thresholds = parse_thresholds(read_bytes(path))
    release = open_given_release(options["release"], options["digest"])
    previous = read_previous(options["previous"], release, thresholds)
    with faults_of(candidate.path):
        return run_gate(
            release=release,
            candidate=candidate.file,
            named=candidate.named,
            thresholds=thresholds,
            registration=Registration(is_registered=False, at=file_time(path)),
            previous=previous,
            now=timezone.now(),
        )


def _run_and_keep(
    candidate: GivenCandidate, options: dict[str, Any]
) -> tuple[Outcome, int]:
    slug, _, version = options["name"].partition("@")
    try:
        golden_set = find_golden_set(name=slug, project=options["project"])
        facts = get_release(golden_set_id=golden_set.id, version=version or None)
    except UnknownRelease as error:
        base.refuse(str(error))
    thresholds = _registered(golden_set, options["thresholds"])
    release = load_release(facts)
    previous = read_previous(
        options["previous"], release, parse_thresholds(thresholds.text.encode())
    )
    with faults_of(candidate.path):
        kept = run_and_keep(
            golden_set=golden_set,
            facts=facts,
            release=release,
            candidate=candidate.file,
            named=candidate.named,
            thresholds=thresholds,
            previous=previous,
            now=timezone.now(),
        )
    return kept.outcome, kept.run_id


def _registered(golden_set: SetFacts, path: Path | None) -> ThresholdsFacts:
    """What was not there before the run is no threshold of it."""
    sha256 = None
    if path is not None:
        sha256 = parse_thresholds(read_bytes(path)).sha256
    try:
        return get_thresholds(golden_set_id=golden_set.id, sha256=sha256)
    except NotRegistered as error:
        file = path or "T.toml"
        base.refuse(
            f"{error}: first bin/touchstone thresholds register {file} "
            f"--golden-set {golden_set.slug}"
        )


def _write(outcome: Outcome, options: dict[str, Any]) -> None:
    for path, text in (
        (options["markdown"], as_markdown),
        (options["junit"], as_junit),
    ):
        if path is None:
            continue
        try:
            path.write_text(text(outcome.report), encoding="utf-8")
        except OSError as error:
            base.refuse(f"cannot write {path}: {error.strerror}")
