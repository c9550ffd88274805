"""``wingman as``: any call as any user."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from harness import OPERATOR
from psycopg.conninfo import make_conninfo
from rows import shorten_lock_timeout
from tools.conftest import fails_in_one_line
from wingmanmatch import Retries
from wingmanmatch.tools.cli.acting import calls

CONTROLS = ["\x1b", "\x07", "\x7f", "\x9b", "\u202e", "\u2066", "\u200f"]


@pytest.fixture(params=["authenticator", OPERATOR, None])
def url(request, database_url):
    """URLs of logins that may act: PostgREST's, an operator's, the superuser's."""
    return make_conninfo(database_url, **({"user": request.param} if request.param else {}))


def answered(done):
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.mark.exhaustive
def test_a_life(wingman, people, db, url):
    ana, bo = people.add("Ana"), people.add("Bo")
    found = answered(wingman("as", str(ana), "create_automatic_match", "--json", url=url))
    assert found["buddy_user_id"] == str(bo)
    match_id = f"match_id={found['match_id']}"
    answered(wingman("as", str(bo), "respond_to_match", match_id, "action=accept", "--json", url=url))
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    arguments = [match_id, f"scheduled_time={soon}", "venue_name=Bar = good"]
    session = answered(wingman("as", str(ana), "create_session", *arguments, "--json", url=url))
    rows = db.execute("select id, venue_name from public.wingman_sessions").fetchall()
    assert [{"id": str(row["id"]), "venue_name": row["venue_name"]} for row in rows] == [
        {"id": session["id"], "venue_name": "Bar = good"}
    ]
    (listed,) = answered(wingman("as", str(bo), "list_sessions", "page_size=5", "--json", url=url))
    assert listed["id"] == session["id"]


@pytest.mark.representatives("None-*match_offered*")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (["kinds={match_offered,session_moved}"], ["match_offered", "session_moved"]),
        (["kinds={}"], []),
        ([], None),
    ],
    ids=str,
)
def test_a_list(wingman, people, url, typed, kept):
    call = ("as", str(people.add()), "set_notification_settings", "channel=email")
    assert answered(wingman(*call, *typed, "--json", url=url))["kinds"] == kept


def test_what_is_no_list(wingman, people, database_url):
    call = ("as", str(people.add()), "set_notification_settings", "channel=email")
    for typed, told in [
        ("kinds=match_offered", 'malformed array literal: "match_offered"'),
        ("kinds={news}", "kinds must be a list of kinds of notifications"),
    ]:
        assert told in fails_in_one_line(wingman(*call, typed, url=database_url))


@pytest.mark.representatives("None")
def test_the_answer_as_a_table(wingman, people, url):
    ana, bo = people.add("Ana"), people.add("Bo")
    found = wingman("as", str(ana), "create_automatic_match", url=url)
    assert (found.returncode, found.stderr) == (0, "")
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in found.stdout.splitlines()[1:-1]]
    assert ["buddy_user_id", str(bo)] in cells
    assert ["buddy_profile.first_name", "Bo"] in cells
    assert "Nothing." in wingman("as", str(bo), "list_sessions", url=url).stdout
    told = wingman("as", str(ana), "why_no_match", url=url).stdout
    assert "rule unavailable, people 3" in told and "[" not in told


@pytest.mark.representatives("None")
def test_lists_show_the_buddies_names(wingman, people, url):
    ana, bo = people.add("Ana"), people.add("Bo [x]")
    found = answered(wingman("as", str(ana), "create_automatic_match", "--json", url=url))
    match_id = f"match_id={found['match_id']}"
    answered(wingman("as", str(bo), "respond_to_match", match_id, "action=accept", "--json", url=url))
    soon = f"scheduled_time={(datetime.now(UTC) + timedelta(hours=1)).isoformat()}"
    answered(wingman("as", str(ana), "create_session", match_id, soon, "venue_name=Bar", "--json", url=url))
    for call in ("list_matches", "list_sessions"):
        assert wingman("as", str(ana), call, url=url).stdout.splitlines()[0].strip() == "With Bo [x]"
        assert wingman("as", str(bo), call, url=url).stdout.splitlines()[0].strip() == "With Ana"
    # after the match, partners no longer see each other
    answered(wingman("as", str(bo), "end_match", match_id, "--json", url=url))
    for call in ("list_matches", "list_sessions"):
        assert "With" not in wingman("as", str(ana), call, url=url).stdout
    assert "With" not in wingman("as", str(ana), "get_match_history", match_id, url=url).stdout


@pytest.mark.representatives("table-*x1b*", "json-*200f*")
@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["table", "json"])
def test_what_a_terminal_would_obey_is_shown_as_an_escape(wingman, people, database_url, db, control, form):
    ana = people.add("Ana")
    with db.transaction():
        # a text from before the rule
        db.execute("set local session_replication_role = replica")
        db.execute(
            "update public.user_profiles set first_name = %s, bio = %s where id = %s",
            [f"A{control}na", f"hi{control}", ana],
        )
    shown = wingman("as", str(ana), "get_profile", *form, url=database_url)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert control not in shown.stdout
    assert rf"A\u{ord(control):04x}na" in shown.stdout
    if form:
        assert json.loads(shown.stdout)["first_name"] == f"A{control}na"


