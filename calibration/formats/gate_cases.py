"""What the gate reads of a release: its cases, its scales and its manifest."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from calibration.formats.cases import TYPICAL, UNWEIGHTED
from calibration.formats.lines import Fault
from calibration.formats.release import CASES, MANIFEST, RUBRIC
from calibration.formats.verification import verify_release

Json = dict[str, Any]
DRAFT = "draft"


class ReleaseTampered(Exception):
    """The files are not those of a release; `faults` says what differs."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True)
class GateCase:
    """What the gate has to know of a case; not its content."""

    id: str
    stratum: str
    bucket: str
    weight: float
    labels: Json
    # None for a case of a set that says nothing: its labels are the answer.
    grading: Json | None
    reference: str | None
    is_draft: bool

    @property
    def is_hard(self) -> bool:
        return self.bucket != TYPICAL


@dataclass(frozen=True)
class CriterionScale:
    """The values that a verdict on one criterion may have."""

    key: str
    level: str
    # None where values are numbers or free text.
    options: tuple[str, ...] | None
    alpha_level: str


@dataclass(frozen=True)
class GateRelease:
    digest: str
    manifest: Json
    scales: Mapping[str, CriterionScale]
    cases: Mapping[str, GateCase]

    @property
    def name(self) -> str:
        return str(self.manifest["name"])

    @property
    def version(self) -> str:
        return str(self.manifest["version"])

    @property
    def cited(self) -> str:
        return f"{self.name}@{self.version}"


def read_release(folder: Path, digest: str | None = None) -> GateRelease:
    """Verify the folder, then read it. Raises ReleaseTampered."""
    found = verify_release(folder, digest)
    if not found.ok or found.digest is None:
        raise ReleaseTampered(found.faults)
    rubric = json.loads((folder / RUBRIC).read_bytes())
    return GateRelease(
        digest=found.digest,
        manifest=json.loads((folder / MANIFEST).read_bytes()),
        scales={one["key"]: _scale(one) for one in rubric["criteria"]},
        cases={case.id: case for case in _cases(folder / CASES)},
    )


class _Line(msgspec.Struct):
    """The part of a case's line that is read; the content is passed over."""

    id: str
    labels: Json
    cell: Json | None = None
    weight: str = UNWEIGHTED
    grading: Json | None = None
    reference: Json | None = None


def _cases(path: Path) -> Iterator[GateCase]:
    decoder = msgspec.json.Decoder(_Line)
    with path.open("rb") as lines:
        for raw in lines:
            line = decoder.decode(raw)
            cell, reference = line.cell or {}, line.reference or {}
            yield GateCase(
                id=line.id,
                stratum=cell.get("stratum", ""),
                bucket=cell.get("bucket", TYPICAL),
                weight=float(line.weight),
                labels=line.labels,
                grading=line.grading,
                reference=reference.get("text"),
                is_draft=reference.get("status") == DRAFT,
            )


def _scale(criterion: Json) -> CriterionScale:
    options = tuple(option["value"] for option in criterion.get("options", ()))
    return CriterionScale(
        key=criterion["key"],
        level=criterion["level"],
        options=options or None,
        alpha_level=criterion.get("alpha") or "nominal",
    )
