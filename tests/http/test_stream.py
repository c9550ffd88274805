"""The stream of notifications: what comes, from where on, and when it ends."""

from uuid import UUID

import pytest
from listening import PATH, last_told, listening, tell


def test_what_comes_is_what_the_inbox_has(db, people, http_url, http, token, rpc):
    ana, ben = people.add("Ana"), people.add("Ben")
    tell(db, ana)
    with listening(http_url, token(ana)) as ear:
        assert (ear.status, ear.headers["content-type"]) == (200, "text/event-stream")
        assert ear.headers["cache-control"] == "no-store"
        assert ear.headers["x-accel-buffering"] == "no"
        assert "x-request-id" in ear.headers
        assert ear.ready_id == last_told(db)
        rpc.as_user(ben).call("create_automatic_match")
        db.execute("select wingman.run_readers()")
        (told,) = ear.hears(1)
        headers = {"Authorization": f"Bearer {token(ana)}"}
        inbox = http.post("/api/list-notifications", json={}, headers=headers).json()
        assert len(inbox) == 2
        assert told == inbox[0]
        assert told["kind"] == "match_offered"
        assert (told["buddy_user_id"], told["buddy_first_name"]) == (str(ben), "Ben")
        assert ear.ids == [told["id"]]
