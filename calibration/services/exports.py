"""A release written for another tool."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from calibration.formats.erasure import is_erased
from calibration.formats.exports.case import Case, Head, read_case
from calibration.formats.exports.catalogue import FORMATS
from calibration.formats.exports.files import Losses
from calibration.formats.release import CASES, RUBRIC
from calibration.queries.erasures import list_erased_cases
from calibration.queries.releases import ReleaseFacts, stream_lines
from calibration.services.folders import FolderTaken


class WrongName(Exception):
    """The tool would not take the file for what it is."""


@dataclass(frozen=True)
class Loss:
    """What the format has no place for, and in how many cases that was so."""

    what: str
    n_cases: int


def export_release(*, release: ReleaseFacts, form: str, out: Path) -> list[Loss]:
    """Write it beside `out` and move it there in one step."""
    wanted = FORMATS[form]
    _check_free(out, is_folder=wanted.is_folder)
    if not out.name.endswith(wanted.suffix):
        raise WrongName(f"{out}: {form} goes by the name, expected {wanted.suffix}")
    out.parent.mkdir(parents=True, exist_ok=True)
    losses = Losses()
    n_erased = len(list_erased_cases(release.id))
    workspace = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        wanted.write(_head(release), _cases(release), workspace / "out", losses)
        os.replace(workspace / "out", out)
    finally:
        shutil.rmtree(workspace, ignore_errors=True)
    gone = [Loss("content that was erased: the case is left out", n_erased)]
    return [*gone[:n_erased], *(Loss(what, losses[what]) for what in sorted(losses))]


def _check_free(out: Path, *, is_folder: bool) -> None:
    if is_folder and out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise FolderTaken(f"{out} exists: this format is a folder, and needs a new one")
    if not is_folder and out.is_dir():
        raise FolderTaken(f"{out} is a folder, and this format is one file")


def _head(release: ReleaseFacts) -> Head:
    rubric = "".join(stream_lines(release_id=release.id, file=RUBRIC))
    return Head(
        name=release.golden_set,
        version=release.version,
        digest=release.digest,
        manifest=msgspec.json.decode(release.manifest),
        rubric=msgspec.json.decode(rubric),
    )


def _cases(release: ReleaseFacts) -> Iterator[Case]:
    lines = stream_lines(release_id=release.id, file=CASES)
    return (read_case(line) for line in lines if not is_erased(line))
