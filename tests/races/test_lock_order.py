"""Every function takes its locks in the order that docs/architecture.md lists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import Connection

ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"
# See there why each of them is none.
EXCEPTIONS = {
    ("wingman.block_user", "public.user_profiles"),
    ("wingman.complete_profile", "wingman.rate_limits"),
}
_TABLE = r"((?:public|wingman)\.\w+)"
_ROW_LOCK = re.compile(r"\bfor (?:no key update|update|key share|share)(?: of (\w+))?(?! ?skip locked)\b")


@pytest.fixture
def bodies(db: Connection) -> dict[str, str]:
    """The PL/pgSQL functions, by their qualified names, without comments.

    An exception handler stands by itself: it begins after a rollback that released its block's locks.
    """
    rows = db.execute(
        """
        select p.pronamespace::regnamespace::text || '.' || p.proname as name, p.prosrc as body
        from pg_proc as p
        inner join pg_language as l on l.oid = p.prolang
        where p.pronamespace in ('wingman'::regnamespace, 'wingman_admin'::regnamespace)
            and l.lanname = 'plpgsql'
        """
    )
    found = {}
    for row in rows:
        body = re.sub(r"--[^\n]*|\s+", " ", row["body"])
        found[row["name"]], _, found[f"{row['name']}, its handler"] = body.partition(" exception when ")
    return found


def listed() -> list[str]:
    """What the document lists, first lock first."""
    text = ARCHITECTURE.read_text(encoding="utf-8").partition("\n## Lock order\n")[2].partition("\n## ")[0]
    return re.findall(r"^\d+\. `([\w.]+)`", text, re.MULTILINE)


def locks(name: str, bodies: dict[str, str], callers: tuple[str, ...] = ()) -> Iterator[str]:
    """The locks a function may wait for, in the order of its text, including the functions that it calls."""
    for statement in bodies[name].split(";"):
        # what stands in a RETURNING runs once the row is locked
        statement, _, returning = statement.partition(" returning ")
        yield from _locks_of_calls(statement, name, bodies, callers)
        if "pg_advisory_xact_lock(" in statement:
            yield "pg_advisory_xact_lock"
        if " skip locked" in statement:
            yield from _locks_of_calls(returning, name, bodies, callers)
            continue
        for lock in _ROW_LOCK.finditer(statement):
            alias = rf" as {lock[1]}\b" if lock[1] else ""
            yield re.findall(rf"\b(?:from|join) {_TABLE}{alias}", statement)[0]
        yield from re.findall(rf"\b(?:update|delete from) {_TABLE}", statement)
        yield from re.findall(rf"\binsert into {_TABLE}\b(?=.* do update\b)", statement)
        yield from _locks_of_calls(returning, name, bodies, callers)


def _locks_of_calls(text: str, name: str, bodies: dict[str, str], callers: tuple[str, ...]) -> Iterator[str]:
    for called in re.findall(r"\b((?:wingman|wingman_admin)\.\w+)\(", text):
        if called in bodies and called not in (name, *callers):
            yield from locks(called, bodies, (name, *callers))


def out_of_order(name: str, bodies: dict[str, str]) -> list[str]:
    """The locks of a function that come after one that the document lists later."""
    order = {lock: place for place, lock in enumerate(listed())}
    first = [
        lock
        for lock in dict.fromkeys(locks(name, bodies))
        if lock in order and (name, lock) not in EXCEPTIONS
    ]
    return [
        lock for place, lock in enumerate(first) if any(order[lock] < order[one] for one in first[:place])
    ]


def test_the_document_lists_what_is_locked(bodies: dict[str, str]) -> None:
    found = {lock for name in bodies for lock in locks(name, bodies)}
    assert len(listed()) == 10
    assert set(listed()) <= found


def test_every_function_takes_its_locks_in_this_order(bodies: dict[str, str]) -> None:
    # those that no other function calls; the rest is read as a part of them
    called = {one for body in bodies.values() for one in re.findall(r"\b(wingman\.\w+)\(", body)}
    begun = bodies.keys() - called
    assert {"wingman.respond_to_match", "wingman_admin.mark_no_show", "wingman.run_maintenance"} <= begun
    assert {name: late for name in begun if (late := out_of_order(name, bodies))} == {}


def test_the_calls_lock_what_they_are_said_to_lock(bodies: dict[str, str]) -> None:
    def of(name: str) -> list[str]:
        return [lock for lock in dict.fromkeys(locks(f"wingman.{name}", bodies)) if lock in listed()]

    key, pool, matches, sessions, limits, addresses, reports, profiles, places, members = listed()
    assert of("respond_to_match") == [key, pool, matches, limits]
    assert of("confirm_session_completion") == [key, sessions, limits, reports, profiles]
    assert of("create_session") == [key, pool, limits]
    assert of("set_notification_settings") == [key, limits, addresses, profiles]
    assert of("set_leaderboard_visibility") == [key, limits, profiles, places, members]
    assert of("cancel_session") == [key, sessions, reports]
    assert of("agree_to_session") == [key, pool, sessions]
    assert of("reschedule_session") == [key, pool, sessions, limits]
    assert of("report_no_show") == [key, pool, sessions, limits, reports]
    assert of("report_user") == [key, limits, profiles]
    assert of("answer_no_show") == [key, pool, matches, sessions, reports, profiles]
    assert of("withdraw_no_show") == [key, sessions, reports]
    assert of("end_match") == [key, matches, sessions]
    assert of("erase_my_account") == [key, pool, matches, sessions, limits, reports, profiles]
    assert of("tg_user_profiles__depart") == [pool, matches, sessions, limits, reports, members]


@pytest.mark.parametrize(
    "body",
    [
        "perform from public.wingman_sessions as s for update; perform wingman.lock_match(null);",
        "update public.user_profiles as p set bio = ''; perform wingman.lock_seekers(null);",
        "insert into wingman.rate_limits values (null) on conflict do update set bucket = '';"
        " perform from public.wingman_matches as m, wingman.settings as t for no key update of m;",
    ],
)
def test_another_order_is_found(bodies: dict[str, str], body: str) -> None:
    assert len(out_of_order("wingman.probe", {**bodies, "wingman.probe": f" {body} "})) == 1
