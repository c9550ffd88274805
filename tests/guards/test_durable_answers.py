"""Whoever gets an answer can rely on it, even after a failover: its transaction waits for the standby.

PostgreSQL lets a commit wait for what the transaction itself wrote to the WAL. A call that finds its work
done by an earlier transaction, whose own commit still waits, must therefore write something as well.
"""

import time
from pathlib import Path

import httpx
import psycopg
import pytest
from arranged import STORIES, Stage
from harness import POLL_SECONDS, Caller, Connection, People, Rpc, RpcError, in_thread
from journal import servers
from serving import SECRET, bearer, claims_of, running, signed
from wingmanmatch import ConnectionLost, Retries, WingmanClient
from wingmanmatch.http.settings import Settings

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


@pytest.mark.representatives(
    "complete_profile a new one",
    "create_automatic_match somebody",
    "respond_to_match accept",
    "confirm_session_completion*",
    "cancel_session*",
)
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


@pytest.mark.exhaustive
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
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"Backend {pid} did not wait for the standby: {row}")


@pytest.mark.parametrize("door", ["client", "serve"])
@pytest.mark.exhaustive
def test_a_commit_that_no_longer_waits_has_an_unknown_outcome(tmp_path: Path, door: str):
    with servers.server(tmp_path / "data", **NO_STANDBY) as running_server:
        with psycopg.connect(running_server.url(), options="-c synchronous_commit=local") as superuser:
            superuser.execute("alter role postgres set synchronous_commit = 'local'")
        servers.install(running_server)
        url = running_server.url(servers.DATABASE, "authenticator")
        with servers.connections(running_server) as connect:
            db = connect()
            db.execute("alter role authenticator set synchronous_commit = 'local'")
            user_id = People(db, Rpc(connect, db)).add()
            db.execute("alter role authenticator reset synchronous_commit")
            if door == "client":
                with WingmanClient.connect(url, max_size=1, retries=Retries(attempts=1)) as client:
                    waiting = in_thread(client.as_user(user_id).pause_matching)
                    cancel_who_waits(db)
                    error = waiting.exception(timeout=10)
                assert isinstance(error, ConnectionLost)
                assert error.may_have_taken_effect
                assert error.idempotency_key
            else:
                with running(Settings(url, jwt_secret=SECRET)) as where:
                    headers = bearer(signed(claims_of(user_id)))
                    waiting = in_thread(httpx.post, f"{where}/rest/v1/rpc/pause_matching", headers=headers)
                    cancel_who_waits(db)
                    answer = waiting.result(timeout=10)
                assert answer.status_code == 503
                assert answer.json()["hint"].startswith("The call may have taken effect")
            paused = db.execute("select paused from wingman.matchmaking_pool where user_id = %s", [user_id])
            assert paused.fetchone() == {"paused": True}


def cancel_who_waits(db: Connection) -> None:
    """End the wait for the standby of whoever waits for it first."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        row = db.execute(
            "select pg_cancel_backend(pid) as done from pg_stat_activity where wait_event = 'SyncRep'"
        ).fetchone()
        if row == {"done": True}:
            return
        time.sleep(POLL_SECONDS)
    raise TimeoutError("Nobody waited for the standby")
