"""``wingman up``, ``status`` and ``down``: a server that outlives the command."""

import re
import socket
import subprocess
import tempfile
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from tools.conftest import fails_in_one_line
from wingmanmatch.database.embedded import (
    embedded_server,
    has_ended,
    running_server,
    start_server,
    stop_server,
)


@pytest.fixture
def directory():
    """An empty folder in which no server is left, whatever happens to the test."""
    with tempfile.TemporaryDirectory(prefix="wingman-up-") as name:
        path = Path(name).resolve()
        yield path
        stop_server(path / ".wingman" / "server")


def urls(output: str) -> dict[str, str]:
    return dict(re.findall(r"^  (superuser|authenticator) +(postgresql:\S+)$", output, re.MULTILINE))


def pid_in(output: str) -> int:
    return int(re.search(r"process (\d+)", output)[1])


@pytest.mark.exhaustive
def test_a_life(wingman, wingman_process, directory):
    stopped = wingman("status", cwd=directory)
    assert (stopped.returncode, stopped.stderr) == (3, "")
    assert "wingman up" in stopped.stdout
    assert "No server runs" in wingman("down", cwd=directory).stdout

    # the server outlives this process
    up = wingman_process("up", cwd=directory)
    assert (up.returncode, up.stderr) == (0, "")
    server = psutil.Process(pid_in(up.stdout))
    assert not has_ended(server)

    with psycopg.connect(urls(up.stdout)["superuser"]) as connection:
        assert connection.execute("select version_num from wingman.alembic_version").fetchone()
    with psycopg.connect(urls(up.stdout)["authenticator"]) as connection:
        connection.execute("set role authenticated")
    psql = re.search(r"^  psql +(.+)$", up.stdout, re.MULTILINE)[1]
    shown = subprocess.run(
        f"{psql} -Atc 'select 6 * 7'", shell=True, capture_output=True, text=True, check=True
    )
    assert shown.stdout == "42\n"
    by_itself = wingman_process("psql", "-Atc", "select 6 * 7", cwd=directory)
    assert (by_itself.returncode, by_itself.stdout, by_itself.stderr) == (0, "42\n", "")

    again = wingman("up", cwd=directory)
    assert (again.returncode, again.stderr) == (0, "")
    assert "was running already" in again.stdout
    assert pid_in(again.stdout) == server.pid

    wingman("seed", "--users", "3", cwd=directory)
    status = wingman("status", cwd=directory)
    assert (status.returncode, status.stderr) == (0, "")
    assert "3 people" in status.stdout
    assert "revision 0" in status.stdout
    assert urls(status.stdout) == urls(up.stdout)

    down = wingman("down", cwd=directory)
    assert (down.returncode, down.stderr) == (0, "")
    assert has_ended(server)
    assert wingman("status", cwd=directory).returncode == 3

    with psycopg.connect(urls(wingman("up", cwd=directory).stdout)["superuser"]) as connection:
        assert connection.execute("select count(*) from public.user_profiles").fetchone() == (3,)


@pytest.mark.exhaustive
def test_a_tcp_port(wingman, directory):
    stopped = wingman("up", cwd=directory)
    assert "over TCP" not in stopped.stdout
    # a running server is restarted to listen there
    up = wingman("up", "--port", "0", cwd=directory)
    assert (up.returncode, up.stderr) == (0, "")
    assert "was restarted" in up.stdout
    url = re.search(r"^  over TCP +(\S+)$", up.stdout, re.MULTILINE)[1]
    assert conninfo_to_dict(url)["host"] == "127.0.0.1"
    for reachable in (url, url.replace("postgres@", "authenticator@"), urls(up.stdout)["superuser"]):
        with psycopg.connect(reachable) as connection:
            assert connection.execute("select 6 * 7").fetchone() == (42,)

    port = conninfo_to_dict(url)["port"]
    for again in (wingman("up", "--port", port, cwd=directory), wingman("up", cwd=directory)):
        assert "was running already" in again.stdout
        assert pid_in(again.stdout) == pid_in(up.stdout)
        assert url in again.stdout
    assert url in wingman("status", cwd=directory).stdout
    wingman("down", cwd=directory)
    assert "over TCP" not in wingman("up", cwd=directory).stdout


