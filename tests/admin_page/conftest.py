"""The operators' page over the test's database."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from browsing import browser
from harness import OPERATOR, Connection, login_url
from operating import Page, opened, serving
from serving import http_server, http_settings, http_url

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as BrowserPage

__all__ = ["browser", "http_server", "http_settings", "http_url"]

OpenPage = Callable[..., Page]
Visit = Callable[..., "BrowserPage"]

EXPECTED = re.compile("status of (4|503)|ERR_(CONNECTION|EMPTY)")
"""The console messages of the browser itself about requests that are refused or not answered."""
LOADED = "main:not([aria-busy])"
"""The page, once it has read what it shows."""


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


@pytest.fixture
def visit(browser: "Browser", operators_url: str) -> Iterator[Visit]:
    """Opens the page in browsers of their own, at a view: ``visit("#/places", writes=True)``.

    Nothing may be written to the console, but by the browser itself about refused requests.
    """
    complaints: list[str] = []
    with ExitStack() as stack:

        def opened_at(
            view: str = "#/overview",
            url: str = operators_url,
            context: dict[str, Any] | None = None,
            **settings: Any,
        ) -> "BrowserPage":
            file = stack.enter_context(serving(url, **settings))
            return show(file.as_uri(), view, **context or {})

        def show(address: str, view: str | None = None, **options: Any) -> "BrowserPage":
            shape = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **options}
            context = browser.new_context(**shape)
            stack.callback(context.close)
            page = context.new_page()
            page.on(
                "console",
                lambda message: None if EXPECTED.search(message.text) else complaints.append(message.text),
            )
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(address)
            page.wait_for_selector(LOADED)
            if view:
                page.evaluate("view => { location.hash = view }", view)
                page.reload()
                page.wait_for_selector(LOADED)
            return page

        opened_at.show = show  # type: ignore[attr-defined]
        yield opened_at
    assert complaints == []
