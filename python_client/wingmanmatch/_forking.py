"""Connections belong to the process that opened them: two processes would read each other's answers."""

import os
from collections.abc import Callable
from weakref import WeakSet

_watches: WeakSet["ForkWatch"] = WeakSet()


class ForkWatch:
    """Knows whether connections were open when this process was forked.

    Args:
        are_open: Whether they are.
    """

    def __init__(self, are_open: Callable[[], bool]) -> None:
        self.are_open = are_open
        self.are_inherited = False
        """Whether they belong to another process."""
        _watches.add(self)

    def check(self) -> None:
        """Raise RuntimeError where they belong to another process."""
        if self.are_inherited:
            raise RuntimeError(
                "The client's connections belong to the process that this one was forked from: "
                "make a client in each process, after the fork"
            )


def _after_fork() -> None:
    for watch in list(_watches):
        watch.are_inherited = watch.are_inherited or watch.are_open()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
