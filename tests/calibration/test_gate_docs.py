"""What docs/gate.md shows is what the gate does."""

import json
import re
import runpy
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from calibration.formats.thresholds import parse_thresholds
from config.env import CHECKOUT
from tests.calibration.gate_makers import (
    answers,
    make_case,
    make_release,
    write_candidate,
)

N = 120


def block(language: str) -> str:
    text = (CHECKOUT / "docs" / "gate.md").read_text(encoding="utf-8")
    [found] = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return str(found)


@pytest.mark.parametrize("wrong", [0, 7, 60, N])
def test_ten_lines_of_python_come_to_the_same_figures(
    wrong, tmp_path, monkeypatch, capsys
):
    make_release(
        tmp_path / "release",
        (
            make_case(
                number,
                weight="1.700000" if number % 3 else "0.250000",
                grading={"type": "rubric_label", "criteria": ["correct"]},
            )
            for number in range(N)
        ),
    )
    candidate = write_candidate(tmp_path / "candidate.jsonl", answers(N, wrong))
    thresholds = tmp_path / "T.toml"
    thresholds.write_text("[disagreement]\noverall = 0.999\n")
    figure = _figure(tmp_path / "release", candidate, thresholds, capsys)

    program = block("python")
    (tmp_path / "ten_lines.py").write_text(program.replace("open(", "_open("))
    monkeypatch.chdir(tmp_path)
    runpy.run_path("ten_lines.py", {"_open": _lines})

    assert len(program.splitlines()) == 10
    limits, value = re.findall(r"\[.*?\]|\S+$", capsys.readouterr().out.strip())
    assert json.loads(limits) == pytest.approx(
        [figure["low"], figure["high"]], abs=1e-6
    )
    assert float(value) == pytest.approx(figure["value"], abs=1e-6)


def _lines(path: str, encoding: str) -> list[str]:
    """As `open`, and closed, which a script need not do and a test has to."""
    return Path(path).read_text(encoding=encoding).splitlines()


def _figure(
    release: Path, candidate: Path, thresholds: Path, capsys: Any
) -> dict[str, Any]:
    # The verdict is another matter here.
    with suppress(SystemExit):
        call_command(
            "gate",
            release=release,
            candidate=candidate,
            thresholds=thresholds,
            json=True,
        )
    report = json.loads(capsys.readouterr().out)
    figure: dict[str, Any] = report["figures"][0]["traffic"]
    return figure


def test_thresholds_that_are_shown_can_be_read():
    found = parse_thresholds(block("toml").encode())

    assert found.disagreement is not None
    assert found.disagreement.strata == (("refund", 0.15),)
    assert found.acceptable == {"policy": ("ok",)}
