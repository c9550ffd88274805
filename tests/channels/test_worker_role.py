"""What a worker may do: claim and settle, and nothing else."""

import pytest
from harness import Connection
from psycopg import sql
from rows import tables

CLAIM, SETTLE = "wingman.claim_deliveries(text,integer)", "wingman.settle_deliveries(jsonb)"
SCHEMAS = ("public", "wingman", "wingman_admin", "auth")
PRIVILEGES = ("select", "insert", "update", "delete", "truncate", "references", "trigger")
OTHERS = ("anon", "authenticated", "service_role", "authenticator", "wingman_admin", "wingman_test_operator")


def functions(db: Connection, role: str) -> set[str]:
    """The functions of ours that a role can execute, whatever their schema."""
    rows = db.execute(
        """
        select p.oid::regprocedure::text as name
        from pg_proc as p
        where p.pronamespace::regnamespace::text not in ('pg_catalog', 'information_schema')
            and has_function_privilege(%(role)s, p.oid, 'execute')
            and has_schema_privilege(%(role)s, p.pronamespace, 'usage')
            -- of an extension
            and not exists (select from pg_depend as d where d.objid = p.oid and d.deptype = 'e')
        """,
        {"role": role},
    )
    return {row["name"] for row in rows}


def test_a_worker_can_execute_these_two_functions_in_all_schemas(db):
    assert functions(db, "wingman_worker") == {CLAIM, SETTLE}


@pytest.mark.parametrize("role", OTHERS)
def test_and_nobody_else_can(db, role):
    assert functions(db, role) & {CLAIM, SETTLE} == set()


def test_but_their_owner_and_superusers(db):
    query = """
        select r.rolname as name, r.rolsuper as is_super from pg_roles as r
        where has_function_privilege(r.oid, %s, 'execute')
            and not pg_has_role(r.oid, 'wingman_worker', 'member')
    """
    for function in (CLAIM, SETTLE):
        rows = db.execute(query, [function]).fetchall()
        assert {row["name"] for row in rows if not row["is_super"]} <= {"wingman_owner"}
    # nor does anybody but those whom the owner of a database names become one
    members = db.execute(
        """select m.member::regrole::text as name from pg_auth_members as m
           where m.roleid = 'wingman_worker'::regrole"""
    )
    assert {row["name"] for row in members} <= {"wingman_test_worker", "postgres"}


def test_it_is_a_member_of_nothing_and_cannot_log_in(db):
    row = db.execute(
        """
        select
            r.rolcanlogin, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolbypassrls, r.rolreplication,
            exists (select from pg_auth_members as m where m.member = r.oid) as is_member
        from pg_roles as r
        where r.rolname = 'wingman_worker'
        """
    ).fetchone()
    assert row is not None
    assert not any(row.values()), row


def test_it_can_read_and_write_no_table(db):
    relations = db.execute(
        """
        select c.oid::regclass::text as name
        from pg_class as c
        where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and c.relnamespace = any(%s::regnamespace[])
        """,
        [[*SCHEMAS]],
    ).fetchall()
    assert {row["name"].removeprefix("public.") for row in relations} >= {
        name.removeprefix("public.") for name in tables(db)
    }
    found = [
        (row["name"], privilege)
        for row in relations
        for privilege in PRIVILEGES
        if db.execute(
            "select has_table_privilege('wingman_worker', %s::regclass, %s) as may", [row["name"], privilege]
        ).fetchone()["may"]
    ]
    assert found == []


def test_nor_a_column_of_one(db):
    rows = db.execute(
        """
        select a.attrelid::regclass::text as name, a.attname
        from pg_attribute as a
        inner join pg_class as c on c.oid = a.attrelid
        where c.relnamespace = any(%s::regnamespace[])
            and a.attnum > 0
            and not a.attisdropped
            and (
                has_column_privilege('wingman_worker', a.attrelid, a.attnum, 'select')
                or has_column_privilege('wingman_worker', a.attrelid, a.attnum, 'insert')
                or has_column_privilege('wingman_worker', a.attrelid, a.attnum, 'update')
            )
            -- types are no tables
            and c.relkind <> 'c'
        """,
        [[*SCHEMAS]],
    ).fetchall()
    assert rows == []


@pytest.mark.parametrize(
    "statement",
    [
        "select * from wingman.notification_deliveries",
        "select * from wingman.email_addresses",
        "select * from wingman.webhooks",
        "select * from wingman.settings",
        "select * from public.user_profiles",
        "select public.get_notification_settings()",
        "select wingman.confirm_email_address(gen_random_uuid())",
        "select wingman.run_readers()",
        "select wingman.delivery_of(null)",
        "select wingman.targets_of(null, null)",
        "select wingman_admin.requeue_delivery(gen_random_uuid(), 'x')",
        "create table public.mine (x integer)",
        "create function wingman.claim_deliveries(text) returns void language sql as ''",
        "set role wingman_owner",
        "set role service_role",
    ],
)
def test_what_it_tries_otherwise_is_refused(rpc, statement):
    worker = rpc.as_worker()
    # a superuser may take any role
    attempt = sql.SQL("do $$ begin execute {}; end $$").format(sql.Literal(statement))
    with pytest.raises(Exception, match="permission denied"), worker.transaction():
        if statement.startswith("set role"):
            login = "set session authorization wingman_worker"
            worker.connection.execute(login)
            worker.connection.execute(statement)
        worker.assume_identity()
        worker.connection.execute(attempt)


@pytest.mark.parametrize("channel", ["email", "web_push", "webhook", "realtime"])
def test_a_setting_of_its_session_changes_nothing(db, rpc, channel):
    """Not even one that decides where names are looked up."""
    worker = rpc.as_worker()
    with worker.transaction():
        worker.connection.execute("set local search_path = pg_temp")
        worker.connection.execute("create temp table notification_deliveries (id uuid)")
        worker.connection.execute("create temp table settings (id uuid)")
        worker.assume_identity()
        worker.connection.execute("set local enable_indexscan = off")
        worker.connection.execute("set local default_transaction_isolation = 'serializable'")
        rows = worker.connection.execute("select * from wingman.claim_deliveries(%s, 10)", [channel])
        assert rows.fetchall() == []
