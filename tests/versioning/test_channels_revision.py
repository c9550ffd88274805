"""Revision 0006 and the way back, with people who are told outside the app."""

from typing import Any

import psycopg
import pytest
from harness import People
from rows import all_rows, make_pair
from versioning.backup_page import assert_it_serves, connected, superusers, tell_outside
from versioning.conftest import NewDatabase
from wingmanmatch.database.upgrade import current_revision, downgrade, upgrade

PRECIOUS = ("channel_settings", "email_addresses", "push_subscriptions", "webhooks")
OF_0006 = (*PRECIOUS, "asked_addresses", "notification_deliveries", "notification_texts")


@pytest.fixture
def told(new_database: NewDatabase, operators_login: None) -> str:
    """A database at 0006 in which a pair was told of its match, and an operator has changed a text."""
    url = superusers(new_database())
    upgrade(url, "0006")
    with connected(url) as (db, rpc):
        pair = make_pair(db, People(db, rpc), "pending")
        tell_outside(db, rpc)
        ana = rpc.as_user(pair.user1, email="ana@example.org")
        ana.call("set_notification_settings", channel="email")
        for table in ("rate_limits", *OF_0006):
            assert db.execute(f"select 1 as one from wingman.{table} limit 1").fetchone(), table
    return url


def empty(url: str, table: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(f"delete from wingman.{table}")


def forget_decisions(url: str) -> None:
    """As nobody can: they are append-only."""
    with psycopg.connect(url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("delete from wingman.operator_decisions")


def rows_of_0005(url: str) -> dict[str, Any]:
    """What revision 0005 has as well, but for the settings."""
    with connected(url) as (db, _):
        rows = all_rows(db)
    later = [name for name in rows if name.startswith("wingman.leaderboard_")]
    for name in (*later, *(f"wingman.{table}" for table in ("alembic_version", "settings", *OF_0006))):
        rows.pop(name, None)
    rows["wingman.readers"] = [row for row in rows["wingman.readers"] if row["name"] != "leaderboard"]
    limits = [row for row in rows["wingman.rate_limits"] if row["bucket"] != "email"]
    return {**rows, "wingman.rate_limits": limits}


@pytest.mark.exhaustive
def test_it_does_not_go_back_where_something_would_be_lost(told: str) -> None:
    for table in PRECIOUS:
        lost = f"lose the rows of wingman.{table}"
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match=lost):
            downgrade(told, "0005")
        empty(told, table)
    unknown = "leave decisions of kinds that revision 0005 does not know"
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match=unknown):
        downgrade(told, "0005")
    with psycopg.connect(told) as connection:
        assert current_revision(connection) == "0006"


@pytest.mark.exhaustive
def test_there_and_back_and_there_again(told: str) -> None:
    """Messages follow from notifications, and go; all that 0005 knew stays."""
    for table in PRECIOUS:
        empty(told, table)
    forget_decisions(told)
    before = rows_of_0005(told)
    assert before["public.wingman_notifications"]

    downgrade(told, "0005")
    assert rows_of_0005(told) == before
    with connected(told) as (db, rpc):
        make_pair(db, People(db, rpc), "pending")
        assert rpc.as_service().call("wingman.run_readers")["told"] > 0
    before = rows_of_0005(told)

    upgrade(told, "0006")
    assert rows_of_0005(told) == before
    upgrade(told)
    assert_it_serves(told)
    with connected(told) as (db, rpc):
        assert db.execute("select from wingman.notification_deliveries").fetchall() == []
        make_pair(db, People(db, rpc), "pending")
        tell_outside(db, rpc)