def test_a_port_in_use(wingman, directory):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        told = fails_in_one_line(wingman("up", "--port", str(port), cwd=directory))
    assert told == (
        f"Cannot listen on 127.0.0.1, port {port}: Address already in use. Choose another one with --port"
    )
    assert wingman("status", cwd=directory).returncode == 3


@pytest.mark.exhaustive
def test_another_directory(wingman, directory):
    where = ["--directory", str(directory / ".wingman" / "server")]
    up = wingman("up", *where, cwd="/")
    assert up.returncode == 0
    assert f"wingman down --directory {where[1]}" in up.stdout
    assert wingman("status", *where, cwd="/").returncode == 0
    assert wingman("down", *where, cwd="/").returncode == 0
    assert running_server(Path(where[1])) is None


@pytest.mark.exhaustive
def test_the_server_of_a_running_demo_is_left_alone(wingman, directory):
    data = directory / ".wingman" / "server"
    with embedded_server(data) as server:
        for command in ("up", "down"):
            told = fails_in_one_line(wingman(command, cwd=directory))
            assert told == f"Another process runs a server in {data}"
        assert psutil.pid_exists(server.pid)


def test_a_process_that_got_the_id_of_a_dead_server_is_no_server(directory):
    data = directory / ".wingman" / "server"
    pid = start_server(data).pid
    note = (data / "postmaster.pid").read_text()
    stop_server(data)
    stranger = psutil.Process()
    (data / "postmaster.pid").write_text(note.replace(str(pid), str(stranger.pid), 1))
    assert running_server(data) is None
    assert not stop_server(data)
    assert stranger.is_running()
    assert start_server(data).pid != stranger.pid


ELSEWHERE = {
    "PGHOST": "nowhere.example",
    "PGHOSTADDR": "192.0.2.1",
    "PGPORT": "1",
    "PGUSER": "nobody",
    "PGDATABASE": "nothing",
    "PGSERVICE": "none",
    "PGSSLMODE": "verify-full",
    "PGREQUIREAUTH": "scram-sha-256",
    "PGCHANNELBINDING": "require",
    "PGTARGETSESSIONATTRS": "standby",
    "PGOPTIONS": "-c nonsense=1",
    "PGCLIENTENCODING": "latin1",
    "PGDATA": "/nowhere",
    "PGTZ": "Nowhere/Never",
}
"""What a shell may say of another server."""


@pytest.mark.representatives("it's*")
@pytest.mark.parametrize("name", ["a b", "it's; (a) & été", "été"])
def test_a_folder_of_any_name_in_an_environment_for_another_server(wingman, directory, name):
    folder = directory / name
    folder.mkdir()
    # a server that listens to it would not even start, nor a client connect
    with pytest.raises(psycopg.Error), pytest.MonkeyPatch.context() as patch:
        for variable, value in ELSEWHERE.items():
            patch.setenv(variable, value)
        psycopg.connect("dbname=postgres")
    try:
        up = wingman("up", cwd=folder, **ELSEWHERE)
        assert (up.returncode, up.stderr) == (0, "")
        assert "revision 0" in wingman("status", cwd=folder, **ELSEWHERE).stdout
        doctor = wingman("doctor", cwd=folder, **ELSEWHERE)
        assert doctor.stdout.splitlines()[-1] == "This database matches this release."
        server = running_server(folder / ".wingman" / "server")
        socket_directory = server.socket_directory
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("select current_setting('port')").fetchone() == ("5432",)
        assert wingman("down", cwd=folder, **ELSEWHERE).returncode == 0
    finally:
        stop_server(folder / ".wingman" / "server")
    # nothing is left beside the data
    assert socket_directory == server.directory or not socket_directory.exists()
