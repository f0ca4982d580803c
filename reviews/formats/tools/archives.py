"""Inspect's `.eval`: a ZIP of samples, these days compressed with Zstandard.

The standard library reads that method from Python 3.14 on.
"""

import struct
import zipfile
from collections.abc import Iterator
from typing import IO, cast

import zstandard

ZSTANDARD = 93
SAMPLES = "samples/"
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")


class BrokenArchive(ValueError):
    """The file cannot be read as an archive of samples."""


def read_samples(stream: IO[bytes], limit: int) -> Iterator[bytes | None]:
    """The bytes of each sample, None where they are more than `limit`."""
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError) as error:
        raise BrokenArchive(f"not a whole ZIP archive: {error}") from None
    names = [one for one in archive.infolist() if _is_sample(one.filename)]
    if not names:
        raise BrokenArchive(
            "there are no samples in it: a log of a run that did not finish? "
            "`inspect log convert` may bring them out"
        )
    for entry in names:
        yield _read(archive, stream, entry, limit)


def _is_sample(name: str) -> bool:
    return name.startswith(SAMPLES) and name.endswith(".json")


def _read(
    archive: zipfile.ZipFile, stream: IO[bytes], entry: zipfile.ZipInfo, limit: int
) -> bytes | None:
    try:
        if entry.compress_type == ZSTANDARD:
            data = _read_zstandard(stream, entry, limit)
        else:
            with archive.open(entry) as part:
                data = part.read(limit + 1)
    except (zipfile.BadZipFile, zstandard.ZstdError, NotImplementedError) as error:
        raise BrokenArchive(f"{entry.filename} cannot be read: {error}") from None
    return data if len(data) <= limit else None


def _read_zstandard(stream: IO[bytes], entry: zipfile.ZipInfo, limit: int) -> bytes:
    stream.seek(entry.header_offset)
    header = stream.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size:
        raise zipfile.BadZipFile("it ends in the middle")
    *_, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    stream.seek(name_length + extra_length, 1)
    part = cast(IO[bytes], _Bounded(stream, entry.compress_size))
    with zstandard.ZstdDecompressor().stream_reader(
        part, read_across_frames=True, closefd=False
    ) as reader:
        return reader.read(limit + 1)


class _Bounded:
    """The next bytes of a stream, and no more."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream = stream
        self._left = size

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._stream.read(wanted)
        self._left -= len(data)
        return data
