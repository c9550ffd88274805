"""deploy/: units that systemd accepts, commands that exist, logins that suffice, signals that end it well."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from harness import OPERATOR, login_url
from interrupting import hears_ctrl_c
from serving import SECRET
from tools.conftest import WINGMAN

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SYSTEMD = DEPLOY / "systemd"
SERVICES = sorted(path.name for path in SYSTEMD.glob("*.service"))
TIMERS = sorted(path.name for path in SYSTEMD.glob("*.timer"))
INSTALLED = "/opt/wingman/bin/wingman"
MOST_EXPOSED = 1.5
"""Of 10, as systemd-analyze security counts."""


def unit(name):
    """A unit's settings, in their sections; of a repeated one the last."""
    parser = RawConfigParser(strict=False, interpolation=None, delimiters="=", comment_prefixes="#")
    parser.optionxform = str
    parser.read_string(re.sub(r"\\\n\s*", "", (SYSTEMD / name).read_text(encoding="utf-8")))
    return parser


def command(name):
    """The arguments of ``wingman`` in a unit."""
    found = re.search(rf"{INSTALLED} ([^>'&]+)", unit(name)["Service"]["ExecStart"])
    return shlex.split(found[1])


def docker_commands():
    """Those in the Dockerfile: its own, and those that its first lines name."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    (own,) = re.findall(r"^CMD \[(.+)\]$", text, re.MULTILINE)
    return [
        shlex.split(own.replace(",", "")),
        *map(shlex.split, re.findall(r"wingmanmatch ([a-z].+)$", text, re.M)),
    ]


COMMANDS = [*map(command, SERVICES), *docker_commands()]


@pytest.mark.every
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_the_command_and_its_options_exist(arguments, wingman):
    told = wingman(arguments[0], "--help").stdout
    for option in (one for one in arguments if one.startswith("--")):
        assert re.search(rf"{option}\b", told), option


@pytest.mark.every
@pytest.mark.parametrize("service", SERVICES)
def test_the_environment_file_has_what_the_command_reads_and_no_secret(service, wingman):
    installed = Path(unit(service)["Service"]["EnvironmentFile"])
    text = (DEPLOY / "env" / installed.name).read_text(encoding="utf-8")
    assert f"# {installed}" in text and service in text
    values = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))
    told = wingman(command(service)[0], "--help").stdout
    for name, value in values.items():
        # libpq reads it
        assert name == "PGPASSWORD" or name in told, name
        assert not value or not re.search("PASSWORD|SECRET|_KEY|SMTP", name.replace("ANON_KEY", "")), name
        assert urlsplit(value).password is None, name


def test_whatever_goes_on_is_started_again():
    for service in SERVICES:
        settings = unit(service)
        if settings["Service"]["Type"] == "oneshot":
            assert service.replace(".service", ".timer") in TIMERS
        else:
            assert settings["Service"]["Restart"] == "always"
            assert settings["Unit"]["StartLimitIntervalSec"] == "0"
            assert settings["Install"]["WantedBy"] == "multi-user.target"
    assert {timer.replace(".timer", ".service") for timer in TIMERS} <= {*SERVICES}


@pytest.fixture
def urls(database_url, worker_url):
    """The database's URL for the login of each command."""
    return {
        "serve": login_url(database_url, "authenticator"),
        "deliver": worker_url,
        "maintain": login_url(database_url, OPERATOR),
    }


@pytest.mark.exhaustive
@pytest.mark.every
@pytest.mark.parametrize(
    ("service", "more", "says"),
    [
        ("wingman-serve.service", ["--port", "0"], "running on"),
        ("wingman-deliver.service", ["--metrics-port", "0"], "Delivering"),
        ("wingman-readers.service", [], "nothing to do"),
    ],
)
def test_the_signal_of_the_unit_ends_it_gracefully(service, more, says, urls):
    settings = unit(service)["Service"]
    arguments = command(service)
    with subprocess.Popen(
        [WINGMAN, *arguments, *more],
        env={**os.environ, "WINGMAN_DATABASE_URL": urls[arguments[0]], "WINGMAN_JWT_SECRET": SECRET},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=hears_ctrl_c,
    ) as running:
        try:
            assert any(says in line for line in running.stdout)
            running.send_signal(getattr(signal, settings["KillSignal"]))
            running.stdout.read()
            assert running.wait(int(settings["TimeoutStopSec"])) == 0
        finally:
            running.kill()


