"""The vocabulary of the inbox: what is told, to whom, and in which words."""

import re

import pytest
from rows import make_pair

REMINDERS = ("match_expiring", "session_reminder", "agreement_reminder", "confirmation_reminder")
SUMMARY = "more_activity"
# about one person alone
OF_ONESELF = {"matching_paused", "user_suspended", "suspension_lifted", "achievement_earned"}
# the two are no longer matched once it is told
OF_THE_PAST = {"match_declined", "match_ended"}
# nobody's name: an operator did it, or it is one of these
NAMELESS = {"session_no_show", "session_reverted", "no_show_dismissed", *OF_ONESELF, *OF_THE_PAST}


@pytest.fixture
def messages(db):
    rows = db.execute("select kind, message from wingman.notification_kinds()").fetchall()
    assert len({row["kind"] for row in rows}) == len(rows)
    return {row["kind"]: row["message"] for row in rows}


@pytest.fixture
def events(db):
    return {row["kind"]: row for row in db.execute("select * from wingman.event_kinds()")}


def test_every_event_that_is_told_has_its_message_and_no_other(messages, events):
    told = {kind for kind, row in events.items() if row["told_to"]}
    assert messages.keys() - told == {*REMINDERS, SUMMARY}
    assert told <= messages.keys()


def test_whom_an_event_is_told_to(events):
    told_to = {row["told_to"] for row in events.values()}
    assert told_to == {"participants", "user", None}
    assert {kind for kind, row in events.items() if row["told_to"] == "user"} == OF_ONESELF


def test_participants_are_told_what_they_may_read_in_the_history(events):
    for kind, row in events.items():
        if row["told_to"] == "participants":
            assert row["visible_to"] == "participants", kind


def test_one_act_is_told_by_one_of_its_kinds(events):
    """Where two kinds come of one act, one of them gives way, to one that is told itself."""
    for kind, row in events.items():
        for other in row["unless_told"] or []:
            assert row["told_to"], kind
            assert events[other]["told_to"], kind
            assert other == kind or kind not in (events[other]["unless_told"] or []), kind
        if row["told_to"] is None:
            assert row["unless_told"] is None, kind


def test_the_table_takes_these_words_and_no_others(db, messages, events):
    for kind in {*messages, *events, "", "match", "MATCH_ENDED"}:
        row = db.execute("select wingman.is_notification_kind(%s) as good", [kind]).fetchone()
        assert row == {"good": kind in messages}, kind


def test_a_reminder_is_one_of_the_words(db, messages, people):
    check = db.execute(
        """select pg_get_constraintdef(oid) as body from pg_constraint
           where conname = 'reminders_kind_check'"""
    ).fetchone()
    assert {*re.findall(r"'(\w+)'", check["body"])} == {*REMINDERS}
    # and those are all that are planned
    make_pair(db, people, "pending")
    db.execute("select wingman.run_readers()")
    planned = db.execute("select distinct kind from wingman.reminders").fetchall()
    assert {row["kind"] for row in planned} <= {*REMINDERS}


def test_a_message_is_a_sentence_that_names_the_other_one_or_nobody(messages):
    for kind, message in messages.items():
        assert re.fullmatch(r"(?:[A-Z]|\{buddy\}).*[.?]", message), kind
        assert {*re.findall(r"\{(\w+)\}", message)} == (set() if kind in NAMELESS else {"buddy"}), kind


def test_it_is_a_sentence_also_where_the_name_may_not_be_said(db, rpc, pair, messages):
    for number, kind in enumerate(messages):
        db.execute(
            """insert into public.wingman_notifications (id, user_id, kind, event_id, match_id)
               values (wingman.id_at(now() + %s * interval '1 second'), %s, %s, %s, %s)""",
            [number, pair.user2, kind, number, pair.match_id],
        )
    rpc.as_admin().call("wingman_admin.end_match", match_id=pair.match_id, reason="They asked")
    for row in rpc.as_user(pair.user2).call("list_notifications", page_size=100):
        assert re.fullmatch(r"[A-Z][^{}]*[.?]", row["message"]), row
