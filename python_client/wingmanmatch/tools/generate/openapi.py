"""``docs/openapi.json``: the HTTP API as OpenAPI 3.1.

Arguments and results come from the catalog, refusals from the error catalogue, the rest from the HTTP layer.
"""

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any, Final

from wingmanmatch.catalog.functions import Function
from wingmanmatch.catalog.json_schema import (
    Json,
    arguments_schema,
    composite_schema,
    sentence,
    value_schema,
)
from wingmanmatch.http import link_pages, links, stream
from wingmanmatch.http.api import SEED_ENDPOINTS, SeedEndpoint
from wingmanmatch.http.link_pages import Page, shown
from wingmanmatch.tools.generate.error_schemas import error_schemas, ref
from wingmanmatch.tools.generate.examples import Example
from wingmanmatch.tools.generate.facts import Contract
from wingmanmatch.tools.generate.http_refusals import HttpRefusals, Style
from wingmanmatch.tools.generate.story import ANA

_MEDIA: Final = "application/json"
_OBJECT: Final = "application/vnd.pgrst.object+json"
_SECURITY: Final[Mapping[Style, list[Json]]] = {
    "api": [{"bearer": []}],
    "rest": [{"bearer": []}, {"apikey": []}],
}
_DESCRIPTION: Final = """\
Every rule is a function in PostgreSQL, and every function can be called in two ways:

- `POST /api/<function-with-hyphens>`: the arguments as a JSON object; an error is
  `{"detail": "<message>", "error": "<name>"}` with further details.
- `POST /rest/v1/rpc/<function>`, and `GET` if it only reads: as in PostgREST, so that supabase-js and
  supabase-py work unchanged.

Distinguish errors by name, never by message. A refused call changes nothing. This document is made from the
database's catalog; its examples are answers of a database."""

_NOTHING: Final = "00000000-0000-0000-0000-000000000000"
_STREAM: Final = """\
Read it with `fetch`: the token is sent in the header, never in the URL. The first message has the event
`ready`, and the id to go on after if no other message comes. Every other message has the event
`notification`, the id of the notification, and as data a `notification` as list_notifications returns it. A
line with only a colon is a heartbeat.

After a disconnect, send the last id as `Last-Event-ID`: nothing is lost and nothing comes twice. Without it,
you get only new notifications.

The stream ends when the token expires, when the user is erased, when the server stops, and when the client
does not read. May be called by authenticated."""

_LINK: Final = """\
The link in an e-mail. It answers with a page in English or German. Opening it changes nothing, because
scanners of mail open every link; the button on the page sends a POST to the same address. Only the token says
what the link is about. It is signed with the link key of `wingman serve`, without which there is no such
path."""
_ONE_CLICK: Final = "List-Unsubscribe"

_TAGS: Final = {
    "functions": "Every function; errors have names.",
    "designs": "The endpoints of the two design documents.",
    "supabase": "The same functions as PostgREST serves them.",
    "links": "The links in e-mails.",
    "operations": "For those who run the server.",
}


def openapi(contract: Contract) -> str:
    """The text of the file.

    Raises:
        KeyError: there is no schema here for a type of PostgreSQL.
    """
    return json.dumps(_Document(contract).whole(), indent=1, ensure_ascii=False) + "\n"


