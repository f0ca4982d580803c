"""Is a release what was released? Needs no database."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from calibration.formats.erasure import digest_of
from calibration.formats.found import NoRelease, open_release
from calibration.formats.lines import Fault
from calibration.formats.signature import NotVouchedFor, check_signature
from calibration.formats.verification import Verification, verify_release
from reviews.formats.terminal import visible
from reviews.management import base

MOST_SHOWN = 50


class Command(base.Command):
    help = "Recompute the hashes of a release and name what was changed."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder",
            type=Path,
            metavar="PATH",
            help="the folder of the release, or the .zip as it was downloaded",
        )
        parser.add_argument(
            "--digest", help="the digest that the release is known to have"
        )
        parser.add_argument(
            "--erasures",
            metavar="DIGEST",
            help="that of the cases known to be erased, or none",
        )
        parser.add_argument(
            "--signers",
            type=Path,
            metavar="FILE",
            help="who may vouch for it, as ssh-keygen reads allowed signers",
        )

    def handle(self, **options: Any) -> None:
        try:
            with open_release(options["folder"]) as folder:
                found = verify_release(folder, options["digest"], options["erasures"])
                signers = options["signers"]
                signer = check_signature(folder, signers) if signers else None
        except NoRelease as error:
            base.refuse(str(error))
        except NotVouchedFor as error:
            raise base.InputFaults(f"{options['folder']}: {error}") from None
        except OSError as error:
            base.refuse(f"cannot read {options['folder']}: {error.strerror}")
        result = {
            "ok": found.ok,
            "digest": found.digest,
            "name": found.name,
            "version": found.version,
            "n_cases": found.n_cases,
            "erased": [asdict(one) for one in found.erased],
            "erasures": digest_of(found.erased),
            "signer": signer,
            "faults": [_described(fault) for fault in found.faults],
        }
        text = f"{found.name} {found.version}: intact, {found.n_cases} cases"
        text += f", {len(found.erased)} erased" if found.erased else ""
        text += f"\ndigest {found.digest}"
        text += _erasures(found)
        text += f"\nsigned by {visible(signer)}" if signer else ""
        self.finish(result, text if found.ok else "", as_json=options["json"])
        if not found.ok:
            raise base.InputFaults(_summary(options["folder"], found))


def _erasures(found: Verification) -> str:
    lines = [f"\n  {visible(str(one))}" for one in found.erased[:MOST_SHOWN]]
    if len(found.erased) > MOST_SHOWN:
        lines.append(f"\n  and {len(found.erased) - MOST_SHOWN} more")
    told = f"\nerasures {digest_of(found.erased)}" if found.erased else ""
    return told + "".join(lines)


def _described(fault: Fault) -> dict[str, Any]:
    return {
        "file": fault.file,
        "line": fault.line,
        "case": fault.case,
        "problem": fault.problem,
    }


def _summary(folder: Path, found: Verification) -> str:
    lines = [f"{folder} is not what was released:"]
    lines += [f"  {fault}" for fault in found.faults[:MOST_SHOWN]]
    if len(found.faults) > MOST_SHOWN:
        lines.append(f"  and {len(found.faults) - MOST_SHOWN} more")
    return "\n".join(lines)
