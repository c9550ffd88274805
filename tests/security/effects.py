"""What a call did to the rows, compared with what it is allowed to do."""

from collections.abc import Iterator
from uuid import UUID

from security.allowed import GONE, GUARDS, NOT_IN_OWN_ROWS, ROW, WRITES
from security.inventory import Function
from security.victims import Row, Rows, people_of

_CONFIRMERS = {
    "user1_completed_confirmed_by_user2": "user2_id",
    "user2_completed_confirmed_by_user1": "user1_id",
}


def trespasses(function: Function, caller_id: UUID | str, before: Rows, after: Rows) -> list[str]:
    """Changes that this call must not make: of other columns, in other people's rows, in another's name."""
    caller = str(caller_id)
    near = _people_near(caller, before, after)
    found = []
    for table, old, new in _changed(before, after):
        if new is None:
            columns, whose = {GONE}, people_of(table, old or {}, before)
        else:
            columns = {name for name in new if new[name] != old[name]} if old else {ROW}
            whose = people_of(table, new, after)
        may_write = (GUARDS | WRITES[function.name]).get(table, set()) if function.is_volatile else set()
        if caller not in whose and not _expires(table, old, new):
            may_write = may_write & NOT_IN_OWN_ROWS.get(table, set()) if whose <= near else set()
        if columns - may_write:
            found.append(f"{function.name} writes {columns - may_write} in {table} of {whose}")
        found += [
            f"{function.name} writes {flag} in another's name"
            for flag, confirmer in _CONFIRMERS.items()
            if new and flag in columns and after["wingman_matches"][new["match_id"]][confirmer] != caller
        ]
    return found


def _changed(before: Rows, after: Rows) -> Iterator[tuple[str, Row | None, Row | None]]:
    for table in before.keys() | after.keys():
        old, new = before.get(table, {}), after.get(table, {})
        for key in old.keys() | new.keys():
            if old.get(key) != new.get(key):
                yield table, old.get(key), new.get(key)


def _expires(table: str, old: Row | None, new: Row | None) -> bool:
    """Searches settle lapsed matches of others on their way."""
    return table == "wingman_matches" and bool(
        old and new and (old["status"], new["status"]) == ("pending", "expired")
    )


def _people_near(caller: str, before: Rows, after: Rows) -> set[str]:
    """The caller, everybody who has a match with the caller, and the people of matches that were settled."""
    near = {caller}
    for key, match in after["wingman_matches"].items():
        people = people_of("wingman_matches", match, after)
        if caller in people or _expires("wingman_matches", before["wingman_matches"].get(key), match):
            near |= people
    return near
