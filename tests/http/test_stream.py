"""The stream of notifications: what it sends, where it resumes, and when it ends."""

import signal
import socket
import time
from contextlib import ExitStack
from itertools import count, pairwise
from threading import Semaphore
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from client.proxy import proxy_to
from harness import in_thread, login_url
from listening import PATH, last_told, listening, tell
from prometheus_client.parser import text_string_to_metric_families
from psycopg.conninfo import make_conninfo
from refusing import is_failure, is_refused
from serving import SECRET, bearer, running, wingman_serve
from waiting import until

NOBODY = UUID(int=0)


def inbox(http, access):
    """All notifications as list_notifications returns them, oldest first."""
    answer = http.post("/api/list-notifications", json={"page_size": 100}, headers=bearer(access))
    return answer.json()[::-1]


def listeners(url):
    """How many streams are open, as the metrics have it."""
    return sample(url, "wingman_http_streams")


def ended(url, reason):
    return sample(url, "wingman_http_streams_ended_total", reason=reason)


def sample(url, name, **labels):
    families = text_string_to_metric_families(httpx.get(f"{url}/metrics").text)
    found = [one for family in families for one in family.samples if (one.name, one.labels) == (name, labels)]
    return found[0].value if found else 0


def test_what_comes_is_what_the_inbox_has(db, people, http_url, http, token, rpc):
    ana, ben = people.add("Ana"), people.add("Ben \U0001f600")
    tell(db, ana)
    with listening(http_url, token(ana)) as ear:
        assert (ear.status, ear.headers["content-type"]) == (200, "text/event-stream")
        assert ear.headers["cache-control"] == "no-store"
        assert ear.headers["x-accel-buffering"] == "no"
        assert "x-request-id" in ear.headers
        assert ear.ready_id == last_told(db)
        rpc.as_user(ben).call("create_automatic_match")
        db.execute("select wingman.run_readers()")
        (told,) = ear.hears(1)
        _, newest = inbox(http, token(ana))
        assert told == newest
        assert told["kind"] == "match_offered"
        assert (told["buddy_user_id"], told["buddy_first_name"]) == (str(ben), "Ben \U0001f600")
        assert ear.ids == [told["id"]]


def test_nothing_of_others_arrives(db, people, http_url, token):
    ana, ben = people.add(), people.add()
    with listening(http_url, token(ana)) as of_ana, listening(http_url, token(ben)) as of_ben:
        told = tell(db, ana, ben, ana, ben, ben)
        of_ana.hears(2)
        of_ben.hears(3)
        last = tell(db, ana, ben)
        of_ana.hears(3)
        of_ben.hears(4)
    assert sorted(of_ana.ids + of_ben.ids) == told + last
    for ear, who in ((of_ana, ana), (of_ben, ben)):
        rows = db.execute("select id::text from public.wingman_notifications where user_id = %s", [who])
        assert sorted(ear.ids) == sorted(row["id"] for row in rows)


def test_two_streams_of_one_user_get_everything_each(db, people, http_url, token):
    ana = people.add()
    with listening(http_url, token(ana)) as one, listening(http_url, token(ana)) as other:
        told = tell(db, *[ana] * 7)
        one.hears(7)
        other.hears(7)
        assert one.ids == other.ids == told


def test_from_now_on_without_a_position(db, people, http_url, token):
    ana, ben = people.add(), people.add()
    before = tell(db, ana, ben)
    # somebody else has listened before
    with listening(http_url, token(ben)), listening(http_url, token(ana)) as ear:
        assert ear.ready_id == before[-1]
        later = tell(db, ana)
        ear.hears(1)
        assert ear.ids == later


def test_nothing_is_lost_when_nothing_has_been_told_yet(db, people, http_url, token):
    ana = people.add()
    with listening(http_url, token(ana)) as ear:
        position = ear.ready_id
        assert UUID(position) == NOBODY
    missed = tell(db, ana, ana)
    with listening(http_url, token(ana), after=position) as ear:
        assert ear.ready_id == position
        ear.hears(2)
        later = tell(db, ana)
        ear.hears(3)
        assert ear.ids == missed + later


@pytest.mark.parametrize("size", [1, 99, 100, 101, 350])
def test_it_goes_on_after_the_last_message(db, people, http_url, token, size):
    ana = people.add()
    seen = tell(db, ana, ana)
    missed = tell(db, *[ana] * size)
    with listening(http_url, token(ana), after=seen[0]) as ear:
        ear.hears(size + 1)
        later = tell(db, ana)
        ear.hears(size + 2)
    assert ear.ids == [seen[1], *missed, *later]


@pytest.mark.parametrize("position", ["upper", "lower"])
def test_a_position_in_capitals_is_the_same(db, people, http_url, token, position):
    ana = people.add()
    first, second = tell(db, ana, ana)
    with listening(http_url, token(ana), after=getattr(first, position)()) as ear:
        ear.hears(1)
        assert (ear.ready_id, ear.ids) == (first, [second])


