"""The catalog of the file's database."""

import os

import pytest
from emptied_database import EmptiedDatabase
from harness import server_url
from wingmanmatch.catalog.functions import Catalog, read_catalog
from wingmanmatch.database.connection import connect


@pytest.fixture(scope="module")
def catalog(file_database: EmptiedDatabase) -> Catalog:
    """The API as this database describes it."""
    url = server_url(os.environ["WINGMAN_TEST_DATABASE_URL"], file_database.connection.info.dbname)
    with connect(url) as connection:
        return read_catalog(connection)
