"""gate: what is refused by name, and what hostile names cannot do."""

import json
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management.base import CommandError

from calibration.formats.release import CASES, MANIFEST
from tests.calibration.gate_makers import CREATED, Gate, answers, make_case

N = 200
THRESHOLDS = "[disagreement]\noverall = 0.1\n"


@pytest.fixture
def gate(tmp_path: Path, capsys: Any) -> Gate:
    return Gate(tmp_path, capsys)


@pytest.fixture
def plain(gate: Gate) -> Gate:
    gate.release_of(make_case(number) for number in range(N))
    return gate


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
    assert "even the lower limit is over 10%" in failure.get("message", "")


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
