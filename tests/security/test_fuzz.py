"""Any input in any call: the answer is one that the contract allows, and no other rows are touched."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from security.allowed import API
from security.arguments import GoodCall, sensible
from security.intruder import claims_of
from security.inventory import Argument, Function
from security.shared_world import postgresql  # noqa: F401
from security.victims import World

QUICK = settings(
    max_examples=1_000 // len(API),
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=100_000 // len(API) + 1, derandomize=False)

# Every run must be refused for a value that is none, and for who calls or for whom.
OF_A_VALUE = {
    *("22P02", "22003", "22007", "22008", "missing_argument", "idempotency_key_invalid"),
    *("invalid_argument", "invalid_action", "invalid_radius", "invalid_schedule"),
}
OF_A_CALLER = {
    *("not_authenticated", "acting_for_another", "user_not_found"),
    *("not_session_participant", "not_match_participant"),
}

# Values at the edge of what a type holds or an argument takes, as literals that have no type.
_MALFORMED = ["", " ", "null", "'", "{}", "\u0661\u0662", "x" * 5_000]
_INTEGERS = [
    *("0", "-0", "-1", "101", "2147483647", "2147483648", "-2147483649", "1" * 400),
    *("1_0", "0x1F", " 7 "),
]
_FRACTIONS = [
    *("90.0000001", "-180.1", "1e2", "1e308", "1e309", "1e-400", "4.9e-324", "inf", "-Infinity", "nan"),
]
_LENGTHS = [0, 1, 80, 81, 100, 101, 200, 201, 400, 401, 500, 501, 2_000, 2_001, 100_000]
ODD: dict[str, list[str]] = {
    "text": [
        *("\t", "\u00a0", "\u200b", "'; select 1 --", "$$", "%s", "{argument}", "https://a", "accept "),
        *("a" * length for length in _LENGTHS),
        *("\U0001f60d" * length for length in (80, 81, 400, 401)),
    ],
    "uuid": [
        *("00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"),
        *("{01900000-0000-7000-8000-000000000000}", "0190000000007000800000000000000", *_MALFORMED),
    ],
    "integer": [*_INTEGERS, *_MALFORMED],
    "double precision": [*_INTEGERS, *_FRACTIONS, *_MALFORMED],
    "timestamp with time zone": [
        *("infinity", "-infinity", "now", "today", "tomorrow", "yesterday", "epoch", "allballs", "noon"),
        *("4713-11-24 00:00 BC", "4714-11-24 00:00 BC", "294276-12-31 23:59:59.999999+00", "294277-01-01"),
        *("2026-02-30", "2026-13-01", "0000-01-01", "Fri Feb 30 2026", "J2461367", "20261231T235959Z"),
        *("tomorrow 24:00", "tomorrow 23:59:60", "tomorrow +15:59", "tomorrow +99", "tomorrow Nowhere/Land"),
        *_MALFORMED,
    ],
    "date": [
        *("infinity", "-infinity", "now", "today", "tomorrow", "epoch", "4714-11-24 BC", "4713-01-01 BC"),
        *("5874897-12-31", "5874898-01-01", "2026-02-30", "0000-01-01", "J2461367", "20261231", "1/2/2026"),
        *_MALFORMED,
    ],
    "boolean": ["maybe", "2", "yes", "TRUE", "off", *_MALFORMED],
    "interval": [
        *("0", "-1 second", "1 day", "1 mon", "168:00:01", "1e-400 s", "infinity", "1 fortnight", "P1DT1H"),
        *("178000000 years", "1" * 400, *_MALFORMED),
    ],
    "text[]": [
        *(
            "{match_offered}",
            "{match_offered,match_offered}",
            "{match_offered,null}",
            "{null}",
            "{''}",
            "{a,b",
        ),
        *("{{}}", "{{match_offered}}", "[1:0]={}", "[0:0]={match_offered}", '{"match_offered "}', '{""}'),
        f"{{{','.join(['match_offered'] * 101)}}}",
        *_MALFORMED,
    ],
}

_any_text = st.text(max_size=40)
_more = {
    "text": st.text(st.characters(codec=None), max_size=40),  # NUL and halves of characters among them
    "uuid": st.uuids().map(str),
    "integer": st.integers().map(str),
    "double precision": st.floats().map(repr),
    "timestamp with time zone": st.datetimes().map(str),
    "date": st.dates().map(str),
    "boolean": st.booleans().map(str),
    "interval": st.timedeltas().map(str),
    "text[]": st.lists(_any_text, max_size=3).map(lambda texts: f"{{{json.dumps(texts)[1:-1]}}}"),
}
BAD = {
    type_: st.one_of(_more[type_], _more[type_], st.sampled_from(values), _any_text, st.none())
    for type_, values in ODD.items()
}
BAD_CLAIMS = st.one_of(
    _any_text,
    st.dictionaries(
        st.sampled_from(["sub", "role"]),
        st.one_of(st.none(), st.booleans(), st.floats(), _any_text, st.uuids().map(str), st.lists(_any_text)),
    ).map(json.dumps),
)
# What an access token may also say of its user; no other function reads it.
MORE_CLAIMS = st.one_of(
    *[st.just({})] * 3,
    st.one_of(
        st.sampled_from(
            ["ana@a.example", "a" * 65 + "@a.example", "ana@a", "a@b.c,d@e.f", '"a"@b.c', "@", ""]
        ),
        *(st.none(), st.booleans(), _any_text, st.lists(_any_text, max_size=2)),
    ).map(lambda email: {"email": email}),
)
ROLES = ["authenticated"] * 4 + ["service_role", "wingman_admin"]


@dataclass(frozen=True)
class Call:
    function: Function
    arguments: dict[str, Any]
    role: str
    claims: str
    caller_id: UUID | None
    """Whom it acts for; None when that is nobody whom we know."""


@st.composite
def calls(draw: st.DrawFn, doors: list[Function], world: World, good: list[GoodCall]) -> Call:
    """A call that works, or a sensible one, then spoilt in a few places."""
    function = draw(st.sampled_from(doors))
    user_id, arguments = draw(st.sampled_from(good))
    if one_in(3, draw):
        user_id = draw(st.sampled_from([*world.users.values()]))
        arguments = {
            name: draw(st.sampled_from(sensible(world, function, argument)))
            for name, argument in function.by_name.items()
        }
    arguments = {**arguments, "user_id": None}
    caller_id, claims, role = user_id, "", draw(st.sampled_from(ROLES))
    if role != "authenticated" or draw(st.booleans()):
        arguments["user_id"] = user_id
    if role == "authenticated":
        more = draw(MORE_CLAIMS) if function.name == "set_notification_settings" else {}
        claims = claims_of(user_id, **more)
    if role == "authenticated" and one_in(6, draw):
        caller_id, claims = None, draw(BAD_CLAIMS)

    times = draw(st.sampled_from([0, 1, 1, 1, 1, 2, 3]))
    spoilt = draw(st.lists(st.sampled_from([*function.by_name]), min_size=times, max_size=times))
    for name in spoilt:
        arguments[name] = draw(bad(world, function.by_name[name]))
    if role != "authenticated":
        caller_id = id_in(arguments["user_id"])
    if function.schema == "public" and draw(st.booleans()):
        optional = [name for name, argument in function.by_name.items() if argument.has_default]
        left_out = draw(st.sets(st.sampled_from(optional)))
        arguments = {name: value for name, value in arguments.items() if name not in left_out}
    return Call(function, arguments, role, claims, caller_id)


def one_in(times: int, draw: st.DrawFn) -> bool:
    return draw(st.integers(1, times)) == times


def bad(world: World, argument: Argument) -> st.SearchStrategy[Any]:
    if argument.type != "uuid":
        return BAD[argument.type]
    of_any_kind = [*world.users.values(), *world.matches.values(), *world.sessions.values()]
    of_any_kind += world.notifications.values()
    return st.one_of(BAD["uuid"], st.sampled_from(of_any_kind), st.sampled_from(of_any_kind))


def id_in(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def the_client_refuses(call: Call) -> bool:
    """NUL and halves of characters cannot be sent."""
    sent = call.claims + "".join(str(value) for value in call.arguments.values())
    return any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in sent)


@pytest.mark.representatives("create_session")
@pytest.mark.parametrize("name", API)
def test_an_odd_value_in_a_call_that_works_is_taken_or_refused_by_contract(
    judge, inventory, good_calls, name
):
    function = inventory[f"public.{name}"]
    user_id, arguments = judge.telling_call(function, good_calls[name])
    for argument in function.arguments:
        for odd in (None, *ODD[argument.type]):
            spoilt = {**arguments, argument.name: odd}
            verdict = judge.call(function, spoilt, user_id, claims=claims_of(user_id))
            assert verdict.offences == [], (argument.name, odd)


@pytest.mark.representatives("*respond_to_match*", "*get_reputation*")
@pytest.mark.parametrize("effort", [QUICK, pytest.param(LONG, marks=pytest.mark.long)], ids=["quick", "long"])
@pytest.mark.parametrize("name", API)
def test_whatever_is_sent_the_answer_is_by_contract(judge, world, inventory, good_calls, name, effort):
    doors = [inventory[f"{schema}.{name}"] for schema in ("public", "wingman")]
    met: Counter[str] = Counter()

    @effort
    @given(calls(doors, world, good_calls[name]))
    def nothing_is_wrong(call: Call) -> None:
        try:
            verdict = judge.call(call.function, call.arguments, call.caller_id, call.role, call.claims)
        except (psycopg.DataError, UnicodeEncodeError):
            assert the_client_refuses(call)
            met["refused by the client"] += 1
            return
        met[verdict.outcome.name] += 1
        assert verdict.offences == []

    nothing_is_wrong()

    print(name, sum(met.values()), dict(met))
    assert judge.world_is_untouched()
    # A run which met too little would prove too little.
    assert met["answered"] > effort.max_examples / 40
    assert met.keys() & OF_A_VALUE, met
    assert met.keys() & OF_A_CALLER, met
