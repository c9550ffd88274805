"""For files whose tests undo all they do: they import ``postgresql`` and work in the shared world."""

import psycopg
import pytest


@pytest.fixture
def postgresql(shared_database: psycopg.Connection) -> psycopg.Connection:
    """Takes the place of the fixture of the same name, which clones a database for every test."""
    return shared_database
