"""Operators find and look at people: no row is written, the server's log says who looked at whom."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from answers import refused
from harness import OPERATOR
from psycopg.rows import scalar_row
from rows import Pair, all_rows, make_match, make_session

FIND, OVERVIEW, TIMELINE = (
    "wingman_admin.find_users",
    "wingman_admin.user_overview",
    "wingman_admin.user_timeline",
)


@pytest.fixture
def looks(operator):
    """What the server logs of an operator's looking."""
    lines: list[dict] = []

    def hear(diagnostic) -> None:
        if diagnostic.severity_nonlocalized == "LOG":
            lines.append(json.loads(diagnostic.message_primary))

    operator.connection.execute("set client_min_messages = log")
    operator.connection.add_notice_handler(hear)
    return lines


def make_pair_with(db, people, status: str, user_id: UUID) -> Pair:
    other = people.add("Ben")
    user1, user2 = sorted((user_id, other))
    return Pair(user1, user2, make_match(db, user1, user2, status))


def found(operator, search) -> list[UUID]:
    rows = operator.connection.execute("select * from wingman_admin.find_users(%s)", [search]).fetchall()
    return [row["user_id"] for row in rows]


def timeline(operator, user_id, *arguments):
    marks = ", ".join(["%s"] * (1 + len(arguments)))
    return operator.connection.execute(
        f"select * from wingman_admin.user_timeline({marks})", [user_id, *arguments]
    ).fetchall()


class TestFind:
    def test_by_the_beginning_of_a_name_or_a_city(self, people, operator):
        ana = people.add("Ana-Maria", city="Lisboa")
        anatol = people.add("ANATOL", city="Porto")
        eve = people.add("Eve", city="Anadia")
        assert found(operator, "ana") == [ana, anatol, eve]
        assert found(operator, "ANA-") == [ana]
        assert found(operator, "lisb") == [ana]
        assert found(operator, "maria") == []

    def test_by_id(self, people, operator):
        ana = people.add()
        assert found(operator, str(ana)) == found(operator, str(ana).upper()) == [ana]
        assert found(operator, str(uuid4())) == []

    def test_composed_and_decomposed_letters_are_the_same(self, people, operator):
        zoe = people.add("Zo\u0308e")
        assert found(operator, "Z\u00f6e") == [zoe]

    @pytest.mark.parametrize("wild", ["%%%", "___", "a%a", "\\\\\\", "%na"])
    def test_a_wildcard_stands_for_itself(self, people, operator, wild):
        people.add("Ana")
        odd = people.add(f"{wild}!")
        assert found(operator, wild) == [odd]

    def test_fifty_at_most(self, db, people, operator):
        for _ in range(51):
            people.add("Ana")
        assert len(found(operator, "ana")) == 50

    @pytest.mark.parametrize("search", ["", "an", "x" * 101])
    def test_a_search_says_something(self, db, operator, search):
        rule = "must be a user id, or 3 to 100 characters"
        with refused(db, "invalid_argument", 400, f"search {rule}", argument="search", rule=rule):
            operator.call(FIND, search=search)

    def test_it_reads_an_index(self, db, people, operator):
        people.add("Ana")
        db.execute("analyze public.user_profiles, public.user_locations")
        db.execute("set enable_seqscan = off")
        for table, column, compared in (
            ("user_profiles", "first_name", "lower(normalize(first_name))"),
            ("user_locations", "city", "wingman.normalized_city(city)"),
        ):
            plan = (
                db.cursor(row_factory=scalar_row)
                .execute(f"explain select from public.{table} where {compared} like 'ana%%'")
                .fetchall()
            )
            assert f"{table}_{column}_idx" in "\n".join(plan)
            assert "Index Cond" in "\n".join(plan)
        db.execute("reset enable_seqscan")


