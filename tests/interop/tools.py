"""The tools whose own loaders read an export, each in an environment of its own."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LOADERS = Path(__file__).parent / "loaders"
# What was loaded when this was written; the newest of each at that time.
PYTHON = {
    "argilla": ["argilla==2.8.0", "requests"],
    "datasets": ["datasets==5.2.0"],
    "deepeval": ["deepeval==4.3.1"],
    "inspect": ["inspect-ai==0.3.285"],
    "label_studio": ["label-studio-sdk==2.1.2"],
    "langfuse": ["langfuse==5.0.4"],
    "langsmith": ["langsmith==0.15.0"],
    "mlcroissant": ["mlcroissant==1.1.1"],
    "mlflow": ["mlflow-skinny==3.17.2", "pandas"],
    # Its newest release does not import with the newest of this dependency.
    "ragas": ["ragas==0.4.3", "langchain-community<0.4"],
}
PROMPTFOO = "promptfoo@0.121.20"
NPM = ["npm", "install", "--no-audit", "--no-fund", "--silent", PROMPTFOO]
MINUTES = 20 * 60

on_request = pytest.mark.skipif(
    not os.environ.get("TOUCHSTONE_INTEROP"), reason="bin/test --interop runs these"
)


def load(tool: str, path: Path) -> Any:
    """What the tool's own loader makes of `path`, as JSON."""
    done = run_tool(tool, f"load_{tool}", path)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def fails_to_load(tool: str, path: Path) -> str:
    """What the tool says of `path` when it does not take it."""
    done = run_tool(tool, f"load_{tool}", path)
    assert done.returncode != 0, done.stdout[-3000:]
    return done.stderr


def run_tool(tool: str, program: str, path: Path) -> subprocess.CompletedProcess[str]:
    return _run([str(_python(tool)), str(LOADERS / f"{program}.py"), str(path)])


def promptfoo(tests: Path, workspace: Path) -> list[Any]:
    """The results of tests that are answered with their own question."""
    if shutil.which("npm") is None:
        pytest.skip("there is no npm here")
    home = _ready("promptfoo", PROMPTFOO, _npm)
    out, config = workspace / f"{tests.stem}.out.json", workspace / "config.json"
    given = {
        "prompts": ["{{input}}"],
        "providers": ["echo"],
        "tests": f"file://{tests}",
    }
    config.write_text(json.dumps(given), encoding="utf-8")
    program = home / "node_modules" / ".bin" / "promptfoo"
    command = [program, "eval", "-c", config, "--no-cache", "--no-table", "-o", out]
    _run(
        [str(part) for part in command],
        PROMPTFOO_CONFIG_DIR=str(workspace / "home"),
        PROMPTFOO_DISABLE_TELEMETRY="1",
        PROMPTFOO_DISABLE_UPDATE="1",
        PROMPTFOO_DISABLE_REMOTE_GENERATION="1",
    )
    results: list[Any] = json.loads(out.read_text(encoding="utf-8"))["results"][
        "results"
    ]
    return results


def _python(tool: str) -> Path:
    wanted = PYTHON[tool]
    home = _ready(tool, " ".join(wanted), lambda folder: _venv(folder, wanted))
    return home / "bin" / "python"


def _venv(folder: Path, wanted: list[str]) -> subprocess.CompletedProcess[str]:
    _run([sys.executable, "-m", "venv", str(folder)])
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    return _run([*pip, "--disable-pip-version-check", *wanted])


def _npm(folder: Path) -> subprocess.CompletedProcess[str]:
    folder.mkdir(parents=True)
    return _run(NPM, cwd=folder)


def _ready(tool: str, wanted: str, install: Any) -> Path:
    """Its folder in the cache, made once; a tool that does not install is skipped."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    key = hashlib.sha256(f"{sys.version}{wanted}".encode()).hexdigest()[:12]
    folder = cache / "touchstone" / "interop" / f"{tool}-{key}"
    if not (folder / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        done = install(folder)
        if done.returncode:
            pytest.skip(f"{wanted} does not install here: {done.stderr[-500:]}")
        (folder / "made").touch()
    return folder


def _run(
    command: list[str], cwd: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=MINUTES,
        check=False,
    )
