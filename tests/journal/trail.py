"""Derives the state of everything from the journal alone."""

from datetime import datetime
from typing import Any
from uuid import UUID

from harness import Connection, revive

Row = dict[str, Any]

_CONFIRMATIONS = ("user1_completed_confirmed_by_user2", "user2_completed_confirmed_by_user1")
# state columns that are ids although their names do not end in _id
_IDS = ("responded_by", "cancelled_by")


def trail(db: Connection, *kinds: str) -> list[Row]:
    """The events of such kinds, or all, oldest first, as operators read them; ids and times are no texts."""
    rows = db.execute(
        """select a.*, e.xid::text as xid, e.source
           from wingman_admin.audit_log as a inner join wingman.events as e on e.id = a.id
           where a.kind = any (%(kinds)s) or %(kinds)s = '{}'
           order by a.id""",
        {"kinds": [*kinds]},
    ).fetchall()
    return [{**row, "details": _alive(row["details"])} for row in rows]


def last(db: Connection, *kinds: str) -> Row:
    return trail(db, *kinds)[-1]


def mark(db: Connection) -> int:
    """What has been written so far, for ``since``."""
    row = db.execute("select coalesce(max(id), 0) as id from wingman.events").fetchone()
    assert row is not None
    return row["id"]


def since(db: Connection, mark: int) -> list[Row]:
    return [row for row in trail(db) if row["id"] > mark]


def kinds_since(db: Connection, mark: int) -> list[str]:
    return [row["kind"] for row in since(db, mark)]


def replayed_matches(db: Connection) -> dict[UUID, Row]:
    """The state of every match, by id, from the journal alone."""
    states: dict[UUID, Row] = {}
    for row in trail(db):
        if row["match_id"] and not row["session_id"]:
            _replay_match(states, row)
    return states


def replayed_sessions(db: Connection) -> dict[UUID, Row]:
    """The state of every session, by id, from the journal alone."""
    people = {
        row["match_id"]: (row["details"]["user1_id"], row["details"]["user2_id"])
        for row in trail(db, "match_offered")
    }
    states: dict[UUID, Row] = {}
    for row in trail(db):
        if row["session_id"]:
            _replay_session(states, row, people)
    return states


def _replay_match(states: dict[UUID, Row], row: Row) -> None:
    # a kind that is not told of here changes nothing of the state, or the state at the end is not the table's
    id_, details = row["match_id"], row["details"] or {}
    state = states.get(id_, {})
    # each event must begin where the one before it ended
    assert bool(state) == (row["kind"] != "match_offered"), row
    match row["kind"]:
        case "match_offered":
            states[id_] = details | {
                "searched_by": row["user_id"],
                "status": "pending",
                "responded_by": None,
                "ended_at": None,
            }
        case "match_accepted" | "match_declined" | "match_expired":
            assert state["status"] == "pending", row
            state["status"] = row["kind"].removeprefix("match_")
            state["responded_by"] = row["user_id"]
        case "match_ended":
            assert (state["status"], state["ended_at"]) == ("accepted", None), row
            state["ended_at"] = details.get("ended_at", row["occurred_at"])
        case "match_deleted":
            _assert_begins_at(state, details)
            del states[id_]
        case "changed_by_hand":
            _change_by_hand(state, details)


