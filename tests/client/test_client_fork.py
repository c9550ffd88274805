"""After a fork the child does not touch the parent's connections, and is told so."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from harness import People
from serving import claims_of, signed

PROGRAM = """
import asyncio, json, os, sys
import psycopg, psycopg_pool, wingmanmatch

flavour, kind, where, who = sys.argv[1:]
runner = asyncio.Runner()
prefix = "Async" if flavour == "async" else ""
Client = getattr(wingmanmatch, prefix + "WingmanClient")


def wait(value):
    async def within_the_loop():
        return await value

    return runner.run(within_the_loop()) if flavour == "async" else value


async def in_the_loop(make):
    return make()


def made(make):
    return runner.run(in_the_loop(make)) if flavour == "async" else make()


if kind == "http":
    client = made(lambda: Client.over_http(where))
    api = client.with_token(who)
elif kind == "own pool":
    client = made(lambda: Client.connect(where))
    wait(client.open())
    api = client.as_user(who)
elif kind == "pool":
    Pool = getattr(psycopg_pool, prefix + "ConnectionPool")
    pool = made(lambda: Pool(where, kwargs={"autocommit": True}, min_size=1, open=False))
    client = made(lambda: Client(pool=pool))
    # opened after the client was made
    wait(pool.open())
    api = client.as_user(who)
else:
    connection = wait(getattr(psycopg, prefix + "Connection").connect(where, autocommit=True))
    client = made(lambda: Client(connection=connection))
    api = client.as_user(who)

told = [wait(api.get_profile()).first_name]
reading, writing = os.pipe()
child = os.fork()
if child == 0:
    runner = asyncio.Runner()
    try:
        said = wait(api.get_profile()).first_name
    except RuntimeError as error:
        said = str(error)
    if hasattr(client, "close"):
        wait(client.close())
    os.write(writing, said.encode())
    os._exit(0)
os.waitpid(child, 0)
told += [os.read(reading, 10_000).decode(), wait(api.get_profile()).first_name]
print(json.dumps(told))
sys.stdout.flush()
os._exit(0)
"""


@pytest.mark.representatives("async-pool", "sync-http")
@pytest.mark.parametrize("kind", ["own pool", "pool", "connection", "http"])
@pytest.mark.parametrize("flavour", ["sync", "async"])
def test_a_forked_process_needs_a_client_of_its_own(
    flavour: str, kind: str, login: str, people: People, request: pytest.FixtureRequest
) -> None:
    ana: Any = people.add()
    is_http = kind == "http"
    where = request.getfixturevalue("http_url") if is_http else login
    who = signed(claims_of(ana)) if is_http else str(ana)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, flavour, kind, where, who],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    before, in_the_child, after = json.loads(done.stdout)
    assert (before, after) == ("Ana", "Ana")
    assert in_the_child == (
        "The client's connections belong to the process that this one was forked from: "
        "make a client in each process, after the fork"
    )