def test_more_at_once_than_may_wait_for_a_listener_comes_page_by_page(db, people, http_url, token):
    ana = people.add()
    with listening(http_url, token(ana)) as ear:
        told = tell(db, *[ana] * 1234)
        ear.hears(1234)
        assert ear.ids == told


def test_a_burst_with_reconnects_in_the_middle(db, people, http_url, token):
    """Neither loss nor repetition, wherever each connection is cut."""
    ana, ben = people.add(), people.add()
    told, heard, reconnects = [], [], 0
    # so that it does not end before there were some
    pace = Semaphore(24)
    with listening(http_url, token(ana)) as ear:
        position = ear.ready_id

    def burst():
        for number in range(120):
            pace.acquire()
            told.extend(tell(db, *[ana] * (1 + number % 5), *[ben] * 2))

    telling = in_thread(burst)
    while len(heard) < 360:
        with listening(http_url, token(ana), after=position) as ear:
            assert ear.ready_id == position
            ear.hears(1)
        heard += ear.ids
        position = ear.ids[-1]
        reconnects += 1
        pace.release(24)
    telling.result(15)
    assert reconnects > 3
    assert len(heard) == 360
    assert all(one < other for one, other in pairwise(heard))
    rows = db.execute(
        "select id::text from public.wingman_notifications where user_id = %s order by id", [ana]
    )
    assert heard == [row["id"] for row in rows]


def test_a_position_ahead_of_everything_counts_as_unknown(db, people, http_url, token):
    """As after a restore: what has been told since then comes."""
    ana = people.add()
    tell(db, ana)
    with listening(http_url, token(ana), after="ffffffff-ffff-7fff-bfff-ffffffffffff") as ear:
        assert ear.ready_id == last_told(db)
        later = tell(db, ana)
        ear.hears(1)
        assert ear.ids == later


@pytest.mark.exhaustive
def test_a_database_that_goes_back_while_somebody_listens(db, people, http_url, token):
    """Such as a restored one: ids begin again at an earlier one."""
    ana = people.add()
    with listening(http_url, token(ana)) as ear:
        told = tell(db, ana, ana)
        ear.hears(2)
        db.execute("delete from public.wingman_notifications")
        db.execute("update wingman.inbox_clock set told_until = '-infinity'")
        again = count()

        def tell_of_yesterday():
            """Waits until the server has noticed; nothing else shows it."""
            db.execute(
                "insert into public.wingman_notifications (id, user_id, kind, event_id)"
                " values (wingman.id_at(now() - interval '1 day' + %s * interval '1 ms'), %s,"
                " 'user_suspended', %s)",
                [number := next(again), ana, number],
            )
            return len(ear.ids) > 2

        until(tell_of_yesterday)
        assert ear.ids[2] < told[0]
        position = ear.ids[2]
        tell_of_yesterday()
        rows = db.execute(
            "select id::text from public.wingman_notifications where id >= %s order by id", [position]
        )
        expected = [row["id"] for row in rows]
        ear.hears(2 + len(expected))
        assert ear.ids[2:] == expected


@pytest.mark.parametrize("given", ["1", "x" * 36, "0198b9a4-7a8e-7c3e-9b1e-3f5f4f0d6a1", "null"])
def test_a_malformed_position(people, http, token, given):
    answer = http.get(PATH, headers={**bearer(token(people.add())), "Last-Event-ID": given})
    is_failure(answer, "invalid_input", 400)
    assert answer.json()["argument"] == "Last-Event-ID"


def test_a_position_given_twice(people, http, token):
    headers = [*bearer(token(people.add())).items(), *[("Last-Event-ID", str(uuid4()))] * 2]
    is_failure(http.get(PATH, headers=headers), "invalid_input", 400)


def test_who_may_not_listen(db, people, http, token):
    message = "Authentication required"
    ana = people.add()
    for refused in (
        http.get(PATH),
        http.get(PATH, headers=bearer(token())),
        http.get(PATH, headers=bearer("nonsense")),
        http.get(PATH, headers=bearer(token(ana, exp=int(time.time()) - 3600))),
        http.get(PATH, headers=bearer(token("nobody"))),
        # never in the address
        http.get(f"{PATH}?access_token={token(ana)}&token={token(ana)}"),
        http.get(PATH, headers={"apikey": token(ana)}),
    ):
        is_refused(db, refused, "not_authenticated", 401, message)
        assert refused.headers["www-authenticate"] == "Bearer"
    is_failure(http.get(PATH, headers=bearer(token(role="service_role"))), "permission_denied", 403)
    for nobody in (people.auth_only(), uuid4()):
        is_refused(
            db,
            http.get(PATH, headers=bearer(token(nobody))),
            "profile_incomplete",
            400,
            "Profile and location are required before matching",
        )
    wrong = http.post(PATH, headers=bearer(token(ana)))
    is_failure(wrong, "method_not_allowed", 405)
    assert wrong.headers["allow"] == "GET"


