"""The release folder: canonical bytes, hashes, pseudonyms and version numbers."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid5

import rfc8785

FORMAT = "touchstone-release/2"
CASES, LINEAGE, RUBRIC = "cases.jsonl", "lineage.jsonl", "rubric.json"
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
# Which file holds one hash for each line of which.
INDEX = {CASES: "cases.sha256", LINEAGE: "lineage.sha256"}
DATASHEET, CROISSANT = "datasheet.md", "croissant.json"
# Whoever vouches for the digest may put their signature of the manifest beside it.
SIGNATURE = "manifest.json.sig"
# What is written before the manifest, and what is made from it.
DATA = (CASES, INDEX[CASES], LINEAGE, INDEX[LINEAGE], RUBRIC)
COMMITTED = (*DATA, DATASHEET, CROISSANT)
# What the manifest commits to, in the order in which a release is written, for
# every format that was ever released.
COMMITTED_BY = {"touchstone-release/1": DATA, FORMAT: COMMITTED}

# The integers that every reader of JSON gets right (RFC 7493, section 2.2).
SAFE_INTEGER = 2**53 - 1

GUID_SPACE = UUID("2d7f1f0c-5f5c-4b5e-9d6a-0c1c6f0f8a53")


def canonical(value: Any) -> bytes:
    """The one way to write `value` (RFC 8785).

    An integer beyond 2**53, which that form does not have, is written as text.
    """
    return rfc8785.dumps(_portable(value))


def decimal(value: float | None) -> str | None:
    """Six places as text: the last bits of a float differ between machines."""
    return None if value is None else f"{round(value, 6) + 0.0:.6f}"


def _portable(value: Any) -> Any:
    match value:
        case dict():
            return {key: _portable(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_portable(inner) for inner in value]
        case int() if abs(value) > SAFE_INTEGER:
            return str(value)
        case _:
            return value


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def index_line(line: bytes, case_id: str) -> bytes:
    """`<sha256>  <case id>`; the id as JSON writes it, so that it is one line."""
    return f"{sha256(line)}  {canonical(case_id)[1:-1].decode()}".encode()


@dataclass(frozen=True)
class FileSum:
    sha256: str
    n_bytes: int
    n_lines: int

    @classmethod
    def of(cls, data: bytes) -> Self:
        return cls(sha256(data), len(data), data.count(b"\n"))

    def described(self) -> dict[str, Any]:
        return {"sha256": self.sha256, "bytes": self.n_bytes, "lines": self.n_lines}


def sums_text(hashes: Mapping[str, str]) -> str:
    """What `sha256sum -c` reads."""
    return "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes))


def pseudonyms(records: Mapping[str, str]) -> dict[str, str]:
    """`r01`, `r02`, ... for each handle of `records`, which hashes what they decided.

    The numbers are dealt by what was decided, never by who decided it, and anew
    whenever anybody decides more. Only people with the very same record are told
    apart by their handles, and nothing in a release tells which is which.
    """
    everything = "".join(sorted(records.values()))

    def place(handle: str) -> tuple[str, str]:
        own = sha256(f"{everything}{records[handle]}".encode())
        return own, sha256(f"{everything}{handle}".encode())

    width = max(2, len(str(len(records))))
    return {
        handle: f"r{number:0{width}}"
        for number, handle in enumerate(sorted(records, key=place), start=1)
    }


def derived_guid(*parts: str) -> str:
    """A GUID that the same parts give anywhere."""
    return str(uuid5(GUID_SPACE, canonical(list(parts)).decode()))


def without_names(text: str, names: Mapping[str, str]) -> str:
    """`text` with each name replaced; a name without letters could be any number."""
    telling = [name for name in names if len(name) > 1 and re.search(r"[^\W\d]", name)]
    if not telling:
        return text
    replacement = {name.casefold(): names[name] for name in telling}
    pattern = "|".join(re.escape(name) for name in sorted(telling, key=len)[::-1])
    return re.sub(
        rf"(?<!\w)(?:{pattern})(?!\w)",
        lambda match: replacement.get(match[0].casefold(), "[person]"),
        text,
        flags=re.IGNORECASE,
    )


FIRST_VERSION = "1.0.0"
VERSION = re.compile(r"^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$")


def version_parts(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def next_version(previous: str, bump: int) -> str:
    """The version after `previous`, with part `bump` grown: 0 is the major one."""
    parts = version_parts(previous)
    grown = (*parts[:bump], parts[bump] + 1, 0, 0)[:3]
    return ".".join(map(str, grown))


class LineFile:
    """A file of the release while it is written: hashed and counted on the way."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("wb")
        self._digest = hashlib.sha256()
        self._n_bytes = 0
        self._n_lines = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stream.close()

    def write(self, line: bytes) -> None:
        data = line + b"\n"
        self._stream.write(data)
        self._digest.update(data)
        self._n_bytes += len(data)
        self._n_lines += 1

    @property
    def sum(self) -> FileSum:
        return FileSum(self._digest.hexdigest(), self._n_bytes, self._n_lines)
