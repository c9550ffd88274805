"""What the journal says: the words of one vocabulary, who did it, and what kind and ids do not say."""

import json
import re
from datetime import UTC, datetime

import pytest
from harness import LISBON
from journal.stories import SOON, tell_everything
from journal.trail import assert_replay_is_the_truth, last, mark, since, trail
from matchmaking import match_row
from psycopg.rows import scalar_row
from rows import make_match, make_pair, make_session, session_row, update_session

STATUSES = {
    "match": ["accepted", "declined", "expired"],
    "session": ["completed", "cancelled", "no_show"],
    "no_show": ["upheld", "dismissed"],
}


@pytest.fixture
def vocabulary(db):
    """The kinds, each with what the vocabulary says of it."""
    return {row["kind"]: row for row in db.execute("select * from wingman.event_kinds()")}


def said(rows) -> list[tuple]:
    return [(row["kind"], row["user_id"], row["details"]) for row in rows]


class TestTheWords:
    def test_every_kind_is_written_and_no_other(self, db, rpc, people, vocabulary):
        tell_everything(db, rpc, people)
        assert {row["kind"] for row in trail(db)} == set(vocabulary)

    def test_the_triggers_know_no_other_words(self, db, vocabulary):
        bodies = db.cursor(row_factory=scalar_row).execute(
            """select prosrc from pg_proc
               where pronamespace = 'wingman'::regnamespace and proname like 'tg%journal%'"""
        )
        subjects = {kind.split("_")[0] for kind in vocabulary} - {"changed"}
        columns = {
            row["name"]
            for row in db.execute(
                """select distinct a.attname::text as name
                   from pg_attribute as a inner join pg_class as c on c.oid = a.attrelid
                   where c.relkind in ('r', 'p')
                       and c.relnamespace in ('public'::regnamespace, 'wingman'::regnamespace)"""
            )
        }
        words = {word for body in bodies for word in re.findall(r"'(\w+)'", body)}
        kinds = {word for word in words if word.split("_")[0] in subjects or word == "changed_by_hand"} - (
            columns - set(vocabulary)
        )
        # these are put together with a status
        assert {"match_", "session_", "no_show_"} <= kinds
        kinds |= {f"{subject}_{status}" for subject, found in STATUSES.items() for status in found}
        # one is a status itself
        assert kinds - {"match_", "session_", "no_show_", "no_show"} == set(vocabulary)

    def test_details_are_what_the_vocabulary_says(self, db, rpc, people, vocabulary):
        tell_everything(db, rpc, people)
        for row in trail(db):
            described = vocabulary[row["kind"]]["details"]
            names = {
                name
                for part in (described or "").split(";")
                for name in part.split(":")[0].replace(" ", "").split(",")
                if name
            }
            if "only if" in (described or "") or row["kind"] in ("matching_paused", "matching_resumed"):
                assert set(row["details"] or {}) in (names, set()), row
            else:
                assert set(row["details"] or {}) == names, row
                # null, not an empty object, if there is nothing to say
                assert (row["details"] is None) == (not names)

    def test_ids_are_what_the_event_is_about(self, db, rpc, people):
        tell_everything(db, rpc, people)
        sessions_match = {row["session_id"]: row["match_id"] for row in trail(db, "session_scheduled")}
        for row in trail(db):
            subject = row["kind"].split("_")[0]
            has_session = row["session_id"] is not None
            if subject == "changed":
                assert row["match_id"], row
            else:
                assert has_session == (subject in ("session", "no")), row
                assert (row["match_id"] is not None) == (subject in ("match", "session", "no")), row
            if has_session:
                assert sessions_match[row["session_id"]] == row["match_id"]

    def test_each_kind_is_visible_to_participants_or_to_operators_alone(self, vocabulary):
        assert {row["visible_to"] for row in vocabulary.values()} == {"participants", "operators"}

    def test_every_kind_is_explained_once(self, db, vocabulary):
        rows = db.execute("select * from wingman.event_kinds()").fetchall()
        assert len(rows) == len(vocabulary)
        assert all(row["meaning"][0].isupper() for row in rows)


