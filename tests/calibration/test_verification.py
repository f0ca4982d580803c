"""verify: every change to a release folder is found and named."""

import hashlib
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calibration.formats.release import (
    CASES,
    COMMITTED,
    CROISSANT,
    DATASHEET,
    FORMAT,
    INDEX,
    LINEAGE,
    MANIFEST,
    RUBRIC,
    SUMS,
    FileSum,
    LineFile,
    canonical,
    index_line,
    sums_text,
)
from calibration.formats.verification import verify_release

N_CASES = 30
FILES = [*COMMITTED, MANIFEST, SUMS]


def write_release(folder: Path) -> str:
    """A small release, written without a database; its digest."""
    folder.mkdir()
    files: dict[str, FileSum] = {}
    for name in (CASES, LINEAGE):
        with LineFile(folder / name) as data, LineFile(folder / INDEX[name]) as index:
            for number in range(N_CASES):
                case = f"s-{number:03}"
                said = {"id": case, "labels": {"ok": "yes"}, "weight": "1.000000"}
                line = canonical(said | {"file": name})
                data.write(line)
                index.write(index_line(line, case))
        files |= {name: data.sum, INDEX[name]: index.sum}
    with LineFile(folder / RUBRIC) as rubric:
        rubric.write(canonical({"rubric": "answer", "version": 1}))
    files[RUBRIC] = rubric.sum
    for name in (DATASHEET, CROISSANT):
        (folder / name).write_text(f"{name}\n")
        files[name] = FileSum.of(f"{name}\n".encode())
    manifest = {
        "format": FORMAT,
        "name": "gate",
        "version": "1.0.0",
        "n_cases": N_CASES,
        "files": {name: found.described() for name, found in files.items()},
    }
    (folder / MANIFEST).write_bytes(canonical(manifest) + b"\n")
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    hashes = {name: found.sha256 for name, found in files.items()}
    (folder / SUMS).write_text(sums_text(hashes | {MANIFEST: digest}))
    return digest


@pytest.fixture
def folder(tmp_path):
    write_release(tmp_path / "release")
    return tmp_path / "release"


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pristine") / "release"
    write_release(folder)
    return folder


def edit(path: Path, change) -> None:
    """Change the list of lines of a file."""
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))


def told(folder: Path, digest: str | None = None) -> list[str]:
    return [str(fault) for fault in verify_release(folder, digest).faults]


def test_an_untouched_folder_is_intact(folder):
    found = verify_release(folder)

    assert (found.ok, found.name, found.version) == (True, "gate", "1.0.0")
    assert found.digest == hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


def test_the_sums_are_those_that_sha256sum_would_check(folder):
    for line in (folder / SUMS).read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_a_changed_case_is_named_with_its_line(folder):
    edit(
        folder / CASES,
        lambda all_: [
            line.replace(b"yes", b"no!") if n == 16 else line
            for n, line in enumerate(all_)
        ],
    )

    assert told(folder) == [
        "cases.jsonl line 17, case s-016: the bytes differ from those released"
    ]


def test_a_line_that_is_no_json_any_more_is_named(folder):
    edit(folder / CASES, lambda all_: [*all_[:4], b"\xff" + all_[4][1:], *all_[5:]])

    assert told(folder) == [
        "cases.jsonl line 5, case s-004: the bytes differ from those released"
    ]


def test_a_missing_case_is_named_and_those_after_it_are_not(folder):
    edit(folder / CASES, lambda all_: all_[:7] + all_[8:])

    assert told(folder) == ["cases.jsonl, case s-007: is missing; it was line 8"]


def test_an_added_case_is_named(folder):
    edit(folder / CASES, lambda all_: [*all_[:3], b'{"id":"new"}\n', *all_[3:]])

    assert told(folder) == ["cases.jsonl line 4, case new: is not in the release"]


def test_a_repeated_case_is_named(folder):
    edit(folder / CASES, lambda all_: [*all_, all_[0]])

    assert told(folder) == [
        f"cases.jsonl line {N_CASES + 1}, case s-000: is not in the release"
    ]


