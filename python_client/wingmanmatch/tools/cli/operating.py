"""``wingman operate``: operators' functions and views, by name."""

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wingmanmatch.tools.cli.arguments import completions, misnamed, named
from wingmanmatch.tools.cli.failures import MisuseError
from wingmanmatch.tools.cli.options import AsJson, DatabaseUrl, url_of_running_server
from wingmanmatch.tools.cli.printable import printable
from wingmanmatch.tools.cli.results import show_json, show_rows

if TYPE_CHECKING:
    import psycopg

    from wingmanmatch.catalog.operators import UsableFunction, UsableView

    Usable = dict[str, UsableFunction | UsableView]

LIMIT = 50
_COMPLETION_TIMEOUT_SECONDS = 2


def complete_name(context: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    """The completions of NAME, for the shell."""
    from wingmanmatch.catalog.operators import first_sentence

    for name, one in _usable_now(context).items():
        if name.startswith(incomplete):
            yield name, printable(first_sentence(one.comment))


def complete_argument(context: typer.Context, incomplete: str) -> list[str]:
    """The arguments of the function, or the columns of the view, that are not given yet, for the shell."""
    one = _usable_now(context).get(context.params.get("name") or "")
    return completions(_keys(one), context.params.get("arguments") or (), incomplete) if one else []


def operate(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="The function to call, or the view to show.",
            show_default="list them all",
            autocompletion=complete_name,
        ),
    ] = None,
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY=VALUE",
            help="The arguments of the function, or the values that columns of the view must have; "
            "the database parses them. Without a value an argument is null. A list is written as in "
            "'kinds={match_offered,session_moved}', with quotes for the shell.",
            autocompletion=complete_argument,
        ),
    ] = None,
    database_url: DatabaseUrl = "",
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="The most rows of a view.", show_default=str(LIMIT)),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Of a view only what is not older, such as yesterday or '2026-11-29 18:00'."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Do an operator's work: look, and act with a reason.

    Without NAME it lists the functions and views of schema wingman_admin that your login may use. For
    example: wingman operate find_users search=ana, or wingman operate decisions login=ada. A view shows its
    newest rows first. The login is an operator's: a member of wingman_admin. What you decide is kept with
    your login. A call is made once and never repeated.
    """
    from wingmanmatch.catalog.operators import UsableView
    from wingmanmatch.database.connection import connect

    with connect(database_url) as connection:
        usable = usable_by(connection)
        if name is None:
            rows = [_entry(one) for one in usable.values()]
            show_json(rows) if as_json else show_list(usable)
            return
        if name not in usable:
            raise misnamed("function or view", name, usable)
        one = usable[name]
        if isinstance(one, UsableView):
            answer = read(connection, one, arguments or [], limit or LIMIT, since)
        elif limit or since:
            raise MisuseError(f"--limit and --since are for views, and {name} is a function")
        else:
            answer = call(connection, one, arguments or [])
    if as_json:
        show_json(answer)
    else:
        show(answer if isinstance(answer, list) else [answer])


def usable_by(connection: "psycopg.Connection[Any]") -> "Usable":
    """What the login may use: the functions, then the views."""
    from wingmanmatch.catalog.operators import usable_views
    from wingmanmatch.operating import not_an_operator, operators_functions

    usable: Usable = {**operators_functions(connection), **usable_views(connection)}
    if not usable:
        raise not_an_operator(connection)
    return usable


def call(connection: "psycopg.Connection[Any]", function: "UsableFunction", texts: list[str]) -> Any:
    """Call a function once, with null for KEY= without a value; a set is a list of rows."""
    from wingmanmatch import ConnectionLost
    from wingmanmatch.operating import call_function

    takes = f"{function.name} takes {', '.join(function.arguments)}"
    given = named(texts, function.arguments, function.required, takes)
    try:
        # an empty text is no value of any argument here
        answers = call_function(
            connection, function.name, {key: value or None for key, value in given.items()}
        )
    except ConnectionLost as lost:
        if function.writes:
            lost.add_note("It may have been done: see wingman operate decisions")
        raise
    return answers if function.returns_set else answers[0]


def read(
    connection: "psycopg.Connection[Any]", view: "UsableView", texts: list[str], limit: int, since: str | None
) -> list[Any]:
    """Read rows of a view; on stderr it says so if there are more."""
    from psycopg import sql

    from wingmanmatch.operating import read_rows

    wanted = named(texts, view.columns, (), f"{view.name} has the columns {', '.join(view.columns)}")
    conditions = [sql.SQL("v.{} = %s").format(sql.Identifier(column)) for column in wanted]
    values: list[Any] = list(wanted.values())
    if since is not None:
        if view.time is None:
            raise MisuseError(f"--since is for views with a time, and {view.name} has none")
        conditions.append(sql.SQL("v.{} >= %s").format(sql.Identifier(view.time)))
        values.append(since)
    query = sql.SQL("select to_json(v) from {} as v{}{} limit %s").format(
        sql.Identifier("wingman_admin", view.name),
        sql.SQL(" where ") + sql.SQL(" and ").join(conditions) if conditions else sql.SQL(""),
        _order(view),
    )
    rows = read_rows(connection, query, [*values, limit + 1])
    if len(rows) > limit:
        typer.echo(f"There are more: --limit {2 * limit}", err=True)
    return rows[:limit]


def show(rows: list[Any]) -> None:
    """Print rows for people; of a bare acknowledgement only what it says."""
    from rich.console import Console

    if not rows:
        typer.echo("Nothing.")
    elif rows[0].keys() == {"success", "message"}:
        typer.echo(printable(rows[0]["message"]))
    else:
        show_rows(Console(), rows)


def show_list(usable: "Usable") -> None:
    """Print what there is, each with the first sentence of its comment."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from wingmanmatch.catalog.operators import UsableView

    tables = {
        kind: Table(title=Text(kind, "bold"), title_justify="left", box=None, show_header=False)
        for kind in ("Functions", "Views")
    }
    for name, one in usable.items():
        entry = _entry(one)
        about = Text(printable(entry["summary"]))
        if entry["arguments"]:
            about.append(f"\n{printable(' '.join(entry['arguments']))}", "dim")
        tables["Views" if isinstance(one, UsableView) else "Functions"].add_row(
            Text(printable(name), "cyan"), about
        )
    console = Console()
    for table in tables.values():
        console.print(table)


