from uuid import uuid4

import pytest
from answers import at_one_instant
from contract_errors import refused
from harness import RpcError
from rows import make_match, make_pair, set_counters


def read_at_expiry(db, match_id, reader, subject, offset: str):
    """Read a reputation exactly ``offset`` after the pending match of the two expires."""
    return at_one_instant(
        db,
        f"public.get_reputation(subject_id => '{subject}', user_id => '{reader}')",
        first=f"""update public.wingman_matches as m
                  set created_at = statement_timestamp() - interval '2 days',
                      expires_at = statement_timestamp() - interval '{offset}'
                  where m.id = '{match_id}'""",
    )


def test_a_new_user_stands_at_zero(rpc, people):
    user_id = people.add()
    assert rpc.as_user(user_id).call("get_reputation") == {
        "user_id": user_id,
        "score": 0,
        "completed_sessions": 0,
        "no_shows": 0,
        "badge_color": "green",
    }


@pytest.mark.parametrize(
    ("completed_sessions", "no_shows", "score", "badge_color"),
    [
        (21, 0, 20, "gold"),
        (20, 0, 20, "gold"),
        (30, 11, 19, "gold"),
        (10, 0, 10, "gold"),
        (9, 0, 9, "green"),
        (3, 3, 0, "green"),
        (0, 1, -1, "red"),
        (1, 6, -5, "red"),
        (0, 6, -5, "red"),
        (0, 100, -5, "red"),
    ],
)
def test_score_and_badge(db, rpc, people, completed_sessions, no_shows, score, badge_color):
    user_id = people.add()
    set_counters(db, completed_sessions, no_shows)
    assert rpc.as_user(user_id).call("get_reputation") == {
        "user_id": user_id,
        "score": score,
        "completed_sessions": completed_sessions,
        "no_shows": no_shows,
        "badge_color": badge_color,
    }


def test_the_score_of_a_profile_is_that_of_its_reputation(db, rpc, people):
    user_id = people.add()
    set_counters(db, 2, 4)
    answer = rpc.as_user(user_id).call("get_reputation")
    assert rpc.as_user(user_id).call("get_profile")["reputation_score"] == answer["score"] == -2


def test_oneself_may_be_named(db, rpc, people):
    user_id = people.add()
    set_counters(db, 3)
    caller = rpc.as_user(user_id)
    answer = caller.call("get_reputation", subject_id=user_id)
    assert answer == caller.call("get_reputation")
    assert answer["score"] == 3


@pytest.mark.parametrize("status", ["pending", "accepted"])
@pytest.mark.parametrize("reader", ["user1", "user2"])
def test_a_current_partner_s_is_visible(db, rpc, people, status, reader):
    pair = make_pair(db, people, status)
    me, partner = (pair.user1, pair.user2) if reader == "user1" else (pair.user2, pair.user1)
    set_counters(db, 12, 1, partner)
    assert rpc.as_user(me).call("get_reputation", subject_id=partner) == {
        "user_id": partner,
        "score": 11,
        "completed_sessions": 12,
        "no_shows": 1,
        "badge_color": "gold",
    }


@pytest.mark.parametrize("status", ["declined", "expired", "lapsed", "ended"])
@pytest.mark.parametrize("reader", ["user1", "user2"])
def test_a_former_partner_s_is_not_visible(db, rpc, people, status, reader):
    pair = make_pair(db, people, status)
    me, partner = (pair.user1, pair.user2) if reader == "user1" else (pair.user2, pair.user1)
    with refused(db, "reputation_not_visible"):
        rpc.as_user(me).call("get_reputation", subject_id=partner)


def test_a_partner_s_is_visible_until_the_pending_match_expires(db, people):
    pair = make_pair(db, people, "pending")
    answer = read_at_expiry(db, pair.match_id, pair.user1, pair.user2, "-1 microsecond")
    assert answer["user_id"] == pair.user2


def test_a_partner_s_is_not_visible_at_the_moment_of_expiry(db, people):
    pair = make_pair(db, people, "pending")
    with refused(db, "reputation_not_visible"):
        read_at_expiry(db, pair.match_id, pair.user1, pair.user2, "0")


def test_a_former_partner_s_is_visible_again_in_a_new_match(db, rpc, people):
    pair = make_pair(db, people, "declined")
    make_match(db, pair.user1, pair.user2, "pending")
    answer = rpc.as_user(pair.user1).call("get_reputation", subject_id=pair.user2)
    assert answer["user_id"] == pair.user2


def test_a_stranger_s_is_not_visible(db, rpc, pair, people):
    stranger = people.add("Cleo")
    with refused(db, "reputation_not_visible"):
        rpc.as_user(pair.user1).call("get_reputation", subject_id=stranger)


def test_a_partner_of_a_partner_is_a_stranger(db, rpc, pair, people):
    third = people.add("Cleo")
    make_match(db, pair.user2, third)
    with refused(db, "reputation_not_visible"):
        rpc.as_user(pair.user1).call("get_reputation", subject_id=third)


@pytest.mark.parametrize("signed_up", [True, False], ids=["without a profile", "never heard of"])
def test_somebody_unknown_is_not_found(db, rpc, pair, people, signed_up):
    unknown = people.auth_only() if signed_up else uuid4()
    with refused(db, "user_not_found"):
        rpc.as_user(pair.user1).call("get_reputation", subject_id=unknown)


def test_a_partner_who_left_is_not_found(db, rpc, pair):
    db.execute("delete from auth.users where id = %s", [pair.user2])
    with refused(db, "user_not_found"):
        rpc.as_user(pair.user1).call("get_reputation", subject_id=pair.user2)


@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_service_and_operators_see_what_the_user_they_name_sees(db, rpc, pair, people, caller):
    stranger = people.add("Cleo")
    call = getattr(rpc, caller)().call
    assert call("get_reputation", user_id=pair.user1)["user_id"] == pair.user1
    assert call("get_reputation", subject_id=pair.user2, user_id=pair.user1)["user_id"] == pair.user2
    with pytest.raises(RpcError) as caught:
        call("get_reputation", subject_id=stranger, user_id=pair.user1)
    assert caught.value.name == "reputation_not_visible"


class TestOrderOfChecks:
    def test_identity_before_existence(self, db, rpc, pair):
        with refused(db, "acting_for_another"):
            rpc.as_user(pair.user1).call("get_reputation", subject_id=uuid4(), user_id=pair.user2)

    def test_a_profile_before_existence(self, db, rpc, people):
        newcomer = people.auth_only()
        with refused(db, "profile_incomplete"):
            rpc.as_user(newcomer).call("get_reputation", subject_id=uuid4())
