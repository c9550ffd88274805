"""Rate limits: a burst, then an even refill; only calls that succeed and change something count."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from answers import at_one_instant
from contract_errors import refused
from harness import RpcError
from headers import request
from rows import all_rows, make_match, make_pair, make_session

LIMITS = {
    "automatic_match": (20, timedelta(hours=1)),
    "respond": (60, timedelta(hours=1)),
    "confirm": (30, timedelta(hours=1)),
    "create_session": (20, timedelta(hours=24)),
    "profile": (10, timedelta(hours=24)),
    "report": (10, timedelta(hours=24)),
    "email": (3, timedelta(hours=24)),
}
PLACE = {"lat": 38.7223, "lng": -9.1393}
TOMORROW = datetime.now(UTC) + timedelta(days=1)

Act = Callable[[], Any]


def _searches(db: Any, rpc: Any, people: Any) -> tuple[UUID, Act]:
    ana = people.add("Ana")
    return ana, lambda: rpc.as_user(ana).call("create_automatic_match")


def _answers(db: Any, rpc: Any, people: Any) -> tuple[UUID, Act]:
    ana, ben = people.add("Ana"), people.add("Ben")
    people.add("Zoe", "advanced", lat=-30.0, lng=100.0)

    def act() -> Any:
        db.execute("delete from public.wingman_matches")
        match_id = make_match(db, ana, ben, "pending")
        return rpc.as_user(ana).call("respond_to_match", match_id=match_id, action="decline")

    return ana, act


def _confirms(db: Any, rpc: Any, people: Any) -> tuple[UUID, Act]:
    pair = make_pair(db, people)

    def act() -> Any:
        db.execute("update public.wingman_sessions set status = 'cancelled' where status = 'scheduled'")
        session_id = make_session(db, pair.match_id)
        return rpc.as_user(pair.user1).call("confirm_session_completion", session_id=session_id)

    return pair.user1, act


def _arranges(db: Any, rpc: Any, people: Any) -> tuple[UUID, Act]:
    pair = make_pair(db, people)

    def act() -> Any:
        db.execute("update public.wingman_sessions set status = 'cancelled' where status = 'scheduled'")
        return rpc.as_user(pair.user1).call(
            "create_session", match_id=pair.match_id, scheduled_time=TOMORROW, venue_name="Café"
        )

    return pair.user1, act


def _changes(db: Any, rpc: Any, people: Any) -> tuple[UUID, Act]:
    ana = people.add("Ana")
    db.execute("delete from wingman.rate_limits")
    names = iter(f"Ana {n}" for n in range(1000))
    return ana, lambda: rpc.as_user(ana).call(
        "complete_profile", first_name=next(names), experience_level="beginner", **PLACE
    )


def _reports(db: Any, rpc: Any, people: Any) -> tuple[UUID, Act]:
    ana, ben = people.add("Ana"), people.add("Ben")
    return ana, lambda: rpc.as_user(ana).call("report_user", subject_id=ben, reason="Late")


def _has_addresses_asked(db: Any, rpc: Any, people: Any) -> tuple[UUID, Act]:
    ana = people.add("Ana")
    addresses = (f"ana-{n}@example.org" for n in range(1000))
    return ana, lambda: rpc.as_user(ana, email=next(addresses)).call(
        "set_notification_settings", channel="email"
    )


ACTS = {
    "automatic_match": _searches,
    "respond": _answers,
    "confirm": _confirms,
    "create_session": _arranges,
    "profile": _changes,
    "report": _reports,
    "email": _has_addresses_asked,
}


@pytest.fixture(params=LIMITS)
def bucket(request: pytest.FixtureRequest) -> str:
    return request.param


def spend_but(db: Any, user_id: UUID, bucket: str, left: str) -> None:
    """Leave as much of a user's limit as refills in this interval."""
    _, period = LIMITS[bucket]
    db.execute(
        """insert into wingman.rate_limits (user_id, bucket, spent_until)
           values (%s, %s, statement_timestamp() + %s - %s::interval)
           on conflict on constraint rate_limits_pkey do update set spent_until = excluded.spent_until""",
        [user_id, bucket, period, left],
    )


def test_the_settings_are_those_of_the_contract(db) -> None:
    settings = db.execute("select * from wingman.settings").fetchone()
    assert {
        bucket: (settings[f"{bucket}_limit"], settings[f"{bucket}_period"]) for bucket in LIMITS
    } == LIMITS


@pytest.mark.representatives("profile", "confirm", "create_session")
def test_the_whole_limit_at_once_and_then_one_after_the_other(db, rpc, people, bucket) -> None:
    user_id, act = ACTS[bucket](db, rpc, people)
    limit, period = LIMITS[bucket]
    for _ in range(limit):
        act()
    with pytest.raises(RpcError) as caught:
        act()
    assert caught.value.name == "rate_limited"
    one = (period / limit).total_seconds()
    assert one - 60 < caught.value.detail["retry_after"] <= one

    # one has come back, and not two
    db.execute("update wingman.rate_limits set spent_until = spent_until - %s", [period / limit])
    act()
    with pytest.raises(RpcError, match="Too many requests"):
        act()
    limits = all_rows(db)["wingman.rate_limits"]
    assert [row["user_id"] for row in limits if row["bucket"] == bucket] == [str(user_id)]


