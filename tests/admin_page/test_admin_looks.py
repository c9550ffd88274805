"""What the page shows: rows of a real database, as the views have them."""

import json
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from channels.outbox import DEAD, make_messages
from deliver.receivers import Reply, receiving
from fairness.noshows import decide, let_pass, missed, report, report_in_state, suspend
from harness import OPERATOR, login_url
from psycopg.types.json import Jsonb
from rows import make_match, make_pair, make_session
from wingmanmatch import __version__

OFFERED = {
    *("take_report", "resolve_report", "decide_no_show", "mark_no_show", "cancel_session", "end_match"),
    *("revert_completion", "suspend_user", "lift_suspension", "requeue_delivery", "drop_delivery"),
    "change_settings",
}


@pytest.fixture
def pair(db, people):
    return make_pair(db, people)


def rows(db, query, *values):
    """What a view has, as the page gives it."""
    return [row["r"] for row in db.execute(f"select to_json(q) as r from ({query}) as q", values)]


def test_the_session(page, db):
    told = page.get("session")
    functions = told.pop("functions")
    assert told == {
        "login": OPERATOR,
        "database": db.info.dbname,
        "versions": {
            "wingmanmatch": __version__,
            # an operator may not read it
            "revision": None,
            "postgresql": str(db.info.parameter_status("server_version")).split()[0],
        },
        "writes": False,
        "idle_minutes": 30,
        "serve": False,
    }
    assert functions.keys() == OFFERED
    resolve = functions["resolve_report"]
    assert resolve["arguments"] == resolve["required"] == ["report_id", "outcome", "note"]
    assert resolve["comment"].startswith("Decides a report")
    assert functions["take_report"]["required"] == ["report_id"]


def test_who_may_read_the_revision_is_told(open_page, database_url, db):
    told = open_page(database_url).get("session")
    newest = db.execute("select version_num from wingman.alembic_version").fetchone()
    assert told["versions"]["revision"] == newest["version_num"]


def test_the_overview(page, db, rpc, people, pair):
    make_match(db, *(people.add() for _ in range(2)), "pending")
    make_session(db, pair.match_id, "completed")
    report_in_state(db, rpc, make_pair(db, people), "contested")
    dead = len(make_messages(db, people, DEAD))
    db.execute("select wingman.run_readers()")
    told = page.get("overview", days=7)
    today = db.execute("select (now() at time zone 'UTC')::date::text as day").fetchone()["day"]
    assert told.pop("as_of").startswith(today)
    assert told.pop("dead_letters") == dead
    assert told.pop("missing") == {}
    views = {
        "funnel": "match_funnel",
        "completion": "completion_rate_by_day",
        "no_shows": "no_show_counts",
        "reputation": "reputation_distribution",
        "queues": "queue_counts",
        "readers": "readers",
        "deliveries": "delivery_backlog",
        "maintenance": "maintenance_backlog",
    }
    assert told.keys() == views.keys()
    for part, view in views.items():
        seen = rows(db, f"select * from wingman_admin.{view}")
        assert sorted(told[part], key=json.dumps) == sorted(seen, key=json.dumps), part
    assert told["funnel"] == [
        {"offered_on": today, "offered": 4, "accepted": 2, "scheduled": 2, "completed": 1}
    ]
    assert told["no_shows"] == [{"status": "contested", "reports": 1}]
    waiting = {row["queue"]: row["waiting"] for row in told["queues"]}
    assert waiting == {"reports": 0, "no_shows": 1, "overdue_sessions": 0, "dead_deliveries": dead}


def test_the_overview_reaches_back_as_far_as_asked(page, db, people):
    with db.transaction():
        for days in (0, 6, 7, 89, 90):
            db.execute(
                """insert into wingman.match_statistics
                       (offered_on, offered, accepted, ended, scheduled, completed)
                   values ((now() at time zone 'UTC')::date - %s, 1, 0, 0, 0, 0)""",
                [days],
            )
    counts = {days: len(page.get("overview", days=days)["funnel"]) for days in (1, 7, 30, 90, 365)}
    assert counts == {1: 1, 7: 2, 30: 3, 90: 4, 365: 5}


