"""The fingerprint detects every kind of drift, and nothing if nothing changed."""

from typing import Any, ClassVar, Self

import psycopg
import pytest
from harness import Connection
from wingmanmatch.database.fingerprint import differences, fingerprint

RESPOND = "public.respond_to_match(uuid,text,uuid,text)"
BADGE = "wingman.badge_color(integer)"

DRIFTS = {
    "grant": (f"grant execute on function {RESPOND} to anon", f"function {RESPOND}: privileges"),
    "grant to public": (
        "grant select on wingman.settings to public",
        "relation wingman.settings: privileges",
    ),
    "grant of a column": (
        "grant update (bio) on public.user_profiles to authenticated",
        "column public.user_profiles.bio: privileges",
    ),
    "grant option": (
        f"grant execute on function {RESPOND} to authenticated with grant option",
        f"function {RESPOND}: privileges",
    ),
    "revoke": (f"revoke execute on function {RESPOND} from authenticated", f"function {RESPOND}: privileges"),
    "grant of a schema": ("grant usage on schema wingman to anon", "schema wingman: privileges"),
    "revoke of schema public": (
        "revoke usage on schema public from wingman_admin",
        "schema public: privileges",
    ),
    "default privileges": (
        "alter default privileges for role wingman_owner grant select on tables to anon",
        "role wingman_owner: default privileges r in 0",
    ),
    "comment on a function": (f"comment on function {RESPOND} is 'Drift'", f"function {RESPOND}: comment"),
    "comment on a column": (
        "comment on column public.user_profiles.bio is null",
        "column public.user_profiles.bio: comment",
    ),
    "comment on an index": (
        "comment on index wingman.matchmaking_pool_due_idx is 'Drift'",
        "index wingman.matchmaking_pool_due_idx: comment",
    ),
    "overload by somebody else": (
        "create function public.respond_to_match(uuid) returns int language sql as 'select 1'",
        "function public.respond_to_match(uuid): owner",
    ),
    "function in the engine's schema": (
        "create function wingman.drift() returns int language sql as 'select 1'",
        "function wingman.drift(): definition",
    ),
    "function's cost": (f"alter function {BADGE} cost 7", f"function {BADGE}: definition"),
    "function's path": (f"alter function {BADGE} reset search_path", f"function {BADGE}: definition"),
    "definer": (f"alter function {BADGE} security definer", f"function {BADGE}: definition"),
    "volatility": (f"alter function {BADGE} volatile", f"function {BADGE}: definition"),
    "dropped function": (f"drop function {RESPOND}", f"function {RESPOND}: definition"),
    "owner": (
        "alter table wingman.matchmaking_pool owner to current_user",
        "relation wingman.matchmaking_pool: owner",
    ),
    "owner of a function": (f"alter function {BADGE} owner to current_user", f"function {BADGE}: owner"),
    "owner in schema public": (
        "alter table public.wingman_matches owner to current_user",
        "relation public.wingman_matches: owner",
    ),
    "disabled trigger": (
        "alter table public.wingman_matches disable trigger user",
        "trigger guard_match on public.wingman_matches: definition",
    ),
    "row level security off": (
        "alter table public.wingman_matches disable row level security",
        "relation public.wingman_matches: kind",
    ),
    "row level security forced": (
        "alter table public.wingman_matches force row level security",
        "relation public.wingman_matches: kind",
    ),
    "added policy": (
        "create policy drift on public.wingman_matches using (true)",
        "policy drift on public.wingman_matches: definition",
    ),
    "dropped index": (
        "drop index wingman.matchmaking_pool_due_idx",
        "index wingman.matchmaking_pool_due_idx: definition",
    ),
    "added index": (
        "create index drift on public.user_profiles (first_name)",
        "index public.drift: definition",
    ),
    "column's default": (
        "alter table public.wingman_matches alter status drop default",
        "column public.wingman_matches.status: definition",
    ),
    "column's type": (
        "alter table public.user_locations alter city type varchar",
        "column public.user_locations.city: definition",
    ),
    "nullable column": (
        "alter table public.user_profiles alter first_name drop not null",
        "column public.user_profiles.first_name: definition",
    ),
    "added column": (
        "alter table wingman.settings add drift text",
        "column wingman.settings.drift: definition",
    ),
    "dropped constraint": (
        "alter table public.user_profiles drop constraint user_profiles_id_fkey",
        "constraint user_profiles_id_fkey on public.user_profiles: definition",
    ),
    "constraint not validated": (
        """alter table public.user_profiles drop constraint user_profiles_id_fkey;
        alter table public.user_profiles add constraint user_profiles_id_fkey
        foreign key (id) references auth.users (id) on delete cascade not valid""",
        "constraint user_profiles_id_fkey on public.user_profiles: definition",
    ),
    "storage option": (
        "alter table public.wingman_matches set (fillfactor = 70)",
        "relation public.wingman_matches: kind",
    ),
    "unlogged table": (
        "alter table wingman.matchmaking_pool set unlogged",
        "relation wingman.matchmaking_pool: kind",
    ),
    "composite's attribute": (
        "alter type public.reputation add attribute drift text",
        "column public.reputation.drift: definition",
    ),
    "added type": ("create type wingman.drift as enum ('a')", "type wingman.drift: definition"),
    "added domain": ("create domain wingman.drift as text not null", "type wingman.drift: definition"),
    "added view": ("create view wingman.drift as select 1 as one", "relation wingman.drift: kind"),
    "added sequence": ("create sequence wingman.drift", "relation wingman.drift: sequence"),
    "added rule": (
        "create rule drift as on insert to wingman.settings do instead nothing",
        "rule drift on wingman.settings: definition",
    ),
    "added operator": (
        "create operator wingman.@@@ (function = textlike, leftarg = text, rightarg = text)",
        "schema wingman: holds operator wingman.@@@(pg_catalog.text,pg_catalog.text)",
    ),
    "role's attribute": ("alter role wingman_owner bypassrls", "role wingman_owner: attributes"),
    "role's membership": ("grant service_role to wingman_admin", "role wingman_admin: attributes"),
}


