"""Each role, each table, each verb, and which rows: what everybody may do with the tables themselves."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import psycopg
import pytest
from harness import OPERATOR, Connection
from psycopg.rows import scalar_row
from rows import all_rows, make_match, make_session, tables

KEYS = {
    "public.user_profiles": "id",
    "public.user_locations": "user_id",
    "public.wingman_matches": "id",
    "public.wingman_sessions": "id",
    "wingman.match_seekers": "user_id",
    "wingman.reputation_events": "id",
    "wingman.settings": "id",
}
# Each touches no row, so that nothing but a missing privilege can refuse it.
VERBS = {
    "select": "select from {table} where false",
    "lock": "select from {table} where false for key share",
    "insert": "insert into {table} ({key}) select null where false",
    "update": "update {table} set {key} = null where false",
    "delete": "delete from {table} where false",
    "truncate": "truncate {table} cascade",
}
ALL = tuple(VERBS)
# wingman_owner is held by no login, yet not even it can change the ledger.
NOT_TRUNCATE = ("select", "lock", "insert", "update", "delete")
ALLOWED = {
    #                 profiles     locations    matches       sessions      seekers  ledger       settings
    "anon":          [(),          (),          (),           (),           (),      (),           ()],
    "authenticated": [("select",), ("select",), ("select",),  ("select",),  (),      (),           ()],
    "service_role":  [("select",), (),          ("select",),  ("select",),  (),      (),           ()],
    "wingman_admin": [("select",), (),          ("select",),  ("select",),  (),      (),           ()],
    "operator":      [("select",), (),          ("select",),  ("select",),  (),      (),           ()],
    "authenticator": [(),          (),          (),           (),           (),      (),           ()],
    "wingman_owner": [ALL,         ALL,         NOT_TRUNCATE, NOT_TRUNCATE, ALL,     NOT_TRUNCATE, ALL],
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """Everybody as they stand to ``me``; the matches and sessions are named by the other person."""

    names: dict[UUID, str]
    """Of users, and of the matches and sessions by their id."""
    users: dict[str, UUID]


@pytest.fixture
def world(db, people) -> World:
    users = {
        name: people.add(name)
        for name in ("me", "asked", "partner", "former", "decliner", "lapsed", "stranger", "friend")
    }
    names = {user_id: name for name, user_id in users.items()}
    for name, status in [
        ("partner", "accepted"),
        ("former", "ended"),
        ("decliner", "declined"),
        ("asked", "pending"),
    ]:
        names[make_match(db, users["me"], users[name], status)] = name
    names[make_match(db, users["lapsed"], users["decliner"], "lapsed")] = "lapsed and decliner"
    strangers = make_match(db, users["stranger"], users["friend"])
    names[strangers] = "stranger and friend"
    names[make_session(db, strangers)] = "stranger and friend"
    for match_id, name in list(names.items()):
        if name in ("partner", "former") and match_id not in users.values():
            names[make_session(db, match_id, "completed")] = name
    return World(names, users)


@contextmanager
def acting(connection: Connection, role: str, claims: str = "") -> Iterator[Connection]:
    """A transaction with a role and claims, as PostgREST sets them, undone at its end."""
    with connection.transaction(force_rollback=True):
        connection.execute(
            "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)", [role, claims]
        )
        yield connection


def is_allowed(connection: Connection, role: str, statement: str) -> bool:
    try:
        with acting(connection, role):
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.errors.CheckViolation as refusal:
        assert refusal.diag.constraint_name == "reputation_events_append_only"
        return False
    return True


@pytest.fixture
def connection_as(connect, db):
    """A connection that may take a role in the way that its holder does in production."""

    def open_connection(role: str) -> tuple[Connection, str]:
        match role:
            case "anon" | "authenticated" | "service_role":
                return connect(user="authenticator"), role
            case "authenticator":
                return connect(user="authenticator"), "none"
            case "operator":
                return connect(user=OPERATOR), "none"
        return db, role

    return open_connection


def test_the_matrix_has_every_table(db):
    assert set(tables(db)) - {"wingman.alembic_version"} == set(KEYS)


@pytest.mark.parametrize("role", ALLOWED)
def test_verbs(connection_as, db, role):
    before = all_rows(db)
    connection, role_to_set = connection_as(role)
    allowed = {
        table: tuple(
            verb
            for verb, statement in VERBS.items()
            if is_allowed(connection, role_to_set, statement.format(table=table, key=key))
        )
        for table, key in KEYS.items()
    }
    assert allowed == dict(zip(KEYS, ALLOWED[role], strict=True))
    assert all_rows(db) == before


PROFILES, LOCATIONS, MATCHES, SESSIONS = list(KEYS)[:4]
MINE = {
    PROFILES: {"me", "asked", "partner"},
    LOCATIONS: {"me"},
    MATCHES: {"asked", "partner", "former", "decliner"},
    SESSIONS: {"partner", "former"},
}
VISIBLE = {
    "me": MINE,
    "partner": {
        PROFILES: {"partner", "me"},
        LOCATIONS: {"partner"},
        MATCHES: {"partner"},
        SESSIONS: {"partner"},
    },
    "asked": {PROFILES: {"asked", "me"}, LOCATIONS: {"asked"}, MATCHES: {"asked"}, SESSIONS: set()},
    "former": {PROFILES: {"former"}, LOCATIONS: {"former"}, MATCHES: {"former"}, SESSIONS: {"former"}},
    "decliner": {
        PROFILES: {"decliner"},
        LOCATIONS: {"decliner"},
        MATCHES: {"decliner", "lapsed and decliner"},
        SESSIONS: set(),
    },
    "lapsed": {
        PROFILES: {"lapsed"},
        LOCATIONS: {"lapsed"},
        MATCHES: {"lapsed and decliner"},
        SESSIONS: set(),
    },
    "stranger": {
        PROFILES: {"stranger", "friend"},
        LOCATIONS: {"stranger"},
        MATCHES: {"stranger and friend"},
        SESSIONS: {"stranger and friend"},
    },
}


def visible(connection: Connection, world: World, role: str, claims: str = "") -> dict[str, set[str]]:
    """The names of the rows that can be read of each table, among those that can be read at all."""
    found = {}
    for table in (PROFILES, LOCATIONS, MATCHES, SESSIONS):
        with acting(connection, role, claims):
            cursor = connection.cursor(row_factory=scalar_row)
            try:
                ids = cursor.execute(f"select {KEYS[table]} from {table}").fetchall()
            except psycopg.errors.InsufficientPrivilege:
                continue
        found[table] = {world.names[id_] for id_ in ids}
        assert len(found[table]) == len(ids)
    return found


@pytest.mark.parametrize("viewer", VISIBLE)
def test_a_user_reads_own_rows_and_partners_profiles(connect, world, viewer):
    claims = json.dumps({"sub": str(world.users[viewer])})
    assert visible(connect(), world, "authenticated", claims) == VISIBLE[viewer]


@pytest.mark.parametrize(
    "claims",
    [
        "",
        "{not json",
        "[]",
        '{"sub": null}',
        '{"sub": "me"}',
        '{"role": "service_role"}',
        '{"sub": "00000000-0000-0000-0000-000000000000", "role": "wingman_admin"}',
    ],
)
def test_without_a_user_in_the_claims_nothing_is_read(connect, world, claims):
    assert visible(connect(), world, "authenticated", claims) == {
        PROFILES: set(),
        LOCATIONS: set(),
        MATCHES: set(),
        SESSIONS: set(),
    }


def test_without_claims_at_all_nothing_is_read(connect, world):
    connection = connect()
    connection.execute("set role authenticated")
    for table in (PROFILES, LOCATIONS, MATCHES, SESSIONS):
        assert connection.execute(f"select from {table}").fetchall() == []


def test_the_role_of_the_claims_is_not_believed(connect, world):
    claims = json.dumps({"sub": str(world.users["me"]), "role": "service_role"})
    assert visible(connect(), world, "authenticated", claims) == MINE


@pytest.mark.parametrize("role", ["service_role", "operator"])
def test_service_and_operators_read_all_but_locations(connection_as, world, role):
    connection, role_to_set = connection_as(role)
    assert visible(connection, world, role_to_set) == {
        PROFILES: set(world.users),
        MATCHES: {"asked", "partner", "former", "decliner", "lapsed and decliner", "stranger and friend"},
        SESSIONS: {"partner", "former", "stranger and friend"},
    }


@pytest.mark.parametrize("role", ["anon", "authenticator"])
def test_nobody_signed_in_reads_nothing(connection_as, world, role):
    connection, role_to_set = connection_as(role)
    assert visible(connection, world, role_to_set) == {}


FORGERIES = {
    "a match": """insert into public.wingman_matches
                      (user1_id, user2_id, user1_reputation, user2_reputation, distance_miles, expires_at)
                  values (least('{me}', '{stranger}')::uuid, greatest('{me}', '{stranger}')::uuid,
                          20, 20, 1, '2100-01-01')""",
    "an answer": """update public.wingman_matches
                    set status = 'accepted', responded_by = user1_id, responded_at = statement_timestamp()
                    where status = 'pending'""",
    "a session": """insert into public.wingman_sessions (match_id, venue_name, scheduled_time)
                    select id, 'Café', '2025-08-17 15:00Z' from public.wingman_matches
                    where status = 'accepted'""",
    "a confirmation": "update public.wingman_sessions set user1_completed_confirmed_by_user2 = true",
    "a counter": "update public.user_profiles set completed_sessions = 20 where id = '{me}'",
    "another's counter": "update public.user_profiles set no_shows = 20 where id = '{partner}'",
    "a name": "update public.user_profiles set first_name = 'Zoe' where id = '{me}'",
    "a place": "update public.user_locations set lat = 0 where user_id = '{me}'",
    "a disappearance": "delete from public.user_profiles where id = '{me}'",
    "an event": """insert into wingman.reputation_events (session_id, user_id, kind, delta)
                   select id, '{me}', 'completed', 1 from public.wingman_sessions""",
    "a waiting time": "update wingman.match_seekers set waiting_since = '2020-01-01' where user_id = '{me}'",
    "a rule": "update wingman.settings set rematch_after = '0'",
}


@pytest.mark.parametrize("role", ["authenticated", "service_role", "operator"])
def test_nothing_can_be_forged(connection_as, db, world, role):
    before = all_rows(db)
    connection, role_to_set = connection_as(role)
    claims = json.dumps({"sub": str(world.users["me"])})
    for name, statement in FORGERIES.items():
        with acting(connection, role_to_set, claims), pytest.raises(psycopg.Error) as caught:
            connection.execute(statement.format(**world.users))
        assert caught.value.sqlstate == "42501", name
    assert all_rows(db) == before
