"""Gold cases: added once, checked against the scale."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from calibration.models import GoldCase
from calibration.services.gold import NotGold, add_gold_case
from reviews.models import Seed
from tests.factories import NOW, make_item, make_queue, make_rubric


@pytest.fixture
def queue(cast):
    version = make_rubric(cast.project, levels={"quality": "ORDINAL", "note": "TEXT"})
    return make_queue(cast.project, version, reviewers=[cast.ada, cast.ben])


def add(queue, item, **ratings) -> bool:
    return add_gold_case(
        queue_id=queue.pk, item_id=item.pk, ratings=ratings, rationale="Known.", now=NOW
    )


def test_a_gold_case_seeds_its_item_in_the_band_of_its_value(queue):
    item = make_item(queue.project)

    assert add(queue, item, quality="bad")

    case = GoldCase.objects.get(item=item)
    assert case.ratings.get().value == "bad"
    assert Seed.objects.get(item=item).band == "bad"


def test_the_same_case_again_changes_nothing(queue):
    item = make_item(queue.project)
    add(queue, item, quality="bad")

    assert not add(queue, item, quality="bad")
    assert GoldCase.objects.count() == 1


@pytest.mark.parametrize(
    ("ratings", "message"),
    [
        ({"quality": "awful"}, "ratings.quality: expected one of bad, fair, good"),
        ({"colour": "red"}, "ratings.colour: unknown criterion"),
        ({"note": "fine"}, "ratings.quality: missing"),
    ],
)
def test_ratings_off_the_scale_are_refused(queue, ratings, message):
    with pytest.raises(NotGold, match=message):
        add(queue, make_item(queue.project), **ratings)

    assert not GoldCase.objects.exists()
    assert not Seed.objects.exists()


def test_other_ratings_for_a_gold_case_are_refused(queue):
    item = make_item(queue.project)
    add(queue, item, quality="bad")

    with pytest.raises(NotGold, match="is a gold case with other ratings"):
        add(queue, item, quality="good")


GOOD = {"id": "known", "ratings": {"quality": "bad"}, "rationale": "Says so."}


def test_the_command_adds_the_good_lines_and_reports_the_others(
    queue, tmp_path, capsys
):
    make_item(queue.project, external_id="known")
    make_item(queue.project, external_id="other")
    lines = [
        json.dumps(GOOD),
        "not json",
        json.dumps({"id": "nobody", "ratings": {"quality": "bad"}}),
        json.dumps({"id": "other", "ratings": {"quality": 1}}),
        json.dumps({"id": "other", "ratings": {}}),
        json.dumps(GOOD | {"model": "x"}),
        json.dumps({"id": "a\0", "ratings": {"quality": "bad"}}),
        "[1]",
        "",
    ]
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(lines))

    with pytest.raises(CommandError) as failed:
        call_command("gold", "apply", path, "--queue", "answers", "--json")

    report = json.loads(capsys.readouterr().out)
    assert failed.value.returncode == 1
    assert (report["added"], report["unchanged"]) == (1, 0)
    assert [fault["line"] for fault in report["faults"]] == [2, 3, 4, 5, 6, 7, 8]
    assert report["faults"][1] == {
        "line": 3,
        "field": "id",
        "expected": "the project has no item 'nobody'",
        "id": None,
    }


def test_the_command_is_idempotent(queue, tmp_path, capsys):
    make_item(queue.project, external_id="known")
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(GOOD))

    for _ in range(2):
        call_command("gold", "apply", path, "--queue", "answers")

    assert "0 gold cases added, 1 unchanged" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_refused(queue, tmp_path):
    with pytest.raises(CommandError, match="cannot read") as refused:
        call_command("gold", "apply", tmp_path / "none", "--queue", "answers")

    assert refused.value.returncode == 2
