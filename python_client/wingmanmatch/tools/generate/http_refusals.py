"""The OpenAPI document's error responses: refusals by functions, failures of the HTTP layer."""

import json
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from wingmanmatch.catalog.functions import Function
from wingmanmatch.catalog.json_schema import Json
from wingmanmatch.http import failures
from wingmanmatch.http.api import SEED_ENDPOINTS, SeedEndpoint
from wingmanmatch.http.failures import Failure
from wingmanmatch.http.settings import Settings
from wingmanmatch.tools.generate.error_schemas import ref
from wingmanmatch.tools.generate.examples import Refusal

Style = Literal["api", "rest"]
"""Which paths, and so which form of errors: ``/api/…``, or ``/rest/v1/…`` with PostgREST's."""

_MEDIA: Final = "application/json"
_SCHEMAS: Final[Mapping[Style, str]] = {"api": "Error", "rest": "PostgrestError"}

_MALFORMED: Final = Failure(400, "22P02", 'invalid input syntax for type uuid: "7"', "invalid_input")
_NO_TIME: Final = "no_time"
"""What only a function that takes a time can answer, and only under ``/api``."""
_OWN_FAILURES: Final[Mapping[Style, Mapping[str, Failure]]] = {
    "api": {
        "malformed": _MALFORMED,
        _NO_TIME: failures.no_time("scheduled_time"),
        "no_object": failures.invalid_body("The body must be a JSON object with the arguments"),
        "no_token": failures.not_authenticated(),
        "permission_denied": Failure(
            403, "42501", "permission denied for function get_profile", "permission_denied"
        ),
        "function_not_found": Failure(
            404,
            "PGRST202",
            "Could not find the function public.get_profile(name) in the schema cache",
            "function_not_found",
            "Searched for the function public.get_profile with parameter name or with a single unnamed"
            " json/jsonb parameter, but no matches were found in the schema cache.",
            "Perhaps you meant to call the function public.get_profile(user_id)",
        ),
        "body_too_slow": failures.too_slow(),
        "body_too_large": failures.too_large(Settings.max_body_bytes),
        "headers_too_large": failures.headers_too_large(Settings.max_header_bytes),
        "overloaded": failures.overloaded(),
        "no_connection": failures.no_connection(),
        "connection_lost": failures.connection_lost(),
        "keys_unavailable": failures.keys_unavailable(),
        "statement_timeout": Failure(
            500, "57014", "canceling statement due to statement timeout", "statement_timeout", api_status=504
        ),
        "unanswered": failures.unanswered(),
        "internal_error": failures.internal_error(),
    },
    "rest": {
        "anonymous": Failure(401, "42501", "permission denied for function get_profile", "not_authenticated"),
        "not_acceptable": Failure(
            406, "PGRST107", "None of these media types are available: text/csv", "not_acceptable"
        ),
        "not_supported": failures.not_supported(
            "Tables, views and the description of the API are PostgREST's"
        ),
    },
}
"""The failures of a call besides the function's own refusals; under ``/rest/v1`` both kinds."""

_TEXTS: Final = {
    400: "The call is refused",
    401: "There is no valid access token",
    403: "Not allowed",
    404: "Not found",
    406: "The answer is not available in this form",
    408: "The body did not arrive in time",
    409: "The current state does not allow it",
    413: "The body is too large",
    422: "The idempotency key belongs to another call",
    423: "Another request holds a record that the call needs",
    429: "The user has made too many such calls",
    431: "The headers are too large",
    500: "The call failed",
    501: "Only calls of functions are served here; PostgREST serves everything else",
    503: "Temporarily unavailable",
    504: "The call took too long",
}
_HEADERS: Final[Mapping[int, Sequence[str]]] = {
    401: ["WWW-Authenticate"],
    423: ["Retry-After"],
    429: ["Retry-After"],
    503: ["Retry-After"],
}
_OF_STREAM: Final[Mapping[str, Failure]] = {
    "malformed_position": failures.malformed_id("Last-Event-ID"),
    "no_profile": failures.profile_incomplete(),
    "not_a_user": failures.only_for_users(),
    "too_many_streams": failures.too_many_streams(),
}
"""What only the stream of notifications answers; with some of the failures of calls."""
_STREAM_SHARES: Final = (
    "no_token",
    "headers_too_large",
    "overloaded",
    "no_connection",
    "connection_lost",
    "keys_unavailable",
    "statement_timeout",
    "unanswered",
    "internal_error",
)
_ALIKE: Final = frozenset({401, 406, 408, 413, 422, 423, 429, 431, 500, 501, 503, 504})
"""The statuses whose responses most functions share."""


