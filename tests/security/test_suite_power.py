"""The suite can fail: whichever guard is broken, one of its tests notices."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import pytest
from breaking import break_function, not_breakable
from harness import Connect, Connection, People, Rpc
from security import (
    test_cached_plans,
    test_foreign_ids,
    test_function_access,
    test_fuzz,
    test_hijack,
    test_operator_fuzz,
    test_sql_in_texts,
    test_table_access,
    test_token_claims,
)
from security.arguments import GoodCall, good_calls_of
from security.inventory import Function, functions
from security.judge import Judge
from security.traps import hostile_login
from security.victims import Snapshots, World, make_world


@dataclass
class Stage:
    """What the suite's fixtures give, in a separate database."""

    connect: Connect
    db: Connection
    world: World
    judge: Judge

    @cached_property
    def inventory(self) -> dict[str, Function]:
        return {function.qualified: function for function in functions(self.db)}

    @property
    def victim(self) -> str:
        return str(self.world.users["victim"])

    def attack(self, who: str) -> test_foreign_ids.Attack:
        return test_foreign_ids.Attack(self.judge, self.world, who)

    def good_calls(self, *names: str) -> dict[str, list[GoodCall]]:
        return {name: good_calls_of(self.db, self.world, self.inventory[f"public.{name}"]) for name in names}


Part = Callable[[Stage], None]
"""A part of the suite; it raises AssertionError for what it finds."""


@pytest.fixture
def stage(connect: Connect, db: Connection, people: People, rpc: Rpc) -> Stage:
    world = make_world(db, people, rpc)
    return Stage(connect, db, world, Judge(db, Snapshots(db)))


def tables(role: str) -> Part:
    test = test_table_access.test_nothing_is_allowed_but_what_the_list_says
    return lambda at: test(at.connect, at.db, role)


def execute(role: str) -> Part:
    test = test_function_access.test_nothing_can_be_executed_but_what_the_list_says
    return lambda at: test(at.connect, at.db, role)


def reading(who: str) -> Part:
    test = test_foreign_ids.test_no_table_tells_what_is_anothers
    return lambda at: test(at.connect, at.db, at.world, at.judge, who)


def ids(who: str) -> Part:
    test = test_foreign_ids.test_no_id_opens_what_is_anothers
    return lambda at: test(at.attack, at.judge, at.inventory, at.world, who)


def names(who: str) -> Part:
    test = test_foreign_ids.test_nobody_acts_for_another
    return lambda at: test(at.attack, at.judge, at.inventory, at.world, who)


def role_of_claims(role: str) -> Part:
    test = test_token_claims.test_the_role_of_the_claims_gives_nothing
    table = "public.user_profiles"
    return lambda at: test(at.connect, at.world, at.inventory, [table], at.judge, at.victim, role)


def claims(name: str) -> Part:
    test = test_token_claims.test_claims_that_name_nobody_let_nobody_in
    return lambda at: test(at.connect, at.world, at.inventory, at.victim, name)


def plans(table: str) -> Part:
    test = test_cached_plans.test_no_table_shows_the_rows_of_the_one_before
    return lambda at: test(at.connect, at.world, at.judge, table, "authenticated")


def hijack(name: str) -> Part:
    def attack(at: Stage) -> None:
        calls = at.good_calls(name, "get_profile")
        with hostile_login(at.db) as hostile:
            for path in test_hijack.PATHS:
                test_hijack.test_nothing_planted_runs_in_any_call(hostile, calls, path)

    return attack


def texts(name: str) -> Part:
    test = test_sql_in_texts.test_a_text_is_a_text
    return lambda at: test(at.judge, at.good_calls(name), at.inventory, name)


def odd_values(name: str) -> Part:
    test = test_fuzz.test_an_odd_value_in_a_call_that_works_is_taken_or_refused_by_contract
    return lambda at: test(at.judge, at.inventory, at.good_calls(name), name)


