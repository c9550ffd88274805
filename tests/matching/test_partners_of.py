"""Current partners: a pending, unexpired match or an accepted one that goes on."""

import pytest
from matchmaking import age
from rows import make_match, make_pair


def partners(db, user_id):
    return [row["id"] for row in db.execute("select wingman.partners_of(%s) as id", [user_id])]


def partners_by_token(rpc, user_id):
    caller = rpc.as_user(user_id)
    with caller.transaction():
        caller.assume_identity()
        return [row["id"] for row in caller.connection.execute("select wingman.partner_ids() as id")]


@pytest.mark.parametrize(
    ("state", "current"),
    [
        ("pending", True),
        ("accepted", True),
        ("lapsed", False),
        ("expired", False),
        ("declined", False),
        ("ended", False),
    ],
)
def test_both_people_of_a_current_match_are_partners(db, rpc, people, state, current):
    pair = make_pair(db, people, state)
    for me, buddy in ((pair.user1, pair.user2), (pair.user2, pair.user1)):
        expected = [buddy] if current else []
        assert partners(db, me) == expected
        assert partners_by_token(rpc, me) == expected


def test_an_accepted_match_never_lapses(db, people):
    pair = make_pair(db, people, "accepted")
    age(db, pair.match_id, "400 days")
    assert partners(db, pair.user1) == [pair.user2]


def test_somebody_may_have_several_partners(db, people):
    ana = people.add()
    others = [people.add() for _ in range(3)]
    for other in others:
        make_match(db, ana, other, "accepted")
    assert sorted(partners(db, ana)) == sorted(others)


def test_partners_of_partners_are_not_partners(db, people):
    ana, ben, cem = people.add(), people.add(), people.add()
    make_match(db, ana, ben, "accepted")
    make_match(db, ben, cem, "accepted")
    assert partners(db, ana) == [ben]


@pytest.mark.parametrize(
    ("shift", "current"), [("1 microsecond", True), ("0", False), ("-1 microsecond", False)]
)
def test_a_pending_match_makes_partners_until_its_end(db, people, shift, current):
    pair = make_pair(db, people, "pending")
    row = db.execute(
        "select wingman.is_current_match(m.status, m.expires_at, m.ended_at, m.expires_at - %s::interval)"
        " as current from public.wingman_matches as m where m.id = %s",
        [shift, pair.match_id],
    ).fetchone()
    assert row == {"current": current}
