"""The functions of servers that push: who was told something after an id, and what."""

from uuid import UUID, uuid4

import pytest
from inbox.inboxes import forget, notifications, read, scalar
from rows import make_session, update_session

NOTHING = UUID(int=0)
LAST = UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")
ARGUMENTS = {
    "last_told": {},
    "told_after": {"after": NOTHING, "max_rows": 1000},
    "notifications_between": {"user_id": uuid4(), "after": NOTHING, "up_to": LAST, "max_rows": 1000},
    "without_profile": {"user_ids": [uuid4()]},
}


@pytest.fixture
def server(rpc):
    """The login by which a server looks."""
    return rpc.as_service()


@pytest.fixture
def session_id(db, pair):
    made = make_session(db, pair.match_id, starts="48 hours")
    forget(db)
    return made


def happen(db, session_id, times=1):
    """Tells both people something, so many times."""
    for _ in range(times):
        update_session(db, session_id, "scheduled_time = scheduled_time + interval '1 second'")
        read(db)


def told_after(server, after, max_rows=1000):
    return server.call("wingman.told_after", after=after, max_rows=max_rows)


def between(server, user_id, after, up_to=LAST, max_rows=1000):
    told_it = {"user_id": user_id, "after": after, "up_to": up_to, "max_rows": max_rows}
    return server.call("wingman.notifications_between", **told_it)


def test_a_server_that_goes_on_from_the_last_id_misses_nothing(db, server, session_id):
    place = server.call("wingman.last_told")
    assert UUID(place) == NOTHING
    found = []
    for _ in range(3):
        happen(db, session_id)
        page = told_after(server, place)
        assert UUID(server.call("wingman.last_told")) == page[-1]["id"]
        found += page
        place = page[-1]["id"]
    assert found == [{"id": row["id"], "user_id": row["user_id"]} for row in notifications(db)]
    assert told_after(server, place) == []


def test_page_by_page_the_oldest_first(db, server, session_id):
    happen(db, session_id, 3)
    everything = told_after(server, NOTHING)
    found, place = [], NOTHING
    while page := told_after(server, place, 4):
        assert len(page) <= 4
        found += page
        place = page[-1]["id"]
    assert found == everything
    assert len(found) == 6


def test_what_a_run_has_not_committed_was_told_to_nobody(db, connect, server, session_id):
    reader = connect(user=db.info.user)
    update_session(db, session_id, "scheduled_time = scheduled_time + interval '1 second'")
    with reader.transaction():
        assert read(reader) == 1
        assert told_after(server, NOTHING) == []
        # and nobody can be told anything with a greater id meanwhile
        update_session(db, session_id, "scheduled_time = scheduled_time + interval '1 second'")
        assert read(db) == 0
    assert len(told_after(server, NOTHING)) == 2
    assert scalar(db, "select count(*) from public.wingman_notifications") == 2


def test_what_it_was_is_what_the_list_says(db, rpc, pair, server, session_id):
    happen(db, session_id, 3)
    listed = rpc.as_user(pair.user1).call("list_notifications")
    assert between(server, pair.user1, NOTHING) == listed[::-1]
    first, second, third = (row["id"] for row in listed[::-1])
    assert [row["id"] for row in between(server, pair.user1, first)] == [second, third]
    assert [row["id"] for row in between(server, pair.user1, NOTHING, second)] == [first, second]
    assert [row["id"] for row in between(server, pair.user1, NOTHING, max_rows=2)] == [first, second]
    assert between(server, pair.user1, third) == []
    assert not {first, second, third} & {row["id"] for row in between(server, pair.user2, NOTHING)}


def test_a_user_who_was_erased_has_no_profile(db, rpc, people, pair, server):
    newcomer = people.auth_only()
    asked = [pair.user1, pair.user2, newcomer]
    assert server.call("wingman.without_profile", user_ids=asked) == [str(newcomer)]
    rpc.as_user(pair.user1).call("erase_my_account", confirmation="erase")
    gone = server.call("wingman.without_profile", user_ids=asked)
    assert {*gone} == {str(newcomer), str(pair.user1)}
    assert server.call("wingman.without_profile", user_ids=[]) == []


@pytest.mark.parametrize("function", ARGUMENTS)
@pytest.mark.parametrize("caller", ["user", "anon", "admin"])
def test_nobody_else_may_ask(db, rpc, pair, function, caller):
    who = rpc.as_user(pair.user1) if caller == "user" else getattr(rpc, f"as_{caller}")()
    with pytest.raises(Exception, match="permission denied"):
        who.call(f"wingman.{function}", **ARGUMENTS[function])
