"""Arguments that are lists: the same over every transport, and an element is a text whatever it says."""

from typing import Any

import pytest
from harness import Connection, People
from ways import Way
from wingmanmatch import InvalidArgument
from wingmanmatch._rpc import Array, Call

TWO = ["session_moved", "session_cancelled"]
ODD = ["", " ", "NULL", "null", "a,b", "{a}", '"', "\\", '\\"', "'; select 1 --", "a\nb", "Ä\u2028", "%s"]


@pytest.mark.parametrize(
    ("kinds", "kept"),
    [(TWO, TWO), (tuple(TWO), TWO), ("{session_moved,session_cancelled}", TWO), ([], []), (None, None)],
    ids=["list", "tuple", "literal", "empty", "null"],
)
@pytest.mark.representatives("pool-async*", "http-sync*")
def test_a_list(way: Way, people: People, db: Connection, kinds: Any, kept: list[str] | None) -> None:
    ana = people.add()
    with way.connect() as client:
        api = client.as_user(ana)
        assert api.set_notification_settings("web_push", kinds=kinds).kinds == kept
        _, web_push = api.get_notification_settings()
        assert web_push.kinds == kept
    rows = db.execute("select user_id, kinds from wingman.channel_settings").fetchall()
    assert rows == [{"user_id": ana, "kinds": kept}]


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_left_out_it_is_the_default(way: Way, people: People) -> None:
    with way.connect() as client:
        api = client.as_user(people.add())
        api.set_notification_settings("email", kinds=TWO)
        assert api.set_notification_settings("email").kinds is None


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_what_is_no_kind_is_refused(way: Way, people: People, db: Connection) -> None:
    with way.connect() as client:
        api = client.as_user(people.add())
        for odd in (*ODD, None):
            with pytest.raises(InvalidArgument) as refusal:
                api.set_notification_settings("email", kinds=["session_moved", odd])
            assert refusal.value.context["argument"] == "kinds", odd
    assert db.execute("select from wingman.channel_settings").fetchall() == []


@pytest.mark.parametrize("elements", [ODD, [*ODD, None, *ODD], [None], [], ["a"]], ids=str)
def test_elements_are_the_texts_that_were_given(db: Connection, elements: list[str | None]) -> None:
    literal = Call.of("f", {"texts": Array.of(elements)}).arguments["texts"]
    row = db.execute("select %s::text[] as texts", [literal]).fetchone()
    assert row == {"texts": elements}
