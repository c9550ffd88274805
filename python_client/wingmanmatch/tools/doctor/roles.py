"""The roles: whether they exist, what they can do, and who is a member of what."""

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.rows import dict_row

from wingmanmatch.tools.doctor.report import Finding, Note

API_ROLES = ("anon", "authenticated", "service_role")
LOGIN = "authenticator"

# Attributes that would defeat the guards. Inheritance of the API's roles is irrelevant: they are in no group.
ATTRIBUTES = {
    "anon": {"superuser": False, "login": False, "bypassrls": False, "createrole": False},
    "authenticated": {"superuser": False, "login": False, "bypassrls": False, "createrole": False},
    "service_role": {"superuser": False, "login": False, "bypassrls": True, "createrole": False},
    LOGIN: {"superuser": False, "login": True, "bypassrls": False, "createrole": False, "inherit": False},
}
OF_OURS = ("wingman_owner", "wingman_admin", "wingman_worker")

_ROLES = """
    select
        rolname as name, rolsuper as superuser, rolcanlogin as login, rolbypassrls as bypassrls,
        rolcreaterole as createrole, rolinherit as inherit
    from pg_catalog.pg_roles
    where rolname = any (%s)
"""
# Since PostgreSQL 16 a membership may come without the right to become the role.
_MAY_BECOME = """
    select m.name as member, g.name as role
    from unnest(%(members)s::text[]) as m (name)
    cross join unnest(%(roles)s::text[]) as g (name)
    inner join pg_catalog.pg_roles as r on r.rolname = m.name and not r.rolsuper
    where
        m.name <> g.name
        and exists (select from pg_catalog.pg_roles as x where x.rolname = g.name)
        and pg_catalog.pg_has_role(
            m.name::name, g.name::name,
            case when current_setting('server_version_num')::integer >= 160000 then 'set' else 'member' end
        )
    order by member, role
"""


def look_at_roles(connection: psycopg.Connection[Any]) -> Iterator[Finding | Note]:
    """Do the platform's roles have the rights that the design relies on, and no more?"""
    with connection.cursor(row_factory=dict_row) as cursor:
        there = {role["name"]: role for role in cursor.execute(_ROLES, [list(ATTRIBUTES)])}
        everybody = {"members": list(ATTRIBUTES), "roles": [*API_ROLES, *OF_OURS]}
        memberships = {(row["member"], row["role"]) for row in cursor.execute(_MAY_BECOME, everybody)}
    for name, attributes in ATTRIBUTES.items():
        if name not in there:
            yield Finding("role", f"role {name} is missing", _creation(name))
            continue
        for attribute, wanted in attributes.items():
            if there[name][attribute] != wanted:
                yield Finding(
                    "role",
                    f"role {name} {'lacks' if wanted else 'has'} {attribute}",
                    f"alter role {name} {'' if wanted else 'no'}{attribute};",
                )
    yield from _memberships(memberships, set(there))


def _memberships(memberships: set[tuple[str, str]], there: set[str]) -> Iterator[Finding]:
    wanted = {(LOGIN, role) for role in API_ROLES}
    for member, role in sorted(memberships - wanted):
        if member == LOGIN and any((api_role, role) in memberships for api_role in API_ROLES):
            continue  # through a role that is reported itself
        yield Finding("role", f"role {member} can become {role}", f"revoke {role} from {member};")
    for member, role in sorted(wanted - memberships):
        if {member, role} <= there:
            yield Finding("role", f"role {member} cannot become {role}", f"grant {role} to {member};")


def _creation(name: str) -> str:
    attributes = [("" if has else "no") + attribute for attribute, has in ATTRIBUTES[name].items()]
    creation = f"create role {name} {' '.join(attributes)};"
    return f"{creation} grant {', '.join(API_ROLES)} to {name};" if name == LOGIN else creation
