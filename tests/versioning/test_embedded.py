"""The embedded server starts, belongs to its owner only, and stops whatever happens to the owner."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
from interrupting import hears_ctrl_c
from wingmanmatch.database.embedded import DirectoryInUseError, embedded_server, has_ended

OWNER = """
import signal, sys
from pathlib import Path
from wingmanmatch.database.embedded import embedded_server

with embedded_server(Path(sys.argv[1])) as server:
    print(server.pid, flush=True)
    signal.pause()
"""


def start_owner(directory: Path) -> tuple[subprocess.Popen[str], psutil.Process]:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(directory)],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=hears_ctrl_c,
    )
    assert owner.stdout is not None
    return owner, psutil.Process(int(owner.stdout.readline()))


def test_runs_with_settings_and_stops(tmp_path: Path) -> None:
    with embedded_server(tmp_path / "data", settings={"work_mem": "7MB"}) as server:
        with psycopg.connect(server.url()) as connection:
            shown = connection.execute("select current_setting('work_mem'), current_user").fetchone()
            assert shown == ("7MB", "postgres")
        process = psutil.Process(server.pid)
        assert process.is_running()
    assert has_ended(process)


@pytest.mark.exhaustive
def test_stops_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), embedded_server(tmp_path / "data") as server:
        process = psutil.Process(server.pid)
        raise ZeroDivisionError
    assert has_ended(process)


@pytest.mark.exhaustive
def test_directory_has_one_owner(tmp_path: Path) -> None:
    again = embedded_server(tmp_path / "data", fresh=True)
    with embedded_server(tmp_path / "data"), pytest.raises(DirectoryInUseError), again:
        pytest.fail("two servers in one directory")


@pytest.mark.exhaustive
def test_keeps_its_data_unless_fresh(tmp_path: Path) -> None:
    with embedded_server(tmp_path / "data") as server, psycopg.connect(server.url()) as connection:
        connection.execute("create table kept ()")
    seen = []
    for fresh in (False, True):
        again = embedded_server(tmp_path / "data", fresh=fresh)
        with again as server, psycopg.connect(server.url()) as connection:
            seen.append(connection.execute("select to_regclass('kept') is not null").fetchone())
    assert seen == [(True,), (False,)]


def test_a_zombie_has_ended() -> None:
    with subprocess.Popen(["true"]) as child:
        process = psutil.Process(child.pid)
        assert not has_ended(psutil.Process())
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert process.is_running()
        assert has_ended(process)
    assert has_ended(process)


@pytest.mark.representatives("15")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stops_with_its_owner(tmp_path: Path, number: signal.Signals) -> None:
    owner, postmaster = start_owner(tmp_path / "data")
    owner.send_signal(number)
    assert owner.wait(30) != 0
    assert has_ended(postmaster)


@pytest.mark.exhaustive
@pytest.mark.parametrize("fresh", [False, True])
def test_leftover_of_a_killed_owner_is_stopped(tmp_path: Path, fresh: bool) -> None:
    owner, postmaster = start_owner(tmp_path / "data")
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait(30)
    assert not has_ended(postmaster)
    with embedded_server(tmp_path / "data", fresh=fresh) as server:
        assert (server.pid == postmaster.pid) is not fresh
    assert has_ended(postmaster)
