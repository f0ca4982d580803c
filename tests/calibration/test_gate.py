"""gate: three verdicts from files alone, and what they rest on."""

import math
from pathlib import Path
from typing import Any

import pytest

from calibration.formats.gate_report import as_text
from calibration.formats.gate_verdict import UNWEIGHTED
from tests.calibration.gate_makers import (
    Gate,
    answers,
    make_case,
    write_candidate,
)

N = 200
THRESHOLDS = "[disagreement]\noverall = 0.1\n"


@pytest.fixture
def gate(tmp_path: Path, capsys: Any) -> Gate:
    return Gate(tmp_path, capsys)


@pytest.fixture
def plain(gate: Gate) -> Gate:
    gate.release_of(make_case(number) for number in range(N))
    return gate


def wilson(count: int, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    p = count / n
    middle = (p + z * z / 2 / n) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n)
    return middle - reach, middle + reach


@pytest.mark.parametrize(
    ("wrong", "verdict", "code"),
    [(4, "CLEAR", 0), (18, "HOLD", 3), (60, "BLOCKED", 4)],
    ids=["good", "ambiguous", "bad"],
)
def test_a_candidate_gets_its_verdict_and_exit_code(plain, wrong, verdict, code):
    found, report = plain.run(answers(N, wrong))

    assert (found, report["verdict"]) == (code, verdict)
    [figure] = report["figures"]
    assert figure["raw"]["value"] == wrong / N
    limits = (figure["raw"]["low"], figure["raw"]["high"])
    assert limits == pytest.approx(wilson(wrong, N))


def test_a_hold_says_how_many_cases_would_tell(plain):
    _, report = plain.run(answers(N, 18))

    [check] = report["checks"]
    assert check["said"].startswith(
        "9.0% (5.8% to 13.8%): 10% lies within the interval"
    )
    assert f"about {check['cases_to_tell']:,} cases would tell" in check["said"]


def test_headline_is_re_weighted_to_traffic(gate):
    # Every fourth case is hard, and stands for little traffic; only these are missed.
    gate.release_of(
        make_case(
            number,
            cell={
                "stratum": "refund",
                "bucket": "typical" if number % 4 else "incident",
            },
            weight="1.250000" if number % 4 else "0.250000",
        )
        for number in range(N)
    )
    lines = answers(N, 0)
    for line in lines[::4]:
        line["verdicts"]["correct"] = "wrong"

    _, report = gate.run(lines)

    figures = {figure["name"]: figure for figure in report["figures"]}
    overall = figures["disagreement, overall"]
    assert overall["raw"]["value"] == 0.25
    assert overall["traffic"]["value"] == pytest.approx(50 * 0.25 / 200)
    assert figures["disagreement, hard tail"]["raw"]["value"] == 1
    assert figures["disagreement, stratum refund"]["n_cases"] == N
    assert any("far apart" in flag for flag in report["flags"])


def test_a_release_without_a_spec_is_not_called_re_weighted(plain, tmp_path):
    markdown = tmp_path / "gate.md"

    _, report = plain.run(answers(N, 18), markdown=markdown)

    assert report["release"]["weighted"] is False
    assert UNWEIGHTED in report["flags"]
    for said in (as_text(report), markdown.read_text(encoding="utf-8")):
        assert "re-weighted" not in said
        assert said.lower().count(UNWEIGHTED) == 2


def test_equal_weights_of_a_spec_are_weights(gate):
    gate.release_of((make_case(number) for number in range(N)), spec={"seed": 1})

    _, report = gate.run(answers(N, 18))

    assert report["release"]["weighted"] is True
    assert UNWEIGHTED not in report["flags"]
    assert "re-weighted to traffic" in as_text(report)


def test_why_a_release_was_frozen_against_the_rules_is_said(gate):
    override = {"reason": "A demo,\nnot for a gate", "overridden": ["too few"]}
    gate.release_of((make_case(number) for number in range(N)), override=override)

    _, report = gate.run(answers(N, 0))

    assert (
        'the release was frozen against the rules, because: "A demo, not for a gate"'
    ) in report["flags"]


def test_raw_figures_are_read_where_the_thresholds_say_so(gate):
    gate.thresholds = f"reweighted = false\n{THRESHOLDS}"
    gate.release_of(
        make_case(number, weight="1.900000" if number % 2 else "0.100000")
        for number in range(N)
    )
    lines = answers(N, 0)
    for line in lines[::2]:
        line["verdicts"]["correct"] = "wrong"

    _, report = gate.run(lines)

    assert report["checks"][0]["said"].startswith("50.0%")


def test_a_hard_tail_that_is_not_there_shows_nothing(plain):
    plain.thresholds += "hard = 0.3\n"

    code, report = plain.run(answers(N, 0))

    assert code == 3
    assert report["reasons"] == [
        "disagreement, hard tail: cannot be said: there are no cases"
    ]


def test_a_bad_stratum_is_flagged_and_blocks_nothing(gate):
    gate.release_of(
        make_case(number, cell={"stratum": "rare" if number < 10 else "common"})
        for number in range(N)
    )

    code, report = gate.run(answers(N, 8))

    assert code == 0
    assert report["flags"][-1] == (
        "disagreement, stratum rare is over the overall threshold, whole interval"
    )


def test_a_stratum_blocks_by_its_own_threshold(gate):
    gate.thresholds += "strata = {rare = 0.2}\n"
    gate.release_of(
        make_case(number, cell={"stratum": "rare" if number < 10 else "common"})
        for number in range(N)
    )

    code, _ = gate.run(answers(N, 8))

    assert code == 4