class TestMatches:
    def test_offered_and_answered(self, db, rpc, people):
        ana, ben = people.add(), people.add()
        match_id = rpc.as_user(ana).call("create_automatic_match")["match_id"]
        rpc.as_user(ben).call("respond_to_match", match_id=match_id, action="accept")
        user1, user2 = sorted((ana, ben))
        match = match_row(db, match_id)
        offer = {"user1_id": user1, "user2_id": user2, "expires_at": match["expires_at"]}
        offered, accepted = trail(db)[-2:]
        assert said([offered, accepted]) == [("match_offered", ana, offer), ("match_accepted", ben, None)]
        assert offered["occurred_at"] == match["created_at"]
        assert accepted["occurred_at"] == match["responded_at"]
        assert {(row["match_id"], row["session_id"]) for row in (offered, accepted)} == {(match_id, None)}

    def test_a_match_of_no_search_is_offered_by_nobody(self, db, people):
        make_match(db, people.add(), people.add(), "pending")
        assert last(db, "match_offered")["user_id"] is None

    @pytest.mark.parametrize(("status", "by"), [("accepted", "user1"), ("declined", "user2")])
    def test_who_answered_is_what_the_row_says_by_hand_as_well(self, db, people, status, by):
        pair = make_pair(db, people, status)
        assert said(trail(db)[-1:]) == [(f"match_{status}", getattr(pair, by), None)]

    def test_an_expiry_is_nobody_s(self, db, rpc, people):
        make_pair(db, people, "lapsed")
        ana = people.add(lat=40, lng=3)
        rpc.as_user(ana).call("create_automatic_match")
        assert said(trail(db)[-1:]) == [("match_expired", None, None)]

    @pytest.mark.parametrize("by", [1, 2, None])
    def test_who_ended_it_is_what_the_row_says(self, db, people, by):
        pair = make_pair(db, people)
        ended_by = {1: "user1_id", 2: "user2_id", None: "null"}[by]
        db.execute(
            f"update public.wingman_matches set ended_at = statement_timestamp(), ended_by = {ended_by}"
        )
        assert said(trail(db)[-1:]) == [("match_ended", {1: pair.user1, 2: pair.user2, None: None}[by], None)]

    @pytest.mark.parametrize("call", ["end_match", "block_user", "leave"])
    def test_who_ended_it_by_a_call_or_by_leaving(self, db, rpc, people, call):
        pair = make_pair(db, people)
        if call == "end_match":
            rpc.as_user(pair.user2).call(call, match_id=pair.match_id)
        elif call == "block_user":
            rpc.as_user(pair.user2).call(call, subject_id=pair.user1)
        else:
            db.execute("delete from auth.users where id = %s", [pair.user2])
        assert said(trail(db, "match_ended")) == [("match_ended", pair.user2, None)]

    def test_another_expiry_is_a_change_by_hand(self, db, people):
        pair = make_pair(db, people, "pending")
        before = match_row(db, pair.match_id)
        db.execute("update public.wingman_matches set expires_at = expires_at + interval '1 day'")
        row = last(db)
        names = ("status", "responded_by", "expires_at", "ended_at")
        after = match_row(db, pair.match_id)
        assert (row["kind"], row["match_id"], row["user_id"]) == ("changed_by_hand", pair.match_id, None)
        assert row["details"] == {
            "changed": ["expires_at"],
            "before": {name: before[name] for name in names},
            "after": {name: after[name] for name in names},
        }

    @pytest.mark.parametrize(
        ("status", "change", "changed"),
        [
            ("pending", "status = 'expired'", ["created_at", "status"]),
            ("accepted", "ended_at = statement_timestamp()", ["created_at", "ended_at"]),
        ],
    )
    def test_another_time_beside_what_calls_do_is_a_change_by_hand(self, db, people, status, change, changed):
        pair = make_pair(db, people, status)
        before = match_row(db, pair.match_id)["created_at"]
        db.execute(f"update public.wingman_matches set {change}, created_at = created_at - interval '1 day'")
        row = last(db)
        assert (row["kind"], row["match_id"], row["user_id"]) == ("changed_by_hand", pair.match_id, None)
        assert sorted(row["details"]["changed"]) == changed
        assert row["details"]["before"]["created_at"] == before

    def test_a_deletion_says_what_there_was(self, db, people):
        pair = make_pair(db, people, "declined")
        before = match_row(db, pair.match_id)
        db.execute("delete from public.wingman_matches")
        row = last(db)
        assert (row["kind"], row["match_id"], row["user_id"]) == ("match_deleted", pair.match_id, None)
        names = ("status", "responded_by", "expires_at", "ended_at")
        assert row["details"] == {"before": {name: before[name] for name in names}}


