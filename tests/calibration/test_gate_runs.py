"""Thresholds are registered before a run, runs are kept, and a page shows them."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from calibration.formats.gate_verdict import UNWEIGHTED
from calibration.models import GateRun, GateThresholds, GoldenSet
from calibration.queries.releases import find_golden_set
from calibration.services.gate_runs import register_thresholds
from tests.calibration.gate_makers import write_candidate
from tests.calibration.makers import make_agreeing_queue
from tests.factories import NOW

pytestmark = pytest.mark.django_db

N = 30
# Of thirty cases, missed are none (0 to 11%), four (5 to 30%) and half (33 to 67%).
GOOD, AMBIGUOUS, BAD = 0, 4, 15
THRESHOLDS = "[disagreement]\noverall = 0.15\n"
LOOSE = "[disagreement]\noverall = 0.6\n"


class Desk:
    """A frozen set, with thresholds registered before any candidate."""

    def __init__(self, folder: Path, capsys: Any, project: Any) -> None:
        make_agreeing_queue(project, n=N)
        call_command("freeze", "core", queue="answers", out=folder / "release")
        self.folder = folder
        self._capsys = capsys
        lines = (folder / "release" / "cases.jsonl").read_text().split("\n")[:-1]
        self.labels = {
            case["id"]: case["labels"]["quality"] for case in map(json.loads, lines)
        }
        self.register(THRESHOLDS)
        capsys.readouterr()

    def register(self, text: str, now: Any = NOW) -> None:
        register_thresholds(
            golden_set=find_golden_set(name="core"),
            data=text.encode(),
            registered_by_id=None,
            now=now,
        )

    def candidate(self, wrong: int, name: str, created_at: Any = None) -> Path:
        other = {"good": "bad", "bad": "good"}
        rows = [
            {"id": case, "verdicts": {"quality": other[label] if n < wrong else label}}
            for n, (case, label) in enumerate(sorted(self.labels.items()))
        ]
        created_at = created_at or NOW + timedelta(days=1)
        head = {"candidate": name, "created_at": created_at.isoformat()}
        return write_candidate(self.folder / "candidate.jsonl", rows, head=head)

    def gate(self, wrong: int, name: str, **options: Any) -> Any:
        path = self.candidate(wrong, name, options.pop("created_at", None))
        code = 0
        try:
            call_command("gate", "core@1.0.0", candidate=path, json=True, **options)
        except SystemExit as end:
            code = int(end.code or 0)
        return code, json.loads(self._capsys.readouterr().out)


@pytest.fixture
def desk(cast, tmp_path, capsys):
    return Desk(tmp_path, capsys, cast.project)


@pytest.fixture
def url(desk, client, cast):
    client.force_login(cast.lea.user)
    return reverse("calibration:gate", args=["shop", "core"])


@pytest.mark.parametrize(
    ("wrong", "verdict", "code"),
    [(GOOD, "CLEAR", 0), (AMBIGUOUS, "HOLD", 3), (BAD, "BLOCKED", 4)],
)
def test_a_run_is_kept_with_its_verdict(desk, wrong, verdict, code):
    found, report = desk.gate(wrong, "new")

    run = GateRun.objects.get(pk=report["run"])
    assert (found, run.verdict, run.candidate) == (code, verdict, "new")
    assert run.report["figures"] == report["figures"]
    assert sum(run.scores.values()) == wrong


def test_files_alone_come_to_the_same(desk, capsys):
    _, kept = desk.gate(AMBIGUOUS, "new")
    thresholds = desk.folder / "T.toml"
    thresholds.write_text(THRESHOLDS)

    with pytest.raises(SystemExit) as end:
        call_command(
            "gate",
            release=desk.folder / "release",
            candidate=desk.folder / "candidate.jsonl",
            thresholds=thresholds,
            json=True,
        )

    alone = json.loads(capsys.readouterr().out)
    assert end.value.code == 3
    for key in ("verdict", "figures", "checks", "trust", "release", "disagreeing"):
        assert alone[key] == kept[key]
    assert alone["thresholds"]["sha256"] == kept["thresholds"]["sha256"]


def test_the_same_run_again_is_the_same_run(desk):
    _, first = desk.gate(GOOD, "new")

    _, again = desk.gate(GOOD, "new")

    assert first["run"] == again["run"]
    assert GateRun.objects.count() == 1


def test_a_candidate_is_compared_with_the_last_other_one(desk):
    desk.gate(GOOD, "old")

    _, report = desk.gate(BAD, "new")

    assert report["change"]["previous"] == "old"
    assert report["change"]["outcome"] == "worse"
    assert report["change"]["n_worse"] == BAD


def test_thresholds_nobody_registered_are_refused(desk, tmp_path):
    path = tmp_path / "T.toml"
    path.write_text("[disagreement]\noverall = 0.9\n")

    with pytest.raises(CommandError, match="first bin/touchstone thresholds register"):
        desk.gate(GOOD, "new", thresholds=path)

    assert not GateRun.objects.exists()


def test_thresholds_older_than_the_candidate_raise_no_flag(desk):
    _, report = desk.gate(GOOD, "new")

    assert report["thresholds"]["at"] == NOW.isoformat()
    assert not any("younger" in flag for flag in report["flags"])


def test_thresholds_younger_than_the_candidate_are_flagged(desk):
    _, report = desk.gate(GOOD, "new", created_at=NOW - timedelta(hours=1))

    assert (
        "the thresholds are younger than the candidate: they may have been chosen to "
        "fit it"
    ) in report["flags"]


def test_thresholds_loosened_after_a_verdict_are_flagged(desk):
    created_at = NOW + timedelta(days=1)
    first = GateThresholds.objects.get()
    _, before = desk.gate(AMBIGUOUS, "new", created_at=created_at)
    # The candidate was run long after this, and says that it is as young.
    desk.register(LOOSE, timezone.now())

    code, report = desk.gate(AMBIGUOUS, "new", created_at=created_at)

    assert (before["verdict"], code) == ("HOLD", 0)
    assert report["flags"][:2] == [
        "the thresholds are younger than the candidate: they may have been chosen to "
        "fit it",
        "an earlier run of this candidate under other thresholds said HOLD "
        f"(core@1.0.0, thresholds {first.sha256[:12]})",
    ]


def test_thresholds_are_young_by_the_first_run_of_the_file(desk):
    path = desk.candidate(AMBIGUOUS, "new")
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    with pytest.raises(SystemExit):
        call_command("gate", "core", candidate=path)
    desk.register(LOOSE, timezone.now())
    later = (timezone.now() + timedelta(minutes=1)).timestamp()
    os.utime(path, (later, later))

    call_command("gate", "core", candidate=path)

    flags = GateRun.objects.latest("pk").report["flags"]
    assert flags[0].startswith("the thresholds are younger than the candidate:")


def test_a_run_again_says_nothing_of_later_ones(desk):
    _, first = desk.gate(AMBIGUOUS, "new")
    desk.register(LOOSE, timezone.now())
    desk.gate(AMBIGUOUS, "new")
    strict = desk.folder / "T.toml"
    strict.write_text(THRESHOLDS)

    _, again = desk.gate(AMBIGUOUS, "new", thresholds=strict)

    assert again == first


def test_a_candidate_from_the_future_is_refused(desk):
    created_at = timezone.now() + timedelta(days=1500)

    with pytest.raises(CommandError) as refused:
        desk.gate(GOOD, "new", created_at=created_at)

    assert "line 1: created_at: expected a time that is not in the future" in str(
        refused.value
    )
    assert not GateRun.objects.exists()


def test_the_same_file_is_registered_once(desk, tmp_path, capsys):
    path = tmp_path / "T.toml"
    path.write_text(THRESHOLDS)

    call_command("thresholds", "register", path, golden_set="core", json=True)

    report = json.loads(capsys.readouterr().out)
    assert (report["new"], report["registered_at"]) == (False, NOW.isoformat())
    assert GateThresholds.objects.count() == 1


def test_registered_files_are_listed_newest_first(desk, capsys):
    desk.register("[win_rate]\noverall = 0.5\n")

    call_command("thresholds", "list", golden_set="shop/core", json=True)

    listed = json.loads(capsys.readouterr().out)["thresholds"]
    newest = GateThresholds.objects.latest("pk")
    assert listed[0]["sha256"] == newest.sha256
    assert len(listed) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [("[disagreement]\n", "overall: is required"), ('golden_set = "x"', "expected [")],
)
def test_a_file_that_is_none_is_not_registered(desk, tmp_path, text, said):
    path = tmp_path / "T.toml"
    path.write_text(text)

    with pytest.raises(CommandError) as refused:
        call_command("thresholds", "register", path, golden_set="core")

    assert said in str(refused.value)
    assert GateThresholds.objects.count() == 1


def test_thresholds_of_another_set_are_not_registered(desk, tmp_path):
    path = tmp_path / "T.toml"
    path.write_text(f'golden_set = "other"\n{THRESHOLDS}')

    with pytest.raises(CommandError, match="is other, and this is core"):
        call_command("thresholds", "register", path, golden_set="core")


def test_a_run_is_not_rewritten(desk):
    desk.gate(GOOD, "new")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        GateRun.objects.update(verdict="HOLD")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        GateRun.objects.all().delete()


def test_registered_thresholds_are_not_rewritten(desk):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        GateThresholds.objects.update(registered_at=NOW - timedelta(days=9))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        GateThresholds.objects.all().delete()


def test_a_run_has_one_of_three_verdicts(desk):
    desk.gate(GOOD, "new")
    run = GateRun.objects.get()
    run.pk, run.verdict, run.candidate_sha256 = None, "MAYBE", "0" * 64

    with pytest.raises(IntegrityError, match="gaterun_verdict_known"):
        run.save(force_insert=True)


def test_a_candidate_is_kept_once_under_the_same_thresholds(desk):
    desk.gate(GOOD, "new")
    run = GateRun.objects.get()
    run.pk = None

    with pytest.raises(IntegrityError, match="gaterun_once_per_candidate"):
        run.save(force_insert=True)


def test_thresholds_are_kept_once_per_set(desk):
    found = GateThresholds.objects.get()
    found.pk = None

    with pytest.raises(IntegrityError, match="gatethresholds_once_per_set"):
        found.save(force_insert=True)


def test_page_without_runs_says_what_to_do(url, client):
    body = client.get(url).content.decode()

    assert "No candidate yet" in body
    assert "bin/touchstone gate shop/core@1.0.0" in body
    assert THRESHOLDS.splitlines()[1] in body


def test_page_shows_runs_flips_and_other_thresholds(url, client, desk):
    desk.gate(GOOD, "old")
    desk.gate(AMBIGUOUS, "new")

    page = client.get(url).context["page"]

    assert [(row.candidate, row.verdict.word) for row in page.runs] == [
        ("new", "HOLD"),
        ("old", "CLEAR"),
    ]
    assert page.shown.n_flips == AMBIGUOUS
    assert page.shown.trust[0]["name"] == "people at freeze, Quality"
    [other] = page.shown.others
    said = {row.bar: row.outcomes[0].word for row in other.rows}
    assert (said["5%"], said["15%"], said["30%"]) == ("BLOCKED", "HOLD", "CLEAR")
    assert [row.bar for row in other.rows if row.is_own] == ["15%"]


def test_page_does_not_call_unweighted_figures_re_weighted(url, client, desk):
    desk.gate(GOOD, "new")

    body = client.get(url).content.decode()

    assert body.lower().count(UNWEIGHTED) == 2
    assert "re-weighted" not in body.lower()


def test_page_shows_win_rates_of_preferences(url, client, desk):
    desk.register("[win_rate]\noverall = 0.5\n")
    rows = [
        {"id": case, "outcome": ("win", "tie", "loss")[n % 3]}
        for n, case in enumerate(desk.labels)
    ]
    candidate = write_candidate(desk.folder / "compared.jsonl", rows)

    with pytest.raises(SystemExit):
        call_command("gate", "core", candidate=candidate)

    page = client.get(url).context["page"]
    assert (page.runs[0].measure, page.runs[0].overall[:5]) == ("win rate", "50.0%")
    assert page.shown.wrong[0].answers == (("", "loss", ""),)
    assert page.charts == frozenset()


def test_page_shows_an_older_run_where_asked(url, client, desk):
    _, report = desk.gate(GOOD, "old")
    desk.gate(BAD, "new")

    page = client.get(url, {"run": report["run"]}).context["page"]

    assert page.shown.run.candidate == "old"


@pytest.mark.parametrize("run", ["999", "9" * 15])
def test_a_run_that_is_not_there_is_no_page(url, client, run):
    assert client.get(url, {"run": run}).status_code == 404


@pytest.mark.parametrize("run", ["x", "", "-1", "²", "9" * 400])
def test_what_is_no_number_shows_the_newest(url, client, desk, run):
    desk.gate(GOOD, "new")

    assert client.get(url, {"run": run}).status_code == 200


def test_charts_are_drawn_with_the_newest_run(url, client, desk):
    desk.gate(GOOD, "old")
    desk.gate(BAD, "a <b>&name")

    response = client.get(f"{url}charts/overall.svg")

    assert response.headers["Content-Type"] == "image/svg+xml"
    body = response.content.decode()
    assert "a &lt;b&gt;&amp;name" in body
    assert "old" in body


@pytest.mark.parametrize("name", ["overall", "nothing", "overall__x"])
def test_a_chart_that_was_not_drawn_is_not_there(url, client, name):
    assert client.get(f"{url}charts/{name}.svg").status_code == 404


def test_hostile_names_are_text_on_the_page(url, client, desk):
    desk.gate(BAD, "<script>alert(1)</script>")

    body = client.get(url).content.decode()

    assert "<script>alert(1)" not in body
    assert "&lt;script&gt;alert(1)" in body


def test_number_of_queries_does_not_grow_with_runs(
    url, client, desk, django_assert_max_num_queries
):
    for n in range(3):
        desk.gate(n, f"candidate-{n}")

    with django_assert_max_num_queries(12):
        client.get(url)


def test_golden_set_s_page_leads_to_its_gate(url, client):
    body = client.get(reverse("calibration:golden_set", args=["shop", "core"])).content

    assert f'href="{url}"'.encode() in body
    assert GoldenSet.objects.count() == 1