def test_pages_of_other_origins_may_listen(people, serve, token):
    page = "https://app.example"
    with httpx.Client(base_url=serve(cors_origins=(page,)), headers={"Origin": page}) as http:
        asked = {
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization,last-event-id",
        }
        preflight = http.options(PATH, headers=asked)
        assert preflight.status_code == 200
        assert "last-event-id" in preflight.headers["access-control-allow-headers"].lower()
        with listening(str(http.base_url), token(people.add()), Origin=page) as ear:
            assert ear.headers["access-control-allow-origin"] == page


@pytest.mark.exhaustive
def test_it_ends_with_the_token(db, people, http_url, token):
    ana = people.add()
    with (
        listening(http_url, token(ana, exp=int(time.time()) + 2)) as short,
        listening(http_url, token(ana)) as long,
    ):
        short.until(lambda ear: ear.is_over)
        assert not short.was_cut
        told = tell(db, ana)
        long.hears(1)
        assert (short.ids, long.ids) == ([], told)
        assert not long.is_over
    until(lambda: ended(http_url, "expired") == 1)


@pytest.mark.exhaustive
def test_a_token_that_has_just_expired_is_tolerated_as_in_calls(db, people, serve, token):
    url = serve(jwt_leeway_seconds=3)
    ana = people.add()
    with listening(url, token(ana, exp=int(time.time()) - 1)) as ear:
        assert ear.status == 200
        ear.until(lambda ear: ear.is_over)
        assert not ear.was_cut


@pytest.mark.exhaustive
def test_it_ends_with_the_user(db, people, http_url, token):
    ana, ben = people.add(), people.add()
    with listening(http_url, token(ana)) as of_ana, listening(http_url, token(ben)) as of_ben:
        tell(db, ana, ben)
        of_ana.hears(1)
        db.execute("delete from auth.users where id = %s", [ana])
        of_ana.until(lambda ear: ear.is_over)
        assert not of_ana.was_cut
        tell(db, ben)
        of_ben.hears(2)
        assert not of_ben.is_over
    with listening(http_url, token(ana), after=of_ana.ids[0]) as ear:
        assert ear.status == 400
    assert ended(http_url, "erased") >= 1


def test_few_streams_of_one_user(db, people, serve, token):
    url = serve(max_streams_of_one=2)
    ana, ben = people.add(), people.add()
    with listening(url, token(ana)) as first, listening(url, token(ana)):
        refused = httpx.get(url + PATH, headers=bearer(token(ana)))
        is_refused(db, refused, "rate_limited", 429, "Too many requests - retry in 5 seconds", retry_after=5)
        assert refused.headers["retry-after"] == "5"
        with listening(url, token(ben)) as of_ben:
            assert of_ben.status == 200
        first.close()
        until(lambda: httpx_stream_status(url, token(ana)) == 200)


def httpx_stream_status(url, access):
    with httpx.stream("GET", url + PATH, headers=bearer(access)) as answer:
        return answer.status_code


def test_a_process_has_so_many_streams(people, serve, token):
    url = serve(max_streams=2)
    with listening(url, token(people.add())), listening(url, token(people.add())) as second:
        assert listeners(url) == 2
        refused = httpx.get(url + PATH, headers=bearer(token(people.add())))
        is_failure(refused, "overloaded", 503)
        assert refused.headers["retry-after"] == "1"
        second.close()
        until(lambda: listeners(url) == 1)
        with listening(url, token(people.add())) as third:
            assert third.status == 200
    until(lambda: listeners(url) == 0)
    assert ended(url, "left") == 3


def test_it_shows_that_it_is_alive(people, serve, token):
    with listening(serve(heartbeat_seconds=0.05), token(people.add())) as ear:
        ear.until(lambda ear: ear.heartbeats >= 5)
        assert len(ear.messages) == 1


@pytest.mark.exhaustive
def test_a_client_that_does_not_read_is_cut_off(db, people, serve, token, http_settings):
    """Other streams go on, and it gets the rest when it reconnects."""
    url = serve()
    ana, ben = people.add(), people.add()
    with ExitStack() as stack:
        slow = stack.enter_context(slow_listener(url, token(ana)))
        other = stack.enter_context(listening(url, token(ana)))
        of_ben = stack.enter_context(listening(url, token(ben)))
        told = []
        for _ in range(400):
            told += tell(db, *[ana] * 90)
            other.hears(len(told))
            if ended(url, "too_slow"):
                break
        assert ended(url, "too_slow") == 1
        assert other.ids == told
        tell(db, ben)
        of_ben.hears(1)
        taken = read_all_ids(slow)
        assert taken == told[: len(taken)]
        assert len(taken) < len(told)
        rest = stack.enter_context(listening(url, token(ana), after=taken[-1]))
        rest.hears(len(told) - len(taken))
        assert taken + rest.ids == told


