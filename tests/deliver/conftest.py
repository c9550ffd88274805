"""The other sides: receivers, a mail server and a certificate authority."""

from collections.abc import Iterator

import pytest
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
