"""Readers of the environment: right values, and one clear refusal for the others."""

import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


def test_text_is_the_default_when_unset(monkeypatch):
    monkeypatch.delenv("COLOUR", raising=False)

    assert env.env_str("COLOUR", "green") == "green"


def test_text_is_read_from_the_file_that_name_file_names(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("s3cret\n")
    monkeypatch.setenv("COLOUR_FILE", str(tmp_path / "secret"))

    assert env.env_str("COLOUR") == "s3cret"


def test_a_secret_file_that_is_missing_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("COLOUR_FILE", str(tmp_path / "nowhere"))

    with pytest.raises(
        ImproperlyConfigured, match=r"COLOUR_FILE: cannot read .*nowhere"
    ):
        env.env_str("COLOUR")


def test_a_value_and_a_file_together_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("COLOUR", "green")
    monkeypatch.setenv("COLOUR_FILE", str(tmp_path / "secret"))

    with pytest.raises(ImproperlyConfigured, match="both set"):
        env.env_str("COLOUR")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1", True), ("Yes", True), (" on ", True), ("0", False), ("FALSE", False)],
)
def test_a_switch_knows_the_usual_words(monkeypatch, text, expected):
    monkeypatch.setenv("SWITCH", text)

    assert env.env_bool("SWITCH", not expected) is expected


def test_a_switch_refuses_other_words(monkeypatch):
    monkeypatch.setenv("SWITCH", "maybe")

    with pytest.raises(
        ImproperlyConfigured, match="SWITCH is 'maybe': expected true or false"
    ):
        env.env_bool("SWITCH")


def test_an_empty_switch_is_the_default(monkeypatch):
    monkeypatch.setenv("SWITCH", "")

    assert env.env_bool("SWITCH", default=True) is True


def test_a_list_is_split_at_commas(monkeypatch):
    monkeypatch.setenv("HOSTS", "a.example, b.example,,")

    assert env.env_list("HOSTS") == ["a.example", "b.example"]


def test_an_address_of_another_kind_is_refused_without_its_password(monkeypatch):
    monkeypatch.setenv("BROKER_URL", "kafka://user:s3cret@broker")

    with pytest.raises(ImproperlyConfigured, match="redis://") as refusal:
        env.env_url("BROKER_URL", schemes=env.BROKER_SCHEMES)

    assert "s3cret" not in str(refusal.value)


def test_the_data_folder_is_absolute(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOUCHSTONE_DATA", "here")

    assert env.data_dir() == tmp_path / "here"


def test_the_data_folder_is_in_the_checkout_by_default(monkeypatch):
    monkeypatch.delenv("TOUCHSTONE_DATA", raising=False)

    assert env.data_dir() == env.CHECKOUT / "var"


def test_the_secret_key_is_made_once_and_is_private(monkeypatch, tmp_path):
    monkeypatch.delenv("DJANGO_SECRET_KEY", raising=False)
    monkeypatch.setenv("TOUCHSTONE_DATA", str(tmp_path / "data"))

    key = env.secret_key()

    path = tmp_path / "data" / "secret_key"
    assert len(key) >= 50
    assert env.secret_key() == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_private_file_that_exists_stays(tmp_path):
    (tmp_path / "key").write_text("first")

    env.create_private_file(tmp_path / "key", "second")

    assert (tmp_path / "key").read_text() == "first"


def test_a_database_address_is_taken_apart():
    settings = env.database_settings(
        "postgres://me%40home:p%2Fw@db.example:5433/work?sslmode=require"
    )

    assert settings == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "work",
        "USER": "me@home",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:s3cret@db/work",
        "postgresql://me:s3cret@db/",
        "postgresql://me:s3cret@db/work?nonsense=1",
        "postgresql://me:s3cret@[db/work",
    ],
)
def test_a_wrong_database_address_is_refused_without_its_password(url):
    with pytest.raises(ImproperlyConfigured, match="postgresql://USER") as refusal:
        env.database_settings(url)

    assert "s3cret" not in str(refusal.value)
