"""A demo: an embedded database full of people, and a page at ``/``."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from fastapi import FastAPI
from rich.console import Console
from starlette.responses import HTMLResponse
from starlette.routing import Route

from wingmanmatch.database.embedded import embedded_server
from wingmanmatch.database.upgrade import upgrade
from wingmanmatch.http.settings import Settings
from wingmanmatch.seed import seed_people

USERS = 5_000
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>WingmanMatch</title>
<h1>WingmanMatch</h1>
<p>The functions are at <code>/api/&lt;function-name&gt;</code>
and <code>/rest/v1/rpc/&lt;function&gt;</code>.
"""


@contextmanager
def demo_database(directory: Path) -> Iterator[tuple[str, str]]:
    """A database with people, made afresh; its URLs for the superuser and for the authenticator."""
    with embedded_server(directory, fresh=True) as server:
        upgrade(server.url())
        with psycopg.connect(server.url(), autocommit=True) as connection:
            seed_people(connection, Console(stderr=True), USERS, random.randrange(2**31))
        yield server.url(), server.url(user="authenticator")


def add_demo(app: FastAPI, settings: Settings, admin_url: str) -> None:
    """Add the page to the application; ``admin_url`` is the superuser's."""

    async def page(_: object) -> HTMLResponse:
        return HTMLResponse(_PAGE)

    app.router.routes.append(Route("/", page))
