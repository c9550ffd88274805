"""Answers that are kept for a while, because they cost the database much."""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

_SECONDS: Final = 60.0


class Kept:
    """An answer that is asked for anew at most once a minute, however many ask."""

    def __init__(self, ask: Callable[[], Any]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._answer: Any = None
        self._until = 0.0

    def __call__(self) -> Any:
        """The answer. Whoever comes while it is asked for waits for it; an error is not kept."""
        with self._lock:
            if monotonic() >= self._until:
                self._answer = self._ask()
                self._until = monotonic() + _SECONDS
            return self._answer
