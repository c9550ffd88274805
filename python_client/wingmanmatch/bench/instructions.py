"""What a call costs the server, in instructions: the one measure that a busy machine does not change."""

import json
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from wingmanmatch.bench import callgrind
from wingmanmatch.bench.callgrind import Counted, CountError
from wingmanmatch.bench.instruction_world import DBNAME, Group, Stage, claims, make_cluster
from wingmanmatch.bench.worlds import CALLER

WARM_UP = 10
"""Calls before those that count: plans are generic from the sixth execution on."""
CALLS = 20
SHOWN = 80
PREFIX = "instructions_"
OTHER_GROUPS = {
    Stage.FREE: 100,
    Stage.MATCHED: 100,
    Stage.ACCEPTED: 100,
    Stage.SCHEDULED: 100,
    Stage.COMPLETED: 500,
}
"""Groups that nobody measures: with them the planner takes the plans that a real database gets."""

EXECUTED = {
    "statements": ("standard_ExecutorStart",),
    "triggers": ("ExecCallTriggerFunc",),
    "relations": ("ExecGetRangeTableRelation",),
    "expressions": ("exec_eval_expr",),
}
"""What a call executes, by the functions of PostgreSQL that are called each time."""
OF_THE_CLIENT = {"statements": 2}
"""The client's own statements are none of the call's."""

SETUP = (
    f"set session authorization {CALLER};",
    "prepare who(text) as select set_config('role', 'authenticated', true),"
    " set_config('request.jwt.claims', $1, true);",
    "prepare who_over_http(text, text, text, text, text) as select set_config('role', 'authenticated', true),"
    " set_config('request.jwt.claims', $1, true), set_config('request.method', $2, true),"
    " set_config('request.path', $3, true), set_config('request.headers', $4, true),"
    " set_config('request.cookies', $5, true);",
)


@dataclass(frozen=True)
class Call:
    """A call that is measured."""

    name: str
    what: str
    stage: Stage
    """How far the caller's group has come before it."""
    function: str
    arguments: Callable[[Group], Mapping[str, str]]
    """The text of each argument."""
    answer: str
    """A pattern that the answer of each call must show."""
    over_http: bool = False
    """Whether the request's headers and a full token's claims come with it, as PostgREST sends them."""


CONFIRM = "confirm_session_completion"


def _session(group: Group) -> dict[str, str]:
    return {"session_id": group.session_id}


CALLS_MEASURED = (
    Call("confirm_first", "first confirmation", Stage.SCHEDULED, CONFIRM, _session, '"both_confirmed":false'),
    Call(
        "confirm_second", "second confirmation", Stage.CONFIRMED, CONFIRM, _session, '"both_confirmed":true'
    ),
    Call(
        "confirm_key",
        "first confirmation with an idempotency key",
        Stage.SCHEDULED,
        CONFIRM,
        lambda group: {**_session(group), "idempotency_key": f"confirm {group.session_id}"},
        '"both_confirmed":false',
    ),
    Call(
        "confirm_headers",
        "first confirmation with PostgREST's headers",
        Stage.SCHEDULED,
        CONFIRM,
        _session,
        '"both_confirmed":false',
        over_http=True,
    ),
    Call(
        "accept",
        "accept",
        Stage.MATCHED,
        "respond_to_match",
        lambda group: {"match_id": group.match_id, "action": "accept"},
        '"match_status":"accepted"',
    ),
    Call(
        "decline",
        "decline with a next match",
        Stage.MATCHED,
        "respond_to_match",
        lambda group: {"match_id": group.match_id, "action": "decline"},
        r'"match_status":"declined","next_match":\{"match_id":"',
    ),
    Call(
        "match", "match in the own cell", Stage.FREE, "create_automatic_match", lambda _: {}, '"match_id":"'
    ),
    Call(
        "create_session",
        "arrange a session",
        Stage.ACCEPTED,
        "create_session",
        lambda group: {
            "match_id": group.match_id,
            "scheduled_time": "tomorrow 12:00",
            "venue_name": "Café Central",
        },
        '"status":"scheduled"',
    ),
    Call(
        "start_session",
        "start a session",
        Stage.SCHEDULED,
        "start_session",
        _session,
        '"status":"in_progress"',
    ),
    Call(
        "cancel_session",
        "cancel a session",
        Stage.SCHEDULED,
        "cancel_session",
        _session,
        '"status":"cancelled"',
    ),
    Call(
        "get_profile", "read the own profile", Stage.FREE, "get_profile", lambda _: {}, '"first_name":"Person'
    ),
    Call(
        "block_user",
        "block the buddy of an accepted match",
        Stage.ACCEPTED,
        "block_user",
        lambda group: {"subject_id": group.buddy_id},
        '"success":true',
    ),
    Call(
        "complete_profile",
        "change the profile's text",
        Stage.FREE,
        "complete_profile",
        lambda group: {
            "first_name": f"Person {group.number}",
            "experience_level": "intermediate",
            **{name: f"{value}" for name, value in group.place.items()},
            "city": "Springfield",
            "bio": "Likes to sing",
        },
        '"bio":"Likes to sing"',
    ),
)


