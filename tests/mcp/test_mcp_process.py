"""The process ``wingman mcp``: connections that break, calls at once, cancelled ones, and how it ends."""

import asyncio
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from agents import answer, command, refusal
from client.proxy import proxy_to
from mcp.client.client import Client
from psycopg.conninfo import make_conninfo
from serving import WINGMAN
from tools.test_cli import SOMEBODY
from waiting import blocked_backends, until
from wingmanmatch.database import paths

pytestmark = pytest.mark.exhaustive

DEADLINE_SECONDS = 15
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}
LIST = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}


@contextmanager
def server(user, url, *options) -> Iterator[subprocess.Popen]:
    """The process, without any client."""
    with subprocess.Popen(
        [WINGMAN, "mcp", "--user", str(user), *options],
        env={**os.environ, "WINGMAN_DATABASE_URL": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def send(process, *messages):
    """Write messages; a text as it is."""
    for message in messages:
        process.stdin.write(f"{message if isinstance(message, str) else json.dumps(message)}\n")
    process.stdin.flush()


@pytest.mark.parametrize("lost", ["the call", "the answer"])
def test_a_lost_connection_changes_nothing_twice(processes, people, db, login, lost):
    ana = people.add("Ana")

    async def called(wire, url):
        async with processes.connect(ana, "--write", url=url) as client:
            await answer(client, "get_profile")
            flow = wire.requests if lost == "the call" else wire.answers
            flow.sizes.clear()
            flow.cut_after = 1
            return await client.call_tool("pause_matching", {})

    with proxy_to(db.info) as (wire, parameters):
        result = asyncio.run(called(wire, make_conninfo(login, **parameters)))
    assert not result.is_error
    assert result.meta["replayed"] == (lost == "the answer")
    kinds = db.execute("select kind from wingman.events where user_id = %s order by id", [ana])
    assert [row["kind"] for row in kinds] == ["profile_created", "matching_paused"]
    (key,) = db.execute("select idempotency_key as key from wingman.idempotency_keys")
    assert key["key"] == result.meta["idempotency_key"]


def test_it_works_again_once_the_database_is_back(processes, people, db, login):
    ana = people.add("Ana")

    async def called(wire, url):
        async with processes.connect(ana, "--write", "--connection-timeout", "0.3", url=url) as client:
            await answer(client, "get_profile")
            wire.is_down = True
            wire.cut()
            failed = await refusal(client, "pause_matching")
            wire.is_down = False
            async with asyncio.timeout(DEADLINE_SECONDS):
                while (again := await client.call_tool("pause_matching", _key(failed))).is_error:
                    pass
            return failed, again

    with proxy_to(db.info) as (wire, parameters):
        failed, again = asyncio.run(called(wire, make_conninfo(login, **parameters)))
    assert failed["error"] == "connection_lost"
    assert "idempotency_key" in failed["hint"]
    assert again.meta["idempotency_key"] == failed["idempotency_key"]
    assert db.execute("select from wingman.events where kind = 'matching_paused'").rowcount == 1


def _key(failed):
    return {"idempotency_key": failed["idempotency_key"]}


def test_calls_at_once(processes, people):
    ana = people.add("Ana")

    async def called():
        async with processes.connect(ana) as client:
            return await asyncio.gather(*(answer(client, "get_profile") for _ in range(40)))

    assert {told["user_id"] for told in asyncio.run(called())} == {str(ana)}


def test_a_cancelled_call_is_undone(processes, people, db, database_url):
    ana = people.add("Ana")

    async def cancelled(client):
        call = asyncio.create_task(client.call_tool("complete_profile", PROFILE))
        await asyncio.to_thread(until, lambda: blocked_backends(db))
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.to_thread(until, lambda: not blocked_backends(db))

    async def called():
        async with processes.connect(ana, "--write") as client:
            with psycopg.connect(database_url) as other:
                other.execute("select from public.user_profiles where id = %s for update", [ana])
                await cancelled(client)
            return await answer(client, "get_profile")

    assert asyncio.run(called())["first_name"] == "Ana"


PROFILE = {"first_name": "Other", "experience_level": "advanced", "lat": 1.0, "lng": 1.0}


def test_the_documented_configuration_starts_it(people, login):
    ana = people.add("Ana")
    document = (paths.ROOT / "docs" / "mcp.md").read_text(encoding="utf-8")
    (configuration,) = map(json.loads, re.findall(r"```json\n(.*?)```", document, re.DOTALL))
    entry = configuration["mcpServers"]["wingman"]
    assert (entry["command"], [*entry["env"]]) == ("wingman", ["WINGMAN_DATABASE_URL"])
    arguments = [str(ana) if re.fullmatch("[0-9a-f-]{36}", one) else one for one in entry["args"]]
    parameters = command(ana, url=login).model_copy(update={"args": arguments})

    async def listed():
        async with Client(parameters) as client:
            return await answer(client, "get_profile")

    assert asyncio.run(listed())["user_id"] == str(ana)


def test_the_documented_options_are_those_of_the_command():
    document = (paths.ROOT / "docs" / "mcp.md").read_text(encoding="utf-8")
    told = subprocess.run([WINGMAN, "mcp", "--help"], capture_output=True, text=True, check=True).stdout
    documented = set(re.findall(r"^\| `(--[a-z-]+)", document, re.MULTILINE))
    assert documented == set(re.findall(r"(--[a-z-]+)", told)) - {"--database-url", "--help"}


def test_nothing_but_the_protocol_is_on_stdout(people, login):
    with server(people.add("Ana"), login) as process:
        call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "get_profile"}}
        send(process, INITIALIZE, INITIALIZED, "no JSON", "{}", call)
        replies = [json.loads(process.stdout.readline()) for _ in range(2)]
        rest, told = process.communicate(timeout=DEADLINE_SECONDS)
    assert {reply.get("id") for reply in replies} >= {1}
    whole = [*replies, *map(json.loads, rest.splitlines())]
    (profile,) = [reply for reply in whole if reply.get("id") == 2]
    assert profile["result"]["structuredContent"]["first_name"] == "Ana"
    assert all(reply["jsonrpc"] == "2.0" for reply in whole)
    assert process.returncode == 0
    assert "Traceback" not in told


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_ends_it_while_a_call_waits(people, db, login, database_url, number):
    ana = people.add("Ana")
    call = {
        "jsonrpc": "2.0",
        "id": 2,
        "method": "tools/call",
        "params": {"name": "complete_profile", "arguments": PROFILE},
    }
    with psycopg.connect(database_url) as other, server(ana, login, "--write") as process:
        other.execute("select from public.user_profiles where id = %s for update", [ana])
        send(process, INITIALIZE, INITIALIZED, call)
        until(lambda: blocked_backends(db))
        process.send_signal(number)
        assert process.wait(DEADLINE_SECONDS) == 0
        assert "Traceback" not in process.stderr.read()
    until(lambda: not connections(db))
    names = db.execute("select first_name from public.user_profiles").fetchall()
    assert names == [{"first_name": "Ana"}]


