"""The server's time for a match, without the commit, which would hide growth."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import fmean
from uuid import UUID

from psycopg import RawCursor

from wingmanmatch import _postgres as postgres
from wingmanmatch._rpc import Identity
from wingmanmatch.bench.pgbench import LEAD_IN_CALLS
from wingmanmatch.bench.workloads import NEW_MATCHES, PENDING
from wingmanmatch.bench.worlds import World, WorldError, person_id
from wingmanmatch.database.connection import connect

# statement_timestamp() is when the message came that executes the statement; the clock is read in the same
# statement, after the row is made. No network, no other statement and no commit lies between.
CALL = (
    b"select f.match_id, to_json(f), extract(epoch from clock_timestamp() - statement_timestamp()) * 1e6"
    b' from "public"."create_automatic_match"() as f'
)


@dataclass
class ServerTime:
    """Turns of calls by one client, each call by somebody else."""

    world: World
    calls: int
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def __call__(self) -> float:
        """Take a turn; the mean time of the calls that made a match, in microseconds.

        Raises:
            psycopg.Error: a call was refused.
            WorldError: the turn did not find the world as it should be, or no call told of a match.
        """
        if self.world.number(PENDING):
            raise WorldError("Matches are pending before the turn")
        calls = min(self.calls + LEAD_IN_CALLS, self.world.kind.pairs - 1)
        answers = list(self._call(self.chance.sample(range(self.world.kind.people), calls)))
        made = {match_id for (match_id,) in self.world.connection.execute(f"select m.id {NEW_MATCHES}")}
        # The first to be told of a match made it. Whoever was found, and calls later, is told of it again.
        first = dict(reversed(answers))
        if not made <= first.keys():
            raise WorldError(f"{len(made)} matches are there, and no call told of some")
        timed = made - dict(answers[:LEAD_IN_CALLS]).keys()
        if not timed:
            raise WorldError(f"{calls} callers, and nobody found anybody")
        self.world.run("reset")
        return fmean(first[match_id] for match_id in timed)

    def _call(self, callers: list[int]) -> Iterator[tuple[UUID | None, float]]:
        """The match that each call told of, and the call's time."""
        with connect(self.world.url, prepare_threshold=0) as connection:
            identity, answer = RawCursor(connection), RawCursor(connection)
            for caller in callers:
                who = Identity.user(person_id(caller))
                with connection.pipeline():
                    identity.execute(postgres.ASSUME_IDENTITY, [who.role, who.claims])
                    answer.execute(CALL)
                for match_id, _, microseconds in answer:
                    yield match_id, float(microseconds)
