"""Steps of traces as units: measured, labelled, settled and released one by one."""

import json
from typing import Any

import pytest
from django.core.management import call_command

from calibration.formats.exports.catalogue import FORMATS
from calibration.formats.judges import parse_judges
from calibration.formats.verification import verify_release
from calibration.models import Release, ReleaseLine
from calibration.queries.criteria import get_version
from calibration.queries.labels import stream_labels
from calibration.queries.releases import get_release_by_id
from calibration.services.agreement import measure_agreement
from calibration.services.doubts import dispute_doubtful_labels
from calibration.services.exports import export_release
from calibration.services.folders import write_folder
from calibration.services.freezing import FreezeRefused, freeze_release
from calibration.services.gold import NotGold, add_gold_case
from calibration.services.judge_terms import TermsRefused, apply_judge_terms
from calibration.services.reviewer_records import measure_reviewers
from calibration.services.snapshots import refresh_agreement
from labeling.models import Dispute
from reviews.models import Queue, Role
from tests.calibration.makers import facts, make_adjudication, make_dispute
from tests.factories import (
    NOW,
    make_member,
    make_project,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
    make_trace,
)

pytestmark = pytest.mark.django_db
LEVELS = {"tool": "NOMINAL", "verdict": "NOMINAL"}
SAID = {"tool": {"per_step": True}}


@pytest.fixture
def queue(db):
    project = make_project()
    version = make_rubric(project, levels=LEVELS, said=SAID)
    return make_queue(project, version)


@pytest.fixture
def raters(queue):
    return [make_rater(queue.project, handle) for handle in ("ann", "bob", "cat")]


def rate(queue: Queue, raters: Any, *rows: str, verdict: str = "good") -> Any:
    """A trace whose steps got from each rater what stands in a row of g and b."""
    words = {"g": "good", "b": "bad", "f": "fair"}
    item = make_trace(queue.project, max(map(len, rows)))
    given = {
        rater: {
            "tool": {n: words[one] for n, one in enumerate(row, start=1) if one != "."},
            "verdict": verdict,
        }
        for rater, row in zip(raters, rows, strict=False)
    }
    return make_rated_item(queue, given, item)


def measure(queue: Queue) -> Any:
    """What is measured of each criterion, by its key."""
    found = measure_agreement(queue_id=queue.pk, version_id=queue.rubric_version_id)
    return {one.key: one for one in found.criteria}


def labelled(queue: Queue) -> Any:
    return list(
        stream_labels(queue_id=queue.pk, version=get_version(queue.rubric_version_id))
    )


def freeze(queue: Queue, **changes: Any) -> Any:
    values = {"name": "gate", "override": "a test", "frozen_by_id": None, "now": NOW}
    return freeze_release(queue=facts(queue), **values | changes)


def lines(frozen: Any, file: str) -> list[Any]:
    rows = ReleaseLine.objects.filter(release_id=frozen.release_id, file=file)
    return [json.loads(row.text) for row in rows.order_by("number")]


def test_each_step_is_a_unit_of_agreement(queue, raters):
    rate(queue, raters, "gb", "gg")
    rate(queue, raters, "bb", "bb")

    tool = measure(queue)["tool"]

    assert (tool.unit, tool.n_items, tool.n_ratings) == ("step", 4, 8)
    assert tool.percent.value == 0.75
    # By hand: observed 2/8, expected 2 * 3 * 5 / (8 * 7).
    assert tool.alpha.value == pytest.approx(1 - 0.25 / (30 / 56))


def test_intervals_draw_the_steps_of_an_item_together(queue, raters):
    for number in range(12):
        rate(queue, raters, "gbgbg", "gbgbg" if number % 3 else "bgbgb")

    tool = measure(queue)["tool"]

    assert tool.n_items == 60
    assert tool.alpha.method.endswith("over 12 clusters")
    assert tool.alpha.high - tool.alpha.low > 0.4


def test_steps_enter_no_figure_of_items(queue, raters):
    rate(queue, raters, "gbg", "bgb")

    verdict = measure(queue)["verdict"]

    assert (verdict.unit, verdict.n_items, verdict.n_ratings) == ("item", 1, 2)


def test_each_step_has_a_label_of_its_own(queue, raters):
    rate(queue, raters, "gbg", "gbb", "gg.")

    [item] = labelled(queue)

    found = [(one.step, one.value, one.n_votes) for one in item.step_labels]
    assert found == [(1, "good", 3), (2, "bad", 3), (3, None, 2)]
    assert [one.criterion for one in item.labels] == ["verdict"]


def test_a_model_of_the_raters_weighs_steps_as_units(queue, raters):
    Queue.objects.filter(pk=queue.pk).update(label_method="DAWID_SKENE")
    rate(queue, raters, "gbgb", "gbgb", "gbgg")

    [item] = labelled(queue)

    assert [one.value for one in item.step_labels] == ["good", "bad", "good", "bad"]
    assert {one.method for one in item.step_labels} == {"DAWID_SKENE"}


def test_a_decision_about_a_step_settles_that_step(queue, raters):
    item = rate(queue, raters, "gb", "bg")
    dispute = make_dispute(queue, item, "tool", step=2)
    make_adjudication(dispute, raters[2], "fair")

    [found] = labelled(queue)

    assert [(one.step, one.value) for one in found.step_labels] == [
        (1, None),
        (2, "fair"),
    ]


