"""Where a release is: a folder, the folder inside it, or an archive of one."""

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from calibration.formats.release import MANIFEST


class NoRelease(Exception):
    """There is nothing there that could be verified; the message says why."""


@contextmanager
def open_release(path: Path) -> Iterator[Path]:
    """The folder with the files of a release; of an archive, for a while."""
    if path.is_dir():
        yield _inner(path)
        return
    if not path.exists():
        raise NoRelease(f"there is no {path}")
    with tempfile.TemporaryDirectory(prefix="touchstone-") as folder:
        _unpack(path, Path(folder))
        yield _inner(Path(folder))


def _inner(folder: Path) -> Path:
    """An archive holds one folder, and unpacking it into another keeps both."""
    found = list(folder.iterdir())
    if len(found) == 1 and (found[0] / MANIFEST).is_file():
        return found[0]
    return folder


def _unpack(path: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len({entry.filename for entry in entries}) < len(entries):
                raise NoRelease(f"{path}: a name stands twice in the archive")
            # No more is unpacked than each entry says of itself.
            size = sum(entry.file_size for entry in entries)
            if size > shutil.disk_usage(folder).free:
                raise NoRelease(f"{path}: no room to unpack its {size:,} bytes")
            archive.extractall(folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise NoRelease(f"{path} is neither a folder nor an archive: {error}") from None
