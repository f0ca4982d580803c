"""bin/touchstone demo: make the sample project, or make it anew."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from calibration.services.sample import Account, create_sample
from config.env import CHECKOUT, create_private_file
from reviews.management.base import Command as TouchstoneCommand


class Command(TouchstoneCommand):
    help = (
        "Make the sample project; one that is there is retired, never deleted. Accounts"
        " that are there keep their passwords."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reset-passwords",
            action="store_true",
            help="new passwords for accounts that are in no other project than samples",
        )

    def handle(self, **options: Any) -> None:
        # Before the sample is: its passwords are told once.
        settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.progress("Making the sample project ...")
        with transaction.atomic():
            sample = create_sample(
                folder=CHECKOUT / "config" / "sample",
                now=timezone.now(),
                reset_passwords=options["reset_passwords"],
            )
        write_sign_in(sample.accounts)
        text = (
            f"Project {sample.project}: {sample.items} items, {sample.disputes_open}"
            f" open disputes, release {sample.release}.\n"
            + "\n".join(
                f"{account.role:<9} {account.username:<9}"
                f" {account.password or 'keeps its password'}"
                for account in sample.accounts
            )
        )
        self.finish(asdict(sample), text, as_json=options["json"])


def write_sign_in(accounts: tuple[Account, ...]) -> None:
    """Add the new passwords to those that bin/up shows, for the owner only."""
    path = settings.DATA_DIR / "sign-in.txt"
    new = {
        f" name {account.username:<9} ": (
            f"{account.role:<9} name {account.username:<9} password {account.password}"
        )
        for account in accounts
        if account.password is not None
    }
    if not new:
        return
    before = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = [line for line in before if not any(name in line for name in new)]
    text = "".join(f"{line}\n" for line in [*kept, *new.values()])
    beside = path.with_name("sign-in.new")
    beside.unlink(missing_ok=True)
    create_private_file(beside, text)
    beside.replace(path)
