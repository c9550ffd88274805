"""The contract of the file's database, and the documents made from it."""

import os

import pytest
from emptied_database import EmptiedDatabase
from harness import server_url
from wingmanmatch.contract.documents import documents
from wingmanmatch.contract.facts import Contract, read_contract
from wingmanmatch.database.connection import connect


@pytest.fixture(scope="module")
def contract(file_database: EmptiedDatabase) -> Contract:
    """What a database without people promises."""
    file_database.empty()
    url = server_url(os.environ["WINGMAN_TEST_DATABASE_URL"], file_database.connection.info.dbname)
    with connect(url) as connection:
        return read_contract(connection)


@pytest.fixture(scope="module")
def made(contract: Contract) -> dict[str, str]:
    """The documents by name, made from this database."""
    return documents(contract)
