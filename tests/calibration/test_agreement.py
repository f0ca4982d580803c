"""Agreement of a queue, from ratings to the command's JSON."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from calibration.services.agreement import Agreement, measure_agreement
from labeling.models import RubricVersion
from reviews.models import Purpose, Queue
from tests.calibration.makers import (
    KRIPPENDORFF,
    MEG_AND_OWEN,
    make_table_queue,
    next_version,
)
from tests.factories import (
    make_assignment,
    make_batch,
    make_item,
    make_judgment,
    make_project,
    make_queue,
    make_rated_item,
    make_rater,
    make_rubric,
)

pytestmark = pytest.mark.django_db


def measured(queue: Queue) -> Agreement:
    return measure_agreement(queue_id=queue.pk, version_id=queue.rubric_version_id)


def run(capsys, *arguments: str) -> dict[str, Any]:
    call_command("agreement", "--json", *arguments)
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


@pytest.mark.parametrize(
    ("level", "alpha"),
    [("NOMINAL", 0.743421), ("ORDINAL", 0.815388), ("INTERVAL", 0.849107)],
)
def test_alpha_is_that_of_krippendorffs_example(level, alpha):
    queue = make_table_queue(KRIPPENDORFF, level=level, options="12345")

    [quality] = measured(queue).criteria

    assert quality.alpha.value == pytest.approx(alpha, abs=1e-6)
    assert (quality.n_items, quality.n_ratings, quality.n_raters) == (12, 41, 4)


def test_alpha_of_two_raters_on_a_binary_scale_is_the_published_one():
    queue = make_table_queue(MEG_AND_OWEN, level="NOMINAL", options="01")

    [quality] = measured(queue).criteria

    assert quality.alpha.value == pytest.approx(0.095238, abs=1e-6)
    assert quality.percent.value == pytest.approx(0.6)


def test_kappa_is_weighted_over_the_whole_scale_when_ordinal():
    queue = make_table_queue(
        {"A": "1 2 5 1 5", "B": "1 2 2 2 5"}, level="ORDINAL", options="12345"
    )

    [quality] = measured(queue).criteria

    # Mean squared distance 2, and 5.36 by chance; 3 and 4 are never used.

    assert quality.weights == "quadratic"
    [pair] = quality.kappas
    assert pair.kappa.value == pytest.approx(1 - 2 / 5.36)


def test_json_has_the_published_shape(capsys):
    make_table_queue(KRIPPENDORFF, level="NOMINAL", options="12345")

    report = run(capsys, "--queue", "answers")

    assert (report["queue"], report["rubric_version"]) == ("answers", 1)
    [quality] = report["criteria"]
    assert quality["criterion"] == "quality"
    assert quality["level"] == "nominal"
    assert quality["alpha"]["value"] == pytest.approx(0.743421, abs=1e-6)
    assert quality["percent_agreement"]["value"] == pytest.approx(0.8181818)
    assert len(quality["cohen_kappa"]) == 6
    assert quality["cohen_kappa"][0]["raters"] == ["A", "B"]
    assert quality["cohen_kappa"][0].keys() >= {"n_items", "value", "reason"}
    assert quality["mean_kappa"].keys() >= {"value", "reason"}


def test_undefined_values_are_null_with_a_reason(capsys):
    make_table_queue({"A": "1 1", "B": "1 1"}, level="NOMINAL", options="12")

    [quality] = run(capsys, "--queue", "answers")["criteria"]

    assert quality["alpha"]["value"] is None
    assert "no variation" in quality["alpha"]["reason"]
    assert quality["cohen_kappa"][0]["value"] is None
    assert quality["mean_kappa"]["reason"]


@pytest.mark.parametrize("level", ["NOMINAL", "ORDINAL", "INTERVAL", "PAIRWISE"])
def test_a_queue_without_judgments_says_so(capsys, level):
    project = make_project()
    make_queue(project, make_rubric(project, levels={"quality": level}))

    [quality] = run(capsys, "--queue", "answers")["criteria"]

    assert (quality["n_items"], quality["alpha"]["value"]) == (0, None)
    assert quality["alpha"]["reason"] == "no item has two ratings"


def test_an_interval_scale_of_many_steps_has_alpha_and_no_kappa():
    project = make_project()
    version = make_rubric(project, levels={"note": "TEXT"})
    version.criteria.create(
        key="score",
        title="Score",
        level="INTERVAL",
        position=1,
        minimum=0,
        maximum=100,
        step="0.01",
    )
    queue = make_queue(project, version)
    ann, bob = (make_rater(project, name) for name in ("ann", "bob"))
    for mine, yours in ((1.25, 1.5), (40, 42.01), (99.99, 97)):
        make_rated_item(queue, {ann: {"score": mine}, bob: {"score": yours}})

    [score] = measured(queue).criteria

    assert score.alpha.value == pytest.approx(0.9985, abs=1e-3)
    assert score.kappas == ()
    assert score.mean_kappa.reason == "the scale has more than 1000 steps: see alpha"


def test_rubric_versions_are_never_mixed(capsys):
    queue = make_table_queue(MEG_AND_OWEN, level="NOMINAL", options="01")
    queue.rubric_version = next_version(queue.rubric_version)
    queue.save(update_fields=["rubric_version"])
    ann, bob = (make_rater(queue.project, name) for name in ("ann", "bob"))
    for value in ("0", "1"):
        make_rated_item(queue, {ann: {"quality": value}, bob: {"quality": value}})

    newest = run(capsys, "--queue", "answers")
    first = run(capsys, "--queue", "answers", "--rubric-version", "1")

    assert newest["criteria"][0]["alpha"]["value"] == 1.0
    assert first["criteria"][0]["alpha"]["value"] == pytest.approx(0.095238, abs=1e-6)
    assert (newest["rubric_version"], first["rubric_version"]) == (2, 1)


@pytest.mark.parametrize("purpose", [Purpose.GOLD, Purpose.RETEST])
def test_gold_and_retest_judgments_never_count(cast, purpose):
    version = make_rubric(cast.project)
    queue = make_queue(cast.project, version, reviewers=[cast.ada, cast.ben])
    item = make_item(cast.project)
    for reviewer in (cast.ada, cast.ben):
        batch = make_batch(queue, reviewer)
        make_judgment(make_assignment(batch, item, purpose=purpose), quality="bad")

    agreement = measured(queue)

    assert agreement.n_judgments == 0
    assert agreement.criteria[0].n_ratings == 0


def test_each_label_of_a_multi_label_criterion_is_measured_alone():
    project = make_project()
    version = make_rubric(
        project, levels={"flaws": "MULTI_LABEL"}, options=("rude", "false", "odd")
    )
    queue = make_queue(project, version)
    ann, bob = (make_rater(project, name) for name in ("ann", "bob"))
    for mine, yours in ((["rude"], ["rude", "false"]), ([], ["false"]), ([], [])):
        make_rated_item(queue, {ann: {"flaws": mine}, bob: {"flaws": yours}})

    entries = {entry.key: entry for entry in measured(queue).criteria}

    assert list(entries) == ["flaws/rude", "flaws/false", "flaws/odd"]
    assert entries["flaws/rude"].alpha.value == 1.0
    assert entries["flaws/odd"].alpha.value is None
    assert entries["flaws/odd"].is_unused_label
    assert not entries["flaws/false"].is_unused_label


def test_a_pairwise_criterion_is_nominal_unless_the_rubric_says_ordinal(capsys):
    project = make_project()
    plain = make_rubric(project, levels={"better": "PAIRWISE"})
    ordered = RubricVersion.objects.create(
        rubric=plain.rubric,
        number=2,
        title="Ordered",
        document={"criteria": [{"key": "better", "alpha": "ordinal"}]},
        published_at=plain.published_at,
    )
    criterion = plain.criteria.get()
    criterion.pk, criterion.version = None, ordered
    criterion._state.adding = True
    criterion.save()
    make_queue(project, plain, "plain")
    make_queue(project, ordered, "ordered")

    levels = [
        run(capsys, "--queue", name)["criteria"][0]["alpha_level"]
        for name in ("plain", "ordered")
    ]

    assert levels == ["nominal", "ordinal"]


def test_free_text_is_left_out_and_said_so(capsys):
    project = make_project()
    make_queue(project, make_rubric(project, levels={"note": "TEXT"}))

    report = run(capsys, "--queue", "answers")

    assert (report["criteria"], report["left_out"]) == ([], ["note"])


def test_the_order_in_which_ratings_arrived_changes_nothing():
    forwards = make_table_queue(KRIPPENDORFF, level="ORDINAL", options="12345")
    backwards = make_table_queue(
        {name: " ".join(row.split()[::-1]) for name, row in KRIPPENDORFF.items()},
        level="ORDINAL",
        options="12345",
        project=make_project("other"),
    )

    one, other = (measured(queue).criteria[0] for queue in (forwards, backwards))

    assert one.alpha == other.alpha
    assert [pair.kappa for pair in one.kappas] == [pair.kappa for pair in other.kappas]


def test_the_table_shows_alpha_against_the_bars(capsys):
    make_table_queue(KRIPPENDORFF, level="NOMINAL", options="12345")

    call_command("agreement", "--queue", "answers")

    out = capsys.readouterr().out
    assert ".743" in out
    assert "too low: lower limit under .667, the bar of this queue" in out
    assert "kappa A - B" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--queue", "nowhere"], "there is no queue 'nowhere'"),
        (["--queue", "answers", "--rubric-version", "7"], "has no version 7"),
    ],
)
def test_what_is_not_there_is_refused(arguments, message):
    make_table_queue(MEG_AND_OWEN, level="NOMINAL", options="01")

    with pytest.raises(CommandError, match=message) as refused:
        call_command("agreement", *arguments)

    assert refused.value.returncode == 2
