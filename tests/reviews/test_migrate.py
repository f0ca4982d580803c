"""migrate: all that a database needs before the first request or task."""

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

pytestmark = pytest.mark.django_db


def test_migrate_makes_the_table_of_the_cache():
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE config_cache")

    call_command("migrate", verbosity=0)

    cache.set("a", 1)
    assert cache.get("a") == 1