DIFFERENCES = {
    "instructions_key": ("what an idempotency key adds", "confirm_key", "confirm_first"),
    "instructions_headers": ("what PostgREST's headers add", "confirm_headers", "confirm_first"),
}
"""What it is, the call, and the one without what is meant."""
BUDGETS = {
    "instructions_confirm_first": 720_000,
    "instructions_confirm_second": 960_000,
    "instructions_accept": 970_000,
    "instructions_match": 1_450_000,
    "instructions_decline": 2_030_000,
    "instructions_key": 200_000,
    "instructions_headers": 100_000,
}
"""What each may cost at most."""
KEYS = (*(f"{PREFIX}{call.name}" for call in CALLS_MEASURED), *DIFFERENCES)

HTTP_HEADERS = {
    "host": "api.example.com",
    "accept": "application/json",
    "accept-encoding": "gzip, deflate, br",
    "accept-language": "en-GB,en;q=0.9",
    "authorization": "Bearer " + "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9" * 12,
    "content-length": "53",
    "content-profile": "public",
    "content-type": "application/json",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "x-client-info": "supabase-js-web/2.58.0",
    "x-forwarded-for": "203.0.113.7",
    "x-request-id": "018f9c2e-6b7a-7c31-9d55-0f5a3a1f2b60",
}
TOKEN_CLAIMS = {
    "aud": "authenticated",
    "exp": 2_000_000_000,
    "iat": 1_900_000_000,
    "iss": "https://api.example.com/auth/v1",
    "email": "person@example.com",
    "phone": "",
    "app_metadata": {"provider": "email", "providers": ["email"]},
    "user_metadata": {"email": "person@example.com", "email_verified": True, "phone_verified": False},
    "role": "authenticated",
    "aal": "aal1",
    "amr": [{"method": "password", "timestamp": 1_900_000_000}],
    "session_id": "5a1f0d4e-3a35-4ab4-8e0b-6d1f5a9c7e21",
    "is_anonymous": False,
}


def names_of(keys: Collection[str]) -> list[str]:
    """The calls that figures take."""
    wanted = {name for key in keys for name in DIFFERENCES.get(key, ("", key.removeprefix(PREFIX)))[1:]}
    return [call.name for call in CALLS_MEASURED if call.name in wanted]


def measure(install_sql: Path, names: Collection[str], say: Callable[[str], None]) -> dict[str, Counted]:
    """Count the instructions of calls in what a tree's ``install.sql`` builds.

    The world is the same whichever calls are wanted.

    Raises:
        CountError: valgrind is missing, or a call did not do its work.
        WorldError, psycopg.Error: the world could not be made.
    """
    groups = [
        Group(number, stage)
        for number, stage in enumerate(
            [call.stage for call in CALLS_MEASURED for _ in range(WARM_UP + CALLS)]
            + [stage for stage, groups in OTHER_GROUPS.items() for _ in range(groups)]
        )
    ]
    counted = {}
    with tempfile.TemporaryDirectory(prefix="wingman-instructions-", dir=callgrind.fast_place()) as directory:
        cluster = Path(directory, "data")
        say("Making a small world")
        make_cluster(cluster, install_sql, groups)
        for number, call in enumerate(CALLS_MEASURED):
            if call.name in names:
                say(f"Counting {call.name}")
                first = number * (WARM_UP + CALLS)
                counted[call.name] = _count(cluster, call, groups[first : first + WARM_UP + CALLS])
    return counted


def _count(cluster: Path, call: Call, groups: Sequence[Group]) -> Counted:
    arguments = list(call.arguments(groups[0]))
    given = ", ".join(f"{name} => ${position}" for position, name in enumerate(arguments, start=1))
    prepared = f"prepare call as select to_json(f) from public.{call.function}({given}) as f;"  # noqa: S608 - named above
    lines = [_transaction(call, group) for group in groups]
    counted, printed = callgrind.count(cluster, DBNAME, [*SETUP, prepared], lines[:WARM_UP], lines[WARM_UP:])
    done = len(re.findall(call.answer, printed))
    if done != len(lines):
        raise CountError(f"{call.name}: {len(lines)} calls, {done} of them did their work")
    return counted


