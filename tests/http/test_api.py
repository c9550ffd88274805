"""The paths under /api: every function by its name."""

from datetime import UTC, datetime, timedelta

from contract_errors import ERRORS
from refusing import is_failure, is_refused
from rows import all_rows, make_pair
from serving import bearer


def test_every_function_is_there_by_its_name(db, people, http, token):
    found = db.execute(
        "select proname from pg_proc where pronamespace = 'public'::regnamespace"
        " and has_function_privilege('authenticated', oid, 'execute')"
    )
    names = [row["proname"] for row in found]
    assert len(names) >= 22
    ana = bearer(token(people.add()))
    for name in names:
        answer = http.post(f"/api/{name.replace('_', '-')}", headers=ana)
        error = answer.json().get("error") if isinstance(answer.json(), dict) else None
        # the database reports a missing required argument
        assert answer.status_code == 200 or (answer.status_code, error) == (400, "missing_argument"), name
        if "_" in name:
            is_failure(http.post(f"/api/{name}", headers=ana), "function_not_found", 404)


def test_a_story(people, http, token):
    ana, ben = people.add("Ana"), people.add("Ben")
    match = http.post(
        "/api/create-automatic-match", json={"max_radius_miles": 25}, headers=bearer(token(ana))
    )
    match_id = match.json()["match_id"]
    accept = {"match_id": match_id, "action": "accept"}
    assert http.post("/api/respond-to-match", json=accept, headers=bearer(token(ben))).status_code == 200
    listed = http.post("/api/list-matches", headers=bearer(token(ana))).json()
    assert [(row["id"], row["status"]) for row in listed] == [(match_id, "accepted")]


def test_a_list(people, http, token):
    headers = bearer(token(people.add("Ana")))
    told = {"channel": "email", "kinds": ["session_moved", "session_cancelled"]}
    answer = http.post("/api/set-notification-settings", json=told, headers=headers)
    assert (answer.status_code, answer.json()["kinds"]) == (200, told["kinds"])
    for kinds in ("session_moved", 7, ["nothing of ours"], [None]):
        wrong = {**told, "kinds": kinds}
        answer = http.post("/api/set-notification-settings", json=wrong, headers=headers)
        assert answer.status_code == 400, kinds
        assert answer.json()["error"] in ("invalid_input", "invalid_argument"), kinds


def test_what_the_layer_says_itself_is_what_the_catalogue_says(db, people, http, token):
    is_refused(db, http.post("/api/get-profile"), "not_authenticated", 401, ERRORS["not_authenticated"][1])
    message = ERRORS["missing_argument"][1].format(argument="user_id")
    answer = http.post("/api/buddy/respond", json={}, headers=bearer(token(people.add())))
    is_refused(db, answer, "missing_argument", 400, message, argument="user_id")


def test_anon_is_told_to_sign_in(db, http, token):
    answer = http.post("/api/get-profile", headers=bearer(token()))
    is_refused(db, answer, "not_authenticated", 401, ERRORS["not_authenticated"][1])
    assert answer.headers["www-authenticate"] == "Bearer"
    # a key is not an access token here
    is_failure(http.post("/api/get-profile", headers={"apikey": token()}), "not_authenticated", 401)


def test_what_is_no_call(db, people, http, token):
    ana = bearer(token(people.add()))
    before = all_rows(db)
    is_failure(http.post("/api/get-profile", json={"zz": 1}, headers=ana), "function_not_found", 404)
    for path in ("/api/nothing", "/api/GET-PROFILE", "/api/run-maintenance", "/api/pg-sleep", "/api/%00"):
        is_failure(http.post(path, json={}, headers=ana), "function_not_found", 404)
    for path in ("/api", "/api/", "/api/a/b", "/", "/buddy/respond"):
        is_failure(http.post(path, json={}, headers=ana), "not_found", 404)
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        answer = http.request(method, "/api/get-profile", headers=ana)
        is_failure(answer, "method_not_allowed", 405)
        assert answer.headers["allow"] == "POST"
    for body in ("{", "[]", "null", '{"a": NaN}', b"\xff"):
        is_failure(http.post("/api/get-profile", content=body, headers=ana), "invalid_input", 400)
    form = http.post("/api/get-profile", data={"user_id": "x"}, headers=ana)
    is_failure(form, "invalid_input", 400)
    malformed = http.post("/api/get-match", json={"match_id": "x"}, headers=ana)
    is_failure(malformed, "invalid_input", 400)
    assert malformed.json()["detail"] == 'invalid input syntax for type uuid: "x"'
    assert all_rows(db) == before


def test_a_refusal_carries_its_facts(db, people, http, token):
    pair = make_pair(db, people, "pending")
    ana = bearer(token(pair.user1))
    in_an_hour = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    body = {"match_id": str(pair.match_id), "scheduled_time": in_an_hour, "venue_name": "x"}
    message = "Match status must be 'accepted' (current: pending)"
    answer = http.post("/api/create-session", json=body, headers=ana)
    is_refused(db, answer, "match_not_accepted", 400, message, status="pending")
