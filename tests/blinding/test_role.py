"""What SQL can do in a reviewer's transaction: what is declared, and no more.

These tests speak to PostgreSQL below the guard that looks at statements, so that
what they find is what the database enforces.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from psycopg import errors

from config.env import CHECKOUT
from labeling.models import Criterion
from reviews.rights import EVERY_COLUMN, RIGHTS, ROLE, Rights, is_plain
from reviews.services.rights import (
    RightsRefused,
    StatementRefused,
    apply_rights,
    reviewer_role,
)
from tests.blinding.makers import MARK, SECRET, Scene
from tests.factories import NOW, make_assignment

# Tables of which a reviewer's request may not read one column. A table that is
# neither here nor in RIGHTS has not been thought about.
HIDDEN = {
    "account_emailaddress",
    "account_emailconfirmation",
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "calibration_agreementsnapshot",
    "calibration_caseterms",
    "calibration_freezerequest",
    "calibration_gaterun",
    "calibration_gatethresholds",
    "calibration_goldcase",
    "calibration_goldenset",
    "calibration_goldrating",
    "calibration_judgeterms",
    "calibration_panelsnapshot",
    "calibration_pseudonym",
    "calibration_release",
    "calibration_releaseline",
    "calibration_retirement",
    "calibration_setpreview",
    "calibration_setspec",
    "calibration_rubricreview",
    "calibration_standing",
    "config_cache",
    "django_content_type",
    "django_migrations",
    "django_session",
    "labeling_adjudication",
    "labeling_dispute",
    "labeling_recheck",
    "labeling_rubricdraft",
    "labeling_sortednote",
    "labeling_sortedtag",
    "labeling_taxonomyact",
    "reviews_erasure",
    "reviews_routingdecision",
    "reviews_seed",
    "reviews_session",
    "reviews_slicepause",
    "reviews_slot",
    "reviews_triagepolicy",
    "reviews_unblinding",
    "reviews_user",
    "reviews_user_groups",
    "reviews_user_user_permissions",
    "touchstone_proof",
}
# A server without XML has no functions that make it.
NOT_YOURS = (errors.InsufficientPrivilege, errors.FeatureNotSupported)


def rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run it as it is, below Django and its guard."""
    raw = connection.connection
    with raw.transaction(), raw.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall()) if cursor.description else []


def admin_rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


@pytest.fixture
def as_ada(scene: Scene, cast: Any) -> Iterator[Scene]:
    with reviewer_role(cast.ada.user_id):
        yield scene


def columns_of(table: str) -> list[str]:
    found = admin_rows(
        "SELECT attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped"
        f" AND attrelid = 'public.{table}'::regclass ORDER BY attnum"
    )
    return [name for (name,) in found]


@pytest.mark.django_db
def test_every_table_is_declared_or_hidden():
    tables = admin_rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p', 'v', 'm', 'f')"
    )

    assert {name for (name,) in tables} == set(RIGHTS) | HIDDEN
    assert not set(RIGHTS) & HIDDEN


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["SELECT", "INSERT", "UPDATE", "REFERENCES"])
def test_granted_columns_are_the_declared_ones(act):
    granted = admin_rows(
        "SELECT table_name, column_name FROM information_schema.column_privileges"
        f" WHERE grantee IN ('{ROLE}', 'PUBLIC') AND privilege_type = '{act}'"
        " AND table_schema = 'public'"
    )

    declared = set()
    for table, rights in RIGHTS.items():
        columns = getattr(rights, act.lower(), ())
        names = columns_of(table) if columns == EVERY_COLUMN else columns
        declared |= {(table, column) for column in names}
    assert set(granted) == declared


@pytest.mark.django_db
def test_rights_on_whole_tables_are_the_declared_ones():
    granted = admin_rows(
        "SELECT table_name, privilege_type FROM information_schema.table_privileges"
        f" WHERE grantee IN ('{ROLE}', 'PUBLIC') AND table_schema = 'public'"
    )

    whole = {
        (table, "SELECT")
        for table, rights in RIGHTS.items()
        if rights.select == EVERY_COLUMN
    }
    deletes = {(table, "DELETE") for table, one in RIGHTS.items() if one.may_delete}
    assert set(granted) == whole | deletes


