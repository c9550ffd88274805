"""The playground, built and served as a folder of files below some path, as hosts of static pages do."""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect
from wingmanmatch.database import paths

BUILD = paths.ROOT / "playground" / "build.mjs"
DEADLINE_SECONDS = 180
BELOW = "some/where"


def build(folder: Path) -> None:
    """Build the playground into a folder."""
    assert (BUILD.parent / "node_modules").is_dir(), (
        "PGlite is missing: run make playground/node_modules/installed"
    )
    node = Path(sysconfig.get_path("scripts"), "node")
    done = subprocess.run(
        [node, BUILD, folder],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass
class Host:
    """A server of files: its address, and what it has sent."""

    url: str
    sent: list[tuple[str, int]] = field(default_factory=list)

    def bytes_sent(self) -> int:
        """The bytes of all bodies."""
        return sum(length for _, length in self.sent)


class _Files(SimpleHTTPRequestHandler):
    host: Host

    def log_message(self, *_: Any) -> None:
        pass

    def copyfile(self, source: Any, outputfile: Any) -> None:
        content = source.read()
        self.host.sent.append((self.path, len(content)))
        outputfile.write(content)


@contextmanager
def hosted(folder: Path) -> Iterator[Host]:
    """Serve the folder, which holds the playground at ``BELOW``."""
    handler = type("Files", (_Files,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=folder))
    host = handler.host = Host(f"http://127.0.0.1:{server.server_port}/{BELOW}/")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Visit:
    """A browser at the playground, and what it complained about."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def has_started(self) -> None:
        """Wait until two people can be played."""
        expect(self.page.locator("#keep")).to_be_enabled()
        expect(self.page.get_by_role("button", name="Find a wingman for")).to_have_count(2)

    def goes_offline(self) -> None:
        """Wait until the service worker has everything, then take the network away."""
        self.page.evaluate("navigator.serviceWorker.ready")
        self.context.set_offline(True)


@contextmanager
def visiting(browser: Browser, url: str, **looks: Any) -> Iterator[Visit]:
    """A visit in a browser context of its own; nothing may be written to the console."""
    context = browser.new_context(reduced_motion="reduce", **looks)
    visit = Visit(context, context.new_page())
    visit.page.on("console", lambda message: visit.complaints.append(message.text))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.goto(url)
    try:
        yield visit
        assert visit.complaints == []
    finally:
        context.close()


Opens = Callable[..., Any]
