"""Who vouches for a release: a detached signature of its manifest, by OpenSSH."""

import shutil
import subprocess
from pathlib import Path

from calibration.formats.release import MANIFEST, SIGNATURE

NAMESPACE = "touchstone-release"
SECONDS = 30


class NotVouchedFor(Exception):
    """Nobody of those who may has signed the manifest as it is; why, in words."""


def check_signature(folder: Path, signers: Path) -> str:
    """Who of `signers` (the format of ssh-keygen's allowed signers) has signed it."""
    program = shutil.which("ssh-keygen")
    if program is None:
        raise NotVouchedFor("ssh-keygen, which reads signatures, is not installed")
    if not signers.is_file():
        raise NotVouchedFor(f"there is no {signers}")
    signature = folder / SIGNATURE
    if not signature.is_file():
        raise NotVouchedFor(f"{SIGNATURE} is missing")
    manifest = (folder / MANIFEST).read_bytes()
    common = [program, "-Y"]
    given = ["-f", str(signers), "-s", str(signature)]
    found = _run([*common, "find-principals", *given], b"")
    names = found.stdout.decode("utf-8", "replace").split()
    if found.returncode or not names:
        raise NotVouchedFor(f"{SIGNATURE}: none of {signers} made this signature")
    who = names[0]
    verify = [*common, "verify", *given, "-I", who, "-n", NAMESPACE]
    if _run(verify, manifest).returncode:
        raise NotVouchedFor(f"{SIGNATURE}: {who} has signed another manifest")
    return who


def _run(command: list[str], given: bytes) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(  # noqa: S603
        command, input=given, capture_output=True, check=False, timeout=SECONDS
    )
