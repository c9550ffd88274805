"""The tools that a client is offered: one for each function, made from the catalog."""

from collections.abc import Iterator
from typing import Final

from mcp_types import Tool, ToolAnnotations

from wingmanmatch.catalog.functions import Catalog, Composite, Function
from wingmanmatch.catalog.json_schema import Json, arguments_schema, composite_schema, sentence

USER: Final = "user_id"
"""The argument that no tool has: the server acts for one user."""
ITEMS: Final = "items"
"""Under which key the rows of a set are, since the structured content of a tool is an object."""

ADDITIVE: Final = frozenset(
    {
        "agree_to_session",
        "confirm_session_completion",
        "create_automatic_match",
        "create_session",
        "mark_notifications_read",
        "register_push_subscription",
        "resume_matching",
        "start_session",
    }
)
"""The writing functions that only add something. Clients may ask people before they call any other."""

_TYPES: Final = "#/$defs"


def offered(catalog: Catalog, *, write: bool) -> dict[str, Function]:
    """The functions that a server offers: those that read, and all if it may write."""
    return {name: function for name, function in catalog.functions.items() if write or not function.writes}


def tool(function: Function, catalog: Catalog) -> Tool:
    """What a client, and a model, is told of a function."""
    return Tool(
        name=function.name,
        description="\n\n".join(
            [
                function.summary,
                f"Result: {sentence(function.result_comment)}",
                f"Errors: {', '.join(function.errors)}.",
            ]
        ),
        input_schema=input_schema(function, catalog),
        output_schema=output_schema(function, catalog),
        annotations=ToolAnnotations(
            read_only_hint=not function.writes,
            destructive_hint=function.writes and function.name not in ADDITIVE,
            # without a key of the caller's own, each call of a writing tool is another one
            idempotent_hint=not function.writes,
            # what others have written comes back, and what is written reaches others
            open_world_hint=True,
        ),
    )


def input_schema(function: Function, catalog: Catalog) -> Json:
    """The arguments of a tool."""
    return arguments_schema(function, catalog.value_sets, without={USER})


def output_schema(function: Function, catalog: Catalog) -> Json:
    """The structured content of a tool's result."""
    sets = catalog.value_sets
    needed = list(_parts(function.result, catalog))
    if function.returns_set:
        rows = {"type": "array", "items": {"$ref": f"{_TYPES}/{function.result.name}"}}
        schema: Json = {
            "type": "object",
            "description": sentence(function.result_comment),
            "properties": {ITEMS: rows},
            "required": [ITEMS],
            "additionalProperties": False,
        }
        needed.insert(0, function.result)
    else:
        schema = composite_schema(function.result, sets, _TYPES)
    types = {kind.name: composite_schema(kind, sets, _TYPES) for kind in needed}
    return {**schema, "$defs": types} if types else schema


def _parts(whole: Composite, catalog: Catalog) -> Iterator[Composite]:
    """The types that a type consists of; no type of a result contains itself."""
    for attribute in whole.attributes:
        if part := catalog.types.get(attribute.type):
            yield part
            yield from _parts(part, catalog)
