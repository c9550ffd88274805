"""A user is known once it has a profile."""

from uuid import uuid4

import pytest
from contract_errors import refused

SOME_ID = uuid4()
NEED_A_PROFILE = {
    "get_profile": {},
    "create_automatic_match": {},
    "respond_to_match": {"match_id": SOME_ID, "action": "accept"},
    "end_match": {"match_id": SOME_ID},
    "get_match": {"match_id": SOME_ID},
    "get_match_history": {"match_id": SOME_ID},
    "create_session": {"match_id": SOME_ID, "scheduled_time": "tomorrow", "venue_name": "Café"},
    "start_session": {"session_id": SOME_ID},
    "cancel_session": {"session_id": SOME_ID},
    "confirm_session_completion": {"session_id": SOME_ID},
    "get_session": {"session_id": SOME_ID},
    "get_reputation": {},
}
LISTS = ["list_matches", "list_sessions"]


@pytest.mark.parametrize("function", NEED_A_PROFILE)
def test_a_user_without_a_profile_is_told_to_complete_it(db, rpc, people, function):
    with refused(db, "profile_incomplete"):
        rpc.as_user(people.auth_only()).call(function, **NEED_A_PROFILE[function])


@pytest.mark.representatives("get_profile", "create_automatic_match", "create_session")
@pytest.mark.parametrize("function", NEED_A_PROFILE)
def test_a_token_of_a_deleted_account_is_without_a_profile(db, rpc, people, function):
    ana = people.add()
    db.execute("delete from auth.users")
    with refused(db, "profile_incomplete"):
        rpc.as_user(ana).call(function, **NEED_A_PROFILE[function])


@pytest.mark.parametrize("function", LISTS)
def test_a_user_without_a_profile_gets_empty_lists(rpc, people, function):
    assert rpc.as_user(people.auth_only()).call(function) == []


@pytest.mark.parametrize("function", [*NEED_A_PROFILE, *LISTS])
def test_others_do_not_find_a_user_without_a_profile(db, rpc, people, function):
    with refused(db, "user_not_found"):
        rpc.as_service().call(function, **NEED_A_PROFILE.get(function, {}), user_id=people.auth_only())


def test_a_profile_is_asked_for_before_arguments(db, rpc, people):
    with refused(db, "profile_incomplete"):
        rpc.as_user(people.auth_only()).call("respond_to_match", match_id=None, action="maybe")
