"""Whoever gets an answer can rely on it, even after a failover: its transaction waits for the standby.

PostgreSQL lets a commit wait for what the transaction itself wrote to the WAL. A call that finds its work
done by an earlier transaction, whose own commit still waits, must therefore write something as well.
"""

import os
import time
from pathlib import Path

import psycopg
import pytest
from arranged import STORIES, Stage
from harness import Caller, Connection, People, Rpc, RpcError, in_thread
from journal import servers

# commits wait for a standby that is not there
NO_STANDBY = {"synchronous_standby_names": "nobody", "synchronous_commit": "on", "max_wal_senders": "1"}
CALLS = [(call, title, arrange) for call, title, arrange, _ in STORIES if "." not in call]


def writes(caller: Caller, function: str, **arguments) -> bool:
    """Whether the transaction of an answered call waits for the standby; True as well for a refusal."""
    with caller.transaction():
        try:
            with caller.transaction():
                caller.call(function, **arguments)
        except RpcError:
            return True
        row = caller.connection.execute(
            "select pg_current_xact_id_if_assigned() is not null as is"
        ).fetchone()
        return row["is"]


@pytest.mark.parametrize(
    ("function", "title", "arrange"), CALLS, ids=[f"{call} {title}" for call, title, _ in CALLS]
)
def test_every_answer_waits_for_its_commit(db, rpc, people, function, title, arrange):
    user_id, arguments = arrange(Stage(db, people))
    caller = rpc.as_user(user_id)
    key = {"idempotency_key": "k"}
    assert writes(caller, function, **arguments), "the work"
    assert writes(caller, function, **arguments), "the same again"
    assert writes(caller, function, **arguments, **key), "once more, with a key"
    assert writes(caller, function, **arguments, **key), "its replay"


def test_a_replay_is_not_answered_before_the_standby_has_the_first_answer(tmp_path: Path):
    with servers.server(tmp_path / "data", **NO_STANDBY) as running:
        with psycopg.connect(running.url(), options="-c synchronous_commit=local") as superuser:
            superuser.execute("alter role postgres set synchronous_commit = 'local'")
        servers.install(running)
        with servers.connections(running) as connect:
            db = connect()
            rpc = Rpc(connect, db)
            db.execute("alter role authenticator set synchronous_commit = 'local'")
            user_id = People(db, rpc).add()
            db.execute("alter role authenticator reset synchronous_commit")
            first, again = rpc.as_user(user_id), rpc.as_user(user_id)
            assert first.pid != again.pid

            lost = in_thread(first.call, "pause_matching", idempotency_key="k")
            wait_for_replication(db, first.pid)
            db.execute("select pg_terminate_backend(%s)", [first.pid])
            assert lost.exception(timeout=10)

            replay = in_thread(again.call, "pause_matching", idempotency_key="k")
            wait_for_replication(db, again.pid)
            assert not replay.done()
            db.execute("alter system set synchronous_standby_names = ''")
            db.execute("select pg_reload_conf()")
            assert replay.result(timeout=10)["success"]


def wait_for_replication(db: Connection, pid: int) -> None:
    """Return once a backend waits for the standby; whoever does not is a failure, after a while."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        row = db.execute("select wait_event from pg_stat_activity where pid = %s", [pid]).fetchone()
        if row == {"wait_event": "SyncRep"}:
            return
        os.sched_yield()
    raise TimeoutError(f"Backend {pid} did not wait for the standby: {row}")
