"""The calls whose instructions are counted, and what is sent to make one."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from wingmanmatch.tools.bench.instruction_world import Group, Stage, claims
from wingmanmatch.tools.bench.worlds import CALLER

SETUP = (
    f"set session authorization {CALLER};",
    "prepare who(text) as select set_config('role', 'authenticated', true),"
    " set_config('request.jwt.claims', $1, true);",
    "prepare who_over_http(text, text, text, text, text) as select set_config('role', 'authenticated', true),"
    " set_config('request.jwt.claims', $1, true), set_config('request.method', $2, true),"
    " set_config('request.path', $3, true), set_config('request.headers', $4, true),"
    " set_config('request.cookies', $5, true);",
)
COMPACT = (",", ":")
"""As PostgREST writes JSON."""
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


@dataclass(frozen=True)
class Call:
    """A call that is measured."""

    name: str
    what: str
    stage: Stage
    """The stage of the caller's group before the call."""
    function: str
    """Empty if only the identity is sent."""
    arguments: Callable[[Group], Mapping[str, str]]
    """The text of each argument."""
    answer: str
    """A pattern that the answer of each call must contain."""
    over_http: bool = False
    """Whether the request's headers and a full token's claims come with it, as PostgREST sends them."""

    @property
    def statements(self) -> int:
        """How many statements the client sends."""
        return 2 if self.function else 1

    def prepare(self, group: Group) -> str:
        """Prepares the call's statement, whose parameters are the arguments of a group."""
        if not self.function:
            return ""
        given = ", ".join(
            f"{name} => ${number}" for number, name in enumerate(self.arguments(group), start=1)
        )
        return f"prepare call as select to_json(f) from public.{self.function}({given}) as f;"  # noqa: S608

    def transaction(self, group: Group) -> str:
        """The statements of a call; sent as one message they are one transaction, like a pipeline."""
        if self.over_http:
            token = json.dumps({"sub": group.caller_id, **TOKEN_CLAIMS}, separators=COMPACT)
            path, headers = f"/rpc/{self.function}", json.dumps(HTTP_HEADERS, separators=COMPACT)
            who = _execute("who_over_http", [token, "POST", path, headers, "{}"])
        else:
            who = _execute("who", [claims(group.caller_id)])
        return f"{who} {_execute('call', self.arguments(group).values())}" if self.function else who


def _execute(name: str, arguments: Iterable[str]) -> str:
    given = ", ".join("'" + argument.replace("'", "''") + "'" for argument in arguments)
    return f"execute {name}({given});" if given else f"execute {name};"


IDENTITY = ': set_config = "authenticated"'
"""What single-user mode prints of an identity."""
CONFIRM = "confirm_session_completion"


def _session(group: Group) -> dict[str, str]:
    return {"session_id": group.session_id}


CALLS = (
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
    Call("identity", "role and claims alone", Stage.FREE, "", lambda _: {}, IDENTITY),
    Call(
        "identity_headers",
        "role, claims and PostgREST's headers alone",
        Stage.FREE,
        "",
        lambda _: {},
        IDENTITY,
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