def test_a_part_that_the_login_may_not_read(open_page, database_url, db):
    db.execute("create role wingman_test_half login")
    try:
        db.execute("grant usage on schema wingman, wingman_admin to wingman_test_half")
        db.execute("grant execute on function wingman_admin.find_users(text) to wingman_test_half")
        db.execute("grant execute on function wingman.reader_lags() to wingman_test_half")
        db.execute("grant select on wingman_admin.readers to wingman_test_half")
        page = open_page(login_url(database_url, "wingman_test_half"))
        told = page.get("overview")
        assert {row["name"] for row in told["readers"]} >= {"inbox", "reputations", "statistics"}
        assert told["funnel"] is None
        assert told["missing"]["funnel"] == "permission denied for view match_funnel"
        assert {*told["missing"]} == {*told} - {"readers", "missing", "dead_letters", "as_of"}
        assert page.get("session")["functions"] == {}
        assert page.refusal("queues") == (403, "insufficient_privilege")
    finally:
        db.execute("drop owned by wingman_test_half; drop role wingman_test_half")


@pytest.mark.exhaustive
def test_a_part_that_takes_too_long(page, database_url):
    with psycopg.connect(database_url) as other:
        other.execute("lock table wingman.match_statistics")
        told = page.get("overview")
    assert told["missing"] == {"funnel": "It takes too long at the moment"}
    assert told["funnel"] is None
    assert {row["name"] for row in told["readers"]} >= {"inbox", "reputations", "statistics"}
    # the time was that part's, and not the connection's
    assert page.get("overview")["missing"] == {}


def test_who_waits(page, db, rpc, people):
    people.add()
    paused, suspended = people.add(), people.add()
    rpc.as_user(paused).call("pause_matching")
    suspend(rpc.as_admin(), suspended)
    make_pair(db, people, "pending")
    told = page.get("waiting")
    assert [(row["waiting"], row["people"]) for row in told["waiting"]] == [("up to an hour", 1)]
    assert {row["state"]: row["people"] for row in told["standing"]} == {
        "free": 1,
        "cooldown": 0,
        "offered": 2,
        "paused": 1,
        "paused_automatically": 0,
        "suspended": 1,
    }
    # kept for a minute: it reads everybody
    people.add()
    assert page.get("waiting") == told


def test_places_are_kept_as_well_and_take_no_filter(page, people):
    for _ in range(5):
        people.add()
    told = page.get("places")
    assert told["cells"] == [{"lat": 38, "lng": -10, "people": 5}]
    for name in ("lat", "level", "experience_level", "limit", "city"):
        assert page.refusal("places", **{name: "1"}) == (400, "invalid_input")
    for _ in range(5):
        people.add()
    assert page.get("places") == told


def test_the_queues(page, db, rpc, people, pair):
    rpc.as_user(pair.user1).call("report_user", subject_id=pair.user2, reason="<b>Was rude</b>")
    report(rpc, pair.user1, missed(db, pair), note="Waited an hour")
    overdue = make_session(db, make_pair(db, people).match_id, starts="-2 days")
    dead = make_messages(db, people, DEAD)
    told = page.get("queues")
    assert told.pop("counts") == {
        "reports": 1,
        "no_shows": 1,
        "overdue_sessions": 1,
        "dead_deliveries": len(dead),
    }
    assert [row["reason"] for row in told["reports"]] == ["<b>Was rude</b>"]
    assert [(row["accused_id"], row["note"]) for row in told["no_shows"]] == [
        (str(pair.user2), "Waited an hour")
    ]
    assert [row["session_id"] for row in told["overdue_sessions"]] == [str(overdue)]
    assert [row["id"] for row in told["dead_deliveries"]] == [*map(str, reversed(dead))]


