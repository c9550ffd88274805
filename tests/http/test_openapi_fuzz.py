"""Whatever the OpenAPI document allows, and much that it does not, sent to a real server by schemathesis."""

import json
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
import requests
import schemathesis
from harness import Connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rows import lift_rate_limits
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from security.allowed import line_of
from security.arguments import IDS, VALUES
from security.victims import Snapshots, World, make_world
from serving import LINK_KEY, bearer, claims_of, signed
from wingmanmatch.http.links import (
    CONFIRM_PATH,
    PARAMETER,
    UNSUBSCRIBE_PATH,
    sign_confirmation,
    sign_unsubscribe,
)
from wingmanmatch.tools.generate.targets import DOCUMENTS

DOCUMENT = json.loads((DOCUMENTS / "openapi.json").read_text(encoding="utf-8"))
OPERATIONS = [
    operation
    for found in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()
    # whose answer does not end
    if (operation := found.ok()).label != "GET /api/notifications/stream"
]
OPERATION_OF_PROFILE = next(found for found in OPERATIONS if found.label == "POST /api/get-profile")
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
LINKS = (CONFIRM_PATH, UNSUBSCRIBE_PATH)
READING = {
    path.rpartition("/")[2]
    for path, operations in DOCUMENT["paths"].items()
    if "get" in operations and path not in LINKS
}
SEEDS = {"buddy": "respond_to_match", "session": "confirm_session_completion"}
MAY_FAIL = {501, 503}
OFTEN = st.sampled_from([True] * 9 + [False])

QUICK = settings(
    max_examples=300,
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
LONG = settings(
    QUICK,
    max_examples=20_000,
    derandomize=False,
    phases=[Phase.generate, Phase.shrink],
)


@dataclass
class Town:
    """The people who call, their arguments, and the results."""

    url: str
    world: World
    snapshots: Snapshots
    link_tokens: list[str]
    session: requests.Session = field(default_factory=requests.Session)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)

    def likely(self, function: str, argument: str) -> list[Any]:
        """Values with which a call gets past the check of its arguments."""
        try:
            ids = line_of(IDS, function, argument)
        except LookupError:
            pass
        else:
            return [str(id_) for id_ in ids(self.world).values()]
        try:
            return line_of(VALUES, function, argument)
        except LookupError:
            return []

    def send(self, case: Case, headers: dict[str, str]) -> None:
        """One call; its answer conforms to the document, and a refusal changes nothing."""
        before = self.snapshots.hash()
        response = case.call(base_url=self.url, session=self.session, headers=headers)
        case.validate_response(response, checks=CHECKS)
        status = response.status_code
        self.statuses[case.operation.path, status] += 1
        assert status < 500 or status in MAY_FAIL, response.text
        reads = case.method != "POST" or function_of(case.operation.path) in READING
        if status >= 400 or reads:
            assert self.snapshots.hash() == before


def function_of(path: str) -> str:
    """The function that a path calls; for those that call none, some other text."""
    name = path.rpartition("/")[2].replace("-", "_")
    return SEEDS.get(path.split("/")[2] if path.count("/") > 2 else "", name)


@pytest.fixture
def town(http_url, db: Connection, people, rpc) -> Town:
    world = make_world(db, people, rpc)
    asked = world.addresses["stranger's address"]
    tokens = [sign_confirmation(LINK_KEY, *of) for of in ((asked, 3600), (asked, -1), (uuid4(), 3600))]
    tokens += [sign_unsubscribe(LINK_KEY, world.users[name]) for name in ("victim", "newcomer")]
    return Town(http_url, world, Snapshots(db), tokens)


@st.composite
def requests_in(draw: Callable[..., Any], town: Town) -> tuple[Case, dict[str, str]]:
    """A request that the document allows, or one that it does not, often made likelier to succeed."""
    operation = draw(st.sampled_from(OPERATIONS))
    mode = draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    case = draw(operation.as_strategy(generation_mode=mode))
    who = draw(st.sampled_from([*town.world.users, "service", "anon", "nobody"]))
    # schemathesis may draw the same object again
    case.body, case.query = deepcopy(case.body), deepcopy(case.query)
    arguments = case.query if case.method == "GET" else case.body
    if isinstance(arguments, dict):
        for name in arguments:
            values = town.likely(function_of(operation.path), name)
            if values and draw(OFTEN):
                arguments[name] = draw(st.sampled_from(values))
        if "user_id" in arguments and who in town.world.users and draw(OFTEN):
            arguments["user_id"] = str(town.world.users[who])
    if operation.path in LINKS and draw(OFTEN):
        case.query = {PARAMETER: draw(st.sampled_from(town.link_tokens))}
    return case, headers_of(town.world, who)


def headers_of(world: World, who: str) -> dict[str, str]:
    match who:
        case "nobody":
            return {}
        case "anon":
            return bearer(signed(claims_of()))
        case "service":
            return bearer(signed(claims_of(role="service_role")))
    return bearer(signed(claims_of(world.users[who])))


@pytest.mark.parametrize(
    "change",
    [
        lambda responses: responses.pop("200"),
        lambda responses: responses["200"].update({"content": {"text/csv": {}}}),
        lambda responses: responses["200"]["content"].update(
            {"application/json": {"schema": {"type": "array"}}}
        ),
        lambda responses: responses["200"]["headers"].update(
            {"X-Wanted": {"required": True, "schema": {"type": "string"}}}
        ),
    ],
    ids=["status", "content_type", "body", "header"],
)
def test_a_document_that_says_otherwise_is_noticed(town, change):
    document = deepcopy(DOCUMENT)
    change(document["paths"]["/api/get-profile"]["post"]["responses"])
    operation = schemathesis.openapi.from_dict(document)["/api/get-profile"]["POST"]
    headers = headers_of(town.world, "victim")
    town.send(OPERATION_OF_PROFILE.Case(body={}, media_type="application/json"), headers)
    with pytest.raises(FailureGroup):
        town.send(operation.Case(body={}, media_type="application/json"), headers)


def fuzz(town: Town, effort: settings) -> Counter[int]:
    """Send requests; returns how many were answered by each status."""

    @effort
    @given(st.data())
    def send(data: st.DataObject) -> None:
        town.send(*data.draw(requests_in(town)))

    send()
    counts: Counter[int] = Counter()
    for (_, status), count in town.statuses.items():
        counts[status] += count
    print(f"{counts.total()} calls of {len(OPERATIONS)} operations: {dict(sorted(counts.items()))}")
    return counts


@pytest.mark.exhaustive
def test_answers_are_documented_and_refusals_change_nothing(town):
    assert fuzz(town, QUICK).keys() >= {200, 400, 401, 403, 404}


@pytest.mark.long
def test_twenty_thousand_answers_are_documented(town, db):
    lift_rate_limits(db)
    assert fuzz(town, LONG).keys() >= {200, 400, 401, 403, 404, 409, 422, 501}
