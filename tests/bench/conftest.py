"""A server for the benchmark, forgetful for speed."""

import tempfile
from pathlib import Path

import pytest
from wingmanmatch.database.embedded import FAST_AND_FORGETFUL
from wingmanmatch.tools.bench.server import bench_server


@pytest.fixture(scope="module")
def server():
    with (
        tempfile.TemporaryDirectory(prefix="wingman-bench-") as directory,
        bench_server(Path(directory, "data"), FAST_AND_FORGETFUL) as server,
    ):
        yield server
