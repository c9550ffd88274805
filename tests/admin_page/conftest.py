"""The operators' page over the test's database."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from harness import OPERATOR, Connection, login_url
from operating import Page, opened, serving
from serving import http_server, http_settings, http_url

__all__ = ["http_server", "http_settings", "http_url"]

OpenPage = Callable[..., Page]


@pytest.fixture
def operators_url(database_url: str, db: Connection) -> str:
    """The URL of this test's database for an operator."""
    return login_url(database_url, OPERATOR)


@pytest.fixture
def open_page(operators_url: str) -> Iterator[OpenPage]:
    """Opens pages of processes with these settings, which end with the test: ``open_page(writes=True)``."""
    with ExitStack() as stack:

        def open_one(url: str = operators_url, **settings: Any) -> Page:
            page = opened(stack.enter_context(serving(url, **settings)))
            stack.callback(page.client.close)
            return page

        yield open_one


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A page that only reads."""
    return open_page()


@pytest.fixture
def writing_page(open_page: OpenPage) -> Page:
    """A page that may write."""
    return open_page(writes=True)
