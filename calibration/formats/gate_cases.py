"""What the gate reads of a release: its cases, its scales and its manifest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from sys import intern
from typing import Any

import msgspec

from calibration.formats.cases import TYPICAL, UNWEIGHTED
from calibration.formats.erasure import read_erased
from calibration.formats.lines import Fault
from calibration.formats.release import CASES, MANIFEST, RUBRIC
from calibration.formats.verification import verify_release

Json = dict[str, Any]
DRAFT = "draft"
# Most cases are labelled and graded like others: so many different ways are held
# once each and not once a case.
SHARED = 4096


class ReleaseTampered(Exception):
    """The files are not those of a release; `faults` says what differs."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True, slots=True)
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
    # Without those whose content was erased.
    cases: Mapping[str, GateCase]
    erased: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return str(self.manifest["name"])

    @property
    def version(self) -> str:
        return str(self.manifest["version"])

    @property
    def is_weighted(self) -> bool:
        """Whether its cases stand for traffic, be it with equal weights."""
        has_spec = self.manifest.get("spec") is not None
        return has_spec or any(case.weight != 1 for case in self.cases.values())

    @property
    def cited(self) -> str:
        return f"{self.name}@{self.version}"


def read_release(folder: Path, digest: str | None = None) -> GateRelease:
    """Verify the folder, then read it. Raises ReleaseTampered."""
    found = verify_release(folder, digest)
    if not found.ok or found.digest is None:
        raise ReleaseTampered(found.faults)
    file = MANIFEST
    try:
        manifest = (folder / MANIFEST).read_bytes()
        msgspec.json.decode(manifest, type=_Manifest)
        file = RUBRIC
        rubric = msgspec.json.decode((folder / RUBRIC).read_bytes(), type=_Rubric)
        file = CASES
        cases = {case.id: case for case in _cases(folder / CASES)}
    except (msgspec.DecodeError, ValueError) as error:
        # Consistent in itself, and made by something else.
        raise ReleaseTampered((Fault(file, f"cannot be read: {error}"),)) from None
    return GateRelease(
        digest=found.digest,
        manifest=msgspec.json.decode(manifest),
        scales={one.key: _scale(one) for one in rubric.criteria},
        cases=cases,
        erased=tuple(one.case for one in found.erased),
    )


class _Alpha(msgspec.Struct):
    value: str | None
    low: str | None
    high: str | None
    n_items: int
    reason: str | None


class _Entry(msgspec.Struct):
    criterion: str
    alpha: _Alpha


class _Agreement(msgspec.Struct):
    bar: str
    criteria: list[_Entry]


class _Override(msgspec.Struct):
    reason: str


class _Manifest(msgspec.Struct):
    """What is read of a manifest; it is kept as it is."""

    name: str
    version: str
    agreement: _Agreement
    labels: dict[str, dict[str, int]]
    override: _Override | None = None


class _Option(msgspec.Struct):
    value: str


class _Criterion(msgspec.Struct):
    key: str
    level: str
    alpha: str | None = None
    options: list[_Option] = []


class _Rubric(msgspec.Struct):
    criteria: list[_Criterion]


class _Grading(msgspec.Struct, tag_field="type"):
    """By which rule; each kind names what it cannot do without."""


class _RubricLabel(_Grading, tag="rubric_label"):
    criteria: list[str]


class _Judge(_Grading, tag="judge"):
    criteria: list[str]


class _Pairwise(_Grading, tag="pairwise"):
    criterion: str


class _Exact(_Grading, tag="exact"):
    ignore_case: bool = False


class _OneOf(_Grading, tag="one_of"):
    values: list[str]
    ignore_case: bool = False


class _Numeric(_Grading, tag="numeric"):
    value: Decimal
    tolerance: Decimal
    is_relative: bool = False


Grading = _RubricLabel | _Judge | _Pairwise | _Exact | _OneOf | _Numeric


class _Cell(msgspec.Struct, frozen=True):
    stratum: str = ""
    bucket: str = TYPICAL


class _Reference(msgspec.Struct):
    text: str | None = None
    status: str = ""


class _Line(msgspec.Struct):
    """The part of a case's line that is read; the content is passed over."""

    id: str
    labels: msgspec.Raw
    cell: _Cell = _Cell()
    weight: str = UNWEIGHTED
    grading: msgspec.Raw = msgspec.Raw(b"null")
    reference: _Reference | None = None


def _cases(path: Path) -> Iterator[GateCase]:
    decoder = msgspec.json.Decoder(_Line)
    with path.open("rb") as lines:
        for raw in lines:
            if read_erased(raw.removesuffix(b"\n")) is not None:
                continue
            line = decoder.decode(raw)
            reference = line.reference or _Reference()
            yield GateCase(
                id=line.id,
                stratum=intern(line.cell.stratum),
                bucket=intern(line.cell.bucket),
                weight=_weight(line.weight),
                labels=_labels(bytes(line.labels)),
                grading=_grading(bytes(line.grading)),
                reference=reference.text,
                is_draft=reference.status == DRAFT,
            )


@lru_cache(maxsize=SHARED)
def _labels(raw: bytes) -> Json:
    return msgspec.json.decode(raw, type=Json)


@lru_cache(maxsize=SHARED)
def _grading(raw: bytes) -> Json | None:
    grading: Json | None = msgspec.to_builtins(
        msgspec.json.decode(raw, type=Grading | None)
    )
    return grading


def _weight(text: str) -> float:
    weight = float(text)
    if not 0 < weight < float("inf"):
        raise ValueError(f"a weight of {text[:20]}")
    return weight


def _scale(criterion: _Criterion) -> CriterionScale:
    return CriterionScale(
        key=criterion.key,
        level=criterion.level,
        options=tuple(option.value for option in criterion.options) or None,
        alpha_level=criterion.alpha or "nominal",
    )
