"""What the tests of ``wingman mcp`` share."""

import pytest
from agents import Agents
from psycopg.conninfo import make_conninfo


@pytest.fixture
def login(database_url: str) -> str:
    """Where servers log in."""
    return make_conninfo(database_url, user="authenticator")


@pytest.fixture(params=["in_process", "stdio"])
def agents(request: pytest.FixtureRequest, login: str) -> Agents:
    """Servers and their clients, both ways."""
    return Agents(request.param, login)


@pytest.fixture
def processes(login: str) -> Agents:
    """Servers as processes of their own."""
    return Agents("stdio", login)
