"""The run of the inbox can fail: whichever of these is broken on purpose, a short run finds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from fire.effects import Violation
from fire.inbox_faults import SERVE_KILLED
from fire.inbox_rules import HEARD, LOST, ORDER, UNFOUNDED
from fire.inbox_run import WEIGHTS, InboxPlan, fire_inbox
from fire.planted import Planted, assert_found, not_listed, not_plantable
from harness import Connection

ATTEMPTS = 5
"""How many seeds are tried until one finds it."""


@dataclass(frozen=True)
class Bug(Planted):
    """A bug, and which faults can show it."""

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
    weights = {kind: WEIGHTS[kind] for kind in bug.kinds}

    def run(seed: int) -> list[Violation]:
        plan = InboxPlan(seed, seconds=4, moves=False, weights=weights, plant=bug.plant)
        report = fire_inbox(plan, tmp_path / str(seed))
        print(report.table())
        return report.violations

    assert_found(name, bug, ATTEMPTS, run)


def test_every_bug_can_be_planted(db: Connection) -> None:
    assert not_plantable(db, BUGS) == {}


def test_the_document_lists_every_bug() -> None:
    assert not_listed(BUGS) == []