@pytest.fixture
def transaction(db: Connection) -> Connection:
    """A superuser's connection that never commits: some changes are to roles, which all tests share."""
    db.autocommit = False
    return db


def seen(connection: Connection, statement: str) -> list[str]:
    before = fingerprint(connection)
    connection.execute(statement)
    return differences(before, fingerprint(connection))


@pytest.mark.representatives("added *", "dropped *", "revoke", "comment on *")
@pytest.mark.parametrize("drift", DRIFTS)
def test_drift_is_seen(transaction: Connection, drift: str) -> None:
    statement, key = DRIFTS[drift]
    told = seen(transaction, statement)
    assert any(difference.split(": ", 1)[1].startswith(key) for difference in told), told


def test_whitespace_in_a_literal_is_seen(transaction: Connection) -> None:
    row = transaction.execute(
        "select pg_get_functiondef('wingman.error_catalogue()'::regprocedure) as body"
    ).fetchone()
    assert row
    assert "'Match not found'" in row["body"]
    (told,) = seen(transaction, row["body"].replace("'Match not found'", "'Match  not found'"))
    assert told.startswith("different: function wingman.error_catalogue(): definition")


def test_changed_policy_is_seen(transaction: Connection) -> None:
    row = transaction.execute(
        "select polname, polrelid::regclass::text as name from pg_policy order by polname limit 1"
    ).fetchone()
    assert row
    (told,) = seen(transaction, f"alter policy {row['polname']} on {row['name']} using (false)")
    assert told.startswith(f"different: policy {row['polname']} on public.{row['name']}: definition")


@pytest.mark.parametrize(
    "statement",
    [
        "select 1",
        "set local search_path = public, wingman",
        "create table public.somebody_elses (id int)",
        "create function public.somebody_elses() returns int language sql as 'select 1'",
        "grant usage on schema public to anon",
        "insert into auth.users (id) values (gen_random_uuid())",
        "update wingman.settings set settle_limit = 3 where id",
        "grant wingman_owner to authenticator",
    ],
)
def test_what_is_not_ours_is_not_seen(transaction: Connection, statement: str) -> None:
    assert seen(transaction, statement) == []


def test_two_looks_are_equal(db: Connection) -> None:
    with psycopg.connect(db.info.dsn) as other:
        assert fingerprint(db) == fingerprint(other)
    assert len(fingerprint(db)) > 500


class Asking(psycopg.Cursor[Any]):
    """Asks before every query whether the server would compile it."""

    told: ClassVar[list[str]] = []

    def execute(self, query: Any, *arguments: Any, **options: Any) -> Self:
        if "from pg_class" in str(query):
            self.told.append(super().execute("show jit").fetchone()[0])
        return super().execute(query, *arguments, **options)


def test_the_query_is_not_compiled(database_url: str) -> None:
    """Compiling it takes seconds, which /readyz has not."""
    with psycopg.connect(database_url, cursor_factory=Asking, autocommit=True) as connection:
        connection.execute("set jit = on")
        assert fingerprint(connection)
        assert Asking.told == ["off"]
        assert connection.execute("show jit").fetchone() == ("on",)