def connections(db):
    query = "select from pg_stat_activity where application_name = 'wingman mcp' and datname = %s"
    return db.execute(query, [db.info.dbname]).rowcount


def test_the_end_of_the_input_ends_it(people, db, login):
    with server(people.add("Ana"), login) as process:
        send(process, INITIALIZE, INITIALIZED)
        assert json.loads(process.stdout.readline())["result"]["serverInfo"]["name"] == "wingmanmatch"
        rest, told = process.communicate(timeout=DEADLINE_SECONDS)
    assert (process.returncode, rest, told) == (0, "", "")
    until(lambda: not connections(db))


def test_a_client_that_is_gone_ends_it(people, login):
    with server(people.add("Ana"), login) as process:
        send(process, INITIALIZE, INITIALIZED)
        assert process.stdout.readline()
        process.stdout.close()
        send(process, LIST)
        assert process.wait(DEADLINE_SECONDS) == 0
        assert process.stderr.read() == ""


def test_a_signal_ends_it_while_nobody_reads(people, login):
    with server(people.add("Ana"), login) as process:
        # more than fits into a pipe
        send(process, INITIALIZE, INITIALIZED, LIST, LIST)
        assert process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_SECONDS) == 0
        assert process.stderr.read() == ""


def test_a_login_that_fails_is_one_line_without_the_password():
    url = "postgresql://me:hunter2@127.0.0.1:1/nothing"
    with server(SOMEBODY, url) as process:
        rest, told = process.communicate(timeout=DEADLINE_SECONDS)
    assert (process.returncode, rest) == (1, "")
    assert "Connection refused" in told
    assert "hunter2" not in told
