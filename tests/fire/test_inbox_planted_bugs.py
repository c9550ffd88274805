"""The run of the inbox can fail: whichever of these is broken on purpose, a short run finds it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from breaking import break_function, not_breakable
from fire.inbox_faults import SERVE_KILLED
from fire.inbox_rules import HEARD, LOST, ORDER, UNFOUNDED
from fire.inbox_run import WEIGHTS, InboxPlan, fire_inbox
from harness import Connection
from wingmanmatch.database.paths import ROOT

ATTEMPTS = 5
"""How many seeds are tried until one finds it."""


@dataclass(frozen=True)
class Bug:
    """Something broken, and the rules by which it may be found."""

    rules: set[str]
    breaks: Sequence[tuple[str, str, str]] = ()
    """Functions, each with a text in it and its replacement."""
    statements: Sequence[str] = field(default=())
    """SQL that breaks something else."""
    kinds: Sequence[str] = tuple(WEIGHTS)
    """The faults that can show it."""


BUGS = {
    "a reader's place is committed before what it tells": Bug(
        {LOST},
        [
            (
                "wingman.fill_inboxes",
                "_events := array(select e from wingman.read_events('inbox', fill_inboxes.max_rows) as e);",
                """_events := array(
                    select e from wingman.events as e
                    where e.id = any(
                        coalesce(nullif(current_setting('wingman.kept', true), ''), '{}')::bigint[]
                    )
                );
                perform set_config('wingman.kept', array(
                    select e.id from wingman.read_events('inbox', fill_inboxes.max_rows) as e
                )::text, false);""",
            )
        ],
    ),
    "a transaction that is open counts as read": Bug(
        {LOST},
        [
            (
                "wingman.read_events",
                "_reader.seen := _reader.target;",
                "_reader.seen := format('%1$s:%1$s:', pg_snapshot_xmax(_reader.target))::pg_snapshot;",
            )
        ],
    ),
    "each kind is told once for a match": Bug(
        {LOST},
        statements=[
            "drop index public.wingman_notifications_event_idx",
            """create unique index wingman_notifications_event_idx
               on public.wingman_notifications (user_id, kind, match_id) where event_id is not null""",
        ],
    ),
    "what is for somebody who is locked is dropped": Bug(
        {LOST}, [("wingman.tell", "where n.user_id <> all(_present)", "where false")]
    ),
    "ids follow a clock that goes back": Bug(
        {ORDER, HEARD},
        [
            (
                "wingman.tell",
                "greatest(clock_timestamp(), c.told_until)",
                "clock_timestamp() - random() * interval '10 seconds'",
            )
        ],
    ),
    "what is new is found by its time": Bug(
        {HEARD},
        [
            (
                "wingman.told_after",
                "w.id > told_after.after",
                """w.created_at > coalesce((
                    select o.created_at from public.wingman_notifications as o where o.id = told_after.after
                ), '-infinity')""",
            )
        ],
    ),
    "a stream begins with the message that was seen last": Bug(
        {HEARD},
        [
            (
                "wingman.notifications_between",
                "w.id > notifications_between.after",
                "w.id >= notifications_between.after",
            )
        ],
        kinds=[SERVE_KILLED],
    ),
    "whoever did it is told as well": Bug(
        {UNFOUNDED}, [("wingman.notices_of", "and o.id is distinct from e.user_id", "")]
    ),
    "one act is told by all that it caused": Bug(
        {UNFOUNDED}, [("wingman.notices_of", "k.unless_told is not null and", "false and")]
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(tmp_path: Path, name: str) -> None:
    bug = BUGS[name]
    found: set[str] = set()
    for seed in range(ATTEMPTS):
        weights = {kind: WEIGHTS[kind] for kind in bug.kinds}
        plan = InboxPlan(seed, seconds=4, moves=False, weights=weights, plant=partial(_plant, bug))
        report = fire_inbox(plan, tmp_path / str(seed))
        found = {violation.rule for violation in report.violations}
        print(f"{name}, seed {seed}: {sorted(found)}")
        print(report.table())
        if found & bug.rules:
            return
    assert found & bug.rules


def _plant(bug: Bug, db: Connection) -> None:
    for function, old, new in bug.breaks:
        break_function(db, function, old, new)
    for statement in bug.statements:
        db.execute(statement)


def test_every_bug_can_be_planted(db: Connection) -> None:
    """Else the runs would look for a bug that is not there."""
    breaks = {name: partial(_plant, bug, db) for name, bug in BUGS.items()}
    assert not_breakable(db, breaks) == {}


def test_the_document_lists_every_bug() -> None:
    document = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    assert [name for name in BUGS if f"| {name} |" not in document] == []
