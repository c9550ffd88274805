"""list_matches: the own matches, newest first, page by page, with the status of now."""

from uuid import uuid4

import pytest
from answers import at_one_instant
from contract_errors import refused
from matchmaking import age, match_row
from rows import all_rows, make_match, make_pair

# oldest first; at most one of them may be pending in the table
STATES = ["declined", "accepted", "expired", "ended", "accepted", "declined", "lapsed"]
TOLD = {"lapsed": "expired", "ended": "accepted"}
STATUSES = ["pending", "accepted", "declined", "expired"]


@pytest.fixture
def ana(people):
    return people.add("Ana")


@pytest.fixture
def history(db, people, ana):
    """Matches of Ana in these states, oldest first: (id, status returned)."""
    return [(make_match(db, ana, people.add("Ben"), state), TOLD.get(state, state)) for state in STATES]


def ids(rpc, user_id, **arguments):
    return [match["id"] for match in rpc.as_user(user_id).call("list_matches", **arguments)]


def test_the_newest_comes_first_with_the_status_of_now(rpc, ana, history):
    listed = rpc.as_user(ana).call("list_matches")
    assert [(match["id"], match["status"]) for match in listed] == history[::-1]


def test_every_row_is_what_get_match_answers(rpc, ana, history):
    caller = rpc.as_user(ana)
    for match in caller.call("list_matches"):
        assert match == caller.call("get_match", match_id=match["id"])


def test_profiles_are_those_of_current_partners_alone(rpc, ana, history):
    listed = rpc.as_user(ana).call("list_matches")
    shown = {match["id"] for match in listed if match["buddy_profile"]}
    assert shown == {history[1][0], history[4][0]}


def test_both_people_have_a_match_in_their_list(db, rpc, people):
    pair = make_pair(db, people, "accepted")
    for me, buddy in ((pair.user1, pair.user2), (pair.user2, pair.user1)):
        (match,) = rpc.as_user(me).call("list_matches")
        assert (match["id"], match["buddy_user_id"]) == (pair.match_id, buddy)


def test_matches_of_others_are_never_listed(db, rpc, people, ana, history):
    other = make_pair(db, people, "accepted")
    assert other.match_id not in ids(rpc, ana)
    assert ids(rpc, people.add()) == []


def test_before_an_id_of_somebody_else_says_nothing_about_it(db, rpc, people, ana, history):
    other = make_pair(db, people, "accepted")
    assert ids(rpc, ana, before=other.match_id) == [match_id for match_id, _ in history[::-1]]


@pytest.mark.parametrize("page_size", range(1, 9))
def test_pages_hold_everything_once_in_order(rpc, ana, history, page_size):
    seen, before = [], None
    while page := ids(rpc, ana, before=before, page_size=page_size):
        assert len(page) <= page_size
        seen += page
        before = page[-1]
    assert seen == [match_id for match_id, _ in history[::-1]]


def test_a_page_is_20_by_default(db, rpc, people, ana):
    ben = people.add()
    db.execute("update wingman.settings set rematch_after = '0'")
    made = [make_match(db, ana, ben, "declined") for _ in range(21)]
    assert ids(rpc, ana) == made[:0:-1]
    assert ids(rpc, ana, page_size=100) == made[::-1]


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_is_that_of_now(rpc, ana, history, status):
    expected = [match_id for match_id, told in history[::-1] if told == status]
    assert ids(rpc, ana, status=status) == expected


@pytest.mark.parametrize("status", ["accepted", "declined", "expired"])
def test_pages_of_a_status_are_full(rpc, ana, history, status):
    expected = [match_id for match_id, told in history[::-1] if told == status]
    first = ids(rpc, ana, status=status, page_size=1)
    assert first == expected[:1]
    assert ids(rpc, ana, status=status, before=first[0], page_size=100) == expected[1:]


def test_a_lapsed_match_is_listed_as_expired_and_stays_unsettled(db, rpc, people, ana):
    match_id = make_match(db, ana, people.add(), "pending")
    assert ids(rpc, ana, status="pending") == [match_id]
    age(db, match_id, "48 hours")
    before = all_rows(db)
    assert ids(rpc, ana, status="pending") == []
    (match,) = rpc.as_user(ana).call("list_matches", status="expired")
    assert (match["id"], match["status"], match["buddy_profile"]) == (match_id, "expired", None)
    assert all_rows(db) == before
    assert match_row(db, match_id)["status"] == "pending"


@pytest.mark.parametrize(
    ("shift", "status", "listed"),
    [
        ("1 microsecond", "pending", 1),
        ("1 microsecond", "expired", 0),
        ("0", "pending", 0),
        ("0", "expired", 1),
    ],
)
def test_a_match_is_listed_as_expired_from_its_end_on(db, people, ana, shift, status, listed):
    make_match(db, ana, people.add(), "pending")
    answer = at_one_instant(
        db,
        f"(select count(*) from public.list_matches('{status}', user_id => '{ana}'))",
        first="update public.wingman_matches set created_at = created_at - interval '3 days',"
        f" expires_at = statement_timestamp() + interval '{shift}'",
    )
    assert answer == listed


@pytest.mark.parametrize("status", ["", "ended", "PENDING", "lapsed"])
def test_an_unknown_status_is_refused(db, rpc, ana, status):
    with refused(
        db, "invalid_argument", argument="status", rule="must be pending, accepted, declined or expired"
    ):
        rpc.as_user(ana).call("list_matches", status=status)


def test_an_unknown_id_is_a_place_like_any_other(rpc, ana, history):
    assert ids(rpc, ana, before=uuid4()) in ([], [match_id for match_id, _ in history[::-1]])


def test_the_service_lists_for_the_user_whom_it_names(rpc, ana, history):
    listed = rpc.as_service().call("list_matches", user_id=ana)
    assert listed == rpc.as_user(ana).call("list_matches")