def test_looking_writes_a_line_of_log_and_no_row(db, people, operator, looks, pair):
    before = all_rows(db)
    found(operator, "Ana")
    found(operator, str(pair.user1))
    operator.call(OVERVIEW, user_id=pair.user1)
    timeline(operator, pair.user1)
    assert all_rows(db) == before
    line = {"event": "look", "login": OPERATOR}
    assert looks == [
        {**line, "call": "find_users", "subject_id": None},
        {**line, "call": "find_users", "subject_id": str(pair.user1)},
        {**line, "call": "user_overview", "subject_id": str(pair.user1)},
        {**line, "call": "user_timeline", "subject_id": str(pair.user1)},
    ]


class TestOverview:
    def test_a_person_on_one_row(self, db, rpc, people, operator):
        ana = people.add("Ana", city="Lisboa", bio="Shy", lat=38.7223, lng=-9.1393)
        pair = make_pair_with(db, people, "accepted", ana)
        other = next(one for one in (pair.user1, pair.user2) if one != ana)
        make_session(db, pair.match_id, "completed")
        make_session(db, pair.match_id)
        make_pair_with(db, people, "declined", ana)
        rpc.as_user(other).call("report_user", subject_id=ana, reason="Late")
        rpc.as_user(ana).call("block_user", subject_id=people.add())
        (row,) = operator.call(OVERVIEW, user_id=ana)
        assert {key: row[key] for key in row if key not in ("created_at", "waiting_since")} == {
            "id": ana,
            "first_name": "Ana",
            "experience_level": "beginner",
            "city": "Lisboa",
            "privacy_mode": "precise",
            "max_travel_miles": 25,
            "matching": "free",
            "pending_match_id": None,
            "reputation_score": 0,
            "completed_sessions": 0,
            "no_shows": 0,
            "matches": 2,
            "accepted_matches": 1,
            "open_matches": 1,
            "active_sessions": 1,
            "reports_received": 1,
            "undecided_reports": 1,
            "reports_made": 0,
            "blocks_made": 1,
            "blocks_received": 0,
            "decisions": 0,
            "is_suspended": False,
            "suspended_until": None,
            "cooldown_until": None,
            "no_show_reports_received": 0,
            "no_show_reports_made": 0,
        }

    @pytest.mark.parametrize(
        ("state", "shown"),
        [
            ("pause", "paused"),
            ("pause automatically", "paused automatically"),
            ("match", "has a pending match"),
            ("no place", "no location"),
            ("leave", "departed"),
            ("suspend", "suspended"),
            ("suspend for an hour", "suspended"),
            ("suspend and leave", "departed"),
        ],
    )
    def test_how_matching_stands(self, db, rpc, people, operator, state, shown):
        ana, bo = people.add(), people.add()
        match state:
            case "pause":
                rpc.as_user(ana).call("pause_matching")
            case "pause automatically":
                db.execute(
                    """update wingman.matchmaking_pool set paused = true, paused_automatically = true
                       where user_id = %s""",
                    [ana],
                )
            case "match":
                rpc.as_user(bo).call("create_automatic_match")
            case "no place":
                db.execute("delete from public.user_locations where user_id = %s", [ana])
            case "leave":
                make_pair_with(db, people, "declined", ana)
                db.execute("delete from auth.users where id = %s", [ana])
            case "suspend" | "suspend for an hour" | "suspend and leave":
                until = datetime.now(UTC) + timedelta(hours=1) if state.endswith("hour") else None
                operator.call("wingman_admin.suspend_user", user_id=ana, until=until, reason="Rude")
                if state.endswith("leave"):
                    db.execute("delete from auth.users where id = %s", [ana])
        (row,) = operator.call(OVERVIEW, user_id=ana)
        assert row["matching"] == shown

    def test_nobody_at_all(self, db, operator):
        with refused(db, "user_not_found", 404, "User not found"):
            operator.call(OVERVIEW, user_id=uuid4())


