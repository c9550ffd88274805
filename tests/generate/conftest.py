"""The contract of the file's database, and the files made from it."""

import os

import pytest
from emptied_database import EmptiedDatabase
from harness import server_url
from wingmanmatch.database.connection import connect
from wingmanmatch.tools.generate.facts import Contract, read_contract
from wingmanmatch.tools.generate.targets import targets


@pytest.fixture(scope="module")
def contract(file_database: EmptiedDatabase) -> Contract:
    """What a database without people promises."""
    file_database.empty()
    url = server_url(os.environ["WINGMAN_TEST_DATABASE_URL"], file_database.connection.info.dbname)
    with connect(url) as connection:
        return read_contract(connection)


@pytest.fixture(scope="module")
def made(contract: Contract) -> dict[str, str]:
    """The files by their paths, made from this database."""
    return targets(contract)
