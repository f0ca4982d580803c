"""Labels: what the votes on one item come to."""

import csv
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import Value
from django.db.models.functions import Concat

from calibration.queries.criteria import Scale, get_version
from calibration.queries.labels import Settlement, Vote, label_votes, stream_labels
from reviews.models import Item
from tests.calibration.makers import (
    make_adjudication,
    make_dispute,
    make_table_queue,
    next_version,
)
from tests.factories import make_rated_item, make_rater


def scale(level: str, *values: str) -> Scale:
    return Scale(
        criterion_id=1,
        key="quality",
        title="Quality",
        level=level,
        alpha_level="nominal",
        is_required=True,
        is_rated=True,
        values=values,
    )


def votes(*values) -> list[Vote]:
    return [Vote(f"r{number}", value) for number, value in enumerate(values)]


FLAWS = scale("multi-label", "rude", "false")


@pytest.mark.parametrize(
    ("given", "value", "votes_for"),
    [
        (["good"], "good", 1),
        (["good", "bad", "good"], "good", 2),
        (["good", "bad", "good", "fair"], "good", 2),
    ],
)
def test_a_label_is_the_value_with_the_most_votes(given, value, votes_for):
    label = label_votes(scale("ordinal", "bad", "fair", "good"), votes(*given))

    assert (label.value, label.method, label.votes_for) == (
        value,
        "MAJORITY",
        votes_for,
    )
    assert label.n_votes == len(given)


@pytest.mark.parametrize("given", [["good", "bad"], ["bad", "bad", "good", "good"]])
def test_a_tie_is_no_label(given):
    label = label_votes(scale("nominal", "bad", "good"), votes(*given))

    assert (label.value, label.method) == (None, "NONE")
    assert label.reason == "tie: needs adjudication"


def test_the_value_tie_of_a_pair_is_a_value_like_any_other():
    label = label_votes(scale("pairwise", "A", "tie", "B"), votes("tie", "A", "tie"))

    assert label.value == "tie"


def test_an_adjudication_is_the_label_even_against_the_majority():
    settled = Settlement("bad", "Because.", "MISSED_DETAIL", "lea")

    label = label_votes(
        scale("nominal", "bad", "good"), votes("good", "good", "bad"), settled
    )

    assert (label.value, label.method) == ("bad", "ADJUDICATED")
    assert (label.votes_for, label.n_votes, label.reason) == (1, 3, None)


@pytest.mark.parametrize(
    ("given", "value"),
    [([7], 7), ([1, 9, 2], 2), ([3, 4], 3.5), ([7, 7], 7)],
)
def test_the_label_on_an_interval_scale_is_the_median(given, value):
    label = label_votes(scale("interval"), votes(*given))

    assert (label.value, label.method) == (value, "MEDIAN")
    assert str(label.value) == str(value)


def test_each_label_of_a_multi_label_criterion_has_its_own_majority():
    label = label_votes(FLAWS, votes(["rude"], ["false", "rude"], []))

    assert (label.value, label.votes_for) == (["rude"], 2)


def test_one_tied_label_of_many_leaves_the_item_undecided():
    label = label_votes(FLAWS, votes(["rude"], ["false", "rude"]))

    assert label.value is None
    assert label.reason == "tie on false: needs adjudication"


def test_an_adjudicated_set_of_labels_is_in_the_order_of_the_scale():
    settled = Settlement(["false", "rude"], "Both.", "MISSED_DETAIL", "lea")

    label = label_votes(FLAWS, votes(["rude"], ["false"]), settled)

    assert label.value == ["rude", "false"]


def test_no_vote_is_no_label():
    label = label_votes(scale("nominal", "bad"), [])

    assert (label.value, label.reason) == (None, "no rating")


@pytest.fixture
def queue(db):
    return make_table_queue(
        {"ann": "good bad good", "bob": "good bad bad"},
        level="ORDINAL",
        options=("bad", "fair", "good"),
    )


def run(capsys, *arguments: str) -> dict[str, Any]:
    call_command("labels", "--json", "--queue", "answers", *arguments)
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_the_command_counts_labels(queue, capsys):
    report = run(capsys)

    assert report["n_items"] == 3
    assert report["counts"] == {"quality": {"bad": 1, "good": 1}}
    assert report["undecided"] == {"quality": 1}
    assert "labels" not in report


def test_the_command_lists_every_label_when_asked(queue, capsys):
    report = run(capsys, "--all")

    first = report["labels"][0]
    assert first["label"] == "good"
    assert (first["votes_for"], first["votes"], first["support"]) == (2, 2, 1.0)


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_the_command_writes_labels_to_a_file(queue, capsys, tmp_path, suffix):
    path = tmp_path / f"labels.{suffix}"

    report = run(capsys, "--out", str(path))

    with path.open(newline="") as stream:
        rows = list(
            csv.DictReader(stream) if suffix == "csv" else map(json.loads, stream)
        )
    assert report["out"] == str(path)
    assert [row["label"] for row in rows] in (
        ["good", "bad", ""],
        ["good", "bad", None],
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--criterion", "nothing"], "no rated criterion 'nothing'"),
        (["--out", "labels.xlsx"], "must end in .csv or .jsonl"),
        (["--rubric-version", "4"], "has no version 4"),
    ],
)
def test_what_cannot_be_answered_is_refused(queue, arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("labels", "--queue", "answers", *arguments)


def test_an_adjudication_in_the_queue_settles_its_item(queue, cast_lead):
    items = list(
        stream_labels(queue_id=queue.pk, version=get_version(queue.rubric_version_id))
    )
    tied = items[2]
    dispute = make_dispute(queue, item=queue.project.items.get(pk=tied.item_id))
    make_adjudication(dispute, cast_lead, "fair")

    *_, settled = stream_labels(
        queue_id=queue.pk, version=get_version(queue.rubric_version_id)
    )

    assert settled.labels[0].value == "fair"


@pytest.fixture
def cast_lead(queue):
    return make_rater(queue.project, "lea")


def test_labels_are_of_one_rubric_version(queue, capsys):
    queue.rubric_version = next_version(queue.rubric_version)
    queue.save(update_fields=["rubric_version"])
    make_rated_item(queue, {make_rater(queue.project, "cy"): {"quality": "fair"}})

    assert run(capsys)["counts"] == {"quality": {"fair": 1}}
    assert run(capsys, "--rubric-version", "1")["n_items"] == 3


def test_what_was_ingested_cannot_steer_the_terminal(queue, capsys):
    Item.objects.filter(project=queue.project).update(
        external_id=Concat(Value("\x1b[2J\u202e"), "external_id")
    )

    call_command("labels", "--all", "--queue", "answers")

    out = capsys.readouterr().out
    assert "\\x1b[2J\\u202e" in out
    assert not {"\x1b", "\u202e"} & {*out}


def test_a_label_that_is_missing_is_a_dash(queue, capsys):
    call_command("labels", "--all", "--queue", "answers")

    last = capsys.readouterr().out.splitlines()[-1]
    assert last.split()[1:] == ["quality", "-"]
