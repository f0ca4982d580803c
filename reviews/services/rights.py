"""Bringing the database to what `reviews.rights` says, and working under it."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import InternalError, ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import errors, sql

from reviews.rights import EVERY_COLUMN, RIGHTS, ROLE, Rights, is_plain

TRIES = 5

NOT_ALLOWED = """\
Touchstone runs reviewers' requests as the PostgreSQL role {role}, and {user} may not \
make or use it. Let an administrator of the database run, once:
    CREATE ROLE {role} NOLOGIN;
    GRANT {role} TO {user};
and start again."""

# Who is asking: the ids of their memberships, and a proof that binds the list to the
# key of this installation. SQL that slips into a reviewer's transaction can set
# another list and has no proof for it.
# Asked by row-level security for every table of every statement: one plan that is
# kept, and no settings of its own. Every name says its schema instead, so that the
# caller's search_path changes nothing. The trigger on judgments asks it as well.
IDENTITY = """
CREATE TABLE IF NOT EXISTS touchstone_proof (secret text NOT NULL);
DELETE FROM touchstone_proof;
CREATE OR REPLACE FUNCTION touchstone_prove_v1(ids text) RETURNS text
LANGUAGE sql STABLE BEGIN ATOMIC
    SELECT encode(sha256(convert_to(secret || ':' || ids, 'UTF8')), 'hex')
    FROM touchstone_proof;
END;
CREATE OR REPLACE FUNCTION touchstone_reviewer_ids_v3() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    ids pg_catalog.text :=
        pg_catalog.current_setting('touchstone.reviewer_ids', true);
    proof pg_catalog.text;
BEGIN
    SELECT secret INTO proof FROM public.touchstone_proof;
    proof := pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
        proof OPERATOR(pg_catalog.||) ':' OPERATOR(pg_catalog.||) ids, 'UTF8')), 'hex');
    IF pg_catalog.current_setting('touchstone.proof', true) OPERATOR(pg_catalog.=) proof
    THEN
        RETURN ids;
    END IF;
    RETURN '{}';
END $$;
REVOKE ALL ON FUNCTION touchstone_prove_v1(text), touchstone_reviewer_ids_v3()
    FROM PUBLIC;
"""
# The role comes last: the rest is read with the rights of the owner.
BECOME_REVIEWER = """
SELECT set_config('touchstone.reviewer_ids', mine.ids, true),
    set_config('touchstone.proof', touchstone_prove_v1(mine.ids), true),
    set_config('role', %s, true)
FROM (
    SELECT coalesce(array_agg(id), '{}')::text AS ids FROM reviews_member
    WHERE user_id = %s AND is_active
) AS mine
"""


class StatementRefused(Exception):
    """A reviewer's request sent SQL that could leave the role (reviews.rights)."""


class RightsRefused(Exception):
    """The database user may not set up the reviewers' role; says how to mend it."""


def apply_rights() -> None:
    """Give the reviewers' role the rights that are declared, and take all others."""
    _ensure_role()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(IDENTITY)
        cursor.execute("INSERT INTO touchstone_proof (secret) VALUES (%s)", [_secret()])
        _execute(cursor, "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        _execute(cursor, "GRANT USAGE ON SCHEMA public TO {role}")
        _execute(
            cursor, "GRANT EXECUTE ON FUNCTION touchstone_reviewer_ids_v3() TO {role}"
        )
        _drop_policies(cursor)
        cursor.execute(
            "DROP FUNCTION IF EXISTS touchstone_reviewer_ids_v1(),"
            " touchstone_reviewer_ids_v2()"
        )
        for table, rights in RIGHTS.items():
            _grant(cursor, table, rights)
            _restrict_rows(cursor, table, rights)


@contextmanager
def reviewer_role(user_id: int) -> Iterator[None]:
    """One transaction as the reviewers' role, on behalf of one person."""
    is_nested = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BECOME_REVIEWER, [ROLE, user_id])
        with connection.execute_wrapper(_refuse_odd):
            yield
        if is_nested:
            # A savepoint that is kept keeps what was set within it.
            cursor.execute("SELECT set_config('role', 'none', true)")


