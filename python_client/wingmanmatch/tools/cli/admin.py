"""``wingman admin``: the operators' page."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wingmanmatch.tools.cli.options import DatabaseUrl

if TYPE_CHECKING:
    from wingmanmatch.admin.app import Findings

Write = Annotated[bool, typer.Option("--write", help="Allow the page to change something.")]
Port = Annotated[int, typer.Option(min=0, max=65_535, help="The port of this machine; 0 takes any free one.")]
ServeUrl = Annotated[
    str,
    typer.Option(
        envvar="WINGMAN_SERVE_URL",
        show_default=False,
        help="Where wingman serve is, as in http://127.0.0.1:8000: the page shows what it has refused.",
    ),
]
IdleMinutes = Annotated[
    float, typer.Option(min=0.01, max=1440, help="End when nobody has used the page for so long.")
]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Only print the file that opens the page.")]


def admin(
    database_url: DatabaseUrl = "",
    write: Write = False,
    port: Port = 0,
    serve_url: ServeUrl = "",
    idle_minutes: IdleMinutes = 30.0,
    no_browser: NoBrowser = False,
) -> None:
    """Open the operators' page in your browser.

    It shows what goes on: the funnel, waiting times, queues, people, settings, what doctor finds. With
    --write you can also act, with a reason each time. The page is served on this machine alone, for the
    browser that opens it first. Everything happens with the rights of your login: a member of wingman_admin.
    It ends by itself when you have not used it for a while, and at SIGINT or SIGTERM.
    """
    from wingmanmatch.admin.process import serve
    from wingmanmatch.admin.settings import HOST, Settings
    from wingmanmatch.http.listening import listen

    find = doctor()
    settings = Settings(database_url, writes=write, serve_url=serve_url, idle_seconds=idle_minutes * 60)

    def tell(path: Path) -> None:
        if no_browser:
            typer.echo(f"Open {path} in a browser. It works once.")
            return
        typer.echo(f"Opening your browser. If nothing happens, open {path} in it.")
        browse(path)

    with listen(HOST, port) as listener:
        serve(settings, listener, find, tell)


def browse(path: Path) -> None:
    """Open a file in the browser, without waiting for it."""
    import webbrowser
    from threading import Thread

    Thread(target=webbrowser.open, args=[path.as_uri()], name="browser", daemon=True).start()


def doctor() -> "Findings":
    """Finds what ``wingman doctor`` finds without reading whole tables, as the page shows it."""
    from wingmanmatch.tools.doctor import examine

    def find(database_url: str) -> dict[str, Any]:
        checks = examine(database_url, with_rows=False)
        return {
            "findings": [
                {"check": check.name, "topic": one.topic, "what": one.what, "mend": one.mend}
                for check in checks
                for one in check.findings
            ],
            "not_checked": [
                {"check": check.name, "why": check.not_looked} for check in checks if check.not_looked
            ],
        }

    return find