def test_a_renamed_case_is_named(folder):
    edit(folder / CASES, lambda all_: [all_[0].replace(b"s-000", b"z-000"), *all_[1:]])

    assert told(folder) == [
        "cases.jsonl line 1, case s-000: the bytes differ from those released"
    ]


def test_a_moved_case_is_named_and_those_it_passed_are_not(folder):
    edit(folder / CASES, lambda all_: [all_[-1], *all_[:-1]])

    assert told(folder) == [
        f"cases.jsonl line 1, case s-029: is out of order; it was line {N_CASES}"
    ]


def test_another_weight_is_named_with_its_case(folder):
    edit(
        folder / CASES,
        lambda all_: [all_[0].replace(b"1.000000", b"2.000000"), *all_[1:]],
    )

    assert told(folder) == [
        "cases.jsonl line 1, case s-000: the bytes differ from those released"
    ]


def test_a_file_that_was_cut_off_names_the_cases_that_are_gone(folder):
    path = folder / CASES
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2 - 5])

    found = told(folder)

    assert found[0].startswith("cases.jsonl line 15, case s-014: the bytes differ")
    assert found[-1] == "cases.jsonl, case s-029: is missing; it was line 30"


def test_two_cases_that_changed_places_are_named(folder):
    edit(folder / CASES, lambda all_: [all_[1], all_[0], *all_[2:]])

    [fault] = told(folder)

    assert "is out of order" in fault


@pytest.mark.parametrize("name", [DATASHEET, CROISSANT])
def test_another_description_is_named(folder, name):
    (folder / name).write_text("other")

    assert told(folder) == [f"{name}: the bytes differ from those released"]


def test_a_release_whose_cases_are_not_those_of_its_own_index_is_named(folder):
    edit(folder / CASES, lambda all_: [all_[0].replace(b"yes", b"no"), *all_[1:]])
    forge(folder, CASES)

    assert told(folder) == [
        "cases.jsonl line 1, case s-000: the bytes differ from those released"
    ]


def forge(folder: Path, name: str) -> None:
    """Let the manifest and the sums commit to the file as it is now."""
    data = (folder / name).read_bytes()
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"][name] = FileSum.of(data).described()
    (folder / MANIFEST).write_bytes(canonical(manifest) + b"\n")
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    hashes = {key: found["sha256"] for key, found in manifest["files"].items()}
    (folder / SUMS).write_text(sums_text(hashes | {MANIFEST: digest}))


def test_a_release_of_the_first_format_verifies(folder):
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["format"] = "touchstone-release/1"
    for name in (DATASHEET, CROISSANT):
        del manifest["files"][name]
        (folder / name).unlink()
    (folder / MANIFEST).write_bytes(canonical(manifest) + b"\n")
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    hashes = {key: found["sha256"] for key, found in manifest["files"].items()}
    (folder / SUMS).write_text(sums_text(hashes | {MANIFEST: digest}))

    assert told(folder) == []


def test_other_line_ends_are_named(folder):
    edit(folder / CASES, lambda all_: [*all_[:-1], all_[-1].rstrip(b"\n")])

    assert told(folder) == ["cases.jsonl: the line ends differ from those released"]


def test_a_changed_lineage_is_named(folder):
    edit(
        folder / LINEAGE,
        lambda all_: [all_[0], all_[1].replace(b"yes", b"no"), *all_[2:]],
    )

    assert told(folder) == [
        "lineage.jsonl line 2, case s-001: the bytes differ from those released"
    ]


def test_another_rubric_text_is_named(folder):
    (folder / RUBRIC).write_bytes(canonical({"rubric": "answer", "version": 2}))

    assert told(folder) == ["rubric.json: the bytes differ from those released"]


def test_a_changed_hash_of_a_case_is_named(folder):
    edit(
        folder / "cases.sha256",
        lambda all_: [
            b"0" + line[1:] if n == 2 else line for n, line in enumerate(all_)
        ],
    )

    assert told(folder) == [
        "cases.sha256 line 3, case s-002: the bytes differ from those released"
    ]


