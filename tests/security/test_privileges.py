"""Who may execute and reach what. Extensions' objects are not ours and left out."""

from itertools import product

import psycopg
import pytest
from harness import OPERATOR
from psycopg.rows import scalar_row, tuple_row

API = {
    "cancel_session",
    "complete_profile",
    "confirm_session_completion",
    "create_automatic_match",
    "create_session",
    "end_match",
    "get_match",
    "get_profile",
    "get_reputation",
    "get_session",
    "list_matches",
    "list_sessions",
    "respond_to_match",
    "start_session",
}
POLICY_HELPERS = {"current_user_id", "partner_ids"}
ROLES = ["anon", "authenticated", "service_role", "wingman_admin", "authenticator"]
CALLERS = {"authenticated", "service_role", "wingman_admin"}

# Every function of ours: oid, schema, name, and a call of it with nulls.
FUNCTIONS = """
    select
        p.oid,
        n.nspname as schema,
        p.proname as name,
        p.prosecdef as is_definer,
        p.prorettype = 'trigger'::regtype as is_trigger,
        format('select %s(%s)', p.oid::regproc, (
            select string_agg(format('null::%s', a.type::regtype), ', ' order by a.number)
            from unnest(p.proargtypes) with ordinality as a (type, number)
        )) as call_with_nulls
    from pg_proc as p
    inner join pg_namespace as n on n.oid = p.pronamespace
    where n.nspname in ('public', 'wingman') and not exists (
        select from pg_depend as d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
    order by 2, 3
"""


@pytest.fixture
def functions(db):
    return db.execute(FUNCTIONS).fetchall()


def test_nothing_but_the_api_is_in_public(functions):
    assert {found["name"] for found in functions if found["schema"] == "public"} == API


def test_policies_use_the_helpers_that_may_be_executed_for_them(db):
    used = db.cursor(row_factory=scalar_row).execute(
        """select p.proname from pg_depend as d
           inner join pg_proc as p on p.oid = d.refobjid
           where d.classid = 'pg_policy'::regclass and d.refclassid = 'pg_proc'::regclass"""
    )
    assert set(used) == POLICY_HELPERS


def test_execute_is_granted_for_the_api_its_engine_and_the_policies_alone(db):
    cursor = db.cursor(row_factory=tuple_row)
    granted = cursor.execute(
        f"""select f.schema, f.name, r.role
            from ({FUNCTIONS}) as f cross join unnest(array{ROLES}) as r (role)
            where has_function_privilege(r.role, f.oid, 'execute')"""
    )
    assert set(granted) == {
        *product(("public", "wingman"), API, CALLERS),
        *product(("wingman",), POLICY_HELPERS, ("authenticated",)),
    }


def test_no_grant_can_be_passed_on(db):
    grants = db.execute(
        """select p.oid::regproc::text as name from pg_proc as p, aclexplode(p.proacl) as a
           where a.is_grantable and p.pronamespace in ('public'::regnamespace, 'wingman'::regnamespace)
           union all
           select c.oid::regclass::text from pg_class as c, aclexplode(c.relacl) as a
           where a.is_grantable and c.relnamespace in ('public'::regnamespace, 'wingman'::regnamespace)"""
    )
    assert grants.fetchall() == []


@pytest.mark.parametrize("role", ["anon", "none"], ids=["anon", "authenticator without a role"])
def test_without_signing_in_no_function_can_be_called(connect, functions, role):
    connection = connect()
    connection.execute(f"set role {role}")
    for function in functions:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(function["call_with_nulls"])


@pytest.mark.parametrize("role", ["authenticated", "service_role", "operator"])
def test_callers_cannot_call_the_inside_of_the_engine(connect, functions, role):
    connection = connect(user=OPERATOR if role == "operator" else "authenticator")
    if role != "operator":
        connection.execute(f"set role {role}")
    inside = [found for found in functions if found["name"] not in API | POLICY_HELPERS]
    assert len(inside) > 20
    for function in inside:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(function["call_with_nulls"])