def _refuse_odd(
    execute: Callable[..., Any], statement: str, params: Any, many: bool, context: Any
) -> Any:
    if not is_plain(statement):
        raise StatementRefused(statement)
    return execute(statement, params, many, context)


def _secret() -> str:
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, b"touchstone reviewer role", hashlib.sha256).hexdigest()


def _execute(cursor: CursorWrapper, statement: str, **names: sql.Composable) -> None:
    query = sql.SQL(statement).format(role=sql.Identifier(ROLE), **names)
    cursor.execute(query.as_string(cursor.cursor))


def _ensure_role() -> None:
    """Roles belong to the whole cluster: another database may be at it as well."""
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                _make_role(cursor)
                _join_role(cursor)
            return
        except (ProgrammingError, InternalError) as error:
            if isinstance(error.__cause__, errors.InsufficientPrivilege):
                raise RightsRefused(_not_allowed()) from error
            if attempt == TRIES:
                raise


def _make_role(cursor: CursorWrapper) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
    if cursor.fetchone() is None:
        _execute(cursor, "CREATE ROLE {role} NOLOGIN NOINHERIT")


def _join_role(cursor: CursorWrapper) -> None:
    cursor.execute("SHOW server_version_num")
    is_16 = int(cursor.fetchone()[0]) >= 160000
    cursor.execute(
        "SELECT pg_has_role(current_user, %s, %s)",
        [ROLE, "SET" if is_16 else "MEMBER"],
    )
    if not cursor.fetchone()[0]:
        how = " WITH INHERIT FALSE, SET TRUE" if is_16 else ""
        _execute(cursor, "GRANT {role} TO CURRENT_USER" + how)


def _not_allowed() -> str:
    return NOT_ALLOWED.format(role=ROLE, user=connection.settings_dict["USER"])


def _drop_policies(cursor: CursorWrapper) -> None:
    cursor.execute(
        "SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public'"
        " AND policyname LIKE 'touchstone_reviewer_%%'"
    )
    for policy, table in cursor.fetchall():
        _execute(
            cursor,
            "DROP POLICY {policy} ON {table}",
            policy=sql.Identifier(policy),
            table=sql.Identifier(table),
        )


def _grant(cursor: CursorWrapper, table: str, rights: Rights) -> None:
    for act in ("select", "insert", "update"):
        columns = getattr(rights, act)
        if not columns:
            continue
        names: sql.Composable = sql.SQL("")
        if columns != EVERY_COLUMN:
            listed = sql.SQL(", ").join(map(sql.Identifier, columns))
            names = sql.SQL("({})").format(listed)
        _execute(
            cursor,
            f"GRANT {act.upper()} {{names}} ON {{table}} TO {{role}}",
            names=names,
            table=sql.Identifier(table),
        )
    if rights.may_delete:
        _execute(
            cursor, "GRANT DELETE ON {table} TO {role}", table=sql.Identifier(table)
        )


def _restrict_rows(cursor: CursorWrapper, table: str, rights: Rights) -> None:
    if rights.rows is None:
        return
    name = sql.Identifier(table)
    _execute(cursor, "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", table=name)
    new_rows = rights.new_rows or rights.rows
    for act, condition in (
        ("select", f"USING ({rights.rows})"),
        ("insert", f"WITH CHECK ({new_rows})"),
        ("update", f"USING ({rights.rows}) WITH CHECK ({new_rows})"),
        ("delete", f"USING ({rights.rows})"),
    ):
        _execute(
            cursor,
            f"CREATE POLICY {{policy}} ON {{table}} FOR {act.upper()} TO {{role}} "
            + condition.replace("{", "{{").replace("}", "}}"),
            policy=sql.Identifier(f"touchstone_reviewer_{act}"),
            table=name,
        )
