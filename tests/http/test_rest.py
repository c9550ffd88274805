"""The paths under /rest/v1: PostgREST's rules for calls of functions, one by one."""

import json
from datetime import datetime
from uuid import uuid4

import httpx
import pytest
from refusing import is_rest_failure
from rows import all_rows, make_match, make_pair
from serving import bearer, claims_of, signed
from wingmanmatch.catalog.functions import read_catalog
from wire import raw

RPC = "/rest/v1/rpc"
OBJECT = "application/vnd.pgrst.object+json"


@pytest.fixture
def ana(people):
    return people.add("Ana")


@pytest.fixture
def as_ana(http_url, token, ana):
    """A client with Ana's token."""
    with httpx.Client(base_url=http_url + RPC, headers=bearer(token(ana))) as client:
        yield client


def test_post_with_named_arguments(people, as_ana, ana):
    ben = people.add("Ben")
    answer = as_ana.post("/create_automatic_match", json={"max_radius_miles": 25, "user_id": None})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["content-range"] == "0-0/*"
    assert answer.json()["buddy_user_id"] == str(ben)


@pytest.mark.parametrize("body", ["", "{}", " {} \n", '{"status": null}'])
def test_a_set_is_an_array(db, people, as_ana, ana, body):
    made = [make_match(db, ana, people.add("Ben"), "declined") for _ in range(2)]
    answer = as_ana.post("/list_matches", content=body, headers={"Content-Type": "application/json"})
    assert [match["id"] for match in answer.json()] == [str(match) for match in sorted(made, reverse=True)]
    assert answer.headers["content-range"] == "0-1/*"


def test_an_empty_set(as_ana):
    answer = as_ana.post("/list_matches", headers={"Prefer": "count=exact"})
    assert (answer.status_code, answer.json()) == (200, [])
    assert answer.headers["content-range"] == "*/0"
    assert answer.headers["preference-applied"] == "count=exact"


def test_values_are_read_as_the_types_of_the_arguments(as_ana, ana):
    # as json_to_record does: a text holds a number, a number is a text, an object is its JSON
    body = {
        "first_name": 7,
        "experience_level": "beginner",
        "lat": "38.7",
        "lng": -9.1,
        "bio": {"a": 1},
        "max_travel_miles": "30",
    }
    profile = as_ana.post("/complete_profile", json=body).json()
    assert profile["first_name"] == "7"
    assert json.loads(profile["bio"]) == {"a": 1}
    assert profile["max_travel_miles"] == 30


SETTINGS = "/set_notification_settings"


@pytest.mark.parametrize(
    ("kinds", "kept"),
    [
        (["session_moved", "session_cancelled"], ["session_moved", "session_cancelled"]),
        ("{session_moved}", ["session_moved"]),
        ([], []),
        ("{}", []),
        (None, None),
    ],
    ids=str,
)
def test_a_list_is_an_array_or_a_literal(as_ana, kinds, kept):
    answer = as_ana.post(SETTINGS, json={"channel": "email", "kinds": kinds})
    assert (answer.status_code, answer.json()["kinds"]) == (200, kept)
    assert as_ana.get("/get_notification_settings").json()[0]["kinds"] == kept


def test_a_list_in_a_form_is_a_literal(as_ana):
    answer = as_ana.post(SETTINGS, data={"channel": "email", "kinds": "{session_moved,session_cancelled}"})
    assert answer.json()["kinds"] == ["session_moved", "session_cancelled"]


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        ("session_moved", "22P02"),
        (7, "22P02"),
        ({"session_moved": True}, "22P02"),
        (["session_moved", ["session_moved"]], "PT400"),
        ([["session_moved"]], "PT400"),
        ([None], "PT400"),
        (["session_moved", "Session_moved"], "PT400"),
        ([7], "PT400"),
    ],
    ids=str,
)
def test_what_is_no_list_of_such_words(db, as_ana, kinds, code):
    before = all_rows(db)
    answer = as_ana.post(SETTINGS, json={"channel": "email", "kinds": kinds})
    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    assert all_rows(db) == before


