"""The JSON Schemas of refusals in the OpenAPI document, and its references to components."""

from collections.abc import Iterable

from wingmanmatch.catalog.json_schema import Json


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
