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
from wingmanmatch.demo import fair_play, story
from wingmanmatch.demo.cast import cast_of_three, two_more
from wingmanmatch.demo.narrator import StoryError
from wingmanmatch.demo.operator import Operator
from wingmanmatch.demo.seed import sign_up
from wingmanmatch.demo.story import tell


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


def told(client, cast, operator=None) -> str:
    console = Console(file=io.StringIO(), width=120)
    tell(client, console, cast, operator)
    return console.file.getvalue()


@pytest.fixture
def five(db, cast):
    more = two_more(random.Random(2), cast)
    # nearer to each other than to the three
    more = [one._replace(lat=round(cast[0].lat + 0.1, 5), lng=cast[0].lng) for one in more]
    sign_up(db, more)
    return [*cast, *more]


@pytest.fixture
def operator(database_url):
    with Operator.connected(database_url) as operator:
        yield operator


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
        "→ earned: First session",
        "Every call: one network round trip each",
        f"{cast[0].first_name} 1 (green)",
        "3 of them refused by a rule",
    ):
        assert line in output


def test_two_must_both_accept_and_one_of_them_does_not_come(db, client, five, operator):
    before = db.execute("select * from wingman.settings").fetchone()
    told(client, five, operator)
    came, absent = five[3].id, five[4].id

    match = db.execute("select * from public.wingman_matches order by id desc limit 1").fetchone()
    assert (match["status"], match["needs_both"]) == ("accepted", True)
    assert (match["first_accepted_by"], match["responded_by"]) == (came, absent)
    assert match["first_accepted_at"] < match["responded_at"]

    session = db.execute("select * from public.wingman_sessions order by id desc limit 1").fetchone()
    assert (session["match_id"], session["status"]) == (match["id"], "no_show")
    assert (session["created_by"], session["proposed_by"], session["agreed_by"]) == (came, absent, came)
    assert session["created_at"] < session["proposed_at"] < session["agreed_at"]

    report = db.execute("select * from wingman.no_show_reports").fetchone()
    assert (report["session_id"], report["reporter_id"], report["accused_id"]) == (
        session["id"],
        came,
        absent,
    )
    assert report["status"] == "upheld"
    assert session["scheduled_time"] <= report["created_at"] < report["answered_at"] < report["closed_at"]

    profiles = {row["id"]: row for row in db.execute("select * from public.user_profiles")}
    assert (profiles[came]["no_shows"], profiles[absent]["no_shows"]) == (0, 1)
    cooling = db.execute("select user_id from wingman.matchmaking_pool where cooldown_until is not null")
    assert cooling.fetchall() == [{"user_id": absent}]

    assert db.execute("select * from wingman.settings").fetchone() == before
    decisions = db.execute("select kind from wingman.operator_decisions order by id").fetchall()
    assert [row["kind"] for row in decisions] == ["settings_changed", "no_show_upheld", "settings_changed"]


@pytest.mark.exhaustive
def test_the_story_of_fair_play_can_be_read(client, five, operator):
    output = told(client, five, operator)
    came, absent = five[3].first_name, five[4].first_name
    for line in (
        f"1 · Five more people join in {five[0].city.name}",
        "6 · Both must accept, Ada decides",
        "Accepted. Waiting for your buddy's answer.",
        f"Nothing is decided yet: {came} may still decline.",
        "match pending, accepted by the buddy",
        "7 · They agree on a time, twice",
        "400 self_agreement: Cannot agree to your own proposal",
        "session scheduled, both agree",
        "409 proposal_changed: Your buddy has proposed something else meanwhile",
        f"8 · {absent} does not come",
        "400 no_show_too_early: A no-show can be reported from",
        "409 no_show_answer_pending: Report can be decided from",
        "the report is contested",
        f"{came}: “I waited at the door”",
        f"{absent}: “I was there, perhaps at another bar”",
        "No-show upheld: the reputation of who was absent was updated.",
        "the report is upheld",
        "session no_show",
        f"{absent}, beginner, no-shows 1, cannot search until",
        "409 matching_cooldown: Matching is on a cooldown until",
        f"9 · What {absent} was told meanwhile",
        f"{came} reported that you missed your session. You can admit or contest it.",
        "An operator recorded a no-show for one of your sessions.",
        "nothing unread",
        "10 · How it ended",
        f"{came} 0 (green), {absent} -1 (red)",
        "8 of them refused by a rule",
    ):
        assert line in output


def test_an_interrupted_story_of_fair_play_puts_the_settings_back(db, client, five, operator, monkeypatch):
    before = db.execute("select * from wingman.settings").fetchone()
    monkeypatch.setattr(fair_play, "wait_for", interrupted)
    with pytest.raises(KeyboardInterrupt):
        told(client, five, operator)
    assert db.execute("select * from wingman.settings").fetchone() == before


def interrupted(*_):
    """Somebody presses Ctrl-C."""
    raise KeyboardInterrupt


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


@pytest.mark.exhaustive
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


@pytest.mark.exhaustive
def test_the_command_makes_its_calls_with_another_login(wingman, database_url):
    client_url = make_conninfo(database_url, user="authenticator")
    assert wingman("story", "--client-url", client_url, url=database_url).returncode == 0
    told = fails_in_one_line(wingman("story", url=client_url))
    assert told.startswith("permission denied")


def test_the_command_refuses_two_people(wingman, database_url):
    two = ["--user", str(uuid4()), "--user", str(uuid4())]
    told = fails_in_one_line(wingman("story", *two, url=database_url))
    assert told == "The story needs 3 different people"