@pytest.mark.parametrize(
    ("alpha", "said"),
    [
        ({"value": "0.7", "low": "0.6", "high": "0.8"}, "not at least .667"),
        ({"value": "0.7", "low": None, "high": None}, "no lower limit"),
        ({"value": None, "low": None, "high": None}, "no lower limit"),
    ],
)
def test_people_who_disagree_make_it_void(gate, alpha, said):
    gate.release_of((make_case(number) for number in range(N)), alpha=alpha)

    code, report = gate.run(answers(N, 0))

    assert (code, report["checks"][0]["outcome"]) == (3, "CLEAR")
    [reason] = report["reasons"]
    assert reason.startswith("void: people at freeze, correct")
    assert said in reason


def judged(n: int, agreeing: int) -> list[dict[str, Any]]:
    """Verdicts of a judge that also read the recorded outputs, half of them wrong."""
    return [
        {
            "id": f"c-{number:04}",
            "verdicts": {"correct": "right"},
            "judge": "facts",
            "recorded": {
                "correct": ("right", "wrong")[(number + (number >= agreeing)) % 2]
            },
        }
        for number in range(n)
    ]


@pytest.mark.parametrize(("agreeing", "is_void"), [(198, False), (150, True)])
def test_verdicts_of_a_judge_are_void_under_its_floor(gate, agreeing, is_void):
    gate.thresholds += '[acceptable]\ncorrect = ["right"]\n'
    gate.release_of(
        make_case(number, label=("right", "wrong")[number % 2]) for number in range(N)
    )

    code, report = gate.run(judged(N, agreeing))

    assert code == (3 if is_void else 0)
    kappa = report["trust"][-1]
    assert kappa["name"] == "facts and people, correct"
    assert kappa["estimate"]["value"] == pytest.approx(2 * agreeing / N - 1)
    assert kappa["holds"] is not is_void


def test_a_judge_that_nobody_checked_makes_it_void(plain):
    lines = [line | {"judge": "facts"} for line in answers(N, 0)]

    code, report = plain.run(lines)

    assert code == 3
    assert "the judge gave no verdict on a recorded output" in report["reasons"][0]


def test_a_threshold_younger_than_the_candidate_is_said_so(plain):
    _, report = plain.run(answers(N, 0))

    assert (
        "the thresholds are younger than the candidate, by the time of the file: "
        "they may have been chosen to fit it"
    ) in report["flags"]


def test_a_change_within_the_interval_is_no_difference(plain):
    before = write_candidate(plain.folder / "old.jsonl", answers(N, 4))

    _, report = plain.run(answers(N, 6), previous=before)

    change = report["change"]
    assert (change["n_worse"], change["n_better"]) == (2, 0)
    assert change["outcome"] == "no difference"
    assert change["said"].startswith("no difference: +1.0 points (")
    assert "shared cases would tell" in change["said"]
    assert [flip["id"] for flip in change["flips"]] == ["c-0004", "c-0005"]


def test_a_worse_candidate_is_flagged(plain):
    before = write_candidate(plain.folder / "old.jsonl", answers(N, 0))

    _, report = plain.run(answers(N, 9), previous=before)

    assert report["change"]["p_value"] == pytest.approx(2 * 0.5**9)
    assert report["flags"][-1].startswith('worse than "old": +4.5 points (')


@pytest.mark.parametrize(("wrong", "code"), [(0, 0), (9, 3), (40, 4)])
def test_a_change_has_its_own_threshold(plain, wrong, code):
    plain.thresholds = "[disagreement]\noverall = 0.9\n[change]\nmost = 0.03\n"
    before = write_candidate(plain.folder / "old.jsonl", answers(N, 0))

    found, _ = plain.run(answers(N, wrong), previous=before)

    assert found == code


def test_preferences_are_a_win_rate_with_ties(plain):
    plain.thresholds = "[win_rate]\noverall = 0.5\n"
    lines = [
        {"id": f"c-{number:04}", "outcome": ("win", "win", "tie", "loss")[number % 4]}
        for number in range(N)
    ]

    code, report = plain.run(lines)

    assert code == 0
    assert report["figures"][0]["raw"]["value"] == 0.625
    assert report["candidate"]["outcomes"] == {"loss": 50, "tie": 50, "win": 100}


def test_repeated_runs_have_to_pass_together(plain):
    plain.thresholds = "[pass]\nk = 2\noverall = 0.5\n"
    lines = [
        {"id": f"c-{number:04}", "run": run, "verdicts": {"correct": verdict}}
        for number in range(N)
        for run, verdict in enumerate(["right", "right", "right", "wrong"])
    ]

    _, report = plain.run(lines)

    figures = {figure["name"]: figure["raw"]["value"] for figure in report["figures"]}
    assert figures == {"disagreement, overall": 0.25, "pass^2, overall": 0.5}


def test_cases_with_too_few_runs_are_left_out_and_flagged(plain):
    plain.thresholds = "[pass]\nk = 2\noverall = 0.5\n"
    lines = [line | {"run": 1} for line in answers(N, 0)]
    lines += [line | {"run": 2} for line in answers(N - 5, 0)]

    _, report = plain.run(lines)

    assert report["figures"][-1]["n_cases"] == N - 5
    assert report["flags"][-1] == "5 cases with fewer than 2 runs: not in pass^2"