def test_a_queue_shows_no_more_than_it_says(page, db, people):
    one, others = people.add(), [people.add() for _ in range(3)]
    db.execute(
        """insert into wingman.user_reports (reporter_id, subject_id, reason)
           select (%s::uuid[])[1 + i %% 3], %s, 'Rude' from generate_series(1, 120) as i""",
        [others, one],
    )
    told = page.get("queues")
    assert len(told["reports"]) == 100
    assert told["counts"]["reports"] == 120


def test_people(page, db, people):
    ana = people.add("Ana", city="Lisbon")
    people.add("Ben", city="Porto")
    found = page.get("people", search="lisb")
    assert [(row["user_id"], row["first_name"]) for row in found] == [(str(ana), "Ana")]
    assert page.get("people", search=str(ana)) == found
    assert page.get("people", search="nobody") == []
    assert page.refusal("people", search="an") == (400, "invalid_argument")
    assert page.refusal("people") == (400, "missing_argument")
    assert page.refusal("people", search="a\x00na") == (400, "invalid_input")
    assert page.refusal("people", find="ana") == (400, "invalid_input")
    assert told_twice(page) == (400, "invalid_input")


def told_twice(page):
    answer = page.client.get("/api/people?search=ana&search=ben")
    return answer.status_code, answer.json()["code"]


def test_a_person(page, db, rpc, people, pair):
    operator = rpc.as_admin()
    rpc.as_user(pair.user1).call("report_user", subject_id=pair.user2, reason="Was rude")
    rpc.as_user(pair.user2).call("report_user", subject_id=pair.user1, reason="Was rude, too")
    session_id = missed(db, pair)
    report(rpc, pair.user1, session_id)
    let_pass(db, "48 hours")
    decide(operator, session_id, pair.user2)
    suspend(operator, pair.user2)
    told = page.get(f"people/{pair.user2}")
    [overview] = rows(db, "select * from wingman_admin.user_overview(%s)", pair.user2)
    assert told.pop("overview") == overview
    assert overview["is_suspended"]
    assert [row["kind"] for row in told.pop("decisions")] == ["user_suspended"]
    assert [row["reason"] for row in told.pop("reports")] == ["Was rude, too", "Was rude"]
    assert [(row["status"], row["accused_id"]) for row in told.pop("no_show_reports")] == [
        ("upheld", str(pair.user2))
    ]
    assert told == {}
    assert page.get(f"people/{pair.user1}")["no_show_reports"][0]["reporter_id"] == str(pair.user1)


@pytest.mark.parametrize("path", ["", "/timeline"])
def test_somebody_who_does_not_exist(page, path):
    assert page.refusal(f"people/nobody{path}") == (400, "invalid_input")
    nobody = page.client.get(f"/api/people/{uuid4()}{path}")
    if path:
        assert nobody.json() == {"events": [], "before": None}
    else:
        assert (nobody.status_code, nobody.json()["code"]) == (404, "user_not_found")


def test_a_timeline_page_by_page(page, db, people):
    ana = people.add()
    db.execute(
        """insert into wingman.user_reports (reporter_id, subject_id, reason, created_at)
           select %s, %s, i::text, now() - i * interval '1 minute' from generate_series(1, 120) as i""",
        [people.add(), ana],
    )
    pages, before = [], None
    while True:
        told = page.get(f"people/{ana}/timeline", **({"before": before} if before else {}))
        pages.append(told["events"])
        before = told["before"]
        if before is None:
            break
    assert [len(one) for one in pages] == [50, 50, 21]
    events = rows(db, "select * from wingman_admin.user_timeline(%s, page_size => 100)", ana)
    assert [*pages[0], *pages[1]] == events
    assert page.refusal(f"people/{ana}/timeline", before="never") == (400, "invalid_input")
    assert page.refusal(f"people/{ana}/timeline", page_size=1) == (400, "invalid_input")


