"""Where a change came from: the call, the user it acted for, the role, the login and the request."""

from uuid import uuid4

import pytest
from guards.headers import request
from harness import OPERATOR, RpcError
from journal.trail import last, mark, since, trail
from rows import make_pair, make_session

END = "update public.wingman_matches set ended_at = statement_timestamp()"


def source(row) -> tuple:
    """As operators read it, where it says the same as the text that the journal keeps."""
    told = row["call"], row["acted_for"], row["role"], row["login"], row["request_id"]
    parts = row["source"].split("\t")
    role = parts[2] if parts[2] != "none" else parts[3]
    assert told == tuple(part or None for part in (*parts[:2], role, *parts[3:], "")[:5])
    return told


@pytest.fixture
def pair(db, people):
    return make_pair(db, people)


class TestCalls:
    def test_of_a_user(self, db, rpc, pair):
        rpc.as_user(pair.user1).call("end_match", match_id=pair.match_id)
        assert source(last(db)) == ("end_match", str(pair.user1), "authenticated", "authenticator", None)
        assert last(db)["source"] == f"end_match\t{pair.user1}\tauthenticated\tauthenticator"

    def test_of_service_role_acting_for_a_user(self, db, rpc, pair):
        rpc.as_service().call("end_match", match_id=pair.match_id, user_id=pair.user1)
        assert source(last(db)) == ("end_match", str(pair.user1), "service_role", "authenticator", None)

    def test_of_an_operator_acting_for_a_user(self, db, rpc, pair):
        rpc.as_admin().call("end_match", match_id=pair.match_id, user_id=pair.user1)
        assert source(last(db)) == ("end_match", str(pair.user1), OPERATOR, OPERATOR, None)
        assert last(db)["source"] == f"end_match\t{pair.user1}\tnone\t{OPERATOR}"

    def test_that_settles_a_match_of_others_on_the_way(self, db, rpc, people):
        lapsed, ana = make_pair(db, people, "lapsed"), people.add(lat=40, lng=3)
        rpc.as_user(ana).call("create_automatic_match")
        row = last(db)
        assert (row["kind"], row["match_id"], row["user_id"]) == ("match_expired", lapsed.match_id, None)
        assert source(row)[:2] == ("create_automatic_match", str(ana))

    def test_every_event_of_a_call_has_the_same(self, db, rpc, people, pair):
        make_session(db, pair.match_id)
        before = mark(db)
        rpc.as_user(pair.user2).call("block_user", subject_id=pair.user1)
        rows = since(db, before)
        assert len(rows) == 3
        assert {source(row)[:2] for row in rows} == {("block_user", str(pair.user2))}

    def test_a_replay_writes_nothing(self, db, rpc, pair):
        for _ in range(2):
            before = mark(db)
            rpc.as_user(pair.user1).call("end_match", match_id=pair.match_id, idempotency_key="k")
        assert since(db, before) == []

    def test_a_refused_call_of_the_same_transaction_is_forgotten(self, db, rpc, pair):
        caller = rpc.as_user(pair.user1)
        with caller.transaction():
            with pytest.raises(RpcError):
                caller.call("respond_to_match", match_id=pair.match_id, action="decline")
            caller.call("end_match", match_id=pair.match_id)
        assert source(last(db))[0] == "end_match"

    def test_what_a_caller_puts_into_the_setting_is_not_believed(self, db, rpc, people):
        ana, forged = people.add(), uuid4()
        caller = rpc.as_user(ana)
        with caller.transaction():
            caller.connection.execute(
                f"select set_config('wingman.call', e'end_match\\t{forged}\\tx\\tx', true)"
            )
            caller.call("pause_matching")
        assert source(last(db)) == ("pause_matching", str(ana), "authenticated", "authenticator", None)


class TestTheRequest:
    def test_the_header_x_request_id(self, db, rpc, pair):
        caller = rpc.as_user(pair.user1)
        with request(caller, {"x-request-id": "3 words here", "idempotency-key": "k"}):
            caller.call("end_match", match_id=pair.match_id)
        assert source(last(db))[0::4] == ("end_match", "3 words here")

    def test_an_idempotency_key_is_none(self, db, rpc, pair):
        caller = rpc.as_user(pair.user1)
        caller.call("pause_matching", idempotency_key="§ secret 1")
        with request(caller, {"idempotency-key": "secret 2"}):
            caller.call("end_match", match_id=pair.match_id)
        assert [source(row)[4] for row in trail(db)[-2:]] == [None, None]
        assert "secret" not in str(trail(db))

    def test_no_more_than_255_characters_of_it(self, db, rpc, pair):
        caller = rpc.as_user(pair.user1)
        with request(caller, {"x-request-id": "é" * 300}):
            caller.call("end_match", match_id=pair.match_id)
        assert source(last(db))[4] == "é" * 255

    def test_one_with_tabs_forges_nothing(self, db, rpc, pair):
        caller = rpc.as_user(pair.user1)
        with request(caller, {"x-request-id": "a\tb\nc"}):
            caller.call("end_match", match_id=pair.match_id)
        row = last(db)
        told = row["call"], row["acted_for"], row["role"], row["login"], row["request_id"]
        assert told == ("end_match", str(pair.user1), "authenticated", "authenticator", "a")

    @pytest.mark.parametrize("headers", ["", "{}", "no JSON", "[]", '{"x-request-id": null}'])
    def test_none(self, db, rpc, pair, headers):
        caller = rpc.as_user(pair.user1)
        with request(caller, headers):
            caller.call("end_match", match_id=pair.match_id)
        assert source(last(db))[4] is None

    def test_that_of_an_earlier_call_is_not_kept(self, db, rpc, pair):
        caller = rpc.as_user(pair.user1)
        with request(caller, {"x-request-id": "1"}):
            caller.call("pause_matching")
            caller.connection.execute("select set_config('request.headers', '', true)")
            caller.call("resume_matching")
        assert [source(row)[4] for row in trail(db)[-2:]] == ["1", None]


