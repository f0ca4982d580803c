"""What the models declare stands in the database."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from labeling.models import Disposition, LeftOut
from reviews.models import AssignmentStatus, Purpose, SlotState


def rows(statement: str, *values: Any) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


@pytest.mark.django_db
def test_every_declared_constraint_and_index_is_there():
    found = rows("SELECT conname FROM pg_constraint") + rows(
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"
    )

    declared = {
        one.name
        for model in apps.get_models()
        for one in [*model._meta.constraints, *model._meta.indexes]
    }
    assert len(declared) > 50
    assert declared - {name for (name,) in found} == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "column", "known"),
    [
        ("assignment_purpose_known", "purpose", Purpose.values),
        ("assignment_status_known", "status", AssignmentStatus.values),
        ("slot_state_known", "state", SlotState.values),
        ("judgment_left_out_known", "left_out", ["", *LeftOut.values]),
        ("judgment_disposition_known", "disposition", ["", *Disposition.values]),
    ],
)
def test_a_check_takes_the_known_words_and_no_other(constraint, column, known):
    odd = [change for word in known for change in _changes(word) if change not in known]
    ((check,),) = rows(
        "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = %s",
        constraint,
    )

    taken = rows(
        f"SELECT {column} FROM unnest(%s::text[]) AS said ({column}) WHERE {check}",  # noqa: S608
        [*known, *odd],
    )

    assert [word for (word,) in taken] == known


def _changes(word: str) -> list[str]:
    return [
        word.lower(),
        word[1:],
        word[:-1],
        f"{word}S",
        f"X{word}",
        f"{word}\n",
        f" {word}",
        f"{word}|{word}",
        "",
    ]
