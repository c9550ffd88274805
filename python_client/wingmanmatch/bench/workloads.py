"""What is done in a turn: the calls, what they need, and what the database shows when they are done."""

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
    prepare: str = ""
    """``bench/turns/<prepare>.sql`` makes what the calls of one turn need."""
    done: str = ""
    """A query whose number grows by one with every call that has done its work."""
    worth: str = ""
    """A query, 0 before a turn, which counts what the calls are for; where absent, each call is worth one."""
    limited: bool = True
    """Whether a turn may have no more calls than the world has pairs."""
    variables: dict[str, int] = field(default_factory=dict)


FLOOR = Workload("floor", done="select sum(n) from bench.floor", limited=False)
MATCH = Workload("match", worth=PENDING)
ACCEPT = Workload(
    "accept",
    prepare="pending",
    done="select count(*) from public.wingman_matches where status = 'accepted'",
)
DECLINE = Workload(
    "decline",
    prepare="pending",
    done="select count(*) from public.wingman_matches where status = 'declined'",
    worth=PENDING,
)
CONFIRMATIONS = (
    "select count(*) filter (where user1_completed_confirmed_by_user2)"
    " + count(*) filter (where user2_completed_confirmed_by_user1) from {}.wingman_sessions"
)
CONFIRM = Workload("confirm", prepare="sessions", done=CONFIRMATIONS.format("public"))
CONFIRM_KEY = replace(CONFIRM, call="confirm_key")
SEED_DESIGN = Workload(
    "seed_design",
    prepare="seed_sessions",
    done=CONFIRMATIONS.format("seed_design"),
    variables={"lean": 0},
)
LEAN_SEED_DESIGN = replace(SEED_DESIGN, variables={"lean": 1})