def slow_listener(url, access):
    """A client that has asked for a stream, and reads nothing of it."""
    where = urlsplit(url)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(15)
    client.connect((where.hostname, where.port))
    client.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {access}\r\n\r\n".encode())
    # it has begun, and all that comes is still there
    until(lambda: b"event: ready" in client.recv(65_536, socket.MSG_PEEK))
    return client


def read_all_ids(client):
    """The ids of all whole messages that have come."""
    content = b""
    try:
        while chunk := client.recv(65_536):
            content += chunk
    except ConnectionResetError:
        pass
    whole = content.rpartition(b"}\n\n")[0]
    return [
        part.split(b"\n", 1)[0].decode()
        for part in whole.split(b"id: ")[1:]
        if b"\nevent: notification\ndata: {" in part
    ]


@pytest.mark.exhaustive
def test_a_database_that_is_away_for_a_while(db, people, serve, http_settings, token):
    ana = people.add()
    with proxy_to(db.info) as (wire, parameters):
        where = make_conninfo(http_settings.database_url, **parameters)
        url = serve(database_url=where, pool_timeout_seconds=0.2, heartbeat_seconds=0.1)
        with listening(url, token(ana)) as ear:
            told = tell(db, ana)
            ear.hears(1)
            wire.is_down = True
            wire.cut()
            until(lambda: wire.turned_away >= 2)
            told += tell(db, ana, ana)
            beats = ear.heartbeats
            ear.until(lambda ear: ear.heartbeats > beats + 2)
            assert len(ear.ids) == 1
            refused = httpx.get(url + PATH, headers=bearer(token(ana)), timeout=15)
            is_failure(refused, "connection_lost", 503)
            wire.is_down = False
            ear.hears(3)
            told += tell(db, ana)
            ear.hears(4)
            assert ear.ids == told


@pytest.mark.exhaustive
def test_a_database_that_loses_every_connection_again_and_again(db, people, http_url, token):
    ana = people.add()
    told = []
    with listening(http_url, token(ana)) as ear:
        for _ in range(10):
            db.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                " where datname = current_database() and application_name = 'wingman serve'"
            )
            told += tell(db, *[ana] * 3)
        ear.hears(30)
        assert ear.ids == told
        assert not ear.is_over


def test_calls_that_hold_all_connections_delay_it_but_take_nothing(db, people, connect, serve, token):
    url = serve(pool_size=1)
    ana, ben = people.add(), people.add()
    with listening(url, token(ana)) as ear:
        with connect(user=db.info.user, autocommit=False) as holder:
            holder.execute("select from wingman.matchmaking_pool where user_id = %s for update", [ben])
            search = f"{url}/api/create-automatic-match"
            call = in_thread(httpx.post, search, headers=bearer(token(ben)), timeout=15)
            until(lambda: sample(url, "wingman_http_pool_waiting") == 1)
            told = tell(db, ana)
        assert call.result(15).status_code == 200
        ear.hears(1)
        assert ear.ids[:1] == told


def test_it_ends_when_the_server_stops(db, people, database_url, token):
    ana = people.add()
    environment = {
        "WINGMAN_DATABASE_URL": login_url(database_url, "authenticator"),
        "WINGMAN_JWT_SECRET": SECRET,
    }
    with wingman_serve(**environment) as (process, url), ExitStack() as stack:
        ear = stack.enter_context(listening(url, token(ana)))
        slow = stack.enter_context(slow_listener(url, token(ana)))
        told = tell(db, ana)
        ear.hears(1)
        process.send_signal(signal.SIGTERM)
        ear.until(lambda ear: ear.is_over)
        assert not ear.was_cut
        assert ear.ids == told
        assert process.wait(15) == 0
        assert read_all_ids(slow) == told


@pytest.mark.exhaustive
def test_a_client_that_does_not_read_does_not_delay_the_shutdown(
    db, people, http_settings, database_url, token
):
    """The server waits 25 seconds for a call, which is longer than ``running`` waits for the server."""
    ana = people.add()
    with ExitStack() as stack:
        with running(http_settings) as url:
            slow = stack.enter_context(slow_listener(url, token(ana)))
            ear = stack.enter_context(listening(url, token(ana)))
            told = tell(db, *[ana] * 20_000)
            ear.hears(len(told))
        assert ear.is_over
        assert not ear.was_cut
        assert ear.ids == told
        assert len(read_all_ids(slow)) < len(told)
