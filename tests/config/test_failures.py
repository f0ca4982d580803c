"""What went wrong: the message alone on stderr, and one JSON object with --json."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command, load_command_class

from reviews.management.base import Refused
from tests.factories import make_project, make_queue, make_rubric


def run(capsys: Any, *arguments: Any) -> tuple[int, str, str]:
    """As typed: the exit code, stdout and stderr."""
    name, *rest = map(str, arguments)
    apps = {
        "gold": "calibration",
        "labels": "calibration",
        "irr": "calibration",
        "rubric": "labeling",
        "queue": "labeling",
        "import-judgments": "labeling",
    }
    command = load_command_class(apps.get(name, "reviews"), name.replace("-", "_"))
    code = 0
    try:
        command.run_from_argv(["touchstone", name, *rest])
    except SystemExit as end:
        code = int(end.code or 0)
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_refusal_is_its_message_alone(db, capsys):
    code, out, err = run(capsys, "labels", "--queue", "none")

    assert (code, out) == (2, "")
    assert err.startswith("there is no queue")


def test_a_refusal_is_one_json_object_too(db, capsys):
    code, out, err = run(capsys, "labels", "--queue", "none", "--json")

    assert code == 2
    assert json.loads(out) == {"ok": False, "error": err.strip()}


def test_a_refusal_behind_a_verb_is_one_json_object_too(db, capsys):
    code, out, _ = run(capsys, "member", "password", "zoe", "--json")

    assert code == 2
    assert json.loads(out)["ok"] is False


def test_wrong_usage_is_one_json_object_too(capsys):
    code, out, err = run(capsys, "labels", "--json", "--depth", "3")

    assert code == 2
    assert json.loads(out)["error"] == "wrong usage: see touchstone labels --help"
    assert "--queue" in err


def test_wrong_usage_without_json_prints_nothing_on_stdout(capsys):
    code, out, _ = run(capsys, "labels")

    assert (code, out) == (2, "")


FAULTY = {
    "ingest": ('{"id": "a"}\n', ["--project", "shop"], 1),
    "import-judgments": (
        "item_id,rater_id,criterion,label\nnone,r1,quality,good\n",
        ["--queue", "answers"],
        2,
    ),
    "irr": ("item_id,rater_id,label\ni1,r1,a,b\ni1,r2,a\n", ["--level", "nominal"], 2),
    "rubric": ('rubric = "x"\ntitle = "X"\n', ["--project", "shop"], None),
    "gold": ('{"id": "none", "ratings": {"quality": "good"}}\n', [], 1),
}


@pytest.mark.parametrize("name", FAULTY)
def test_faults_of_every_command_have_one_shape(db, tmp_path, capsys, name):
    project = make_project("shop")
    make_queue(project, make_rubric(project))
    text, options, line = FAULTY[name]
    verb = ["apply"] if name in {"rubric", "gold"} else []
    options = ["--queue", "answers"] if name == "gold" else options
    file = write(tmp_path / "file", text)

    code, out, err = run(capsys, name, *verb, file, *options, "--json")

    result = json.loads(out)
    assert (code, result["ok"]) == (1, False)
    assert result["error"] in err
    assert result["faults"][0].keys() >= {"line", "field", "expected", "id"}
    assert result["faults"][0]["line"] == line


def test_a_file_that_is_no_toml_is_a_fault_of_the_whole(db, tmp_path, capsys):
    file = write(tmp_path / "rubric.toml", "a b")

    _, out, _ = run(capsys, "rubric", "apply", file, "--json")

    (fault,) = json.loads(out)["faults"]
    assert (fault["field"], fault["expected"][:15]) == ("", "not a TOML file")


def test_what_succeeds_prints_one_object_as_well(db, capsys):
    make_project("shop")

    code, out, _ = run(capsys, "member", "list", "--project", "shop", "--json")

    assert (code, json.loads(out)) == (0, {"project": "shop", "members": []})


def test_a_command_that_is_called_writes_where_it_is_told(db):
    out = StringIO()
    command = load_command_class("reviews", "member")

    with pytest.raises(Refused, match="no account") as refused:
        call_command(command, "password", "zoe", "--json", stdout=out)

    assert refused.value.returncode == 2
    assert json.loads(out.getvalue())["ok"] is False
