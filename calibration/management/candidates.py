"""What the gate's command reads: candidates, releases and when files were made."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from calibration.formats.candidates_file import (
    NAME_LIMIT,
    CandidateFault,
    CandidateFile,
    read_candidate,
)
from calibration.formats.found import NoRelease, open_release
from calibration.formats.gate_cases import GateRelease, ReleaseTampered, read_release
from calibration.formats.thresholds import Thresholds
from calibration.services.gate_change import Previous
from calibration.services.gate_flags import Named
from calibration.services.gate_scores import CandidateRefused, score_candidate
from reviews.formats.items import Fault
from reviews.management import base

MOST_SHOWN = 50


@dataclass(frozen=True)
class GivenCandidate:
    """A candidate file as it was found."""

    path: Path
    file: CandidateFile
    named: Named


def read_given_candidate(path: Path) -> GivenCandidate:
    data = read_bytes(path)
    try:
        file = read_candidate(BytesIO(data), is_csv=path.suffix.lower() == ".csv")
    except CandidateFault as fault:
        raise base.InputFaults(f"{path}: {fault}") from fault
    named = Named(
        name=file.name or path.stem[:NAME_LIMIT],
        sha256=hashlib.sha256(data).hexdigest(),
        created_at=file.created_at or file_time(path),
    )
    return GivenCandidate(path, file, named)


def read_bytes(path: Path) -> bytes:
    """As they are, so that the hash is that of `sha256sum`."""
    try:
        return path.read_bytes()
    except OSError as error:
        base.refuse(f"cannot read {path}: {error.strerror}")


def file_time(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def open_given_release(path: Path, digest: str | None) -> GateRelease:
    try:
        with open_release(path) as folder:
            return read_release(folder, digest)
    except NoRelease as error:
        base.refuse(str(error))
    except OSError as error:
        base.refuse(f"cannot read {path}: {error.strerror}")
    except ReleaseTampered as tampered:
        lines = [f"{path} is not what was released:"]
        lines += [f"  {fault}" for fault in tampered.faults[:MOST_SHOWN]]
        raise base.InputFaults("\n".join(lines)) from tampered


def read_previous(
    path: Path | None, release: GateRelease, thresholds: Thresholds
) -> Previous | None:
    """An earlier candidate under the same thresholds; what it lacks is not compared."""
    if path is None:
        return None
    given = read_given_candidate(path)
    with faults_of(path):
        scoring = score_candidate(release, given.file, replace(thresholds, missing=1))
    return Previous(
        name=given.named.name,
        form=scoring.form,
        cited=release.cited,
        digest=release.digest,
        scores=scoring.scores,
    )


@contextmanager
def faults_of(path: Path) -> Iterator[None]:
    """Bad lines of a candidate, as every command tells them."""
    try:
        yield
    except CandidateRefused as refused:
        if not refused.faults:
            raise base.InputFaults(f"{path}: {refused}") from refused
        shown = [
            base.fault_as_json(fault.line, fault.field, fault.message, id_=fault.id)
            for fault in refused.faults
        ]
        raise base.InputFaults(_listed(path, refused.faults), shown) from refused


def _listed(path: Path, faults: Sequence[Fault]) -> str:
    lines = [f"{path}: {fault}" for fault in faults[:MOST_SHOWN]]
    if len(faults) > MOST_SHOWN:
        lines.append(f"{path}: and {len(faults) - MOST_SHOWN} more faults")
    return "\n".join(lines)
