"""Is a release folder what was released? Told from its files alone."""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibration.formats.erasure import Erased, digest_of
from calibration.formats.lines import (
    DIFFERS,
    HASH_LENGTH,
    Fault,
    check_lines,
    find_erased,
)
from calibration.formats.release import (
    CASES,
    COMMITTED,
    COMMITTED_BY,
    INDEX,
    LINEAGE,
    MANIFEST,
    SIGNATURE,
    SUMS,
    canonical,
    sums_text,
)

BLOCK = 1 << 20
# The digest of no erasures.
NO_ERASURES = "none"
SUMS_LINE = re.compile(r"^([0-9a-f]{64})  ([\w.]+)$", re.MULTILINE)


@dataclass(frozen=True)
class Verification:
    """What was found; without faults the folder is byte for byte the release, but
    for what was erased."""

    digest: str | None
    name: str | None
    version: str | None
    n_cases: int | None
    faults: tuple[Fault, ...]
    # Cases whose content was erased since; all others are as they were released.
    erased: tuple[Erased, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.faults


def verify_release(
    folder: Path, digest: str | None = None, erasures: str | None = None
) -> Verification:
    """Recompute every hash in `folder`.

    Only `digest`, known from elsewhere, tells a release from one that was made
    anew to be consistent in itself. And only `erasures` (their digest, or "none")
    tells what was erased by who may from what somebody else took away.
    """
    path = folder / MANIFEST
    if not path.is_file():
        problem = "is missing" if folder.is_dir() else "is missing: no such folder"
        return Verification(None, None, None, None, (Fault(MANIFEST, problem),))
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    faults = list(_check_digest(found, digest))
    manifest, sums = _read_manifest(data), _read_sums(folder)
    if manifest is None:
        problem = "is not the canonical manifest of a release: it was edited"
        faults.append(Fault(MANIFEST, problem, line=1))
    elif _is_other(sums.get(MANIFEST, found), found):
        problem = f"its hash is not the one in {SUMS}: one of the two was edited"
        faults.append(Fault(MANIFEST, problem))
    else:
        sums = {name: one["sha256"] for name, one in manifest["files"].items()}
        faults += _check_sums(folder, sums | {MANIFEST: found})
    committed = COMMITTED_BY[manifest["format"]] if manifest else COMMITTED
    faults += _check_files(folder, sums, committed)
    erased = () if faults else tuple(_find_erased(folder, sums))
    faults += _check_erased(folder, erased, erasures, sums)
    said = manifest or dict.fromkeys(("name", "version", "n_cases"))
    return Verification(
        digest=found,
        name=said["name"],
        version=said["version"],
        n_cases=said["n_cases"],
        faults=tuple(faults),
        erased=erased,
    )


def _find_erased(folder: Path, hashes: dict[str, str]) -> Iterator[Erased]:
    if _sha256(folder / CASES) != hashes.get(CASES):
        yield from find_erased(folder / CASES, folder / INDEX[CASES])


def _check_erased(
    folder: Path,
    erased: Sequence[Erased],
    wanted: str | None,
    hashes: dict[str, str],
) -> Iterator[Fault]:
    found = digest_of(erased) or NO_ERASURES
    if wanted is not None and found != wanted.lower():
        yield Fault(CASES, f"its erasures are {found}, and {wanted} was expected")
    lineage = folder / LINEAGE
    if not lineage.is_file() or _sha256(lineage) == hashes.get(LINEAGE):
        return
    known = {(one.case, one.on, one.reason) for one in erased}
    for one in find_erased(lineage, folder / INDEX[LINEAGE]):
        if (one.case, one.on, one.reason) not in known:
            yield Fault(LINEAGE, "is erased, and the case is not", case=one.case)


def _check_digest(found: str, wanted: str | None) -> Iterator[Fault]:
    if wanted is not None and found != wanted.lower():
        yield Fault(MANIFEST, f"its digest is {found}, and {wanted} was expected")


def _read_manifest(data: bytes) -> dict[str, Any] | None:
    try:
        manifest = json.loads(data)
        if canonical(manifest) + b"\n" != data:
            return None
    except (ValueError, RecursionError):
        return None
    return manifest if _is_manifest(manifest) else None


def _is_manifest(manifest: Any) -> bool:
    if not isinstance(manifest, dict):
        return False
    committed = COMMITTED_BY.get(str(manifest.get("format")))
    files = manifest.get("files")
    return (
        committed is not None
        and isinstance(files, dict)
        and set(files) == set(committed)
        and all(
            isinstance(found, dict)
            and isinstance(found.get("sha256"), str)
            and len(found["sha256"]) == HASH_LENGTH
            and isinstance(found.get("bytes"), int)
            and isinstance(found.get("lines"), int)
            for found in files.values()
        )
        and isinstance(manifest.get("name"), str)
        and isinstance(manifest.get("version"), str)
        and manifest.get("n_cases") == files[CASES]["lines"]
    )


def _read_sums(folder: Path) -> dict[str, str]:
    """The hash of each file as the sums have it, where they can be read."""
    path = folder / SUMS
    text = path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
    return {name: digest for digest, name in SUMS_LINE.findall(text)}


def _is_other(one: str, digest: str) -> bool:
    """Whether it is the hash of something else, and not `digest` with a digit changed.

    Two hashes have about one digit in sixteen in common.
    """
    return 2 * sum(a == b for a, b in zip(one, digest, strict=True)) < len(digest)


def _check_sums(folder: Path, hashes: dict[str, str]) -> Iterator[Fault]:
    path = folder / SUMS
    if not path.is_file():
        yield Fault(SUMS, "is missing")
        return
    wanted = sums_text(hashes).encode().split(b"\n")
    lines = path.read_bytes().split(b"\n")
    for number, (found, expected) in enumerate(
        zip(lines, wanted, strict=False), start=1
    ):
        if found != expected:
            name = expected[HASH_LENGTH + 2 :].decode()
            what = f"the line of {name}" if name else "what follows the last line"
            yield Fault(SUMS, f"{what} differs from what was released", line=number)
    if len(lines) != len(wanted):
        problem = f"has {len(lines) - 1} lines, and {len(wanted) - 1} were released"
        yield Fault(SUMS, problem)


def _check_files(
    folder: Path, hashes: dict[str, str], committed: Sequence[str]
) -> Iterator[Fault]:
    known = {*committed, MANIFEST, SUMS, SIGNATURE}
    for name in sorted({path.name for path in folder.iterdir()} - known):
        yield Fault(name, "is no file of the release")
    # Without any hash to go by, a file is held against its index alone.
    intact = {
        name: hashes.get(name) in (None, _sha256(folder / name))
        for name in committed
        if (folder / name).is_file()
    }
    for name in committed:
        if name not in intact:
            yield Fault(name, "is missing")
    for name, index in INDEX.items():
        if intact.keys() >= {name, index}:
            yield from check_lines(
                folder, name, index, is_intact=intact[name], index_intact=intact[index]
            )
    alone = {*committed} - _in_pairs(intact)
    for name in sorted(alone & intact.keys()):
        if not intact[name]:
            yield Fault(name, DIFFERS)


def _in_pairs(present: Collection[str]) -> set[str]:
    """The files that have been compared line by line."""
    pairs = [pair for pair in INDEX.items() if set(pair) <= set(present)]
    return {name for pair in pairs for name in pair}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
