"""A server for the benchmark, forgetful for speed."""

import tempfile
from pathlib import Path

import pytest
from wingmanmatch.bench.server import bench_server
from wingmanmatch.database.embedded import FAST_AND_FORGETFUL


@pytest.fixture(scope="module")
def server():
    with (
        tempfile.TemporaryDirectory(prefix="wingman-bench-") as directory,
        bench_server(Path(directory, "data"), FAST_AND_FORGETFUL) as server,
    ):
        yield server
