"""``docs/reference.md``: every function, type, error and table, for people."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from wingmanmatch.catalog.functions import Attribute, Composite, Function
from wingmanmatch.catalog.relations import OperatorsFunction, Relation
from wingmanmatch.tools.generate.examples import Example
from wingmanmatch.tools.generate.facts import Contract
from wingmanmatch.tools.generate.tables import first_sentence

_HEAD: Final = """\
# Reference

Made from the database's catalog by `make regenerate`: do not edit. What holds for all functions, and why, is
in [contract.md](contract.md); the same over HTTP in [openapi.json](openapi.json), and for supabase-js in
[wingmanmatch.d.ts](wingmanmatch.d.ts). The examples are one story of Ana, Bo and Cleo, and what a database
answered: whoever calls, calls as themselves.

- SQL: `select * from get_profile();`, as a role that may execute it. Operators and service_role add
  `user_id => '…'`.
- supabase-js: `const { data, error } = await supabase.rpc('get_profile')`.
- HTTP: `POST /api/get-profile` with the arguments as a JSON object, or `POST /rest/v1/rpc/get_profile` with
  PostgREST's rules.
"""

_ERRORS: Final = """\
## Errors

SQLSTATE is `PT` and the HTTP status; DETAIL is JSON with the name under `error`, and further details. A word
in braces is one of these details. Names and statuses never change meaning.
"""

_TABLES: Final = """\
## Tables

Users read their rows with `supabase.from('…').select()` or SQL, under row level security. Only functions
write them.
"""

_OPERATORS: Final = """\
## For operators