def test_anon_gets_nothing_through_a_connection_that_a_user_has_used(connect, people, rpc):
    user = rpc.as_user(people.add())
    for _ in range(10):  # long enough for cached plans
        user.call("get_profile")
    user.connection.execute("set role anon")
    for call in ("select public.get_profile()", "select wingman.get_profile(null)"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            user.connection.execute(call)


@pytest.mark.parametrize("named", ["another", "nobody"])
def test_the_engine_guards_itself_when_the_api_is_passed_by(db, rpc, people, functions, named):
    me, another = people.add("Ana"), people.add("Ben")
    caller = rpc.as_user(me if named == "another" else "")
    entry_points = [found for found in functions if found["schema"] == "wingman" and found["name"] in API]
    assert len(entry_points) == len(API)
    for function in entry_points:
        # the user acted for is the last argument
        call = function["call_with_nulls"].removesuffix("null::uuid)") + f"'{another}'::uuid)"
        with pytest.raises(psycopg.DatabaseError) as caught, caller.transaction():
            caller.assume_identity()
            caller.connection.execute(call)
        expected = ("PT403", "Not authorized to act for another user")
        if named == "nobody":
            expected = ("PT401", "Authentication required")
        assert (caught.value.sqlstate, caught.value.diag.message_primary) == expected, call


def test_definers_are_entry_points_policy_helpers_or_triggers(functions):
    definers = {found["name"] for found in functions if found["is_definer"] and not found["is_trigger"]}
    assert definers == API | {"partner_ids"}
    assert not [found for found in functions if found["is_definer"] and found["schema"] == "public"]


def test_schemas_are_open_to_callers_and_nobody_can_create_in_them(db):
    cursor = db.cursor(row_factory=tuple_row)
    granted = cursor.execute(
        f"""select s.name, r.role, v.privilege
            from unnest(array['public', 'wingman']) as s (name)
            cross join unnest(array{ROLES}) as r (role)
            cross join unnest(array['usage', 'create']) as v (privilege)
            where has_schema_privilege(r.role, s.name, v.privilege)"""
    )
    wingman = {grant for grant in granted if grant[0] == "wingman" or grant[2] == "create"}
    assert wingman == {("wingman", role, "usage") for role in CALLERS}


def test_callers_have_select_and_no_other_privilege_on_any_table(db):
    cursor = db.cursor(row_factory=tuple_row)
    granted = cursor.execute(
        """select c.oid::regclass::text, coalesce(r.rolname, 'public'), a.privilege_type
           from pg_class as c
           cross join aclexplode(c.relacl) as a
           left join pg_roles as r on r.oid = a.grantee
           where c.relnamespace in ('public'::regnamespace, 'wingman'::regnamespace)
               and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and a.grantee <> c.relowner"""
    )
    selects = {
        "authenticated": ("user_profiles", "user_locations", "wingman_matches", "wingman_sessions"),
        "service_role": ("user_profiles", "wingman_matches", "wingman_sessions"),
        "wingman_admin": ("user_profiles", "wingman_matches", "wingman_sessions"),
    }
    # public is on the search_path, so its tables are written without it
    assert set(granted) == {(table, role, "SELECT") for role in selects for table in selects[role]}


def test_no_privilege_is_given_on_a_column(db):
    columns = db.execute(
        """select attrelid::regclass as name, attname from pg_attribute
           inner join pg_class on pg_class.oid = attrelid
           where relnamespace in ('public'::regnamespace, 'wingman'::regnamespace) and attacl is not null"""
    )
    assert columns.fetchall() == []


def test_row_security_is_on_for_every_table_in_public(db):
    off = db.execute(
        """select oid::regclass as name from pg_class
           where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relrowsecurity"""
    )
    assert off.fetchall() == []


def test_policies_only_let_read(db):
    policies = db.execute("select polname, polcmd, polpermissive from pg_policy").fetchall()
    assert len(policies) > 0
    assert {policy["polcmd"] for policy in policies} == {"r"}


class TestRoles:
    @pytest.mark.parametrize(
        ("role", "may_log_in", "bypasses_rls"),
        [
            ("wingman_owner", False, False),
            ("wingman_admin", False, False),
            ("anon", False, False),
            ("authenticated", False, False),
            ("service_role", False, True),
            ("authenticator", True, False),
        ],
    )
    def test_have_no_more_power_than_they_need(self, db, role, may_log_in, bypasses_rls):
        found = db.execute(
            """select rolcanlogin, rolbypassrls, rolsuper, rolcreaterole, rolcreatedb, rolreplication
               from pg_roles where rolname = %s""",
            [role],
        ).fetchone()
        assert found == {
            "rolcanlogin": may_log_in,
            "rolbypassrls": bypasses_rls,
            "rolsuper": False,
            "rolcreaterole": False,
            "rolcreatedb": False,
            "rolreplication": False,
        }

    @pytest.mark.parametrize("role", ["anon", "authenticated", "service_role"])
    def test_the_authenticator_becomes_a_caller(self, connect, role):
        connection = connect()
        connection.execute(f"set role {role}")
        row = connection.execute("select current_user as role").fetchone()
        assert row == {"role": role}

    @pytest.mark.parametrize("login", ["authenticator", OPERATOR])
    @pytest.mark.parametrize("before", ["none", "own"])
    def test_no_login_becomes_the_owner_or_a_superuser(self, connect, db, login, before):
        connection = connect(user=login)
        if before == "own" and login == "authenticator":
            connection.execute("set role service_role")
        forbidden = ["wingman_owner", db.info.user]
        if login == "authenticator":
            forbidden.append("wingman_admin")
        for role in forbidden:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f'set role "{role}"')
