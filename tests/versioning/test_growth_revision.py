"""Revision 0007 and the way back, with people who have completed sessions."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
from harness import People
from rows import make_pair, make_session
from versioning.backup_page import assert_it_serves, connected, superusers
from versioning.before_growth import EARNED, rows_of_0006
from versioning.conftest import NewDatabase
from wingmanmatch.database.upgrade import current_revision, downgrade, upgrade


@pytest.fixture
def completed(new_database: NewDatabase, operators_login: None) -> tuple[str, UUID]:
    """A database at 0006 in which two people have completed a session, and one of them."""
    url = superusers(new_database())
    upgrade(url, "0006")
    with connected(url) as (db, rpc):
        pair = make_pair(db, People(db, rpc))
        session_id = make_session(db, pair.match_id)
        for user_id in (pair.user1, pair.user2):
            rpc.as_user(user_id).call("confirm_session_completion", session_id=session_id)
        rpc.as_service().call("wingman.run_readers")
        db.execute(
            """insert into wingman.channel_settings (user_id, channel, kinds)
               values (%s, 'email', '{match_offered}')""",
            [pair.user1],
        )
    return url, pair.user1


def rows_at(url: str) -> dict[str, Any]:
    with connected(url) as (db, _):
        return rows_of_0006(db)


def earned(url: str) -> list[dict[str, Any]]:
    with connected(url) as (db, _):
        return db.execute("select * from wingman.earned_achievements order by user_id").fetchall()


def test_what_was_completed_before_is_awarded_backwards(completed: tuple[str, UUID]) -> None:
    url, ana = completed
    before = rows_at(url)
    upgrade(url)
    assert rows_at(url) == before
    assert earned(url) == []
    with connected(url) as (db, rpc):
        assert rpc.as_service().call("wingman.run_readers")["evaluated"] == 2
        completed_at = db.execute("select completed_at from public.wingman_sessions").fetchone()
        listed = rpc.as_user(ana).call("list_achievements")
    assert completed_at
    assert {row["name"]: row["earned_at"] for row in listed if row["earned_at"]} == {
        "first_session": completed_at["completed_at"]
    }
    assert [row["earned_at"] for row in earned(url)] == [completed_at["completed_at"]] * 2


@pytest.mark.exhaustive
def test_there_and_back_and_there_again(completed: tuple[str, UUID]) -> None:
    """Awards follow from the ledger and go, with what was told of them; all that 0006 knew stays."""
    url, ana = completed
    upgrade(url)
    with connected(url) as (db, rpc):
        for _ in range(2):
            rpc.as_service().call("wingman.run_readers")
        told = db.execute(
            "select user_id from public.wingman_notifications where kind = %s", [EARNED]
        ).fetchall()
        assert len(told) == 2
        kinds = [EARNED, "match_offered"]
        rpc.as_user(ana).call("set_notification_settings", channel="web_push", kinds=kinds)
        rpc.as_admin().call(
            "wingman_admin.add_webhook", url="https://example.org", reason="We want it", kinds=[EARNED]
        )
    once = earned(url)
    before = rows_at(url)

    downgrade(url, "0006")
    after = rows_at(url)
    for table in ("public.wingman_notifications", "wingman.notification_deliveries"):
        before[table] = [row for row in before[table] if row["kind"] != EARNED]
    for table in ("wingman.channel_settings", "wingman.webhooks"):
        for row in before[table]:
            row["kinds"] = row["kinds"] and [kind for kind in row["kinds"] if kind != EARNED]
    assert after == before
    with connected(url) as (db, rpc):
        make_pair(db, People(db, rpc), "pending")
        assert rpc.as_service().call("wingman.run_readers")["told"] > 0

    upgrade(url)
    assert_it_serves(url)
    with connected(url) as (_, rpc):
        rpc.as_service().call("wingman.run_readers")
    assert [row for row in earned(url) if row in once] == once


@pytest.mark.exhaustive
def test_it_does_not_go_back_with_decisions_that_0006_does_not_know(completed: tuple[str, UUID]) -> None:
    url, _ = completed
    upgrade(url)
    with connected(url) as (_, rpc):
        rpc.as_admin().call(
            "wingman_admin.add_achievement",
            name="two",
            title="Two",
            description="Complete 2 sessions.",
            metric="completed_sessions",
            threshold=2,
            reason="For fun",
        )
    unknown = "leave decisions of kinds that revision 0006 does not know"
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match=unknown):
        downgrade(url, "0006")
    with psycopg.connect(url) as connection:
        assert current_revision(connection) == "0007"
