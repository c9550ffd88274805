"""What goes between the layer and PostgreSQL: one round trip, one identity, nothing left behind."""

import asyncio
import json
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest
from client.proxy import proxy_to
from harness import cluster_lock
from psycopg import sql
from psycopg.conninfo import make_conninfo
from refusing import is_failure, is_rest_failure
from serving import bearer, claims_of, running, signed
from waiting import until
from wingmanmatch.call.identity import Identity
from wingmanmatch.catalog.functions import read_catalog
from wingmanmatch.http.call import Arguments, Call, HttpRequest
from wingmanmatch.http.database import Database
from wingmanmatch.http.failures import Failure

PROBES = r"""
    set role wingman_owner;
    create type public.probed as (told text);
    comment on column public.probed.told is 'What it tells (nullable)';
    comment on type public.probed is 'A probe';

    create function public.probe(setting text) returns public.probed
    language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
    begin
        return row(current_setting(setting, true))::public.probed;
    end $$;
    comment on function public.probe(text) is
    'Reads a setting. setting: its name. Result: its value. Errors: none.';

    create function public.probe_stable(setting text) returns public.probed
    language plpgsql stable set search_path = pg_catalog, pg_temp as $$
    begin
        return row(current_setting(setting, true))::public.probed;
    end $$;
    comment on function public.probe_stable(text) is
    'Reads a setting. setting: its name. Result: its value. Errors: none.';

    create function public.probe_set(setting text, value text) returns public.probed
    language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
    begin
        return row(set_config(setting, value, true))::public.probed;
    end $$;
    comment on function public.probe_set(text, text) is
    'Sets one. setting: its name. value: its value. Result: its value. Errors: none.';

    create function public.probe_raise(code text, message text, detail text default '', hint text default '')
    returns setof public.probed language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
    begin
        raise exception using errcode = code, message = message, detail = detail, hint = hint;
    end $$;
    comment on function public.probe_raise(text, text, text, text) is
    'Raises. code: a code. message: a message. detail: a detail. hint: a hint. Result: none. Errors: none.';

    create function public.probe_rows(many integer) returns setof public.probed
    language plpgsql stable set search_path = pg_catalog, pg_temp as $$
    begin
        return query select i::text from generate_series(1, many) as i;
    end $$;
    comment on function public.probe_rows(integer) is
    'Many rows. many: how many. Result: the rows. Errors: none.';

    revoke all on function public.probe(text), public.probe_stable(text), public.probe_set(text, text),
        public.probe_raise(text, text, text, text), public.probe_rows(integer) from public;
    grant execute on function public.probe(text), public.probe_stable(text), public.probe_set(text, text),
        public.probe_raise(text, text, text, text), public.probe_rows(integer) to authenticated;
    reset role;
"""


@pytest.fixture
def probed(db, http_settings, token):
    """A client of a server over a database with functions that return what they see."""
    db.execute(PROBES)
    headers = bearer(token(uuid4()))
    with (
        running(replace(http_settings, pool_size=1)) as url,
        httpx.Client(base_url=url, headers=headers) as http,
    ):
        yield http


