"""irr, consensus, judge-check: published figures from a CSV, without a database."""

import csv
import json
import math
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from config.env import CHECKOUT
from reviews.management.base import InputFaults, Refused

# Krippendorff (2011), "C": four raters, gaps.
CANONICAL = {
    "A": "1 2 3 3 2 1 4 1 2 . . .",
    "B": "1 2 3 3 2 2 4 1 2 5 . 3",
    "C": ". 3 3 3 2 3 4 2 2 5 1 .",
    "D": "1 2 3 3 2 4 4 1 2 5 1 .",
}
# Krippendorff (2011), "A".
BINARY = {"Meg": "0 1 0 0 0 0 0 0 1 0", "Owen": "1 1 1 0 0 1 0 0 0 0"}
# Gwet (2014), two raters.
GWET = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]

Row = tuple[str, ...]
ESTIMATE_KEYS = ["value", "low", "high", "n_items", "method", "reason"]


def rows_of(raters: dict[str, str]) -> list[Row]:
    return [
        (f"u{unit:02}", rater, label)
        for rater, labels in raters.items()
        for unit, label in enumerate(labels.split())
        if label != "."
    ]


def rows_of_table(table: Sequence[Sequence[int]], labels: str = "abc") -> list[Row]:
    def pairs() -> Iterator[tuple[str, str]]:
        for first, counts in zip(labels, table, strict=False):
            for second, n in zip(labels, counts, strict=False):
                yield from [(first, second)] * n

    return [
        (f"u{unit:03}", rater, label)
        for unit, pair in enumerate(pairs())
        for rater, label in zip(("ann", "bob"), pair, strict=True)
    ]


@pytest.fixture
def write(tmp_path):
    def write(
        rows: Iterable[Row], header: str = "item_id,rater_id,label", name: str = "r.csv"
    ) -> Path:
        path: Path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header.split(","), *rows])
        return path

    return write


@pytest.fixture
def run(capsys):
    """Runs a command with --json; its object."""

    def run(*arguments: Any) -> Any:
        call_command(*map(str, arguments), "--json")
        return json.loads(capsys.readouterr().out, parse_constant=pytest.fail)

    return run


@pytest.mark.parametrize(
    ("level", "alpha"),
    [
        ("nominal", 0.743421),
        ("ordinal", 0.815388),
        ("interval", 0.849107),
        ("ratio", 0.797403),
    ],
)
def test_alpha_of_a_file_is_the_published_one_at_each_level(run, write, level, alpha):
    path = write(rows_of(CANONICAL))

    (found,) = run("irr", path, "--level", level)["criteria"]

    assert found["alpha"]["value"] == pytest.approx(alpha, abs=1e-6)
    assert (found["n_items"], found["n_ratings"], found["n_raters"]) == (12, 41, 4)
    assert found["alpha"]["n_items"] == 11


def test_alpha_of_two_raters_is_the_published_one(run, write):
    path = write(rows_of(BINARY))

    (found,) = run("irr", path, "--level", "nominal")["criteria"]

    assert found["alpha"]["value"] == pytest.approx(0.095238, abs=1e-6)


def test_figures_of_two_raters_are_the_published_ones(run, write):
    path = write(rows_of_table(GWET))

    (found,) = run("irr", path, "--level", "nominal")["criteria"]

    (kappa,) = found["cohen_kappa"]
    assert kappa["raters"] == ["ann", "bob"]
    assert kappa["value"] == pytest.approx(0.7964094, abs=1e-7)
    assert found["percent_agreement"]["value"] == pytest.approx(0.89)
    assert found["gwet_ac"]["value"] == pytest.approx(0.8493305, abs=1e-7)
    assert found["fleiss"]["value"] == pytest.approx(0.7962397, abs=1e-7)
    assert found["alpha"]["value"] == pytest.approx(0.7972585, abs=1e-7)
    assert kappa["low"] < 0.80 < kappa["high"]


