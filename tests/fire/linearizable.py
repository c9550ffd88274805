"""Whether operations that overlap could have happened one after the other, each in one instant.

The search is that of Wing and Gong (1993), with the memory of Lowe (2017): it tries the orders that the
clock allows, and no combination of operations done and state reached a second time, unless with more of the
optional operations left.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Generic, Protocol, TypeVar

State = TypeVar("State")


class Step(Protocol):
    """What the search must know of an operation."""

    invoked: float
    completed: float
    """Infinite if its effect may come at any later time."""
    is_required: bool
    """Whether it happened beyond doubt; otherwise it may have happened, or not."""
    is_pure: bool
    """Whether it cannot have changed anything."""

    @property
    def kind(self) -> Hashable:
        """What it does. Of optional ones that do the same, and were invoked by then, any is as good."""


S = TypeVar("S", bound=Step)


class UndecidedError(Exception):
    """The search was given up."""


@dataclass(frozen=True)
class Stuck(Generic[S]):
    """Why there is no order: as far as the search came."""

    state: Any
    remaining: list[S]
    """The required operations of which none could come next, the earliest first."""


def find_order(
    operations: Sequence[S],
    initial: State,
    apply: Callable[[State, S], State | None],
    is_final: Callable[[State], bool],
    most_nodes: int = 300_000,
) -> Stuck[S] | None:
    """Look for an order of all required and some optional operations that leads to a final state.

    Args:
        operations: real-time order binds them: what was completed before another was invoked comes first.
        initial: the state before all of them; hashable.
        apply: the state after an operation in a state, or None if it cannot happen there with its answer.
        is_final: whether the rows at the end are those of a state.
        most_nodes: how much to try.

    Returns:
        None if there is one, else where every attempt ended.

    Raises:
        UndecidedError: more would have to be tried.
    """
    by_time = sorted(operations, key=lambda operation: operation.invoked)
    required = [operation for operation in by_time if operation.is_required]
    optional = [operation for operation in by_time if not operation.is_required]
    everything = (1 << len(required)) - 1
    pending: list[tuple[int, int, State]] = [(0, 0, initial)]
    seen: dict[tuple[int, State], list[int]] = {(0, initial): [0]}
    attempts = 0
    furthest = (-1, initial, 0)
    while pending:
        done, taken, state = pending.pop()
        done = _with_pure(required, done, state, apply)
        if done.bit_count() > furthest[0]:
            furthest = (done.bit_count(), state, done)
        if done == everything and is_final(state):
            return None
        bound, candidates = _candidates(required, done)
        following = []
        for position in _open(optional, taken, bound):
            after = apply(state, optional[position])
            if after is not None and after != state:
                following.append((done, taken | 1 << position, after))
        # those that end first are tried first
        for position in sorted(candidates, key=lambda at: required[at].completed, reverse=True):
            after = apply(state, required[position])
            if after is not None:
                following.append((done | 1 << position, taken, after))
        new = [node for node in following if _is_new(node, seen)]
        pending += new
        attempts += len(new)
        if attempts > most_nodes:
            raise UndecidedError(f"No order of {len(operations)} operations after {attempts} attempts")
    _, state, done = furthest
    return Stuck(state, [o for at, o in enumerate(required) if not done >> at & 1][:12])


def _is_new(node: tuple[int, int, State], seen: dict[tuple[int, State], list[int]]) -> bool:
    """Remember a node; False if the search came here before with the same optional ones left, or more."""
    done, taken, state = node
    before = seen.setdefault((done, state), [])
    if any(fewer & taken == fewer for fewer in before):
        return False
    before[:] = [more for more in before if taken & more != taken]
    before.append(taken)
    return True


def _with_pure(
    required: Sequence[S], done: int, state: State, apply: Callable[[State, S], State | None]
) -> int:
    """Add what can happen at once and changes nothing: whatever order there is, it may begin with these."""
    while True:
        _, candidates = _candidates(required, done)
        pure = [at for at in candidates if required[at].is_pure and apply(state, required[at]) is not None]
        if not pure:
            return done
        for position in pure:
            done |= 1 << position


def _candidates(required: Sequence[S], done: int) -> tuple[float, list[int]]:
    """Until when the next operation was invoked, and the required ones that it can be."""
    bound, open_ = inf, []
    position = (~done & done + 1).bit_length() - 1
    while position < len(required) and required[position].invoked <= bound:
        if not done >> position & 1:
            open_.append(position)
            bound = min(bound, required[position].completed)
        position += 1
    return bound, [at for at in open_ if required[at].invoked <= bound]


def _open(optional: Sequence[S], taken: int, bound: float) -> Iterable[int]:
    """The optional ones that can come next, one of each kind."""
    by_kind: dict[Hashable, int] = {}
    for position, operation in enumerate(optional):
        if operation.invoked > bound:
            break
        if not taken >> position & 1:
            by_kind.setdefault(operation.kind, position)
    return by_kind.values()
