"""Rubric files and their versions."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from labeling.formats.rubrics import RubricFaults, parse_rubric
from labeling.models import RubricVersion
from labeling.queries.rubrics import get_rubric_version
from labeling.services.rubrics import apply_rubric
from reviews.management.base import InputFaults, Refused
from tests.factories import NOW, make_project, make_queue

FULL = """
project = "support"
rubric = "support-answer"
title = "Support answer"
guidance = "Read twice."
[[criterion]]
key = "correct"
title = "Correctness"
level = "ordinal"
[[criterion.option]]
value = "wrong"
anchor = "States something false."
rationale = true
[[criterion.option]]
value = "right"
[[criterion]]
key = "better"
title = "Which is better"
level = "pairwise"
alpha = "ordinal"
[[criterion]]
key = "tone"
title = "Tone"
level = "interval"
minimum = 0
maximum = 1
step = 0.1
[[criterion]]
key = "flaws"
title = "Flaws"
level = "multi-label"
required = false
[[criterion.option]]
value = "rude"
[[criterion]]
key = "note"
title = "Note"
level = "text"
required = false
"""
SMALL = """
rubric = "r"
title = "R"
[[criterion]]
key = "k"
title = "K"
"""


def apply(text: str, project: Any) -> Any:
    return apply_rubric(
        project_id=project.pk, file=parse_rubric(text.encode()), now=NOW
    )


def test_facts_of_a_version_are_those_of_the_file(db):
    applied = apply(FULL, make_project())

    facts = get_rubric_version(applied.version_id)

    assert [c.key for c in facts.criteria] == [
        "correct", "better", "tone", "flaws", "note",
    ]  # fmt: skip
    assert facts.criteria[0].values == ("wrong", "right")
    assert facts.criteria[0].options[0].requires_rationale
    assert facts.criteria[1].values == ("A", "tie", "B")
    assert [c.alpha_level for c in facts.criteria] == [
        "ordinal", "ordinal", "interval", None, None,
    ]  # fmt: skip


def test_pairwise_agreement_is_nominal_unless_the_file_says_otherwise(db):
    applied = apply(SMALL + 'level = "pairwise"\ntie = false\n', make_project())

    criterion = get_rubric_version(applied.version_id).criteria[0]

    assert criterion.alpha_level == "nominal"
    assert criterion.values == ("A", "B")


def test_the_same_file_again_makes_no_version(db):
    project = make_project()
    first = apply(FULL, project)

    second = apply(FULL.replace("project =", "# said twice\nproject ="), project)

    assert (first.is_created, second.is_created) == (True, False)
    assert second.version_id == first.version_id


def test_a_changed_file_makes_the_next_version_and_names_lagging_queues(db):
    project = make_project()
    first = apply(FULL, project)
    make_queue(project, RubricVersion.objects.get(pk=first.version_id), slug="old")

    second = apply(FULL.replace("Read twice", "Read thrice"), project)

    assert (second.number, second.is_created) == (2, True)
    assert second.lagging == ("old",)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("nonsense", "not a TOML file"),
        ('rubric = "r"\ntitle = "R"', "criterion: expected at least one"),
        (SMALL, "criterion[1].level: expected one of nominal"),
        (SMALL + 'level = "likert"', "criterion[1].level: expected one of nominal"),
        (SMALL + 'level = "nominal"', "criterion[1].option: expected at least 2"),
        (SMALL + 'level = "text"\ncolour = 1', "criterion[1].colour: unknown key"),
        (
            SMALL + 'level = "text"\nalpha = "nominal"',
            "criterion[1].alpha: there is no",
        ),
        (SMALL + 'level = "text"\nrequired = "yes"', "criterion[1].required: expected"),
        (
            SMALL + 'level = "interval"\nminimum = 3\nmaximum = 1',
            "criterion[1].maximum: expected a number above",
        ),
        (
            SMALL + 'level = "interval"\nminimum = 0\nmaximum = 1\nstep = 0.3',
            "criterion[1].step: expected a positive number that divides",
        ),
        (
            SMALL + 'level = "interval"\nminimum = 0\nmaximum = nan',
            "criterion[1].maximum: expected a number",
        ),
        (
            SMALL + 'level = "multi-label"\n[[criterion.option]]\nvalue = "a|b"',
            "a label holds no '|'",
        ),
        (
            SMALL + 'level = "pairwise"\n[[criterion.option]]\nvalue = "left"',
            "criterion[1].option[1].value: expected A, tie, B",
        ),
        (SMALL.replace('"k"', '"two words"') + 'level = "text"', "criterion[1].key"),
        ('rubric = "r"\ntitle = 5\n[[criterion]]\n', "title: expected a text"),
        (
            SMALL + 'level = "text"\n[[criterion]]\nkey = "k"\ntitle = "K"\n'
            'level = "text"',
            "criterion: 'k' is there more than once",
        ),
    ],
)
def test_a_fault_names_its_key_and_what_was_expected(text, fault):
    with pytest.raises(RubricFaults) as raised:
        parse_rubric(text.encode())

    assert any(fault in one for one in raised.value.faults)


def test_rubric_apply_makes_the_project_that_is_not_there(db, tmp_path):
    path, out = tmp_path / "r.toml", StringIO()
    path.write_text(FULL)

    call_command("rubric", "apply", str(path), "--json", stdout=out, stderr=StringIO())

    assert json.loads(out.getvalue()) == {
        "project": "support",
        "rubric": "support-answer",
        "version": 1,
        "created": True,
        "queues_on_older_version": [],
    }


def test_rubric_apply_says_that_nothing_changed(db, tmp_path):
    path, out = tmp_path / "r.toml", StringIO()
    path.write_text(FULL)
    call_command("rubric", "apply", str(path), stdout=StringIO(), stderr=StringIO())

    call_command("rubric", "apply", str(path), stdout=out)

    assert "unchanged, version 1" in out.getvalue()


def test_rubric_apply_refuses_without_a_project(db, tmp_path):
    path = tmp_path / "r.toml"
    path.write_text(SMALL + 'level = "text"')

    with pytest.raises(Refused, match="project is missing"):
        call_command("rubric", "apply", str(path))


def test_rubric_apply_reports_every_fault_of_the_file(db, tmp_path):
    path = tmp_path / "r.toml"
    path.write_text(SMALL.replace('title = "R"', "title = 1"))

    with pytest.raises(InputFaults, match=r"title: expected(.|\n)*level: expected"):
        call_command("rubric", "apply", str(path))
