"""Keeping who a reviewer thinks wrote an item."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from labeling.models import Guess
from labeling.services.judgments import violated


def make_guess(
    *, assignment_id: int, options: Sequence[str], system: str, clue: str, now: datetime
) -> None:
    """Keep the guess; the first one stands. An empty `system` is "don't know"."""
    try:
        with transaction.atomic():
            Guess.objects.create(
                assignment_id=assignment_id,
                options=list(options),
                system=system,
                clue=clue,
                made_at=now,
            )
    except IntegrityError as error:
        if violated(error) != "labeling_guess_assignment_id_key":
            raise