class TestTimeline:
    def test_everything_newest_first(self, db, rpc, people, operator):
        ana, bo, eve = people.add("Ana"), people.add("Bo"), people.add("Eve")
        match_id = rpc.as_user(ana).call("create_automatic_match", max_radius_miles=1)["match_id"]
        buddy = rpc.as_user(ana).call("get_match", match_id=match_id)["buddy_user_id"]
        other = next(one for one in (bo, eve) if one != buddy)
        rpc.as_user(buddy).call("respond_to_match", match_id=match_id, action="accept")
        session_id = make_session(db, match_id)
        operator.call(
            "wingman_admin.mark_no_show", session_id=session_id, absent_user_id=ana, reason="Did not come"
        )
        rpc.as_user(other).call("block_user", subject_id=ana)
        rpc.as_user(other).call("report_user", subject_id=ana, reason="Rude")
        rpc.as_user(ana).call("pause_matching")
        rows = timeline(operator, ana)
        assert {row["kind"] for row in rows} == {
            "matching_paused",
            "report_received",
            "blocked_by_other",
            "session_no_show",
            "reputation_no_show",
            "session_scheduled",
            "match_accepted",
            "match_offered",
            "profile_created",
        }
        assert [row["occurred_at"] for row in rows] == sorted(
            (row["occurred_at"] for row in rows), reverse=True
        )
        by_kind = {row["kind"]: row for row in rows}
        assert by_kind["match_accepted"]["by_user_id"] == by_kind["match_offered"]["other_user_id"] == buddy
        assert by_kind["session_no_show"]["login"] == OPERATOR
        decision = db.execute("select id from wingman_admin.decisions").fetchone()
        assert by_kind["session_no_show"]["decision_id"] == decision["id"]
        assert by_kind["blocked_by_other"]["other_user_id"] == other

    def test_it_is_the_same_before_and_after_the_reader(self, db, rpc, people, operator):
        ana, bo = people.add(), people.add()
        for subject in (bo, ana):
            me = ana if subject == bo else bo
            rpc.as_user(me).call("block_user", subject_id=subject)
        rpc.as_user(ana).call("unblock_user", subject_id=bo)
        unread = timeline(operator, ana)
        assert [row["kind"] for row in unread if row["other_user_id"] == bo] == [
            "user_unblocked",
            "blocked_by_other",
            "user_blocked",
        ]
        db.execute("select wingman.count_events(1)")
        assert timeline(operator, ana) == unread
        while db.execute("select wingman.count_events(100) as n").fetchone()["n"]:
            assert timeline(operator, ana) == unread
        assert timeline(operator, ana) == unread

    def test_a_page_ends_with_no_moment_in_two(self, db, rpc, people, operator):
        ana, _ = people.add(), people.add()
        caller = rpc.as_user(ana)
        for _ in range(3):
            caller.call("pause_matching")
            caller.call("resume_matching")
        make_pair_with(db, people, "accepted", ana)
        whole = timeline(operator, ana)
        pages, before = [], "infinity"
        while page := timeline(operator, ana, before, 2):
            pages += page
            before = page[-1]["occurred_at"]
        key = lambda row: (row["occurred_at"], row["kind"], str(row["match_id"]))  # noqa: E731
        assert sorted(pages, key=key) == sorted(whole, key=key)
        assert len(whole) >= 7

    def test_of_somebody_who_left(self, db, people, operator):
        ana = people.add()
        make_pair_with(db, people, "declined", ana)
        db.execute("delete from auth.users where id = %s", [ana])
        assert {row["kind"] for row in timeline(operator, ana)} >= {"profile_created", "profile_deleted"}

    def test_pages_have_rules(self, db, operator, people):
        ana = people.add()
        rule = "must be between 1 and 100"
        with refused(db, "invalid_argument", 400, f"page_size {rule}", argument="page_size", rule=rule):
            operator.call(TIMELINE, user_id=ana, page_size=101)
        with refused(db, "missing_argument", 400, "user_id is required", argument="user_id"):
            operator.call(TIMELINE, user_id=None)


def test_no_exact_place_in_any_of_it(db, people, operator):
    ana = people.add(lat=38.7123456, lng=-9.1234567)
    seen = [operator.call(OVERVIEW, user_id=ana), timeline(operator, ana)]
    seen += [operator.call(FIND, search=str(ana))]
    assert "38.7" not in str(seen) and "9.12" not in str(seen)
