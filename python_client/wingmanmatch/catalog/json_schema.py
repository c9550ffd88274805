"""JSON Schemas of the functions: of their arguments, and of their results by their types in PostgreSQL."""

from collections.abc import Mapping, Set
from typing import Any, Final

from wingmanmatch.catalog.functions import Argument, Attribute, Composite, Function
from wingmanmatch.catalog.value_sets import ValueSets

Json = dict[str, Any]

COMPONENTS: Final = "#/components/schemas"
"""Where the types are in an OpenAPI document."""

_SCALARS: Final[Mapping[str, Json]] = {
    "boolean": {"type": "boolean"},
    "bigint": {"type": "integer", "format": "int64"},
    "double precision": {"type": "number", "format": "double"},
    "integer": {"type": "integer", "format": "int32"},
    # an object, as far as answers have any
    "jsonb": {"type": "object"},
    "text": {"type": "string"},
    "timestamp with time zone": {"type": "string", "format": "date-time"},
    "uuid": {"type": "string", "format": "uuid"},
}


def arguments_schema(function: Function, sets: ValueSets, *, without: Set[str] = frozenset()) -> Json:
    """An object with the arguments that a function takes, except for some that have a default."""
    arguments = [argument for argument in function.arguments if argument.name not in without]
    return {
        "type": "object",
        "description": f"The arguments of {function.name}.",
        "properties": {argument.name: _argument(argument, sets) for argument in arguments},
        "required": [argument.name for argument in arguments if argument.required],
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


def composite_schema(composite: Composite, sets: ValueSets, types: str = COMPONENTS) -> Json:
    """An object with the attributes of a composite type, all of them always present.

    Args:
        composite: the type.
        sets: the closed sets of values.
        types: where references to other types lead.
    """
    return {
        "type": "object",
        "description": sentence(composite.comment),
        "properties": {
            attribute.name: _attribute(attribute, sets, types) for attribute in composite.attributes
        },
        "required": [attribute.name for attribute in composite.attributes],
        "additionalProperties": False,
    }


def _attribute(attribute: Attribute, sets: ValueSets, types: str) -> Json:
    schema = value_schema(attribute, sets, types)
    if attribute.is_array:
        schema = {"type": "array", "items": schema}
    return {**_nullable(schema, attribute.nullable), "description": sentence(attribute.comment)}


def value_schema(thing: Argument | Attribute, sets: ValueSets, types: str = COMPONENTS) -> Json:
    """The values of an argument or an attribute.

    Raises:
        KeyError: this module has no schema for its type.
    """
    schema = type_schema(thing.type, types)
    return schema if thing.value_set is None else {**schema, "enum": list(sets[thing.value_set])}


def type_schema(sql_type: str, types: str = COMPONENTS) -> Json:
    """The values of a type.

    Raises:
        KeyError: this module has no schema for it.
    """
    if sql_type in _SCALARS:
        return dict(_SCALARS[sql_type])
    if " " in sql_type:
        raise KeyError(sql_type)
    return {"$ref": f"{types}/{sql_type}"}


def _nullable(schema: Json, nullable: bool) -> Json:
    if not nullable:
        return schema
    if "$ref" in schema:
        return {"oneOf": [schema, {"type": "null"}]}
    choices = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [schema["type"], "null"], **choices}


def sentence(text: str) -> str:
    """A text with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}."
