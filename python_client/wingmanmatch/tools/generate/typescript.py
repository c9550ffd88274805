"""``docs/wingmanmatch.d.ts``: the ``Database`` type of supabase-js, with exact nullability.

The shape is that of ``supabase gen types typescript``, which cannot know that an attribute of a composite
type is never null, nor that an argument may be null.
"""

from collections.abc import Iterable, Iterator
from textwrap import indent, wrap

from wingmanmatch.catalog.functions import Argument, Attribute, Composite, Function
from wingmanmatch.catalog.relations import Column, ForeignKey, Relation
from wingmanmatch.tools.generate.facts import Contract

_HEAD = """\
// Made from the database's catalog by `make regenerate`: do not edit.
//
//   import { createClient } from '@supabase/supabase-js'
//   import type { Database } from './wingmanmatch'
//   const supabase = createClient<Database>(url, key)

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]
"""

POSTGREST_VERSION = "12"
"""The lowest version that types of queries can rely on."""

_SCALARS = {
    "boolean": "boolean",
    "bigint": "number",
    "date": "string",
    "double precision": "number",
    "integer": "number",
    "jsonb": "Json",
    "smallint": "number",
    "text": "string",
    "timestamp with time zone": "string",
    "uuid": "string",
}
_TIME = "timestamp with time zone"
_WIDTH = 110


def typescript(contract: Contract) -> str:
    """The text of the file.

    Raises:
        KeyError: there is no TypeScript type here for a type of PostgreSQL.
    """
    schema = _block(
        "public",
        _block("Tables", *(_table(table) for table in contract.tables)),
        _empty("Views"),
        _block("Functions", *(_function(function) for function in contract.catalog.functions.values())),
        _block("Enums", *(_enum(name, values) for name, values in contract.catalog.value_sets.items())),
        _block("CompositeTypes", *(_composite(composite) for composite in contract.catalog.types.values())),
    )
    internal = f"__InternalSupabase: {{ PostgrestVersion: '{POSTGREST_VERSION}' }}\n"
    names = "".join(f"  | '{name}'\n" for name in contract.examples.refusals)
    return (
        f"{_HEAD}\n"
        f"export type Database = {{\n{indent(internal + schema, '  ')}}}\n\n"
        "/** The names of all refusals. */\n"
        f"export type ErrorName =\n{names}\n"
        "/** The result of `JSON.parse(error.details)` if `error.code` begins with PT. */\n"
        "export type ErrorDetails = { error: ErrorName } & { [fact: string]: Json | undefined }\n"
    )


def _composite(composite: Composite) -> str:
    return _comment([composite.comment]) + _block(composite.name, *map(_attribute, composite.attributes))


def _attribute(attribute: Attribute) -> str:
    kind = _type(attribute) + ("[]" if attribute.is_array else "")
    return _member(attribute.name, kind, attribute.nullable, attribute.type, attribute.comment)


def _function(function: Function) -> str:
    told = [
        function.summary,
        f"Result: {function.result_comment}",
        f"Errors: {', '.join(function.errors)}.",
    ]
    arguments = [_argument(argument) for argument in function.arguments]
    result = _composite_type(function.result.name) + ("[]" if function.returns_set else "")
    return _comment(told) + _block(function.name, _block("Args", *arguments), f"Returns: {result}\n")


def _argument(argument: Argument) -> str:
    name = argument.name if argument.required else f"{argument.name}?"
    kind = f"{_type(argument)}{'[]' * argument.is_array}"
    return _member(name, kind, argument.takes_null, argument.type, argument.comment)


def _table(table: Relation) -> str:
    return _comment([f"{table.comment}. Read-only: only functions write it."]) + _block(
        table.name,
        _block("Row", *map(_column, table.columns)),
        "Insert: never\n",
        "Update: never\n",
        f"Relationships: [{_separated(_relationship(key) for key in table.foreign_keys)}]\n",
    )


def _column(column: Column) -> str:
    return _member(column.name, _type(column), column.nullable, column.type, column.comment)


def _relationship(key: ForeignKey) -> str:
    return _block(
        "",
        f"foreignKeyName: '{key.name}'\n",
        f"columns: [{', '.join(map(repr, key.columns))}]\n",
        f"isOneToOne: {str(key.is_one_to_one).lower()}\n",
        f"referencedRelation: '{key.to}'\n",
        f"referencedColumns: [{', '.join(map(repr, key.to_columns))}]\n",
    )


def _separated(blocks: Iterable[str]) -> str:
    told = ",\n".join(block.rstrip() for block in blocks)
    return f"\n{indent(told, '  ')}\n" if told else ""


def _member(name: str, kind: str, nullable: bool, sql_type: str, comment: str) -> str:
    told = f"{comment.removesuffix('.')}."
    if sql_type == _TIME:
        told = f"{told} ISO 8601, with its offset from UTC."
    return _comment([told]) + f"{name}: {kind}{' | null' * nullable}\n"


def _enum(name: str, values: Iterable[str]) -> str:
    return f"{name}: {' | '.join(map(repr, values))}\n"


def _type(thing: Argument | Attribute | Column) -> str:
    if thing.value_set is not None:
        return f"Database['public']['Enums']['{thing.value_set}']"
    return _SCALARS.get(thing.type) or _composite_type(thing.type)


def _composite_type(name: str) -> str:
    if " " in name or not name.islower():
        raise KeyError(name)
    return f"Database['public']['CompositeTypes']['{name}']"


def _block(name: str, *members: str) -> str:
    head = f"{name}: {{" if name else "{"
    return f"{head}\n{indent(''.join(members), '  ')}}}\n"


def _empty(name: str) -> str:
    return f"{name}: {{ [_ in never]: never }}\n"


def _comment(paragraphs: Iterable[str]) -> str:
    lines = list(_lines(paragraphs))
    if len(lines) == 1:
        return f"/** {lines[0]} */\n"
    return "/**\n" + "".join(f" * {line}\n" for line in lines) + " */\n"


def _lines(paragraphs: Iterable[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        yield from wrap(paragraph.replace("*/", "* /"), _WIDTH - 12, break_on_hyphens=False)
