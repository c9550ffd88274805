"""Upgraded as a project's ``postgres``: the same as on a plain server, and the platform is unchanged."""

import io
import json
import random
import re
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from harness import Connection
from psycopg.rows import dict_row
from rich.console import Console
from supabase_like.server import Supabase, supabase
from wingmanmatch import WingmanClient
from wingmanmatch.catalog.privileges import read_privileges
from wingmanmatch.database import paths
from wingmanmatch.database.fingerprint import against_release, differences
from wingmanmatch.database.upgrade import downgrade, upgrade
from wingmanmatch.demo.cast import cast_of_three
from wingmanmatch.demo.seed import sign_up
from wingmanmatch.demo.story import tell
from wingmanmatch.tools.generate.targets import PINNED

# projects without default privileges are those that are made now
pytestmark = pytest.mark.representatives("*since May 2026*")


class Project(NamedTuple):
    server: Supabase
    before: str
    """What belonged to the platform before WingmanMatch came."""


@pytest.fixture(scope="module", params=[True, False], ids=["default privileges", "since May 2026"])
def project(request: pytest.FixtureRequest) -> Iterator[Project]:
    with (
        tempfile.TemporaryDirectory(prefix="wingman-supabase-") as directory,
        supabase(Path(directory), default_privileges=request.param) as server,
    ):
        before = server.snapshot()
        upgrade(server.url())
        yield Project(server, before)


@pytest.fixture
def login(project: Project) -> Iterator[Connection]:
    """The project's postgres."""
    with psycopg.connect(project.server.url(), autocommit=True, row_factory=dict_row) as connection:
        yield connection


def test_the_login_is_no_superuser(login):
    assert login.execute("select usesuper from pg_user where usename = current_user").fetchone() == {
        "usesuper": False
    }


def test_the_fingerprint_is_the_release(login):
    assert differences(*against_release(login)) == []


def test_the_catalog_is_as_pinned(login):
    assert read_privileges(login) == PINNED.read_text(encoding="utf-8").splitlines()


def test_the_platform_is_left_alone(project):
    assert project.server.snapshot() == project.before


@pytest.mark.parametrize("role", ["anon", "authenticated", "service_role"])
def test_no_default_privilege_reaches_our_tables(login, role):
    allowed = login.execute(
        """select c.relname, v.verb
           from pg_class as c
           cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate']) as v (verb)
           where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
               and has_table_privilege(%s, c.oid, v.verb)""",
        [role],
    ).fetchall()
    assert {row["verb"] for row in allowed} <= {"select"}
    assert role != "anon" or allowed == []


@pytest.fixture
def story(project: Project, login: Connection, monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """The matches of a story told on the project, newest first."""
    monkeypatch.setattr("wingmanmatch.demo.story.SESSION_STARTS_IN", timedelta(seconds=0.5))
    cast = cast_of_three(random.Random(1))
    login.execute("delete from auth.users where id = any(%s)", [[person.id for person in cast]])
    sign_up(login, cast)
    with psycopg.connect(project.server.url("authenticator"), autocommit=True) as connection:
        tell(WingmanClient(connection=connection), Console(file=io.StringIO()), cast)
    return login.execute("select * from public.wingman_matches order by id desc limit 2").fetchall()


def test_a_deleted_account_settles_what_is_open_and_leaves_the_partner_whole(project, login, story):
    accepted = story[0]
    leaver, partner = accepted["user1_id"], accepted["user2_id"]
    assert accepted["status"] == "accepted"

    with psycopg.connect(project.server.url("supabase_auth_admin"), autocommit=True) as platform:
        platform.execute("delete from auth.users where id = %s", [leaver])

    ended = login.execute("select * from public.wingman_matches where id = %s", [accepted["id"]]).fetchone()
    assert ended["ended_at"] is not None
    assert login.execute("select from public.user_profiles where id = %s", [leaver]).fetchall() == []
    kept = login.execute(
        "select completed_sessions, reputation_score from public.user_profiles where id = %s", [partner]
    ).fetchone()
    assert kept == {"completed_sessions": 1, "reputation_score": 1}
    sessions = login.execute(
        "select status from public.wingman_sessions where match_id = %s", [accepted["id"]]
    ).fetchall()
    assert sessions == [{"status": "completed"}]


def test_realtime_gets_the_inbox_as_the_document_says_and_each_user_their_own_rows(project, login):
    document = (paths.ROOT / "docs" / "supabase.md").read_text(encoding="utf-8")
    (publish,) = re.findall(r"^alter publication .*;$", document, re.MULTILINE)
    (read,) = re.findall(r"'wingman readers', '1 second', '(.*)'", document)
    newcomers = cast_of_three(random.Random(2))
    sign_up(login, newcomers)
    people = [newcomer.id for newcomer in newcomers[:2]]
    with psycopg.connect(project.server.url("authenticator"), autocommit=True) as connection:
        one, other = map(WingmanClient(connection=connection).as_user, people)
        for caller in (one, other):
            caller.complete_profile(first_name="Ana", experience_level="beginner", lat=-45.0, lng=170.0)
        match_id = one.create_automatic_match().match_id
        assert match_id
        other.respond_to_match(match_id, "accept")
    with login.transaction(force_rollback=True):
        # the platform has it
        login.execute("create publication supabase_realtime")
        login.execute(publish.encode())
        published = login.execute(
            "select schemaname, tablename from pg_publication_tables where pubname = 'supabase_realtime'"
        )
        assert published.fetchall() == [{"schemaname": "public", "tablename": "wingman_notifications"}]
    login.execute(read.encode())
    for person in people:
        with login.transaction(force_rollback=True):
            login.execute("set local role authenticated")
            claims = json.dumps({"sub": str(person), "role": "authenticated"})
            login.execute("select set_config('request.jwt.claims', %s, true)", [claims])
            seen = login.execute("select distinct user_id from public.wingman_notifications").fetchall()
        assert seen == [{"user_id": person}]


@pytest.mark.representatives("False")
@pytest.mark.parametrize("default_privileges", [True, False])
def test_down_and_up_again(default_privileges):
    with (
        tempfile.TemporaryDirectory(prefix="wingman-supabase-") as directory,
        supabase(Path(directory), default_privileges=default_privileges) as server,
    ):
        upgrade(server.url())
        downgrade(server.url(), "base")
        upgrade(server.url())
        with psycopg.connect(server.url()) as connection:
            assert differences(*against_release(connection)) == []