def _entry(one: "UsableFunction | UsableView") -> dict[str, Any]:
    """What the list says of a function or view; an argument in brackets can be left out."""
    from wingmanmatch.catalog.operators import UsableView, first_sentence

    told: dict[str, Any] = {"name": one.name, "summary": first_sentence(one.comment)}
    if isinstance(one, UsableView):
        return {"kind": "view", **told, "arguments": []}
    optional = [f"[{name}=]" for name in one.arguments if name not in one.required]
    return {"kind": "function", **told, "arguments": [*(f"{name}=" for name in one.required), *optional]}


def _keys(one: "UsableFunction | UsableView") -> tuple[str, ...]:
    from wingmanmatch.catalog.operators import UsableView

    return one.columns if isinstance(one, UsableView) else one.arguments


def _order(view: "UsableView") -> Any:
    """The view's own order; else newest first, by the id where there is one: it has an index."""
    from psycopg import sql

    if view.is_ordered:
        return sql.SQL("")
    if "id" in view.columns:
        return sql.SQL(" order by v.id desc")
    if view.time is not None:
        return sql.SQL(" order by v.{} desc nulls last").format(sql.Identifier(view.time))
    return sql.SQL(" order by v.{}").format(sql.Identifier(view.columns[0]))


def _usable_now(context: typer.Context) -> "Usable":
    from wingmanmatch.database.connection import connect

    usable: Usable = {}
    # whatever goes wrong, the line that is being typed is no place to tell it
    with suppress(Exception):
        url = context.params.get("database_url") or url_of_running_server()
        with connect(url, connect_timeout=_COMPLETION_TIMEOUT_SECONDS) as connection:
            usable = usable_by(connection)
    return usable
