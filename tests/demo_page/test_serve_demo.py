"""``wingman serve --demo`` as a person runs it."""

import json
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from serving import bearer

SERVE = [str(Path(sys.executable).with_name("wingman")), "serve", "--demo", "--port", "0"]


@pytest.fixture
def directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="wingman-demo-") as name:
        yield Path(name).resolve()


def events(lines: Iterator[str]) -> Iterator[str]:
    """The log, without the progress of making people."""
    for line in lines:
        if line.startswith("{"):
            yield json.loads(line)["event"]


@pytest.mark.exhaustive
def test_it_serves_the_page_with_people_and_leaves_no_server(directory):
    with subprocess.Popen(SERVE, cwd=directory, stderr=subprocess.PIPE, text=True) as serve:
        assert serve.stderr
        try:
            started = (
                re.search(r"running on (http://127\.0\.0\.1:\d+)", event) for event in events(serve.stderr)
            )
            url = next(found[1] for found in started if found)
            assert "page.js" in httpx.get(url).text
            me, *_ = httpx.post(f"{url}/demo/people").json()["people"]
            headers = bearer(me["token"])
            profile = httpx.post(f"{url}/api/complete-profile", json=me["profile"], headers=headers)
            assert profile.json()["first_name"] == me["profile"]["first_name"]
            search = httpx.post(f"{url}/api/create-automatic-match", json={}, headers=headers)
            # one of the 5,000, or nobody near enough
            assert search.status_code == 200
        finally:
            serve.send_signal(signal.SIGTERM)
            serve.communicate(timeout=30)
    assert serve.returncode == 0
    left = [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(directory) in str(process.info["cmdline"])
    ]
    assert left == []
