"""What all methods of a caller share: they turn arguments into a call, and its reply into an answer."""

from contextlib import aclosing
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

from pydantic import BaseModel, ValidationError

from .._rpc import DEFAULT, AsyncIterated, Call, Default, Id, Receipt, Reply, Value, position
from ..errors import WingmanError
from ..models import Notification
from .transport import AsyncTransport, Who

Response = TypeVar("Response", bound=BaseModel)


class AsyncBaseCaller:
    """Calls functions by their names, as one user or service."""

    def __init__(self, transport: AsyncTransport[Who], who: Who) -> None:
        self._perform = partial(transport.perform, who=who)
        self._follow = partial(transport.follow, who=who)

    async def follow_notifications(
        self, after: Id | None = None, *, every: float = 1.0
    ) -> AsyncIterated[Notification]:
        """Yields the user's notifications, oldest first, as soon as they are written; it never ends.

        If the connection is lost, it reconnects as the client's ``retries`` say; nothing is lost and nothing
        comes twice. To go on later, pass the last id as ``after``.

        Args:
            after: The last notification that you have seen. None: only new ones.
            every: Over a database connection, or if the server has no stream, the seconds between two polls
                of the inbox.

        Raises:
            NotAuthenticated: over HTTP, the token is refused, perhaps because it has expired.
            ProfileIncomplete: over HTTP, the user has no profile, or has been erased.
            RateLimited: over HTTP, the user has too many streams open.
            ConnectionLost: it could not reconnect in time.
        """
        async with aclosing(self._follow(after=position("after", after), every=every)) as told:
            async for row in told:
                yield _model(Notification, row, "list_notifications")

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
    return [_model(model, row, call.function, receipt) for row in reply.rows]


def _model(model: type[Response], row: Any, function: str, receipt: Receipt | None = None) -> Response:
    try:
        return model.model_validate(row, context=receipt)
    except ValidationError as error:
        raise WingmanError(f"This client does not understand the answer of {function}") from error
