"""The demo's story leaves the rows that it describes."""

import io
import random
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from psycopg.conninfo import make_conninfo
from rich.console import Console
from tools.conftest import fails_in_one_line
from wingmanmatch import WingmanClient
from wingmanmatch.demo import story
from wingmanmatch.demo.narrator import StoryError
from wingmanmatch.demo.seed import sign_up
from wingmanmatch.demo.story import cast_of_three, tell


@pytest.fixture(autouse=True)
def the_session_starts_soon(monkeypatch):
    """A reader is to see that it is too early to confirm; here nobody reads along."""
    monkeypatch.setattr(story, "SESSION_STARTS_IN", timedelta(seconds=0.5))


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


def test_the_command_signs_newcomers_up(wingman, db, database_url):
    done = wingman("story", "--seed", "7", url=database_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert "The end" in done.stdout
    told = set(re.findall(r"[0-9a-f-]{36}", done.stdout))
    assert told == {str(row["id"]) for row in db.execute("select id from auth.users")}
    assert db.execute("select sum(completed_sessions) from public.user_profiles").fetchone() == {"sum": 2}

    again = fails_in_one_line(wingman("story", "--seed", "7", url=database_url))
    assert again == "The people of this seed are already there: use another --seed"


def test_the_command_plays_with_people_of_yours(wingman, db, people, database_url):
    users = [people.auth_only() for _ in range(3)]
    options = [text for user_id in users for text in ("--user", str(user_id))]
    done = wingman("story", *options, url=make_conninfo(database_url, user="authenticator"))
    assert (done.returncode, done.stderr) == (0, "")
    profiles = {row["id"]: row["first_name"] for row in db.execute("select * from public.user_profiles")}
    assert profiles.keys() == set(users)

    again = fails_in_one_line(wingman("story", *options, url=database_url))
    assert again == f"{users[0]} has a profile, which the story would replace"
    assert profiles == {
        row["id"]: row["first_name"] for row in db.execute("select * from public.user_profiles")
    }


def test_the_command_makes_its_calls_with_another_login(wingman, database_url):
    client_url = make_conninfo(database_url, user="authenticator")
    assert wingman("story", "--client-url", client_url, url=database_url).returncode == 0
    told = fails_in_one_line(wingman("story", url=client_url))
    assert told.startswith("permission denied")


def test_the_command_refuses_two_people(wingman, database_url):
    two = ["--user", str(uuid4()), "--user", str(uuid4())]
    told = fails_in_one_line(wingman("story", *two, url=database_url))
    assert told == "The story needs 3 different people"