def fuzz(name: str) -> Part:
    test = test_fuzz.test_whatever_is_sent_the_answer_is_by_contract
    return lambda at: test(at.judge, at.world, at.inventory, at.good_calls(name), name, test_fuzz.QUICK)


def operators(name: str) -> Part:
    test = test_operator_fuzz.test_an_odd_value_is_taken_or_refused_by_contract
    return lambda at: test(
        test_operator_fuzz.Operators(at.db), at.inventory, at.world, f"wingman_admin.{name}"
    )


# How a guard is broken: by SQL, or in a function by putting something in the place of what stands there; and
# the part of the suite that finds out.
BROKEN = {
    "counters can be written": (
        "grant update (completed_sessions) on public.user_profiles to authenticated",
        tables("authenticated"),
    ),
    "services can read the engine's table": (
        "grant select on wingman.matchmaking_pool to service_role",
        tables("service_role"),
    ),
    "helpers can be executed": (
        "grant execute on function wingman.decline_match to public",
        execute("authenticated"),
    ),
    "anon is let in": (
        "grant execute on function public.get_match to anon",
        execute("anon"),
    ),
    "a policy is always true": (
        "create policy everybody on public.user_locations for select to authenticated using (true)",
        reading("stranger"),
    ),
    "row security is off": (
        "alter table public.wingman_sessions disable row level security",
        reading("partner"),
    ),
    "who was a partner stays one": (
        ("wingman.partners_of", "m.ended_at, statement_timestamp()", "null, statement_timestamp()"),
        reading("former"),
    ),
    "anybody may read a match": (
        ("wingman.match_buddy", "perform wingman.raise_error('not_match_participant')", "null"),
        ids("stranger"),
    ),
    "former partners' profiles are told": (
        ("wingman.match_details_of", "where p.id = _buddy_id", "where true"),
        ids("former"),
    ),
    "a confirmation is given in the other's name": (
        (
            "wingman.confirm_session_completion",
            "or s.user2_id = _call.user_id,\n        user2_completed_confirmed_by_user1 ="
            " s.user2_completed_confirmed_by_user1 or s.user1_id = _call.user_id",
            "or s.user1_id = _call.user_id,\n        user2_completed_confirmed_by_user1 ="
            " s.user2_completed_confirmed_by_user1 or s.user2_id = _call.user_id",
        ),
        ids("partner"),
    ),
    "a new place is everybody's": (
        (
            "wingman.complete_profile",
            "return wingman.end_call(_call, wingman.profile_details_of(_me))",
            "update public.user_locations as l set lat = 0 where l.lat <> 0;"
            " return wingman.end_call(_call, wingman.profile_details_of(_me))",
        ),
        ids("stranger"),
    ),
    "a refusal tells a name": (
        (
            "wingman.get_reputation",
            "raise_error('reputation_not_visible')",
            "raise_error('reputation_not_visible', (select to_jsonb(p) from public.user_profiles as p"
            " where p.id = _subject_id))",
        ),
        ids("stranger"),
    ),
    "anybody may be acted for": (
        (
            "wingman.acting_user_id",
            "perform wingman.raise_error('acting_for_another')",
            "return acting_user_id.user_id",
        ),
        names("stranger"),
    ),
    "the role of the claims is believed": (
        """create or replace function wingman.caller_role() returns text language sql stable return coalesce(
               nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role', session_user
           )""",
        role_of_claims("service_role"),
    ),
    "claims that are no JSON are an error": (
        ("wingman.current_user_id", "data_exception or program_limit_exceeded", "division_by_zero"),
        claims("not JSON"),
    ),
    "claims of any kind are an error": (
        ("wingman.current_user_id", "data_exception or program_limit_exceeded", "division_by_zero"),
        fuzz("get_profile"),
    ),
    "a plan remembers the user": (
        "alter function wingman.current_user_id immutable",
        plans("public.user_locations"),
    ),
    "temporary tables come first": (
        ("wingman.profile_details_of", "from public.user_profiles as p", "from user_profiles as p"),
        "alter function wingman.profile_details_of set search_path = pg_catalog, public",
        hijack("get_profile"),
    ),
    "the caller's path is taken": (
        "alter function wingman.badge_color reset search_path",
        "alter function wingman.get_reputation reset search_path",
        hijack("get_reputation"),
    ),
    "a reason is run": (
        (
            "wingman.cancel_session",
            "    return wingman.end_call(_call, _session.details)",
            "    execute 'select ''' || cancel_session.reason || '''';"
            " return wingman.end_call(_call, _session.details)",
        ),
        texts("cancel_session"),
    ),
    "a text is changed": (
        (
            "wingman.create_session",
            "create_session.notes,\n        _me,\n        _me\n    )\n    returning",
            "replace(create_session.notes, '$', ''),\n        _me,\n        _me\n    )\n    returning",
        ),
        texts("create_session"),
    ),
    "a constraint answers for the engine": (
        (
            "wingman.create_session",
            "when integrity_constraint_violation then",
            "when unique_violation then",
        ),
        odd_values("create_session"),
    ),
    "a page has no end": (
        ("wingman.check_page", "check_page.page_size not between 1 and 100", "false"),
        odd_values("list_matches"),
    ),
    "operators' decisions about anybody are exported": (
        ("wingman.personal_data", "where d.subject_id = _me", "where true or d.subject_id = _me"),
        ids("partner"),
    ),
    "who is suspended is told": (
        "grant select on wingman.suspensions to authenticated",
        tables("authenticated"),
    ),
    "anybody may answer a report of a no-show": (
        (
            "wingman.settle_no_show_answer",
            "perform wingman.session_buddy(settle_no_show_answer.session_id, settle_no_show_answer.user_id)",
            "null",
        ),
        ids("stranger"),
    ),
    "what is for operators only is told to the person reported": (
        ("wingman.no_show_report_of", "case when _is_mine then _report.note end", "_report.note"),
        ids("friend"),
    ),
    "the inbox is everybody's": (
        "create policy everybody on public.wingman_notifications for select to authenticated using (true)",
        reading("stranger"),
    ),
    "everybody's inbox is marked": (
        ("wingman.mark_notifications_read", "w.user_id = _me and ", ""),
        ids("partner"),
    ),
    "the inbox names former partners": (
        ("wingman.notifications_of", "and p.id = any(_partners)", ""),
        ids("former"),
    ),
    "users can call what servers push by": (
        "grant execute on function wingman.notifications_between to authenticated",
        execute("authenticated"),
    ),
    "a constraint answers for a suspension": (
        ("wingman_admin.suspend_user", "or not isfinite(suspend_user.until)", ""),
        operators("suspend_user"),
    ),
    "a constraint answers for the operators' settings": (
        ("wingman_admin.change_settings", "when check_violation or not_null", "when not_null"),
        operators("change_settings"),
    ),
    "a constraint answers for a report": (
        ("wingman_admin.resolve_report", "resolve_report.outcome not in ('resolved', 'dismissed')", "false"),
        operators("resolve_report"),
    ),
    "whoever takes a report changes profiles": (
        (
            "wingman_admin.take_report",
            "perform wingman.end_operation();",
            "update public.user_profiles as p set bio = 'x'; perform wingman.end_operation();",
        ),
        operators("take_report"),
    ),
}


def test_every_guard_can_still_be_broken(db: Connection) -> None:
    breaks = {name: partial(break_guards, db, broken) for name, (*broken, _) in BROKEN.items()}
    assert not_breakable(db, breaks) == {}


@pytest.mark.long
@pytest.mark.parametrize("guard", BROKEN)
def test_a_broken_guard_is_found(stage: Stage, guard: str) -> None:
    *breaks, part = BROKEN[guard]
    part(stage)
    break_guards(stage.db, breaks)

    with pytest.raises(AssertionError):
        part(stage)


def break_guards(db: Connection, breaks: list[str | tuple[str, str, str]]) -> None:
    for broken in breaks:
        if isinstance(broken, str):
            db.execute(broken)
        else:
            break_function(db, *broken)
