"""Every API function with its arguments, for the tests of what all of them have in common.

They are read from ``docs/openapi.json``, which is made from the catalog: a new function needs nothing here.
"""

import json
from typing import Any
from uuid import UUID

from wingmanmatch.database import paths

NOBODY = UUID("00000000-0000-4000-8000-000000000000")

_DOCUMENT = json.loads((paths.ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
_RPC = "/rest/v1/rpc/"
_GUARDS = {"user_id", "idempotency_key"}


def _functions() -> dict[str, bool]:
    """The functions, and whether they write: what reads can be had by GET."""
    return {
        path.removeprefix(_RPC): "get" not in operations
        for path, operations in _DOCUMENT["paths"].items()
        if path.startswith(_RPC)
    }


def _arguments(function: str) -> dict[str, Any]:
    return _DOCUMENT["components"]["schemas"][f"{function}_arguments"]


def _required(function: str) -> dict[str, Any]:
    schema = _arguments(function)
    return {name: _value(schema["properties"][name]) for name in schema["required"]}


def _value(schema: dict[str, Any]) -> Any:
    """A value to get past the checks of an argument; an id names nothing that exists."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema["type"], schema.get("format"):
        case "string", "uuid":
            return NOBODY
        case "string", "date-time":
            return "tomorrow"
        case "string", None:
            return "Café"
        case "number", _:
            return 9.1
        case "integer", _:
            return 1
    raise LookupError(f"Nothing is said here of {schema}")


def _nullable(function: str, *, nullable: bool) -> list[str]:
    """The arguments that may be null, or those that must not, without the ones that all functions have."""
    properties = _arguments(function)["properties"]
    return [
        name
        for name, schema in properties.items()
        if ("null" in schema["type"]) == nullable and name not in _GUARDS
    ]


def _times(function: str) -> list[str]:
    """The arguments that are points in time."""
    properties = _arguments(function)["properties"]
    return [name for name, schema in properties.items() if schema.get("format") == "date-time"]


WRITING = {function: _required(function) for function, writes in _functions().items() if writes}
READING = {function: _required(function) for function, writes in _functions().items() if not writes}
CALLS = WRITING | READING

# Each argument that is a point in time, with its function.
TIMES = [(function, name) for function in CALLS for name in _times(function)]

# Must not be null, although some have a default.
REQUIRED = {function: _nullable(function, nullable=False) for function in CALLS}
# Null says the same as leaving them out.
OPTIONAL = {function: _nullable(function, nullable=True) for function in CALLS}
