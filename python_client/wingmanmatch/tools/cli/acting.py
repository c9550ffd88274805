"""``wingman as``: call any API function as a user."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from inspect import Parameter, getdoc, signature
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from wingmanmatch.tools.cli.failures import MisuseError
from wingmanmatch.tools.cli.options import AsJson, DatabaseUrl
from wingmanmatch.tools.cli.printable import printable

if TYPE_CHECKING:
    import psycopg
    from pydantic import BaseModel

    from wingmanmatch import Caller

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
    given = {text.partition("=")[0] for text in context.params.get("arguments") or ()}
    names = calls().get(context.params.get("call") or "", {})
    return [f"{name}=" for name in names if name not in given and f"{name}=".startswith(incomplete)]


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
            help="Its arguments; the database parses the values.",
            autocompletion=complete_argument,
        ),
    ] = None,
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
        caller, whom = caller_for(connection, user_id)
        answer = getattr(caller, call)(**{**whom, **given})
        answers = answer if isinstance(answer, list) else [answer]
        names = {} if as_json or answer is not answers else buddy_names(caller, whom, answers)
    if as_json:
        show_json(answers, as_list=answer is answers)
    else:
        show(answers, names)
    if getattr(answer, "replayed", False):
        typer.echo("This is the answer of an earlier call with the same idempotency_key.", err=True)


def arguments_of(call: str, texts: Iterable[str]) -> dict[str, str]:
    """The arguments by name; an error message for a misuse lists the valid names."""
    known = calls()
    if call not in known:
        near = get_close_matches(call, known, 1)
        suggestion = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise MisuseError(f"There is no call {call!r}; {suggestion}")
    parameters = known[call]
    there_are = f"{call} takes {', '.join(parameters)}"
    given = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in parameters:
            raise MisuseError(f"{there_are}, each as KEY=VALUE, not {text!r}")
        if name in given:
            raise MisuseError(f"{name} is given twice")
        given[name] = value
    required = [name for name, parameter in parameters.items() if parameter.default is Parameter.empty]
    if missing := [name for name in required if name not in given]:
        raise MisuseError(f"{there_are}; {', '.join(missing)} cannot be left out")
    return given


def caller_for(connection: "psycopg.Connection[Any]", user_id: UUID) -> "tuple[Caller, dict[str, UUID]]":
    """The user as a caller, or an operator with the argument that names the user."""
    from wingmanmatch import Caller, WingmanClient
    from wingmanmatch._retries import CALL_TIMEOUT, RETRIES
    from wingmanmatch._sync.transport import ConnectionTransport
    from wingmanmatch.call.identity import Identity

    may = connection.execute(_MAY_ACT_AS_USER).fetchone()
    if may and may[0]:
        return WingmanClient(connection=connection).as_user(user_id), {}
    operator = Identity(role="none", claims="")
    return Caller(ConnectionTransport(connection, RETRIES, CALL_TIMEOUT), operator), {"user_id": user_id}


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


def show_json(answers: "list[BaseModel]", *, as_list: bool) -> None:
    """Print the answer as the database gave it."""
    import json

    values = [answer.model_dump(mode="json") for answer in answers]
    typer.echo(printable(json.dumps(values if as_list else values[0], indent=2, ensure_ascii=False)))


def show(answers: "list[BaseModel]", names: Mapping[UUID, str]) -> None:
    """Print each answer as a table of its attributes, with the buddy's name above it if that is known."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    for answer in answers:
        name = names.get(getattr(answer, "buddy_user_id", None))  # type: ignore[arg-type]
        title = Text(f"With {printable(name)}", "bold") if name else None
        table = Table(show_header=False, border_style="dim", title=title, title_justify="left")
        table.add_column(style="cyan", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in flat(answer.model_dump(mode="json")):
            table.add_row(name, Text(as_text(value)))
        console.print(table)
    if not answers:
        console.print("Nothing.")


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested attributes by their path: ``buddy_profile.first_name``."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def as_text(value: Any) -> str:
    """A value for a cell of the table: nothing for null, a line for each element of a list."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(map(as_text, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {as_text(part)}" for name, part in value.items())
    return printable(str(value))
