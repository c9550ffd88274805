"""``wingman demo`` as a person runs it: in a directory, with its own server."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
from interrupting import hears_ctrl_c

# more people than one run of the readers takes in
DEMO = [str(Path(sys.executable).with_name("wingman")), "demo", "--users", "1200"]


@pytest.fixture
def directory():
    with tempfile.TemporaryDirectory(prefix="wingman-demo-") as name:
        yield Path(name).resolve()


def servers_in(directory: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(directory) in word for word in process.info["cmdline"] or ())
    ]


@pytest.mark.exhaustive
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_server_and_the_next_one_works(directory, number):
    with subprocess.Popen(
        DEMO,
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hears_ctrl_c,
    ) as demo:
        assert any("Five more people join" in line for line in demo.stdout)
        assert servers_in(directory)
        demo.send_signal(number)
        _, errors = demo.communicate()
    assert demo.returncode == 128 + number
    assert "Traceback" not in errors
    assert servers_in(directory) == []
    if number == signal.SIGTERM:  # once is enough
        done = subprocess.run(DEMO, cwd=directory, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert "The end" in done.stdout
        assert "The server is stopped" in done.stdout
        assert servers_in(directory) == []


@pytest.mark.exhaustive
def test_a_second_demo_at_the_same_time_is_refused_in_one_line(directory):
    with subprocess.Popen(DEMO, cwd=directory, stdout=subprocess.PIPE, text=True) as first:
        assert any("Five more people join" in line for line in first.stdout)
        first.send_signal(signal.SIGSTOP)  # so that it is not over before the second has begun
        second = subprocess.run(DEMO, cwd=directory, capture_output=True, text=True, check=False)
        first.send_signal(signal.SIGCONT)
        assert second.returncode == 1
        assert second.stderr.startswith("wingman: Another process runs a server in ")
        assert second.stderr.count("\n") == 1
        assert "The end" in first.communicate()[0]
    assert first.returncode == 0
