"""bin/touchstone demo: make the sample project, or make it anew."""

import os
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from calibration.services.sample import Account, create_sample
from config.env import CHECKOUT
from reviews.management.base import Command as TouchstoneCommand


class Command(TouchstoneCommand):
    help = "Make the sample project; one that is there is retired, never deleted."

    def handle(self, **options: Any) -> None:
        self.progress("Making the sample project ...")
        with transaction.atomic():
            sample = create_sample(
                folder=CHECKOUT / "config" / "sample",
                now=timezone.now(),
            )
        write_sign_in(sample.accounts)
        text = (
            f"Project {sample.project}: {sample.items} items, {sample.disputes_open}"
            f" open disputes, release {sample.release}.\n"
            + "\n".join(
                f"{account.role:<9} {account.username:<9} {account.password}"
                for account in sample.accounts
            )
        )
        self.finish(asdict(sample), text, as_json=options["json"])


def write_sign_in(accounts: tuple[Account, ...]) -> None:
    """Keep the passwords where bin/up shows them from, for the owner only."""
    path = settings.DATA_DIR / "sign-in.txt"
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        for account in accounts:
            file.write(
                f"{account.role:<9} name {account.username:<9}"
                f" password {account.password}\n"
            )