def test_a_limit_of_another_bucket_or_user_does_not_matter(db, rpc, people, bucket) -> None:
    user_id, act = ACTS[bucket](db, rpc, people)
    for other in LIMITS:
        spend_but(db, people.add("Olga"), other, "0")
        if other != bucket:
            spend_but(db, user_id, other, "0")
    act()


def test_the_message_names_whole_seconds(db, rpc, people) -> None:
    ana = people.add()
    db.execute("update wingman.settings set automatic_match_limit = 1, automatic_match_period = '8760 hours'")
    rpc.as_user(ana).call("create_automatic_match")
    with pytest.raises(RpcError) as caught:
        rpc.as_user(ana).call("create_automatic_match")
    seconds = caught.value.detail["retry_after"]
    assert isinstance(seconds, int)
    assert caught.value.status == 429
    assert caught.value.message == f"Too many requests - retry in {seconds} seconds"


@pytest.mark.parametrize(
    ("left", "retry_after"), [("3 minutes", None), ("2 minutes 59.999999 seconds", 1), ("0", 180)]
)
def test_the_boundary_is_exact(db, people, left, retry_after) -> None:
    ana = people.add()
    call = f"public.create_automatic_match(user_id => '{ana}')"
    spent = f"""insert into wingman.rate_limits (user_id, bucket, spent_until) values
        ('{ana}', 'automatic_match', statement_timestamp() + interval '1 hour' - interval '{left}')"""
    if retry_after is None:
        assert at_one_instant(db, call, first=spent)["success"] is False
        return
    with pytest.raises(RpcError) as caught:
        at_one_instant(db, call, first=spent)
    assert caught.value.name == "rate_limited"
    assert caught.value.detail["retry_after"] == retry_after


def test_a_refusal_is_free(db, rpc, people) -> None:
    pair = make_pair(db, people)
    caller = rpc.as_user(pair.user1)
    session_id = make_session(db, pair.match_id, "cancelled")
    db.execute("delete from wingman.rate_limits")
    with refused(db, "session_not_confirmable", status="cancelled"):
        caller.call("confirm_session_completion", session_id=session_id)
    with pytest.raises(RpcError):
        caller.call("respond_to_match", match_id=pair.match_id, action="decline")
    with pytest.raises(RpcError):
        caller.call("create_session", match_id=pair.match_id, scheduled_time="2020-01-01Z", venue_name="Café")
    with pytest.raises(RpcError):
        caller.call("create_automatic_match", max_radius_miles=0)
    assert all_rows(db)["wingman.rate_limits"] == []


def test_being_limited_changes_nothing(db, rpc, people, bucket) -> None:
    user_id, act = ACTS[bucket](db, rpc, people)
    spend_but(db, user_id, bucket, "0")
    before = {name: len(rows) for name, rows in all_rows(db).items()}
    limits = all_rows(db)["wingman.rate_limits"]
    with pytest.raises(RpcError, match="Too many requests"):
        act()
    assert all_rows(db)["wingman.rate_limits"] == limits
    after = {name: len(rows) for name, rows in all_rows(db).items()}
    # what the test itself makes for the call
    for made in ("public.wingman_matches", "public.wingman_sessions"):
        before.pop(made), after.pop(made)
    assert {k: v for k, v in after.items() if not k.startswith("wingman.events")} == {
        k: v for k, v in before.items() if not k.startswith("wingman.events")
    }


def test_a_replay_is_free(db, rpc, people) -> None:
    caller = rpc.as_user(people.add())
    first = caller.call("create_automatic_match", idempotency_key="k")
    spent = all_rows(db)["wingman.rate_limits"]
    assert caller.call("create_automatic_match", idempotency_key="k") == first
    assert all_rows(db)["wingman.rate_limits"] == spent


def test_an_answer_that_changes_nothing_is_free(db, rpc, people) -> None:
    pair = make_pair(db, people, "pending")
    caller = rpc.as_user(pair.user1)
    db.execute("delete from wingman.rate_limits")
    caller.call("create_automatic_match")  # the pending one
    assert all_rows(db)["wingman.rate_limits"] == []
    caller.call("respond_to_match", match_id=pair.match_id, action="accept")
    spent = all_rows(db)["wingman.rate_limits"]
    caller.call("respond_to_match", match_id=pair.match_id, action="accept")
    assert all_rows(db)["wingman.rate_limits"] == spent


def test_the_same_profile_again_is_free(db, rpc, people) -> None:
    ana = people.add("Ana", bio="Hello", **PLACE)
    spent = all_rows(db)["wingman.rate_limits"]
    profile = {"first_name": "Ana", "experience_level": "beginner", "bio": "Hello", **PLACE}
    rpc.as_user(ana).call("complete_profile", **profile)
    assert all_rows(db)["wingman.rate_limits"] == spent
    rpc.as_user(ana).call("complete_profile", **{**profile, "lat": 38.8})
    assert all_rows(db)["wingman.rate_limits"] != spent


