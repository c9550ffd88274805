"""The building blocks of tests: callers of the API functions, people, and threads that really collide."""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.rows import DictRow
from wingmanmatch.database import paths
from wingmanmatch.database.embedded import BINARIES, FAST_AND_FORGETFUL
from wingmanmatch.database.history import pending_changes
from wingmanmatch.database.upgrade import upgrade

Connection = psycopg.Connection[DictRow]
Connect = Callable[..., Connection]

LISBON = {"lat": 38.7223, "lng": -9.1393}
SERVER_SETTINGS = {**FAST_AND_FORGETFUL, "autovacuum": "off", "max_connections": "250"}
OPERATOR = "wingman_test_operator"
WORKER = "wingman_test_worker"

POLL_SECONDS = 0.001
"""Between two looks whether something has happened."""

_DEADLINE_SECONDS = 15.0
_CLUSTER_LOCK = 7_164_928_305


def server_url(url: str, dbname: str) -> str:
    """The same server's URL for another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{dbname}"))


def login_url(url: str, user: str) -> str:
    """The same database's URL for another login, one without a password."""
    parts = urlsplit(url)
    where = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user)}@{where}"))


@contextmanager
def cluster_lock(url: str) -> Iterator[None]:
    """Held while roles are made or changed: they belong to the cluster, which other workers share."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_CLUSTER_LOCK])
        yield


def psql(url: str, *arguments: str, stdin: str | None = None) -> str:
    """Run the psql of the embedded server against any server; returns what it printed.

    Raises:
        RuntimeError: an SQL error, with what psql said.
    """
    command = [BINARIES / "psql", url, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def build_database(url: str, login: str | None = None) -> None:
    """Bring an empty database up to today, and make the logins of an operator and of a worker.

    By the revisions; while ``sql/`` is ahead of them, by ``sql/`` itself, so that its tests can run before
    ``make migration``. That nothing is left so is a test of its own.

    Args:
        url: a superuser's.
        login: who upgrades it, and owns it; the superuser unless given.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        upgrade_url = url
        if login:
            owner = "alter database {} owner to {}"
            names = map(sql.Identifier, (connection.info.dbname, login))
            connection.execute(sql.SQL(owner).format(*names))
            upgrade_url = login_url(url, login)
        if pending_changes():
            psql(upgrade_url, f"--file={paths.INSTALL_SQL}")
        else:
            upgrade(upgrade_url)
        for name, role in ((OPERATOR, "wingman_admin"), (WORKER, "wingman_worker")):
            if not connection.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone():
                connection.execute(f"create role {name} login in role {role}")


class RpcError(Exception):
    """A refused call, with what clients distinguish it by."""

    def __init__(self, error: psycopg.Error) -> None:
        super().__init__(f"{error.sqlstate} {error.diag.message_primary} {error.diag.message_detail or ''}")
        self.sqlstate = error.sqlstate or ""
        self.status = int(self.sqlstate[2:]) if self.sqlstate.startswith("PT") else None
        self.message = error.diag.message_primary
        self.hint = error.diag.message_hint
        self.detail: dict[str, Any] = json.loads(error.diag.message_detail or "{}") if self.status else {}
        self.name: str | None = self.detail.get("error")


class Caller:
    """Calls API functions with one role and one set of claims, on its own connection, opened when used."""

    def __init__(
        self, open_connection: Callable[[], Connection], role: str | None, claims: dict[str, Any]
    ) -> None:
        self._open_connection = open_connection
        self._connection: Connection | None = None
        self._role = role
        self._claims = claims

    @property
    def connection(self) -> Connection:
        if self._connection is None:
            self._connection = self._open_connection()
        return self._connection

    @property
    def pid(self) -> int:
        """The backend's process id, for ``wait_until_blocked``."""
        return self.connection.info.backend_pid

    def transaction(self) -> AbstractContextManager[psycopg.Transaction]:
        """Keeps the calls made inside it in one transaction, its locks held until the context ends."""
        return self.connection.transaction()

    def call(self, function: str, **arguments: Any) -> Any:
        """Call a function in its own transaction; what PostgREST would answer, as Python values.

        A composite is a dict, a set a list of dicts. Ids are UUID and times datetime, to compare with rows.

        Args:
            function: of schema public, or with its schema, as ``wingman_admin.mark_no_show``.

        Raises:
            RpcError: the call was refused.
        """
        schema, _, name = function.rpartition(".")
        qualified = sql.Identifier(schema or "public", name)
        query = sql.SQL("select to_json(f) as answer from {}({}) as f").format(
            qualified,
            sql.SQL(", ").join(
                sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in arguments
            ),
        )
        try:
            with self.connection.transaction():
                self.assume_identity()
                answers = [row["answer"] for row in self.connection.execute(query, arguments)]
        except psycopg.Error as error:
            raise RpcError(error) from error
        return revive(answers) if self._returns_set(schema or "public", name) else revive(answers[0])

    def _returns_set(self, schema: str, name: str) -> bool:
        """Asked once per run: no test makes a function return a set, or no longer."""
        if (schema, name) not in _RETURNS_SET:
            row = self.connection.execute(_ASK_RETURNS_SET, [schema, name]).fetchone()
            assert row is not None
            _RETURNS_SET[schema, name] = row["proretset"]
        return _RETURNS_SET[schema, name]

    def assume_identity(self) -> None:
        """Set role and claims until the current transaction ends, as PostgREST does."""
        self.connection.execute(
            "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)",
            [self._role or "none", json.dumps(self._claims) if self._claims else ""],
        )