def test_settings_and_decisions(page, db, rpc):
    operator = rpc.as_admin()
    for limit in (8, 9):
        operator.call(
            "wingman_admin.change_settings", changes=Jsonb({"exposure_limit": limit}), reason="Fewer"
        )
    told = page.get("settings")
    assert told["settings"] == rows(db, "select * from wingman_admin.settings")
    assert [(row["name"], row["value_before"], row["value_after"]) for row in told["history"]] == [
        ("exposure_limit", "8", "9"),
        ("exposure_limit", "10", "8"),
    ]
    decided = rows(db, "select * from wingman_admin.decisions as d order by d.id desc")
    assert page.get("decisions") == decided
    assert page.get("decisions", limit=1) == decided[:1]
    for limit in ("0", "101", "-1", "x", "1.5", "²"):
        assert page.refusal("decisions", limit=limit) == (400, "invalid_input")


def test_what_the_doctor_finds(page, db):
    told = page.get("findings")
    assert told["findings"] == []
    rows_check = {"check": "rows", "why": "wingman doctor does it: it reads whole tables"}
    assert rows_check in told["not_checked"]


def test_a_reader_that_is_behind_is_found(open_page, database_url, db, people):
    people.add()
    db.execute("update wingman.readers set moved_at = now() - interval '1 hour'")
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        db.execute("update wingman.events set occurred_at = occurred_at - interval '1 hour'")
    found = [one for one in open_page().get("findings")["findings"] if one["check"] == "readers"]
    assert {one["topic"] for one in found} == {"reader"}
    assert found[0]["what"].startswith("The reader inbox is behind")
    assert "wingman maintain" in found[0]["mend"]


METRICS = b"""# HELP wingman_http_calls_total Requests by the function called and by outcome
# TYPE wingman_http_calls_total counter
wingman_http_calls_total{function="get_match",outcome="ok"} 70.0
wingman_http_calls_total{function="get_match",outcome="match_not_found"} 2.0
wingman_http_calls_total{function="respond_to_match",outcome="match_not_found"} 3.0
wingman_http_calls_total{function="create_automatic_match",outcome="rate_limited"} 9.0
"""


def test_refusals(open_page):
    with receiving() as serve:
        serve.reply = lambda request: Reply(body=METRICS)
        page = open_page(serve_url=serve.url)
        assert page.get("session")["serve"]
        assert page.get("refusals") == {
            "refusals": [
                {"error": "rate_limited", "count": 9},
                {"error": "match_not_found", "count": 5},
            ],
            "error": None,
        }


def test_refusals_of_a_real_server(open_page, http_url):
    httpx.post(f"{http_url}/api/get_match", json={"match_id": str(UUID(int=1))})
    told = open_page(serve_url=f"{http_url}/").get("refusals")
    assert told["error"] is None
    assert {"error": "not_authenticated", "count": 1} in told["refusals"]


@pytest.mark.parametrize(
    ("body", "status"), [(b"x_total 1", 200), (b"{", 200), (b"\xff", 200), (b"no", 404)], ids=repr
)
def test_another_server_than_wingman_serve(open_page, body, status):
    with receiving() as other:
        other.reply = lambda request: Reply(status=status, body=body)
        told = open_page(serve_url=other.url).get("refusals")
    assert told["refusals"] is None
    assert told["error"] in (
        "What answers there is not wingman serve",
        "wingman serve cannot be reached",
    )


def test_a_server_that_is_not_there(open_page, page):
    assert page.get("refusals") == {"refusals": None, "error": None}
    gone = f"http://user:secret@127.0.0.1:{urlsplit(page.url).port and 1}"
    told = open_page(serve_url=gone).get("refusals")
    assert told == {"refusals": None, "error": "wingman serve cannot be reached"}