def test_ordered_levels_weigh_disagreement_by_its_square_and_say_so(run, write):
    path = write(rows_of_table(GWET))

    (found,) = run("irr", path, "--level", "ordinal", "--order", "a,b,c")["criteria"]

    (kappa,) = found["cohen_kappa"]
    assert kappa["value"] == pytest.approx(0.892157, abs=1e-6)
    assert kappa["method"].startswith("Cohen's kappa (quadratic); ")
    assert found["gwet_ac"]["value"] == pytest.approx(0.940237, abs=1e-6)
    assert found["gwet_ac"]["method"].startswith("Gwet's AC2 (quadratic); ")


def test_uneven_numbers_are_said_to_be_weighed_by_position(run, write):
    path = write(rows_of_table(GWET, labels="125"))

    (found,) = run("irr", path, "--level", "interval")["criteria"]

    assert "by position on a scale of uneven steps" in found["gwet_ac"]["method"]


def test_figure_that_is_undefined_is_null_with_a_reason(run, write):
    path = write(rows_of_table([[10, 0], [0, 0]]))

    arguments = ("irr", path, "--level", "nominal", "--order", "a,b")
    (found,) = run(*arguments)["criteria"]

    for undefined in (found["alpha"], found["fleiss"], found["cohen_kappa"][0]):
        assert undefined["value"] is None
        assert undefined["reason"] == "no variation: only one value was used"
    assert found["gwet_ac"]["value"] == 1


def test_rater_who_never_varies_has_a_kappa_of_0(run, write):
    path = write(rows_of_table([[6, 0], [4, 0]]))

    (found,) = run("irr", path, "--level", "nominal")["criteria"]

    assert found["cohen_kappa"][0]["value"] == 0
    assert found["gwet_ac"]["value"] == pytest.approx(0.4118, abs=1e-4)


def test_raters_without_a_common_item_have_no_kappa(run, write):
    path = write([("u1", "ann", "a"), ("u2", "bob", "b")])

    (found,) = run("irr", path, "--level", "nominal")["criteria"]

    assert found["alpha"]["reason"] == "no item has two ratings"
    assert found["cohen_kappa"][0]["reason"] == "the two raters share no item"
    assert found["cohen_kappa"][0]["value"] is None


def test_irr_prints_exactly_the_documented_keys(run, write):
    path = write(rows_of(BINARY))

    result = run("irr", path, "--level", "nominal")

    (found,) = result["criteria"]
    assert list(result) == ["criteria"]
    assert list(found) == [
        "criterion", "level", "n_items", "n_ratings", "n_raters", "alpha",
        "percent_agreement", "gwet_ac", "fleiss", "cohen_kappa",
    ]  # fmt: skip
    assert found["criterion"] is None
    for name in ("alpha", "percent_agreement", "gwet_ac", "fleiss"):
        assert list(found[name]) == ESTIMATE_KEYS
    assert list(found["cohen_kappa"][0]) == ["raters", *ESTIMATE_KEYS]


def test_criteria_are_measured_apart(run, write):
    rows = [(label, "tone", item, rater) for item, rater, label in rows_of(BINARY)]
    rows += [("1", "facts", item, rater) for item, rater, _ in rows_of(BINARY)]
    path = write(rows, "label,criterion,item_id,rater_id")

    facts, tone = run("irr", path, "--level", "nominal")["criteria"]

    assert (facts["criterion"], facts["alpha"]["value"]) == ("facts", None)
    assert (tone["criterion"], tone["n_ratings"]) == ("tone", 20)
    assert tone["alpha"]["value"] == pytest.approx(0.095238, abs=1e-6)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_order_of_rows_and_columns_changes_nothing(write, capsys, level):
    rows = [*rows_of(CANONICAL), ("u00", "A", "2"), ("u01", "A", "2")]
    shuffled = [(label, "x", item, rater) for item, rater, label in rows]
    random.Random(7).shuffle(shuffled)
    paths = (
        write(rows),
        write(shuffled, "label,note,item_id,rater_id", "shuffled.csv"),
    )
    printed = []

    for path in paths:
        with pytest.raises(InputFaults):
            call_command("irr", str(path), "--level", level, "--json")
        printed.append(json.loads(capsys.readouterr().out)["criteria"])

    assert json.dumps(printed[0]) == json.dumps(printed[1])
    # u00 by A is contradicted and does not count; u01 by A stands there twice.
    assert printed[0][0]["n_ratings"] == 40


