"""No call is compiled just in time: compiling takes longer than the call, and Debian has it switched on."""

import pytest
from arranged import STORIES, Stage
from psycopg import sql
from security.test_house_rules import OUR_FUNCTIONS

CALLS = [(call, title, arrange) for call, title, arrange, _ in STORIES if "." not in call]
# They run inside one of the others.
INSIDE = {"first_in_cell", "lock_first_in_own_cell"}


def test_whoever_rules_plans_out_rules_compiling_out(db):
    # a plan that is ruled out costs 1e10 more, where it is the only one
    rows = db.execute(
        f"""select p.proname as name from {OUR_FUNCTIONS}
            and array_to_string(p.proconfig, ' ') ~ 'enable_\\w+=off' and not 'jit=off' = any(p.proconfig)"""
    )
    assert {row["name"] for row in rows} == INSIDE


@pytest.mark.representatives(
    "complete_profile a new one",
    "create_automatic_match somebody",
    "respond_to_match decline*",
    "confirm_session_completion*",
    "create_session*",
)
@pytest.mark.parametrize(
    ("function", "title", "arrange"), CALLS, ids=[f"{call} {title}" for call, title, _ in CALLS]
)
def test_no_call_is_compiled(db, connect, people, function, title, arrange):
    user_id, arguments = arrange(Stage(db, people))
    call = sql.SQL("select public.{}({})").format(
        sql.Identifier(function),
        sql.SQL(", ").join(
            sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name))
            for name in (*arguments, "user_id")
        ),
    )
    superuser = connect(user=db.info.user)
    superuser.execute("set jit = on")
    if superuser.execute("select pg_jit_available() as is").fetchone()["is"]:
        superuser.execute("load 'auto_explain'")
        for setting in ("log_level = notice", "log_analyze = on", "log_nested_statements = on"):
            superuser.execute(f"set auto_explain.{setting}")
        superuser.execute("set auto_explain.log_min_duration = 0")
    plans = []
    superuser.add_notice_handler(lambda notice: plans.append(notice.message_primary))
    superuser.execute("set role service_role")
    superuser.execute(call, {**arguments, "user_id": user_id})
    assert [plan for plan in plans if "JIT:" in plan] == []
