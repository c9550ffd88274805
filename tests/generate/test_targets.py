"""The committed files are those that a database gives, and any drift is reported."""

import re
import shutil
from pathlib import Path

import pytest
from harness import Connection, People
from rows import all_rows
from wingmanmatch.database import manifest, paths, revision
from wingmanmatch.database.connection import connect
from wingmanmatch.database.history import Change
from wingmanmatch.tools.generate import __main__ as command
from wingmanmatch.tools.generate.__main__ import main
from wingmanmatch.tools.generate.examples import StoryError
from wingmanmatch.tools.generate.facts import read_contract
from wingmanmatch.tools.generate.targets import DOCUMENTS, drift, targets, write


def test_the_committed_files_are_up_to_date(made):
    assert list(drift(made)) == [], "run make regenerate"


def test_they_are_the_same_whenever_they_are_made_and_leave_no_trace(database_url, db: Connection, made):
    before = all_rows(db), db.execute("select count(*) from auth.users").fetchone()
    with connect(database_url) as connection:
        assert targets(read_contract(connection)) == made
        assert connection.execute("select current_user = session_user").fetchone() == (True,)
    assert (all_rows(db), db.execute("select count(*) from auth.users").fetchone()) == before


README, OPENAPI, REFERENCE, JOURNAL = "README.md", "docs/openapi.json", "docs/reference.md", "docs/journal.md"
TYPESCRIPT, PRIVILEGES = "docs/wingmanmatch.d.ts", "tests/security/catalog.txt"
CALLER, MODELS = "python_client/wingmanmatch/_async/caller.py", "python_client/wingmanmatch/models.py"

DRIFTS = {
    "comment on type public.reputation is 'Drift'": {OPENAPI, REFERENCE, TYPESCRIPT, MODELS},
    "comment on column public.reputation.score is 'Drift (nullable)'": {
        OPENAPI,
        REFERENCE,
        TYPESCRIPT,
        MODELS,
    },
    """comment on column public.reputation.badge_color is 'One of badge_color: gold, drift'""": {
        OPENAPI,
        REFERENCE,
        TYPESCRIPT,
        MODELS,
    },
    """comment on function public.get_profile(uuid) is
    'Drift. user_id: drift. Result: drift. Errors: not_authenticated.'""": {
        README,
        OPENAPI,
        REFERENCE,
        TYPESCRIPT,
        CALLER,
    },
    "revoke execute on function public.get_profile(uuid) from wingman_admin": {
        OPENAPI,
        REFERENCE,
        PRIVILEGES,
    },
    "alter table public.user_profiles add drift text": {REFERENCE, TYPESCRIPT},
    "comment on view wingman_admin.match_funnel is 'Drift'": {REFERENCE},
    """do $$ begin execute replace(
        pg_get_functiondef('wingman.event_kinds()'::regprocedure), 'A search made a match', 'Drift'
    ); end $$""": {JOURNAL},
    """do $$ begin execute replace(
        pg_get_functiondef('wingman.notification_kinds()'::regprocedure), 'is coming up', 'Drift'
    ); end $$""": {"docs/inbox.md"},
    "create policy drift on public.user_blocks for select to anon using (true)": {
        REFERENCE,
        PRIVILEGES,
    },
}


@pytest.mark.representatives("create policy*")
@pytest.mark.parametrize("statement", DRIFTS)
def test_a_change_of_the_database_shows(database_url, statement):
    with connect(database_url) as connection, connection.transaction(force_rollback=True):
        connection.execute(statement.encode())
        changed = list(drift(targets(read_contract(connection))))
    told = {line.removeprefix("--- ").strip() for line in changed if line.startswith("--- ")}
    assert told == DRIFTS[statement]


def test_drift_is_told_line_by_line(made, tmp_path: Path):
    write(made, tmp_path)
    assert list(drift(made, tmp_path)) == []
    text = (tmp_path / REFERENCE).read_text()
    (tmp_path / REFERENCE).write_text(text.replace("Match not found", "No such match"))
    (tmp_path / OPENAPI).unlink()
    told = list(drift(made, tmp_path))
    assert any(line.startswith("-| [match_not_found]") and "No such match" in line for line in told)
    assert any(line.startswith("+| [match_not_found]") and "Match not found" in line for line in told)
    assert "+++ docs/openapi.json, made again" in told
    assert not any("wingmanmatch.d.ts, made again" in line for line in told)


@pytest.mark.exhaustive
def test_the_command_checks(database_url, capsys):
    assert main(["--check", "--database-url", database_url]) == 0
    assert capsys.readouterr().out == "All is up to date\n"
    with connect(database_url) as connection:
        connection.execute("comment on type public.reputation is 'Drift'")
    assert main(["--check", "--database-url", database_url]) == 1
    told = capsys.readouterr().out
    assert told.startswith("different: ")
    assert told.endswith("Run make regenerate\n")
    assert re.search(r"^\+Drift\.$", told, re.M)
    assert re.search(r"^-How reliable a person is\.$", told, re.M)


def test_a_change_that_no_revision_knows_is_told_without_a_server(monkeypatch, capsys, tmp_path):
    sql = shutil.copytree(paths.SQL, tmp_path / "sql")
    with (sql / "api" / "get_match.sql").open("a") as file:
        file.write("-- drift\n")
    monkeypatch.setattr(paths, "SQL", sql)
    monkeypatch.setattr(paths, "INSTALL_SQL", sql / "install.sql")
    monkeypatch.setattr(paths, "BOOTSTRAP_SQL", sql / "kernel" / "bootstrap.sql")
    assert main(["--check", "--database-url", "postgresql://nowhere.invalid/"]) == 1
    assert capsys.readouterr().out == (
        "sql/api/get_match.sql is not what the newest revision makes\nRun make regenerate\n"
    )


def test_nothing_is_written_where_no_revision_is_open(monkeypatch, capsys):
    monkeypatch.setattr(manifest, "is_released", lambda name: True)
    monkeypatch.setattr(revision, "pending_changes", lambda: [Change("sql/api/x.sql", None, "select")])
    monkeypatch.setattr(command, "write", lambda made: pytest.fail("something was written"))
    assert main(["--write"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("There are changes, but no revision is open: sql/api/x.sql.")
    assert 'make migration m="…"' in told


def test_the_examples_need_a_database_without_people(database_url, people: People):
    people.add()
    with connect(database_url) as connection, pytest.raises(StoryError, match="without people"):
        read_contract(connection)


def test_the_documents_are_linked():
    readme = (DOCUMENTS.parent / "README.md").read_text(encoding="utf-8")
    for name in ("openapi.json", "reference.md", "wingmanmatch.d.ts"):
        assert name in readme