class TestSessions:
    @pytest.fixture
    def pair(self, db, people):
        return make_pair(db, people)

    def test_by_calls(self, db, rpc, pair):
        before = mark(db)
        ana, ben = rpc.as_user(pair.user1), rpc.as_user(pair.user2)
        told = {"scheduled_time": datetime.now(UTC) + SOON, "venue_name": "Café"}
        session = ana.call("create_session", match_id=pair.match_id, **told)
        ben.call("start_session", session_id=session["id"])
        ana.call("cancel_session", session_id=session["id"])
        assert said(since(db, before)) == [
            ("session_scheduled", pair.user1, {"scheduled_time": session["scheduled_time"]}),
            ("session_started", pair.user2, None),
            ("session_cancelled", pair.user1, None),
        ]
        ids = {(row["match_id"], row["session_id"]) for row in since(db, before)}
        assert ids == {(pair.match_id, session["id"])}

    @pytest.mark.parametrize("first", [1, 2])
    def test_two_confirmations_are_two_rows_and_the_second_says_completed(self, db, rpc, pair, first):
        session_id = make_session(db, pair.match_id)
        before = mark(db)
        users = (pair.user1, pair.user2) if first == 1 else (pair.user2, pair.user1)
        for user_id in users:
            rpc.as_user(user_id).call("confirm_session_completion", session_id=session_id)
        assert said(since(db, before)) == [
            ("session_confirmed", users[0], None),
            ("session_completed", users[1], None),
        ]
        assert since(db, before)[1]["occurred_at"] == session_row(db, session_id)["completed_at"]

    @pytest.mark.parametrize("status", ["scheduled", "in_progress"])
    def test_one_confirmation_by_hand_is_of_who_gave_it(self, db, pair, status):
        session_id = make_session(db, pair.match_id, status)
        before = mark(db)
        update_session(db, session_id, "user2_completed_confirmed_by_user1 = true")
        update_session(
            db,
            session_id,
            "user1_completed_confirmed_by_user2 = true, status = 'completed', completed_at = now()",
        )
        assert said(since(db, before)) == [
            ("session_confirmed", pair.user1, None),
            ("session_completed", pair.user2, None),
        ]

    def test_both_confirmations_by_hand_at_once_are_nobody_s(self, db, pair):
        make_session(db, pair.match_id, "completed")
        assert said(trail(db)[-1:]) == [("session_completed", None, None)]

    @pytest.mark.parametrize("by", ["user1", "user2", None])
    def test_who_arranged_started_or_cancelled_is_what_the_row_says(self, db, pair, by):
        column = f"{by}_id" if by else "null"
        session_id = make_session(db, pair.match_id)
        update_session(db, session_id, f"status = 'in_progress', started_by = {column}")
        update_session(db, session_id, f"status = 'cancelled', cancelled_by = {column}")
        db.execute(
            f"""insert into public.wingman_sessions (match_id, venue_name, scheduled_time, created_by)
                select id, 'Café', now(), {column} from public.wingman_matches"""
        )
        user_id = by and getattr(pair, by)
        kinds = ["session_started", "session_cancelled", "session_scheduled"]
        assert [(row["kind"], row["user_id"]) for row in trail(db)[-3:]] == [
            (kind, user_id) for kind in kinds
        ]

    def test_an_operator_s_decisions_are_of_neither(self, db, rpc, pair):
        admin = rpc.as_admin()
        missed = make_session(db, pair.match_id)
        before = mark(db)
        told = {"session_id": missed, "reason": "Not there"}
        admin.call("wingman_admin.mark_no_show", absent_user_id=pair.user1, **told)
        admin.call("wingman_admin.revert_completion", **told)
        assert said(since(db, before)) == [
            ("session_no_show", None, None),
            ("session_reverted", None, None),
        ]

    def test_a_session_moved_to_another_time(self, db, pair):
        session_id = make_session(db, pair.match_id)
        before = session_row(db, session_id)["scheduled_time"]
        update_session(db, session_id, "scheduled_time = scheduled_time + interval '1 day'")
        after = session_row(db, session_id)["scheduled_time"]
        assert said(trail(db)[-1:]) == [
            ("session_moved", None, {"scheduled_time": after, "scheduled_time_before": before})
        ]
        assert_replay_is_the_truth(db)

    @pytest.mark.parametrize(
        ("status", "changes", "changed"),
        [
            ("scheduled", "status = 'in_progress', scheduled_time = now()", ["scheduled_time", "status"]),
            (
                "scheduled",
                "status = 'in_progress', user1_completed_confirmed_by_user2 = true",
                ["status", "user1_completed_confirmed_by_user2"],
            ),
            ("cancelled", "cancelled_by = user1_id", ["cancelled_by"]),
        ],
    )
    def test_what_no_call_does_is_a_change_by_hand(self, db, pair, status, changes, changed):
        session_id = make_session(db, pair.match_id, status)
        before = session_row(db, session_id)
        update_session(db, session_id, changes)
        after = session_row(db, session_id)
        row = last(db)
        names = set(row["details"]["before"])
        assert (row["kind"], row["match_id"], row["session_id"], row["user_id"]) == (
            "changed_by_hand",
            pair.match_id,
            session_id,
            None,
        )
        assert row["details"] == {
            "changed": changed,
            "before": {name: before[name] for name in names},
            "after": {name: after[name] for name in names},
        }
        assert_replay_is_the_truth(db)

    def test_a_deletion_says_what_there_was(self, db, pair):
        session_id = make_session(db, pair.match_id, "cancelled")
        before = session_row(db, session_id)
        db.execute("delete from public.wingman_sessions")
        row = last(db)
        assert (row["kind"], row["match_id"], row["session_id"]) == (
            "session_deleted",
            pair.match_id,
            session_id,
        )
        assert row["details"] == {"before": {name: before[name] for name in row["details"]["before"]}}