def test_an_error_shows_no_control_either(wingman, people, url):
    told = fails_in_one_line(
        wingman("as", str(people.add("Ana")), "get_match", "match_id=\x1b[2J\u202e", url=url)
    )
    assert "\x1b" not in told and "\u202e" not in told
    assert r"\u001b[2J\u202e" in told


@pytest.mark.representatives("None")
def test_a_replay_is_told(wingman, people, url):
    ana, _ = people.add("Ana"), people.add("Bo")
    first, again = (
        wingman("as", str(ana), "create_automatic_match", "idempotency_key=one", "--json", url=url)
        for _ in "12"
    )
    assert (first.stdout, first.stderr) == (again.stdout, "")
    assert again.stderr == "This is the answer of an earlier call with the same idempotency_key.\n"


@pytest.mark.parametrize("url", ["authenticator"], indirect=True)
def test_a_busy_moment_tells_the_key_to_repeat_with(wingman, people, url, connect, db, monkeypatch):
    # else it would go on for ten seconds
    monkeypatch.setattr(Retries, "allow", lambda self, failures, seconds: failures < 2)
    shorten_lock_timeout(db, "wingman.create_automatic_match")
    held, searcher = sorted((people.add(), people.add()))
    holder = connect(user=db.info.user, autocommit=False)
    holder.execute("select from wingman.matchmaking_pool where user_id = %s for no key update", [held])
    call = ["as", str(searcher), "create_automatic_match", "idempotency_key=one"]
    told = fails_in_one_line(wingman(*call, url=url))
    assert told.startswith("busy: ") and told.endswith("Call again with idempotency_key=one")


def test_a_refusal_is_one_line(wingman, people, url):
    ana = people.add("Ana")
    told = fails_in_one_line(wingman("as", str(ana), "get_match", f"match_id={uuid4()}", url=url))
    assert told.startswith("match_not_found: Match not found")


def test_a_malformed_value_is_one_line(wingman, people, url):
    told = fails_in_one_line(wingman("as", str(people.add()), "get_match", "match_id=x", url=url))
    assert told == 'invalid_input: invalid input syntax for type uuid: "x"'


def test_a_time_without_an_offset_is_one_line(wingman, people, url):
    arguments = [f"match_id={uuid4()}", "scheduled_time=tomorrow", "venue_name=Bar"]
    told = fails_in_one_line(wingman("as", str(people.add()), "create_session", *arguments, url=url))
    assert told.startswith("invalid_input: scheduled_time must be a time with an offset, such as ")


def test_nobody_acts_for_another(wingman, people, database_url):
    ana, bo = people.add("Ana"), people.add("Bo")
    url = make_conninfo(database_url, user="authenticator")
    told = fails_in_one_line(wingman("as", str(ana), "get_profile", f"user_id={bo}", url=url))
    assert told.startswith("acting_for_another: ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nonsense"], f"There is no call 'nonsense'; there are {', '.join(calls())}"),
        (["get_match", "id=1"], "get_match takes match_id, user_id, each as KEY=VALUE, not 'id=1'"),
        (["get_match", "match_id"], "get_match takes match_id, user_id, each as KEY=VALUE, not 'match_id'"),
        (["respond_to_match", "action=accept"], "match_id cannot be left out"),
        (["get_match", "match_id=1", "match_id=2"], "match_id is given twice"),
    ],
)
def test_a_misuse_names_what_there_is(wingman, arguments, told):
    assert told in fails_in_one_line(wingman("as", str(uuid4()), *arguments, url="dbname=x"), status=2)


def test_the_calls_are_those_of_the_database(db):
    functions = db.execute(
        """
        select p.proname as name, p.proargnames[:p.pronargs] as arguments
        from pg_proc as p
        where p.pronamespace = 'public'::regnamespace and p.proowner = 'wingman_owner'::regrole
        """
    )
    assert {row["name"]: row["arguments"] for row in functions} == {
        name: list(arguments) for name, arguments in calls().items()
    }


def test_a_user_has_the_address_of_the_account(wingman, people, db, url):
    ana = str(people.add("Ana"))
    call = ["as", ana, "set_notification_settings", "channel=email", "--json"]
    with_address = wingman(*call, "--email", "ana@a.example", url=url)
    if OPERATOR in url:
        assert "--email" in fails_in_one_line(with_address, 2)
        assert answered(wingman(*call, url=url))["address"] is None
    else:
        assert answered(with_address)["address"] == "ana@a.example"
    rows = db.execute("select user_id::text, address from wingman.email_addresses").fetchall()
    assert rows == [{"user_id": ana, "address": "ana@a.example"}] * (OPERATOR not in url)
