"""Lines of a byte stream, never more of one in memory than may be stored."""

from typing import Protocol

BOM = b"\xef\xbb\xbf"


class ByteStream(Protocol):
    def readline(self, size: int, /) -> bytes: ...


class LineTooLong(ValueError):
    """A line over the limit; the stream stands after its end."""


class BoundedLines:
    """An iterator over lines that goes on after it has raised `LineTooLong`.

    `number` is that of the line last read, also of one that was too long.
    """

    def __init__(self, stream: ByteStream, limit: int) -> None:
        self.number = 0
        self._stream = stream
        self._limit = limit

    def __iter__(self) -> "BoundedLines":
        return self

    def __next__(self) -> bytes:
        # One more for a line that fills the limit exactly, two for its CR LF.
        line = self._stream.readline(self._limit + 3)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > self._limit and len(line.rstrip(b"\r\n")) > self._limit:
            self._skip_rest(line)
            raise LineTooLong
        return line.removeprefix(BOM) if self.number == 1 else line

    def _skip_rest(self, line: bytes) -> None:
        while line and not line.endswith(b"\n"):
            line = self._stream.readline(1 << 20)
