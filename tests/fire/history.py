"""What every caller asked and was told, and when: the history that the checker judges."""

import json
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Outcome = Literal["answered", "refused", "unknown"]


@dataclass
class Operation:
    """One call of one caller. Until it ends, its outcome is unknown."""

    number: int
    door: str
    """By which way it was made."""
    person: str
    """The user who calls."""
    call: str
    arguments: dict[str, Any]
    invoked: float
    """When, in seconds of the monotonic clock."""
    key: str | None = None
    """The idempotency key, if the caller knows it."""
    completed: float | None = None
    """When the caller was told; None: never."""
    outcome: Outcome = "unknown"
    answer: Any = None
    """The answer as JSON: an object, for lists an array."""
    replayed: bool = False
    error: str | None = None
    """The name of the refusal, or why nobody knows the outcome."""
    context: dict[str, Any] = field(default_factory=dict)
    """The facts of a refusal."""


class History:
    """All operations, in the order in which they were invoked."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._in_flight: set[int] = set()

    def invoke(
        self, door: str, person: str, call: str, arguments: dict[str, Any], key: str | None
    ) -> Operation:
        operation = Operation(len(self.operations), door, person, call, arguments, time.monotonic(), key)
        self.operations.append(operation)
        self._in_flight.add(operation.number)
        return operation

    def answer(self, operation: Operation, answer: Any, key: str | None, replayed: bool) -> None:
        self._complete(operation, "answered")
        operation.answer, operation.key, operation.replayed = answer, key, replayed

    def refuse(self, operation: Operation, error: str, context: dict[str, Any], key: str | None) -> None:
        self._complete(operation, "refused")
        operation.error, operation.context, operation.key = error, context, key

    def lose(self, operation: Operation, why: str, key: str | None) -> None:
        """The caller was told that the outcome is unknown, or gave up."""
        self._complete(operation, "unknown")
        operation.error, operation.key = why, key

    def in_flight(self, *doors: str) -> int:
        """How many operations of these doors, or of all, wait for their end."""
        return sum(not doors or self.operations[number].door in doors for number in self._in_flight)

    def counts(self) -> Counter[str]:
        """How many operations had which outcome."""
        return Counter(operation.outcome for operation in self.operations)

    def save(self, path: Path) -> None:
        """Write it as JSON lines."""
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(operation)) + "\n" for operation in self.operations)

    def _complete(self, operation: Operation, outcome: Outcome) -> None:
        operation.completed, operation.outcome = time.monotonic(), outcome
        self._in_flight.discard(operation.number)


def load(path: Path) -> list[Operation]:
    """Read what ``History.save`` wrote."""
    with path.open(encoding="utf-8") as file:
        return [Operation(**json.loads(line)) for line in file]


def told(operations: Iterable[Operation]) -> str:
    """Operations, one a line, for people."""
    return "\n".join(
        f"  {o.invoked:.4f}-{o.completed or float('inf'):.4f} {o.door} {o.person[-4:]} {o.call}"
        f" {o.arguments} {o.outcome} {o.error or o.answer} {'replayed ' * o.replayed}key {o.key}"
        for o in operations
    )
