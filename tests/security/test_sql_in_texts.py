"""SQL and other trickery in every text argument: stored and returned verbatim, or refused."""

import json
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import psycopg
import pytest
from psycopg import sql
from security.allowed import API, line_of
from security.intruder import Intruder, Outcome, claims_of
from security.inventory import Function
from security.judge import Verdict
from security.shared_world import postgresql  # noqa: F401
from security.victims import PUSH_SERVICE

# Where a text goes: the table and column that keep it.
STORED: dict[str, tuple[str, str] | None] = {
    "auth": None,
    "bio": ("user_profiles", "bio"),
    "city": ("user_locations", "city"),
    "confidence_archetype": ("user_profiles", "confidence_archetype"),
    "first_name": ("user_profiles", "first_name"),
    "idempotency_key": ("idempotency_keys", "idempotency_key"),
    "notes": ("wingman_sessions", "notes"),
    "photo_url": ("user_profiles", "photo_url"),
    "cancel_session.reason": ("wingman_sessions", "cancellation_reason"),
    "report_user.reason": ("user_reports", "reason"),
    "report_no_show.note": ("no_show_reports", "note"),
    "answer_no_show.statement": ("no_show_reports", "statement"),
    "venue_name": ("wingman_sessions", "venue_name"),
    "endpoint": ("push_subscriptions", "endpoint"),
    # one of a few words, or of a form without quotes: nothing else is let in
    "action": None,
    "channel": None,
    "confirmation": None,
    "experience_level": None,
    "get_leaderboard.after": None,
    "language": None,
    "p256dh": None,
    "period": None,
    "privacy_mode": None,
    "quiet_from": None,
    "quiet_until": None,
    "report_no_show.reason": None,
    "status": None,
    "time_zone": None,
    "visibility": None,
}
# A text that is looked for and not kept: whatever it says, no row of this table goes.
LOOKED_FOR = {
    "remove_push_subscription.endpoint": "push_subscriptions",
    "get_leaderboard.city": "user_locations",
}
# Columns that no answer has.
UNTOLD = {"cancellation_reason", "endpoint", "idempotency_key", "reason"}
PREFIXES = {"endpoint": PUSH_SERVICE, "photo_url": "https://example.org/"}

TRICKS = [
    "'",
    "''",
    "\\",
    "\\'",
    '"`;',
    "Robert'); drop table public.user_profiles; --",
    "'||(select bio from public.user_profiles limit 1)||'",
    "' union select lat from public.user_locations --",
    "$$||pg_sleep(9)||$$",
    "$body$end$body$",
    "/*",
    "*/--",
    "$1 :name %s%I%L%%n",
    "{argument}{status}{bio}",
    "E'\\x41' \\u0041 \\x00 U&'\\0041'",
    "null",
    "{}",
    '(,)[]{"sub":"x"}',
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "\x01\x1b[31m\x7f",
    "a\u2028b\u202e\ufeff\U0001f60d\u0301",
    "\uff07;\uff1bdrop",
]


def as_literal(
    intruder: Intruder, function: str, arguments: dict[str, Any], and_then: Callable[[], None]
) -> Outcome:
    """Written into the statement, as a careful program does."""
    given = sql.SQL(", ").join(
        sql.SQL("{} => {}").format(sql.Identifier(name), sql.Literal(value and str(value)))
        for name, value in arguments.items()
    )
    call = sql.SQL("select to_json(f)::text as answer from {}({}) as f")
    statement = call.format(sql.Identifier(*function.split(".")), given).as_string(intruder.connection)
    return intruder.attempt(statement, and_then=and_then)


class AsJson:
    """In a body, as PostgREST sends it."""

    def __init__(self, function: Function) -> None:
        self._types = {argument.name: argument.type for argument in function.arguments}

    def __call__(
        self, intruder: Intruder, function: str, arguments: dict[str, Any], and_then: Callable[[], None]
    ) -> Outcome:
        columns = ", ".join(f"{name} {self._types[name]}" for name in arguments)
        given = ", ".join(f"{name} => a.{name}" for name in arguments)
        return intruder.attempt(
            f"select to_json(f)::text as answer from json_to_record(%s) as a ({columns}),"
            f" lateral {function}({given}) as f",
            [json.dumps(arguments, default=str)],
            and_then,
        )


def values_in(answer: Any) -> Iterator[Any]:
    if isinstance(answer, dict):
        for value in answer.values():
            yield from values_in(value)
    yield answer


@pytest.mark.representatives("create_session")
@pytest.mark.parametrize("name", API)
def test_a_text_is_a_text(judge, good_calls, inventory, name):
    function = inventory[f"public.{name}"]
    user_id, arguments = judge.telling_call(function, good_calls[name])
    ways = cycle((Intruder.call, as_literal, AsJson(function)))
    for argument in function.texts:
        place = line_of(STORED, name, argument)
        # one guard reads every key: the functions share the tricks out
        tricks = TRICKS[API.index(name) % 4 :: 4] if argument == "idempotency_key" else TRICKS
        # the number of tricks is not a multiple of that of ways: each argument gets each trick in another way
        for trick in tricks:
            text = PREFIXES.get(argument, "") + trick
            verdict = judge.call(
                function, {**arguments, argument: text}, user_id, claims=claims_of(user_id), send=next(ways)
            )
            assert verdict.offences == [], (argument, text)
            if found := LOOKED_FOR.get(f"{name}.{argument}"):
                is_shown = "must not contain control characters" not in verdict.outcome.text
                assert verdict.outcome.error is None or not is_shown, str(verdict.outcome)
                assert verdict.after is None or verdict.after[found] == judge.secrets.rows[found]
            elif verdict.outcome.error is None:
                assert place, f"{argument} of {name} takes {text!r}"
                assert_kept(verdict, *place, text)
            else:
                # an address has no blanks, and no text has control characters
                has_controls = "must not contain control characters" in verdict.outcome.text
                assert place is None or argument in PREFIXES or has_controls, str(verdict.outcome)
                assert verdict.outcome.name in ("invalid_argument", "invalid_action")
                assert len(trick) < 4 or trick not in verdict.outcome.text


def assert_kept(verdict: Verdict, table: str, column: str, text: str) -> None:
    assert verdict.after is not None
    kept = [row for row in verdict.after[table].values() if row[column] == text]
    assert len(kept) == 1, text
    if column not in UNTOLD:
        (answer,) = verdict.outcome.rows
        assert text in values_in(json.loads(answer["answer"]))


@pytest.mark.parametrize("name", API)
def test_a_nul_is_no_text(judge, good_calls, inventory, name):
    function = inventory[f"public.{name}"]
    for argument in function.texts:
        user_id, arguments = good_calls[name][0]
        arguments = {**arguments, argument: "a\x00b"}
        with pytest.raises(psycopg.DataError, match="NUL"):
            judge.call(function, arguments, user_id, claims=claims_of(user_id))
        verdict = judge.call(function, arguments, user_id, claims=claims_of(user_id), send=AsJson(function))
        assert verdict.offences == []
        assert verdict.outcome.sqlstate == "22P05"
