"""gate: three verdicts from files alone, and what stands in the way of one."""

import json
import math
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from calibration.formats.release import CASES, MANIFEST
from tests.calibration.gate_makers import (
    CREATED,
    MadeRelease,
    answers,
    make_case,
    make_release,
    write_candidate,
)

N = 200
THRESHOLDS = "[disagreement]\noverall = 0.1\n"


class Gate:
    """Runs the command on files of one folder, and keeps what it said."""

    def __init__(self, folder: Path, capsys: Any) -> None:
        self.folder = folder
        self._capsys = capsys
        self.thresholds = THRESHOLDS
        self.release = folder / "release"

    def release_of(self, cases: Any, **changes: Any) -> MadeRelease:
        return make_release(self.release, cases, **changes)

    def run(self, lines: Any, *, name: str = "new", **options: Any) -> Any:
        """The exit code and the report."""
        head = options.pop("head", None)
        candidate = write_candidate(self.folder / f"{name}.jsonl", lines, head=head)
        return self.run_file(candidate, **options)

    def run_file(self, candidate: Path, **options: Any) -> Any:
        path = self.folder / "T.toml"
        path.write_text(self.thresholds, encoding="utf-8")
        code = 0
        try:
            call_command(
                "gate",
                release=self.release,
                candidate=candidate,
                thresholds=path,
                json=True,
                **options,
            )
        except SystemExit as end:
            code = int(end.code or 0)
        return code, json.loads(self._capsys.readouterr().out)


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
    assert report["flags"][-1].startswith("worse than old: worse: +4.5 points")


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


def test_missing_cases_over_the_share_are_refused_by_name(plain):
    with pytest.raises(CommandError) as refused:
        plain.run(answers(N - 5, 0))

    assert refused.value.returncode == 1
    assert str(refused.value).endswith(
        "new.jsonl: 5 of 200 cases have no answer, 2.0% may be missing: "
        "c-0195, c-0196, c-0197, c-0198, c-0199"
    )


@pytest.mark.parametrize(
    ("counted_as", "n_cases", "value"),
    [("left out", N - 20, 0), ("disagreement", N, 0.1)],
)
def test_missing_cases_count_as_the_thresholds_say(plain, counted_as, n_cases, value):
    plain.thresholds += f'[missing]\nmost = 0.2\ncount_as = "{counted_as}"\n'
    lines = answers(N - 10, 0)
    for line in lines[:10]:
        line["verdicts"]["correct"] = None

    _, report = plain.run(lines)

    raw = report["figures"][0]["raw"]
    assert (raw["n_items"], raw["value"]) == (n_cases, value)
    assert "20 cases without an answer" in report["flags"]


def test_lines_that_do_not_fit_are_named(plain, capsys):
    lines = [
        {"id": "c-0000", "verdicts": {"correct": "maybe"}},
        {"id": "c-0001", "verdicts": {"tone": "right"}},
        {"id": "c-9999", "verdicts": {"correct": "right"}},
        {"id": "c-0002", "verdicts": {}},
        {"id": "c-0003", "verdicts": {"correct": "right"}},
        {"id": "c-0003", "verdicts": {"correct": "right"}},
        {"id": "c-0004", "verdicts": {"correct": "right"}, "colour": 1},
        {"id": "c-0005", "outcome": "win"},
    ]

    with pytest.raises(CommandError) as refused:
        plain.run(lines)

    assert refused.value.returncode == 1
    faults = json.loads(capsys.readouterr().out)["faults"]
    assert [(fault["line"], fault["field"], fault["expected"]) for fault in faults] == [
        (2, "verdicts.correct", "expected one of right, wrong"),
        (3, "verdicts.tone", "is no criterion of the rubric"),
        (4, "id", "is no case of core@1.0.0"),
        (5, "verdicts.correct", "is required for this case and missing"),
        (7, "id", "expected each case once; this case is on line 6 too"),
        (8, "colour", "is not a field of the format"),
        (9, "outcome", "expected on every line or on none"),
    ]


def test_a_tampered_release_is_refused(plain):
    path = plain.release / CASES
    path.write_bytes(path.read_bytes().replace(b"right", b"wrong", 1))

    with pytest.raises(CommandError, match="is not what was released") as refused:
        plain.run(answers(N, 0))

    assert refused.value.returncode == 1
    assert "case c-0000: the bytes differ" in str(refused.value)


def test_a_release_made_anew_is_told_by_its_digest(plain):
    digest = "0" * 64

    with pytest.raises(CommandError, match=f"{digest} was expected"):
        plain.run(answers(N, 0), digest=digest)


