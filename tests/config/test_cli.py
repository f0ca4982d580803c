"""bin/touchstone: finding the command, and the database only where it is needed."""

import json

import pytest

from tests.calibration.gate_makers import (
    answers,
    make_case,
    make_release,
    write_candidate,
)
from tests.config.processes import run_module


def test_an_unknown_command_is_refused_in_one_line(tmp_path):
    done = run_module("config.cli", "--data", str(tmp_path / "data"), "polish")

    assert done.returncode == 2
    assert done.stderr == "There is no command polish: see touchstone --help.\n"
    assert not (tmp_path / "data").exists()


def test_help_lists_the_projects_commands_and_starts_nothing(tmp_path):
    done = run_module("config.cli", "--data", str(tmp_path / "data"), "--help")

    names = [line.split()[0] for line in done.stdout.splitlines() if line[:2] == "  "]
    assert done.returncode == 0
    assert "import-judgments" in names
    assert "migrate" not in names
    assert not (tmp_path / "data").exists()


def test_help_of_a_command_starts_nothing(tmp_path):
    done = run_module(
        "config.cli", "--data", str(tmp_path / "data"), "ingest", "--help"
    )

    assert done.returncode == 0
    assert done.stdout.startswith("usage: touchstone ingest")
    assert "--settings" not in done.stdout
    assert not (tmp_path / "data").exists()


def test_verify_needs_no_database(tmp_path):
    done = run_module(
        "config.cli", "--data", str(tmp_path / "data"), "verify", str(tmp_path)
    )

    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(("wrong", "code"), [(0, 0), (9, 3), (50, 4)])
def test_gate_on_files_needs_no_database_and_tells_by_its_exit_code(
    tmp_path, wrong, code
):
    make_release(tmp_path / "release", (make_case(number) for number in range(100)))
    candidate = write_candidate(tmp_path / "new.jsonl", answers(100, wrong))
    (tmp_path / "T.toml").write_text("[disagreement]\noverall = 0.1\n")

    done = run_module(
        *("config.cli", "--data", str(tmp_path / "data"), "gate", "--json"),
        *(f"--release={tmp_path / 'release'}", f"--candidate={candidate}"),
        f"--thresholds={tmp_path / 'T.toml'}",
    )

    assert done.returncode == code
    assert json.loads(done.stdout)["candidate"]["name"] == "new"
    assert not (tmp_path / "data").exists()


def test_an_unreachable_database_is_one_clear_line(tmp_path):
    done = run_module(
        *("config.cli", "--data", str(tmp_path), "labels", "--queue", "any"),
        DATABASE_URL="postgresql://me@127.0.0.1:1/work",
        BROKER_URL="redis://127.0.0.1:1/0",
    )

    assert done.returncode == 2
    assert done.stderr.startswith("Cannot reach the database: ")


def test_the_first_command_makes_the_tables(tmp_path):
    done = run_module(
        *("config.cli", "--data", str(tmp_path), "member", "list", "--project", "any")
    )

    assert done.returncode == 2
    assert done.stderr == "there is no project 'any'\n"


def test_a_command_that_only_reads_makes_no_database(tmp_path):
    data = tmp_path / "data"

    done = run_module("config.cli", "--data", str(data), "labels", "--queue", "any")

    expected = f"There is no Touchstone in {data}: start bin/up --data {data} first.\n"
    assert (done.returncode, done.stderr) == (2, expected)
    assert not data.exists()


def test_what_stops_every_command_is_one_json_object_too(tmp_path):
    data = tmp_path / "data"

    done = run_module(
        *("config.cli", "--data", str(data), "labels", "--queue", "any", "--json")
    )

    failure = json.loads(done.stdout)
    assert failure == {"ok": False, "error": done.stderr.strip()}


@pytest.mark.parametrize("program", ["config.cli", "config.up"])
@pytest.mark.parametrize("data", [["--data", ""], ["--data="]])
def test_an_empty_data_folder_is_refused_in_one_line(tmp_path, program, data):
    # The folder is TOUCHSTONE_DATA's only if the empty one were taken for none.
    command = ["labels", "--queue", "any"] if program == "config.cli" else []

    done = run_module(program, *data, *command, TOUCHSTONE_DATA=str(tmp_path / "data"))

    expected = "--data is empty: expected a folder.\n"
    assert (done.returncode, done.stderr) == (2, expected)
    assert not (tmp_path / "data").exists()


def test_no_command_is_wrong_usage():
    done = run_module("config.cli")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: touchstone [--data DIR] COMMAND")


def test_the_version_is_that_of_the_project():
    done = run_module("config.cli", "--version")

    assert (done.returncode, done.stdout) == (0, "touchstone 0.1.0\n")
