"""The story that the demo tells leaves the rows that it tells of."""

import io
import random

import pytest
from rich.console import Console
from wingmanmatch import WingmanClient
from wingmanmatch.narrator import StoryError
from wingmanmatch.seed import sign_up
from wingmanmatch.story import cast_of_three, tell


@pytest.fixture
def client(connect):
    return WingmanClient(connection=connect(user="authenticator"))


@pytest.fixture
def cast(db):
    newcomers = cast_of_three(random.Random(1))
    sign_up(db, newcomers)
    return newcomers


def told(client, cast) -> str:
    console = Console(file=io.StringIO(), width=120)
    tell(client, console, cast)
    return console.file.getvalue()


def test_two_meet_and_their_reputations_rise(db, client, cast):
    told(client, cast)
    declined, accepted = db.execute("select * from public.wingman_matches order by id").fetchall()
    seeker = cast[0].id
    assert (declined["status"], declined["responded_by"]) == ("declined", seeker)
    assert (accepted["status"], accepted["responded_by"]) == ("accepted", other(accepted, seeker))
    assert other(declined, seeker) != other(accepted, seeker)

    session = db.execute("select * from public.wingman_sessions").fetchone()
    assert (session["match_id"], session["status"]) == (accepted["id"], "completed")
    assert session["completed_at"] >= session["scheduled_time"]

    scores = {row["id"]: row["reputation_score"] for row in db.execute("select * from public.user_profiles")}
    assert scores == {seeker: 1, other(accepted, seeker): 1, other(declined, seeker): 0}
    assert db.execute("select sum(delta) from wingman.reputation_events").fetchone() == {"sum": 2}


def test_the_story_can_be_read(client, cast):
    output = told(client, cast)
    for line in (
        f"1 · Three more people join in {cast[0].city.name}",
        "Wingman buddy match created successfully!",
        "Match declined. Here's your next potential wingman buddy!",
        "Match accepted! You can now schedule a session with your wingman buddy.",
        "400 session_not_started: Cannot confirm completion before scheduled time",
        "403 not_session_participant: Access denied",
        "409 already_confirmed: You have already confirmed completion for this session",
        "Completion confirmation recorded. Waiting for your buddy to confirm.",
        "Session completed! Both participants have confirmed completion and reputation was updated.",
        "Every call: one network round trip each",
        f"{cast[0].first_name} 1 (green)",
        "3 of them refused by a rule",
    ):
        assert line in output


def test_nobody_near_ends_the_story_plainly(db, client, cast):
    with pytest.raises(StoryError, match=f"Nobody near {cast[0].first_name} can be matched"):
        told(client, cast[:1])
    assert db.execute("select count(*) from public.wingman_matches").fetchone() == {"count": 0}


def other(match, user_id):
    """The buddy of ``user_id`` in the match."""
    return match["user2_id"] if match["user1_id"] == user_id else match["user1_id"]
