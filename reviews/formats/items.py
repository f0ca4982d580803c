"""What reading a file gives: items that may be stored, and faults that say why not."""

from collections.abc import Sequence

import msgspec

from reviews.formats.terminal import visible

MAX_ID_LENGTH = 300
MAX_DEPTH = 100
# Beyond it a number is not the same in every JSON reader.
MAX_NUMBER = 2**53 - 1
# PostgreSQL keeps less than 256 MiB in one JSON text; a person reads far less.
MAX_LINE_BYTES = 10_000_000
MAX_ALSO = 3
MAX_REPORT_LENGTH = 500


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with one line; `field` is "" when it is the line itself."""

    line: int
    field: str
    message: str
    id: str | None = None
    # What is counted: a file need not have a line for each item.
    unit: str = "line"

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        text = visible((where + self.message)[:MAX_REPORT_LENGTH])
        return f"{self.unit} {self.line}: {text}"


class ParsedItem(msgspec.Struct, frozen=True, gc=False):
    """One valid line in its stored form; the three parts are canonical JSON."""

    line: int
    external_id: str
    kind: str
    content: bytes
    signals: bytes
    provenance: bytes
    fingerprint: bytes
    unit: str = "line"


class InvalidItem(ValueError):
    """A line that is not an item: (field, message) for each thing wrong."""

    def __init__(
        self, faults: Sequence[tuple[str, str]], external_id: str | None = None
    ) -> None:
        super().__init__(faults)
        self.faults = faults
        self.external_id = external_id

    def at(self, line: int, unit: str = "line") -> Fault:
        """One report for the line: its first fault, then some of the others."""
        (field, message), *others = self.faults
        for also, why in others[:MAX_ALSO]:
            message += f"; {also}: {why}"
        if len(others) > MAX_ALSO:
            message += f"; and {len(others) - MAX_ALSO} more"
        shown = self.external_id and self.external_id[:MAX_ID_LENGTH]
        return Fault(line, field, message, shown, unit)
