"""The report command: one measurement as Markdown, charts and JSON."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from calibration.formats.report import report_text
from calibration.models import AgreementSnapshot
from calibration.services.snapshots import refresh_agreement
from tests.calibration.makers import (
    KRIPPENDORFF,
    MEG_AND_OWEN,
    make_agreeing_queue,
    make_table_queue,
    next_version,
)
from tests.factories import NOW, make_rated_item, make_rater

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue():
    return make_table_queue(KRIPPENDORFF, level="NOMINAL", options="12345")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "report"


def test_a_report_is_text_figures_and_charts(queue, out, capsys):
    call_command("report", "--queue", "answers", "--out", str(out), "--json")

    told = json.loads(capsys.readouterr().out)
    assert told["files"] == ["agreement.json", "charts/forest.svg", "report.md"]
    assert all((out / name).is_file() for name in told["files"])
    assert (out / "charts/forest.svg").read_text().startswith("<svg")


def test_the_text_and_the_figures_are_of_one_measurement(queue, out):
    call_command("report", "--queue", "answers", "--out", str(out))

    text = (out / "report.md").read_text()
    figures = json.loads((out / "agreement.json").read_text())
    [quality] = figures["agreement"]["criteria"]
    assert quality["alpha"]["value"] == pytest.approx(0.743421, abs=1e-6)
    assert "| Quality | .743 (" in text
    assert "![Alpha by criterion](charts/forest.svg)" in text
    assert "Not yet:" in text
    assert figures["breakdown"]["criteria"][0]["confusions"]


def test_a_report_of_good_agreement_says_yes(out):
    make_agreeing_queue()

    call_command("report", "--queue", "answers", "--out", str(out))

    assert "Yes: nothing stands in the way." in (out / "report.md").read_text()


def test_a_measurement_that_is_up_to_date_is_not_made_again(queue, out):
    refresh_agreement(queue_id=queue.pk, now=NOW)

    call_command("report", "--queue", "answers", "--out", str(out))

    assert AgreementSnapshot.objects.get().computed_at == NOW
    assert "measured 2026-03-02 09:00 UTC" in (out / "report.md").read_text()


def test_a_measurement_that_is_behind_is_made_again(queue, out):
    refresh_agreement(queue_id=queue.pk, now=NOW)
    make_rated_item(queue, {make_rater(queue.project, "E"): {"quality": "1"}})

    call_command("report", "--queue", "answers", "--out", str(out))

    assert AgreementSnapshot.objects.get().n_judgments == queue.judgment_set.count()


def test_a_former_rubric_version_has_its_own_report(out):
    queue = make_table_queue(MEG_AND_OWEN, level="NOMINAL", options="01")
    queue.rubric_version = next_version(queue.rubric_version)
    queue.save(update_fields=["rubric_version"])

    call_command(
        "report", "--queue", "answers", "--rubric-version", "1", "--out", str(out)
    )

    assert "`answer@1`" in (out / "report.md").read_text()


def test_a_former_report_is_written_over_and_nothing_else_is(queue, out):
    call_command("report", "--queue", "answers", "--out", str(out))
    call_command("report", "--queue", "answers", "--out", str(out))
    (out / "report.md").unlink()

    with pytest.raises(CommandError, match="holds something else than a report"):
        call_command("report", "--queue", "answers", "--out", str(out))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--queue", "nowhere"], "there is no queue 'nowhere'"),
        (["--queue", "answers", "--rubric-version", "7"], "has no version 7"),
    ],
)
def test_what_is_not_there_is_refused(queue, out, arguments, message):
    with pytest.raises(CommandError, match=message) as refused:
        call_command("report", *arguments, "--out", str(out))

    assert refused.value.returncode == 2
    assert not out.exists()


def test_words_of_a_queue_are_not_markup_in_the_report():
    results = {
        "agreement": {
            "project": "p",
            "queue": "q",
            "rubric": "r",
            "rubric_version": 1,
            "bar": 0.667,
            "reliable_bar": 0.8,
            "n_judgments": 0,
            "criteria": [],
            "left_out": [],
        },
        "breakdown": {"criteria": [], "beside_alpha": {}},
        "cases": {"blocks": []},
        "n_open_disputes": 0,
        "drawn": [],
    }

    text = report_text("<img src=x> [a](b) | c", "today", results)

    assert "# Agreement: \\<img src=x\\> \\[a\\](b) \\| c\n" in text