def test_a_malformed_literal(as_ana):
    for body, code in [
        ('{"page_size": 1.5}', "22P02"),
        ('{"page_size": true}', "22P02"),
        ('{"page_size": 99999999999999999999}', "22003"),
        ('{"page_size": 1e999999}', "22003"),
        ('{"before": "x"}', "22P02"),
        ('{"before": {}}', "22P02"),
        ('{"status": "\\u0000"}', "22P05"),
        ('{"status": "\\ud800"}', "22P02"),
    ]:
        answer = as_ana.post("/list_matches", content=body)
        assert answer.status_code == 400, answer.text
        assert answer.json()["code"] in (code, "22P02"), answer.text
        assert answer.json()["message"]


def test_what_is_no_json(as_ana):
    for body in [
        "{",
        "nope",
        '{"status": NaN}',
        '{"status": Infinity}',
        '{"status": -Infinity}',
        "{'status': 1}",
        '{"status": "a\nb"}',
        b'{"status": "\xff"}',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b'{"status": "a\x00"}',
        "[" * 30_000,
        '{"status": ' + "[" * 30_000 + "]" * 30_000 + "}",
        '{"a": 1} {"a": 2}',
    ]:
        is_rest_failure(as_ana.post("/list_matches", content=body), "PGRST102", 400, "Empty or invalid json")


def test_a_body_must_not_be_a_list(as_ana):
    for body in ["[1]", "[[]]", '[{"status": "pending"}]', " ", "\n"]:
        is_rest_failure(as_ana.post("/list_matches", content=body), "PGRST102", 400)


@pytest.mark.parametrize("body", ["null", "5", "-1.5e3", "true", '"x"', "[]", " null "])
def test_a_body_that_cannot_hold_arguments_has_none(as_ana, body):
    assert as_ana.post("/list_matches", content=body).json() == []
    message = "Could not find the function public.get_match without parameters in the schema cache"
    is_rest_failure(as_ana.post("/get_match", content=body), "PGRST202", 404, message)


def test_of_a_key_given_twice_the_last_counts(db, people, as_ana, ana):
    make_match(db, ana, people.add("Ben"), "declined")
    twice = '{"status": "accepted", "status": "declined"}'
    assert len(as_ana.post("/list_matches", content=twice).json()) == 1


def test_an_unknown_function_or_argument(as_ana):
    for path, body, called in [
        ("/list_matchez", {}, "public.list_matchez without parameters"),
        ("/list_matches", {"zz": 1, "before": None}, "public.list_matches(before, zz)"),
        ("/get_match", {}, "public.get_match without parameters"),
        ("/respond_to_match", {"match_id": None}, "public.respond_to_match(match_id)"),
        ("/List_Matches", {}, "public.List_Matches without parameters"),
        ("/wingman.new_id", {}, "public.wingman.new_id without parameters"),
        ("/pg_sleep", {"1": 1}, "public.pg_sleep(1)"),
        ('/list_matches"()--', {}, 'public.list_matches"()-- without parameters'),
        ("/list_matches%00", {}, "public.list_matches\0 without parameters"),
    ]:
        message = f"Could not find the function {called} in the schema cache"
        answer = as_ana.post(path, json=body)
        is_rest_failure(answer, "PGRST202", 404, message)


def test_how_an_unknown_function_is_searched_for(as_ana):
    def details(method, path, **given):
        return as_ana.request(method, path, **given).json()["details"]

    def searched(how):
        searched_for = f"Searched for the function public.get_match {how}"
        return f"{searched_for}, but no matches were found in the schema cache."

    unnamed = "or with a single unnamed json/jsonb parameter"
    assert details("POST", "/get_match") == searched(f"without parameters {unnamed}")
    assert details("POST", "/get_match", json={"b": 1}) == searched(f"with parameter b {unnamed}")
    two = {"b": 1, "a": 2}
    assert details("POST", "/get_match", json=two) == searched(f"with parameters a, b {unnamed}")
    assert details("POST", "/get_match", data=two) == searched("with parameters a, b")
    assert details("GET", "/get_match", params=two) == searched("with parameters a, b")
    assert details("GET", "/get_match") == searched("without parameters")