def test_a_decline_counts_for_the_answer_only(db, rpc, people) -> None:
    ana, ben = people.add("Ana"), people.add("Ben")
    people.add("Cleo")
    match_id = make_match(db, ana, ben, "pending")
    spend_but(db, ana, "automatic_match", "0")
    answer = rpc.as_user(ana).call("respond_to_match", match_id=match_id, action="decline")
    assert answer["next_match"] is not None


def test_none_found_counts(db, rpc, people) -> None:
    ana = people.add()
    db.execute("delete from wingman.rate_limits")
    assert rpc.as_user(ana).call("create_automatic_match")["success"] is False
    assert [row["bucket"] for row in all_rows(db)["wingman.rate_limits"]] == ["automatic_match"]


@pytest.mark.parametrize(("limit", "period"), [(7, "1 hour"), (3, "1 second"), (1, "24 hours")])
def test_a_limit_of_the_settings_holds_to_the_last_call(db, rpc, people, limit, period) -> None:
    ana = people.add()
    db.execute(
        "update wingman.settings set automatic_match_limit = %s, automatic_match_period = %s", [limit, period]
    )
    # all of them in one instant
    calls = "; ".join([f"perform public.create_automatic_match(user_id => '{ana}')"] * (limit - 1))
    assert (
        at_one_instant(
            db,
            f"public.create_automatic_match(user_id => '{ana}')",
            first=f"perform set_config('role', 'service_role', true); {calls or 'null'}",
        )["success"]
        is False
    )


def test_twenty_at_once_get_exactly_what_is_left(db, rpc, people) -> None:
    ana = people.add("Ana")
    sessions = [make_session(db, make_match(db, ana, people.add(f"Ben {n}"))) for n in range(20)]
    db.execute("update wingman.settings set confirm_limit = 5")
    callers = [rpc.as_user(ana) for _ in sessions]
    for caller in callers:
        caller.assume_identity()  # connected before the race

    def confirm(n: int) -> str | None:
        try:
            callers[n].call("confirm_session_completion", session_id=sessions[n])
        except RpcError as error:
            return error.name
        return None

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(confirm, range(20)))
    assert sorted(map(str, outcomes)) == ["None"] * 5 + ["rate_limited"] * 15
    confirmed = [row for row in all_rows(db)["public.wingman_sessions"] if row["status"] == "scheduled"]
    assert (
        sum(
            row["user1_completed_confirmed_by_user2"] + row["user2_completed_confirmed_by_user1"]
            for row in confirmed
        )
        == 5
    )


def test_under_postgrest_the_answer_has_a_retry_after_header(db, rpc, people) -> None:
    ana = people.add()
    spend_but(db, ana, "automatic_match", "0")
    caller = rpc.as_user(ana)
    with pytest.raises(RpcError) as caught, request(caller):
        caller.call("create_automatic_match")
    error = caught.value.__cause__
    assert isinstance(error, psycopg.Error)
    assert error.sqlstate == "PGRST"
    body = json.loads(error.diag.message_primary or "")
    seconds = json.loads(body["details"])["retry_after"]
    assert body == {
        "code": "PT429",
        "message": f"Too many requests - retry in {seconds} seconds",
        "details": body["details"],
        "hint": "Wait that long, then call again.",
    }
    assert json.loads(body["details"]) == {"error": "rate_limited", "retry_after": seconds}
    assert json.loads(error.diag.message_detail or "") == {
        "status": 429,
        "headers": {"Retry-After": str(seconds)},
    }


@pytest.mark.parametrize("change", ["{}_limit = 1000", "{}_period = '1 minute'"])
def test_a_changed_setting_holds_from_the_next_call_on(db, rpc, people, bucket, change) -> None:
    user_id, act = ACTS[bucket](db, rpc, people)
    other = people.add()
    spend_but(db, user_id, bucket, "0")
    db.execute("insert into wingman.rate_limits values (%s, 'another', now() + interval '1 hour')", [other])
    with pytest.raises(RpcError, match="Too many requests"):
        act()
    db.execute(f"update wingman.settings set {change.format(bucket)}")
    act()
    # and no other limit starts anew
    kept = db.execute("select count(*) from wingman.rate_limits where bucket = 'another'").fetchone()
    assert kept == {"count": 1}


def test_a_clock_that_was_ahead_locks_nobody_out(db, rpc, people, bucket) -> None:
    user_id, act = ACTS[bucket](db, rpc, people)
    _, period = LIMITS[bucket]
    db.execute(
        "insert into wingman.rate_limits values (%s, %s, statement_timestamp() + interval '30 days')",
        [user_id, bucket],
    )
    act()
    row = db.execute(
        """select spent_until - statement_timestamp() as left from wingman.rate_limits
           where user_id = %s and bucket = %s""",
        [user_id, bucket],
    ).fetchone()
    # as if all had been spent just now
    assert period - timedelta(minutes=1) < row["left"] <= period
