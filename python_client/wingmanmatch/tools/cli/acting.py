"""``wingman as``: call any API function as a user."""

from collections.abc import Iterable, Iterator, Mapping
from inspect import Parameter, getdoc, signature
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from wingmanmatch.tools.cli.arguments import completions, misnamed, named
from wingmanmatch.tools.cli.failures import MisuseError
from wingmanmatch.tools.cli.options import AsJson, DatabaseUrl
from wingmanmatch.tools.cli.results import down, show_json

if TYPE_CHECKING:
    import psycopg
    from pydantic import BaseModel

    from wingmanmatch import Caller
    from wingmanmatch.call.identity import Identity

Email = Annotated[
    str,
    typer.Option(
        help="The e-mail address of the user's account, as in an access token.", show_default="none"
    ),
]
_MAY_ACT_AS_USER = "select pg_has_role('authenticated', 'member')"


def calls() -> dict[str, Mapping[str, Parameter]]:
    """All calls, each with its arguments: the methods of the client."""
    from wingmanmatch import Caller

    return {
        name: {key: value for key, value in signature(method).parameters.items() if key != "self"}
        for name, method in vars(Caller).items()
        if not name.startswith("_")
    }


def complete_call(incomplete: str) -> Iterator[tuple[str, str]]:
    """The completions of CALL, for the shell."""
    from wingmanmatch import Caller

    for name in calls():
        if name.startswith(incomplete):
            summary = (getdoc(getattr(Caller, name)) or "").partition("\n\n")[0]
            yield name, " ".join(summary.split())


def complete_argument(context: typer.Context, incomplete: str) -> list[str]:
    """The names of CALL's arguments that are not given yet, for the shell."""
    names = calls().get(context.params.get("call") or "", {})
    return completions(names, context.params.get("arguments") or (), incomplete)


def act(
    user_id: Annotated[
        UUID, typer.Argument(metavar="USER_ID", help="The user who calls, or for whom an operator calls.")
    ],
    call: Annotated[
        str, typer.Argument(metavar="CALL", help="The function to call.", autocompletion=complete_call)
    ],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY=VALUE",
            help="Its arguments; the database parses the values. A time needs its offset, as in "
            "2026-12-01T18:00:00+01:00. A list is written as in 'kinds={match_offered,session_moved}', with "
            "quotes for the shell, and an empty one as {}.",
            autocompletion=complete_argument,
        ),
    ] = None,
    email: Email = "",
    database_url: DatabaseUrl = "",
    as_json: AsJson = False,
) -> None:
    """Call a function as a user.

    For example: wingman as USER_ID get_profile. A login that can become authenticated, like authenticator
    or a superuser, calls as that user. An operator's login calls as an operator, on behalf of that user.
    """
    given = arguments_of(call, arguments or ())

    from wingmanmatch.database.connection import connect

    with connect(database_url) as connection:
        caller, whom = caller_for(connection, user_id, email or None)
        answer = getattr(caller, call)(**{**whom, **given})
        answers = answer if isinstance(answer, list) else [answer]
        names = {} if as_json or answer is not answers else buddy_names(caller, whom, answers)
    if as_json:
        values = [one.model_dump(mode="json") for one in answers]
        show_json(values if answer is answers else values[0])
    else:
        show(answers, names)
    if getattr(answer, "replayed", False):
        typer.echo("This is the answer of an earlier call with the same idempotency_key.", err=True)


def arguments_of(call: str, texts: Iterable[str]) -> dict[str, str]:
    """The arguments by name; an error message for a misuse lists the valid names."""
    known = calls()
    if call not in known:
        raise misnamed("call", call, known)
    parameters = known[call]
    required = [name for name, parameter in parameters.items() if parameter.default is Parameter.empty]
    return named(texts, parameters, required, f"{call} takes {', '.join(parameters)}")


def caller_for(
    connection: "psycopg.Connection[Any]", user_id: UUID, email: str | None
) -> "tuple[Caller, dict[str, UUID]]":
    """The user as a caller, or an operator with the argument that names the user."""
    from wingmanmatch import Caller
    from wingmanmatch._retries import CALL_TIMEOUT, RETRIES
    from wingmanmatch._sync.transport import ConnectionTransport

    identity, whom = identity_for(connection, user_id, email)
    return Caller(ConnectionTransport(connection, RETRIES, CALL_TIMEOUT), identity), whom


def identity_for(
    connection: "psycopg.Connection[Any]", user_id: UUID, email: str | None
) -> "tuple[Identity, dict[str, UUID]]":
    """Whose rights a login's calls for a user have; for an operator's, the argument that names the user."""
    from wingmanmatch.call.identity import Identity

    may = connection.execute(_MAY_ACT_AS_USER).fetchone()
    if may and may[0]:
        return Identity.user(user_id, email), {}
    if email is not None:
        raise MisuseError(
            "--email is for a login that can become authenticated: an operator has no access token"
        )
    return Identity.login(), {"user_id": user_id}


def buddy_names(caller: "Caller", whom: "Mapping[str, UUID]", answers: "list[BaseModel]") -> dict[UUID, str]:
    """The first names of the buddies in a list, as far as the caller can see them.

    Matches contain them; for sessions they come from the caller's matches.
    """
    from wingmanmatch import WingmanError

    if not any(hasattr(answer, "buddy_user_id") for answer in answers):
        return {}
    matches: list[Any] = answers
    arguments: dict[str, Any] = {"page_size": 100, **whom}
    if not hasattr(answers[0], "buddy_profile"):
        try:
            matches = list(caller.list_matches(**arguments))
        except WingmanError:
            return {}  # the names are an extra: the list itself is there
    return {match.buddy_user_id: match.buddy_profile.first_name for match in matches if match.buddy_profile}


def show(answers: "list[BaseModel]", names: Mapping[UUID, str]) -> None:
    """Print each answer as a table of its attributes, with the buddy's name above it if that is known."""
    from rich.console import Console

    console = Console()
    for answer in answers:
        name = names.get(getattr(answer, "buddy_user_id", None))  # type: ignore[arg-type]
        console.print(down(answer.model_dump(mode="json"), f"With {name}" if name else None))
    if not answers:
        console.print("Nothing.")
