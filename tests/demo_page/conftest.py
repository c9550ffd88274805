"""A server with the page."""

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from browsing import browser
from emptied_database import EmptiedDatabase
from harness import server_url
from serving import http_settings, running
from wingmanmatch.http.app import create_app
from wingmanmatch.http.demo import add_demo
from wingmanmatch.http.settings import Settings

__all__ = ["browser", "http_settings"]


@pytest.fixture(scope="module")
def demo_server(http_settings: Settings, file_database: EmptiedDatabase) -> Iterator[str]:
    """The URL of a server as ``wingman serve --demo`` runs it, for all tests of a file."""
    settings = replace(http_settings, demo=True)
    app = create_app(settings)
    add_demo(
        app,
        settings,
        server_url(os.environ["WINGMAN_TEST_DATABASE_URL"], file_database.connection.info.dbname),
    )
    with running(settings, app) as url:
        yield url


@pytest.fixture
def demo_url(demo_server: str, database_url: str) -> str:
    """Its URL; nobody is in its database yet."""
    return demo_server
