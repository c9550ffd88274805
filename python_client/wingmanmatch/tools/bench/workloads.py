"""What happens in a turn: the calls, what they need, and what the database shows afterwards."""

from dataclasses import dataclass, field, replace

NEW_MATCHES = (
    "from public.wingman_matches as m, bench.world as w"
    " where m.status = 'pending' and m.created_at > w.made_at"
)
"""Pending matches that were not there when the world was made."""
PENDING = f"select count(*) {NEW_MATCHES}"


@dataclass(frozen=True)
class Workload:
    """What the clients of a turn do."""

    call: str
    """A script of pgbench, ``bench/calls/<call>.sql``."""
    prepare: tuple[str, ...] = ()
    """``bench/turns/<name>.sql``, which create what the calls of one turn need."""
    reset: tuple[str, ...] = ("reset",)
    """``bench/turns/<name>.sql``, which restore the world to its state before the turn."""
    done: str = ""
    """A query whose number grows by one with every call that has done its work."""
    worth: str = ""
    """A query, 0 before a turn, that counts what the calls achieve; without it, each call counts as one."""
    limited: bool = True
    """Whether a turn can have at most as many calls as the world has pairs."""
    variables: dict[str, int] = field(default_factory=dict)


def _answers(schema: str, status: str) -> str:
    return f"select count(*) from {schema}.wingman_matches where status = '{status}'"  # noqa: S608 - ours


CONFIRMATION_COLUMNS = ("user1_completed_confirmed_by_user2", "user2_completed_confirmed_by_user1")


def _confirmations(schema: str) -> str:
    counts = [f"count(*) filter (where {column})" for column in CONFIRMATION_COLUMNS]
    return f"select {' + '.join(counts)} from {schema}.wingman_sessions"  # noqa: S608 - ours


BARE_RESET = ("reset", "bare_reset")

FLOOR = Workload("floor", reset=(), done="select sum(n) from bench.floor", limited=False)
MATCH = Workload("match", worth=PENDING)
BARE_MATCH = Workload(
    "bare_match", ("bare_people",), BARE_RESET, done="select count(*) from bare.wingman_matches"
)
ACCEPT = Workload("accept", ("pending",), done=_answers("public", "accepted"))
BARE_ACCEPT = Workload(
    "bare_accept", ("pending", "bare_pending"), BARE_RESET, done=_answers("bare", "accepted")
)
DECLINE = Workload("decline", ("pending",), done=_answers("public", "declined"), worth=PENDING)
CONFIRM = Workload("confirm", ("sessions",), done=_confirmations("public"))
BARE_CONFIRM = Workload(
    "bare_confirm", ("sessions", "bare_sessions"), BARE_RESET, done=_confirmations("bare")
)
SEED_DESIGN = Workload(
    "seed_design", ("seed_sessions",), done=_confirmations("seed_design"), variables={"lean": 0}
)
LEAN_SEED_DESIGN = replace(SEED_DESIGN, variables={"lean": 1})
APP_SERVER = Workload(
    "app_server",
    ("app_server_sessions",),
    done="select count(*) filter (where confirmed_by_user1) + count(*) filter (where confirmed_by_user2)"
    " from app_server.sessions",
)