@pytest.mark.django_db
def test_rows_are_restricted_where_they_are_declared_to_be():
    policies = admin_rows(
        "SELECT tablename, cmd, roles::text[] FROM pg_policies"
        " WHERE schemaname = 'public'"
    )
    secured = admin_rows(
        "SELECT relname FROM pg_class WHERE relrowsecurity"
        " AND relnamespace = 'public'::regnamespace"
    )

    restricted = {table for table, rights in RIGHTS.items() if rights.rows}
    acts = ("SELECT", "INSERT", "UPDATE", "DELETE")
    assert {(table, act) for table, act, _ in policies} == {
        (table, act) for table in restricted for act in acts
    }
    assert all(roles == [ROLE] for _, _, roles in policies)
    assert {name for (name,) in secured} == restricted


@pytest.mark.django_db
def test_the_role_owns_nothing_and_belongs_to_nothing():
    owned = admin_rows(
        "SELECT count(*) FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid"
        f" WHERE r.rolname = '{ROLE}' AND d.deptype = 'o' AND d.dbid ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    flags = admin_rows(
        "SELECT rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls,"
        " (SELECT count(*) FROM pg_auth_members WHERE member = r.oid)"
        f" FROM pg_roles r WHERE rolname = '{ROLE}'"
    )

    assert owned == [(0,)]
    assert flags == [(False, False, False, False, False, 0)]


@pytest.mark.django_db
def test_select_all_of_a_table_is_refused_or_shows_no_secret(as_ada):
    read = {}
    for table in sorted(set(RIGHTS) | HIDDEN):
        try:
            read[table] = rows(f"SELECT * FROM {table}")
        except NOT_YOURS:
            continue

    assert set(read) == {t for t, one in RIGHTS.items() if one.select == EVERY_COLUMN}
    assert not SECRET.search(repr(read))


@pytest.mark.django_db
def test_no_column_outside_the_grants_can_be_read(as_ada):
    leaks = []
    for table in sorted(set(RIGHTS) | HIDDEN):
        with_system = [*_columns_as_ada(table), "ctid", "xmin", "tableoid"]
        for column in with_system:
            if column in _readable(table):
                continue
            for what in (f't."{column}"', f'count("{column}")'):
                try:
                    leaks.append((table, what, rows(f"SELECT {what} FROM {table} t")))
                except NOT_YOURS:
                    continue

    allowed = {t for t, one in RIGHTS.items() if one.select == EVERY_COLUMN}
    assert [leak for leak in leaks if leak[0] not in allowed] == []


def _columns_as_ada(table: str) -> list[str]:
    return [
        name
        for (name,) in rows(
            "SELECT attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped"
            f" AND attrelid = 'public.{table}'::regclass"
        )
    ]


def _readable(table: str) -> set[str]:
    if table not in RIGHTS:
        return set()
    return set(RIGHTS[table].select)


@pytest.mark.django_db
def test_what_can_be_read_is_ones_own_and_holds_no_secret(as_ada, cast):
    read = {
        table: rows(f"SELECT {', '.join(rights.select)} FROM {table}")
        for table, rights in RIGHTS.items()
        if rights.select
    }

    assert not SECRET.search(repr(read))
    mine = {one.pk for one in (as_ada.judged, as_ada.lapsed, *as_ada.live)}
    assert {row[0] for row in read["reviews_assignment"]} == mine
    assert {row[1] for row in read["labeling_judgment"]} == {as_ada.judged.pk}
    assert [row[0] for row in read["reviews_batch"]] == [as_ada.batch.pk]
    assert [row[0] for row in read["reviews_member"]] == [cast.ada.pk]
    assert len(read["labeling_rating"]) == len(read["reviews_panelseat"]) == 1
    assert read["labeling_draft"] == read["labeling_guess"] == []