def test_a_tie_over_a_step_opens_a_dispute_about_it_once(queue, raters):
    rate(queue, raters, "gbg", "gbb")

    opened = [dispute_doubtful_labels(queue=facts(queue), now=NOW) for _ in range(2)]

    assert opened == [1, 0]
    assert Dispute.objects.get().step == 3


def test_a_case_holds_the_labels_of_its_steps(queue, raters, tmp_path):
    rate(queue, raters, "gb", "gb")

    frozen = freeze(queue)

    [case] = lines(frozen, "cases.jsonl")
    [lineage] = lines(frozen, "lineage.jsonl")
    assert case["labels"] == {"verdict": "good"}
    assert case["step_labels"] == {
        "tool": [{"step": 1, "value": "good"}, {"step": 2, "value": "bad"}]
    }
    assert case["grading"]["criteria"] == ["verdict"]
    assert [(one["step"], one["n_votes"]) for one in lineage["steps"]["tool"]] == [
        (1, 2),
        (2, 2),
    ]
    write_folder(get_release_by_id(frozen.release_id), tmp_path / "out")
    assert verify_release(tmp_path / "out").ok


def test_the_manifest_counts_the_labels_of_steps_apart(queue, raters):
    rate(queue, raters, "gb", "gb")

    frozen = freeze(queue)

    manifest = json.loads(Release.objects.get(pk=frozen.release_id).manifest)
    assert manifest["labels"] == {"verdict": {"good": 1}}
    assert manifest["step_labels"] == {"tool": {"bad": 1, "good": 1}}
    assert manifest["agreement"]["criteria"][0]["unit"] == "step"


def test_an_item_with_an_undecided_step_is_no_case(queue, raters):
    rate(queue, raters, "gb", "gb")
    rate(queue, raters, "gb", "gg")

    frozen = freeze(queue)

    manifest = json.loads(Release.objects.get(pk=frozen.release_id).manifest)
    assert manifest["left_out"] == {"no label on tool": 1}


def test_agreement_on_steps_under_the_bar_refuses_to_freeze(queue, raters):
    for number in range(20):
        rate(queue, raters, "gb", "bg", verdict="good" if number % 2 else "bad")

    with pytest.raises(FreezeRefused, match="tool: alpha"):
        freeze(queue, override="")


def test_a_rubric_of_steps_alone_makes_no_golden_set():
    project = make_project()
    version = make_rubric(project, levels={"tool": "NOMINAL"}, said=SAID)

    with pytest.raises(FreezeRefused, match="rates steps alone"):
        freeze(make_queue(project, version))


def test_labels_of_steps_are_listed_by_step(queue, raters, capsys):
    rate(queue, raters, "gb", "gb")

    call_command("labels", "--queue", "answers", "--all", "--json")

    found = json.loads(capsys.readouterr().out)
    assert [
        (row["criterion"], row["step"], row["label"]) for row in found["labels"]
    ] == [("verdict", None, "good"), ("tool", 1, "good"), ("tool", 2, "bad")]
    assert found["counts"] == {"tool": {"bad": 1, "good": 1}, "verdict": {"good": 1}}


def test_gold_is_of_items_and_asks_nothing_of_steps(queue):
    item = make_trace(queue.project)
    which = {"queue_id": queue.pk, "item_id": item.pk, "rationale": "", "now": NOW}

    with pytest.raises(NotGold, match=r"ratings.tool: rated for each step"):
        add_gold_case(ratings={"tool": "good", "verdict": "good"}, **which)

    assert add_gold_case(ratings={"verdict": "good"}, **which)


def test_a_failure_is_of_an_item(queue):
    terms = parse_judges('failure = { criterion = "tool", values = ["bad"] }')

    with pytest.raises(TermsRefused, match="tool is rated for each step"):
        apply_judge_terms(queue_id=queue.pk, terms=terms, now=NOW)


def test_a_reviewers_record_holds_no_steps(queue, raters):
    rate(queue, raters, "gbgb", "bgbg")

    [ann, _] = measure_reviewers(queue_id=queue.pk, version_id=queue.rubric_version_id)

    assert ann.with_others.n_ratings == 1


def test_the_page_counts_steps_and_slices_items_alone(queue, raters, client):
    rate(queue, raters, "gbg", "gbb")
    refresh_agreement(queue_id=queue.pk, now=NOW)
    client.force_login(make_member(queue.project, "lea", Role.LEAD).user)

    page = client.get("/p/shop/queues/answers/agreement/").content.decode()

    assert "nominal, each step" in page
    assert "3 steps<br>" in page


@pytest.mark.parametrize("form", FORMATS)
def test_labels_of_steps_go_along_or_are_counted(queue, raters, tmp_path, form):
    rate(queue, raters, "gb", "gb")
    release = get_release_by_id(freeze(queue).release_id)
    out = tmp_path / f"out{FORMATS[form].suffix}"

    losses = export_release(release=release, form=form, out=out)

    files = [out] if out.is_file() else [one for one in out.rglob("*") if one.is_file()]
    is_in = any(b"step_labels" in one.read_bytes() for one in files)
    assert is_in or "the labels of steps" in [one.what for one in losses]