def _transaction(call: Call, group: Group) -> str:
    """The two statements of a call, which one message makes one transaction, as a pipeline does."""
    if call.over_http:
        token = json.dumps({"sub": group.caller_id, **TOKEN_CLAIMS})
        path, headers = f"/rpc/{call.function}", json.dumps(HTTP_HEADERS)
        who = _execute("who_over_http", [token, "POST", path, headers, "{}"])
    else:
        who = _execute("who", [claims(group.caller_id)])
    return f"{who} {_execute('call', call.arguments(group).values())}"


def _execute(name: str, arguments: Iterable[str]) -> str:
    given = ", ".join("'" + argument.replace("'", "''") + "'" for argument in arguments)
    return f"execute {name}({given});" if given else f"execute {name};"


def results(counted: Mapping[str, Counted]) -> dict[str, float]:
    """The figures, flat: instructions, and for each call what it executed."""
    told: dict[str, float] = {}
    for name, call in counted.items():
        told[f"{PREFIX}{name}"] = round(call.instructions)
        for what, functions in EXECUTED.items():
            own = sum(call.calls.get(function, 0) for function in functions)
            told[f"{PREFIX}{name}_{what}"] = round(own - OF_THE_CLIENT.get(what, 0), 1)
    for key, (_, call_name, without) in DIFFERENCES.items():
        if {call_name, without} <= counted.keys():
            told[key] = told[f"{PREFIX}{call_name}"] - told[f"{PREFIX}{without}"]
    return told


def run_instructions(
    console: Console, trees: Sequence[Path], keys: Collection[str], functions: str | None
) -> None:
    """Count and show the figures of each tree, or a call's most expensive functions.

    Raises:
        CountError: valgrind is missing, or a call did not do its work.
        WorldError, psycopg.Error: a world could not be made.
    """
    names = [functions] if functions else names_of(keys)
    counted = []
    with console.status("") as status:
        for tree in trees:
            counted.append(measure(tree, names, status.update))
    for tree, calls in zip(trees, counted, strict=True):
        if functions:
            console.print(_functions(f"{functions}, {tree}", calls[functions]))
    if not functions:
        console.print(_table(trees, [results(calls) for calls in counted]))


def _table(trees: Sequence[Path], taken: Sequence[Mapping[str, float]]) -> Table:
    whats = {f"{PREFIX}{call.name}": call.what for call in CALLS_MEASURED}
    whats |= {key: what for key, (what, *_) in DIFFERENCES.items()}
    told = Table(box=None, header_style="bold", caption="\n".join(map(str, trees)) if trees[1:] else None)
    told.add_column("figure", no_wrap=True)
    told.add_column("what")
    for heading in (
        *("instructions" for _ in trees),
        *(["÷ first"] if trees[1:] else []),
        "budget",
        *EXECUTED,
    ):
        told.add_column(heading, justify="right")
    for key, what in whats.items():
        if key not in taken[0]:
            continue
        values = [figures[key] for figures in taken]
        budget = BUDGETS.get(key)
        told.add_row(
            key,
            what,
            *(f"{value:,}" for value in values),
            *([f"{values[-1] / values[0]:.3f}"] if trees[1:] else []),
            f"{budget:,}" if budget else "",
            *(
                f"{taken[-1].get(f'{key}_{counted}', ''):g}" if f"{key}_{counted}" in taken[-1] else ""
                for counted in EXECUTED
            ),
            style="bold red" if budget and values[-1] > budget else "",
        )
    return told


def _functions(title: str, counted: Counted) -> Table:
    told = Table(title=title, box=None, header_style="bold", title_justify="left")
    told.add_column("function of PostgreSQL", no_wrap=True)
    for heading in ("calls", "instructions with what it calls", "its own"):
        told.add_column(heading, justify="right")
    dearest = sorted(counted.inclusive.items(), key=lambda entry: entry[1], reverse=True)
    for name, inclusive in dearest[:SHOWN]:
        told.add_row(
            name, f"{counted.calls.get(name, 0):.1f}", f"{inclusive:,.0f}", f"{counted.own.get(name, 0):,.0f}"
        )
    return told
