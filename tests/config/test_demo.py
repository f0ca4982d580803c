"""The sample project: alive on every page, anew on demand."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from calibration.models import AgreementSnapshot, Release
from labeling.models import Dispute, Judgment
from reviews.models import (
    Item,
    Member,
    Origin,
    Project,
    RoutingDecision,
    Slot,
    SlotState,
    User,
)


@pytest.fixture
def sample(db: None, settings: Any, tmp_path: Path, capsys: Any) -> dict[str, Any]:
    settings.DATA_DIR = tmp_path
    call_command("demo", "--json")
    made: dict[str, Any] = json.loads(capsys.readouterr().out)
    return made


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