class TestFairPlay:
    @pytest.fixture
    def pair(self, db, people):
        return make_pair(db, people)

    def missed(self, db, pair, by):
        """A session an hour ago, which one of the two had proposed."""
        session_id = make_session(db, pair.match_id)
        update_session(db, session_id, f"proposed_by = {by}_id")
        return session_id

    def report(self, rpc, session_id, user_id):
        arguments = {"session_id": session_id, "reason": "did_not_come"}
        rpc.as_user(user_id).call("report_no_show", **arguments)

    def answer(self, rpc, session_id, user_id, action):
        rpc.as_user(user_id).call("answer_no_show", session_id=session_id, action=action)

    def test_the_first_of_two_accepts(self, db, rpc, people):
        db.execute("update wingman.settings set acceptance = 'both'")
        ana, ben = people.add(), people.add()
        match_id = rpc.as_user(ana).call("create_automatic_match")["match_id"]
        before = mark(db)
        for user_id in (ben, ben, ana):
            rpc.as_user(user_id).call("respond_to_match", match_id=match_id, action="accept")
        assert said(since(db, before)) == [("match_first_accepted", ben, None), ("match_accepted", ana, None)]

    def test_a_proposal_another_one_and_an_agreement(self, db, rpc, pair):
        ana, ben = rpc.as_user(pair.user1), rpc.as_user(pair.user2)
        first, second = (datetime.now(UTC) + SOON * times for times in (1, 2))
        told = {"match_id": pair.match_id, "venue_name": "Café"}
        session_id = ana.call("create_session", scheduled_time=first, **told)["id"]
        before = mark(db)
        ben.call("agree_to_session", session_id=session_id)
        ben.call("reschedule_session", session_id=session_id, scheduled_time=second)
        ana.call("agree_to_session", session_id=session_id)
        ana.call("reschedule_session", session_id=session_id, scheduled_time=second, venue_name="Bar")
        moves = [
            {"scheduled_time": second, "scheduled_time_before": first},
            {"scheduled_time": second, "scheduled_time_before": second},
        ]
        assert said(since(db, before)) == [
            ("session_agreed", pair.user2, None),
            ("session_moved", pair.user2, moves[0]),
            ("session_agreed", pair.user1, None),
            ("session_moved", pair.user1, moves[1]),
        ]
        assert_replay_is_the_truth(db)

    @pytest.mark.parametrize("action", ["admit", "contest"])
    def test_who_reported_and_who_answered(self, db, rpc, pair, action):
        session_id = self.missed(db, pair, "user2")
        before = mark(db)
        self.report(rpc, session_id, pair.user1)
        self.answer(rpc, session_id, pair.user2, action)
        assert said(since(db, before)) == [
            ("no_show_reported", pair.user1, None),
            *([("no_show_contested", pair.user2, None)] if action == "contest" else []),
            *([("no_show_admitted", pair.user2, None)] if action == "admit" else []),
            *([("session_no_show", None, None)] if action == "admit" else []),
        ]
        ids = {(row["match_id"], row["session_id"]) for row in since(db, before)}
        assert ids == {(pair.match_id, session_id)}

    def test_who_reports_back_contests(self, db, rpc, pair):
        session_id = self.missed(db, pair, "user2")
        update_session(db, session_id, "agreed_by = user1_id, agreed_at = now()")
        before = mark(db)
        self.report(rpc, session_id, pair.user1)
        self.report(rpc, session_id, pair.user2)
        assert said(since(db, before)) == [
            ("no_show_reported", pair.user1, None),
            ("no_show_contested", pair.user2, None),
            ("no_show_reported", pair.user2, None),
            ("no_show_contested", pair.user1, None),
        ]

    @pytest.mark.parametrize("by", ["withdrawing", "cancelling", "confirming"])
    def test_a_report_taken_back_is_its_author_s(self, db, rpc, pair, by):
        session_id = self.missed(db, pair, "user2")
        self.report(rpc, session_id, pair.user1)
        before = mark(db)
        calls = {
            "withdrawing": "withdraw_no_show",
            "cancelling": "cancel_session",
            "confirming": "confirm_session_completion",
        }
        rpc.as_user(pair.user1).call(calls[by], session_id=session_id)
        kinds = [row["kind"] for row in since(db, before)]
        assert said(trail(db, "no_show_withdrawn")) == [("no_show_withdrawn", pair.user1, None)]
        assert (
            kinds
            == {
                "withdrawing": ["no_show_withdrawn"],
                "cancelling": ["session_cancelled", "no_show_withdrawn"],
                "confirming": ["session_confirmed", "no_show_withdrawn"],
            }[by]
        )

    def test_a_no_show_upheld_after_a_cancellation_says_so(self, db, rpc, pair):
        session_id = self.missed(db, pair, "user2")
        rpc.as_user(pair.user2).call("cancel_session", session_id=session_id)
        self.report(rpc, session_id, pair.user1)
        self.answer(rpc, session_id, pair.user2, "contest")
        before = mark(db)
        told = {"outcome": "uphold", "absent_user_ids": [pair.user2], "reason": "Seen"}
        rpc.as_admin().call("wingman_admin.decide_no_show", session_id=session_id, **told)
        assert said(since(db, before)) == [
            ("no_show_upheld", None, None),
            ("session_no_show", None, {"status_before": "cancelled"}),
        ]
        decision = db.execute("select id from wingman_admin.decisions").fetchone()
        assert {row["decision_id"] for row in since(db, before)} == {decision["id"]}
        assert_replay_is_the_truth(db)

    def test_a_report_that_is_dismissed_changes_no_session(self, db, rpc, pair):
        session_id = self.missed(db, pair, "user2")
        self.report(rpc, session_id, pair.user1)
        self.answer(rpc, session_id, pair.user2, "contest")
        before = mark(db)
        told = {"outcome": "dismiss", "absent_user_ids": None, "reason": "Seen"}
        rpc.as_admin().call("wingman_admin.decide_no_show", session_id=session_id, **told)
        assert said(since(db, before)) == [("no_show_dismissed", None, None)]

    def test_a_suspension_its_new_end_and_its_lifting(self, db, rpc, people):
        ana, admin = people.add(), rpc.as_admin()
        before = mark(db)
        admin.call("wingman_admin.suspend_user", user_id=ana, until="2100-01-01 00:00Z", reason="Rude")
        admin.call("wingman_admin.suspend_user", user_id=ana, until=None, reason="Rude")
        admin.call("wingman_admin.lift_suspension", user_id=ana, reason="Sorry")
        assert said(since(db, before)) == [
            ("user_suspended", ana, {"until": "2100-01-01T00:00:00+00:00"}),
            ("user_suspended", ana, {"until": None}),
            ("suspension_lifted", ana, None),
        ]


