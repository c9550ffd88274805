"""wingman maintain: once, or repeatedly until it is interrupted."""

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from harness import OPERATOR, POLL_SECONDS, login_url, wait_until_blocked
from interrupting import hears_ctrl_c
from rows import make_pair
from tools.conftest import WINGMAN, fails_in_one_line

TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  "


@pytest.fixture
def operator_url(database_url) -> str:
    return login_url(database_url, OPERATOR)


@contextmanager
def going_on(url: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command as a person leaves it running; interrupted at the end, unless it was before."""
    with subprocess.Popen(
        [WINGMAN, "maintain", "--every", "0.1", *options, "--database-url", url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hears_ctrl_c,
    ) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGINT)


def lines_until(stream, wanted: str) -> list[str]:
    """What is printed up to a line with these words."""
    found = []
    for line in stream:
        found.append(line)
        if wanted in line:
            return found
    raise AssertionError(f"{wanted!r} was never said: {found}")


def test_once_it_says_what_it_did(db, people, wingman, operator_url):
    for _ in range(3):
        make_pair(db, people, "lapsed")
    done = wingman("maintain", "--max-rows", "2", url=operator_url)
    assert (done.returncode, done.stderr) == (0, "")
    # all of it, though only two at a time
    assert re.fullmatch(TIME + r"3 expired matches, \d+ counted events, \d+ told\n", done.stdout)
    assert re.fullmatch(TIME + "nothing to do\n", wingman("maintain", url=operator_url).stdout)


def test_it_says_what_it_kept_and_does_not_try_again(db, wingman, operator_url):
    with db.transaction():
        db.execute("set local role wingman_owner")
        for month in range(1, 5):
            db.execute(
                f"""create table wingman.events_2020_0{month} partition of wingman.events
                    for values from ('2020-0{month}-01 00:00+00') to ('2020-0{month + 1}-01 00:00+00')"""
            )
    done = wingman("maintain", "--max-rows", "1", url=operator_url)
    assert re.fullmatch(TIME + r"4 refused partitions\n", done.stdout)


def test_a_login_that_is_no_operators_is_told_in_one_line(wingman, database_url):
    done = wingman("maintain", "--every", "1", url=login_url(database_url, "authenticator"))
    assert fails_in_one_line(done) == "permission denied for schema wingman"


def test_a_first_run_that_fails_is_a_failure(wingman):
    told = fails_in_one_line(wingman("maintain", "--every", "1", url="postgresql://a@localhost:1/nothing"))
    assert "Connection refused" in told


def test_it_goes_on_until_it_is_interrupted(db, people, operator_url):
    with going_on(operator_url) as running:
        lines_until(running.stdout, "nothing to do")
        make_pair(db, people, "lapsed")
        lines_until(running.stdout, "1 expired match")
        running.send_signal(signal.SIGINT)
        out, err = running.communicate()
    assert (running.returncode, err) == (0, "")
    assert out.endswith("stopped\n")


def test_it_survives_a_lost_connection(db, connect, people, operator_url):
    holder = connect(user=db.info.user)
    with going_on(operator_url) as running:
        lines_until(running.stdout, "nothing to do")
        with holder.transaction():
            holder.execute("lock table wingman.idempotency_keys in access exclusive mode")
            pid = waiting_backend(db, holder.info.backend_pid)
            db.execute("select pg_terminate_backend(%s)", [pid])
            [told] = lines_until(running.stderr, "trying again")
            make_pair(db, people, "lapsed")
        lines_until(running.stdout, "1 expired match")
    assert re.fullmatch(TIME + "terminating connection .*; trying again\n", told)


@pytest.mark.exhaustive
def test_it_survives_a_busy_database_and_one_that_lets_nobody_in(db, connect, operator_url):
    name = db.info.dbname
    holder = connect(user=db.info.user)
    with going_on(operator_url) as running:
        lines_until(running.stdout, "nothing to do")
        with holder.transaction():
            holder.execute("lock table wingman.idempotency_keys in access exclusive mode")
            [told] = lines_until(running.stderr, "trying again")
        assert re.fullmatch(TIME + "Another request holds this record.*; trying again\n", told)
        db.execute(f"alter database {name} connection limit 0")
        assert "too many connections" in lines_until(running.stderr, "too many connections")[-1]
        db.execute(f"alter database {name} connection limit -1")
        lines_until(running.stdout, "nothing to do")


def test_the_readers_alone_tell_people_and_tidy_nothing(db, people, wingman, operator_url):
    lapsed = make_pair(db, people, "lapsed")
    pair = make_pair(db, people)
    done = wingman("maintain", "--readers", url=operator_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(TIME + r"\d+ told, \d+ counted events\n", done.stdout)
    assert told_of(db, pair.match_id) == 3
    assert db.execute(
        "select status from public.wingman_matches where id = %s", [lapsed.match_id]
    ).fetchone() == {"status": "pending"}
    assert re.fullmatch(TIME + "nothing to do\n", wingman("maintain", "--readers", url=operator_url).stdout)


@pytest.mark.exhaustive
def test_readers_go_on_over_a_new_connection(db, connect, people, operator_url):
    with going_on(operator_url, "--readers") as running:
        lines_until(running.stdout, "nothing to do")
        reader = "select pid from pg_stat_activity where query like '%%run_readers%%' and usename = %s"
        while not (row := db.execute(reader, [OPERATOR]).fetchone()):
            time.sleep(POLL_SECONDS)
        db.execute("select pg_terminate_backend(%s)", [row["pid"]])
        lines_until(running.stderr, "trying again")
        pair = make_pair(db, people)
        while told_of(db, pair.match_id) < 3:
            time.sleep(POLL_SECONDS)
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate()
    assert running.returncode == 0
    assert out.endswith("stopped\n")


def told_of(db, match_id) -> int:
    query = "select count(*) from public.wingman_notifications where match_id = %s"
    return db.execute(query, [match_id]).fetchone()["count"]


def waiting_backend(db, holder: int) -> int:
    """The process id of the backend that waits for the holder."""
    query = "select pid from pg_stat_activity where %s = any(pg_blocking_pids(pid))"
    while not (row := db.execute(query, [holder]).fetchone()):
        time.sleep(POLL_SECONDS)
    wait_until_blocked(db, row["pid"], by=holder)
    return row["pid"]
