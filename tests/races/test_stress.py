"""Thirty-two clients and two operators do everything at random among forty people of one small town."""

import random
import time
from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

import pytest
from harness import OPERATOR, POLL_SECONDS, Connect, Connection, People, in_thread
from races.chaos import LEVELS, SENSIBLE, Client, Operator, World, a_place
from rows import lift_rate_limits

CLIENTS = 32
OPERATORS = 2
PEOPLE = 40
NEW = 8  # of them have no profile yet: the clients complete it
FOUND_PER_SECOND = 2
A_SHORT_RUN = 2
"""In these seconds a server need not come to what happens seldom, such as what operators decide."""
ROUNDS = 12
"""How often a longer run is prolonged at most, by its seconds, until everything has happened."""
SEED = 20250817


# What people do most, and what comes of it.
LIKELY = {
    *("complete_profile", "create_automatic_match", "respond_to_match", "block_user", "unblock_user"),
    *("create_session", "confirm_session_completion", "resume_matching"),
}
LIKELY_ROWS = {"sessions", "accepted", "declined", "blocks"}

# deadlocks are counted for the whole of a database
pytestmark = pytest.mark.fresh_database


@pytest.mark.parametrize(
    "seconds",
    [
        A_SHORT_RUN,
        pytest.param(10, marks=pytest.mark.exhaustive),
        pytest.param(60, marks=pytest.mark.long),
    ],
)
def test_everything_at_random_leads_to_no_deadlock_no_odd_error_and_no_broken_rule(
    db: Connection, connect: Connect, people: People, seconds: int
) -> None:
    lift_rate_limits(db)
    chance = random.Random(SEED)
    known = [
        people.add(experience_level=chance.choice(LEVELS), **a_place(chance)) for _ in range(PEOPLE - NEW)
    ]
    world = World(
        operator=db, people=known + [people.auth_only() for _ in range(NEW)], stranger=people.auth_only()
    )
    clients = [Client(world, connect(), f"{SEED}-{number}") for number in range(CLIENTS)]
    operators = [
        Operator(world, connect(user=OPERATOR), f"{SEED}-operator-{number}") for number in range(OPERATORS)
    ]
    everybody = [*clients, *operators]

    wanted = LIKELY | LIKELY_ROWS if seconds == A_SHORT_RUN else {*SENSIBLE, *everything_done(db)}
    for round_ in range(1, ROUNDS + 1):
        # both limits are met, and people are found until the end
        limits = "update wingman.settings set exposure_limit = %s, ghosting_limit = 2"
        db.execute(limits, [FOUND_PER_SECOND * seconds * round_])
        for running in [in_thread(somebody.run, seconds) for somebody in everybody]:
            running.result(timeout=seconds + 30)
        heard = sum((somebody.heard for somebody in everybody), Counter[tuple[str, str]]())
        rows = everything_done(db)
        happened = {function for function, said in heard if said == "answered"}
        happened |= {deed for deed, count in rows.items() if count}
        if wanted <= happened:
            break

    assert wanted - happened == set(), rows
    assert deadlocks(db, [somebody.connection for somebody in everybody]) == 0
    assert {(f, said) for f, said in heard if said not in SENSIBLE[f] | {"answered"}} == set()
    assert [match for match in made(db) if world.were_blocked(*match)] == []
    assert [found for operator in operators for found in operator.differences] == []
    for reconcile in ("reconcile_reputation", "reconcile_achievements"):
        assert db.execute(f"select * from wingman_admin.{reconcile}()").fetchall() == []
    # the invariants follow at teardown; here: that the answers and the rows tell of the same work
    assert rows["completed"] == sum(client.completions for client in clients)
    assert rows["sessions"] == heard["create_session", "answered"]
    assert rows["upheld"] + rows["dismissed"] == heard["wingman_admin.decide_no_show", "answered"]
    assert rows["missed"] == (
        heard["wingman_admin.mark_no_show", "answered"] + rows["upheld"] + rows["admitted"]
    )
    assert rows["reverted"] + rows["forgiven"] == heard["wingman_admin.revert_completion", "answered"]


def made(db: Connection) -> list[tuple[UUID, UUID, datetime]]:
    """The two people of every match, and when it was made: its id tells, however old its row was made."""
    found = db.execute("select id, user1_id, user2_id from public.wingman_matches")
    return [
        (row["user1_id"], row["user2_id"], datetime.fromtimestamp((row["id"].int >> 80) / 1000, UTC))
        for row in found
    ]


def deadlocks(db: Connection, connections: list[Connection]) -> int:
    """Deadlocks in this test's database since it was made, those included that a call answered with busy."""
    pids = [connection.info.backend_pid for connection in connections]
    # a backend reports what it counted when it goes
    for connection in connections:
        connection.close()
    while db.execute("select from pg_stat_activity where pid = any (%s)", [pids]).rowcount:
        time.sleep(POLL_SECONDS)
    row = db.execute("select deadlocks from pg_stat_database where datname = current_database()").fetchone()
    assert row
    return row["deadlocks"]


def everything_done(db: Connection) -> dict[str, int]:
    """How many rows there are of each kind of work."""
    row = db.execute(
        """
        select
            (select count(*) from public.wingman_sessions) as sessions,
            (select count(*) from public.wingman_sessions where status = 'completed') as completed,
            (select count(*) from public.wingman_sessions where status = 'cancelled') as cancelled,
            (select count(*) from public.wingman_sessions where status = 'no_show') as missed,
            (select count(reverted_at) from public.wingman_sessions where status = 'completed') as reverted,
            (select count(reverted_at) from public.wingman_sessions where status = 'no_show') as forgiven,
            (select count(agreed_at) from public.wingman_sessions) as agreed,
            (select count(*) from public.wingman_sessions where no_show_reported) as reported,
            (select count(*) from wingman.no_show_reports where status = 'admitted') as admitted,
            (select count(*) from wingman.no_show_reports where status = 'withdrawn') as withdrawn,
            (select count(*) from wingman.operator_decisions where kind = 'no_show_upheld') as upheld,
            (select count(*) from wingman.operator_decisions where kind = 'no_show_dismissed') as dismissed,
            (select count(*) from wingman.operator_decisions where kind = 'user_suspended') as suspended,
            (select count(first_accepted_at) from public.wingman_matches) as accepted_first,
            (select count(*) from public.wingman_matches where status = 'accepted') as accepted,
            (select count(*) from public.wingman_matches where status = 'declined') as declined,
            (select count(*) from public.wingman_matches where status = 'expired') as expired,
            (select count(*) from public.wingman_matches where ended_at is not null) as ended,
            (select count(*) from public.user_blocks) as blocks,
            (select count(*) from wingman.user_reports) as reports,
            (select count(*) from wingman.matchmaking_pool where paused) as paused
        """
    ).fetchone()
    assert row
    return row