class TestPeople:
    def test_a_block_and_its_end(self, db, rpc, people):
        ana, ben = people.add(), people.add()
        for call in ("block_user", "block_user", "unblock_user", "unblock_user"):
            rpc.as_user(ana).call(call, subject_id=ben)
        blocked = {"blocked_id": ben}
        assert said(trail(db)[2:]) == [("user_blocked", ana, blocked), ("user_unblocked", ana, blocked)]

    def test_a_block_given_to_another_by_hand(self, db, rpc, people):
        ana, ben, cem = people.add(), people.add(), people.add()
        rpc.as_user(ana).call("block_user", subject_id=ben)
        db.execute("update public.user_blocks set blocked_id = %s", [cem])
        assert said(trail(db)[-2:]) == [
            ("user_unblocked", ana, {"blocked_id": ben}),
            ("user_blocked", ana, {"blocked_id": cem}),
        ]

    def test_a_profile(self, db, rpc, people):
        ana = people.add()
        told = {**LISBON, "first_name": "Ann", "experience_level": "advanced"}
        rpc.as_user(ana).call("complete_profile", **told)
        rpc.as_user(ana).call("complete_profile", **told)
        db.execute("delete from auth.users")
        assert said(trail(db)) == [
            ("profile_created", ana, None),
            ("profile_changed", ana, {"changed": ["first_name", "experience_level"]}),
            ("profile_deleted", ana, None),
        ]

    @pytest.mark.parametrize("value", ["'B'", "null"])
    def test_every_text_of_a_profile_is_named_by_its_column(self, db, people, value):
        ana = people.add(bio="A", photo_url="https://a", confidence_archetype="A")
        changes = {
            "first_name": "'B'",
            "bio": value,
            "photo_url": "'https://b'" if value != "null" else value,
            "experience_level": "'advanced'",
            "confidence_archetype": value,
        }
        before = mark(db)
        for column, new in changes.items():
            db.execute(f"update public.user_profiles set {column} = {new}")
        assert said(since(db, before)) == [("profile_changed", ana, {"changed": [name]}) for name in changes]

    def test_all_texts_of_a_profile_at_once(self, db, people):
        people.add()
        db.execute(
            "update public.user_profiles set first_name = 'B', bio = 'B', photo_url = 'https://b',"
            " experience_level = 'advanced', confidence_archetype = 'B'"
        )
        texts = ["first_name", "bio", "photo_url", "experience_level", "confidence_archetype"]
        assert last(db)["details"] == {"changed": texts}

    def test_a_completion_writes_the_session_and_no_profile(self, db, rpc, people):
        pair = make_pair(db, people)
        session_id = make_session(db, pair.match_id, confirmed_by=[1])
        before = mark(db)
        rpc.as_user(pair.user2).call("confirm_session_completion", session_id=session_id)
        (row,) = since(db, before)
        assert (row["kind"], row["session_id"], row["match_id"], row["user_id"]) == (
            "session_completed",
            session_id,
            pair.match_id,
            pair.user2,
        )

    def test_pauses_chosen_and_automatic(self, db, rpc, people):
        pair = make_pair(db, people, "lapsed")
        db.execute(
            "update wingman.matchmaking_pool set unanswered_offers = 2 where user_id = %s", [pair.user2]
        )
        before = mark(db)
        db.execute("update public.wingman_matches set status = 'expired'")
        for call in ("pause_matching", "pause_matching", "resume_matching", "resume_matching"):
            rpc.as_user(pair.user1).call(call)
        rpc.as_user(pair.user2).call("create_automatic_match")
        assert said(since(db, before)) == [
            ("match_expired", None, None),
            ("matching_paused", pair.user2, {"automatically": True}),
            ("matching_paused", pair.user1, {"automatically": False}),
            ("matching_resumed", pair.user1, None),
            ("matching_resumed", pair.user2, None),
        ]

    def test_an_automatic_pause_that_its_user_makes_lasting(self, db, rpc, people):
        ana = people.add()
        db.execute("update wingman.matchmaking_pool set paused = true, paused_automatically = true")
        rpc.as_user(ana).call("pause_matching")
        assert said(trail(db)[1:]) == [
            ("matching_paused", ana, {"automatically": True}),
            ("matching_paused", ana, {"automatically": False}),
        ]


