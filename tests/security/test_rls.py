"""Which rows users can read: their own, and the profiles of current partners."""

import pytest
from harness import Connect
from psycopg.rows import scalar_row
from security.allowed import READERS
from security.intruder import Intruder, claims_of
from security.shared_world import postgresql  # noqa: F401
from security.victims import World

PROFILES, LOCATIONS = "public.user_profiles", "public.user_locations"
MATCHES, SESSIONS = "public.wingman_matches", "public.wingman_sessions"
BLOCKS, NOTIFICATIONS = "public.user_blocks", "public.wingman_notifications"
KEYS = {
    **{PROFILES: "id", LOCATIONS: "user_id", MATCHES: "id", SESSIONS: "id", BLOCKS: "blocked_id"},
    NOTIFICATIONS: "user_id",
}

# What is left out: nothing.
VISIBLE = {
    "victim": {
        PROFILES: {"victim", "friend", "partner", "asked"},
        LOCATIONS: {"victim"},
        MATCHES: {
            *("victim+partner", "victim+friend", "victim+former", "victim+blocked"),
            *("victim+decliner", "victim+lapsed", "victim+asked"),
        },
        SESSIONS: {
            *("victim+partner completed", "victim+partner due", "victim+friend completed"),
            *("victim+friend in_progress", "victim+former completed", "victim+former cancelled"),
            "victim+blocked due",
        },
        BLOCKS: {"blocked"},
        NOTIFICATIONS: {"victim"},
    },
    "partner": {
        PROFILES: {"partner", "victim"},
        LOCATIONS: {"partner"},
        MATCHES: {"victim+partner"},
        SESSIONS: {"victim+partner completed", "victim+partner due"},
        NOTIFICATIONS: {"partner"},
    },
    "asked": {
        PROFILES: {"asked", "victim"},
        LOCATIONS: {"asked"},
        MATCHES: {"victim+asked"},
        NOTIFICATIONS: {"asked"},
    },
    "former": {
        PROFILES: {"former", "stranger"},
        LOCATIONS: {"former"},
        MATCHES: {"victim+former", "stranger+former"},
        SESSIONS: {"victim+former completed", "victim+former cancelled", "stranger+former no_show"},
        NOTIFICATIONS: {"former"},
    },
    "blocked": {
        PROFILES: {"blocked"},
        LOCATIONS: {"blocked"},
        MATCHES: {"victim+blocked"},
        SESSIONS: {"victim+blocked due"},
        NOTIFICATIONS: {"blocked"},
    },
    "decliner": {
        PROFILES: {"decliner", "stranger"},
        LOCATIONS: {"decliner"},
        MATCHES: {"victim+decliner", "stranger+decliner", "lapsed+decliner"},
        SESSIONS: {"stranger+decliner to_come"},
        NOTIFICATIONS: {"decliner"},
    },
    "lapsed": {
        PROFILES: {"lapsed"},
        LOCATIONS: {"lapsed"},
        MATCHES: {"victim+lapsed", "lapsed+decliner"},
        NOTIFICATIONS: {"lapsed"},
    },
    "newcomer": {},
}


def visible(connect: Connect, world: World, role: str, claims: str | None = None) -> dict[str, set[str]]:
    """The names of the rows that can be read of each table, among those that can be read at all."""
    intruder = Intruder.logged_in(connect, role, claims)
    return {
        table: {world.name(row[key]) for row in intruder.attempt(f"select {key} from {table}").rows}
        for table, key in KEYS.items()
        if role in READERS[table]
    }


@pytest.mark.parametrize("viewer", VISIBLE)
def test_a_user_reads_own_rows_and_partners_profiles(connect, world, viewer):
    claims = claims_of(world.users[viewer])
    nothing: dict[str, set[str]] = {table: set() for table in KEYS}
    assert visible(connect, world, "authenticated", claims) == nothing | VISIBLE[viewer]


@pytest.mark.parametrize("role", ["service_role", "wingman_admin"])
def test_service_and_operators_read_all_but_locations(connect, world, role):
    assert visible(connect, world, role) == {
        PROFILES: set(world.users) - {"newcomer"},
        MATCHES: set(world.matches),
        SESSIONS: set(world.sessions),
        BLOCKS: {"blocked"},
        NOTIFICATIONS: {name.removesuffix(" told") for name in world.notifications},
    }


def test_policies_only_let_read(superuser):
    verbs = superuser.cursor(row_factory=scalar_row).execute("select polcmd from pg_policy").fetchall()
    assert set(verbs) == {"r"}
