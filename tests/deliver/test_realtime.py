"""Supabase Realtime: what is sent commits together with its settlement, and a swallowed error is noticed."""

from pathlib import Path

import pytest
from supabase_realtime import GRANTS, install_realtime
from targets import LIFTED, count, states, tell_of_it
from waiting import until
from wingmanmatch.database.paths import ROOT
from workers import working


def messages(db):
    return db.execute(
        "select topic, event, payload, private from realtime.messages order by payload ->> 'id'"
    ).fetchall()


def test_it_goes_to_the_private_topic_of_the_user(db, people, worker_url):
    install_realtime(db)
    user = people.add()
    with working(worker_url, list, with_realtime=True) as (_, figures):
        [notification] = tell_of_it(db, user)
        until(lambda: states(db, "realtime") == [("sent", 1, None)])
    assert messages(db) == [
        {
            "topic": f"user:{user}",
            "event": "notification",
            "payload": {"id": notification, "kind": LIFTED, "match_id": None, "session_id": None},
            "private": True,
        }
    ]
    labels = {"channel": "realtime", "outcome": "sent"}
    assert figures.registry.get_sample_value("wingman_deliver_attempts_total", labels) == 1


def test_many(db, people, worker_url):
    install_realtime(db)
    user = people.add()
    told = tell_of_it(db, *[user] * 120)
    with (
        working(worker_url, list, with_realtime=True),
        working(worker_url, list, with_realtime=True),
    ):
        until(lambda: count(db, "sent") == 120)
    assert [message["payload"]["id"] for message in messages(db)] == sorted(told)


def test_an_error_that_is_swallowed_is_noticed(db, people, worker_url):
    install_realtime(db)
    user, other = people.add(), people.add()
    db.execute(f"alter table realtime.messages add check (topic <> 'user:{other}')")
    tell_of_it(db, user, other)
    with working(worker_url, list, with_realtime=True):
        until(lambda: count(db, "due") + count(db, "claimed") == 0)
    assert states(db, "realtime") == [("sent", 1, None), ("waiting", 1, "realtime_refused")]
    assert [message["topic"] for message in messages(db)] == [f"user:{user}"]


@pytest.mark.parametrize("step", ["no rights", "no function", "no policy"])
def test_it_cannot_be_used(db, people, worker_url, step):
    install_realtime(db, granted=step == "no function")
    if step == "no function":
        db.execute("drop function realtime.send")
    if step == "no policy":
        db.execute("grant usage on schema realtime to wingman_worker")
        db.execute("grant insert, select on table realtime.messages to wingman_worker")
    tell_of_it(db, people.add())
    with working(worker_url, list, with_realtime=True):
        until(lambda: states(db, "realtime") == [("waiting", 1, "realtime_refused")])
    assert messages(db) == []


def test_what_is_not_settled_is_not_sent(db, people, worker_url):
    install_realtime(db)
    db.execute("create sequence public.settled")
    db.execute(
        "create function public.fail_once() returns trigger language plpgsql security definer as $$"
        " begin if nextval('public.settled') = 1 then raise exception 'not yet'; end if; return new; end $$"
    )
    db.execute(
        "create trigger fail_once before update on wingman.notification_deliveries for each row"
        " when (new.state = 'sent') execute function public.fail_once()"
    )
    tell_of_it(db, people.add())
    with working(worker_url, list, with_realtime=True):
        until(lambda: states(db, "realtime") == [("sent", 1, None)])
    assert db.execute("select last_value from public.settled").fetchone() == {"last_value": 2}
    assert len(messages(db)) == 1


def test_the_document_has_the_grants():
    document = Path(ROOT, "docs", "channels-worker.md").read_text(encoding="utf-8")
    assert GRANTS.strip() in document
