"""Fixtures that every test may use: one fixed cast, one browser."""

import os
import shutil
from dataclasses import dataclass
from typing import Any

import pytest

from config.celery import app
from reviews.models import Member, Project, Role
from tests.factories import make_member, make_project, make_user


@dataclass(frozen=True)
class Cast:
    """Two reviewers, an adjudicating lead, an admin, and somebody else's user."""

    project: Project
    ada: Member
    ben: Member
    lea: Member
    adam: Member
    outsider: object


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """The real hasher is slow on purpose, and every test makes accounts."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cast(db: None) -> Cast:
    project = make_project()
    return Cast(
        project=project,
        ada=make_member(project, "ada"),
        ben=make_member(project, "ben"),
        lea=make_member(project, "lea", Role.LEAD),
        adam=make_member(project, "adam", Role.ADMIN),
        outsider=make_user("olga"),
    )


@pytest.fixture
def dead_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that refuses, whatever connections earlier tests left behind."""
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setattr(app.amqp, "_producer_pool", None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium, or a skip; an error where one is required."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        path = shutil.which(name)
        if path:
            return path
    if os.environ.get("TOUCHSTONE_REQUIRE_BROWSER"):
        pytest.fail("TOUCHSTONE_REQUIRE_BROWSER is set and no Chromium was found")
    pytest.skip("no Chromium on this machine")
