"""The sample project: alive on every page, anew on demand."""

import json
import shutil
import stat
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from calibration.models import (
    AgreementSnapshot,
    GateRun,
    PanelKind,
    PanelSnapshot,
    Release,
)
from labeling.models import Dispute, Judgment
from reviews.models import (
    Item,
    Member,
    Origin,
    Project,
    Role,
    RoutingDecision,
    Slot,
    SlotState,
    User,
)
from reviews.services.projects import add_member
from tests.factories import NOW, make_project


@dataclass(frozen=True)
class Made:
    said: dict[str, Any]
    sign_in: Path


@pytest.fixture(scope="module")
def made(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[Made]:
    """Once for all tests of this file: each of them is undone, and at last this too."""
    folder, out = tmp_path_factory.mktemp("sample"), StringIO()
    # The hasher of tests/conftest.py, which is there for single tests alone.
    made_up = override_settings(
        DATA_DIR=folder,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )
    with django_db_blocker.unblock(), transaction.atomic():
        with made_up, redirect_stdout(out):
            call_command("demo", "--json")
        yield Made(json.loads(out.getvalue()), folder / "sign-in.txt")
        transaction.set_rollback(True)


@pytest.fixture
def sample(made: Made, db: None, settings: Any, tmp_path: Path) -> dict[str, Any]:
    settings.DATA_DIR = tmp_path
    shutil.copy2(made.sign_in, tmp_path)
    return made.said


def test_sample_has_something_for_every_page(sample):
    assert sample["items"] > 100
    assert set(Item.objects.values_list("kind", flat=True)) == {
        "SINGLE",
        "PAIR",
        "TRACE",
    }
    rules = RoutingDecision.objects.values_list("action", flat=True)
    assert set(rules) == {"QUEUE", "SAMPLE", "SHIP"}
    assert (
        sample["disputes_open"]
        == Dispute.objects.filter(adjudication__isnull=True).count()
    )
    assert sample["disputes_open"] >= 3
    assert Dispute.objects.filter(adjudication__isnull=False).exists()
    assert AgreementSnapshot.objects.values("queue").distinct().count() == 3
    assert Release.objects.count() == 1


def test_sample_has_a_candidate_for_every_verdict(sample):
    runs = GateRun.objects.order_by("ran_at")

    assert [(run.candidate, run.verdict) for run in runs] == [
        ("agent-3", "BLOCKED"),
        ("agent-4-draft", "HOLD"),
        ("agent-4", "CLEAR"),
    ]


def panel(queue: str, kind: PanelKind) -> Any:
    return PanelSnapshot.objects.get(queue__slug=queue, kind=kind).results


def test_sample_shows_a_revision_with_what_it_changed(sample):
    numbers = AgreementSnapshot.objects.filter(queue__slug="answers").values_list(
        "rubric_version__number", flat=True
    )
    tone = {
        one.rubric_version.number: entry["alpha"]["value"]
        for one in AgreementSnapshot.objects.filter(queue__slug="answers")
        for entry in one.results["agreement"]["criteria"]
        if entry["criterion"] == "tone"
    }

    assert set(numbers) == {1, 2}
    assert tone[2] > tone[1]


def test_sample_has_a_criterion_that_breaks_somewhere_and_several_windows(sample):
    snapshot = AgreementSnapshot.objects.get(
        queue__slug="answers", rubric_version__number=2
    )
    criteria = snapshot.results["breakdown"]["criteria"]

    worst = min(criteria[:3], key=lambda one: one["alpha"]["value"])
    assert worst["criterion"] == "policy"
    assert (worst["confusions"][0]["first"], worst["confusions"][0]["second"]) == (
        "ok",
        "violates",
    )
    assert any(one["is_break"] for one in worst["slices"])
    assert len(worst["windows"]) > 5


def test_sample_has_reviewers_of_every_kind(sample):
    found = {
        one["handle"]: " ".join(one["reasons"])
        for one in panel("answers", PanelKind.REVIEWERS)["reviewers"]
    }

    assert (found["sim-ada"], found["sim-eva"]) == ("", "")
    assert "worse on the newest gold" in found["sim-ben"]
    assert "worse over a batch" in found["sim-chi"]
    assert "faster than the text can be read" in found["sim-dov"]


def test_sample_has_judges_for_every_verdict_and_bias(sample):
    facts, tone = panel("answers", PanelKind.JUDGES)["judges"]
    swapped = panel("pairs", PanelKind.JUDGES)["judges"][0]["biases"]["swap"]

    assert facts["outcome"]["word"] == "Triage only"
    assert facts["alternative"]["omega"] is not None
    assert not tone["outcome"]["may_triage"]
    assert tone["biases"]["kin"]["low"] > 0
    assert swapped["first_shown"]["low"] > 0.5
    assert facts["rate"]["corrected"]["low"] > 0
    assert facts["rate"]["turned"]["low"] > 0


def test_sample_leaves_work_in_every_queue(sample):
    waiting = Slot.objects.filter(state=SlotState.OPEN).values_list(
        "queue__slug", flat=True
    )

    assert set(waiting) == {"answers", "pairs", "agent-runs"}


def test_made_up_reviewers_are_marked_as_simulated(sample):
    judges = Member.objects.filter(pk__in=Judgment.objects.values("reviewer"))

    assert {judge.origin for judge in judges} == {Origin.SIMULATED}


def test_passwords_are_generated_and_kept_for_the_owner_alone(sample, settings):
    path = settings.DATA_DIR / "sign-in.txt"

    text = path.read_text()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for account in sample["accounts"]:
        assert account["password"] in text
        user = User.objects.get(username=account["username"])
        assert user.check_password(account["password"])


def test_making_it_anew_retires_the_old_one_with_all_that_was_judged(sample, capsys):
    judged = Judgment.objects.count()

    call_command("demo", "--json")

    old = Project.objects.get(retired_at__isnull=False)
    assert old.slug.startswith("support-retired-")
    assert Project.objects.get(slug="support").retired_at is None
    assert Judgment.objects.filter(queue__project=old).count() == judged
    again = json.loads(capsys.readouterr().out)
    assert again["disputes_open"] == sample["disputes_open"]


def passwords(sample: dict[str, Any]) -> dict[str, str | None]:
    return {one["username"]: one["password"] for one in sample["accounts"]}


def test_making_it_anew_keeps_the_passwords(sample, settings, capsys):
    before = (settings.DATA_DIR / "sign-in.txt").read_text()

    call_command("demo")

    assert capsys.readouterr().out.count("keeps its password") == 3
    assert (settings.DATA_DIR / "sign-in.txt").read_text() == before
    for username, password in passwords(sample).items():
        assert User.objects.get(username=username).check_password(password)


def test_passwords_are_reset_where_asked_of_accounts_of_the_sample_alone(
    sample, settings, capsys
):
    mine = make_project("mine")
    add_member(project_id=mine.pk, username="lead", role=Role.LEAD, now=NOW)

    call_command("demo", "--reset-passwords", "--json")

    old, new = passwords(sample), passwords(json.loads(capsys.readouterr().out))
    assert new["lead"] is None
    assert None not in (new["admin"], new["reviewer"])
    assert User.objects.get(username="lead").check_password(old["lead"])
    assert User.objects.get(username="admin").check_password(new["admin"])
    kept = (settings.DATA_DIR / "sign-in.txt").read_text()
    assert {old["lead"], new["admin"], new["reviewer"]} == {
        line.split()[-1] for line in kept.splitlines()
    }
