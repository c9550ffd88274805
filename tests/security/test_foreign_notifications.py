"""What somebody could try with the inbox: other people's ids, the functions of servers, the table itself."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from harness import Connect, Connection
from security.allowed import ROLES
from security.intruder import Intruder, Outcome, claims_of
from security.shared_world import postgresql  # noqa: F401
from security.victims import World

TOLD = "public.wingman_notifications"
ZEROS = UUID(int=0)
LAST = UUID(int=2**128 - 1)
PLACES = {"list_notifications": "before", "mark_notifications_read": "up_to"}
"""Which argument takes a place in the own inbox."""


def inbox(db: Connection, user_id: UUID) -> list[dict[str, Any]]:
    return db.execute(f"select * from {TOLD} where user_id = %s order by id", [user_id]).fetchall()


def everybody_who_was_told(world: World) -> list[UUID]:
    return [world.users[name.removesuffix(" told")] for name in world.notifications]


def as_user(db: Connection, user_id: UUID) -> Intruder:
    return Intruder(db, claims=claims_of(user_id))


def rows_of(outcome: Outcome) -> list[dict[str, Any]]:
    assert outcome.error is None, outcome
    return [json.loads(row["answer"]) for row in outcome.rows]


def listed(outcome: Outcome) -> list[UUID]:
    return [UUID(row["id"]) for row in rows_of(outcome)]


def test_the_place_of_another_marks_what_is_ones_own_up_to_there(superuser, world):
    people = everybody_who_was_told(world)
    for me in people:
        for up_to in (*world.notifications.values(), ZEROS, LAST):
            marked: list[UUID] = []

            def look(marked: list[UUID] = marked) -> None:
                found = superuser.execute(f"select id from {TOLD} where read_at is not null order by id")
                marked.extend(row["id"] for row in found)

            outcome = as_user(superuser, me).call("public.mark_notifications_read", {"up_to": up_to}, look)
            assert outcome.error is None, outcome
            assert marked == [row["id"] for row in inbox(superuser, me) if row["id"] <= up_to]


def test_the_place_of_another_tells_no_more_than_one_that_nobody_has(superuser, world):
    """An id of somebody else's and the one beside it, which is nobody's, are answered alike."""
    people = everybody_who_was_told(world)
    for me in people:
        mine = [row["id"] for row in inbox(superuser, me)]
        intruder = as_user(superuser, me)
        for theirs in {*world.notifications.values()} - {*mine}:
            nobodys = UUID(int=theirs.int + 1)
            for function, argument in (
                ("list_notifications", "before"),
                ("mark_notifications_read", "up_to"),
            ):
                answers = [
                    rows_of(intruder.call(f"public.{function}", {argument: place}))
                    for place in (theirs, nobodys)
                ]
                assert answers[0] == answers[1]
            found = listed(intruder.call("public.list_notifications", {"before": theirs, "page_size": 100}))
            assert found == [id_ for id_ in reversed(mine) if id_ < theirs]


@pytest.mark.parametrize("role", ["service_role", "wingman_admin"])
def test_who_acts_for_somebody_is_answered_as_that_one(superuser, world, role):
    service = Intruder(superuser, role)
    for name in (*world.users, None):
        user_id = world.users[name] if name else UUID(int=7)
        for function, arguments in (
            ("list_notifications", {"page_size": 100}),
            ("count_unread_notifications", {}),
            ("mark_notifications_read", {"up_to": LAST}),
        ):
            outcome = service.call(f"public.{function}", {**arguments, "user_id": user_id})
            if name in (None, "newcomer"):
                assert outcome.name == "user_not_found"
            else:
                own = as_user(superuser, user_id).call(f"public.{function}", arguments)
                assert rows_of(outcome) == rows_of(own)


def calls_of_servers(world: World) -> Iterator[tuple[str, list[Any]]]:
    """What pushes to everybody, with values that would tell of the victim."""
    victim = world.users["victim"]
    yield "wingman.told_after(%s, 1000)", [ZEROS]
    yield "wingman.last_told()", []
    yield "wingman.notifications_between(%s, %s, %s, 1000)", [victim, ZEROS, LAST]
    yield "wingman.without_profile(%s::uuid[])", [[*world.users.values()]]


def calls_of_nobody(world: World) -> Iterator[tuple[str, list[Any]]]:
    """What only the reader itself calls."""
    victim = world.users["victim"]
    match_id, session_id = world.matches["victim+partner"], world.sessions["victim+partner due"]
    notice = f"({victim},,user_suspended,1,,,,,,f)"
    yield "wingman.fill_inboxes(1000)", []
    yield "wingman.tell(array[%s::wingman.notice])", [notice]
    yield "wingman.notices_of(array(select null::wingman.events))", []
    yield "wingman.notices_due('{}')", []
    yield "wingman.plan_reminders(%s, %s, 'infinity', now())", [match_id, session_id]
    yield "wingman.notifications_of(array[%s::uuid], %s)", [world.notifications["victim told"], victim]
    yield "wingman.count_unread(%s)", [victim]


@pytest.mark.parametrize("role", ROLES)
def test_the_functions_of_servers_are_for_servers(connect: Connect, superuser, world, role):
    claims = json.dumps({"sub": str(world.users["stranger"]), "role": "service_role"})
    intruder = Intruder.logged_in(connect, role, claims)
    for call, values in calls_of_servers(world):
        outcome = intruder.attempt(f"select to_jsonb(f)::text as answer from {call} as f", values)
        assert outcome.name == ("answered" if role == "service_role" else "42501"), call
    for call, values in calls_of_nobody(world):
        assert intruder.attempt(f"select from {call} as f", values).is_forbidden, call


def test_run_readers_is_for_operators_and_tells_nobody_what(connect: Connect, world):
    for role in ROLES:
        intruder = Intruder.logged_in(connect, role, claims_of(world.users["stranger"]))
        outcome = intruder.attempt("select to_jsonb(r)::text as answer from wingman.run_readers() as r")
        assert outcome.is_forbidden == (role not in ("service_role", "wingman_admin"))
        for row in outcome.rows:
            names = {"told", "counted_events", "counted_reputation_events", "ranked", "evaluated"}
            assert {*json.loads(row["answer"])} == names


WRITES = [
    f"update {TOLD} set read_at = now()",
    f"update {TOLD} set read_at = null where user_id = %(me)s",
    f"update {TOLD} set user_id = %(me)s",
    f"delete from {TOLD}",
    f"delete from {TOLD} where user_id = %(me)s",
    f"insert into {TOLD} (id, user_id, kind, event_id) values (%(new)s, %(victim)s, 'match_ended', 1)",
    f"insert into {TOLD} select * from {TOLD} on conflict (id) do update set read_at = now()",
    f"select from {TOLD} for update",
    f"select from {TOLD} for key share",
    f"lock table {TOLD} in share mode",
    f"truncate {TOLD}",
    "update wingman.inbox_clock set told_until = 'infinity'",
    "select from wingman.inbox_clock for update",
    "table wingman.reminders",
    "delete from wingman.reminders",
    "table wingman.postponed_notices",
    "insert into wingman.postponed_notices default values",
]


@pytest.mark.parametrize("role", ROLES)
def test_nobody_writes_to_the_tables_of_the_inbox(connect: Connect, superuser, world, role):
    me = world.users["partner"]
    values = {"me": me, "victim": world.users["victim"], "new": LAST}
    before = inbox(superuser, me)
    intruder = Intruder.logged_in(connect, role, claims_of(me))
    for statement in WRITES:
        assert intruder.attempt(statement, values).is_forbidden, statement
    assert inbox(superuser, me) == before


def test_the_table_shows_each_their_own_whoever_was_there_before(connect: Connect, superuser, world):
    """In one transaction, with one prepared statement: only the claims change."""
    login = connect(user="authenticator")
    login.execute("set role authenticated")
    login.execute(f"prepare mine as select id from {TOLD} order by id")
    for _ in range(6):
        with login.transaction():
            for name in ("victim", "partner", "newcomer", "stranger", "victim"):
                user_id = world.users[name]
                login.execute("select set_config('request.jwt.claims', %s, true)", [claims_of(user_id)])
                shown = [row["id"] for row in login.execute("execute mine")]
                assert shown == [row["id"] for row in inbox(superuser, user_id)], name
            for claims in ("", "{}", '{"role": "service_role"}', '{"sub": null}', "not JSON"):
                login.execute("select set_config('request.jwt.claims', %s, true)", [claims])
                assert login.execute("execute mine").fetchall() == [], claims


def test_a_condition_on_the_rows_of_others_finds_nothing(connect: Connect, superuser, world):
    me = world.users["partner"]
    intruder = Intruder.logged_in(connect, "authenticated", claims_of(me))
    victim = world.users["victim"]
    theirs = inbox(superuser, victim)
    assert theirs
    for condition, value in (
        ("user_id = %s", victim),
        ("id = %s", theirs[-1]["id"]),
        ("event_id = any(%s)", [row["event_id"] for row in theirs if row["event_id"]]),
        ("user_id <> %s", me),
        ("not wingman.current_user_id() = user_id and %s", True),
    ):
        found = intruder.attempt(f"select user_id from {TOLD} where {condition}", [value])
        assert {row["user_id"] for row in found.rows} <= {me}, condition
    count = intruder.attempt(f"select count(*) as told from {TOLD}")
    assert [row["told"] for row in count.rows] == [len(inbox(superuser, me))]