class TestOperators:
    @pytest.fixture
    def session_id(self, db, pair):
        return make_session(db, pair.match_id)

    def test_by_their_own_login(self, db, rpc, pair, session_id):
        told = {"session_id": session_id, "reason": "Not there"}
        rpc.as_admin().call("wingman_admin.mark_no_show", absent_user_id=pair.user1, **told)
        assert source(last(db)) == ("mark_no_show", None, OPERATOR, OPERATOR, None)
        rpc.as_admin().call("wingman_admin.revert_completion", **told)
        assert source(last(db))[0] == "revert_completion"

    def test_by_service_role(self, db, rpc, pair, session_id):
        told = {"session_id": session_id, "absent_user_id": pair.user1, "reason": "Not there"}
        rpc.as_service().call("wingman_admin.mark_no_show", **told)
        assert source(last(db)) == ("mark_no_show", None, "service_role", "authenticator", None)

    def test_maintenance(self, db, rpc, people):
        make_pair(db, people, "lapsed")
        rpc.as_admin().call("wingman.run_maintenance")
        assert (last(db)["kind"], source(last(db))) == (
            "match_expired",
            ("run_maintenance", None, OPERATOR, OPERATOR, None),
        )

    def test_what_they_do_afterwards_is_no_part_of_it(self, db, pair, session_id):
        with db.transaction():
            db.execute("select wingman_admin.mark_no_show(%s, %s, 'Not there')", [session_id, pair.user1])
            db.execute(END)
        assert [source(row)[0] for row in trail(db)[-2:]] == ["mark_no_show", None]


class TestDirectSql:
    def test_of_a_login(self, db, pair):
        db.execute(END)
        login = db.info.user
        assert source(last(db)) == (None, None, login, login, None)
        assert last(db)["source"] == f"\t\tnone\t{login}"

    def test_with_another_role(self, db, pair):
        with db.transaction():
            db.execute("set local role wingman_owner")
            db.execute(END)
        assert source(last(db)) == (None, None, "wingman_owner", db.info.user, None)

    def test_after_a_call_of_the_same_transaction(self, db, pair):
        with db.transaction():
            db.execute("set local role service_role")
            db.execute("select public.pause_matching(user_id => %s)", [pair.user1])
            db.execute("set local role none")
            db.execute(END)
        called, direct = trail(db)[-2:]
        assert source(called)[:2] == ("pause_matching", str(pair.user1))
        assert source(direct) == (None, None, db.info.user, db.info.user, None)

    def test_a_deleted_account_with_all_that_follows(self, db, rpc, people, pair):
        make_session(db, pair.match_id)
        rpc.as_user(pair.user1).call("block_user", subject_id=people.add())
        before = mark(db)
        db.execute("delete from auth.users where id = %s", [pair.user1])
        rows = since(db, before)
        assert sorted(row["kind"] for row in rows) == [
            "match_ended",
            "profile_deleted",
            "session_cancelled",
            "user_unblocked",
        ]
        assert {source(row) for row in rows} == {(None, None, db.info.user, db.info.user, None)}
        assert {row["user_id"] for row in rows} == {pair.user1}


class TestTheTransaction:
    def test_one_transaction_has_one_xid_and_another_has_another(self, db, pair):
        with db.transaction():
            db.execute("update wingman.settings set settle_limit = 3")
            db.execute("update wingman.settings set settle_limit = 4")
            xid = db.execute("select pg_current_xact_id()::text as xid").fetchone()["xid"]
        db.execute("update wingman.settings set settle_limit = 5")
        *same, other = trail(db, "settings_changed")
        assert [row["xid"] for row in same] == [xid, xid]
        assert int(other["xid"]) > int(xid)

    def test_readers_find_what_a_transaction_wrote_by_the_primary_key(self, db):
        keys = db.execute(
            """select array_agg(a.attname::text order by k.place) as names
               from pg_index as i
               cross join unnest(i.indkey) with ordinality as k (number, place)
               inner join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.number
               inner join pg_inherits as p on p.inhrelid = i.indrelid
               where p.inhparent = 'wingman.events'::regclass and i.indisprimary
               group by i.indrelid"""
        ).fetchall()
        # this month, three ahead, and the default
        assert [key["names"] for key in keys] == [["xid", "id", "occurred_at"]] * 5