class _Document:
    """The document; its paths are written first, because they determine the components."""

    def __init__(self, contract: Contract) -> None:
        self._catalog = contract.catalog
        self._calls = contract.examples.calls
        self._refusals = HttpRefusals(contract.examples.refusals)
        self._examples: dict[str, Json] = {}

    def whole(self) -> Json:
        functions = self._catalog.functions.values()
        sets = self._catalog.value_sets
        paths = {
            **{_api_path(function): {"post": self._post(function, "api")} for function in functions},
            **{f"/rest/v1/rpc/{function.name}": self._rpc(function) for function in functions},
            **self._designs(),
            stream.PATH: {"get": self._stream()},
            links.CONFIRM_PATH: self._link(
                "confirm",
                ("Ask whether an e-mail address is to be confirmed.", link_pages.CONFIRM),
                ("Confirm an e-mail address.", link_pages.CONFIRMED),
                "The link has expired, or the user has another address by now.",
            ),
            links.UNSUBSCRIBE_PATH: self._link(
                "unsubscribe",
                ("Ask whether a user wants no more e-mails.", link_pages.UNSUBSCRIBE),
                ("Send a user no more e-mails; also with one click as in RFC 8058.", link_pages.UNSUBSCRIBED),
                "The user does not exist any more.",
                one_click=True,
            ),
            "/rest/v1/{anything}": self._anything(),
            **self._operations(),
        }
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "WingmanMatch",
                "version": version("wingmanmatch"),
                "description": _DESCRIPTION,
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "servers": [{"url": "http://localhost:8000", "description": "`wingman serve`"}],
            "tags": [{"name": name, "description": told} for name, told in _TAGS.items()],
            "paths": paths,
            "components": {
                "securitySchemes": _SECURITY_SCHEMES,
                "schemas": {
                    **{
                        f"{function.name}_arguments": arguments_schema(function, sets)
                        for function in functions
                    },
                    **{kind.name: composite_schema(kind, sets) for kind in self._catalog.types.values()},
                    **error_schemas(self._refusals.names),
                },
                "parameters": _PARAMETERS,
                "headers": _RESPONSE_HEADERS,
                "responses": dict(sorted(self._refusals.responses.items())),
                "examples": dict(sorted((self._examples | self._refusals.examples).items())),
            },
        }

    def _rpc(self, function: Function) -> Json:
        item = {"post": self._post(function, "rest")}
        if not function.writes:
            item["get"] = self._get(function)
        return item

    def _post(self, function: Function, style: Style) -> Json:
        operation = self._operation(
            function, style, function.name if style == "api" else f"rest_{function.name}"
        )
        operation["requestBody"] = self._body(
            function,
            ref("schemas", f"{function.name}_arguments"),
            is_required=any(argument.required for argument in function.arguments),
        )
        return operation

    def _get(self, function: Function) -> Json:
        operation = self._operation(function, "rest", f"rest_get_{function.name}")
        operation["parameters"] += [
            {
                "name": argument.name,
                "in": "query",
                "required": argument.required,
                "description": argument.comment,
                "schema": value_schema(argument, self._catalog.value_sets),
            }
            for argument in function.arguments
        ]
        return operation

    def _designs(self) -> Json:
        """The endpoints of the design documents: one function each, with the fields of the design."""
        return {endpoint.path: {"post": self._design(endpoint)} for endpoint in SEED_ENDPOINTS}

    def _design(self, endpoint: SeedEndpoint) -> Json:
        function = self._catalog.functions[endpoint.function]
        fields = endpoint.model.model_fields
        arguments = self._calls[function.name][0].arguments
        schema = {
            "type": "object",
            "properties": {
                name: {
                    **value_schema(function.by_argument[name], self._catalog.value_sets),
                    "description": field.description,
                }
                for name, field in fields.items()
            },
            "required": [name for name, field in fields.items() if field.is_required()],
        }
        example = {name: arguments.get(name, ANA) for name in fields}
        operation = self._operation(function, "api", f"design_{function.name}", endpoint)
        operation["tags"] = ["designs"]
        operation["requestBody"] = {
            "required": True,
            "content": {_MEDIA: {"schema": schema, "example": example}},
        }
        return operation

    def _stream(self) -> Json:
        """The stream of a user's notifications."""
        told = self._calls["list_notifications"][0].answer[0]
        ready = f"id: {_NOTHING}\nevent: ready\ndata: {{}}\n\n"
        notification = (
            f"id: {told['id']}\nevent: notification\ndata: {json.dumps(told, ensure_ascii=False)}\n\n"
        )
        return {
            "operationId": "notifications_stream",
            "summary": "The user's new notifications, at once: Server-Sent Events.",
            "description": _STREAM,
            "tags": ["functions"],
            "security": _SECURITY["api"],
            "parameters": [ref("parameters", "LastEventId"), ref("parameters", "RequestId")],
            "responses": {
                "200": {
                    "description": "Messages, until the stream ends.",
                    "headers": {"X-Request-Id": ref("headers", "X-Request-Id")},
                    "content": {
                        stream.EVENT_STREAM: {
                            "schema": {"type": "string"},
                            "example": f"{ready}{notification}:\n\n",
                        }
                    },
                }
            }
            | self._refusals.of_stream(),
        }

    def _link(
        self,
        name: str,
        opened: tuple[str, Page],
        pressed: tuple[str, Page],
        over: str,
        *,
        one_click: bool = False,
    ) -> Json:
        """The pages of a kind of link.

        Args:
            name: of the operations, without the method.
            opened: what GET is for, and the page that it shows.
            pressed: the same of POST.
            over: when the link no longer applies.
            one_click: whether mail programs send a POST of their own.
        """
        refusals = {
            "400": _page("The token is missing, or is not one for this path."),
            "410": _page(over),
            "431": _page("The headers are too large."),
        }
        when_pressed = {
            "408": _page("The body did not arrive in time."),
            "413": _page("The body is too large."),
            "423": _page("Another request holds a record that is needed.", "Retry-After"),
            "500": _page("It failed."),
            "503": _page("Temporarily unavailable.", "Retry-After"),
            "504": _page("It took too long."),
        }
        post: Json = {
            "responses": {"200": _page("Done, now or before.", page=pressed[1]), **refusals, **when_pressed}
        }
        if one_click:
            schema = {"type": "object", "properties": {_ONE_CLICK: {"const": "One-Click"}}}
            content = {"schema": schema, "example": {_ONE_CLICK: "One-Click"}}
            post["requestBody"] = {
                "description": "What mail programs send; it makes no difference.",
                "content": dict.fromkeys(
                    ("application/x-www-form-urlencoded", "multipart/form-data"), content
                ),
            }
        get: Json = {"responses": {"200": _page("The page with the button.", page=opened[1]), **refusals}}
        return {
            "parameters": [ref("parameters", "LinkToken"), ref("parameters", "RequestId")],
            **{
                method: {
                    "operationId": f"{method}_email_{name}",
                    "summary": summary,
                    "description": _LINK,
                    "tags": ["links"],
                    "security": [],
                    **operation,
                }
                for method, summary, operation in [("get", opened[0], get), ("post", pressed[0], post)]
            },
        }

    def _operation(
        self, function: Function, style: Style, operation_id: str, seed: SeedEndpoint | None = None
    ) -> Json:
        """An operation without its arguments."""
        paragraphs = [
            function.summary,
            f"Result: {function.result_comment}",
            f"May be called by {', '.join(function.roles)}.",
        ]
        return {
            "operationId": operation_id,
            "summary": _sentences(function.summary)[0],
            "description": "\n\n".join(paragraphs),
            "tags": ["functions" if style == "api" else "supabase"],
            "security": _SECURITY[style],
            "parameters": [
                *([ref("parameters", "IdempotencyKey")] if function.writes else []),
                ref("parameters", "RequestId"),
            ],
            "responses": {"200": self._answer(function, style)}
            | self._refusals.of_function(function, style, seed),
        }

    def _body(self, function: Function, schema: Json, *, is_required: bool) -> Json:
        examples = {}
        for key, example in self._examples_of(function):
            name = f"{function.name}.{key}.arguments"
            self._examples[name] = {"summary": example.title, "value": example.arguments}
            examples[key] = ref("examples", name)
        return {"required": is_required, "content": {_MEDIA: {"schema": schema, "examples": examples}}}

    def _answer(self, function: Function, style: Style) -> Json:
        examples = {}
        for key, example in self._examples_of(function):
            name = f"{function.name}.{key}.answer"
            self._examples[name] = {"summary": example.title, "value": example.answer}
            examples[key] = ref("examples", name)
        one = ref("schemas", function.result.name)
        schema = {"type": "array", "items": one} if function.returns_set else one
        content: Json = {_MEDIA: {"schema": schema, "examples": examples}}
        if style == "rest":
            content[_OBJECT] = {"schema": one}
        names = ["X-Request-Id", *(["Idempotency-Replayed"] if function.writes else [])]
        return {
            "description": sentence(function.result_comment),
            "headers": {name: ref("headers", name) for name in names},
            "content": content,
        }

    def _examples_of(self, function: Function) -> Iterable[tuple[str, Example]]:
        return ((str(number), example) for number, example in enumerate(self._calls[function.name], start=1))

    def _anything(self) -> Json:
        """The rest of PostgREST."""
        parameter = {
            "name": "anything",
            "in": "path",
            "required": True,
            "description": "The name of a table or view.",
            "schema": {"type": "string", "pattern": "^[a-z_]+$", "not": {"const": "rpc"}},
            "example": "wingman_matches",
        }
        responses = {
            "431": self._refusals.response("rest", 431, ["headers_too_large"]),
            "501": self._refusals.response("rest", 501, ["not_supported"]),
        }
        return {
            "parameters": [parameter, ref("parameters", "RequestId")],
            **{
                method: {
                    "operationId": f"rest_{method}_anything",
                    "summary": "Not here: PostgREST serves tables and views.",
                    "tags": ["supabase"],
                    "security": [],
                    "responses": responses,
                }
                for method in ("get", "post", "put", "patch", "delete")
            },
        }

    def _operations(self) -> Json:
        ready = {"type": "object", "properties": {"status": {"const": "ready"}}, "required": ["status"]}
        not_ready = {
            "type": "object",
            "properties": {"status": {"const": "not ready"}, "reason": {"type": "string"}},
            "required": ["status", "reason"],
        }
        healthy = {"type": "object", "properties": {"status": {"const": "ok"}}, "required": ["status"]}
        reason = "The database is not at this release's revision"
        return {
            "/healthz": self._watched(
                "healthz",
                "Whether the server is alive, without asking the database.",
                {"200": _told("It lives.", _MEDIA, healthy, {"status": "ok"})},
            ),
            "/readyz": self._watched(
                "readyz",
                "Whether calls would be served: the database is reachable, and at the release's revision.",
                {
                    "200": _told("They would.", _MEDIA, ready, {"status": "ready"}),
                    "503": _told(
                        "Calls would fail.",
                        _MEDIA,
                        not_ready,
                        {"status": "not ready", "reason": reason},
                        "Retry-After",
                    ),
                },
            ),
            "/metrics": self._watched(
                "metrics",
                "Metrics since the start, for Prometheus: calls, outcomes, times, connections.",
                {
                    "200": _told(
                        "In the text format of Prometheus.",
                        "text/plain",
                        {"type": "string"},
                        'wingman_http_calls_total{function="get_profile",outcome="ok"} 1.0\n',
                    )
                },
            ),
        }

    def _watched(self, operation_id: str, summary: str, responses: Json) -> Json:
        return {
            "get": {
                "operationId": operation_id,
                "summary": summary,
                "tags": ["operations"],
                "security": [],
                "parameters": [ref("parameters", "RequestId")],
                "responses": {**responses, "431": self._refusals.response("api", 431, ["headers_too_large"])},
            }
        }


