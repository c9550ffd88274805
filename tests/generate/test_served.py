"""The OpenAPI document describes the answers of a real server: status, headers and body."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import pytest
from harness import People
from jsonschema import Draft202012Validator, FormatChecker
from serving import bearer, http, http_server, http_settings, http_url, token
from wingmanmatch.catalog.functions import Function
from wingmanmatch.http.settings import Settings
from wingmanmatch.tools.generate.facts import Contract
from wingmanmatch.tools.generate.targets import DOCUMENTS

__all__ = ["http", "http_server", "http_settings", "http_url", "token"]

DOCUMENT = json.loads((DOCUMENTS / "openapi.json").read_text(encoding="utf-8"))
COMPONENTS = DOCUMENT["components"]
BASE = "http://document"


def resolved(thing: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in thing:
        kind, name = thing["$ref"].removeprefix("#/components/").split("/")
        thing = COMPONENTS[kind][name]
    return thing


@cache
def validator_of(schema: str) -> Draft202012Validator:
    whole = {**json.loads(schema), "components": COMPONENTS}
    return Draft202012Validator(whole, format_checker=FormatChecker())


def documented(path: str, answer: httpx.Response) -> dict[str, Any]:
    """The response in the document that an answer belongs to, and fully conforms to."""
    operation = DOCUMENT["paths"][path][answer.request.method.lower()]
    asked = f"{answer.request.method} {answer.request.url} {answer.request.content!r}"
    assert str(answer.status_code) in operation["responses"], f"{asked}: {answer.status_code} {answer.text}"
    response = resolved(operation["responses"][str(answer.status_code)])
    for name, header in response["headers"].items():
        if resolved(header).get("required"):
            assert name in answer.headers, asked
    told = answer.headers["content-type"].partition(";")[0]
    assert told in response["content"], asked
    if told.endswith("json"):
        schema = json.dumps(response["content"][told]["schema"])
        wrong = [error.message for error in validator_of(schema).iter_errors(answer.json())]
        assert wrong == [], f"{asked}: {answer.text}"
    return response


def examples(response: dict[str, Any], media: str = "application/json") -> list[Any]:
    return [resolved(example)["value"] for example in response["content"][media]["examples"].values()]


def paths(function: Function) -> tuple[str, str]:
    return f"/api/{function.name.replace('_', '-')}", f"/rest/v1/rpc/{function.name}"


def attempts(contract: Contract, function: Function) -> Iterator[dict[str, Any]]:
    """Arguments of all kinds, good and bad."""
    known = contract.examples.calls[function.name][0].arguments
    yield dict(known)
    yield {}
    yield {**known, "no_such_argument": 1}
    yield {**known, "user_id": str(uuid4())}
    yield {**known, "user_id": "7"}
    for number, argument in enumerate(function.arguments):
        yield {**known, argument.name: (None, {"no": "value"}, "x" * 3000)[number % 3]}
        yield {**known, argument.name: None if argument.required else "x"}


@pytest.fixture
def me(people: People, token: Any) -> dict[str, str]:
    return bearer(token(people.add("Ana")))


@pytest.mark.exhaustive
def test_answers_to_posts_are_documented(http, me, contract):
    met: set[tuple[str, int]] = set()
    for function in contract.catalog.functions.values():
        for path in paths(function):
            for arguments in attempts(contract, function):
                answer = http.post(path, json=arguments, headers=me)
                documented(path, answer)
                met.add((function.name, answer.status_code))
    assert {status for _, status in met} >= {200, 400, 403, 404}


def test_answers_to_gets_are_documented(http, me, contract):
    for function in contract.catalog.functions.values():
        if not function.writes:
            for arguments in attempts(contract, function):
                query = {name: value for name, value in arguments.items() if isinstance(value, str | int)}
                path = f"/rest/v1/rpc/{function.name}"
                documented(path, http.get(path, params=query, headers=me))


@pytest.mark.exhaustive
def test_answers_to_strangers_are_documented(http, people, token, contract):
    anon, expired = bearer(token()), bearer(token(people.add(), exp=1))
    no_user, newcomer = bearer(token("nobody")), bearer(token(people.auth_only()))
    for function in contract.catalog.functions.values():
        arguments = contract.examples.calls[function.name][0].arguments
        for path in paths(function):
            for headers in ({}, {"apikey": "x"}, anon, expired, no_user):
                answer = http.post(path, json=arguments, headers=headers)
                assert answer.status_code == 401, answer.text
                documented(path, answer)
            documented(path, http.post(path, json=arguments, headers=newcomer))


def test_requests_of_other_forms_are_answered_as_documented(http, me):
    for path in ("/api/get-profile", "/rest/v1/rpc/get_profile"):
        for content in (b"", b"{", b"[]", b"null", b"1e400", b'{"user_id": NaN}', b"\xff", b"x" * 70_000):
            documented(path, http.post(path, content=content, headers=me))
        for media in (
            "text/plain",
            "text/csv",
            "application/x-www-form-urlencoded",
            "application/octet-stream",
        ):
            documented(path, http.post(path, content=b"x=1", headers={**me, "Content-Type": media}))
        documented(path, http.post(path, json={}, headers={**me, "X-Big": "x" * 20_000}))
        assert documented(path, http.post(path, json={}, headers=me))
    path = "/rest/v1/rpc/get_profile"
    for headers in (
        {"Accept": "text/csv"},
        {"Content-Profile": "wingman"},
        {"Prefer": "handling=strict, x=1"},
    ):
        documented(path, http.post(path, json={}, headers={**me, **headers}))
    documented(path, http.post(path, json={}, headers={**me, "Accept": "application/vnd.pgrst.object+json"}))
    documented(path, http.get(path, params={"select": "first_name"}, headers=me))


def test_answers_of_the_stream_are_documented(http, me, people, token):
    path = "/api/notifications/stream"
    for status, headers in (
        (400, {**me, "Last-Event-ID": "7"}),
        (400, bearer(token(people.auth_only()))),
        (401, {}),
        (401, bearer(token())),
        (403, bearer(token(role="service_role"))),
        (431, {**me, "X-Big": "x" * 20_000}),
    ):
        answer = http.get(path, headers=headers)
        assert answer.status_code == status
        documented(path, answer)
    with ExitStack() as stack:
        for _ in range(Settings.max_streams_of_one):
            answer = stack.enter_context(
                http.stream("GET", path, headers={**me, "Last-Event-ID": str(uuid4())})
            )
            assert answer.status_code == 200
            # the body never ends
            assert answer.headers["content-type"] in documented_responses(path)["200"]["content"]
        refused = http.get(path, headers=me)
        assert refused.status_code == 429
        documented(path, refused)


def documented_responses(path: str) -> dict[str, Any]:
    return dict(DOCUMENT["paths"][path]["get"]["responses"])


def test_a_replay_is_marked_as_documented(http, me):
    for path in ("/api/pause-matching", "/rest/v1/rpc/pause_matching"):
        headers = {**me, "Idempotency-Key": str(uuid4())}
        first = http.post(path, json={}, headers=headers)
        again = http.post(path, json={}, headers=headers)
        assert first.json() == again.json()
        assert "Idempotency-Replayed" not in first.headers
        (value,) = COMPONENTS["headers"]["Idempotency-Replayed"]["schema"]["enum"]
        assert again.headers["Idempotency-Replayed"] == value
        other = http.post(path.replace("pause", "resume"), json={}, headers=headers)
        assert other.status_code == 422
        assert other.json() in examples(documented(path.replace("pause", "resume"), other))


def test_the_designs_answer_as_documented(http, me, people):
    stranger = str(uuid4())
    respond, confirm = "/api/buddy/respond", "/api/session/confirm-completion"
    for body in (
        {},
        {"match_id": stranger, "action": "accept"},
        {"user_id": stranger, "match_id": stranger, "action": "accept"},
        {"user_id": "7", "match_id": "7", "action": "accept"},
        {"user_id": None, "match_id": stranger, "action": "maybe"},
    ):
        documented(respond, http.post(respond, json=body, headers=me))
    for body, status in (({}, 400), ({"session_id": "7"}, 422), ({"session_id": stranger}, 404)):
        answer = http.post(confirm, json=body, headers=me)
        assert answer.status_code == status
        documented(confirm, answer)


def test_refusals_are_the_examples_word_for_word(http, me):
    def told(path: str, **request: Any) -> None:
        answer = http.post(path, **request)
        assert answer.json() in examples(documented(path, answer))

    for path in ("/api/get-profile", "/rest/v1/rpc/get_profile"):
        told(path, json={"user_id": "7"}, headers=me)
        told(path, json=["no", "object"], headers=me)
        told(path, json={"name": "Ana"}, headers=me)
        told(path, json={"user_id": str(uuid4())}, headers=me)
        told(path, content=b"x" * 70_000, headers=me)
        told(path, json={}, headers=bearer("no.token.atall"))
    told("/rest/v1/rpc/get_profile", json={})
    told("/rest/v1/rpc/get_profile", json={}, headers={**me, "Accept": "text/csv"})
    told("/api/get-match", json={"match_id": None}, headers=me)
    told("/api/create-automatic-match", json={"max_radius_miles": 101}, headers=me)


def test_all_else_under_rest_is_answered_as_documented(http, me):
    for method in ("get", "post", "put", "patch", "delete"):
        for name in ("wingman_matches", "no_such_table"):
            answer = http.request(method, f"/rest/v1/{name}", headers=me)
            assert answer.status_code == 501
            assert answer.json() in examples(documented("/rest/v1/{anything}", answer))


def test_what_watches_the_server_is_answered_as_documented(http):
    for path in ("/healthz", "/readyz", "/metrics"):
        documented(path, http.get(path))
        documented(path, http.get(path, headers={"X-Big": "x" * 20_000}))