REFUSED = (
    # By join from what may be read.
    "SELECT i.* FROM reviews_assignment a JOIN reviews_item i ON i.id = a.item_id",
    "SELECT p.masks FROM reviews_presentable p",
    "SELECT i.provenance FROM reviews_assignment a, reviews_item i",
    "SELECT i FROM reviews_item i",
    "SELECT row_to_json(i) FROM reviews_item i",
    "SELECT to_jsonb(a) FROM reviews_assignment a",
    "SELECT a FROM reviews_assignment a",
    "SELECT s.* FROM reviews_assignment a JOIN reviews_slot s USING (item_id)",
    "SELECT id FROM reviews_item WHERE signals::text LIKE '%a%'",
    "SELECT id FROM reviews_item ORDER BY external_id",
    "SELECT id FROM reviews_assignment WHERE purpose = 'GOLD'",
    "SELECT 1 FROM reviews_assignment WHERE slot_id IS NULL",
    "SELECT id FROM labeling_judgment WHERE counts",
    "SELECT could_tell FROM labeling_judgment",
    "SELECT system FROM labeling_guess",
    "SELECT gold_rate FROM reviews_queue",
    "SELECT agreement_bar FROM reviews_queue",
    "SELECT secret FROM touchstone_proof",
    "TABLE reviews_seed",
    # By function.
    "SELECT query_to_xml('SELECT * FROM reviews_item', true, false, '')",
    "SELECT table_to_xml('reviews_item', true, false, '')",
    "SELECT ts_stat('SELECT to_tsvector(rationale) FROM calibration_goldcase')",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/hostname')",
    "SELECT currval('reviews_item_id_seq')",
    "SELECT last_value FROM reviews_item_id_seq",
    "SELECT nextval('reviews_item_id_seq')",
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_statistic",
    "SELECT pg_terminate_backend(pg_backend_pid() + 0) WHERE pg_read_file('x') = ''",
    # By copying, defining, handing on.
    "COPY reviews_item TO STDOUT",
    "COPY (SELECT provenance FROM reviews_item) TO STDOUT",
    "COPY reviews_assignment TO PROGRAM 'cat'",
    "CREATE TABLE public.mine AS SELECT 1",
    "CREATE VIEW public.mine AS SELECT 1",
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    f"GRANT SELECT ON reviews_item TO {ROLE}",
    "ALTER TABLE reviews_item DISABLE ROW LEVEL SECURITY",
    "DROP POLICY touchstone_reviewer_select ON reviews_item",
    "TRUNCATE labeling_draft",
    "LOCK TABLE reviews_item IN SHARE MODE",
    # By writing.
    "DELETE FROM reviews_assignment",
    "DELETE FROM labeling_judgment",
    "DELETE FROM labeling_guess",
    "UPDATE labeling_judgment SET comment = 'x'",
    "UPDATE labeling_rating SET displayed = '1'",
    "UPDATE reviews_assignment SET purpose = 'FRESH'",
    "UPDATE reviews_assignment SET reviewer_id = 1",
    "UPDATE reviews_assignment SET response_order = '{0}'",
    "UPDATE reviews_assignment SET status = 'SUBMITTED' WHERE status = 'LIVE'",
    "UPDATE reviews_assignment SET status = 'EXPIRED' WHERE status = 'LIVE'",
    "UPDATE reviews_assignment SET leased_until = 'infinity'",
    "UPDATE reviews_assignment SET leased_until = now() + interval '3 hours'",
    "UPDATE reviews_panelseat SET is_active = true",
    "UPDATE reviews_member SET role = 'LEAD'",
    "UPDATE reviews_queue SET overlap = 1",
    "UPDATE reviews_presentable SET content = '{}'",
    "INSERT INTO reviews_unblinding DEFAULT VALUES",
    "INSERT INTO reviews_assignment (status) VALUES ('LIVE')",
    "INSERT INTO reviews_member (role) VALUES ('LEAD')",
    "INSERT INTO labeling_judgment (assignment_id, counts) VALUES (1, true)",
    "INSERT INTO labeling_judgment (assignment_id, left_out) VALUES (1, '')",
)