def command_line(*arguments: Any) -> subprocess.CompletedProcess[str]:
    """bin/touchstone where no database can be reached or started."""
    return subprocess.run(
        [sys.executable, "-m", "config.cli", *map(str, arguments)],
        cwd=CHECKOUT,
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
            "TOUCHSTONE_DATA": "/dev/null/nowhere",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_same_seed_gives_the_same_interval_and_another_seed_another(run, write):
    path = write(rows_of_table(GWET))

    first, again, other = (
        run("irr", path, "--level", "nominal", "--seed", seed)["criteria"][0]["alpha"]
        for seed in (5, 5, 6)
    )

    assert first == again
    assert (first["low"], first["value"]) != (other["low"], other["value"])
    assert first["value"] == other["value"]


def test_interval_is_narrower_at_less_confidence(run, write):
    path = write(rows_of_table(GWET))

    def width(*arguments: str) -> float:
        found = run("irr", path, "--level", "nominal", *arguments)["criteria"][0]
        return float(found["alpha"]["high"] - found["alpha"]["low"])

    assert width("--interval", "0.5") < width() < width("--interval", "0.99")


def test_byte_order_mark_crlf_and_quotes_are_read(run, tmp_path):
    path = tmp_path / "excel.csv"
    path.write_bytes(
        b'\xef\xbb\xbf"item_id",rater_id,label,,note\r\n'
        b'"1,5",ann,"yes",,"two\r\nlines"\r\n"1,5",bob,yes,,\r\n\r\n2,ann,no,,\r\n'
    )

    (found,) = run("irr", path, "--level", "nominal")["criteria"]

    assert (found["n_items"], found["n_ratings"]) == (2, 3)


@pytest.mark.parametrize(
    ("line", "options", "said"),
    [
        (",ann,1", ["nominal"], "line 4: item_id: expected an id, found nothing"),
        ("u9,,1", ["nominal"], "line 4: rater_id: expected an id, found nothing"),
        (
            "u1,ann,1",
            ["nominal"],
            "line 4: item_id, rater_id: expected one label for each",
        ),
        ("u9,ann", ["nominal"], "line 4: expected 3 cells, as in the header; found 2"),
        ("u9,ann,x", ["interval"], "line 4: label: expected a number on this"),
        ("u9,ann,nan", ["ratio"], "line 4: label: expected a number on this"),
        ("u9,ann,-1", ["ratio"], "line 4: label: expected 0 or more on a ratio"),
        (
            "u9,ann,3",
            ["nominal", "--order", "2,1"],
            "line 4: label: expected one of 2, 1; found",
        ),
        ('u9,ann,"1', ["nominal"], "line 4: expected a row of CSV"),
        ('u9,"a"nn,1', ["nominal"], "line 4: expected a row of CSV"),
        ("u9,ann,\udcff", ["nominal"], "line 4: expected UTF-8"),
    ],
)
def test_faulty_line_is_named_and_the_good_ones_count(
    tmp_path, capsys, line, options, said
):
    path = tmp_path / "r.csv"
    text = f"item_id,rater_id,label\nu1,ann,1\nu1,bob,1\n{line}\nu2,ann,2\nu2,bob,1\n"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")

    with pytest.raises(InputFaults) as raised:
        call_command("irr", str(path), "--level", *options, "--json")

    (found,) = json.loads(capsys.readouterr().out)["criteria"]
    assert str(raised.value).startswith(f"{path}: {said}")
    assert "\n" not in str(raised.value)
    assert (found["n_ratings"], found["percent_agreement"]["value"]) == (4, 0.5)


def test_empty_label_is_a_missing_rating_and_counted(run, write, capsys):
    path = write([*rows_of(BINARY), ("u00", "Uma", ""), ("u01", "Uma", " ")])

    call_command("irr", str(path), "--level", "nominal", "--json")

    printed = capsys.readouterr()
    assert "2 empty labels: missing ratings" in printed.err
    assert json.loads(printed.out)["criteria"][0]["n_raters"] == 2


def test_word_for_missing_is_told_to_count_as_a_label(write, capsys):
    path = write([("u1", "ann", "NA"), ("u1", "bob", "yes")])

    call_command("irr", str(path), "--level", "nominal", "--json")

    assert "'NA' counts as a label" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("header", "options", "said"),
    [
        ("item_id,rater,label", ["--level", "nominal"], "the header lacks rater_id"),
        ("item_id,rater_id,label", ["--level", "ordinal"], "line 2: label: .*--order"),
        (
            "item_id,rater_id,label",
            ["--level", "nominal", "--order", "a,a"],
            "--order: expected each label once",
        ),
        (
            "item_id,rater_id,label",
            ["--level", "interval", "--order", "1,b"],
            "--order: expected a number",
        ),
    ],
)
def test_wrong_usage_is_refused(write, header, options, said):
    path = write([("u1", "ann", "good")], header)

    with pytest.raises(Refused, match=said) as raised:
        call_command("irr", str(path), *options)

    assert raised.value.returncode == 2