def test_what_may_be_meant_instead_is_told(as_ana):
    meant = "Perhaps you meant to call the function public."
    assert as_ana.post("/list_match").json()["hint"] == f"{meant}list_matches"
    assert (
        as_ana.post("/get_match", json={"match": 1}).json()["hint"] == f"{meant}get_match(match_id, user_id)"
    )
    assert as_ana.post("/qqqqqqqq").json()["hint"] is None


def test_a_form(db, people, as_ana, ana):
    make_match(db, ana, people.add("Ben"), "declined")
    answer = as_ana.post("/list_matches", data={"status": "declined", "page_size": "1"})
    assert len(answer.json()) == 1
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    is_rest_failure(as_ana.post("/list_matches", content="status=%ff", headers=form), "PGRST102", 400)


def test_another_type_of_body(as_ana):
    for media_type in ["text/csv", "application/xml", "multipart/form-data", "x"]:
        answer = as_ana.post("/list_matches", content="{}", headers={"Content-Type": media_type})
        is_rest_failure(answer, "PGRST102", 400, f"Content-Type not acceptable: {media_type}")


def test_a_raw_body_is_for_functions_with_one_unnamed_argument(as_ana):
    types = {"text/plain": "text", "text/xml": "xml", "application/octet-stream": "bytea"}
    message = "Could not find the function public.list_matches in the schema cache"
    for media_type, unnamed in types.items():
        answer = as_ana.post("/list_matches", content="{}", headers={"Content-Type": media_type})
        is_rest_failure(answer, "PGRST202", 404, message)
        assert answer.json()["hint"] is None
        assert answer.json()["details"] == (
            f"Searched for the function public.list_matches with a single unnamed {unnamed} parameter,"
            " but no matches were found in the schema cache."
        )


def test_get_of_a_function_that_reads(db, people, as_ana, ana):
    match = make_match(db, ana, people.add("Ben"))
    assert as_ana.get("/get_match", params={"match_id": str(match)}).json()["id"] == str(match)
    rows = as_ana.get("/list_matches", params={"status": "accepted", "page_size": "5", "select": "*"})
    assert [row["id"] for row in rows.json()] == [str(match)]
    assert as_ana.get("/list_matches?page_size=0&page_size=5").status_code == 200
    answer = as_ana.get("/get_match", params={"match_id": "x"})
    is_rest_failure(answer, "22P02", 400, 'invalid input syntax for type uuid: "x"')
    is_rest_failure(as_ana.get("/list_matches?status=%00"), "22P05", 400)
    is_rest_failure(as_ana.get("/list_matches?status=%ff"), "PGRST100", 400)
    is_rest_failure(as_ana.get("/get_match", params={"match": str(match)}), "PGRST202", 404)


def test_get_of_a_function_that_writes_is_a_read_only_transaction(db, as_ana):
    before = all_rows(db)
    answer = as_ana.get("/create_automatic_match")
    is_rest_failure(answer, "PT400", 400, "Call this function in a read-write transaction")
    assert json.loads(answer.json()["details"]) == {"error": "read_only_transaction"}
    assert all_rows(db) == before


