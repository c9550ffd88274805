"""What goes on to its end when the task that waits for it is cancelled."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_going_on: Final[set[asyncio.Task[Any]]] = set()
"""The event loop itself would let them be collected as garbage."""


async def async_uninterrupted(
    function: Callable[Parameters, Coroutine[Any, Any, Result]],
    /,
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Result:
    """Call a function. A cancelled task stops waiting for it at once, and the call goes on without it."""
    task = asyncio.create_task(function(*args, **kwargs))
    _going_on.add(task)
    task.add_done_callback(_going_on.discard)
    return await asyncio.shield(task)


def uninterrupted(
    function: Callable[Parameters, Result], /, *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Call a function, where nothing is cancelled."""
    return function(*args, **kwargs)
