"""Leaving: the release folder again, and a table that is safe to open."""

import csv
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from calibration.formats.spreadsheet import cell
from calibration.formats.verification import verify_release
from tests.calibration.makers import make_agreeing_queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def released(tmp_path):
    queue = make_agreeing_queue()
    call_command("freeze", "gate", queue="answers", out=tmp_path / "release")
    return queue


def run(capsys, name: str, form: str, out) -> dict[str, Any]:
    call_command("export", name, "--json", f"--format={form}", f"--out={out}")
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


@pytest.mark.parametrize("name", ["gate", "gate@1.0.0", "shop/gate@1.0.0"])
def test_the_native_export_is_the_release_folder(released, tmp_path, capsys, name):
    report = run(capsys, name, "native", tmp_path / "copy")

    assert verify_release(tmp_path / "copy", report["digest"]).ok
    assert report["n_cases"] == 20


def test_the_table_has_a_row_for_each_case(released, tmp_path, capsys):
    run(capsys, "gate", "csv", tmp_path / "gate.csv")

    with (tmp_path / "gate.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 20
    assert {row["label.quality"] for row in rows} == {"good", "bad"}
    assert "prompt" in json.loads(rows[0]["content"])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_would_be_a_formula_is_quoted(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a=1", "a=1"), (-1, -1), (None, ""), (["a", "b"], "a|b"), (["=a"], "'=a")],
)
def test_other_cells_stay_what_they_are(value, expected):
    assert cell(value) == expected


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("other", "there is no golden set 'other'"),
        ("gate@2.0.0", "has no version 2.0.0"),
    ],
)
def test_a_release_that_is_not_there_is_refused(released, tmp_path, name, message):
    with pytest.raises(CommandError, match=message) as refused:
        call_command("export", name, f"--out={tmp_path / 'out'}")

    assert refused.value.returncode == 2
