"""Every table and view, every verb and column, every role: what is not in the allow-list is refused."""

from collections.abc import Iterator

import pytest
from harness import Connect, Connection
from security.allowed import NOBODY, READERS, ROLES
from security.intruder import REFUSED_BY_POSTGRESQL, Intruder
from security.inventory import Relation, relations
from security.shared_world import postgresql  # noqa: F401

# None touches a row or needs one, so that nothing but a missing privilege refuses it.
READ = {
    "select": "select from {it} where false",
    "select a column": "select {column} from {it} where false",
}
WRITE = {
    "insert": "insert into {it} default values",
    "insert a column": "insert into {it} ({column}) values (default)",
    "update a column": "update {it} set {column} = default where false",
    "delete": "delete from {it} where false",
    "delete by merge": "merge into {it} using (select 1) as x on false when matched then delete",
    "own": "alter table {it} owner to current_user",
    "rule": "create rule mine as on insert to {it} do instead nothing",
}
WRITE_TABLE = WRITE | {
    "comment": "comment on table {it} is 'mine'",
    "copy in": "copy {it} from stdin",
    "select for update": "select from {it} where false for update",
    "select for key share": "select from {it} where false for key share",
    "lock": "lock table {it} in row exclusive mode",
    "truncate": "truncate {it} cascade",
    "drop": "drop table {it} cascade",
    "alter": "alter table {it} add column mine text",
    "switch row security off": "alter table {it} disable row level security",
    "switch triggers off": "alter table {it} disable trigger all",
    "index": "create index on {it} ((1))",
    "policy": "create policy mine on {it} using (true)",
    "trigger": "create trigger mine before update on {it} for each row"
    " execute function suppress_redundant_updates_trigger()",
}
# By kind of relation: what readers may do, and what nobody may.
VERBS = {
    "r": (READ | {"copy out": "copy {it} to stdout"}, WRITE_TABLE),
    "p": (READ, WRITE_TABLE),
    "v": (READ, WRITE),
    "m": (READ, {"refresh": "refresh materialized view {it}", "drop": "drop materialized view {it}"}),
    "S": ({}, {"next": "select nextval('{it}')", "set": "select setval('{it}', 1)"}),
}
# How PostgreSQL refuses; a view of several tables takes no rows from anybody, a generated column no value.
NO_SUCH_VERB = {"55000", "42809", "0A000", "428C9"}
REFUSED = {kind: {REFUSED_BY_POSTGRESQL} | (NO_SUCH_VERB if kind == "v" else set()) for kind in VERBS}


def statements(verbs: dict[str, str], relation: Relation) -> Iterator[tuple[str, str]]:
    for verb, statement in verbs.items():
        for column in relation.columns if "{column}" in statement else [""]:
            yield f"{verb} {column}".strip(), statement.format(it=relation.qualified, column=column)


def offences(connect: Connect, db: Connection, role: str) -> list[str]:
    """What a role can do beyond the allow-list, and cannot do of it."""
    intruder = Intruder.logged_in(connect, role)
    found = []
    for relation in relations(db):
        reading, writing = VERBS[relation.kind]
        may_read = role in READERS.get(relation.qualified, NOBODY)
        for verb, statement in statements(reading, relation):
            outcome = intruder.attempt(statement)
            if outcome.name != ("answered" if may_read else REFUSED_BY_POSTGRESQL):
                found.append(f"{verb} {relation.qualified}: {outcome}")
        for verb, statement in statements(writing, relation):
            outcome = intruder.attempt(statement)
            if outcome.name not in REFUSED[relation.kind]:
                found.append(f"{verb} {relation.qualified}: {outcome}")
    return found


def test_every_table_and_view_has_its_line(superuser):
    found = {relation.qualified for relation in relations(superuser)}
    assert found | {"wingman.alembic_version"} == set(READERS)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_has_a_privilege_but_to_read(superuser, role):
    # also where a statement would fail for another reason
    granted = superuser.execute(
        """select c.oid::regclass::text as relation, v.verb
           from pg_class as c
           inner join pg_namespace as n on n.oid = c.relnamespace
           cross join unnest(
               array['insert', 'update', 'references', 'delete', 'truncate', 'trigger']
           ) as v (verb)
           where (n.nspname = 'public' or n.nspowner = 'wingman_owner'::regrole)
               and c.relkind in ('r', 'p', 'v', 'm')
               and case
                   when v.verb in ('insert', 'update', 'references')
                       then has_any_column_privilege(%(role)s, c.oid, v.verb)
                   else has_table_privilege(%(role)s, c.oid, v.verb)
               end""",
        {"role": role},
    )
    assert granted.fetchall() == []


@pytest.mark.representatives("authenticated", "anon")
@pytest.mark.parametrize("role", ROLES)
def test_nothing_is_allowed_but_what_the_list_says(connect, superuser, role):
    assert offences(connect, superuser, role) == []
