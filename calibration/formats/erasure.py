"""What stands in a release where the content of a case was erased.

    {"erased":{"on":"2026-11-22","reason":"...","sha256":"..."},"id":"s-042"}

`sha256` is the hash of the line as it was released, which the index of the file has
as well. Nothing else is left of the line, so that whoever claims an erasure can take
words away, which is seen and counted, and put none in their place.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from calibration.formats.release import canonical, sha256

BEGINS = '{"erased":{'
_HASH = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Erased:
    """One case whose content is gone."""

    case: str
    on: str
    reason: str
    # Of the line as it was released.
    sha256: str

    def __str__(self) -> str:
        return f"case {self.case}: content erased on {self.on}: {self.reason}"

    @property
    def line(self) -> bytes:
        said = {"on": self.on, "reason": self.reason, "sha256": self.sha256}
        return canonical({"erased": said, "id": self.case})


def read_erased(line: bytes) -> Erased | None:
    """What the line says was erased; None for any other line, and for one that says
    anything besides."""
    if not line.startswith(BEGINS.encode()):
        return None
    try:
        parsed = json.loads(line)
        said = parsed["erased"]
        found = Erased(parsed["id"], said["on"], said["reason"], said["sha256"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    texts = (found.case, found.on, found.reason, found.sha256)
    if not all(isinstance(text, str) for text in texts):
        return None
    is_sound = _HASH.fullmatch(found.sha256) and _DAY.fullmatch(found.on)
    return found if is_sound and found.reason and found.line == line else None


def is_erased(line: str) -> bool:
    """Whether a line of an intact release is one; a case begins with its canary."""
    return line.startswith(BEGINS)


def list_erased(lines: Iterable[str]) -> Iterator[Erased]:
    for line in lines:
        found = read_erased(line.encode()) if is_erased(line) else None
        if found is not None:
            yield found


def digest_of(erased: Iterable[Erased]) -> str | None:
    """What to keep beside the digest of a release: it names each erasure."""
    found = sorted(erased, key=lambda one: one.case)
    return sha256(canonical([asdict(one) for one in found])) if found else None