Schema `wingman_admin`, for members of the role of that name and service_role; PostgREST does not serve it.
[operators.md](operators.md) shows it in use.
"""


def reference(contract: Contract) -> str:
    """The text of the file."""
    functions = contract.catalog.functions
    parts = [
        _HEAD,
        "## Functions\n",
        _table(
            ("function", "result", "writes", "does"),
            (
                (
                    _link(function.name),
                    _result(function),
                    "yes" if function.writes else "",
                    first_sentence(function.summary),
                )
                for function in functions.values()
            ),
        ),
        *(_function(function, contract) for function in functions.values()),
        "## Types\n\nThe answers of functions. A value can be null only where the table says so.\n",
        *(_composite(composite) for composite in contract.catalog.types.values()),
        _errors(contract),
        _TABLES,
        *(_relation(relation, shows_null=True) for relation in contract.tables),
        _OPERATORS,
        *(_operators_function(function) for function in contract.operators_functions),
        *(_relation(relation, "wingman_admin.", shows_null=False) for relation in contract.views),
    ]
    return "\n".join(parts)


def _function(function: Function, contract: Contract) -> str:
    refusals = contract.examples.refusals
    first, *others = contract.examples.calls[function.name]
    parts = [
        f"### {function.name}\n",
        f"{function.summary}\n",
        f"```sql\n{_signature(function)}\n```\n",
        _table(
            ("argument", "type", "default", "meaning"),
            (
                (f"`{argument.name}`", argument.sql_type, _default(argument.default), argument.comment)
                for argument in function.arguments
            ),
        ),
        f"Result: {function.result_comment} {_many(function)}\n",
        _attributes(function.result),
        f"Who may call it: {', '.join(function.roles)}.\n",
        _table(
            ("error", "status", "message"),
            ((_link(name), refusals[name].status, refusals[name].template) for name in function.errors),
        ),
        f"{first.title}:\n",
        f"```sql\nselect * from {_sql_call(function.name, first)};\n```\n",
        f"```js\nawait supabase.rpc({_js_call(function.name, first)})\n```\n",
        _answer(first),
        *map(_further, others),
    ]
    return "\n".join(parts)


def _signature(function: Function) -> str:
    arguments = ",\n".join(
        f"    {argument.name} {argument.sql_type}"
        + ("" if argument.required else f" default {_default(argument.default)}")
        for argument in function.arguments
    )
    returns = f"{'setof ' if function.returns_set else ''}{function.result.name}"
    return f"{function.name}(\n{arguments}\n) returns {returns}"


def _many(function: Function) -> str:
    link = _link(function.result.name)
    return f"An array of {link}; in SQL, a row each." if function.returns_set else f"One {link}."


def _result(function: Function) -> str:
    link = _link(function.result.name)
    return f"array of {link}" if function.returns_set else link


def _default(expression: str | None) -> str:
    if expression is None:
        return ""
    return expression.partition("::")[0].replace("NULL", "null")


def _sql_call(name: str, example: Example) -> str:
    arguments = ", ".join(
        f"{argument} => {_sql_literal(value)}" for argument, value in example.arguments.items()
    )
    call = f"{name}({arguments})"
    if len(call) <= 100:
        return call
    lines = ",\n".join(
        f"    {argument} => {_sql_literal(value)}" for argument, value in example.arguments.items()
    )
    return f"{name}(\n{lines}\n)"


def _sql_literal(value: Any) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, list):
        # array[] would have no type
        return f"array[{', '.join(map(_sql_literal, value))}]" if value else "'{}'"
    return json.dumps(value)


def _js_call(name: str, example: Example) -> str:
    if not example.arguments:
        return f"'{name}'"
    members = [f"{argument}: {_js_literal(value)}" for argument, value in example.arguments.items()]
    call = f"'{name}', {{ {', '.join(members)} }}"
    if len(call) <= 95:
        return call
    return f"'{name}', {{\n" + "".join(f"  {member},\n" for member in members) + "}"


def _js_literal(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_js_literal, value))}]"
    text = json.dumps(value, ensure_ascii=False)
    return f"'{value}'" if isinstance(value, str) and "'" not in value else text


def _answer(example: Example) -> str:
    return f"```json\n{json.dumps(example.answer, indent=2, ensure_ascii=False)}\n```\n"


def _further(example: Example) -> str:
    arguments = json.dumps(example.arguments, ensure_ascii=False)
    return f"{example.title}, with `{arguments}`:\n\n{_answer(example)}"


def _composite(composite: Composite) -> str:
    return f"### {composite.name}\n\n{composite.comment}.\n\n{_attributes(composite)}"


def _attributes(composite: Composite) -> str:
    return _table(
        ("attribute", "type", "null", "meaning"),
        (
            (
                f"`{attribute.name}`",
                _type(attribute),
                "may be" if attribute.nullable else "",
                attribute.comment,
            )
            for attribute in composite.attributes
        ),
    )


def _type(attribute: Attribute) -> str:
    plain = ("boolean", "date", "integer", "jsonb", "text", "uuid")
    is_plain = attribute.type in plain or " " in attribute.type
    told = attribute.type if is_plain else _link(attribute.type)
    return f"array of {told}" if attribute.is_array else told


def _errors(contract: Contract) -> str:
    refusals = contract.examples.refusals.values()
    met_by = {
        refusal.name: [
            function.name
            for function in contract.catalog.functions.values()
            if refusal.name in function.errors
        ]
        for refusal in refusals
    }
    table = _table(
        ("name", "status", "message", "what to do", "met by"),
        (
            (
                f'<a id="{refusal.name}"></a>`{refusal.name}`',
                refusal.status,
                refusal.template,
                refusal.hint,
                _functions(met_by[refusal.name], len(contract.catalog.functions)),
            )
            for refusal in refusals
        ),
    )
    return f"{_ERRORS}\n{table}"


def _functions(names: Sequence[str], of: int) -> str:
    return "all functions" if len(names) == of else ", ".join(map(_link, names))


def _relation(relation: Relation, schema: str = "", *, shows_null: bool) -> str:
    rows = (
        (
            f"`{column.name}`",
            column.type,
            *(["may be" if column.nullable else ""] if shows_null else []),
            column.comment,
        )
        for column in relation.columns
    )
    policies = "; ".join(f"{', '.join(policy.roles)}: `{policy.name}`" for policy in relation.policies)
    seen = f"\nWho sees which rows, by policy: {policies}.\n" if policies else ""
    head = ("column", "type", *(["null"] if shows_null else []), "meaning")
    return f"### {schema}{relation.name}\n\n{relation.comment}.\n{seen}\n{_table(head, rows)}"


def _operators_function(function: OperatorsFunction) -> str:
    signature = f"{function.name}({function.arguments}) returns {function.result}"
    return f"### wingman_admin.{function.name}\n\n```sql\n{signature}\n```\n\n{function.comment}\n"


def _link(name: str) -> str:
    return f"[{name}](#{name})"


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    told = [head, ["---"] * len(head), *rows]
    return "".join(
        f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in row)} |\n" for row in told
    )
