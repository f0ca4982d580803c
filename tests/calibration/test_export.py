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


@pytest.mark.parametrize(
    ("form", "name"),
    [("inspect", "gate.jsonl"), ("parquet", "gate.parquet"), ("promptfoo", "gate")],
)
def test_a_release_is_written_for_another_tool(released, tmp_path, capsys, form, name):
    report = run(capsys, "gate", form, tmp_path / "new" / name)

    assert (report["n_cases"], report["not_held"]) == (20, [])
    assert (tmp_path / "new" / name).exists()
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]


def test_what_the_tool_has_no_place_for_is_said(released, tmp_path, capsys):
    call_command("export", "gate", "--format=argilla", f"--out={tmp_path / 'gate'}")

    told = capsys.readouterr().err
    assert told == "20 cases: signals, provenance: metadata holds single values alone\n"


def test_a_file_is_written_anew_and_a_folder_never(released, tmp_path, capsys):
    for _ in range(2):
        run(capsys, "gate", "braintrust", tmp_path / "gate.jsonl")
    run(capsys, "gate", "ragas", tmp_path / "gate")

    with pytest.raises(CommandError, match="this format is a folder, and needs a new"):
        run(capsys, "gate", "ragas", tmp_path / "gate")
    with pytest.raises(CommandError, match="is a folder, and this format is one file"):
        run(capsys, "gate", "braintrust", tmp_path / "gate")


def test_a_name_that_the_tool_would_misread_is_refused(released, tmp_path):
    with pytest.raises(
        CommandError, match=r"inspect goes by the name, expected \.jsonl"
    ):
        call_command(
            "export", "gate", "--format=inspect", f"--out={tmp_path / 'x.json'}"
        )
