"""Supabase Realtime: what is sent commits together with its settlement, and a swallowed error is noticed."""

import pytest
from channels.outbox import LIFTED
from supabase_realtime import install_realtime
from targets import count, states, tell_of_it
from waiting import until
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


def test_a_user_hears_their_own_topic_alone(db, people, rpc, worker_url):
    install_realtime(db)
    me, other = people.add(), people.add()
    tell_of_it(db, me, other)
    with working(worker_url, list, with_realtime=True):
        until(lambda: states(db, "realtime") == [("sent", 1, None)] * 2)
    device = rpc.as_user(me)
    for topic, heard in ((f"user:{me}", 2), (f"user:{other}", 0), ("user:", 0)):
        with device.transaction():
            device.assume_identity()
            # as Realtime asks when somebody wants to join a topic
            device.connection.execute("select set_config('realtime.topic', %s, true)", [topic])
            seen = device.connection.execute("select from realtime.messages").fetchall()
        assert len(seen) == heard
