"""The frame around every page, accounts, and what is said when things go wrong."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client

from config.staticfiles import contents
from reviews.models import User
from tests.conftest import Cast
from tests.factories import PASSWORD

TEMPLATES = sorted((settings.CHECKOUT / "templates").rglob("*.html"))
TOKENS = settings.CHECKOUT / "static" / "css" / "tokens.css"
STYLESHEETS = sorted((settings.CHECKOUT / "static" / "css").glob("*.css"))


def test_sign_in_leads_to_the_page_that_was_wanted(client: Client, cast: Cast):
    page = client.get("/accounts/login/?next=/review/").content.decode()

    assert 'name="next" value="/review/"' in page
    response = client.post(
        "/accounts/login/",
        {"login": "ada", "password": PASSWORD, "next": "/review/"},
    )
    assert response.headers["Location"] == "/review/"


def test_sign_in_says_when_the_password_is_wrong(client: Client, cast: Cast):
    response = client.post("/accounts/login/", {"login": "ada", "password": "wrong"})

    assert 'role="alert"' in response.content.decode()


@pytest.mark.parametrize("path", ["password/reset/", "email/", "confirm-email/"])
def test_accounts_serve_no_page_that_would_send_mail(
    client: Client, db: None, path: str
):
    response = client.get(f"/accounts/{path}")

    assert response.status_code == 404


def test_sign_up_is_closed(client: Client, db: None):
    response = client.get("/accounts/signup/")

    assert "Nobody signs up here" in response.content.decode()


def test_sign_out_is_a_form_on_every_page(cast: Cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="ada"))
    page = client.get("/review/").content.decode()
    token = re.search(r'action="/accounts/logout/">\s*<input[^>]+value="(\w+)"', page)

    assert token
    client.post("/accounts/logout/", {"csrfmiddlewaretoken": token.group(1)})
    assert client.get("/review/").status_code == 302


def test_actions_that_need_a_recent_sign_in_can_ask_for_the_password(
    client: Client, cast: Cast
):
    client.force_login(User.objects.get(username="ada"))

    page = client.get("/accounts/reauthenticate/").content.decode()

    assert 'class="button button--primary"' in page


def test_password_can_be_changed(client: Client, cast: Cast):
    client.force_login(User.objects.get(username="ada"))
    page = client.get("/accounts/password/change/").content.decode()
    names = re.findall(r'type="password" name="(\w+)"', page)

    client.post(
        "/accounts/password/change/",
        dict(
            zip(
                names,
                [PASSWORD, "another pass phrase", "another pass phrase"],
                strict=True,
            )
        ),
    )

    assert User.objects.get(username="ada").check_password("another pass phrase")


def test_unknown_address_leads_home(client: Client, db: None):
    response = client.get("/nowhere/")

    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_page_of_a_failure_needs_neither_request_nor_database():
    page = render_to_string("500.html")

    assert "Something broke" in page


def test_frame_names_only_files_that_exist():
    page = render_to_string("base.html")

    paths = re.findall(r'(?:href|src)="/static/([^"]+)"', page)
    named = {content.hashed_name for content in contents().values()}
    assert len(paths) > 3
    assert [path for path in paths if path not in named] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_template_has_no_inline_style_or_script(path: Path):
    text = path.read_text()

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)


@pytest.mark.parametrize("path", STYLESHEETS, ids=lambda path: path.name)
def test_stylesheet_is_in_a_layer_and_asks_nobody_else(path: Path):
    text = path.read_text()

    assert re.search(
        r"^@layer (?:reset|tokens|base|components|utilities)\b", text, re.M
    )
    assert not re.search(r"url\(|@import", text)


def test_stylesheets_use_only_tokens_that_exist():
    defined = set(re.findall(r"^\s+(--[\w-]+):", TOKENS.read_text(), re.M))

    for path in STYLESHEETS:
        text = path.read_text()
        local = set(re.findall(r"^\s+(--[\w-]+):", text, re.M))
        assert set(re.findall(r"var\((--[\w-]+)", text)) <= defined | local, path.name


def test_address_that_takes_no_such_request_says_so_on_a_page(
    client: Client, cast: Cast
):
    assert cast.ada.user is not None
    client.force_login(cast.ada.user)

    response = client.put("/review/")

    assert response.status_code == 405
    assert "Nothing to see at this address" in response.content.decode()


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("DATE_FORMAT", "22 Nov 2026"),
        ("DATETIME_FORMAT", "22 Nov 2026, 00:41"),
        ("SHORT_DATETIME_FORMAT", "22 Nov 2026, 00:41"),
    ],
)
def test_dates_are_written_in_one_way(form: str, written: str):
    moment = datetime(2026, 11, 22, 0, 41, tzinfo=UTC)

    shown = Template(f"{{{{ moment|date:'{form}' }}}}").render(
        Context({"moment": moment})
    )

    assert shown == written


def test_sign_in_names_the_command_that_sets_a_password(client: Client, db: None):
    page = client.get("/accounts/login/").content.decode()

    assert "bin/touchstone member password NAME" in page
