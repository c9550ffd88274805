"""What roles are, what the schemas let them do, and which functions act as the owner."""

import psycopg
import pytest
from harness import OPERATOR, WORKER
from psycopg.rows import scalar_row, tuple_row
from security.allowed import API, EXECUTORS, ROLES, SCHEMAS
from security.shared_world import postgresql  # noqa: F401

MAY_BECOME = {"authenticator": {"service_role"}, OPERATOR: {"wingman_admin"}, WORKER: {"wingman_worker"}}
POLICY_HELPERS = {"current_user_id", "partner_ids"}


def test_policies_use_the_helpers_that_may_be_executed_for_them(superuser):
    used = superuser.cursor(row_factory=scalar_row).execute(
        """select p.proname from pg_depend as d
           inner join pg_proc as p on p.oid = d.refobjid
           where d.classid = 'pg_policy'::regclass and d.refclassid = 'pg_proc'::regclass"""
    )
    assert set(used) == POLICY_HELPERS


def test_definers_are_entry_points_policy_helpers_operators_functions_or_triggers(inventory):
    definers = {
        function.qualified
        for function in inventory.values()
        if function.is_definer and not function.is_trigger
    }
    assert definers == {f"wingman.{name}" for name in API} | {
        "wingman.partner_ids",
        # what workers send by
        "wingman.claim_deliveries",
        "wingman.settle_deliveries",
        # what operators' views count by
        *(f"wingman.{name}_counts" for name in ("match", "outcome", "reputation", "session")),
        "wingman.delivery_backlogs",
        "wingman.leaderboard_differences",
        "wingman.reader_lags",
        "wingman.run_maintenance",
        "wingman.run_readers",
        # what servers push by
        *(
            f"wingman.{name}"
            for name in ("last_told", "notifications_between", "told_after", "without_profile")
        ),
        # what they answer links in e-mails by
        "wingman.confirm_email_address",
        "wingman.unsubscribe",
        *(name for name in EXECUTORS if name.startswith("wingman_admin.")),
    }


def test_schemas_are_open_to_callers_and_nobody_can_create_in_them(superuser):
    granted = superuser.cursor(row_factory=tuple_row).execute(
        f"""select n.nspname, r.role, v.privilege
            from pg_namespace as n
            cross join unnest(array{list(ROLES)}) as r (role)
            cross join unnest(array['usage', 'create']) as v (privilege)
            where (n.nspname = 'public' or n.nspowner = 'wingman_owner'::regrole)
                and has_schema_privilege(r.role, n.oid, v.privilege)"""
    )
    found = {grant for grant in granted if grant[::2] != ("public", "usage")}
    assert found == {(schema, role, "usage") for schema, roles in SCHEMAS.items() for role in roles}


class TestRoles:
    @pytest.mark.parametrize(
        ("role", "may_log_in", "bypasses_rls"),
        [
            ("wingman_owner", False, False),
            ("wingman_admin", False, False),
            ("wingman_worker", False, False),
            ("anon", False, False),
            ("authenticated", False, False),
            ("service_role", False, True),
            ("authenticator", True, False),
        ],
    )
    def test_have_no_more_power_than_they_need(self, superuser, role, may_log_in, bypasses_rls):
        found = superuser.execute(
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

    @pytest.mark.parametrize("login", ["authenticator", OPERATOR, WORKER])
    @pytest.mark.parametrize("before", ["none", "own"])
    def test_no_login_becomes_the_owner_or_a_superuser(self, connect, superuser, login, before):
        connection = connect(user=login)
        if before == "own" and login == "authenticator":
            connection.execute("set role service_role")
        forbidden = {"wingman_owner", superuser.info.user, "wingman_admin", "wingman_worker", "service_role"}
        forbidden -= MAY_BECOME[login]
        for role in forbidden:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f'set role "{role}"')