@pytest.mark.django_db
def test_what_is_not_granted_is_refused(as_ada):
    passed = [statement for statement in REFUSED if not is_refused(statement)]

    assert passed == []


def is_refused(statement: str) -> bool:
    try:
        rows(statement)
    except NOT_YOURS:
        return True
    return False


@pytest.mark.django_db
def test_statistics_and_activity_show_no_secret(as_ada):
    read = [
        rows(f"SELECT * FROM {view}")
        for view in (
            "pg_stats",
            "pg_stats_ext",
            "pg_stat_activity",
            "pg_prepared_xacts",
        )
    ]

    hidden = rows(
        "SELECT tablename FROM pg_stats WHERE schemaname = 'public'"
        " AND tablename <> ALL(%s)",
        [table for table in RIGHTS if RIGHTS[table].rows is None],
    )
    texts = rows("SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    assert not SECRET.search(repr(read))
    assert hidden == []
    assert {text for (text,) in texts} <= {"", None, "<insufficient privilege>"}


@pytest.mark.django_db
def test_nothing_is_said_about_an_assignment_of_another(scene, cast):
    lapsed = make_assignment(
        scene.others_batch, scene.live[0].item, leased_until=NOW, status="EXPIRED"
    )

    with reviewer_role(cast.ada.user_id):
        said = [_try_to_judge(one) for one in (scene.others.pk, lapsed.pk, 10**9)]

    assert said == ["no such assignment"] * 3


def _try_to_judge(assignment_id: int) -> str:
    try:
        rows(
            "INSERT INTO labeling_judgment (assignment_id, comment, submitted_at)"
            " VALUES (%s, '', now())",
            assignment_id,
        )
    except NOT_YOURS as error:
        return error.diag.message_primary or ""
    return "written"


@pytest.mark.django_db
def test_nothing_is_said_to_who_claims_to_be_another(scene, cast):
    live = make_assignment(scene.others_batch, scene.live[0].item)

    with reviewer_role(cast.ada.user_id):
        ids = f"{{{cast.ben.pk}}}"
        rows("SELECT set_config('touchstone.reviewer_ids', %s, true)", ids)
        said = [_try_to_judge(one) for one in (live.pk, scene.others.pk, 10**9)]

    assert said == ["no such assignment"] * 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    "insert",
    [
        "labeling_judgment (assignment_id, comment, could_tell, submitted_at)"
        " VALUES (%s, '', false, now())",
        "labeling_draft (assignment_id, answers, saved_at) VALUES (%s, '{}', now())",
        "labeling_guess (assignment_id, options, system, clue, made_at)"
        " VALUES (%s, '[]', '', '', now())",
    ],
)
def test_nothing_is_written_for_the_assignment_of_another(scene, cast, insert):
    others = make_assignment(scene.others_batch, scene.live[0].item)

    with reviewer_role(cast.ada.user_id), pytest.raises(NOT_YOURS):
        rows(f"INSERT INTO {insert}", others.pk)

    others.refresh_from_db()
    assert others.status == "LIVE"


@pytest.mark.django_db
@pytest.mark.parametrize("shift", [0, 1])
def test_no_rating_is_added_to_the_judgment_of_another(scene, cast, shift):
    # Of a criterion of another version nothing else is said, nor of no judgment.
    criterion = Criterion.objects.get().pk + shift

    with reviewer_role(cast.ada.user_id):
        said = {_try_to_rate(one, criterion) for one in (scene.others.judgment.pk, 0)}

    assert len(said) == 1
    assert "labeling_rating" in said.pop()


