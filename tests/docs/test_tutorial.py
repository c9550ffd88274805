"""docs/tutorial.md as a newcomer follows it: every block in its order, with what it prints."""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from browsing import browser, violations
from waiting import until
from wingmanmatch.database import paths
from wingmanmatch.database.embedded import stop_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["browser"]

TUTORIAL = (paths.ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"^```(?P<language>\w+)\n(?P<text>.*?)^```$|^\| (?P<row>\w+ \| [^\n]+) \|$", re.DOTALL | re.MULTILINE
)
VARIES = re.compile(r"(?<=at revision )\d+|line \d+ at|\d{4}-\d\d-\d\d \d\d:\d\d UTC")
ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+/)(#(\w+):\S+)")
SCRIPT = Path(__file__).with_name("tutorial_page.mjs")
BIN = Path(sysconfig.get_path("scripts"))
DONE = "This block is done:"
# of the page, which gives a person time to change windows
PROPOSED, PROPOSED_HERE = "20_000", "10_000"

Press = Callable[[str, str], str]


class Step(NamedTuple):
    """A block with what it prints, or a row of a table: who, presses, and reads."""

    language: str
    text: str
    printed: str | None


def steps(text: str) -> list[Step]:
    """The blocks and rows in their order; a block of text is what the block before it prints."""
    found: list[Step] = []
    for match in BLOCK.finditer(text):
        if match["row"]:
            who, label, read = match["row"].split(" | ")
            if who != "who":
                found.append(Step("press", f"{who}|{label}", read))
        elif match["language"] == "text":
            found[-1] = found[-1]._replace(printed=match["text"])
        else:
            found.append(Step(match["language"], match["text"], None))
    return found


class Shell:
    """A terminal of the newcomer: one bash for all blocks."""

    def __init__(self, folder: Path) -> None:
        programs = folder / "programs"
        programs.mkdir()
        (programs / "python3").symlink_to(sys.executable)
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("WINGMAN_", "PIP_"))
        }
        self.bash = subprocess.Popen(
            ["bash"],
            cwd=folder,
            env={
                **kept,
                "PATH": f"{programs}:{os.environ['PATH']}",
                # pip finds all that it needs here, and nothing comes over the network
                "PYTHONPATH": sysconfig.get_path("purelib"),
                "PIP_NO_INDEX": "1",
                "PIP_NO_BUILD_ISOLATION": "0",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, block: str) -> tuple[int, str]:
        """The exit status of the last command, and everything that was printed."""
        assert self.bash.stdin
        assert self.bash.stdout
        self.bash.stdin.write(f"{block}\necho {shlex.quote(DONE)} $?\n")
        self.bash.stdin.flush()
        printed = ""
        for line in self.bash.stdout:
            text, done, status = line.partition(DONE)
            printed += text
            if done:
                return int(status), printed
        raise AssertionError(printed)

    def close(self) -> None:
        """End bash, and what it left in the background."""
        self.run("kill $(jobs -p) 2> /dev/null")
        self.bash.communicate()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def follow(press: Callable[[Path, dict[str, str]], Press]) -> None:
    """Do what the tutorial says; ``press`` makes what presses buttons, of the page and its addresses."""
    text = TUTORIAL.replace(PROPOSED, PROPOSED_HERE)
    for port in ("8000", "8080"):
        text = text.replace(port, str(free_port()))
    with ExitStack() as stack:
        top = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wingman-tutorial-"))).resolve()
        (top / "wingmanmatch").symlink_to(paths.ROOT)
        folder = top / "two-people"
        stack.callback(stop_server, folder / ".wingman" / "server")
        shell = Shell(top)
        stack.callback(shell.close)
        addresses: dict[str, str] = {}
        pressing: Press | None = None
        for step in steps(text):
            if step.language == "press":
                pressing = pressing or press(folder / "page" / "index.html", addresses)
                _press(pressing, *step.text.split("|"), step.printed or "")
            elif step.language == "html":
                (folder / "page" / "index.html").write_text(step.text, encoding="utf-8")
            else:
                is_sql = step.language == "sql"
                block = f"wingman psql -c {shlex.quote(step.text)}" if is_sql else step.text
                status, printed = shell.run(block)
                assert status == ("ERROR" in (step.printed or "")), printed
                if step.printed is not None:
                    assert without_what_varies(printed) == without_what_varies(step.printed), step.text
                addresses |= {who: f"{page}{rest}" for page, rest, who in ADDRESS.findall(printed)}
        # one that was told to stop first ends its browsers' connections
        until(lambda: shell.run("jobs -r")[1] == "")
        assert not (folder / ".wingman" / "server" / "postmaster.pid").exists()


def _press(press: Press, who: str, label: str, read: str) -> None:
    if read.startswith("Refused"):
        said = press(who, label)
    else:
        # too early is what the row before shows
        said = until(lambda: not (text := press(who, label)).startswith("Refused: Cannot confirm") and text)
    assert without_what_varies(said) == without_what_varies(read), (who, label)


def without_what_varies(text: str) -> str:
    return VARIES.sub("…", text).strip()


@contextmanager
def pages_in_node(page: Path, addresses: dict[str, str]) -> Iterator[Press]:
    """The script of the page, once for each address, without a browser."""
    with ExitStack() as stack:
        running = {}
        for who, address in addresses.items():
            process = subprocess.Popen(
                [BIN / "node", SCRIPT, page, address[address.index("#") :]],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.callback(process.communicate)
            running[who] = process

        def press(who: str, label: str) -> str:
            process = running[who]
            assert process.stdin
            assert process.stdout
            process.stdin.write(f"{label}\n")
            process.stdin.flush()
            return str(json.loads(process.stdout.readline()))

        yield press


@pytest.mark.exhaustive
def test_followed_without_a_browser() -> None:
    with ExitStack() as stack:
        follow(lambda page, addresses: stack.enter_context(pages_in_node(page, addresses)))


@pytest.mark.browser
def test_followed_with_a_browser(browser: "Browser") -> None:
    def in_windows(_: Path, addresses: dict[str, str]) -> Press:
        windows = {who: browser.new_page() for who in addresses}
        for who, window in windows.items():
            window.goto(addresses[who])
            assert violations(window) == []

        def press(who: str, label: str) -> str:
            lines = windows[who].locator("#log li")
            before = lines.count()
            windows[who].get_by_role("button", name=label, exact=True).click()
            return lines.nth(before).inner_text()

        return press

    follow(in_windows)