class TestSettings:
    def test_the_columns_that_changed_and_no_others(self, db):
        db.execute("update wingman.settings set settle_limit = 7, level_relaxation = '1 hour' where id")
        db.execute("update wingman.settings set settle_limit = 7 where id")
        assert said(trail(db)) == [
            (
                "settings_changed",
                None,
                {
                    "before": {"settle_limit": 2, "level_relaxation": None},
                    "after": {"settle_limit": 7, "level_relaxation": "01:00:00"},
                },
            )
        ]

    def test_their_removal_and_return(self, db):
        settings = db.execute("select to_jsonb(t) as row from wingman.settings as t").fetchone()["row"]
        db.execute("delete from wingman.settings")
        db.execute("insert into wingman.settings default values")
        assert [row["details"] for row in trail(db)] == [
            {"before": settings, "after": None},
            {"before": None, "after": settings},
        ]


class TestNothingElse:
    def test_what_is_no_state_is_not_written(self, db, people):
        pair = make_pair(db, people)
        session_id = make_session(db, pair.match_id)
        before = mark(db)
        update_session(db, session_id, "venue_name = 'Elsewhere', notes = 'Later', status = 'scheduled'")
        update_session(db, session_id, "created_by = user1_id")
        db.execute("update public.wingman_matches set distance_miles = 9, status = status")
        db.execute("update public.user_profiles set bio = bio, completed_sessions = 1, no_shows = 1")
        db.execute("update public.user_locations set lat = 39")
        db.execute("update wingman.matchmaking_pool set waiting_since = now(), paused = paused")
        assert since(db, before) == []

    def test_nothing_personal(self, db, rpc, people):
        tell_everything(db, rpc, people)
        make_session(db, make_pair(db, people).match_id)
        db.execute("update public.wingman_sessions set venue_name = '§', notes = '§'")
        db.execute("update public.wingman_sessions set cancellation_reason = '§' where status = 'cancelled'")
        db.execute("delete from auth.users")
        text = json.dumps(trail(db), default=str, ensure_ascii=False)
        assert len(trail(db)) > 100
        assert "§" not in text
        assert not re.search(r"38\.71234|38\.7223|-9\.13", text)
        assert not re.search(r"Café|Brasileira|beginner|intermediate|advanced|Lisbo", text)

    def test_an_empty_change_by_hand_is_none(self, db, people):
        session_id = make_session(db, make_pair(db, people).match_id, "completed")
        before = mark(db)
        update_session(db, session_id, "scheduled_time = scheduled_time, status = status, reverted_at = null")
        update_session(db, session_id, "user1_completed_confirmed_by_user2 = true")
        assert since(db, before) == []
