"""Every invariant works: each finds the one thing that breaks it."""

import psycopg
import pytest
from harness import Connection
from races.invariants import INVARIANTS, violations
from races.race import Race
from races.scene import Scene

# One statement or more for each invariant, on a database with a pending match, one that a search made, and a
# completed session.
BREAKS = {
    "nobody has two pending matches": """
        insert into public.wingman_matches
            (user1_id, user2_id, user1_reputation, user2_reputation,
             user1_level, user2_level, distance_miles, created_at, expires_at)
        select user1_id, user2_id, 0, 0, 1, 1, 1, created_at - interval '8 days', expires_at
        from public.wingman_matches where status = 'pending'
    """,
    "pending_match_id says what the matches say": """
        update wingman.matchmaking_pool set pending_match_id = null where pending_match_id is not null
    """,
    "the participants of a match are in id order": """
        update public.wingman_matches set user1_id = user2_id, user2_id = user1_id where status = 'pending'
    """,
    "no pair is matched twice within the window": """
        insert into public.wingman_matches
            (user1_id, user2_id, user1_reputation, user2_reputation, user1_level, user2_level, distance_miles,
             status, created_at, expires_at)
        select
            user1_id, user2_id, 0, 0, 1, 1, 1,
            'expired', created_at - interval '168 hours' + interval '1 microsecond', expires_at
        from public.wingman_matches where status = 'pending'
    """,
    "no pair has two open matches": """
        insert into public.wingman_matches
            (user1_id, user2_id, user1_reputation, user2_reputation, user1_level, user2_level, distance_miles,
             status, responded_by, responded_at, created_at, expires_at)
        select
            user1_id, user2_id, 0, 0, 1, 1, 1,
            'accepted', user1_id, created_at, created_at - interval '8 days', expires_at
        from public.wingman_matches where status = 'pending'
    """,
    "an open match is of two people who are still there": """
        delete from public.user_profiles where id in (
            select user1_id from public.wingman_matches where status = 'accepted'
        )
    """,
    "sessions are of accepted matches": """
        update public.wingman_matches set status = 'declined' where status = 'accepted'
    """,
    "a match has one active session, and none once it has ended, but for what a suspension leaves": """
        insert into public.wingman_sessions (match_id, user1_id, user2_id, venue_name, scheduled_time)
        select match_id, user1_id, user2_id, venue_name, scheduled_time from public.wingman_sessions;
        update public.wingman_matches set ended_at = created_at where status = 'accepted'
    """,
    "a session is active by its status": """
        update public.wingman_sessions set is_active = not is_active
    """,
    "completed, both confirmed and two ledger rows are one and the same": """
        delete from wingman.reputation_events where user_id in (
            select user1_id from public.wingman_matches where status = 'accepted'
        )
    """,
    "what operators decided is what sessions and the ledger say": """
        update public.wingman_sessions set reverted_at = completed_at
    """,
    "a session is cancelled by one of its two people or by a decision about it or its match": """
        insert into public.wingman_sessions
            (match_id, user1_id, user2_id, venue_name, scheduled_time, status, is_active, cancelled_by)
        select match_id, user1_id, user2_id, venue_name, scheduled_time, 'cancelled', false, id
        from public.wingman_sessions
    """,
    "counters are the sums of the ledger": """
        update public.user_profiles set completed_sessions = completed_sessions + 1
    """,
    "whoever has a location, and nobody else, has a seeker in its place": """
        update wingman.matchmaking_pool set grid_lat = grid_lat + 1 where pending_match_id is null
    """,
    "a seeker's cell is occupied": """
        delete from wingman.occupied_cells
    """,
    "a search from the same place finds whoever is free, and nobody else": """
        update wingman.matchmaking_pool set grid_lat = null where pending_match_id is null
    """,
    "no open match is between people of whom one has blocked the other": """
        insert into public.user_blocks (blocker_id, blocked_id)
        select user2_id, user1_id from public.wingman_matches where status = 'accepted'
    """,
    "a match that somebody searched, and no other, has its search, unless one of the two has left": """
        delete from wingman.match_searches
    """,
    "exposures are the matches for which the searches of others found somebody": """
        update wingman.matchmaking_pool set exposures = '{}'
    """,
    "nobody is found more often than the limit allows": """
        update wingman.matchmaking_pool set exposures = array_fill(statement_timestamp(), array[11])
    """,
    "who is suspended is so in the pool, and has no open match": """
        update wingman.matchmaking_pool set suspended = true
    """,
    "a cooldown is what the ledger gives": """
        update wingman.matchmaking_pool set cooldown_until = statement_timestamp() + interval '1 day'
    """,
    "what is reported about a session is said in its row, and two undecided reports contest each other": """
        update public.wingman_sessions set no_show_reported = true
    """,
    "a report of who has confirmed is not undecided": """
        insert into wingman.no_show_reports
            (session_id, reporter_id, accused_id, reason, answer_by, decide_by)
        select
            id, user1_id, user2_id, 'did_not_come',
            statement_timestamp() + interval '1 hour', statement_timestamp() + interval '2 hours'
        from public.wingman_sessions
    """,
    "who has let too many offers expire is paused, and nobody else is so automatically": """
        update wingman.matchmaking_pool set unanswered_offers = 3
    """,
}


@pytest.fixture
def world(scene: Scene, race: Race) -> None:
    """A pending match, an accepted one with its completed session, and a declined one that a search made."""
    scene.pending(*scene.pair())
    searcher, found = scene.pair()
    match_id = race.call(searcher, "create_automatic_match")()["match_id"]
    race.call(found, "respond_to_match", match_id=match_id, action="decline")()
    user_id, buddy_id = scene.pair(lat=-38.7)
    session_id = scene.session_confirmed_by(user_id, buddy_id)
    scene.confirm(buddy_id, session_id)


# a test of the tests
@pytest.mark.representatives("nobody has two pending matches", "counters are the sums of the ledger")
@pytest.mark.parametrize("name", INVARIANTS)
def test_an_invariant_finds_what_breaks_it(world: None, db: Connection, name: str) -> None:
    with db.transaction():
        db.execute("alter table wingman.matchmaking_pool alter column grid_lat drop not null")
        # no trigger and no foreign key in the way
        db.execute("set local session_replication_role = replica")
        db.execute(BREAKS[name])
        assert name in violations(db)
        raise psycopg.Rollback
