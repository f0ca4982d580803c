"""A release as files again: a folder, an archive, a table."""

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from calibration.formats.release import COMMITTED_BY, MANIFEST, SUMS, sums_text
from calibration.formats.verification import verify_release
from calibration.queries.releases import ReleaseFacts, stream_lines

# The same release gives the same archive, whenever it is fetched.
ARCHIVE_TIME = (1980, 1, 1, 0, 0, 0)


class FolderTaken(Exception):
    """There is something else where the release was to be written."""


def check_folder_free(path: Path) -> None:
    """Refuse early what could not be written to in the end."""
    if path.is_dir() and not any(path.iterdir()):
        return
    if path.exists() and not (path / MANIFEST).is_file():
        raise FolderTaken(f"{path} exists and holds something else than a release")


def write_folder(release: ReleaseFacts, path: Path) -> None:
    """Write the release next to `path`, then move it there in one step."""
    check_folder_free(path)
    if path.is_dir() and any(path.iterdir()):
        _check_same(release, path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    workspace = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        for name, chunks in release_files(release):
            with (workspace / name).open("wb") as stream:
                stream.writelines(chunks)
        workspace.chmod(0o755)
        os.replace(workspace, path)
    except BaseException:
        shutil.rmtree(workspace, ignore_errors=True)
        raise


def write_archive(release: ReleaseFacts, stream: IO[bytes]) -> None:
    folder = f"{release.golden_set}-{release.version}"
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, chunks in release_files(release):
            entry = zipfile.ZipInfo(f"{folder}/{name}", ARCHIVE_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as file:
                for chunk in chunks:
                    file.write(chunk)


def release_files(release: ReleaseFacts) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Every file of the folder with its bytes in chunks."""
    manifest = json.loads(release.manifest)
    hashes = {name: found["sha256"] for name, found in manifest["files"].items()}
    for name in COMMITTED_BY[manifest["format"]]:
        lines = stream_lines(release_id=release.id, file=name)
        yield name, (f"{line}\n".encode() for line in lines)
    yield MANIFEST, iter([release.manifest.encode()])
    yield SUMS, iter([sums_text(hashes | {MANIFEST: release.digest}).encode()])


def _check_same(release: ReleaseFacts, path: Path) -> None:
    found = verify_release(path, release.digest)
    if found.digest != release.digest:
        raise FolderTaken(
            f"{path} holds another release ({found.name} {found.version}); "
            f"{release.golden_set} {release.version} needs a folder of its own"
        )
    if not found.ok:
        raise FolderTaken(f"{path} holds this release, and {found.faults[0]}")
