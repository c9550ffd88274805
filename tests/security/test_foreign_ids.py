"""Everybody with a valid login tries every id there is in every argument that takes one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from security.allowed import API, REFUSALS, line_of
from security.arguments import sensible_calls
from security.intruder import Intruder, claims_of
from security.inventory import Function, relations
from security.judge import Judge
from security.shared_world import postgresql  # noqa: F401
from security.victims import World, partners, people_of

NOBODY = UUID("01900000-0000-7000-8000-000000000000")
EVERYBODY = (
    "victim",
    "friend",
    "partner",
    "asked",
    "former",
    "blocked",
    "decliner",
    "lapsed",
    "stranger",
    "suspended",
    "newcomer",
)
# What somebody without a profile can call; all else answers profile_incomplete.
FOR_NEWCOMERS = {
    *("complete_profile", "erase_my_account", "export_my_data"),
    *("list_matches", "list_no_show_reports", "list_notifications", "list_sessions"),
    "count_unread_notifications",
}


# The table whose keys an argument takes.
THINGS = {
    "match_id": "wingman_matches",
    "session_id": "wingman_sessions",
    "user_id": "user_profiles",
    "buddy_user_id": "user_profiles",
    "subject_id": "user_profiles",
}


class Attack:
    """Calls as one person, and collects what that person can do or learn that only others may."""

    def __init__(self, judge: Judge, world: World, who: str) -> None:
        self.me = str(world.users[who])
        self.calls = 0
        self.offences: list[str] = []
        self._who = who
        self._world = world
        self._judge = judge
        self._rows = judge.secrets.rows

    def call(self, function: Function, arguments: dict[str, Any]) -> None:
        verdict = self._judge.call(function, arguments, self.me, claims=claims_of(self.me))
        offences = [*verdict.offences]
        expected = self._expected_refusal(function, arguments)
        if expected and verdict.outcome.name != expected:
            offences.append(f"is not refused as {expected}: {verdict.outcome}")
        named = ", ".join(f"{name} => {self._world.name(value)}" for name, value in arguments.items())
        self.offences += [
            f"{self._who} calls {function.qualified}({named}): {offence}" for offence in offences
        ]
        self.calls += 1

    def _expected_refusal(self, function: Function, arguments: dict[str, Any]) -> str | None:
        """How the first id that is not the caller's own is refused; None where nothing is foreign."""
        # the user on whose behalf the call is made is checked first
        for name in sorted(function.ids, key=lambda name: name != "user_id"):
            refusal = line_of(REFUSALS, function.name, name)
            value = arguments.get(name)
            if name == "user_id" and self._who == "newcomer" and value is None:
                return None if function.name in FOR_NEWCOMERS else "profile_incomplete"
            if refusal and value is not None and not self._is_mine(name, str(value), arguments):
                somebodys, nobodys = refusal
                return somebodys if str(value) in self._rows[THINGS[name]] else nobodys
        return None

    def _is_mine(self, argument: str, id_: str, arguments: dict[str, Any]) -> bool:
        rows = self._rows
        match argument:
            case "user_id":
                return id_ == self.me
            case "subject_id":
                return id_ in partners(self.me, rows, self._judge.secrets.now) | {self.me}
            case "buddy_user_id":
                session = rows["wingman_sessions"][str(arguments["session_id"])]
                return id_ in people_of("wingman_sessions", session, rows)
        row = rows[THINGS[argument]].get(id_)
        return row is not None and self.me in people_of(THINGS[argument], row, rows)


@pytest.fixture
def attack(judge, world) -> Callable[[str], Attack]:
    return lambda who: Attack(judge, world, who)


@pytest.mark.representatives("partner")
@pytest.mark.parametrize("who", EVERYBODY)
def test_no_id_opens_what_is_anothers(attack, judge, inventory, world, who):
    attacker = attack(who)
    of_other_kinds = [*world.users.values(), *world.matches.values(), *world.sessions.values()][::7]
    for name in API:
        function = inventory[f"public.{name}"]
        for arguments in sensible_calls(world, function, (*of_other_kinds, NOBODY)):
            attacker.call(function, arguments)
    assert attacker.offences == []
    assert attacker.calls > 300
    assert judge.world_is_untouched()


@pytest.mark.representatives("stranger")
@pytest.mark.parametrize("who", ["stranger", "partner", "blocked", "newcomer"])
def test_nobody_acts_for_another(attack, judge, inventory, world, who):
    attacker = attack(who)
    others = {*world.users.values(), *world.matches.values(), NOBODY} - {world.users[who]}
    for name in API:
        for schema in ("public", "wingman"):
            function = inventory[f"{schema}.{name}"]
            arguments = next(sensible_calls(world, function))
            for user_id in others:
                attacker.call(function, {**arguments, "user_id": user_id})
    assert attacker.offences == []
    assert judge.world_is_untouched()


@pytest.mark.parametrize("who", EVERYBODY)
def test_no_table_tells_what_is_anothers(connect, superuser, world, judge, who):
    reader = Intruder.logged_in(connect, "authenticated", claims_of(world.users[who]))
    told = {
        relation.qualified: judge.secrets.told_in(
            reader.attempt(f"select to_jsonb(x)::text as row from {relation.qualified} as x").text,
            world.users[who],
        )
        for relation in relations(superuser)
    }
    assert {table: secrets for table, secrets in told.items() if secrets} == {}