@pytest.mark.parametrize("share", ["0", "1", "95", "much"])
def test_interval_outside_0_and_1_is_refused(write, share):
    path = write(rows_of(BINARY))

    with pytest.raises(CommandError, match="--interval"):
        call_command("irr", str(path), "--level", "nominal", "--interval", share)


def test_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Refused, match="cannot read"):
        call_command("irr", str(tmp_path / "no.csv"), "--level", "nominal")


def test_file_without_ratings_is_a_fault(write):
    with pytest.raises(InputFaults, match="there are no ratings in it"):
        call_command("irr", str(write([])), "--level", "nominal")


def test_scale_too_long_to_resample_is_refused(write):
    rows = [(f"u{n}", rater, str(n)) for n in range(200) for rater in ("ann", "bob")]

    with pytest.raises(Refused, match=r"200 different labels.*--level interval"):
        call_command("irr", str(write(rows)), "--level", "ordinal")


def test_all_pairs_of_many_raters_are_there_without_intervals(run, write):
    rows = [
        (f"u{unit}", f"r{rater:03}", str((unit * rater) % 3))
        for rater in range(30)
        for unit in range(rater % 5, 60, 2)
    ]

    (found,) = run("irr", write(rows), "--level", "nominal")["criteria"]

    kappas = found["cohen_kappa"]
    reasons = {kappa["reason"] for kappa in kappas if kappa["value"] is not None}
    assert len(kappas) == 30 * 29 / 2
    assert "the two raters share no item" in {kappa["reason"] for kappa in kappas}
    assert reasons == {"no interval: one of 435 pairs of raters"}


def test_text_of_many_raters_is_short_and_says_what_is_left_out(write, capsys):
    rows = [(f"u{u}", f"r{r:02}", "ab"[u * r % 2]) for r in range(30) for u in range(9)]

    call_command("irr", str(write(rows)), "--level", "nominal")

    text = capsys.readouterr().out
    assert "435 pairs of raters: 0 share no item" in text
    assert len(text.splitlines()) < 15


def test_text_shows_control_characters_instead_of_obeying_them(write, capsys):
    path = write([("u1", "\x1b[2J", "a"), ("u1", "bob", "a")])

    call_command("irr", str(path), "--level", "nominal")

    text = capsys.readouterr().out
    assert "\x1b" not in text
    assert "\\x1b[2J" in text
    assert "undefined" in text


VOTES = [
    ("u1", "ann", "yes"), ("u1", "bob", "yes"), ("u1", "cid", "no"),
    ("u2", "ann", "no"), ("u2", "bob", "yes"),
    ("u3", "ann", "-1"), ("u3", "bob", "-1"), ("u3", "cid", "-1"),
]  # fmt: skip


