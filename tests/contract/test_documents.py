"""The committed documents are those that a database gives, and whatever drifts is told."""

import re
from pathlib import Path

import pytest
from harness import Connection, People
from rows import all_rows
from wingmanmatch.contract.__main__ import main
from wingmanmatch.contract.documents import DIRECTORY, documents, drift, write
from wingmanmatch.contract.examples import StoryError
from wingmanmatch.contract.facts import read_contract
from wingmanmatch.database.connection import connect


def test_the_committed_documents_are_up_to_date(made):
    assert list(drift(made)) == [], "run make docs"


def test_they_are_the_same_whenever_they_are_made_and_leave_no_trace(database_url, db: Connection, made):
    before = all_rows(db), db.execute("select count(*) from auth.users").fetchone()
    with connect(database_url) as connection:
        assert documents(read_contract(connection)) == made
        assert connection.execute("select current_user = session_user").fetchone() == (True,)
    assert (all_rows(db), db.execute("select count(*) from auth.users").fetchone()) == before


DRIFTS = {
    "comment on type public.reputation is 'Drift'": {"openapi.json", "reference.md", "wingmanmatch.d.ts"},
    "comment on column public.reputation.score is 'Drift (nullable)'": {
        "openapi.json",
        "reference.md",
        "wingmanmatch.d.ts",
    },
    "revoke execute on function public.get_profile(uuid) from wingman_admin": {
        "openapi.json",
        "reference.md",
    },
    "alter table public.user_profiles add drift text": {"reference.md", "wingmanmatch.d.ts"},
    "comment on view wingman_admin.match_funnel is 'Drift'": {"reference.md"},
    "create policy drift on public.user_blocks for select to anon using (true)": {"reference.md"},
}


@pytest.mark.representatives("comment on type*", "revoke*")
@pytest.mark.parametrize("statement", DRIFTS)
def test_a_change_of_the_database_shows(database_url, statement):
    with connect(database_url) as connection, connection.transaction(force_rollback=True):
        connection.execute(statement.encode())
        changed = list(drift(documents(read_contract(connection))))
    told = {line.removeprefix("--- docs/").strip() for line in changed if line.startswith("--- ")}
    assert told == DRIFTS[statement]


def test_drift_is_told_line_by_line(made, tmp_path: Path):
    write(made, tmp_path)
    assert list(drift(made, tmp_path)) == []
    text = (tmp_path / "reference.md").read_text()
    (tmp_path / "reference.md").write_text(text.replace("Match not found", "No such match"))
    (tmp_path / "openapi.json").unlink()
    told = list(drift(made, tmp_path))
    assert any(line.startswith("-| [match_not_found]") and "No such match" in line for line in told)
    assert any(line.startswith("+| [match_not_found]") and "Match not found" in line for line in told)
    assert "+++ docs/openapi.json, made anew" in told
    assert not any("wingmanmatch.d.ts, made anew" in line for line in told)


def test_the_command_checks(database_url, capsys):
    assert main(["--check", "--database-url", database_url]) == 0
    assert capsys.readouterr().out == "The documents are up to date\n"
    with connect(database_url) as connection:
        connection.execute("comment on type public.reputation is 'Drift'")
    assert main(["--check", "--database-url", database_url]) == 1
    told = capsys.readouterr().out
    assert re.search(r"^\+Drift\.$", told, re.M)
    assert re.search(r"^-Answer of get_reputation\.$", told, re.M)


def test_the_examples_need_a_database_without_people(database_url, people: People):
    people.add()
    with connect(database_url) as connection, pytest.raises(StoryError, match="without people"):
        read_contract(connection)


def test_the_documents_are_linked():
    readme = (DIRECTORY.parent / "README.md").read_text(encoding="utf-8")
    for name in ("openapi.json", "reference.md", "wingmanmatch.d.ts"):
        assert name in readme