def test_an_edited_manifest_is_named(folder):
    path = folder / MANIFEST
    path.write_bytes(path.read_bytes().replace(b'"gate"', b'"goal"'))

    assert told(folder) == [
        "manifest.json: its hash is not the one in SHA256SUMS: one of the two was edited"
    ]


def test_a_manifest_that_is_written_otherwise_is_named(folder):
    path = folder / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_bytes()), indent=1))

    [fault] = told(folder)

    assert fault.startswith("manifest.json line 1: is not the canonical manifest")


@pytest.mark.parametrize(
    "document", ["[]", "{}", '{"format":"other"}', "nothing", "[" * 9000]
)
def test_a_manifest_that_is_none_is_named(folder, document):
    (folder / MANIFEST).write_text(document)

    assert told(folder)[0].startswith("manifest.json line 1: is not the canonical")


@pytest.mark.parametrize("name", COMMITTED)
def test_a_line_of_the_sums_that_was_edited_is_named(folder, name):
    text = (folder / SUMS).read_text().splitlines()
    number = next(n for n, line in enumerate(text, 1) if line.endswith(f"  {name}"))
    edit(
        folder / SUMS,
        lambda all_: [
            line[::-1] if n == number else line for n, line in enumerate(all_, 1)
        ],
    )

    assert any(
        f"SHA256SUMS line {number}: the line of {name}" in one for one in told(folder)
    )


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()

    assert f"{name}: is missing" in told(folder)


def test_a_file_too_many_is_named(folder):
    (folder / "extra.txt").write_text("")

    assert told(folder) == ["extra.txt: is no file of the release"]


def test_a_folder_that_is_not_there_is_said(tmp_path):
    assert told(tmp_path / "none") == ["manifest.json: is missing: no such folder"]


def test_only_the_digest_tells_a_forged_release(tmp_path, folder):
    genuine = verify_release(folder).digest
    shutil.rmtree(folder)
    write_release(folder)
    path = folder / MANIFEST
    path.write_bytes(path.read_bytes().replace(b'"gate"', b'"goal"'))
    forged = hashlib.sha256(path.read_bytes()).hexdigest()
    sums = folder / SUMS
    sums.write_text(sums.read_text().replace(genuine, forged))

    assert told(folder) == []
    assert told(folder, genuine) == [
        f"manifest.json: its digest is {forged}, and {genuine} was expected"
    ]


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(FILES),
    place=st.floats(0, 1, exclude_max=True),
    flip=st.integers(1, 255),
)
def test_one_flipped_byte_anywhere_is_found_and_its_file_named(
    pristine, name, place, flip
):
    path = pristine / name
    original = path.read_bytes()
    data = bytearray(original)
    at = int(place * len(data))
    data[at] ^= flip

    try:
        path.write_bytes(data)
        faults = verify_release(pristine).faults
    finally:
        path.write_bytes(original)

    assert {fault.file for fault in faults} == {name}
    if name == CASES:
        case = f"s-{original[:at].count(10):03}"
        assert case in {fault.case for fault in faults}


def run(capsys, *arguments) -> dict[str, Any]:
    call_command("verify", "--json", *arguments)
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_the_command_needs_no_database_and_says_what_was_verified(folder, capsys):
    report = run(capsys, folder)

    assert report == {
        "ok": True,
        "digest": verify_release(folder).digest,
        "name": "gate",
        "version": "1.0.0",
        "n_cases": N_CASES,
        "erased": [],
        "erasures": None,
        "signer": None,
        "faults": [],
    }


def test_the_command_exits_with_one_and_lists_faults(folder, capsys):
    edit(folder / CASES, lambda all_: all_[1:])

    with pytest.raises(CommandError, match=r"case s-000: is missing") as failed:
        call_command("verify", "--json", folder)

    assert failed.value.returncode == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    assert report["faults"] == [
        {
            "file": "cases.jsonl",
            "line": None,
            "case": "s-000",
            "problem": "is missing; it was line 1",
        }
    ]


