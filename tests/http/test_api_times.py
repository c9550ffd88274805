"""Under /api every argument that is a time needs its offset; /rest/v1/rpc reads it as PostgREST does."""

import json

import pytest
from refusing import is_failure, is_refused
from rows import all_rows
from serving import bearer
from times import ACCEPTED, DAY, FORMS, REFUSAL, REFUSED_TEXTS, TIMES, read, working_call
from wingmanmatch.http.api import SEED_ENDPOINTS
from wingmanmatch.http.failures import no_time

every_time = pytest.mark.parametrize(("function", "argument"), TIMES)
NO_TEXTS = [20301201, 1796142000, 1.5, True, False, [], [ACCEPTED], {}, {"time": ACCEPTED}]


@pytest.fixture
def call(http, token):
    """Posts to /api as somebody: a body, or the arguments."""

    def post(user_id, function, arguments, **headers):
        content = arguments if isinstance(arguments, str) else json.dumps(arguments, default=str)
        path = f"/api/{function.replace('_', '-')}"
        headers = {**bearer(token(user_id)), "Content-Type": "application/json", **headers}
        return http.post(path, content=content, headers=headers)

    return post


@every_time
def test_what_is_no_time_with_an_offset_is_refused_and_changes_nothing(db, people, call, function, argument):
    user_id, arguments = working_call(function, db, people)
    before = all_rows(db)
    for value in [*REFUSED_TEXTS, *NO_TEXTS]:
        answer = call(user_id, function, {**arguments, argument: value}, **{"Idempotency-Key": "once"})
        assert (answer.status_code, answer.json()) == (
            400,
            {"detail": f"{argument} {REFUSAL}", "error": "invalid_input", "argument": argument},
        ), value
    assert all_rows(db) == before


# tests/call/test_times.py reads every form
@pytest.mark.representatives("create_session-*", "*-T18:00:00-09:30")
@pytest.mark.parametrize("form", FORMS)
@every_time
def test_a_time_with_an_offset_is_that_time(db, people, rpc, call, function, argument, form):
    text = f"{DAY}{form}"
    user_id, arguments = working_call(function, db, people, read(text))
    answer = call(user_id, function, {**arguments, argument: text}, **{"Idempotency-Key": "once"})
    assert answer.status_code == 200, answer.text
    # the key is of the same arguments, and times are compared by value
    before = all_rows(db)
    rpc.as_user(user_id).call(function, **{**arguments, argument: read(text)}, idempotency_key="once")
    assert all_rows(db) == before


@every_time
def test_null_and_nothing_are_the_functions_to_judge(db, people, call, function, argument):
    user_id, arguments = working_call(function, db, people)
    arguments.pop(argument, None)
    for given in (arguments, {**arguments, argument: None}):
        answer = call(user_id, function, given)
        assert "must be a time" not in answer.text


def test_a_missing_time_is_a_missing_argument(db, people, call):
    ana = people.add("Ana")
    message = "scheduled_time is required"
    answer = call(ana, "create_session", {"match_id": str(ana), "venue_name": "x", "scheduled_time": None})
    is_refused(db, answer, "missing_argument", 400, message, argument="scheduled_time")


def test_of_a_time_that_is_given_twice_the_last_counts(db, people, call):
    user_id, arguments = working_call("create_session", db, people)
    del arguments["scheduled_time"]
    others = json.dumps(arguments, default=str)[1:-1]
    good, word = json.dumps(ACCEPTED), '"tomorrow"'
    for name in ("scheduled_time", "scheduled\\u005ftime"):
        body = f'{{{others}, "scheduled_time": {good}, "{name}": {word}}}'
        is_failure(call(user_id, "create_session", body), "invalid_input", 400)
    answer = call(
        user_id, "create_session", f'{{{others}, "scheduled_time": {word}, "scheduled_time": {good}}}'
    )
    assert read(answer.json()["scheduled_time"]) == read(ACCEPTED)


def test_whoever_may_not_call_hears_that_first(http, token):
    answer = http.post("/api/create-session", json={"scheduled_time": "tomorrow"}, headers=bearer(token()))
    is_failure(answer, "not_authenticated", 401)
    is_failure(
        http.post("/api/create-session", json={"scheduled_time": "tomorrow"}), "not_authenticated", 401
    )


def test_the_service_is_refused_too(db, people, http, token):
    user_id, arguments = working_call("create_session", db, people)
    body = {**arguments, "user_id": user_id, "scheduled_time": "tomorrow"}
    service = bearer(token(role="service_role"))
    answer = http.post("/api/create-session", content=json.dumps(body, default=str), headers=service)
    is_failure(answer, "invalid_input", 400)


@pytest.mark.parametrize("seed", SEED_ENDPOINTS, ids=lambda seed: seed.function)
def test_the_designs_would_answer_as_for_a_malformed_id(seed):
    assert seed.render(no_time("moment")).status_code == seed.malformed_status


def test_the_metrics_name_the_function(people, http, call):
    call(people.add("Ana"), "create_session", {"scheduled_time": "tomorrow"})
    line = 'wingman_http_calls_total{function="create_session",outcome="invalid_input"}'
    assert line in http.get("/metrics").text


@pytest.mark.parametrize(
    ("text", "zone", "time"),
    [
        (f"{DAY} 18:00", "UTC", f"{DAY}T18:00Z"),
        (f"{DAY} 18:00", "Asia/Kolkata", f"{DAY}T18:00+05:30"),
        ("infinity", "UTC", None),
    ],
    ids=["in UTC", "elsewhere", "a word"],
)
def test_raw_rpc_reads_the_text_as_postgresql_does(db, people, http, token, text, zone, time):
    user_id, arguments = working_call("create_session", db, people)
    body = json.dumps({**arguments, "scheduled_time": text}, default=str)
    headers = {**bearer(token(user_id)), "Content-Type": "application/json", "Prefer": f"timezone={zone}"}
    answer = http.post("/rest/v1/rpc/create_session", content=body, headers=headers)
    if time:
        assert read(answer.json()["scheduled_time"]) == read(time)
    else:
        assert json.loads(answer.json()["details"])["error"] == "invalid_argument"
