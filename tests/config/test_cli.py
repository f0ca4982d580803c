"""bin/touchstone: finding the command, and the database only where it is needed."""

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


def test_an_unreachable_database_is_one_clear_line(tmp_path):
    done = run_module(
        *("config.cli", "--data", str(tmp_path), "labels", "--queue", "any"),
        DATABASE_URL="postgresql://me@127.0.0.1:1/work",
        BROKER_URL="redis://127.0.0.1:1/0",
    )

    assert done.returncode == 2
    assert done.stderr.startswith("Cannot reach the database: ")


def test_the_first_command_makes_the_tables(tmp_path):
    done = run_module("config.cli", "--data", str(tmp_path), "labels", "--queue", "any")

    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr
    assert "any" in done.stderr
