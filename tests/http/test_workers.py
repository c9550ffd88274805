"""Several processes that serve at one port, as a person runs them."""

import json
import os
import re
import signal
from contextlib import contextmanager

import httpx
import psutil
import pytest
from harness import in_thread, login_url
from serving import SECRET, bearer, wingman_serve
from waiting import blocked_backends, until

CALL = "/api/get-profile"


@pytest.fixture
def serve_by_two(database_url):
    """Two workers: gives the process that started them, their URL and themselves."""
    environment = {
        "WINGMAN_DATABASE_URL": login_url(database_url, "authenticator"),
        "WINGMAN_JWT_SECRET": SECRET,
    }
    with wingman_serve("--workers", "2", "--pool-size", "3", **environment) as (process, url):
        workers = until(lambda: workers_of(process))
        # both are up: each answers while the other one cannot
        for worker in workers:
            with stopped(worker):
                assert httpx.get(f"{url}/healthz", timeout=15).status_code == 200
        yield process, url, workers


def workers_of(process):
    children = psutil.Process(process.pid).children()
    workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    return workers if len(workers) == 2 else None


@contextmanager
def stopped(worker):
    """Meanwhile the others get all calls."""
    worker.suspend()
    # until then it may still take a call
    until(lambda: worker.status() == psutil.STATUS_STOPPED)
    try:
        yield
    finally:
        worker.resume()


def numbers(url):
    text = httpx.get(f"{url}/metrics").text
    calls = re.findall(r'wingman_http_calls_total\{function="get_profile",outcome="ok"\} (\d+)', text)
    return [int(number) for number in calls], float(re.search(r"\nwingman_http_pool_max (.*)", text)[1])


@pytest.mark.exhaustive
def test_both_answer_count_together_and_end_after_their_last_answer(db, people, connect, token, serve_by_two):
    process, url, workers = serve_by_two
    everybody = [bearer(token(people.add())) for _ in workers]
    for worker, person in zip(workers, everybody, strict=True):
        with stopped(worker):
            for _ in range(3):
                assert httpx.post(url + CALL, headers=person).status_code == 200
    for worker in workers:
        with stopped(worker):
            until(lambda: numbers(url) == ([6], 6.0))
    calls = []
    with connect(user=db.info.user, autocommit=False) as holder:
        holder.execute("lock table public.user_profiles")
        for worker, person in zip(workers, everybody, strict=True):
            with stopped(worker):
                calls.append(in_thread(httpx.post, url + CALL, headers=person, timeout=15))
                until(lambda: len(blocked_backends(db)) == len(calls))
        process.send_signal(signal.SIGTERM)
        until(lambda: is_refused(url))
        assert process.poll() is None
    assert [call.result(15).status_code for call in calls] == [200, 200]
    assert process.wait(15) == 0
    assert not [worker for worker in workers if worker.is_running()]
    events = [json.loads(line)["event"] for line in process.stderr.read().splitlines()]
    assert events.count("request") >= 8


def is_refused(url):
    try:
        httpx.get(f"{url}/healthz", timeout=1)
    except httpx.ConnectError:
        return True
    except httpx.TransportError:
        return False
    return False


@pytest.mark.exhaustive
def test_one_that_dies_ends_all(serve_by_two):
    process, _, workers = serve_by_two
    workers[0].kill()
    assert process.wait(15) == 1
    assert process.stderr.read().splitlines()[-1].startswith("wingman: A worker exited unexpectedly")
    assert not workers[1].is_running()


@pytest.mark.exhaustive
def test_none_outlives_who_started_it(serve_by_two):
    process, _, workers = serve_by_two
    process.kill()
    until(lambda: not [worker for worker in workers if is_alive(worker)])


def is_alive(worker):
    return worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE


@pytest.mark.exhaustive
def test_an_interrupt_ends_all(serve_by_two):
    process, _, workers = serve_by_two
    for one in (process.pid, *(worker.pid for worker in workers)):
        os.kill(one, signal.SIGINT)
    assert process.wait(15) == 130
    assert process.stderr.read().splitlines()[-1] == "wingman: interrupted"
    assert not [worker for worker in workers if worker.is_running()]