class HttpRefusals:
    """Makes the responses of operations, and collects the components that they refer to."""

    def __init__(self, catalogue: Mapping[str, Refusal]) -> None:
        refusals = {name: _failure(refusal) for name, refusal in catalogue.items()}
        api = {
            **refusals,
            **_OWN_FAILURES["api"],
            **_OF_STREAM,
            **{_failed(seed): seed.in_its_words(failures.internal_error()) for seed in SEED_ENDPOINTS},
        }
        self._failures: Mapping[Style, Mapping[str, Failure]] = {
            "api": api,
            "rest": {**api, **_OWN_FAILURES["rest"]},
        }
        self.responses: dict[str, Json] = {}
        """The components that have been referred to."""
        self.examples: dict[str, Json] = {}
        """And their examples."""

    @property
    def names(self) -> set[str]:
        """All names that can appear under ``error``."""
        return {failure.name for failure in self._failures["api"].values()}

    def of_function(self, function: Function, style: Style, seed: SeedEndpoint | None = None) -> Json:
        """All refusals of a function by status.

        Args:
            function: the function.
            style: on which paths.
            seed: the endpoint of a design document, if it is one.
        """
        met = [*function.errors, *_OWN_FAILURES["api"], *(_OWN_FAILURES["rest"] if style == "rest" else ())]
        if style == "rest" or not any(argument.is_time for argument in function.arguments):
            met.remove(_NO_TIME)
        by_status: dict[int, list[str]] = {}
        for name in met:
            status = _status(self._failures[style][name], style)
            by_status.setdefault(status, []).append(name)
        if seed is not None:
            for malformed in [name for name in ("malformed", _NO_TIME) if name in met]:
                by_status[_MALFORMED.status].remove(malformed)
                by_status.setdefault(seed.malformed_status, []).append(malformed)
            by_status[500].remove("internal_error")
            by_status[500].append(_failed(seed))
        return {
            str(status): self.response(style, status, by_status[status], function.name)
            for status in sorted(by_status)
        }

    def of_stream(self) -> Json:
        """All refusals of the stream of notifications by status."""
        by_status: dict[int, list[str]] = {}
        for name in (*_OF_STREAM, *_STREAM_SHARES):
            by_status.setdefault(_status(self._failures["api"][name], "api"), []).append(name)
        return {
            str(status): self.response("api", status, by_status[status], "notifications_stream")
            for status in sorted(by_status)
        }

    def response(self, style: Style, status: int, names: Sequence[str], function: str = "any") -> Json:
        """The response of a status: a reference, unless only this operation has it."""
        told_by = names if status in _ALIKE else [function]
        name = ".".join([style, str(status), *told_by])
        response = self._described(style, status, names)
        if self.responses.setdefault(name, response) != response:
            return response
        return ref("responses", name)

    def _described(self, style: Style, status: int, names: Sequence[str]) -> Json:
        schema = ref("schemas", _SCHEMAS[style])
        if style == "api":
            errors = sorted({self._failures[style][name].name for name in names})
            schema |= {"properties": {"error": {"enum": errors}}}
        for name in names:
            failure = self._failures[style][name]
            response = failure.for_api() if style == "api" else failure.for_rest()
            self.examples[f"{style}.{name}"] = {
                "summary": failure.api_message or failure.message,
                "value": json.loads(bytes(response.body)),
            }
        headers = ["X-Request-Id", *_HEADERS.get(status, ())]
        told = dict.fromkeys(f"`{self._failures[style][name].name}`" for name in names)
        return {
            "description": f"{_TEXTS[status]}: {', '.join(told)}.",
            "headers": {name: ref("headers", name) for name in headers},
            "content": {
                _MEDIA: {
                    "schema": schema,
                    "examples": {name: ref("examples", f"{style}.{name}") for name in names},
                }
            },
        }


def _failed(seed: SeedEndpoint) -> str:
    return f"{seed.function}_failed"


def _failure(refusal: Refusal) -> Failure:
    """A catalogued refusal as the HTTP layer reports it."""
    # jsonb's order
    detail = {"error": refusal.name, **refusal.context}
    details = json.dumps(
        dict(sorted(detail.items(), key=lambda item: (len(item[0]), item[0]))), ensure_ascii=False
    )
    return Failure(
        refusal.status,
        f"PT{refusal.status}",
        refusal.message,
        refusal.name,
        details,
        refusal.hint,
        refusal.context,
    )


def _status(failure: Failure, style: Style) -> int:
    return (failure.api_status if style == "api" else None) or failure.status
