"""The server's time for a match, without the commit, which would hide growth."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import fmean
from uuid import UUID

from wingmanmatch.call.identity import IDENTITY, Identity, local_settings
from wingmanmatch.call.one_trip import Statement
from wingmanmatch.call.transaction import own_transaction
from wingmanmatch.database.connection import connect
from wingmanmatch.tools.bench.pgbench import LEAD_IN_CALLS
from wingmanmatch.tools.bench.workloads import NEW_MATCHES, PENDING
from wingmanmatch.tools.bench.worlds import World, WorldError, person_id

# statement_timestamp() is when the message that executes the statement arrived; the clock is read in the same
# statement, after the row is made. No network, no other statement and no commit lies in between.
CALL = Statement.of(
    b"select f.match_id, to_json(f), extract(epoch from clock_timestamp() - statement_timestamp()) * 1e6"
    b' from "public"."create_automatic_match"() as f'
)
ASSUME_IDENTITY = local_settings(*IDENTITY)


@dataclass
class ServerTime:
    """Turns of calls by one client, each on behalf of another user."""

    world: World
    calls: int
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def __call__(self) -> float:
        """Take a turn; the mean time of the calls that made a match, in microseconds.

        Raises:
            psycopg.Error: a call was refused.
            WorldError: the world was not in the expected state, or no call returned a match.
        """
        if self.world.number(PENDING):
            raise WorldError("Matches are pending before the turn")
        calls = min(self.calls + LEAD_IN_CALLS, self.world.kind.pairs - 1)
        answers = list(self._call(self.chance.sample(range(self.world.kind.people), calls)))
        made = {match_id for (match_id,) in self.world.connection.execute(f"select m.id {NEW_MATCHES}")}
        # The first call that returns a match made it. If the person found calls later, it is returned again.
        first = dict(reversed(answers))
        if not made <= first.keys():
            raise WorldError(f"There are {len(made)} matches, and no call returned some of them")
        timed = made - dict(answers[:LEAD_IN_CALLS]).keys()
        if not timed:
            raise WorldError(f"None of {calls} callers found anybody")
        self.world.run("reset")
        return fmean(first[match_id] for match_id in timed)

    def _call(self, callers: list[int]) -> Iterator[tuple[UUID | None, float]]:
        """The match that each call returned, and the call's time."""
        with connect(self.world.url) as connection:
            for caller in callers:
                who = Identity.user(person_id(caller))
                assumed = ASSUME_IDENTITY, [who.role.encode(), who.claims.encode()]
                result = connection.wait(own_transaction(connection, [assumed, (CALL, ())]))
                match_id, microseconds = result.get_value(0, 0), result.get_value(0, 2) or b"0"
                yield UUID(match_id.decode()) if match_id else None, float(microseconds)
