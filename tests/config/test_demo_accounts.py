"""The sample project beside accounts that were there before it."""

import json
import stat

from django.core.management import call_command

from reviews.models import User


def test_an_account_of_that_name_that_is_somebody_elses_is_left_alone(
    db, settings, tmp_path, capsys
):
    settings.DATA_DIR = tmp_path
    User.objects.create_user(username="admin", password="my own secret")
    (tmp_path / "sign-in.txt").write_text("admin (administrator): my own secret\n")

    call_command("demo", "--reset-passwords", "--json")

    made = {
        one["username"]: one["password"]
        for one in json.loads(capsys.readouterr().out)["accounts"]
    }
    assert made["admin"] is None
    assert User.objects.get(username="admin").check_password("my own secret")
    kept = (tmp_path / "sign-in.txt").read_text()
    assert kept.startswith("admin (administrator): my own secret\n")
    assert str(made["lead"]) in kept


def test_the_passwords_are_kept_where_there_was_no_data_folder(
    db, settings, tmp_path, capsys
):
    settings.DATA_DIR = tmp_path / "new" / "data"

    call_command("demo", "--json")

    made = json.loads(capsys.readouterr().out)["accounts"]
    kept = (settings.DATA_DIR / "sign-in.txt").read_text()
    assert all(one["password"] in kept for one in made)
    assert stat.S_IMODE(settings.DATA_DIR.stat().st_mode) == 0o700
