"""Makes calls in a world that they leave unchanged, and says what was wrong with the answer or the effect."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from harness import Connection
from races.invariants import violations
from security.arguments import GoodCall
from security.by_contract import breach
from security.effects import trespasses
from security.intruder import Intruder, Outcome, claims_of
from security.inventory import Function
from security.victims import Rows, Secrets, Snapshots

Send = Callable[[Intruder, str, dict[str, Any], Callable[[], None]], Outcome]


@dataclass(frozen=True)
class Verdict:
    outcome: Outcome
    offences: list[str]
    after: Rows | None
    """The rows before the call was undone; None when it changed nothing."""


class Judge:
    """Wants a superuser, who takes the roles of callers and looks at the rows before a call is undone."""

    def __init__(self, db: Connection, snapshots: Snapshots) -> None:
        self.secrets = Secrets(snapshots.rows(), snapshots.now())
        self._db = db
        self._snapshots = snapshots
        self._untouched = snapshots.hash()

    def call(
        self,
        function: Function,
        arguments: dict[str, Any],
        caller_id: UUID | str | None,
        role: str = "authenticated",
        claims: str | None = None,
        send: Send = Intruder.call,
    ) -> Verdict:
        """A call that acts for ``caller_id``, judged by its answer and by the rows."""
        after: Rows | None = None
        broken: list[str] = []

        def look_at_rows() -> None:
            nonlocal after
            if self._snapshots.hash() != self._untouched:
                after = self._snapshots.rows()
                broken.extend(violations(self._db))

        outcome = send(Intruder(self._db, role, claims), function.qualified, arguments, look_at_rows)
        offences = [f"breaks: {invariant}" for invariant in broken]
        offences += [wrong for wrong in [breach(outcome, function)] if wrong]
        told = self.secrets.told_in(outcome.text, caller_id, known=arguments.values())
        if after is not None:
            offences += trespasses(function, str(caller_id), self.secrets.rows, after)
            if told:
                # people matched by this call are no longer strangers
                told &= Secrets(after, self.secrets.now).of(caller_id)
        return Verdict(outcome, offences + [f"tells {secret}" for secret in sorted(told)], after)

    def telling_call(self, function: Function, calls: list[GoodCall]) -> GoodCall:
        """The first of some calls that writes, or else the first."""

        def writes(call: GoodCall) -> bool:
            user_id, arguments = call
            return self.call(function, arguments, user_id, claims=claims_of(user_id)).after is not None

        return max(calls, key=writes)

    def world_is_untouched(self) -> bool:
        return self._snapshots.hash() == self._untouched