def test_a_folder_that_only_looks_like_a_release_is_refused(gate):
    gate.release_of([make_case(1)], agreement={"bar": 7})

    with pytest.raises(CommandError, match=f"{MANIFEST}: cannot be read"):
        gate.run(answers(1, 0))


def test_an_archive_does_as_well_as_a_folder(plain, tmp_path):
    archive = tmp_path / "release.zip"
    with zipfile.ZipFile(archive, "w") as stream:
        for path in plain.release.iterdir():
            stream.write(path, f"core-1.0.0/{path.name}")
    plain.release = archive

    code, _ = plain.run(answers(N, 0))

    assert code == 0


def test_a_table_does_as_well_as_lines(plain):
    path = plain.folder / "new.csv"
    rows = [f"c-{n:04},{'wrong' if n < 60 else 'right'}\n" for n in range(N)]
    path.write_text("".join(["id,verdicts.correct\n", *rows]))

    code, report = plain.run_file(path)

    assert (code, report["candidate"]["name"]) == (4, "new")
    assert report["figures"][0]["raw"]["value"] == 0.3


@pytest.mark.parametrize(
    ("thresholds", "said"),
    [
        ("[disagreement]\noverall = 2\n", "disagreement.overall: expected a number"),
        ("[disagreement]\nhard = 0.1\n", "disagreement.overall: is required"),
        ("overall = 1\n", "overall: unknown key"),
        ("confidence = 0.9\n", r"expected \[disagreement\]"),
        ("[win_rate]\noverall = 0.5\n", r"\[disagreement\] is missing"),
        (f'golden_set = "other"\n{THRESHOLDS}', "is other, and this is core"),
        (f'criteria = ["tone"]\n{THRESHOLDS}', "tone is no criterion"),
        (f'{THRESHOLDS}[acceptable]\ncorrect = ["ok"]\n', "expected some of right"),
        (f"{THRESHOLDS}[judge]\n", "judge.floor: is required"),
        ("[pass]\noverall = 0.5\nk = true\n", "pass.k: expected a whole number"),
        ("[disagreement\n", "not TOML"),
    ],
)
def test_thresholds_that_do_not_fit_are_refused_by_key(plain, thresholds, said):
    plain.thresholds = thresholds

    with pytest.raises(CommandError, match=said) as refused:
        plain.run(answers(N, 0))

    assert refused.value.returncode == 1


def test_markdown_and_junit_say_the_same(plain, tmp_path):
    markdown, junit = tmp_path / "gate.md", tmp_path / "gate.xml"

    plain.run(answers(N, 60), markdown=markdown, junit=junit)

    assert "BLOCKED: `new` on `core@1.0.0`" in markdown.read_text()
    suite = parsed(junit)[0]
    assert (suite.get("failures"), suite.get("errors")) == ("1", "0")
    [failure] = suite.iter("failure")
    assert "even the lower limit is over 10%" in failure.get("message")


HOSTILE = [
    "</testsuites><script>",
    "a|b`c``d",
    "@everyone #1 https://example.com/x",
    "\x1b[31mred\u202e",
    "]]>&amp;\"'",
    "{{7*7}} ${x}",
    "=cmd|' /C calc'!A0",
    "\ufffe\u0001",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_steer_nothing(gate, tmp_path, text):
    markdown, junit = tmp_path / "gate.md", tmp_path / "gate.xml"
    gate.release_of(
        [{"id": text, "labels": {"correct": "right"}, "cell": {"stratum": text}}]
        + [make_case(number) for number in range(20)]
    )
    lines = [{"id": text, "verdicts": {"correct": "wrong"}}, *answers(20, 0)]
    head = {"candidate": text, "created_at": CREATED}

    _, report = gate.run(lines, head=head, markdown=markdown, junit=junit)

    assert report["disagreeing"][0]["id"] == text
    written = markdown.read_text(encoding="utf-8")
    assert "\x1b" not in written
    assert "\u202e" not in written
    outside = "".join(_outside_code(written))
    assert "<script>" not in outside.replace("\\<", "")
    assert "@everyone" not in outside
    assert "https://" not in outside
    assert parsed(junit).tag == "testsuites"


def parsed(junit: Path) -> ElementTree.Element:
    return ElementTree.parse(junit).getroot()  # noqa: S314 - written a moment ago


def _outside_code(markdown: str) -> list[str]:
    """What a renderer takes for text: everything but the code spans."""
    return re.split(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", markdown)[::2]
