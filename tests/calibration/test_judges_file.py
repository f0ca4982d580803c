"""The judges file: what is read, what is refused, and how it is applied."""

import json

import pytest
from django.core.management import call_command

from calibration.formats.judges import (
    Failure,
    JudgesFault,
    describe_terms,
    parse_judges,
    read_terms,
)
from calibration.models import JudgeTerms
from reviews.management.base import InputFaults, Refused
from tests.factories import make_project, make_queue, make_rubric

FILE = """
queue = "answers"
[failure]
criterion = "quality"
values = ["bad"]
[bars]
gate = 0.8
[[judge]]
name = "facts"
criterion = "quality"
verdicts = {pass = ["fair", "good"], fail = ["bad"]}
fails = ["fail"]
"""


@pytest.fixture
def queue(db):
    project = make_project()
    return make_queue(project, make_rubric(project))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "judges.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_a_file_says_how_verdicts_are_read():
    terms = parse_judges(FILE)

    assert (terms.gate, terms.triage, terms.epsilon) == (0.8, 0.6, 0.2)
    assert terms.failure == Failure("quality", ("bad",))
    assert terms.judges[0].verdicts["pass"] == ("fair", "good")


def test_terms_are_read_back_as_they_were():
    terms = parse_judges(FILE)

    assert read_terms(describe_terms(terms)) == terms


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("queue = ", "not TOML"),
        ("judges = 1", "judges: unknown key"),
        ("[bars]\ngate = 2", "bars.gate: expected a number from 0 to 1"),
        ("[bars]\ngate = 0.5", "bars.triage: expected at most bars.gate"),
        ('[failure]\ncriterion = "x"', "failure.values: expected a list"),
        ('[[judge]]\nname = "x"', "judge 1: verdicts: expected a table"),
        (FILE.replace('["fail"]', '["no"]'), "'no' is none of the verdicts"),
        (FILE.replace('name = "facts"', ""), "judge 1: name: expected text"),
        (FILE + 'swapped = "facts"', "judge 1: swapped: expected another name"),
        (FILE + 'family = "x"', "judge 1: family: expected a list of words"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_its_key(text, said):
    with pytest.raises(JudgesFault, match=said):
        parse_judges(text)


def test_applying_the_same_file_again_changes_nothing(queue, file, capsys):
    call_command("judges", "apply", str(file), queue="answers", json=True)
    first = JudgeTerms.objects.get()

    call_command("judges", "apply", str(file), queue="answers", json=True)

    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["changed"] for one in said] == [True, False]
    assert JudgeTerms.objects.get().applied_at == first.applied_at


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('criterion = "quality"', 'criterion = "tone"', "no criterion 'tone'"),
        ('values = ["bad"]', 'values = ["awful"]', "has no option 'awful'"),
        ('["fair", "good"]', '["good"]', "'fair' stands behind 0 words"),
        ('["fair", "good"]', '["fair", "good", "bad"]', "'bad' stands behind 2 words"),
    ],
)
def test_a_file_that_does_not_fit_the_rubric_changes_nothing(
    queue, file, old, new, said
):
    file.write_text(FILE.replace(old, new), encoding="utf-8")

    with pytest.raises(InputFaults, match=said):
        call_command("judges", "apply", str(file), queue="answers")

    assert not JudgeTerms.objects.exists()


def test_an_unknown_queue_is_refused(queue, file):
    with pytest.raises(Refused, match="no queue 'nothing'"):
        call_command("judges", "apply", str(file), queue="nothing")