def test_head(db, people, as_ana, ana):
    make_match(db, ana, people.add("Ben"))
    answer = as_ana.head("/list_matches", headers={"Prefer": "count=exact"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-range"] == "0-0/1"


def test_a_result_is_not_reshaped(as_ana):
    for query in [
        "select=id",
        "order=created_at",
        "limit=1",
        "offset=1",
        "status=eq.pending",
        "status=not.is.null",
        "or=(a.eq.1)",
        "distance_miles=gte.3",
        "status=in.(a,b)",
        "status=like(any).{a}",
    ]:
        is_rest_failure(as_ana.get(f"/list_matches?{query}"), "PGRST127", 501)
        is_rest_failure(as_ana.post(f"/list_matches?{query}"), "PGRST127", 501)


def test_other_methods(as_ana):
    for method in ["PUT", "PATCH", "DELETE"]:
        answer = as_ana.request(method, "/list_matches")
        is_rest_failure(answer, "PGRST101", 405, f"Cannot use the {method} method on RPC")


def test_options_tells_the_methods(as_ana):
    answer = as_ana.options("/list_matches")
    assert (answer.status_code, answer.headers["allow"]) == (200, "OPTIONS,GET,HEAD,POST")


def test_a_single_object(db, people, as_ana, ana):
    object_only = {"Accept": OBJECT}
    none = as_ana.post("/list_matches", headers=object_only)
    is_rest_failure(none, "PGRST116", 406, "Cannot coerce the result to a single JSON object")
    assert none.json()["details"] == "The result contains 0 rows"
    match = make_match(db, ana, people.add("Ben"))
    one = as_ana.post("/list_matches", headers=object_only)
    assert one.json()["id"] == str(match)
    assert one.headers["content-type"] == f"{OBJECT}; charset=utf-8"
    make_match(db, ana, people.add("Ben"), "declined")
    two = as_ana.post("/list_matches", headers=object_only)
    assert two.json()["details"] == "The result contains 2 rows"
    no_set = as_ana.post("/get_match", json={"match_id": str(match)}, headers=object_only)
    assert no_set.json()["id"] == str(match)


def test_what_the_caller_accepts(as_ana):
    for accept, status in [
        ("*/*", 200),
        ("application/json", 200),
        ("text/csv, application/json;q=0.5", 200),
        ("application/vnd.pgrst.array+json", 200),
        ("application/vnd.pgrst.array", 200),
        ("Application/JSON", 200),
        ("", 406),
        ("text/csv", 406),
        ("application/*", 406),
        ("application/vnd.pgrst.object+json;nulls=stripped", 406),
        ("application/geo+json", 406),
    ]:
        answer = as_ana.post("/list_matches", headers={"Accept": accept})
        assert answer.status_code == status
        if status == 406:
            is_rest_failure(answer, "PGRST107", 406, f"None of these media types are available: {accept}")


def test_of_the_forms_that_are_accepted_the_preferred_one_is_given(as_ana):
    def given(accept):
        return as_ana.post("/get_profile", headers={"Accept": accept}).headers["content-type"]

    assert given(f"{OBJECT};q=0.5, application/json") == "application/json; charset=utf-8"
    assert given(f"application/json;q=0.5, {OBJECT}") == f"{OBJECT}; charset=utf-8"
    assert given(f"*/*, {OBJECT}") == f"{OBJECT}; charset=utf-8"
    assert given(f"{OBJECT}, application/json") == f"{OBJECT}; charset=utf-8"


@pytest.mark.parametrize(
    ("given", "applied", "unknown"),
    [
        ("anything, handling=lenient", "handling=lenient", None),
        ("anything, handling=strict", None, "anything"),
        ("Count=exact, a, handling=strict", None, "Count=exact, a"),
        ("count=exact,   count=planned, handling=strict", "count=exact, handling=strict", None),
        # known to PostgREST, which ignores them here
        ("return=minimal, tx=rollback, missing=null, handling=strict", "handling=strict", None),
        ("resolution=merge-duplicates, handling=lenient, handling=strict", "handling=lenient", None),
        ("timezone=Asia/Tokyo", "timezone=Asia/Tokyo", None),
        ("timezone=Mars", None, None),
        ("timezone=asia/tokyo, handling=lenient", "handling=lenient", None),
        ("timezone=Mars, handling=strict", None, "timezone=Mars"),
        ("max-affected=3", None, None),
        ("max-affected=3, handling=strict", "handling=strict, max-affected=3", None),
        ("max-affected=x, handling=strict", "handling=strict", None),
    ],
)
def test_preferences(as_ana, given, applied, unknown):
    answer = as_ana.post("/list_matches", headers={"Prefer": given})
    if unknown is None:
        assert answer.status_code == 200, answer.text
        assert answer.headers.get("preference-applied") == applied
    else:
        is_rest_failure(answer, "PGRST122", 400, "Invalid preferences given with handling=strict")
        assert answer.json()["details"] == f"Invalid preferences: {unknown}"


def test_times_are_in_the_time_zone_that_is_preferred(db, people, as_ana, ana):
    match = make_match(db, ana, people.add("Ben"))
    (row,) = db.execute("select created_at from wingman_matches").fetchall()
    told = {
        zone: as_ana.get(
            "/get_match", params={"match_id": str(match)}, headers={"Prefer": f"timezone={zone}"}
        ).json()["created_at"]
        for zone in ("UTC", "Asia/Kathmandu")
    }
    assert told["UTC"].endswith("+00:00")
    assert told["Asia/Kathmandu"].endswith("+05:45")
    assert {datetime.fromisoformat(time) for time in told.values()} == {row["created_at"]}
    # of that call only
    again = as_ana.post("/get_match", json={"match_id": str(match)}).json()["created_at"]
    assert not again.endswith("+05:45")


def test_no_more_rows_than_are_preferred(db, people, as_ana, ana):
    for _ in range(2):
        make_match(db, ana, people.add("Ben"), "declined")
    for most, is_strict in [("2", True), ("1", False)]:
        prefer = f"max-affected={most}{', handling=strict' * is_strict}"
        assert len(as_ana.post("/list_matches", headers={"Prefer": prefer}).json()) == 2
    for most in ("1", "0", "-1"):
        strict = as_ana.post("/list_matches", headers={"Prefer": f"max-affected={most}, handling=strict"})
        is_rest_failure(strict, "PGRST124", 400, "Query result exceeds max-affected preference constraint")
        assert strict.json()["details"] == "The query affects 2 rows"


def test_a_single_result_is_not_limited(db, people, as_ana, ana):
    people.add("Ben")
    before = all_rows(db)
    answer = as_ana.post("/create_automatic_match", headers={"Prefer": "max-affected=1, handling=strict"})
    message = "Function must return SETOF or TABLE when max-affected preference is used with handling=strict"
    is_rest_failure(answer, "PGRST128", 400, message)
    assert all_rows(db) == before


def test_what_can_be_refused_for_its_rows_writes_nothing(db):
    # the result is known only after the commit
    assert [f.name for f in read_catalog(db).functions.values() if f.returns_set and f.writes] == []


@pytest.fixture
def matches(db, people, ana):
    """Ana's three matches, the newest first."""
    made = [str(make_match(db, ana, people.add("Ben"), "declined")) for _ in range(3)]
    return sorted(made, reverse=True)


@pytest.mark.parametrize(
    ("asked", "rows", "told"),
    [
        ("0-0", slice(0, 1), "0-0/*"),
        ("1-", slice(1, 3), "1-2/*"),
        ("1-9", slice(1, 3), "1-2/*"),
        ("0-2", slice(0, 3), "0-2/*"),
        ("3-", slice(0, 0), "*/*"),
        ("7-8", slice(0, 0), "*/*"),
        ("99999999999-", slice(0, 0), "*/*"),
        (f"0-{'9' * 5000}", slice(0, 3), "0-2/*"),
        # not as PostgREST reads it
        ("bytes=0-0", slice(0, 3), "0-2/*"),
        ("-1", slice(0, 3), "0-2/*"),
        ("x", slice(0, 3), "0-2/*"),
    ],
)
def test_a_range_of_the_rows(as_ana, matches, asked, rows, told):
    answer = as_ana.get("/list_matches", headers={"Range": asked, "Range-Unit": "items"})
    assert answer.status_code == 200, answer.text
    assert [row["id"] for row in answer.json()] == matches[rows]
    assert answer.headers["content-range"] == told
    with_arguments = as_ana.get("/list_matches?status=declined", headers={"Range": asked})
    assert (with_arguments.json(), with_arguments.headers["content-range"]) == (answer.json(), told)


@pytest.mark.parametrize(
    ("count", "asked", "status", "told"),
    [
        ("exact", "0-0", 206, "0-0/3"),
        ("estimated", "1-", 206, "1-2/3"),
        ("exact", "0-2", 200, "0-2/3"),
        ("exact", "3-", 206, "*/3"),
        # PostgREST has no plan of a function
        ("planned", "0-0", 200, "0-0/*"),
    ],
)
def test_a_range_of_rows_that_are_counted(as_ana, matches, count, asked, status, told):
    answer = as_ana.get("/list_matches", headers={"Range": asked, "Prefer": f"count={count}"})
    assert (answer.status_code, answer.headers["content-range"]) == (status, told)


def test_a_range_that_is_not_there(as_ana, matches):
    message = "Requested range not satisfiable"
    answer = as_ana.get("/list_matches", headers={"Range": "4-", "Prefer": "count=exact"})
    is_rest_failure(answer, "PGRST103", 416, message)
    assert answer.json()["details"] == "An offset of 4 was requested, but there are only 3 rows."
    assert answer.headers["content-range"] == "*/3"
    for asked in ("2-1", f"{'9' * 30}-0"):
        answer = as_ana.get("/list_matches", headers={"Range": asked})
        is_rest_failure(answer, "PGRST103", 416, message)
        assert answer.json()["details"] == (
            "The lower boundary must be lower than or equal to the upper boundary in the Range header."
        )


def test_a_range_of_anything_else(as_ana, matches):
    # only a GET has one
    for method in ("POST", "HEAD"):
        answer = as_ana.request(method, "/list_matches", headers={"Range": "0-0"})
        assert answer.headers["content-range"] == "0-2/*"
    one = as_ana.get("/get_profile", headers={"Range": "0-0"})
    assert (one.json()["first_name"], one.headers["content-range"]) == ("Ana", "0-0/*")
    none = as_ana.get("/get_profile", headers={"Range": "1-1"})
    assert (none.json(), none.headers["content-range"]) == (None, "*/*")
    of_a_range = {"Range": "1-1", "Accept": OBJECT}
    assert as_ana.get("/list_matches", headers=of_a_range).json()["id"] == matches[1]
    is_rest_failure(as_ana.get("/get_profile", headers=of_a_range), "PGRST116", 406)


def test_only_schema_public_is_there(as_ana):
    for schema in ["wingman", "auth", "pg_catalog", "Public"]:
        answer = as_ana.post("/list_matches", headers={"Content-Profile": schema})
        is_rest_failure(answer, "PGRST106", 406, "The schema must be one of the following: public")
        answer = as_ana.get("/list_matches", headers={"Accept-Profile": schema})
        is_rest_failure(answer, "PGRST106", 406)
        assert as_ana.post("/list_matches", headers={"Content-Profile": "public"}).status_code == 200


def test_all_else_is_not_here(db, people, http, token):
    people.add()
    service = bearer(token(role="service_role"))
    before = all_rows(db)
    for path in ["", "/", "/user_profiles", "/user_profiles?select=*", "/rpc", "/rpc/", "/rpc/a/b", "//x"]:
        for method in ["GET", "POST", "PATCH"]:
            answer = http.request(method, f"/rest/v1{path}", json={}, headers=service)
            is_rest_failure(answer, "PGRST127", 501)
            assert "PostgREST" in answer.json()["message"]
    assert all_rows(db) == before


def test_a_refusal_in_the_four_keys(db, people, as_ana):
    pair = make_pair(db, people)
    answer = as_ana.post("/get_match", json={"match_id": str(pair.match_id)})
    message = "Not authorized - user is not a participant in this match"
    is_rest_failure(answer, "PT403", 403, message)
    assert json.loads(answer.json()["details"]) == {"error": "not_match_participant"}
    assert answer.json()["hint"] == "Only the two people of a match may use it."


def test_a_rate_limit_has_its_header(db, people, as_ana, ana):
    db.execute("update wingman.settings set automatic_match_limit = 1")
    assert as_ana.post("/create_automatic_match").status_code == 200
    answer = as_ana.post("/create_automatic_match")
    is_rest_failure(answer, "PT429", 429)
    details = json.loads(answer.json()["details"])
    assert details["error"] == "rate_limited"
    assert answer.headers["retry-after"] == str(details["retry_after"])


def test_a_replay_has_its_header(people, as_ana, ana):
    people.add("Ben")
    key = {"Idempotency-Key": '"once"'}
    first, again = (as_ana.post("/create_automatic_match", headers=key) for _ in range(2))
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    as_argument = as_ana.post("/create_automatic_match", json={"idempotency_key": "once"})
    assert as_argument.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic eDp5"}])
def test_without_a_token_one_is_anon(db, http, headers):
    answer = http.post(f"{RPC}/list_matches", headers=headers)
    is_rest_failure(answer, "42501", 401, "permission denied for function list_matches")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_apikey_alone_is_the_token(people, http, token, ana):
    call = f"{RPC}/get_profile"
    assert http.post(call, headers={"apikey": token(ana)}).json()["first_name"] == "Ana"
    is_rest_failure(http.post(call, headers={"apikey": token()}), "42501", 401)
    is_rest_failure(http.post(call, headers={"apikey": "x"}), "PGRST301", 401)
    # as supabase-js sends both once somebody has signed in, and both the same before
    both = {"apikey": token(), **bearer(token(ana))}
    assert http.post(call, headers=both).status_code == 200
    both = {"apikey": token(ana), **bearer(token())}
    is_rest_failure(http.post(call, headers=both), "42501", 401)


def test_a_bad_token_is_not_told_why(http, ana):
    expired = signed(claims_of(ana, exp=1))
    answer = http.post(f"{RPC}/get_profile", headers=bearer(expired))
    is_rest_failure(answer, "PGRST301", 401, "Authentication required")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "expire" not in answer.text.lower()


def test_the_service_names_whom_it_acts_for(http, token, ana):
    service = bearer(token(role="service_role"))
    named = http.post(f"{RPC}/get_profile", json={"user_id": str(ana)}, headers=service)
    assert named.json()["first_name"] == "Ana"
    unnamed = http.post(f"{RPC}/get_profile", headers=service)
    is_rest_failure(unnamed, "PT400", 400, "user_id is required")
    is_rest_failure(
        http.post(f"{RPC}/get_profile", json={"user_id": str(uuid4())}, headers=service), "PT404", 404
    )


def test_of_a_header_given_twice_the_last_is_passed_on(db, people, http_url, token, ana):
    """So PostgREST does, and /api refuses it."""
    people.add("Ben")
    lines = [
        "Host: x",
        f"Authorization: Bearer {token(ana)}",
        "Idempotency-Key: a",
        "Idempotency-Key: b",
        "Content-Length: 0",
        "Connection: close",
    ]
    rest, api = (
        raw(http_url, "\r\n".join([f"POST {path} HTTP/1.1", *lines, "", ""]).encode())
        for path in (f"{RPC}/create_automatic_match", "/api/create-automatic-match")
    )
    assert rest.startswith(b"HTTP/1.1 200 ")
    assert db.execute("select idempotency_key from wingman.idempotency_keys").fetchall() == [
        {"idempotency_key": "b"}
    ]
    assert api.startswith(b"HTTP/1.1 400 ")
    assert b"idempotency_key_invalid" in api


def test_two_tokens_are_none(http_url, token, ana):
    head = (
        f"POST {RPC}/get_profile HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n"
        + f"Authorization: Bearer {token(ana)}\r\n" * 2
    )
    assert raw(http_url, f"{head}\r\n".encode()).startswith(b"HTTP/1.1 401 ")


def test_the_reason_phrase_is_that_of_the_status(http_url, token, ana):
    head = f"POST {RPC}/get_match HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    body = json.dumps({"match_id": str(uuid4())})
    head += f"Authorization: Bearer {token(ana)}\r\nContent-Length: {len(body)}\r\n\r\n"
    answer = raw(http_url, f"{head}{body}".encode())
    assert answer.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert b'"message": "Match not found"' in answer
