"""The other sides: receivers, a mail server, a certificate authority; and the URL of workers."""

from collections.abc import Iterator

import pytest
from harness import WORKER, login_url
from mail_servers import MailServer, taking_mail
from receivers import Authority, Receiver, receiving


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


@pytest.fixture
def worker_url(database_url: str) -> str:
    """The URL of this test's database for a worker."""
    return login_url(database_url, WORKER)