def _try_to_rate(judgment_id: int, criterion_id: int) -> str:
    try:
        rows(
            "INSERT INTO labeling_rating"
            " (judgment_id, criterion_id, value, displayed, rationale)"
            " VALUES (%s, %s, '\"bad\"', '\"bad\"', '')",
            judgment_id,
            criterion_id,
        )
    except NOT_YOURS as error:
        return error.diag.message_primary or ""
    return "written"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "proof"),
    [("other", "own"), ("both", "own"), ("other", ""), ("own", ""), ("none", "own")],
)
def test_another_identity_without_its_proof_sees_nothing(scene, cast, who, proof):
    ada, ben = cast.ada.pk, cast.ben.pk
    ids = {
        "other": f"{{{ben}}}",
        "both": f"{{{ada},{ben}}}",
        "own": f"{{{ada}}}",
        "none": "",
    }
    with reviewer_role(cast.ada.user_id):
        if proof != "own":
            rows("SELECT set_config('touchstone.proof', %s, true)", proof)
        rows("SELECT set_config('touchstone.reviewer_ids', %s, true)", ids[who])

        seen = [
            rows(f"SELECT {rights.select[0]} FROM {table}")
            for table, rights in RIGHTS.items()
            if rights.rows
        ]

    assert len(seen) > 5
    assert seen == [[]] * len(seen)


FORGED = """
SELECT set_config('touchstone.reviewer_ids', %s, true), set_config('touchstone.proof',
    encode(sha256(convert_to(%s || ':' || %s, 'UTF8')), 'hex'), true)
"""


@pytest.mark.django_db
def test_a_secret_of_ones_own_proves_nothing(scene, cast):
    ids = f"{{{cast.ben.pk}}}"
    with reviewer_role(cast.ada.user_id):
        rows("CREATE TEMP TABLE touchstone_proof AS SELECT 'mine' AS secret")
        rows("SELECT set_config('search_path', 'pg_temp, pg_catalog, public', true)")
        rows(FORGED, ids, "mine", ids)

        assert rows("SELECT id FROM reviews_assignment") == []


@pytest.mark.django_db
@pytest.mark.parametrize("secret", ["", None])
def test_without_a_secret_nothing_is_proven(scene, cast, secret):
    ids = f"{{{cast.ada.pk}}}"
    rows("DELETE FROM touchstone_proof")
    with reviewer_role(cast.ada.user_id):
        assert rows("SELECT current_user") == [(ROLE,)]
        assert rows("SELECT id FROM reviews_assignment") == []
        rows(FORGED, ids, secret, ids)

        assert rows("SELECT id FROM reviews_assignment") == []


@pytest.mark.django_db
def test_the_secret_stands_in_no_catalog(as_ada):
    (secret,) = [value for (value,) in _secrets()]

    assert len(secret) > 30
    for catalog in ("pg_proc", "pg_policy", "pg_db_role_setting", "pg_settings"):
        assert secret not in repr(rows(f"SELECT * FROM {catalog}"))


def _secrets() -> list[tuple[Any, ...]]:
    with connection.connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE none")
        cursor.execute("SELECT secret FROM touchstone_proof")
        found = list(cursor.fetchall())
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
    return found


@pytest.mark.django_db
def test_a_member_who_was_let_go_sees_nothing(scene, cast):
    type(cast.ada).objects.filter(pk=cast.ada.pk).update(is_active=False)

    with reviewer_role(cast.ada.user_id):
        assert rows("SELECT id FROM reviews_assignment") == []


@pytest.mark.django_db
def test_the_heartbeat_of_a_lease_is_in_reach(as_ada):
    live = as_ada.live[0]

    rows(
        "UPDATE reviews_assignment SET leased_until = now() + interval '60 minutes'"
        " WHERE id = %s",
        live.pk,
    )

    assert rows("SELECT 1 FROM reviews_assignment WHERE id = %s", live.pk)