def test_the_metrics_are_written_whole_or_not_at_all(database_url, tmp_path):
    settings = unit("wingman-metrics.service")["Service"]
    directory = tmp_path / settings["RuntimeDirectory"]
    directory.mkdir()
    exec_start = settings["ExecStart"].replace("%t", str(tmp_path)).replace(INSTALLED, WINGMAN)

    def run(url):
        environment = {**os.environ, "WINGMAN_DATABASE_URL": url}
        return subprocess.run(shlex.split(exec_start), env=environment, capture_output=True, check=False)

    assert run(login_url(database_url, OPERATOR)).returncode == 0
    (written,) = directory.iterdir()
    assert written.name == "wingman.prom"
    assert written.stat().st_mode & 0o777 == 0o644
    text = written.read_text()
    assert "wingman_due_matches 0.0\n" in text
    assert run(login_url(database_url, "nobody_there")).returncode == 1
    assert written.read_text() == text


@pytest.mark.exhaustive
def test_the_logins_suffice(new_database, wingman):
    url = new_database()
    sql = (DEPLOY / "logins.sql").read_text(encoding="utf-8")
    roles = re.findall(r"^create role (\w+)", sql, re.MULTILINE)
    files = (DEPLOY / "env").iterdir()
    named = {re.search(r"//(\w+)@", path.read_text())[1] for path in files}
    assert named == {*roles, "authenticator"}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql)
        try:
            for service in ("wingman-maintain.service", "wingman-metrics.service"):
                (name,) = command(service)
                done = wingman(name, url=login_url(url, f"wingman_{name}"))
                assert (done.returncode, done.stderr) == (0, "")
            done = wingman("maintain", "--readers", url=login_url(url, "wingman_maintain"))
            assert (done.returncode, done.stderr) == (0, "")
            with psycopg.connect(login_url(url, "wingman_deliver")) as worker:
                worker.execute("select from wingman.claim_deliveries('webhook', 1)")
            assert wingman("doctor", url=url).returncode == 0
        finally:
            connection.execute(f"drop role {', '.join(roles)}")


@pytest.mark.exhaustive
def test_what_the_image_is_built_from_is_enough(tmp_path):
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8")
    sources = [
        one for line in re.findall(r"^COPY (?!--)(.+) \S+$", text, re.MULTILINE) for one in line.split()
    ]
    assert {*re.findall(r"^!(.+)$", ignored, re.MULTILINE)} == {*sources}
    for source in sources:
        target = tmp_path / "source" / source
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / source).is_dir() else shutil.copy)(ROOT / source, target)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", str(tmp_path)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", str(tmp_path / "source"), *options], check=True)
    assert list(tmp_path.glob("wingmanmatch-*.whl"))


@pytest.fixture
def units_here(tmp_path):
    """The units as they are, but for the place of the command and of its settings."""
    assert shutil.which("systemd-analyze"), "systemd-analyze is missing: it is in Debian's package systemd"
    shutil.copytree(SYSTEMD, tmp_path, dirs_exist_ok=True)
    for path in tmp_path.glob("*.service"):
        path.write_text(path.read_text().replace(INSTALLED, WINGMAN))
    return [str(tmp_path / name) for name in (*SERVICES, *TIMERS)]


@pytest.mark.debian_tools
def test_systemd_accepts_the_units(units_here):
    done = subprocess.run(
        ["systemd-analyze", "verify", *units_here], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.debian_tools
def test_the_sandbox_holds_for_each_service(units_here):
    for path in units_here[: len(SERVICES)]:
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED * 10:.0f}", path],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
