"""Each case is graded by its own rule."""

from typing import Any

import pytest

from calibration.formats.candidates_file import CandidateLine
from calibration.formats.gate_cases import CriterionScale, GateCase
from calibration.formats.gate_grading import WrongAnswer, compare
from calibration.formats.thresholds import parse_thresholds

SCALES = {
    scale.key: scale
    for scale in (
        CriterionScale("ok", "nominal", ("no", "yes"), "nominal"),
        CriterionScale("better", "pairwise", ("A", "tie", "B"), "nominal"),
        CriterionScale("tags", "multi-label", ("x", "y", "z"), "nominal"),
        CriterionScale("score", "interval", None, "interval"),
    )
}
THRESHOLDS = parse_thresholds(b"[disagreement]\noverall = 0.1\n")
LABELS = {"ok": "yes", "better": "tie", "tags": ["x", "y"], "score": 3}


def case_of(grading: Any, reference: str | None = None) -> GateCase:
    return GateCase("c", "", "typical", 1.0, LABELS, grading, reference, False)


def agrees(
    grading: Any, reference: str | None = None, **said: Any
) -> list[bool] | None:
    found = compare(
        case_of(grading, reference),
        CandidateLine(1, "c", **said),
        SCALES,
        THRESHOLDS,
    )
    return None if found is None else [one.agrees for one in found]


@pytest.mark.parametrize(
    ("output", "expected"),
    [("Paris", True), ("paris", False), (" Paris", False), ("", False)],
)
def test_exact_is_equal_to_the_reference(output, expected):
    assert agrees({"type": "exact"}, "Paris", output=output) == [expected]


def test_exact_may_ignore_case():
    grading = {"type": "exact", "ignore_case": True}

    assert agrees(grading, "Straße", output="STRASSE") == [True]


@pytest.mark.parametrize(("output", "expected"), [("b", True), ("c", False)])
def test_one_of_is_any_of_its_values(output, expected):
    assert agrees({"type": "one_of", "values": ["a", "b"]}, output=output) == [expected]


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("12.6", True),
        ("12.61", False),
        (" 12.40 ", True),
        ("1.25e1", True),
        ("twelve", False),
        ("NaN", False),
        ("Infinity", False),
    ],
)
def test_numeric_is_within_its_tolerance(output, expected):
    grading = {"type": "numeric", "value": "12.5", "tolerance": "0.1"}

    assert agrees(grading, output=output) == [expected]


def test_a_tolerance_may_be_relative():
    grading = {
        "type": "numeric",
        "value": "-200",
        "tolerance": "0.1",
        "is_relative": True,
    }

    assert agrees(grading, output="-220") == [True]
    assert agrees(grading, output="-221") == [False]


def test_a_label_is_that_of_trusted_people():
    grading = {"type": "rubric_label", "criteria": ["ok", "tags", "score"]}
    verdicts = {"ok": "yes", "tags": ["y", "x"], "score": 3.0}

    assert agrees(grading, verdicts=verdicts) == [True, True, True]


def test_one_label_may_be_the_output_itself():
    grading = {"type": "rubric_label", "criteria": ["ok"]}

    assert agrees(grading, output="no") == [False]


@pytest.mark.parametrize(("verdict", "expected"), [("tie", True), ("A", False)])
def test_a_preference_is_that_of_trusted_people(verdict, expected):
    grading = {"type": "pairwise", "criterion": "better"}

    assert agrees(grading, verdicts={"better": verdict}) == [expected]


def test_a_table_names_several_labels_with_bars():
    grading = {"type": "judge", "criteria": ["tags"]}

    assert agrees(grading, verdicts={"tags": "y|x"}) == [True]


def test_without_a_rule_the_labels_are_the_answer():
    verdicts = {"ok": "yes", "better": "tie", "tags": [], "score": "3"}

    # In the order of the criteria's names.
    assert agrees(None, verdicts=verdicts) == [True, True, True, False]


def test_acceptable_values_stand_in_for_the_label():
    thresholds = parse_thresholds(
        b'[disagreement]\noverall = 0.1\n[acceptable]\nok = ["no", "yes"]\n'
    )
    grading = {"type": "judge", "criteria": ["ok"]}
    line = CandidateLine(1, "c", verdicts={"ok": "no"})

    [found] = compare(case_of(grading), line, SCALES, thresholds) or []

    assert found.agrees
    assert found.expected == ("no", "yes")


@pytest.mark.parametrize(
    ("grading", "said"),
    [
        ({"type": "rubric_label", "criteria": ["ok"]}, {"verdicts": {"ok": None}}),
        ({"type": "exact"}, {"output": None}),
    ],
)
def test_nothing_said_is_no_answer(grading, said):
    assert agrees(grading, "Paris", **said) is None


@pytest.mark.parametrize(
    ("grading", "said", "field"),
    [
        ({"type": "rubric_label", "criteria": ["ok"]}, {"ok": "maybe"}, "verdicts.ok"),
        ({"type": "rubric_label", "criteria": ["ok"]}, {"ok": ["yes"]}, "verdicts.ok"),
        (
            {"type": "rubric_label", "criteria": ["tags"]},
            {"tags": "w"},
            "verdicts.tags",
        ),
        ({"type": "judge", "criteria": ["score"]}, {"score": True}, "verdicts.score"),
        ({"type": "judge", "criteria": ["score"]}, {"score": "x"}, "verdicts.score"),
        ({"type": "exact"}, {"ok": "yes"}, "output"),
        (None, {"ok": "yes"}, "verdicts.better"),
    ],
)
def test_what_is_no_answer_to_the_case_is_refused_by_field(grading, said, field):
    with pytest.raises(WrongAnswer) as wrong:
        agrees(grading, verdicts=said)

    assert wrong.value.field == field
