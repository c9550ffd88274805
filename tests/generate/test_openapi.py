"""The OpenAPI document is valid and complete, and its examples conform to its schemas."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate
from wingmanmatch.http.links import CONFIRM_PATH, UNSUBSCRIBE_PATH
from wingmanmatch.tools.generate.facts import Contract

LINKS = (CONFIRM_PATH, UNSUBSCRIBE_PATH)
METHODS = ("get", "post", "put", "patch", "delete")
OF_EVERY_CALL = {200, 400, 401, 403, 404, 408, 413, 431, 500, 503, 504}
UNDER_REST = {406, 501}


@pytest.fixture(scope="module")
def document(made: dict[str, str]) -> dict[str, Any]:
    return json.loads(made["docs/openapi.json"])


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def resolved(document: dict[str, Any], thing: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in thing:
        kind, name = thing["$ref"].removeprefix("#/components/").split("/")
        thing = document["components"][kind][name]
    return thing


def statuses(operation: dict[str, Any]) -> set[int]:
    return {int(status) for status in operation["responses"]}


def test_it_is_valid(document):
    validate(document)


def test_it_has_every_path(document, contract: Contract):
    functions = contract.catalog.functions.values()
    assert set(document["paths"]) == {
        "/api/buddy/respond",
        "/api/session/confirm-completion",
        "/api/notifications/stream",
        *LINKS,
        "/rest/v1/{anything}",
        "/healthz",
        "/readyz",
        "/metrics",
        *(f"/api/{function.name.replace('_', '-')}" for function in functions),
        *(f"/rest/v1/rpc/{function.name}" for function in functions),
    }
    for function in functions:
        assert ("get" in document["paths"][f"/rest/v1/rpc/{function.name}"]) == (not function.writes)


def test_each_operation_has_its_own_name(document):
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)


def test_responses_are_those_of_the_catalogued_errors(document, contract: Contract):
    refusals = contract.examples.refusals
    for function in contract.catalog.functions.values():
        expected = OF_EVERY_CALL | {refusals[name].status for name in function.errors}
        api = document["paths"][f"/api/{function.name.replace('_', '-')}"]["post"]
        assert statuses(api) == expected, function.name
        for operation in document["paths"][f"/rest/v1/rpc/{function.name}"].values():
            assert statuses(operation) == expected | UNDER_REST, function.name


def test_errors_have_their_names_and_no_others(document, contract: Contract):
    refusals = contract.examples.refusals
    own = {"invalid_input", "permission_denied", "function_not_found", "connection_lost", "keys_unavailable"}
    own |= {"body_too_large", "headers_too_large", "request_timeout", "statement_timeout", "overloaded"}
    own |= {"internal_error"}
    for function in contract.catalog.functions.values():
        operation = document["paths"][f"/api/{function.name.replace('_', '-')}"]["post"]
        told = set()
        for status, response in operation["responses"].items():
            if status != "200":
                schema = resolved(document, response)["content"]["application/json"]["schema"]
                names = schema["properties"]["error"]["enum"]
                assert {refusals[name].status for name in names if name in refusals} <= {int(status)}
                told |= set(names)
        assert told == set(function.errors) | own, function.name


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/api/buddy/respond", "Database or system error"),
        ("/api/session/confirm-completion", "Failed to update session completion status"),
        ("/api/get-profile", "The request failed"),
    ],
)
def test_a_failure_has_the_words_of_the_design(document, path, message):
    response = resolved(document, document["paths"][path]["post"]["responses"]["500"])
    examples = response["content"]["application/json"]["examples"].values()
    told = [resolved(document, example)["value"] for example in examples]
    assert told == [{"detail": message, "error": "internal_error"}]


def test_the_designs_answer_a_malformed_id_as_they_say(document):
    def told(path: str, status: str) -> list[str]:
        response = resolved(document, document["paths"][path]["post"]["responses"][status])
        return response["content"]["application/json"]["schema"]["properties"]["error"]["enum"]

    assert "invalid_input" in told("/api/buddy/respond", "400")
    assert told("/api/buddy/respond", "422") == ["idempotency_key_reused"]
    assert told("/api/session/confirm-completion", "422") == ["idempotency_key_reused", "invalid_input"]


def test_whoever_is_to_wait_is_told_how_long(document):
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            headers = resolved(document, response)["headers"]
            assert "X-Request-Id" in headers, (path, method, status)
            assert ("Retry-After" in headers) == (status in ("423", "429", "503")), (path, method, status)
            assert ("WWW-Authenticate" in headers) == (status == "401"), (path, method, status)


def test_calls_need_a_token(document):
    for path, _, operation in operations(document):
        if path.startswith("/api/") and path not in LINKS:
            assert operation["security"] == [{"bearer": []}]
        elif path.startswith("/rest/v1/rpc/"):
            assert operation["security"] == [{"bearer": []}, {"apikey": []}]
        else:
            assert operation["security"] == []


def test_who_writes_takes_a_key_and_marks_a_replay(document, contract: Contract):
    key = {"$ref": "#/components/parameters/IdempotencyKey"}
    for function in contract.catalog.functions.values():
        for path in (f"/api/{function.name.replace('_', '-')}", f"/rest/v1/rpc/{function.name}"):
            operation = document["paths"][path]["post"]
            assert (key in operation["parameters"]) == function.writes
            replayed = operation["responses"]["200"]["headers"].get("Idempotency-Replayed")
            assert bool(replayed) == function.writes


def bodies(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from operation.get("requestBody", {}).get("content", {}).values()


def test_every_example_keeps_its_schema(document):
    count = 0
    for path, method, operation in operations(document):
        contents = list(bodies(operation))
        for response in operation["responses"].values():
            contents += resolved(document, response)["content"].values()
        for content in contents:
            # references inside lead to the components
            schema = {**content["schema"], "components": document["components"]}
            validator = Draft202012Validator(schema, format_checker=FormatChecker())
            examples = [
                resolved(document, example)["value"] for example in content.get("examples", {}).values()
            ]
            for value in [*examples, *([content["example"]] if "example" in content else [])]:
                assert list(validator.iter_errors(value)) == [], (path, method)
                count += 1
    assert count > 1000


def test_formats_are_checked(document):
    schema = {**document["components"]["schemas"]["match_details"], "components": document["components"]}
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    example = next(iter(document["components"]["examples"]["list_matches.1.answer"]["value"]))
    assert list(validator.iter_errors(example)) == []
    for change in ({"id": "7"}, {"created_at": "yesterday"}, {"status": None}, {"drift": 1}):
        assert list(validator.iter_errors(example | change)), change


def test_null_is_where_the_catalog_says(document, contract: Contract):
    def takes_null(schema: dict[str, Any]) -> bool:
        kinds = [schema.get("type"), *(one.get("type") for one in schema.get("oneOf", ()))]
        return "null" in kinds or any(isinstance(kind, list) and "null" in kind for kind in kinds)

    schemas = document["components"]["schemas"]
    for composite in contract.catalog.types.values():
        properties = schemas[composite.name]["properties"]
        assert [takes_null(properties[attribute.name]) for attribute in composite.attributes] == [
            attribute.nullable for attribute in composite.attributes
        ]
        assert schemas[composite.name]["required"] == list(properties)
    arguments = schemas["complete_profile_arguments"]
    assert arguments["required"] == ["first_name", "experience_level", "lat", "lng"]
    assert not takes_null(arguments["properties"]["max_travel_miles"])
    assert arguments["properties"]["max_travel_miles"]["default"] == 25
    assert takes_null(arguments["properties"]["bio"])
    assert arguments["properties"]["bio"]["default"] is None
