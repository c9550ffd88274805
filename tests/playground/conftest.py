"""The playground in a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import browser
from playground.visiting import BELOW, Host, build, hosted

__all__ = ["browser"]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A server that has the playground, newly built."""
    folder: Path = tmp_path_factory.mktemp("host")
    build(folder / BELOW)
    with hosted(folder) as host:
        yield host
