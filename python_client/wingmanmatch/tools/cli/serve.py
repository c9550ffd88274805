"""``wingman serve``: the functions over HTTP."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wingmanmatch.tools.cli.failures import MisuseError
from wingmanmatch.tools.cli.options import DATABASE, SERVER_DIRECTORY, LinkKey

if TYPE_CHECKING:
    from socket import socket

    from wingmanmatch.http.settings import Settings

DatabaseUrl = Annotated[
    str,
    typer.Option(
        envvar="WINGMAN_DATABASE_URL",
        show_default="the server of wingman up in this directory",
        help="The URL of the database; its login must be like authenticator, not a superuser.",
    ),
]
Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65_535, help="The port to listen on; 0 takes any free one.")]
JwtSecret = Annotated[
    str,
    typer.Option(
        envvar="WINGMAN_JWT_SECRET",
        show_default=False,
        help="The secret of HS256 tokens; safer in the environment, where others do not see it.",
    ),
]
JwksUrl = Annotated[
    str, typer.Option(envvar="WINGMAN_JWKS_URL", help="The URL of the keys of RS256 and ES256 tokens.")
]
JwksFile = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="A file with these keys.", show_default="none"),
]
JwtAudience = Annotated[str, typer.Option(help="The aud of users' tokens.")]
JwtIssuer = Annotated[str, typer.Option(help="The iss that all tokens must have; not checked by default.")]
AnonKey = Annotated[
    str,
    typer.Option(envvar="WINGMAN_ANON_KEY", help="A text, not a token, that frontends send as their key."),
]
CorsOrigin = Annotated[
    list[str] | None,
    typer.Option(
        help="A web origin from which browsers may call, such as https://app.example; * means any.",
        show_default="none",
    ),
]
Workers = Annotated[
    int, typer.Option(min=1, help="How many processes serve; the options below apply to each.")
]
PoolSize = Annotated[int, typer.Option(min=1, help="The most connections to the database.")]
MaxWaiting = Annotated[
    int, typer.Option(min=1, help="How many calls may wait for one; any more are refused at once.")
]
MaxWaitingOfOne = Annotated[int, typer.Option(min=1, help="How many of the waiting calls may be one user's.")]
RefusalsLogged = Annotated[
    int,
    typer.Option(min=0, help="How many refusals of one user a minute are logged; the others are counted."),
]
MaxStreams = Annotated[
    int, typer.Option(min=1, help="The most streams of notifications that may be open; more are refused.")
]
MaxStreamsOfOne = Annotated[int, typer.Option(min=1, help="The most streams that one user may have open.")]
Heartbeat = Annotated[float, typer.Option(min=0.1, help="The seconds between heartbeats of a stream.")]
Poll = Annotated[
    float,
    typer.Option(min=0.01, help="The seconds between polls for new notifications."),
]
RequestTimeout = Annotated[float, typer.Option(min=0.1, help="How many seconds a call may take.")]
Prepare = Annotated[bool, typer.Option(help="Prepare statements; not behind a pooler in transaction mode.")]
MaxBodyBytes = Annotated[int, typer.Option(min=1, help="The longest body accepted.")]
Demo = Annotated[
    bool,
    typer.Option("--demo", help="Serve an embedded database full of people, and at / a page to play with."),
]


def serve(
    database_url: DatabaseUrl = "",
    host: Host = "127.0.0.1",
    port: Port = 8000,
    jwt_secret: JwtSecret = "",
    jwks_url: JwksUrl = "",
    jwks_file: JwksFile = None,
    jwt_audience: JwtAudience = "authenticated",
    jwt_issuer: JwtIssuer = "",
    anon_key: AnonKey = "",
    link_key: LinkKey = "",
    cors_origin: CorsOrigin = None,
    workers: Workers = 1,
    pool_size: PoolSize = 10,
    max_waiting: MaxWaiting = 100,
    max_waiting_of_one: MaxWaitingOfOne = 20,
    max_streams: MaxStreams = 10_000,
    max_streams_of_one: MaxStreamsOfOne = 5,
    heartbeat: Heartbeat = 15.0,
    poll: Poll = 0.1,
    refusals_logged: RefusalsLogged = 60,
    request_timeout: RequestTimeout = 10.0,
    prepare: Prepare = True,
    max_body_bytes: MaxBodyBytes = 65_536,
    demo: Demo = False,
) -> None:
    """Serve the functions over HTTP.

    They are under /api, and under /rest/v1/rpc as in PostgREST. The server contains no rules: it verifies the
    token, calls one function and passes the answer on. /api/notifications/stream sends users their new
    notifications at once. With a link key, /api/email/confirm and /api/email/unsubscribe answer the links in
    e-mails. SIGTERM stops it once the calls in progress are answered; streams end at once.
    Restart it after a migration: it reads the list of functions when it starts.
    """
    import secrets

    from wingmanmatch.http.listening import listen
    from wingmanmatch.http.settings import Settings

    with ExitStack() as stack:
        # first of all, so that no database is filled in vain for a port that is in use
        listener = stack.enter_context(listen(host, port))
        admin_url = ""
        if demo:
            from wingmanmatch.http.demo import demo_database

            admin_url, database_url = stack.enter_context(
                demo_database(Path.cwd() / ".wingman" / "serve-demo")
            )
            jwt_secret = jwt_secret or secrets.token_urlsafe(48)
        settings = Settings(
            database_url or url_of_running_server(),
            jwt_secret=jwt_secret or None,
            jwks_url=jwks_url or None,
            jwks=jwks_in(jwks_file) if jwks_file else None,
            jwt_audience=jwt_audience,
            jwt_issuer=jwt_issuer or None,
            anon_key=anon_key or None,
            link_key=link_key or None,
            cors_origins=tuple(cors_origin or ()),
            pool_size=pool_size,
            max_waiting=max_waiting,
            max_waiting_of_one=max_waiting_of_one,
            max_streams=max_streams,
            max_streams_of_one=max_streams_of_one,
            heartbeat_seconds=heartbeat,
            poll_seconds=poll,
            refusals_logged=refusals_logged,
            request_timeout_seconds=request_timeout,
            prepare=prepare,
            max_body_bytes=max_body_bytes,
            demo=demo,
        )
        run(settings, listener, admin_url, workers)


def run(settings: "Settings", listener: "socket", admin_url: str, workers: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    from wingmanmatch.http.listening import url_of
    from wingmanmatch.http.server import serve
    from wingmanmatch.http.workers import serve_by_workers

    if settings.demo:
        typer.echo(f"Open {url_of(listener)}/ in a browser.")
    if workers == 1:
        serve(settings, listener, admin_url)
    else:
        serve_by_workers(workers, settings, listener, admin_url)


def jwks_in(path: Path) -> dict[str, Any]:
    """The keys in a file."""
    import json

    try:
        jwks = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        jwks = None
    if not isinstance(jwks, dict) or not isinstance(jwks.get("keys"), list):
        raise MisuseError(f'{path} is not a JWKS: a JSON object with the array "keys"')
    return jwks


def url_of_running_server() -> str:
    """The authenticator's URL of the server of `wingman up`."""
    if SERVER_DIRECTORY.is_dir():
        from wingmanmatch.database.embedded import forget_other_servers, running_server

        if server := running_server(SERVER_DIRECTORY):
            forget_other_servers()
            return server.url(DATABASE, "authenticator")
    raise MisuseError("Set WINGMAN_DATABASE_URL, give --database-url, run wingman up, or serve with --demo")
