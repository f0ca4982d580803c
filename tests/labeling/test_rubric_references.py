"""Conditions, rationales and worked examples of rubric files."""

from typing import Any

import pytest

from labeling.formats.rubrics import RubricFaults, parse_rubric
from labeling.queries.rubrics import Condition, get_rubric_version
from labeling.services.rubrics import apply_rubric
from tests.factories import NOW, make_project

HEAD = 'rubric = "r"\ntitle = "R"\n'
VERDICT = """[[criterion]]
key = "verdict"
title = "Verdict"
level = "nominal"
option = [{ value = "pass" }, { value = "fail" }]
"""
FLAW = """[[criterion]]
key = "flaw"
title = "Flaw"
level = "multi-label"
option = [{ value = "date" }, { value = "price", title = "Wrong price" }]
"""
PAIR = '[[criterion]]\nkey = "pair"\ntitle = "P"\nlevel = "pairwise"\n'
TONE = """[[criterion]]
key = "tone"
title = "Tone"
level = "interval"
minimum = 0
maximum = 1
step = 0.1
"""
ON_FAIL = 'only_if = { criterion = "verdict", values = ["fail"] }\n'
EXAMPLE = '[[example]]\ntitle = "E"\ntext = "T"\n'


def apply(text: str) -> Any:
    applied = apply_rubric(
        project_id=make_project().pk, file=parse_rubric(text.encode()), now=NOW
    )
    return get_rubric_version(applied.version_id)


def faults_of(text: str) -> list[str]:
    with pytest.raises(RubricFaults) as raised:
        parse_rubric(text.encode())
    return raised.value.faults


def test_a_criterion_can_wait_for_an_answer_to_an_earlier_one(db):
    facts = apply(HEAD + VERDICT + FLAW + ON_FAIL)

    assert facts.criteria[0].only_if is None
    assert facts.criteria[1].only_if == Condition("verdict", ("fail",))


@pytest.mark.parametrize(
    ("answer", "is_met"),
    [("fail", True), ("pass", False), (["pass", "fail"], True), ([], False)],
)
def test_a_condition_is_met_by_any_of_its_values(answer, is_met):
    condition = Condition("verdict", ("fail",))

    assert condition.is_met(answer) is is_met


def test_a_criterion_says_whether_it_wants_a_rationale_and_is_rated_per_step(db):
    facts = apply(HEAD + VERDICT + 'rationale = "required"\nper_step = true\n' + FLAW)

    assert [(one.rationale, one.is_per_step) for one in facts.criteria] == [
        ("required", True),
        ("optional", False),
    ]


def test_examples_show_their_ratings_in_the_words_of_the_scale(db):
    facts = apply(
        HEAD + VERDICT + FLAW + TONE + EXAMPLE + 'why = "W"\n'
        'ratings = { tone = 0.5, flaw = ["price"], verdict = "fail" }\n'
    )

    (example,) = facts.examples
    assert (example.title, example.text, example.why) == ("E", "T", "W")
    assert example.ratings == (
        ("Verdict", "fail"), ("Flaw", "Wrong price"), ("Tone", "0.5"),
    )  # fmt: skip


def test_a_file_that_says_none_of_it_has_the_document_it_always_had():
    said = HEAD + VERDICT + 'rationale = "optional"\nper_step = false\n'

    document = parse_rubric(said.encode()).document

    assert document == parse_rubric((HEAD + VERDICT).encode()).document
    assert not {"rationale", "per_step", "only_if"} & document["criteria"][0].keys()
    assert "examples" not in document


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (FLAW + ON_FAIL + VERDICT, "criterion[1].only_if.criterion: expected the key"),
        (VERDICT + ON_FAIL, "criterion[1].only_if.criterion: expected the key of an"),
        (VERDICT + FLAW + "only_if = 1", "criterion[2].only_if: expected a table"),
        (
            VERDICT + FLAW + ON_FAIL.replace("fail", "maybe"),
            "criterion[2].only_if.values: expected values of 'verdict', once: pass",
        ),
        (
            VERDICT + FLAW + ON_FAIL.replace('["fail"]', "[[1]]"),
            "criterion[2].only_if.values: expected values of 'verdict'",
        ),
        (
            VERDICT + FLAW + ON_FAIL.replace('"fail"', ""),
            "criterion[2].only_if.values: expected a list",
        ),
        (
            VERDICT + FLAW + ON_FAIL.replace("values", "when"),
            "criterion[2].only_if.when: unknown key",
        ),
        (
            PAIR + FLAW + 'only_if = { criterion = "pair", values = ["A"] }',
            "criterion[2].only_if.values: expected values of 'pair', once: tie",
        ),
        (
            TONE + FLAW + 'only_if = { criterion = "tone", values = [1] }',
            "criterion[2].only_if.criterion: expected the key of an earlier criterion"
            " with options",
        ),
        (
            VERDICT + "per_step = true\n" + FLAW + ON_FAIL,
            "criterion[2].only_if.criterion: expected one that is not rated for each",
        ),
        (PAIR + "per_step = true", "criterion[1].per_step: the steps of a trace"),
        (VERDICT + 'rationale = "maybe"', "criterion[1].rationale: expected one of"),
        (
            VERDICT.replace('"fail"', '"fail", rationale = true')
            + 'rationale = "never"',
            "criterion[1].rationale: an option asks for one",
        ),
        (
            PAIR.replace("pairwise", "text") + 'rationale = "required"',
            "criterion[1].rationale: a text is its own reason",
        ),
        (VERDICT + "[[example]]\ntitle = 'E'", "example[1].text: expected a text"),
        (
            VERDICT + EXAMPLE + 'ratings = { verdict = "maybe" }',
            "example[1].ratings.verdict: expected a value of its scale",
        ),
        (
            TONE + EXAMPLE + "ratings = { tone = inf }",
            "example[1].ratings.tone: expected a value of its scale",
        ),
        (
            VERDICT + EXAMPLE + "ratings = { other = 1 }",
            "example[1].ratings.other: unknown key",
        ),
    ],
)
def test_a_fault_in_what_refers_to_criteria_names_its_key(text, fault):
    faults = faults_of(HEAD + text)

    assert any(fault in one for one in faults), faults