def test_majority_labels_all_but_ties(run, write):
    (found,) = run("consensus", write(VOTES), "--method", "majority")["criteria"]

    assert found == {
        "criterion": None,
        "method": "majority",
        "n_items": 3,
        "n_ratings": 8,
        "n_raters": 3,
        "n_labelled": 2,
        "ties": 1,
        "counts": {"-1": 1, "no": 0, "yes": 1},
        "warnings": [],
    }


def test_labels_are_written_as_they_came_in_and_ties_are_empty(run, write, tmp_path):
    out = tmp_path / "labels.csv"

    run("consensus", write(VOTES), "--method", "majority", "--out", out)

    assert out.read_text(encoding="utf-8").splitlines() == [
        "item_id,criterion,label,support,confidence",
        "u1,,yes,2,0.666667",
        "u2,,,0,",
        "u3,,-1,3,1.0",
    ]


def test_dawid_skene_warns_of_thin_overlap(run, write):
    path = write(rows_of(BINARY))

    (found,) = run("consensus", path, "--method", "dawid-skene")["criteria"]

    assert found["method"] == "dawid-skene"
    assert found["warnings"][0].startswith("thin overlap: 2.0 ratings an item")
    assert sum(found["counts"].values()) == found["n_labelled"]


def test_consensus_does_not_overwrite_its_own_ratings(write):
    path = write(VOTES)

    with pytest.raises(Refused, match="would be lost"):
        call_command("consensus", str(path), "--out", str(path))


def test_consensus_that_cannot_be_written_is_refused(write, tmp_path):
    out = tmp_path / "no" / "labels.csv"

    with pytest.raises(Refused, match="cannot write"):
        call_command("consensus", str(write(VOTES)), "--out", str(out))


def panel(n_items: int = 40) -> list[Row]:
    """Three raters; each is alone in erring on some items. Nobody leads on u999."""
    rows = []
    for unit in range(n_items):
        truth = unit % 2
        for place, rater in enumerate(("ann", "bob", "cid")):
            label = truth ^ (unit % 10 == place)
            rows.append((f"u{unit:03}", rater, "ny"[label]))
    return [*rows, ("u999", "ann", "n"), ("u999", "bob", "y"), ("u998", "dee", "n")]


@pytest.fixture
def trial(write):
    """Ratings, and a judge who errs on every fourth item."""
    verdicts = [(f"u{n:03}", "robo", "ny"[n % 2 ^ (n % 4 == 0)]) for n in range(40)] + [
        ("u999", "robo", "y"),
        ("elsewhere", "robo", "y"),
    ]
    ratings = write(panel())
    return ratings, write(verdicts, "item_id,judge,label", "judges.csv")


def test_judge_is_measured_against_the_majority_without_ties(run, trial):
    (found,) = run("judge_check", *trial)["judges"]

    assert (found["judge"], found["n_items"]) == ("robo", 40)
    assert (found["accuracy"], found["kappa"]["value"]) == (0.75, 0.5)
    assert (found["ties_left_out"], found["unrated_left_out"]) == (1, 1)
    assert found["human_kappa"]["value"] > found["kappa"]["value"]
    assert list(found["kappa"]) == ESTIMATE_KEYS


def test_human_with_too_few_items_is_skipped_by_name(run, trial):
    (found,) = run("judge_check", *trial)["judges"]

    assert found["skipped_raters"] == ["dee"]
    assert found["compared_raters"] == ["ann", "bob", "cid"]
    assert found["omega"] in (0.0, 1 / 3, 2 / 3, 1.0)
    assert 0 < found["rho"] < 1


def test_wider_epsilon_lets_a_judge_pass(run, trial):
    def omega(epsilon: str) -> float:
        found = run("judge_check", *trial, "--epsilon", epsilon)["judges"][0]
        return float(found["omega"])

    assert omega("0") == 0
    assert omega("0.9") == 1


def test_accuracy_has_the_interval_asked_for(run, trial):
    def width(*arguments: str) -> float:
        found = run("judge_check", *trial, *arguments)["judges"][0]
        limits = found["accuracy_estimate"]
        return float(limits["high"] - limits["low"])

    assert width("--interval", "0.5") < width()


