"""When a call is retried, and how long it waits before."""

from asyncio import sleep as async_sleep
from dataclasses import dataclass
from random import uniform
from time import sleep
from typing import Final

__all__ = ["CALL_TIMEOUT", "RETRIES", "Retries", "async_sleep", "sleep"]

_MAX_DOUBLINGS: Final = 60


@dataclass(frozen=True, slots=True)
class Retries:
    """How long the client retries a call that failed temporarily, and how long it waits in between.

    A wait is any time up to a bound, which doubles with each failure (exponential backoff with full jitter).
    ``Retries(attempts=1)`` never retries.
    """

    attempts: int | None = None
    """The most times a call is made, including the first. None: as many as there is time for."""
    duration: float = 10.0
    """How long after its first failure a call may be retried, in seconds."""
    base: float = 0.05
    """The bound of the first wait, in seconds."""
    cap: float = 1.0
    """The longest wait, in seconds."""

    def wait(self, failures: int) -> float:
        """How long to wait after this many failures, in seconds; random, so it differs each time."""
        return uniform(0, min(self.cap, self.base * 2 ** min(failures - 1, _MAX_DOUBLINGS)))

    def allow(self, failures: int, seconds: float) -> bool:
        """Whether there may be another attempt after so many failures, so long after the first one."""
        return (self.attempts is None or failures < self.attempts) and seconds < self.duration


RETRIES: Final = Retries()
"""What a client does by default."""

CALL_TIMEOUT: Final = 30.0
"""Seconds that a client waits for an answer by default."""