def _replay_session(states: dict[UUID, Row], row: Row, people: dict[UUID, tuple[UUID, UUID]]) -> None:
    id_, details = row["session_id"], row["details"] or {}
    state = states.get(id_, {})
    assert bool(state) == (row["kind"] != "session_scheduled"), row
    match row["kind"]:
        case "session_scheduled":
            states[id_] = details | {
                "match_id": row["match_id"],
                "created_by": row["user_id"],
                "status": "scheduled",
                **dict.fromkeys(_CONFIRMATIONS, False),
                "cancelled_by": None,
                "reverted_at": None,
            }
        case "session_moved":
            assert state["scheduled_time"] == details["scheduled_time_before"], row
            state["scheduled_time"] = details["scheduled_time"]
        case "session_started":
            state["status"] = "in_progress"
        case "session_no_show":
            # said only where it is no longer active
            assert ("status_before" in details) == (state["status"] == "cancelled"), row
            assert details.get("status_before", state["status"]) == state["status"], row
            state["status"] = "no_show"
        case "session_cancelled":
            state["status"] = "cancelled"
            state["cancelled_by"] = row["user_id"]
        case "session_confirmed" | "session_completed":
            user1, user2 = people[row["match_id"]]
            # by nobody where both were set by hand at once
            given = {user2: _CONFIRMATIONS[:1], user1: _CONFIRMATIONS[1:], None: _CONFIRMATIONS}
            state |= dict.fromkeys(given[row["user_id"]], True)
            is_complete = all(state[flag] for flag in _CONFIRMATIONS)
            assert is_complete == (row["kind"] == "session_completed"), row
            if is_complete:
                state["status"] = "completed"
        case "session_reverted":
            state["reverted_at"] = details.get("reverted_at", row["occurred_at"])
        case "session_deleted":
            _assert_begins_at(state, details)
            del states[id_]
        case "changed_by_hand":
            _change_by_hand(state, details)


def _assert_begins_at(state: Row, details: Row) -> None:
    # when a match was made, or a session completed, is told only where it changes or goes
    before = details["before"]
    assert {name: state.get(name, before[name]) for name in before} == before


def _change_by_hand(state: Row, details: Row) -> None:
    _assert_begins_at(state, details)
    before, after = details["before"], details["after"]
    assert details["changed"] == sorted(name for name in before if before[name] != after[name])
    state |= after


def stands(db: Connection, table: str) -> dict[UUID, Row]:
    """The rows of a table, by id."""
    return {row["id"]: row for row in db.execute(f"select * from {table}")}


def _alive(value: Any) -> Any:
    """JSON with ids and times instead of texts."""
    if not isinstance(value, dict):
        return value
    return {name: _alive_value(name, inner) for name, inner in value.items()}


def _alive_value(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return _alive(value)
    if value == "infinity":
        return value
    if name in _IDS and value:
        return UUID(value)
    if name == "scheduled_time_before":
        return datetime.fromisoformat(value)
    return revive(value, name)


def assert_replay_is_the_truth(db: Connection) -> None:
    """The journal alone gives the state of every match and every session, and of everything else in it."""
    for states, table in (
        (replayed_matches(db), "public.wingman_matches"),
        (replayed_sessions(db), "public.wingman_sessions"),
    ):
        rows = stands(db, table)
        assert states.keys() == rows.keys()
        for id_, state in states.items():
            assert state == {name: rows[id_][name] for name in state}, (table, id_)
    assert _replayed_set(db, "profile_created", "profile_deleted") == set(stands(db, "public.user_profiles"))
    blocks = db.execute("select blocker_id, blocked_id from public.user_blocks")
    assert _replayed_set(db, "user_blocked", "user_unblocked") == {
        (row["blocker_id"], row["blocked_id"]) for row in blocks
    }
    ends = {row["user_id"]: row["ends_at"] for row in db.execute("select * from wingman.suspensions")}
    assert _replayed_suspensions(db) == ends
    earned = db.execute("select user_id, name from wingman.earned_achievements")
    assert _replayed_set(db, "achievement_earned", "achievement_revoked") == {
        (row["user_id"], row["name"]) for row in earned
    }


def _replayed_suspensions(db: Connection) -> dict[UUID, Any]:
    """Until when whom; nobody is released without having been suspended."""
    ends: dict[UUID, Any] = {}
    for row in trail(db, "user_suspended", "suspension_lifted"):
        if row["kind"] == "user_suspended":
            until = row["details"]["until"]
            ends[row["user_id"]] = until and datetime.fromisoformat(until)
        else:
            del ends[row["user_id"]]
    return ends


def _replayed_set(db: Connection, comes: str, goes: str) -> set[Any]:
    """Who, or which pair, was added and not removed; nobody comes twice, or goes without being there."""
    there: set[Any] = set()
    for row in trail(db, comes, goes):
        details = row["details"] or {}
        what = details.get("blocked_id") or details.get("name")
        who = (row["user_id"], what) if what else row["user_id"]
        assert (who in there) == (row["kind"] == goes), row
        there ^= {who}
    return there