def test_verdict_off_the_scale_of_the_humans_counts_as_wrong(run, write):
    ratings = write([(f"u{n}", r, "ny"[n % 2]) for n in range(4) for r in ("a", "b")])
    verdicts = [("u0", "robo", "n"), ("u1", "robo", "y"), ("u2", "robo", "garbage")]
    judges = write(verdicts, "item_id,judge,label", "judges.csv")

    (found,) = run("judge_check", ratings, judges)["judges"]

    assert (found["n_items"], found["accuracy"]) == (3, pytest.approx(2 / 3))


def test_judge_of_items_nobody_rated_has_no_figures(run, write):
    ratings = write(rows_of(BINARY))
    judges = write([("v1", "robo", "1")], "item_id,judge,label", "judges.csv")

    (found,) = run("judge_check", ratings, judges)["judges"]

    assert (found["n_items"], found["accuracy"], found["omega"]) == (0, None, None)
    assert found["kappa"]["reason"] == "the two raters share no item"
    assert found["skipped_raters"] == ["Meg", "Owen"]


def test_criterion_nobody_rated_has_no_figures(run, write):
    header = "item_id,rater_id,label,criterion"
    ratings = write([("u1", "ann", "1", "tone")], header)
    judges = write(
        [("u1", "robo", "1", "facts")], header.replace("rater_id", "judge"), "j.csv"
    )

    (found,) = run("judge_check", ratings, judges)["judges"]

    assert (found["criterion"], found["accuracy"]) == ("facts", None)
    assert found["unrated_left_out"] == 1


def test_judges_without_the_criteria_of_the_ratings_are_refused(write):
    ratings = write([("u1", "ann", "1", "tone")], "item_id,rater_id,label,criterion")
    judges = write([("u1", "robo", "1")], "item_id,judge,label", "judges.csv")

    with pytest.raises(Refused, match="column criterion"):
        call_command("judge_check", str(ratings), str(judges))


@pytest.mark.parametrize("epsilon", ["-0.1", "1.5", "some"])
def test_epsilon_that_is_no_share_is_refused(trial, epsilon):
    with pytest.raises(CommandError, match="--epsilon"):
        call_command("judge_check", *map(str, trial), f"--epsilon={epsilon}")


def test_text_puts_humans_beside_the_judge(trial, capsys):
    call_command("judge_check", *map(str, trial))

    text = capsys.readouterr().out
    assert "kappa, judge against majority" in text
    assert "kappa, human against human (mean)" in text
    assert "too few items to compare, not in omega: dee" in text
    assert not any(word == "nan" for word in text.lower().split())


def test_commands_need_no_database(write, trial):
    path = write(rows_of(BINARY), name="binary.csv")
    calls: list[list[Any]] = [
        ["irr", path, "--level", "nominal"],
        ["consensus", path, "--method", "dawid-skene"],
        ["judge-check", *trial],
    ]

    finished = [command_line(*call, "--json") for call in calls]

    assert [done.returncode for done in finished] == [0, 0, 0]
    keys = [list(json.loads(done.stdout)) for done in finished]
    assert keys == [["criteria"], ["criteria"], ["judges"]]
    assert not any(done.stderr for done in finished)


def test_faults_go_to_stderr_with_exit_code_1(write):
    path = write([*rows_of(BINARY), ("u00", "", "1")])

    done = command_line("irr", path, "--level", "nominal", "--json")

    alpha = json.loads(done.stdout)["criteria"][0]["alpha"]["value"]
    assert done.returncode == 1
    assert "line 22: rater_id: expected an id" in done.stderr
    assert math.isclose(alpha, 2 / 21)


def test_missing_column_is_exit_code_2(write):
    path = write([("u1", "1")], "item_id,label")

    done = command_line("irr", path, "--level", "nominal", "--json")

    assert done.returncode == 2
    assert json.loads(done.stdout).keys() == {"ok", "error"}
    assert "the header lacks rater_id" in done.stderr