_SECURITY_SCHEMES: Final[Json] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token as Supabase issues it, with `sub`, `role`, `aud` and `exp`.",
    },
    "apikey": {
        "type": "apiKey",
        "in": "header",
        "name": "apikey",
        "description": "The project's key, as supabase-js sends it; used if no bearer token is sent.",
    },
}
_PARAMETERS: Final[Json] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same key sent again gets the first answer again, and nothing is done twice. "
        "Same as the argument `idempotency_key`.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        "example": '"5f0c61f2-2f8b-4c1c-a0b5-9d34fd1b7c2e"',
    },
    "LastEventId": {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The id of the last message received.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "LinkToken": {
        "name": links.PARAMETER,
        "in": "query",
        "required": True,
        "description": "The signed token.",
        "schema": {"type": "string"},
    },
    "RequestId": {
        "name": "X-Request-Id",
        "in": "header",
        "description": "Appears in logs, in the journal and in the response; generated if none is sent.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 128},
        "example": "web-7c1e",
    },
}
_RESPONSE_HEADERS: Final[Json] = {
    "X-Request-Id": {
        "description": "The id of the request.",
        "required": True,
        "schema": {"type": "string"},
        "example": "web-7c1e",
    },
    "Idempotency-Replayed": {
        "description": "`true`: this is the answer of an earlier call with the same key. Absent otherwise.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Retry-After": {
        "description": "After how many seconds to call again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
        "example": 180,
    },
    "WWW-Authenticate": {
        "description": "How to authenticate.",
        "schema": {"type": "string"},
        "example": "Bearer",
    },
}


def _told(description: str, media: str, schema: Json, example: Any, *headers: str) -> Json:
    return {
        "description": description,
        "headers": {name: ref("headers", name) for name in ("X-Request-Id", *headers)},
        "content": {media: {"schema": schema, "example": example}},
    }


def _page(description: str, *headers: str, page: Page | None = None) -> Json:
    """The response that is a page; its example is in English."""
    content: Json = {"schema": {"type": "string"}}
    if page is not None:
        content["example"] = bytes(shown(page, "en").body).decode()
    return {
        "description": description,
        "headers": {name: ref("headers", name) for name in ("X-Request-Id", *headers)},
        "content": {"text/html": content},
    }


def _api_path(function: Function) -> str:
    return f"/api/{function.name.replace('_', '-')}"


def _sentences(text: str) -> list[str]:
    return [f"{part.removesuffix('.')}." for part in text.split(". ")]
