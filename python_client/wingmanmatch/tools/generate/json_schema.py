"""The JSON Schemas of the OpenAPI document: arguments, results by their types in PostgreSQL, and errors."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from wingmanmatch.catalog.functions import Argument, Attribute, Composite, Function
from wingmanmatch.catalog.value_sets import ValueSets

Json = dict[str, Any]

_SCALARS: Final[Mapping[str, Json]] = {
    "boolean": {"type": "boolean"},
    "bigint": {"type": "integer", "format": "int64"},
    "date": {"type": "string", "format": "date"},
    "double precision": {"type": "number", "format": "double"},
    "integer": {"type": "integer", "format": "int32"},
    # an object, as far as answers have any
    "jsonb": {"type": "object"},
    "text": {"type": "string"},
    "timestamp with time zone": {"type": "string", "format": "date-time"},
    "uuid": {"type": "string", "format": "uuid"},
}


def arguments_schema(function: Function, sets: ValueSets) -> Json:
    """An object with the arguments that a function takes."""
    return {
        "type": "object",
        "description": f"The arguments of {function.name}.",
        "properties": {argument.name: _argument(argument, sets) for argument in function.arguments},
        "required": [argument.name for argument in function.arguments if argument.required],
        "additionalProperties": False,
    }


def _argument(argument: Argument, sets: ValueSets) -> Json:
    schema = value_schema(argument, sets)
    if argument.is_array:
        schema = {"type": "array", "items": schema}
    schema = {
        **_nullable(schema, argument.takes_null),
        "description": argument.comment,
    }
    return schema if argument.required else {**schema, "default": argument.default_value}


def composite_schema(composite: Composite, sets: ValueSets) -> Json:
    """An object with the attributes of a composite type, all of them always present."""
    return {
        "type": "object",
        "description": sentence(composite.comment),
        "properties": {attribute.name: _attribute(attribute, sets) for attribute in composite.attributes},
        "required": [attribute.name for attribute in composite.attributes],
        "additionalProperties": False,
    }


def _attribute(attribute: Attribute, sets: ValueSets) -> Json:
    schema = value_schema(attribute, sets)
    if attribute.is_array:
        schema = {"type": "array", "items": schema}
    return {**_nullable(schema, attribute.nullable), "description": sentence(attribute.comment)}


def value_schema(thing: Argument | Attribute, sets: ValueSets) -> Json:
    """The values of an argument or an attribute.

    Raises:
        KeyError: this module has no schema for its type.
    """
    schema = type_schema(thing.type)
    return schema if thing.value_set is None else {**schema, "enum": list(sets[thing.value_set])}


def type_schema(sql_type: str) -> Json:
    """The values of a type.

    Raises:
        KeyError: this module has no schema for it.
    """
    if sql_type in _SCALARS:
        return dict(_SCALARS[sql_type])
    if " " in sql_type:
        raise KeyError(sql_type)
    return ref("schemas", sql_type)


def _nullable(schema: Json, nullable: bool) -> Json:
    if not nullable:
        return schema
    if "$ref" in schema:
        return {"oneOf": [schema, {"type": "null"}]}
    choices = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [schema["type"], "null"], **choices}


def error_schemas(names: Iterable[str]) -> Json:
    """The bodies of refusals: Error under ``/api``, which has one of the names; PostgrestError elsewhere."""
    return {
        "Error": {
            "type": "object",
            "description": "A refusal, with details under further keys.",
            "properties": {
                "detail": {"type": "string", "description": "The message, one line for people."},
                "error": {"type": "string", "description": "The name, for programs.", "enum": sorted(names)},
                "hint": {"type": "string", "description": "What to do about it."},
            },
            "required": ["detail", "error"],
        },
        "PostgrestError": {
            "type": "object",
            "description": "A refusal in PostgREST's form.",
            "properties": {
                "code": {
                    "type": "string",
                    "description": "PT and the HTTP status for a refusal by a function; "
                    "otherwise PostgreSQL's SQLSTATE or PostgREST's own code.",
                },
                "details": {
                    "type": ["string", "null"],
                    "description": "For a function's refusal: JSON with its name under `error`, and details.",
                },
                "hint": {"type": ["string", "null"], "description": "What to do about it."},
                "message": {"type": "string", "description": "One line for people."},
            },
            "required": ["code", "details", "hint", "message"],
            "additionalProperties": False,
        },
    }


def ref(kind: str, name: str) -> Json:
    """A reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def sentence(text: str) -> str:
    """A text with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}."
