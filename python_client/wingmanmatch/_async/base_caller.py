"""What all methods of a caller share: they turn arguments into a call, and its reply into an answer."""

from functools import partial
from typing import TypeVar
from uuid import uuid4

from pydantic import BaseModel, ValidationError

from .._rpc import DEFAULT, Call, Default, Receipt, Reply, Value
from ..errors import WingmanError
from .transport import AsyncTransport, Who

Response = TypeVar("Response", bound=BaseModel)


class AsyncBaseCaller:
    """Calls functions by their names, as one user or service."""

    def __init__(self, transport: AsyncTransport[Who], who: Who) -> None:
        self._perform = partial(transport.perform, who=who)

    async def _one(self, model: type[Response], function: str, **arguments: Value | Default) -> Response:
        (response,) = await self._many(model, function, **arguments)
        return response

    async def _many(
        self, model: type[Response], function: str, **arguments: Value | Default
    ) -> list[Response]:
        call = Call.of(function, arguments)
        return _read(model, call, await self._perform(call))

    async def _write(
        self,
        model: type[Response],
        function: str,
        *,
        idempotency_key: str | Default | None,
        **arguments: Value | Default,
    ) -> Response:
        key = str(uuid4()) if isinstance(idempotency_key, Default) else idempotency_key
        try:
            keyed = {**arguments, "idempotency_key": DEFAULT if key is None else key}
            call = Call.of(function, keyed, writes=True)
            (response,) = _read(model, call, await self._perform(call), key)
        except WingmanError as error:
            error.idempotency_key = key
            raise
        return response


def _read(
    model: type[Response], call: Call, reply: Reply, idempotency_key: str | None = None
) -> list[Response]:
    receipt = Receipt(idempotency_key, reply.replayed)
    try:
        return [model.model_validate(row, context=receipt) for row in reply.rows]
    except ValidationError as error:
        raise WingmanError(f"This client does not understand the answer of {call.function}") from error
