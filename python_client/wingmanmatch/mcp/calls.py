"""Calls of tools: from JSON to a call of a function, and from its reply or refusal back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from jsonschema import Draft202012Validator, ValidationError
from mcp_types import CallToolResult, TextContent

from wingmanmatch._async.transport import AsyncTransport
from wingmanmatch._rpc import Array, Call, Default, Time, Value
from wingmanmatch.call.identity import Identity
from wingmanmatch.catalog.functions import Argument, Function
from wingmanmatch.errors import InvalidInput, WingmanError
from wingmanmatch.mcp.tools import ITEMS

KEY: Final = "idempotency_key"
REPLAYED: Final = "replayed"

_STRUCTURE: Final = ("additionalProperties", "required", "type")
"""What is checked here. Whatever else is wrong with a value, the function refuses."""


@dataclass(frozen=True, slots=True)
class User:
    """For whom the calls are made, and with whose rights."""

    identity: Identity
    named: Mapping[str, UUID]
    """The argument that names the user, if the login is an operator's."""


class Tool:
    """A function as a tool of one user."""

    def __init__(
        self, function: Function, schema: Mapping[str, Any], transport: AsyncTransport[Identity], user: User
    ) -> None:
        self._function = function
        self._validator = Draft202012Validator(schema)
        self._transport = transport
        self._user = user

    async def call(self, given: Mapping[str, Any]) -> CallToolResult:
        """Make a call; a call that writes has an idempotency key, with which it is retried.

        Raises:
            WingmanError: it is refused, or failed.
        """
        self._check(given)
        arguments = self._function.by_argument
        values: dict[str, Value | Default] = {
            **self._user.named,
            **{name: _value(arguments[name], value) for name, value in given.items()},
        }
        key = None
        if self._function.writes:
            key = str(uuid4()) if given.get(KEY) is None else given[KEY]
            values[KEY] = key
        try:
            call = Call.of(self._function.name, values, writes=self._function.writes)
            reply = await self._transport.perform(call, self._user.identity)
        except WingmanError as error:
            error.idempotency_key = key
            raise
        answer = {ITEMS: reply.rows} if self._function.returns_set else reply.rows[0]
        told = {KEY: key, REPLAYED: reply.replayed} if key else None
        return CallToolResult(content=[_text(answer)], structured_content=answer, _meta=told)

    def _check(self, given: Mapping[str, Any]) -> None:
        for error in self._validator.iter_errors(given):
            if error.validator in _STRUCTURE:
                raise _misfit(error)


def refused(error: WingmanError) -> CallToolResult:
    """A refusal or failure, so that the model can read what to do."""
    told = {
        "error": error.name,
        "status": error.status,
        "message": error.message,
        "hint": error.hint,
        "details": error.context,
    }
    if error.idempotency_key and error.retryable:
        told[KEY] = error.idempotency_key
        told["hint"] = f"Call again with the same arguments and this {KEY}: nothing is done twice."
    return CallToolResult(
        content=[_text({name: value for name, value in told.items() if value not in (None, {})})],
        is_error=True,
    )


def _value(argument: Argument, value: Any) -> Value | Default:
    if argument.is_array:
        return Array.of(value)
    if argument.is_time:
        return Time.of(value)
    if argument.type == "integer" and isinstance(value, float):
        # JSON does not distinguish 5.0 from 5
        return int(value)
    known: Value = value
    return known


def _misfit(error: ValidationError) -> InvalidInput:
    where = ".".join(map(str, error.absolute_path))
    told = InvalidInput(
        f"{where}: {error.message}" if where else error.message,
        hint="Give the arguments that the tool's input schema describes.",
    )
    if where:
        told.context["argument"] = where
    return told


def _text(value: Any) -> TextContent:
    return TextContent(type="text", text=json.dumps(value, ensure_ascii=False))