_RETURNS_SET: dict[tuple[str, str], bool] = {}
_ASK_RETURNS_SET = """
    select p.proretset
    from pg_proc as p
    inner join pg_namespace as n on n.oid = p.pronamespace
    where n.nspname = %s and p.proname = %s
"""


def revive(value: Any, key: str = "") -> Any:
    """JSON as Python values: ids become UUID, times become datetime."""
    match value:
        case list():
            return [revive(item, key) for item in value]
        case dict():
            return {name: revive(item, name) for name, item in value.items()}
        case str() if key == "id" or key.endswith("_id"):
            return UUID(value)
        case str() if key.endswith(("_at", "_time")) or key in ("answer_by", "decide_by", "useful_until"):
            return datetime.fromisoformat(value)
    return value


class Rpc:
    """Makes callers. Each has its own connection: two callers of one user are that user on two devices."""

    def __init__(self, connect: Connect, db: Connection) -> None:
        self._connect = connect
        self._db = db

    def as_user(self, user_id: UUID | str, **claims: Any) -> Caller:
        """A user; claims: others of the access token, such as ``email``."""
        return self._authenticator("authenticated", {"sub": str(user_id), "role": "authenticated", **claims})

    def as_service(self, **claims: Any) -> Caller:
        return self._authenticator("service_role", {"role": "service_role", **claims})

    def as_anon(self) -> Caller:
        return self._authenticator("anon", {"role": "anon"})

    def as_admin(self, **claims: Any) -> Caller:
        """An operator's own login: a member of wingman_admin, no role set, and no claims unless given."""
        return Caller(lambda: self._connect(user=OPERATOR), None, claims)

    def as_worker(self) -> Caller:
        """The role of workers."""
        return Caller(lambda: self._connect(user=self._db.info.user), "wingman_worker", {})

    def _authenticator(self, role: str, claims: dict[str, Any]) -> Caller:
        return Caller(lambda: self._connect(user="authenticator"), role, claims)


class People:
    """Makes people, by default all in one place, so that any two of them can be matched."""

    def __init__(self, db: Connection, rpc: Rpc) -> None:
        self._db = db
        self._service = rpc.as_service()

    def auth_only(self) -> UUID:
        """Somebody who has signed up and has no profile."""
        user_id = uuid4()
        self._db.execute("insert into auth.users (id) values (%s)", [user_id])
        return user_id

    def add(self, first_name: str = "Ana", experience_level: str = "beginner", **arguments: Any) -> UUID:
        """Somebody with a profile, by ``complete_profile``, which also takes the other arguments."""
        user_id = self.auth_only()
        self._service.call(
            "complete_profile",
            **{**LISBON, **arguments},
            first_name=first_name,
            experience_level=experience_level,
            user_id=user_id,
        )
        return user_id


def in_thread(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
    """Run ``fn`` in a separate daemon thread: a call that hangs fails its test, not the run."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def wait_until_blocked(db: Connection, pid: int, by: int | None = None) -> None:
    """Return once backend ``pid`` waits for a lock (of backend ``by``, when given).

    Raises:
        TimeoutError: it never did.
    """
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while time.monotonic() < deadline:
        row = db.execute(
            "select pg_blocking_pids(pid) as blockers, state, query from pg_stat_activity where pid = %s",
            [pid],
        ).fetchone()
        if row and row["blockers"] and (by is None or by in row["blockers"]):
            return
        # whoever is to wait needs the processor first
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"Backend {pid} did not wait for a lock: {row}")
