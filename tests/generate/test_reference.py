"""The reference is complete, and its links work."""

import re

import pytest


@pytest.fixture(scope="module")
def sections(made: dict[str, str]) -> dict[str, str]:
    """The text under each heading of a function, type or table."""
    parts = re.split(r"^### (.+)\n", made["docs/reference.md"], flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_function_is_told_whole(sections, contract):
    for function in contract.catalog.functions.values():
        told = sections[function.name]
        assert function.summary in told
        for argument in function.arguments:
            assert f"| `{argument.name}` | {argument.sql_type} |" in told
        for name in function.errors:
            refusal = contract.examples.refusals[name]
            assert f"| [{name}](#{name}) | {refusal.status} | {refusal.template} |" in told
        for attribute in function.result.attributes:
            assert f"| `{attribute.name}` | " in told
        assert ", ".join(function.roles) in told
        assert told.count("```json") == len(contract.examples.calls[function.name])
        assert f"supabase.rpc('{function.name}'" in told
        assert f"select * from {function.name}(" in told


def test_every_type_error_and_relation_is_told(sections, made, contract, db):
    assert contract.catalog.types.keys() <= sections.keys()
    for name in contract.examples.refusals:
        assert f'<a id="{name}"></a>' in made["docs/reference.md"]
    tables = db.execute(
        """select c.relname as name from pg_class as c
           where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')
               and has_table_privilege('authenticated', c.oid, 'select')"""
    )
    assert {row["name"] for row in tables} <= sections.keys()
    operators = db.execute(
        """select relname as name from pg_class
           where relnamespace = 'wingman_admin'::regnamespace and relkind = 'v'
           union all
           select proname from pg_proc where pronamespace = 'wingman_admin'::regnamespace"""
    )
    assert {f"wingman_admin.{row['name']}" for row in operators} <= sections.keys()


def test_links_lead_somewhere(made):
    text = made["docs/reference.md"]
    anchors = set(re.findall(r'<a id="(\w+)">', text))
    anchors |= {heading.replace(".", "") for heading in re.findall(r"^### (.+)$", text, re.M)}
    links = set(re.findall(r"\]\(#(\w+)\)", text))
    assert links
    assert links <= anchors


def test_sql_of_the_examples_can_be_prepared(sections, db):
    for statement in re.findall(r"```sql\n(select .+?;)\n```", "\n".join(sections.values()), re.S):
        db.execute(f"explain {statement}".encode())