WAYS_OUT = (
    "RESET ROLE",
    "SET ROLE none",
    "SET LOCAL ROLE touchstone",
    "RESET ALL",
    "DISCARD ALL",
    "ROLLBACK",
    "COMMIT",
    "RESET SESSION AUTHORIZATION",
    "SELECT set_config('role', 'none', true)",
    "SELECT pg_catalog.set_config('role', 'none', true)",
    "SELECT \"set_config\" ('role', 'none', true)",
    "SELECT 1 WHERE set_config\n('role', 'none', true) = ''",
    "UPDATE pg_settings SET setting = 'none' WHERE name = 'role'",
    "UPDATE \"pg_settings\" SET setting = 'none' WHERE name = 'role'",
    "SELECT U&\"set\\005fconfig\"('role', 'none', true)",
    "SELECT id FROM reviews_batch; RESET ROLE",
    "SELECT query_to_xml(chr(115), true, false, '')",
    "SELECT set_config/**/('role', 'none', true)",
    "DO $$ BEGIN RESET ROLE; END $$",
    "CREATE TEMP TABLE reviews_item (id int)",
    "SELECT 1 INTO TEMPORARY reviews_item",
    "PREPARE way AS SELECT 1",
    "EXECUTE way",
)


@pytest.mark.parametrize("statement", WAYS_OUT)
def test_a_way_out_of_the_role_is_not_plain(statement):
    assert not is_plain(statement)


@pytest.mark.django_db
def test_what_is_not_plain_is_not_sent(cast):
    with (
        reviewer_role(cast.ada.user_id),
        connection.cursor() as cursor,
        pytest.raises(StatementRefused),
    ):
        cursor.execute("RESET ROLE")


@pytest.mark.django_db(transaction=True)
def test_the_role_ends_with_its_transaction(cast):
    def who() -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, session_user")
            return list(cursor.fetchall())

    before = who()
    with reviewer_role(cast.ada.user_id):
        during = who()
    with pytest.raises(RuntimeError), reviewer_role(cast.ada.user_id):
        raise RuntimeError

    assert before == who()
    assert during[0][0] == ROLE
    assert admin_rows("SELECT current_setting('touchstone.proof', true)") == [("",)]


def test_the_guard_lets_savepoints_pass_and_transactions_not():
    assert is_plain('SAVEPOINT "s1"')
    assert is_plain('RELEASE SAVEPOINT "s1"')
    assert is_plain('ROLLBACK TO SAVEPOINT "s1"')
    assert not is_plain("ROLLBACK")
    assert not is_plain("ROLLBACK AND CHAIN")


def test_the_marks_are_what_these_tests_look_for():
    assert SECRET.search(f"x {MARK.upper()}-9")
    assert SECRET.search("0.731935")


def test_the_documented_rights_are_the_declared_ones():
    page = (CHECKOUT / "docs" / "blinding.md").read_text(encoding="utf-8")
    lines = re.findall(r"(?m)^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", page)

    documented = {
        table: (may_read, may_write) for table, may_read, may_write, _ in lines
    }
    assert documented == {table: _in_words(one) for table, one in RIGHTS.items()}
    every = {table for table, _, _, which in lines if which == "every row"}
    assert every == {table for table, one in RIGHTS.items() if one.rows is None}


def _in_words(rights: Rights) -> tuple[str, str]:
    acts = [
        f"{act} {_listed(columns)}"
        for act, columns in (("insert", rights.insert), ("update", rights.update))
        if columns
    ]
    acts += ["delete"] if rights.may_delete else []
    return _listed(rights.select), "; ".join(acts) or "nothing"


def _listed(columns: tuple[str, ...]) -> str:
    if columns == EVERY_COLUMN:
        return "every column"
    return ", ".join(f"`{name}`" for name in columns)


@pytest.mark.django_db
def test_a_user_who_may_not_make_the_role_is_told_what_to_do():
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE touchstone_test_plain NOLOGIN NOCREATEROLE")
        cursor.execute("GRANT touchstone_test_plain TO CURRENT_USER")
        cursor.execute("SET LOCAL ROLE touchstone_test_plain")

        with pytest.raises(RightsRefused) as refused:
            apply_rights()

        cursor.execute("RESET ROLE")
    assert f"CREATE ROLE {ROLE} NOLOGIN;" in str(refused.value)
    assert f"GRANT {ROLE} TO " in str(refused.value)
