"""bin/up: what stops it from starting, and that nothing of it is left behind."""

import fcntl
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil

from benchmarks.review_server import count_listeners
from config import children
from config.embedded.processes import processes_in
from config.embedded.records import free_port, is_listening
from config.env import CHECKOUT
from tests.config.processes import (
    clean_environment,
    next_line,
    run_module,
    start_module,
)

WAIT = "import time; time.sleep(60)"


def all_of(data: Path) -> list[psutil.Process]:
    """Every process that up has started for the data folder."""
    marked = [
        process
        for process in psutil.process_iter(["environ"])
        if (process.info["environ"] or {}).get(children.MARK) == str(data)
    ]
    return [
        *marked,
        *processes_in(data / "postgres", "postgres"),
        *processes_in(data / "valkey", "valkey-server"),
    ]


def start_up(data: Path, port: int) -> subprocess.Popen[str]:
    return start_module(
        "config.up", "--no-sample", "--data", str(data), "--port", str(port)
    )


def wait_for_address(up: subprocess.Popen[str], port: int) -> None:
    line = next_line(up)
    while f"http://127.0.0.1:{port}/" not in line:
        assert up.poll() is None, line
        line = next_line(up)


def wait_for_listeners(port: int, count: int) -> None:
    deadline = time.monotonic() + 60
    while count_listeners(port) != count:
        assert time.monotonic() < deadline, count_listeners(port)
        time.sleep(0.1)


def test_a_wrong_setting_is_its_message_alone(tmp_path):
    done = run_module(
        *("config.up", "--no-sample", "--data", str(tmp_path)),
        TOUCHSTONE_HTTPS="perhaps",
    )

    assert done.returncode == 2
    assert "TOUCHSTONE_HTTPS is 'perhaps'" in done.stderr
    assert "ImproperlyConfigured" not in done.stderr


def test_up_serves_pages_recovers_from_a_kill_and_stops_everything(tmp_path):
    data, port = tmp_path / "data with space", free_port(0)
    with start_up(data, port) as killed:
        wait_for_address(killed, port)
        killed.kill()
    left_behind = {process.pid for process in all_of(data)}

    with start_up(data, port) as up:
        wait_for_address(up, port)
        wait_for_listeners(port, children.WEB_SERVERS)
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/")
        webs = [p for p in all_of(data) if p.pid in left_behind and is_web(p)]
        up.send_signal(signal.SIGINT)
        up.communicate(timeout=30)

    assert left_behind
    assert webs == []
    assert page.status == 200
    assert up.returncode == 0
    assert all_of(data) == []
    assert not is_listening("127.0.0.1", port)


def is_web(process: psutil.Process) -> bool:
    return "granian" in process.cmdline()


def test_a_port_that_is_taken_is_one_clear_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]

        done = run_module("config.up", "--data", str(tmp_path), "--port", str(port))

    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"Port {port} is taken on 127.0.0.1: choose another with --port."
    ]


def test_an_address_of_another_machine_is_one_clear_line(tmp_path):
    done = run_module("config.up", "--data", str(tmp_path), "--host", "192.0.2.1")

    assert done.returncode == 2
    assert done.stderr.startswith("Cannot listen on 192.0.2.1:8000: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_data_folder_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").touch()

    done = run_module("config.up", "--data", str(tmp_path / "file" / "data"))

    assert done.returncode == 2
    assert done.stderr.startswith("Cannot write to the data folder ")
    assert len(done.stderr.splitlines()) == 1


def test_a_second_up_on_the_same_data_is_one_clear_line(tmp_path):
    (tmp_path / "run").mkdir()
    with (tmp_path / "run" / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        done = run_module("config.up", "--data", str(tmp_path))

    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"bin/up is already running on {tmp_path}: stop it, or choose another --data."
    ]


def test_leftovers_are_ended_and_strangers_are_not(tmp_path):
    command = [sys.executable, "-c", WAIT]
    ours = clean_environment(**{children.MARK: str(tmp_path)})
    others = clean_environment(**{children.MARK: f"{tmp_path}/other"})
    with (
        subprocess.Popen(command, env=ours) as leftover,
        subprocess.Popen(command, env=others) as stranger,
    ):
        children.end_leftovers(tmp_path)

        alive = [psutil.pid_exists(p.pid) for p in (leftover, stranger)]
        stranger.kill()

    assert alive == [False, True]


def make_checkout(folder: Path) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "requirements").mkdir()
    shutil.copy(CHECKOUT / "bin" / "setup", folder / "bin")
    (folder / "requirements" / "runtime.txt").write_text("")
    return folder


def run_setup(checkout: Path, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "bin" / "setup"],
        env={"PATH": path, "HOME": "/"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_setup_refuses_an_old_python_in_one_line(tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        program = programs / name
        program.write_text("#!/bin/sh\n[ $1 = --version ] && echo Python 3.9.1\n")
        program.chmod(0o755)

    done = run_setup(checkout, f"{programs}:/usr/bin:/bin")

    assert done.returncode == 2
    assert done.stderr.startswith("Touchstone needs Python 3.11 or newer")
    assert done.stderr.endswith("python3 here is: Python 3.9.1\n")
    assert len(done.stderr.splitlines()) == 1


def test_setup_leaves_an_environment_behind_a_link_alone(tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    others = tmp_path / "others"
    (others / "bin").mkdir(parents=True)
    (checkout / ".venv").symlink_to(others)

    done = run_setup(checkout, f"{Path(sys.executable).parent}:/usr/bin:/bin")

    assert done.returncode == 2
    assert "is a link to an environment that was made for another folder" in done.stderr
    assert [path.name for path in others.iterdir()] == ["bin"]


def test_setup_starts_over_when_cut_short_and_then_has_nothing_to_do(tmp_path):
    checkout = make_checkout(tmp_path / "a check out")
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").touch(mode=0o755)
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"

    first = run_setup(checkout, path)
    second = run_setup(checkout, path)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert "Installing packages" in first.stderr
    assert second.stderr == ""
    assert (checkout / ".venv" / "bin" / "activate").exists()
