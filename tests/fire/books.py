"""What must be true of the database alone after a run."""

import subprocess
from collections.abc import Iterator

from fire.effects import Violation
from fire.machines import Database
from harness import Connection
from journal.trail import assert_replay_is_the_truth
from races.invariants import violations
from wingmanmatch.tools.doctor import examine

DAMAGE = ("PANIC", "corrupt", "invalid page", "page verification failed", "could not read block")
ORDINARY = ("shared memory", "the last backup for recovery")
"""Who says "corrupt" all the same: backends that go with a killed one, whose memory may be spoilt, and a
recovery that follows a killed one."""


def audit(db: Connection, database: Database) -> Iterator[Violation]:
    """Everything that is wrong, whoever did it."""
    for rule, rows in violations(db).items():
        yield Violation(rule, str(rows[:3]))
    try:
        assert_replay_is_the_truth(db)
    except AssertionError as error:
        yield Violation("the journal replays to the tables", str(error)[:2000])
    for what, function in (("counters", "reconcile_reputation"), ("awards", "reconcile_achievements")):
        differences = db.execute(f"select * from wingman_admin.{function}()").fetchall()
        if differences:
            yield Violation(f"the {what} are what the ledger says", str(differences[:3]))
    for check in examine(database.url):
        for finding in check.findings:
            yield Violation("wingman doctor finds nothing", f"{check.name}: {finding}")
    for line in database.log:
        if any(word in line for word in DAMAGE) and not any(words in line for words in ORDINARY):
            yield Violation("the server finds its files whole", line)
    yield from _amcheck(db, database)


def _amcheck(db: Connection, database: Database) -> Iterator[Violation]:
    """What pg_amcheck finds, where the server has its extension, as Debian's has."""
    has_extension = db.execute("select from pg_available_extensions where name = 'amcheck'").rowcount
    if has_extension:
        program = database.binaries / "pg_amcheck"
        where = ["--install-missing", "--heapallindexed", database.url]
        done = subprocess.run([program, *where], capture_output=True, text=True, check=False)
        if done.returncode:
            yield Violation("pg_amcheck finds nothing", done.stdout + done.stderr)
