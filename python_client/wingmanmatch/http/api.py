"""The paths under /api: the design documents' two endpoints, and every function by its name."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import Route

from wingmanmatch.call.times import is_time
from wingmanmatch.catalog.functions import Function
from wingmanmatch.http.call import Arguments
from wingmanmatch.http.endpoint import Calls, Endpoint, Guarded, answer
from wingmanmatch.http.failures import Failure, invalid_body, method_not_allowed, no_time
from wingmanmatch.http.requests import (
    JSON_TYPE,
    Request,
    content_type,
    for_the_database,
    json_arguments,
    read_body,
)
from wingmanmatch.http.seeds import MatchResponseRequest, SessionConfirmCompletionRequest


@dataclass(frozen=True)
class SeedEndpoint:
    """An endpoint of a design document."""

    path: str
    function: str
    model: type[BaseModel]
    malformed_status: int
    """The status of a malformed id."""
    failed_message: str
    """The message of an internal error."""

    def in_its_words(self, failure: Failure) -> Failure:
        """A failure as the document has it."""
        if failure.name == "invalid_input" and failure.code.startswith("22"):
            return replace(failure, api_status=self.malformed_status)
        if failure.name == "internal_error":
            return replace(failure, api_message=self.failed_message)
        return failure

    def render(self, failure: Failure) -> Response:
        """The answer to a request that fails."""
        return self.in_its_words(failure).for_api()


SEED_ENDPOINTS: Final = (
    SeedEndpoint(
        "/api/buddy/respond", "respond_to_match", MatchResponseRequest, 400, "Database or system error"
    ),
    SeedEndpoint(
        "/api/session/confirm-completion",
        "confirm_session_completion",
        SessionConfirmCompletionRequest,
        422,
        "Failed to update session completion status",
    ),
)


def routes(calls: Calls) -> list[Route]:
    """The routes under /api."""
    api = _Api(calls)
    endpoints = [
        *((seed.path, api.seed(seed), seed.render) for seed in SEED_ENDPOINTS),
        ("/api/{function}", api.call, Failure.for_api),
        ("/api/{rest:path}", api.nothing, Failure.for_api),
    ]
    return [Route(path, Guarded(endpoint, render, calls.settings)) for path, endpoint, render in endpoints]


class _Api:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def nothing(self, request: Request) -> Response:
        raise Failure(404, "PGRST125", "There is no such path", "not_found")

    async def call(self, request: Request) -> Response:
        name = request.function
        return await self._call(request, name.replace("-", "_") if "_" not in name else "")

    def seed(self, endpoint: SeedEndpoint) -> Endpoint:
        async def call(request: Request) -> Response:
            return await self._call(request, endpoint.function, endpoint.model)

        return call

    async def _call(self, request: Request, name: str, model: type[BaseModel] | None = None) -> Response:
        if request.method != "POST":
            raise method_not_allowed("POST")
        identity = await self._calls.identity(request, needs_token=True)
        body = await read_body(request, self._calls.settings)
        if content_type(request) != JSON_TYPE:
            raise invalid_body("The body must be application/json")
        given = json_arguments(body)
        names = given.names
        if model:
            _require(model, (name for name in names if given.values[name] is not None))
            # such a model ignores fields that it does not know
            names = names.intersection(self._calls.catalog.functions[name].by_argument)
        function = self._calls.function(name, names, needs_all=False)
        request.record.function = function.name
        # whoever may not call the function hears that first, from the database
        if identity.role in function.roles:
            _refuse_unclear_times(function, given)
        # The database refuses missing arguments, in its own order and words.
        arguments = replace(given, names=names | function.required)
        # a key sent twice is refused: its values are joined
        told = for_the_database(request, request.path, request.headers)
        return answer(await self._calls.perform(request, told, identity, function, arguments), {})


def _refuse_unclear_times(function: Function, given: Arguments) -> None:
    """Refuse what PostgreSQL would read in a time zone that the caller does not know, or as a word."""
    for argument in function.arguments:
        value = given.values.get(argument.name)
        if argument.is_time and value is not None and not is_time(value):
            raise no_time(argument.name)


def _require(model: type[BaseModel], names: Iterable[str]) -> None:
    """Refuse a body without a field that the model requires but the function does not."""
    given = set(names)
    for name, field in model.model_fields.items():
        if field.is_required() and name not in given:
            raise Failure(
                400,
                "PT400",
                f"{name} is required",
                "missing_argument",
                hint="Send the argument with a value that is not null.",
                context={"argument": name},
            )
