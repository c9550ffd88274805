"""For whom a call acts: only the token's sub is trusted, and only under the role authenticated."""

import json

import pytest
from calls import CALLS, NOBODY
from contract_errors import refused
from harness import Caller, RpcError
from rows import all_rows


class RawCaller(Caller):
    """A caller whose claims are any text, or were never set."""

    def __init__(self, connect, role, claims):
        super().__init__(lambda: connect(user="authenticator"), role, {})
        self._raw_claims = claims

    def assume_identity(self):
        self.connection.execute("select set_config('role', %s, true)", [self._role])
        if self._raw_claims is not None:
            self.connection.execute("select set_config('request.jwt.claims', %s, true)", [self._raw_claims])


@pytest.fixture
def operators(db, rpc):
    """Everybody who acts for others by naming them."""
    return {
        "service_role": rpc.as_service(),
        "login of an operator": rpc.as_admin(),
        "wingman_admin": Caller(lambda: db, "wingman_admin", {}),
        "superuser": Caller(lambda: db, None, {}),
    }


OPERATORS = ["service_role", "login of an operator", "wingman_admin", "superuser"]


@pytest.mark.representatives(
    "get_profile*",
    "create_automatic_match*",
    "confirm_session_completion*",
    "report_no_show*",
    "list_sessions*",
)
@pytest.mark.parametrize("function", CALLS)
def test_without_claims_every_function_refuses(db, connect, function):
    with refused(db, "not_authenticated"):
        RawCaller(connect, "authenticated", None).call(function, **CALLS[function])


@pytest.mark.representatives(
    "get_profile*",
    "create_automatic_match*",
    "confirm_session_completion*",
    "report_no_show*",
    "list_sessions*",
)
@pytest.mark.parametrize("function", CALLS)
def test_a_user_acts_for_nobody_else(db, rpc, people, function):
    ana, ben = people.add(), people.add()
    with refused(db, "acting_for_another"):
        rpc.as_user(ana).call(function, **CALLS[function], user_id=ben)


def test_a_user_may_name_itself(rpc, people):
    ana = people.add()
    assert rpc.as_user(ana).call("get_profile", user_id=ana)["user_id"] == ana


def test_the_spelling_of_sub_does_not_matter(rpc, people):
    ana = people.add()
    assert rpc.as_user(str(ana).upper()).call("get_profile")["user_id"] == ana


def test_claims_of_a_stronger_role_are_believed_for_sub_alone(db, connect, people):
    ana, ben = people.add(), people.add()
    claims = json.dumps({"sub": str(ana), "role": "service_role", "is_admin": True, "user_id": str(ben)})
    caller = RawCaller(connect, "authenticated", claims)
    assert caller.call("get_profile")["user_id"] == ana
    with refused(db, "acting_for_another"):
        caller.call("get_profile", user_id=ben)


def test_claims_of_the_call_before_are_forgotten(db, rpc, connect, people):
    caller = rpc.as_user(people.add())
    caller.call("get_profile")
    anonymous = RawCaller(lambda **_: caller.connection, "authenticated", None)
    with refused(db, "not_authenticated"):
        anonymous.call("get_profile")


@pytest.mark.representatives("anon-c*", "none-get_profile")
@pytest.mark.parametrize("function", CALLS)
@pytest.mark.parametrize("role", ["anon", "none"])
def test_roles_without_execute_are_refused_by_postgresql(db, connect, people, function, role):
    claims = json.dumps({"sub": str(people.add())})
    before = all_rows(db)
    with pytest.raises(RpcError) as caught:
        RawCaller(connect, role, claims).call(function, **CALLS[function])
    assert caught.value.sqlstate == "42501"
    assert all_rows(db) == before


def test_the_owner_of_the_functions_is_nobody(db, people):
    claims = {"sub": str(people.add())}
    with refused(db, "not_authenticated"):
        Caller(lambda: db, "wingman_owner", claims).call("get_profile")


@pytest.mark.representatives("respond_to_match-service_role", "get_profile-*")
@pytest.mark.parametrize("who", OPERATORS)
@pytest.mark.parametrize("function", CALLS)
def test_operators_must_name_whom_they_act_for(db, operators, who, function):
    with refused(db, "missing_argument", argument="user_id"):
        operators[who].call(function, **CALLS[function])


@pytest.mark.representatives("respond_to_match-service_role", "get_profile-*")
@pytest.mark.parametrize("who", OPERATORS)
@pytest.mark.parametrize("function", CALLS)
def test_operators_may_not_name_somebody_unknown(db, operators, who, function):
    with refused(db, "user_not_found"):
        operators[who].call(function, **CALLS[function], user_id=NOBODY)


@pytest.mark.parametrize("who", OPERATORS)
def test_operators_act_for_the_user_whom_they_name(db, people, operators, who):
    ana, ben = people.add("Ana"), people.add("Ben")
    answer = operators[who].call("create_automatic_match", user_id=ana)
    assert answer["buddy_user_id"] == ben
    match = db.execute("select user1_id, user2_id from public.wingman_matches").fetchone()
    assert match == {"user1_id": min(ana, ben), "user2_id": max(ana, ben)}


def test_the_sub_of_a_service_token_does_not_stand_for_user_id(db, connect, people):
    claims = json.dumps({"sub": str(people.add()), "role": "service_role"})
    with refused(db, "missing_argument", argument="user_id"):
        RawCaller(connect, "service_role", claims).call("get_profile")
