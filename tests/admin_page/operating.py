"""The operators' page without its browser: in a thread, and as the process that a person starts."""

import json
import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from interrupting import hears_ctrl_c
from serving import WINGMAN
from wingmanmatch.admin.app import Findings
from wingmanmatch.admin.process import prepared
from wingmanmatch.admin.settings import HOST, Settings
from wingmanmatch.http.listening import listen
from wingmanmatch.tools.cli.admin import doctor

_DEADLINE_SECONDS = 15.0


class Page:
    """A page that is open: a client with the page's secret."""

    def __init__(self, url: str, secret: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=url, headers={"X-Wingman-Secret": secret}, timeout=30)

    def get(self, path: str, **query: Any) -> Any:
        """What it shows."""
        answer = self.client.get(f"/api/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def call(self, function: str, **arguments: Any) -> httpx.Response:
        """Call a function."""
        # in ASCII, which any text can be written in
        return self.client.post(f"/api/call/{function}", content=json.dumps(arguments))

    def refusal(self, path: str, **query: Any) -> tuple[int, str]:
        """The status and the code of a look that is refused."""
        return told_by(self.client.get(f"/api/{path}", params=query))


def told_by(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code of a refusal."""
    return answer.status_code, answer.json()["code"]


def address_in(file: Path) -> tuple[str, str]:
    """Where such a file leads: the URL, and the secret that opens once."""
    found = re.search(r'content="0; url=(http://127\.0\.0\.1:\d+)/#([\w-]+)"', file.read_text())
    assert found
    return found[1], found[2]


def opened(file: Path) -> Page:
    """The page, opened as a browser does that is led there by the file."""
    url, secret = address_in(file)
    answer = httpx.post(f"{url}/api/open", headers={"X-Wingman-Secret": secret})
    assert answer.status_code == 200, answer.text
    return Page(url, answer.json()["secret"])


@contextmanager
def serving(database_url: str, find: Findings | None = None, **settings: Any) -> Iterator[Path]:
    """The page's server, in a thread; gives the file that leads to it."""
    told: list[Path] = []
    is_told = threading.Event()

    def tell(path: Path) -> None:
        told.append(path)
        is_told.set()

    with (
        listen(HOST, 0) as listener,
        prepared(Settings(database_url, **settings), listener, find or doctor(), tell) as server,
    ):
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        assert is_told.wait(_DEADLINE_SECONDS), "the server does not start"
        try:
            yield told[0]
        finally:
            server.should_exit = True
            thread.join(_DEADLINE_SECONDS)
            assert not thread.is_alive(), "the server does not end"


@contextmanager
def wingman_admin(
    database_url: str, *options: str, before: Callable[[], None] = hears_ctrl_c, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """The command as a person runs it; gives the process and the file that leads to the page."""
    process = subprocess.Popen(
        [WINGMAN, "admin", "--no-browser", *options],
        env={**os.environ, "WINGMAN_DATABASE_URL": database_url, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,
    )
    assert process.stdout
    assert process.stderr
    try:
        line = process.stdout.readline()
        found = re.search(r"Open (/\S+\.html) ", line)
        assert found, (line, process.stderr.read())
        yield process, Path(found[1])
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
