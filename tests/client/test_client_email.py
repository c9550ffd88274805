"""The e-mail address of a user's account reaches the database whichever way the client takes."""

from typing import Any

import pytest
from harness import Connection, People
from ways import Way

ADDRESS = "ana@a.example"


@pytest.mark.every
@pytest.mark.parametrize("transport", ["pool", "connection", "http"])
def test_the_address_that_is_to_be_confirmed(
    request: pytest.FixtureRequest, flavour: Any, login: str, transport: str, db: Connection, people: People
) -> None:
    ana, ben = people.add("Ana"), people.add("Ben")
    where = request.getfixturevalue("http_url") if transport == "http" else login
    with Way(flavour, transport, where).connect() as client:
        told = client.as_user(ana, email=ADDRESS).set_notification_settings("email")
        assert (told.address, told.is_reachable) == (ADDRESS, False)
        # over the same connection
        assert client.as_user(ben).set_notification_settings("email").address is None
        assert client.as_service().set_notification_settings("email", user_id=ben).address is None
    rows = db.execute("select user_id, address, confirmed_at from wingman.email_addresses").fetchall()
    assert rows == [{"user_id": ana, "address": ADDRESS, "confirmed_at": None}]
