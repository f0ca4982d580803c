"""Labels weighed by gold or by a model, and the doubtful ones sent to adjudication."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from calibration.queries.criteria import get_version
from calibration.queries.labels import Label, stream_labels
from calibration.queries.releases import stream_lines
from calibration.queries.snapshots import get_snapshot
from calibration.services.doubts import dispute_doubtful_labels, places
from calibration.services.freezing import FreezeRefused, Frozen, freeze_release
from calibration.services.snapshots import refresh_agreement, refresh_stale_queues
from labeling.models import Dispute
from labeling.services.disputes import recheck_items
from reviews.models import LabelMethod, Queue
from tests.calibration.makers import (
    answer_gold,
    facts,
    make_adjudication,
    make_table_queue,
)
from tests.factories import (
    NOW,
    make_assignment,
    make_batch,
    make_item,
    make_judgment,
    make_member,
    make_project,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
)

pytestmark = pytest.mark.django_db


def make_known_queue(level: str = "NOMINAL", **changes: Any) -> Queue:
    """Three options; ada is right on 20 of 20 gold cases, ben on 10; cy had none."""
    project = make_project()
    queue = make_queue(project, make_rubric(project, levels={"quality": level}))
    for key, value in changes.items():
        setattr(queue, key, value)
    queue.save()
    ada, ben = make_member(project, "ada"), make_member(project, "ben")
    make_rater(project, "cy")
    if level == "MULTI_LABEL":
        sets: dict[str, Any] = {"known": ["good"], "mistaken": ["good", "bad"]}
        answer_gold(queue, ada, right=20, wrong=0, **sets)
        answer_gold(queue, ben, right=10, wrong=10, **sets)
    else:
        answer_gold(queue, ada, right=20, wrong=0)
        answer_gold(queue, ben, right=10, wrong=10)
    return queue


ACCURACY = {"ada": 21 / 22, "ben": 11 / 22, "cy": 31 / 42}


def posterior(votes: dict[str, str], values: Sequence[str]) -> dict[str, float]:
    """Bayes by hand: all values as likely before, all errors as likely."""
    chances = {}
    for value in values:
        chances[value] = 1.0
        for rater, vote in votes.items():
            p = ACCURACY[rater]
            chances[value] *= p if vote == value else (1 - p) / (len(values) - 1)
    total = sum(chances.values())
    return {value: chance / total for value, chance in chances.items()}


def rate(queue: Queue, **votes: Any) -> int:
    members = {one.handle: one for one in queue.project.members.all()}
    given = {members[name]: {"quality": value} for name, value in votes.items()}
    return make_rated_item(queue, given).pk


def labels(queue: Queue) -> list[Label]:
    version = get_version(queue.rubric_version_id)
    return [
        item.labels[0] for item in stream_labels(queue_id=queue.pk, version=version)
    ]


def label_of(queue: Queue, **votes: Any) -> Label:
    rate(queue, **votes)
    return labels(queue)[-1]


@pytest.mark.parametrize(
    ("votes", "value", "votes_for"),
    [
        ({"ada": "bad", "ben": "good", "cy": "good"}, "bad", 1),
        ({"ada": "good", "ben": "bad", "cy": "good"}, "good", 2),
        ({"ben": "good", "cy": "good"}, "good", 2),
    ],
)
def test_votes_weigh_what_their_raters_are_worth_on_gold(votes, value, votes_for):
    label = label_of(make_known_queue(), **votes)

    assert (label.value, label.method, label.votes_for) == (
        value,
        "WEIGHTED",
        votes_for,
    )
    expected = posterior(votes, ["bad", "fair", "good"])[value]
    assert label.confidence == pytest.approx(expected, abs=1e-6)


def test_even_votes_are_for_the_adjudicator_whatever_they_weigh():
    label = label_of(make_known_queue(), ada="good", ben="bad")

    assert (label.value, label.method, label.confidence) == (None, "NONE", None)
    assert label.reason == "tie: needs adjudication"


def test_votes_that_weigh_the_same_are_a_tie():
    queue = make_known_queue()
    for name in ("dee", "eve", "flo"):
        answer_gold(queue, make_member(queue.project, name), right=1, wrong=11)
    # All of these are no better than chance, which weighs nothing.
    label = label_of(queue, dee="bad", eve="bad", flo="good")

    assert (label.value, label.reason) == (None, "tie by weight: needs adjudication")


def test_a_reviewer_with_little_gold_counts_as_the_panel_does():
    queue = make_known_queue()
    answer_gold(queue, make_member(queue.project, "dee"), right=0, wrong=9)

    label = label_of(queue, dee="good", cy="good")

    # 30 right of 49; two such votes against none.
    odds = 2 * 31 / 20
    assert label.confidence == pytest.approx(odds**2 / (odds**2 + 2), abs=1e-6)


def test_without_enough_gold_votes_count_alike_and_the_command_says_so(capsys):
    queue = make_table_queue(
        {"ann": "good bad", "bob": "good bad"}, level="NOMINAL", options=("bad", "good")
    )
    answer_gold(queue, make_member(queue.project, "ada"), right=9, wrong=0)

    call_command("labels", "--queue", "answers", "--all", "--json")

    report = json.loads(capsys.readouterr().out)
    assert {row["method"] for row in report["labels"]} == {"MAJORITY"}
    assert {row["confidence"] for row in report["labels"]} == {None}
    (note,) = report["notes"]
    assert note.startswith("quality: 9 gold answers, of 10 that it takes")


def test_the_command_writes_how_sure_each_label_is(capsys, tmp_path):
    queue = make_known_queue()
    rate(queue, ada="good", cy="good")
    path = tmp_path / "labels.jsonl"

    call_command("labels", "--queue", "answers", "--out", str(path))

    (row,) = map(json.loads, path.read_text().splitlines())
    expected = posterior({"ada": "good", "cy": "good"}, ["bad", "fair", "good"])
    assert row["confidence"] == pytest.approx(expected["good"], abs=1e-6)


def test_a_queue_that_asks_for_the_majority_gets_it():
    queue = make_known_queue(label_method=LabelMethod.MAJORITY)

    label = label_of(queue, ada="bad", ben="good", cy="good")

    assert (label.value, label.method, label.confidence) == ("good", "MAJORITY", None)


def test_a_set_of_labels_is_as_sure_as_its_least_sure_label():
    queue = make_known_queue("MULTI_LABEL")

    label = label_of(queue, ada=["good"], ben=["good", "bad"], cy=["good"])

    # Whether "bad" belongs: ben is right on that in 10 of 20, the others always.
    p_ada, p_cy = 21 / 22, 31 / 42
    odds = p_ada / (1 - p_ada) * p_cy / (1 - p_cy)
    assert (label.value, label.votes_for) == (["good"], 2)
    assert label.confidence == pytest.approx(odds / (1 + odds), abs=1e-6)


def test_a_median_has_no_probability():
    queue = make_table_queue({"ann": "3 4", "bob": "3 6"}, level="INTERVAL")

    assert [(one.method, one.confidence) for one in labels(queue)] == [
        ("MEDIAN", None),
        ("MEDIAN", None),
    ]


def test_what_was_adjudicated_is_decided_and_not_estimated():
    queue = make_known_queue()
    rate(queue, ada="bad", ben="good")
    recheck_items(now=NOW, limit=10)
    lea = make_rater(queue.project, "lea")
    make_adjudication(Dispute.objects.get(), lea, "fair")

    (label,) = labels(queue)

    assert (label.value, label.method, label.confidence) == (
        "fair",
        "ADJUDICATED",
        None,
    )


def make_modelled_queue() -> Queue:
    rows = ["good good bad bad", "good bad bad bad", "good good bad good"]
    queue = make_table_queue(
        {name: " ".join([row] * 10) for name, row in zip("abc", rows, strict=True)},
        level="NOMINAL",
        options=("bad", "good"),
    )
    queue.label_method = LabelMethod.DAWID_SKENE
    queue.save(update_fields=["label_method"])
    return queue


def test_dawid_skene_labels_where_asked_and_warns_of_thin_overlap(capsys):
    make_modelled_queue()

    call_command("labels", "--queue", "answers", "--all", "--json")

    report = json.loads(capsys.readouterr().out)
    assert {row["method"] for row in report["labels"]} == {"DAWID_SKENE"}
    assert all(row["confidence"] > 0.5 for row in report["labels"])
    assert report["notes"][0].startswith("quality: thin overlap")


def test_a_label_is_the_same_whoever_asks_and_when():
    queue = make_modelled_queue()

    assert labels(queue) == labels(queue)


def test_a_doubtful_label_goes_to_adjudication_when_it_is_measured():
    queue = make_known_queue()
    doubtful = rate(queue, ada="bad", ben="good", cy="good")
    rate(queue, ada="good", ben="good", cy="good")

    refresh_agreement(queue_id=queue.pk, now=NOW)

    dispute = Dispute.objects.get()
    assert dispute.item_id == doubtful
    assert dispute.because == "low confidence: .77 < .80 by gold-weighted majority"
    snapshot = get_snapshot(queue_id=queue.pk, version_id=queue.rubric_version_id)
    assert snapshot is not None
    assert snapshot.labels is not None
    assert snapshot.labels["n_doubtful"] == 1


def test_reviewers_who_agree_are_doubted_where_both_are_often_wrong():
    queue = make_known_queue()
    rate(queue, ben="good", cy="good")
    queue.label_confidence_floor = 0.9
    queue.save()

    dispute_doubtful_labels(queue=facts(queue), now=NOW)

    assert Dispute.objects.get().agreement == 1.0


def test_a_floor_of_zero_doubts_nothing():
    queue = make_known_queue(label_confidence_floor=0)
    rate(queue, ada="bad", ben="good", cy="good")

    assert dispute_doubtful_labels(queue=facts(queue), now=NOW) == 0


def test_an_item_that_lacks_judgments_is_not_doubted_yet():
    queue = make_known_queue(overlap=3)
    batch = make_batch(queue, queue.project.members.get(handle="ben"))
    item = make_item(queue.project)
    slot = queue.slots.create(
        item=item, number=1, tier=1, shuffle=0.5, opened_at=NOW, queue=queue
    )
    make_judgment(make_assignment(batch, item, slot), quality="good")

    assert dispute_doubtful_labels(queue=facts(queue), now=NOW) == 0


def test_a_doubt_is_told_once():
    queue = make_known_queue()
    rate(queue, ada="bad", ben="good", cy="good")

    assert dispute_doubtful_labels(queue=facts(queue), now=NOW) == 1
    assert dispute_doubtful_labels(queue=facts(queue), now=NOW) == 0


def freeze(queue: Queue) -> Frozen:
    return freeze_release(
        name="gold", queue=facts(queue), override="", frozen_by_id=None, now=NOW
    )


def make_sound_queue() -> Queue:
    queue = make_known_queue()
    for number in range(20):
        value = "good" if number % 2 else "bad"
        rate(queue, ada=value, ben=value)
    return queue


def test_a_release_says_how_sure_each_label_is_in_decimals():
    frozen = freeze(make_sound_queue())

    lineage = stream_lines(release_id=frozen.release_id, file="lineage.jsonl")
    origin = json.loads(next(lineage))["criteria"]["quality"]
    expected = posterior({"ada": "good", "ben": "good"}, ["bad", "fair", "good"])
    assert origin["method"] == "WEIGHTED"
    assert origin["confidence"] == f"{expected['good']:.6f}"


def test_what_is_frozen_again_is_the_same_release():
    queue = make_sound_queue()

    assert freeze(queue).digest == freeze(queue).digest


def test_more_gold_is_another_input_and_another_release():
    queue = make_sound_queue()
    first = freeze(queue)

    ada = queue.project.members.get(handle="ada")
    answer_gold(queue, ada, right=20, wrong=0)

    assert freeze(queue).digest != first.digest


def test_a_label_in_doubt_is_disputed_before_anything_is_frozen():
    queue = make_sound_queue()
    rate(queue, ada="bad", ben="good", cy="good")
    queue.agreement_bar = 0.1
    queue.save()

    with pytest.raises(FreezeRefused, match="1 dispute"):
        freeze(queue)


@pytest.mark.parametrize(
    ("key", "value"),
    [("label_method", LabelMethod.MAJORITY), ("label_confidence_floor", 0.5)],
)
def test_a_queue_whose_labels_are_made_otherwise_is_measured_again(key, value):
    queue = make_known_queue()
    rate(queue, ada="good", ben="good")
    refresh_stale_queues(now=NOW)

    setattr(queue, key, value)
    queue.save()

    assert refresh_stale_queues(now=NOW) == 1
    assert refresh_stale_queues(now=NOW) == 0


@pytest.mark.parametrize(
    ("share", "shown"), [(0.7999, ".79"), (0.8, ".80"), (0.29, ".29"), (1.0, "1.00")]
)
def test_a_share_under_a_floor_never_reads_like_it(share, shown):
    assert places(share) == shown


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("label_method", "GUESSED"),
        ("label_confidence_floor", 1.0),
        ("slice_floor", 1.5),
    ],
)
def test_the_database_refuses_what_no_queue_can_mean(key, value):
    with pytest.raises(IntegrityError, match=f"queue_{key}"):
        make_known_queue(**{key: value})