def read(http, setting, function="probe", **headers):
    answer = http.post(f"/rest/v1/rpc/{function}", json={"setting": setting}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["told"]


def test_what_the_function_is_told_of_the_request(probed, token):
    assert read(probed, "role") == "authenticated"
    assert json.loads(read(probed, "request.jwt.claims"))["role"] == "authenticated"
    assert read(probed, "request.method") == "POST"
    assert read(probed, "request.path") == "/rpc/probe"
    assert read(probed, "statement_timeout") == "10s"
    assert read(probed, "transaction_isolation") == "read committed"
    assert read(probed, "transaction_read_only") == "off"
    assert read(probed, "transaction_read_only", "probe_stable") == "on"
    # POST of a function that reads is read-only as well, GET always
    got = probed.get("/rest/v1/rpc/probe", params={"setting": "transaction_read_only"})
    assert got.json() == {"told": "on"}
    got = probed.get("/rest/v1/rpc/probe?setting=request.method")
    assert got.json() == {"told": "GET"}
    api = probed.post("/api/probe", json={"setting": "request.path"})
    assert api.json() == {"told": "/api/probe"}

    cookies = read(probed, "request.cookies", Cookie="a=1; b=two")
    assert json.loads(cookies) == {"a": "1", "b": "two"}
    headers = {"X-Of-Mine": 'a "b" \\u0000', "X-Request-Id": "id-1", "apikey": "x", "Cookie": "a=1"}
    told = json.loads(read(probed, "request.headers", **headers))
    assert told["x-of-mine"] == 'a "b" \\u0000'
    assert told["x-request-id"] == "id-1"
    # tokens stay in the layer
    assert not {"authorization", "apikey", "cookie"} & set(told)


@contextmanager
def set_of_the_cluster(db, database_url, change, undo):
    """A change of what belongs to the cluster, which no other test's server may see for long."""
    with cluster_lock(database_url):
        db.execute(change)
        try:
            yield
        finally:
            db.execute(undo)


def test_the_settings_of_a_role(db, probed, http_settings, database_url):
    db.execute("grant execute on function public.probe(text) to anon")
    before = {name: read(probed, name) for name in ("work_mem", "datestyle", "log_duration")}
    # the last two are not for the login to set, and not for one session
    change = """
        alter role anon set work_mem = '5MB';
        alter role anon set datestyle = 'SQL, DMY';
        alter role anon set statement_timeout = '7s';
        alter role anon set client_encoding = 'LATIN1';
        alter role anon set log_duration = on;
        alter role anon set default_transaction_isolation = 'serializable';
    """
    with set_of_the_cluster(db, database_url, change, "alter role anon reset all"), ExitStack() as stack:
        url = stack.enter_context(running(http_settings))
        brief = stack.enter_context(running(replace(http_settings, request_timeout_seconds=2)))

        def read_as_anon(setting, where=url):
            answer = httpx.post(f"{where}/rest/v1/rpc/probe", json={"setting": setting})
            assert answer.status_code == 200, answer.text
            return answer.json()["told"]

        assert read_as_anon("role") == "anon"
        assert read_as_anon("work_mem") == "5MB" != before["work_mem"]
        assert read_as_anon("datestyle") == "SQL, DMY" != before["datestyle"]
        assert read_as_anon("client_encoding") == "UTF8"
        assert read_as_anon("log_duration") == before["log_duration"]
        assert read_as_anon("transaction_isolation") == "read committed"
        # whichever is shorter
        assert read_as_anon("statement_timeout") == "7s"
        assert read_as_anon("statement_timeout", brief) == "2s"
        # of this role only, and of this call only
        headers = dict(probed.headers)
        with httpx.Client(base_url=url, headers=headers) as http:
            assert read(http, "work_mem") == before["work_mem"]
            assert read(http, "statement_timeout") == "10s"


def test_the_log_of_the_database_leaves_out_what_ours_does(db, probed, http_settings, database_url):
    parameter = "log_min_messages"
    granted = f"grant set on parameter {parameter} to authenticator"
    revoked = f"revoke set on parameter {parameter} from authenticator"
    with (
        running(replace(http_settings, refusals_logged=2)) as url,
        httpx.Client(base_url=url, headers=dict(probed.headers)) as http,
    ):
        usual = read(http, parameter)
        assert usual != "fatal"
        with set_of_the_cluster(db, database_url, granted, revoked):
            for _ in range(2):
                assert read(http, parameter) == usual
                refused = http.post("/rest/v1/rpc/probe_raise", json={"code": "PT400", "message": "x"})
                assert refused.status_code == 400
            until(lambda: read(http, parameter) == "fatal")
            someone_else = bearer(signed(claims_of(uuid4())))
            assert read(http, parameter, **someone_else) == usual
        # the login may not decide it
        assert read(http, parameter) == usual


def test_what_the_function_sets_of_the_answer(probed):
    def answer_to(setting, value):
        return probed.post("/rest/v1/rpc/probe_set", json={"setting": setting, "value": value})

    assert answer_to("response.status", "202").status_code == 202
    for bodiless in ("204", "205", "304"):
        answer = answer_to("response.status", bodiless)
        assert (answer.status_code, answer.content) == (int(bodiless), b"")
    headers = '[{"X-One": "1"}, {"content-type": "text/x"}, {"Cache-Control": "no-store"}]'
    answer = answer_to("response.headers", headers)
    assert (answer.headers["x-one"], answer.headers["content-type"]) == ("1", "text/x")
    assert answer.headers["cache-control"] == "no-store"
    for nonsense in ["x", "99", "700", "-1", "2e2"]:
        is_rest_failure(answer_to("response.status", nonsense), "PGRST112", 500)
    for nonsense in [
        "x",
        "{}",
        "[1]",
        '[{"a": "1", "b": "2"}]',
        '[{"a": 1}]',
        '[{"": "x"}]',
        '[{"a": "x\\r\\nSet-Cookie: a=1"}]',
        '[{"a b": "x"}]',
        '[{"a": "ü"}]',
        "null",
    ]:
        is_rest_failure(answer_to("response.headers", nonsense), "PGRST111", 500)
    # nothing of it is left for the next
    assert answer_to("x.y", "1").headers["content-type"] == "application/json; charset=utf-8"


def test_rows(probed):
    answer = probed.post("/rest/v1/rpc/probe_rows", json={"many": 3}, headers={"Prefer": "count=exact"})
    assert answer.json() == [{"told": "1"}, {"told": "2"}, {"told": "3"}]
    assert answer.headers["content-range"] == "0-2/3"
    single = {"Accept": "application/vnd.pgrst.object+json"}
    answer = probed.post("/rest/v1/rpc/probe_rows", json={"many": 1}, headers=single)
    assert answer.json() == {"told": "1"}


# SQLSTATE: the status and, where it is another, the code under /rest/v1; status and name under /api
MAPPED = {
    "PT418": (418, 418, "teapot"),
    "PTABC": (500, 500, "internal_error"),
    "PT100": (500, 500, "internal_error"),
    "PT999": (500, 500, "internal_error"),
    "P0001": (400, 500, "internal_error"),
    "P0002": (500, 500, "internal_error"),
    "08006": (503, 503, "connection_lost"),
    "09000": (500, 500, "internal_error"),
    "0L000": (403, 500, "internal_error"),
    "0P000": (403, 500, "internal_error"),
    "23502": (400, 500, "internal_error"),
    "23503": (409, 500, "internal_error"),
    "23505": (409, 500, "internal_error"),
    "23514": (400, 500, "internal_error"),
    "25006": (405, 400, "read_only_transaction"),
    "25001": (500, 500, "internal_error"),
    "21000": (500, 500, "internal_error"),
    "22P02": (400, 400, "invalid_input"),
    "22003": (400, 400, "invalid_input"),
    "22007": (400, 400, "invalid_input"),
    "22021": (400, 400, "invalid_input"),
    "28000": (403, 500, "internal_error"),
    "2D000": (500, 500, "internal_error"),
    "38000": (500, 500, "internal_error"),
    "3B000": (500, 500, "internal_error"),
    "40001": (500, 423, "busy"),
    "40P01": (500, 423, "busy"),
    "42501": (403, 403, "permission_denied"),
    "42883": (404, 500, "internal_error"),
    "42P01": (404, 500, "internal_error"),
    "42P17": (500, 500, "internal_error"),
    "42601": (400, 500, "internal_error"),
    "53300": (503, 503, "connection_lost"),
    "53100": (503, 500, "internal_error"),
    "53400": (500, 500, "internal_error"),
    "54000": (500, 500, "internal_error"),
    "54001": (400, 400, "invalid_input"),
    "55P03": (500, 423, "busy"),
    "57014": (500, 504, "statement_timeout"),
    "58000": (500, 500, "internal_error"),
    "F0000": (500, 500, "internal_error"),
    "HV000": (500, 500, "internal_error"),
    "XX000": (500, 500, "internal_error"),
}


def test_errors_have_the_status_that_postgrest_gives_them(probed):
    for code, (rest_status, api_status, name) in MAPPED.items():
        body = {"code": code, "message": "Oh no", "detail": '{"error": "teapot", "cups": 2}', "hint": "Sit"}
        rest = probed.post("/rest/v1/rpc/probe_raise", json=body)
        assert rest.status_code == rest_status, (code, rest.text)
        if name == "connection_lost":
            assert rest.json()["code"] == "PGRST001"
        elif code[:2] in ("53", "58", "F0", "XX"):
            # the server's own words name files
            said = f"The database server failed ({code})"
            assert rest.json() == {"code": code, "message": said, "details": None, "hint": None}
        else:
            assert rest.json() == {
                "code": code,
                "message": "Oh no",
                "details": '{"error": "teapot", "cups": 2}',
                "hint": "Sit",
            }
        api = probed.post("/api/probe-raise", json=body)
        is_failure(api, name, api_status)
        if name == "teapot":
            assert api.json() == {"detail": "Oh no", "error": "teapot", "cups": 2, "hint": "Sit"}
        if name == "internal_error":
            assert api.json() == {"detail": "The request failed", "error": "internal_error"}
        if api_status in (423, 503):
            assert api.headers["retry-after"] == "1"


@contextmanager
def only_reading(db, http_settings):
    """A client of a server whose database can only read."""
    name = sql.Identifier(db.info.dbname)
    db.execute(sql.SQL("alter database {} set default_transaction_read_only = on").format(name))
    try:
        with running(http_settings) as url, httpx.Client(base_url=url) as client:
            yield client
    finally:
        db.execute(sql.SQL("alter database {} reset default_transaction_read_only").format(name))


def test_a_database_that_only_reads(db, http_settings, people, token):
    me = bearer(token(people.add()))
    with only_reading(db, http_settings) as http:
        assert http.get("/readyz").json() == {"status": "ready", "read_only": True}
        assert http.post("/rest/v1/rpc/get_profile", headers=me).status_code == 200
        assert http.get("/rest/v1/rpc/get_profile", headers=me).status_code == 200
        refused = http.post("/rest/v1/rpc/pause_matching", headers=me)
        assert refused.status_code == 400
        assert json.loads(refused.json()["details"]) == {"error": "read_only_transaction"}
        assert http.post("/api/pause-matching", headers=me).json()["error"] == "read_only_transaction"


def test_errors_raised_for_postgrest(probed):
    def answer_to(message, detail):
        body = {"code": "PGRST", "message": json.dumps(message), "detail": json.dumps(detail)}
        return (
            probed.post("/rest/v1/rpc/probe_raise", json=body),
            probed.post("/api/probe-raise", json=body),
        )

    whole = {"code": "X1", "message": "Oh no", "details": '{"error": "teapot"}', "hint": "Sit"}
    rest, api = answer_to(whole, {"status": 418, "headers": {"X-Cups": "2"}})
    assert (rest.status_code, rest.json(), rest.headers["x-cups"]) == (418, whole, "2")
    assert (api.status_code, api.headers["x-cups"]) == (418, "2")
    assert api.json() == {"detail": "Oh no", "error": "teapot", "hint": "Sit"}
    rest, _ = answer_to({"code": "X1", "message": "Oh no"}, {"status": 400, "headers": {}})
    assert rest.json() == {"code": "X1", "message": "Oh no", "details": None, "hint": None}
    for answer in answer_to(whole, {"status": 204, "headers": {}}):
        assert (answer.status_code, answer.content) == (204, b"")
    rest, _ = answer_to({"code": "Ω", "message": "Oh no"}, {"status": 400, "headers": {}})
    assert (rest.json()["code"], rest.headers["proxy-status"]) == ("Ω", "PostgREST")
    for message, detail in [
        ("x", {"status": 400, "headers": {}}),
        ({"message": "x"}, {"status": 400, "headers": {}}),
        (whole, {"headers": {}}),
        (whole, {"status": "x", "headers": {}}),
        (whole, {"status": 99, "headers": {}}),
        (whole, {"status": 400, "headers": []}),
        (whole, {"status": 400, "headers": {"a": "x\r\nb: 1"}}),
        (whole, "x"),
    ]:
        rest, api = answer_to(message, detail)
        is_rest_failure(rest, "PGRST121", 500)
        is_failure(api, "internal_error", 500)


@contextmanager
def database(http_settings, **others):
    """The layer's own connections, in a separate loop."""
    with asyncio.Runner() as runner:

        async def opened():
            made = Database(replace(http_settings, pool_size=1, **others))
            context = made.opened()
            await context.__aenter__()
            return made, context

        made, context = runner.run(opened())
        try:
            yield made, runner.run
        finally:
            runner.run(context.__aexit__(None, None, None))


def a_call(catalog, user_id, function="get_profile", **arguments):
    claims = json.dumps({"sub": str(user_id), "role": "authenticated"})
    request = HttpRequest("POST", "/x", json.dumps({"idempotency-key": "once"}), '{"a": "1"}')
    given = Arguments(frozenset(arguments), json.dumps(arguments))
    found = catalog.functions[function]
    return Call(found, given, Identity("authenticated", claims), request, not found.writes)


LEFT = """
    select
        current_user::text, current_setting('role'), current_setting('statement_timeout'),
        current_setting('transaction_read_only'), current_setting('request.jwt.claims', true),
        current_setting('request.headers', true), current_setting('request.method', true),
        current_setting('request.path', true), current_setting('request.cookies', true),
        current_setting('response.headers', true), current_setting('response.status', true)
"""


def test_nothing_is_left_on_the_connection(db, people, http_settings):
    catalog, ana = read_catalog(db), people.add()
    with database(http_settings) as (layer, run):

        async def left():
            async with layer.pool.connection() as connection:
                return await (await connection.execute(LEFT)).fetchone(), connection.info.backend_pid

        before = run(left())
        calls = [
            a_call(catalog, ana),
            a_call(catalog, ana, "create_automatic_match"),
            a_call(catalog, ana, "create_automatic_match"),  # a replay
            a_call(catalog, ana, "get_match", match_id=str(uuid4())),  # a refusal
            a_call(catalog, ana, "get_match", match_id="x"),  # a malformed literal
        ]
        for call in calls:
            try:
                reply = run(layer.perform(call))
                assert call.function.name != "get_match"
                assert reply.value
            except Failure:
                assert call.function.name == "get_match"
            row, pid = run(left())
            assert pid == before[1]
            assert row[:4] == ("authenticator", "none", "0", "off") == before[0][:4]
            assert [value or "" for value in row[4:]] == [""] * 7


def test_a_call_is_one_round_trip(db, people, http_settings):
    catalog, ana = read_catalog(db), people.add()
    people.add()
    with proxy_to(db.info) as (wire, parameters):
        url = make_conninfo(http_settings.database_url, **parameters)
        with database(http_settings, database_url=url) as (layer, run):
            run(layer.pool.wait())
            for function in ["create_automatic_match", "list_matches", "get_profile"] * 3:
                before = wire.round_trips
                run(layer.perform(a_call(catalog, ana, function)))
                assert wire.round_trips == before + 1
                assert not wire.stalled


def test_no_other_schema_and_no_table_is_reached(db, people, http, token):
    people.add()
    service = bearer(token(role="service_role"))
    found = db.execute(
        "select distinct proname from pg_proc where pronamespace = any"
        " ('{wingman, wingman_admin, auth}'::regnamespace[])"
    )
    ours = read_catalog(db).functions
    names = [row["proname"] for row in found if row["proname"] not in ours]
    assert len(names) > 50
    names += [
        "pg_sleep",
        "set_config",
        "current_setting",
        "version",
        "user_profiles",
        "pg_read_file",
    ]
    for name in names:
        is_rest_failure(http.post(f"/rest/v1/rpc/{name}", headers=service), "PGRST202", 404)
        is_failure(http.post(f"/api/{name.replace('_', '-')}", headers=service), "function_not_found", 404)