@pytest.fixture
def signed(folder, tmp_path):
    """The folder with a signature by ada, and who may sign."""
    key = tmp_path / "key"
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ada", "-f", str(key)]
    subprocess.run(make, check=True)
    sign = ["ssh-keygen", "-Y", "sign", "-q", "-f", str(key)]
    sign += ["-n", "touchstone-release", str(folder / MANIFEST)]
    subprocess.run(sign, check=True, capture_output=True)
    public = (tmp_path / "key.pub").read_text().split()
    (tmp_path / "signers").write_text(f"ada@shop {public[0]} {public[1]}\n")
    return tmp_path / "signers"


needs_openssh = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="OpenSSH is not installed"
)


@needs_openssh
def test_a_signature_beside_the_files_says_who_vouches_for_them(folder, signed, capsys):
    report = run(capsys, folder, f"--signers={signed}")

    assert (report["ok"], report["signer"]) == (True, "ada@shop")


@needs_openssh
def test_a_signature_of_another_manifest_vouches_for_nothing(folder, signed):
    path = folder / MANIFEST
    path.write_bytes(path.read_bytes().replace(b'"gate"', b'"goal"'))

    with pytest.raises(CommandError, match="ada@shop has signed another manifest"):
        call_command("verify", folder, f"--signers={signed}")


@needs_openssh
def test_a_signature_by_somebody_else_vouches_for_nothing(folder, signed):
    signed.write_text(f"eve@shop ssh-ed25519 {'A' * 68}\n")

    with pytest.raises(CommandError, match=r"none of .* made this signature"):
        call_command("verify", folder, f"--signers={signed}")


def test_a_release_without_a_signature_is_not_vouched_for(folder, tmp_path):
    (tmp_path / "signers").write_text("")

    with pytest.raises(
        CommandError, match=r"ssh-keygen|manifest\.json\.sig is missing"
    ):
        call_command("verify", folder, f"--signers={tmp_path / 'signers'}")


def pack(folder: Path, archive: Path, inside: str = "gate-1.0.0") -> Path:
    with zipfile.ZipFile(archive, "w") as packed:
        for name in FILES:
            packed.write(folder / name, f"{inside}/{name}")
    return archive


def test_the_archive_is_verified_as_it_was_downloaded(folder, tmp_path, capsys):
    archive = pack(folder, tmp_path / "gate-1.0.0.zip")

    report = run(capsys, archive)

    assert (report["ok"], report["digest"]) == (True, verify_release(folder).digest)


def test_an_archive_with_a_changed_file_is_not_what_was_released(folder, tmp_path):
    edit(folder / CASES, lambda all_: all_[1:])
    archive = pack(folder, tmp_path / "gate-1.0.0.zip")

    with pytest.raises(CommandError, match="case s-000: is missing") as failed:
        call_command("verify", archive)

    assert failed.value.returncode == 1


def test_a_folder_with_nothing_but_the_release_is_verified(folder, tmp_path, capsys):
    (tmp_path / "around").mkdir()
    folder.rename(tmp_path / "around" / "gate-1.0.0")

    assert run(capsys, tmp_path / "around")["ok"] is True


def test_a_release_beside_something_else_is_not_looked_for(folder, tmp_path):
    (tmp_path / "around").mkdir()
    folder.rename(tmp_path / "around" / "gate-1.0.0")
    (tmp_path / "around" / "notes.txt").write_text("mine")

    with pytest.raises(CommandError, match=r"manifest\.json: is missing"):
        call_command("verify", tmp_path / "around")


@pytest.mark.parametrize("name", ["nothing", "a text", "twice"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_where_nothing_can_be_verified_the_command_refuses(tmp_path, name):
    path = tmp_path / "gate.zip"
    if name == "a text":
        path.write_text("text")
    elif name == "twice":
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("manifest.json", "{}")
            packed.writestr("manifest.json", "[]")

    with pytest.raises(CommandError) as refused:
        call_command("verify", path)

    assert refused.value.returncode == 2
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
