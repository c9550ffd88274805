"""The other sides: receivers, a mail server, a certificate authority; and the login of workers."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from harness import cluster_lock, login_url
from mail_servers import MailServer, taking_mail
from receivers import Authority, Receiver, receiving
from workers import WORKER


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Who has signed the certificates of all servers."""
    return Authority()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver without TLS."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server without TLS."""
    with taking_mail() as server:
        yield server


@pytest.fixture(scope="session")
def worker_login(worker_database: object) -> str:
    """The login of a worker."""
    url = os.environ["WINGMAN_TEST_DATABASE_URL"]
    with cluster_lock(url), psycopg.connect(url, autocommit=True) as connection:
        if not connection.execute("select 1 from pg_roles where rolname = %s", [WORKER]).fetchone():
            connection.execute(f"create role {WORKER} login in role wingman_worker")
    return WORKER


@pytest.fixture
def worker_url(database_url: str, worker_login: str) -> str:
    """The URL of this test's database for a worker."""
    return login_url(database_url, worker_login)
