"""The people on the demo page, and who can play them."""

from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
from serving import bearer, running
from starlette.applications import Starlette
from wingmanmatch.database import paths
from wingmanmatch.http.demo import PAGE, add_demo
from wingmanmatch.http.settings import UnsafeSettingsError

OPERATE = "/demo/operator/change_settings"
SOMEBODY = "/demo/people/01900000-0000-7000-8000-000000000000/token"


def test_three_sign_up_and_can_be_matched(demo_url, db):
    cast = httpx.post(f"{demo_url}/demo/people")
    assert cast.status_code == 201
    people = cast.json()["people"]
    assert len(people) == 3
    assert db.execute("select id::text from auth.users order by id").fetchall() == sorted(
        ({"id": person["id"]} for person in people), key=lambda row: row["id"]
    )
    assert db.execute("select from public.user_profiles").fetchall() == []
    headers = {"apikey": cast.json()["key"]}
    for person in people:
        path = f"{demo_url}/rest/v1/rpc/complete_profile"
        own = {**headers, **bearer(person["token"])}
        assert httpx.post(path, json=person["profile"], headers=own).status_code == 200
    token = httpx.post(f"{demo_url}/demo/people/{people[0]['id']}/token").json()["token"]
    found = httpx.post(f"{demo_url}/api/create-automatic-match", json={}, headers=bearer(token))
    assert found.json()["buddy_user_id"] in {person["id"] for person in people[1:]}


@pytest.mark.parametrize("path", ["/demo/people", SOMEBODY])
def test_the_key_is_nobodys(demo_url, path):
    """A page that is reloaded gets the same key with the token."""
    key = httpx.post(f"{demo_url}{path}").json()["key"]
    assert httpx.post(f"{demo_url}/rest/v1/rpc/get_profile", headers={"apikey": key}).status_code == 401


def test_the_operator_sets_the_rules_and_reads_them(demo_url, db):
    assert httpx.post(f"{demo_url}/demo/operator").json() == {
        "settings": {
            "acceptance": "either",
            "no_show_grace": "00:30:00",
            "cooldown_steps": ["00:00:00", "24:00:00", "72:00:00", "168:00:00"],
        },
        "queue": [],
    }
    changed = httpx.post(
        f"{demo_url}{OPERATE}", json={"changes": {"acceptance": "both"}, "reason": "To try it"}
    )
    assert (changed.status_code, changed.json()["message"]) == (200, "Settings changed.")
    assert db.execute("select acceptance from wingman.settings").fetchone() == {"acceptance": "both"}
    assert httpx.post(f"{demo_url}/demo/operator").json()["settings"]["acceptance"] == "both"
    (decision,) = db.execute("select kind, reason from wingman.operator_decisions").fetchall()
    assert decision == {"kind": "settings_changed", "reason": "To try it"}


@pytest.mark.parametrize(
    ("function", "body", "code"),
    [
        ("change_settings", '{"changes": {"acceptance": "neither"}, "reason": "No"}', "PT400"),
        ("change_settings", '{"changes": {"acceptance": "both"}, "reason": null}', "PT400"),
        ("suspend_user", '{"user_id": "x", "until": null, "reason": "No"}', "22P02"),
    ],
)
def test_the_operator_is_refused_as_by_the_database(demo_url, db, function, body, code):
    answer = httpx.post(f"{demo_url}/demo/operator/{function}", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert db.execute("select from wingman.operator_decisions").fetchall() == []


@pytest.mark.parametrize("body", ["", "[]", "{", '{"nothing": 1}', "\xff"])
def test_a_call_of_the_operator_that_makes_no_sense_is_refused(demo_url, db, body):
    assert 400 <= httpx.post(f"{demo_url}{OPERATE}", content=body).status_code < 500
    assert db.execute("select from wingman.operator_decisions").fetchall() == []


@pytest.mark.parametrize("function", ["erase_user", "find_users", "pg_sleep", "CHANGE_SETTINGS"])
def test_the_operator_of_the_page_calls_nothing_else(demo_url, function):
    assert httpx.post(f"{demo_url}/demo/operator/{function}", json={}).status_code == 404


STRANGERS = [
    *({"Host": host} for host in ("evil.example", "127.0.0.1.evil.example", "[::2]", "0.0.0.0")),
    # what is no name of a host is none of this machine
    *(
        {"Host": host}
        for host in ("localhost.", "", "[", "evil:99999", "localhost@evil", "a b", "localhost:x")
    ),
    *({"Origin": origin} for origin in ("https://evil.example", "null", "http://localhost:1", "")),
    # as a proxy tells from where it comes
    *({"X-Forwarded-For": client} for client in ("198.51.100.7", "nonsense")),
]


@pytest.mark.representatives("*evil.example*", "*null*", "*nonsense*")
@pytest.mark.parametrize("path", ["/demo/people", SOMEBODY, "/demo/operator", OPERATE])
@pytest.mark.parametrize("headers", STRANGERS, ids=str)
def test_a_page_from_elsewhere_gets_nobody(demo_url, db, headers, path):
    """Nor through a name that its owner lets point to this machine."""
    answer = httpx.post(f"{demo_url}{path}", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "permission_denied")
    assert db.execute("select from auth.users").fetchall() == []


def test_the_page_itself_gets_somebody(demo_url):
    port = urlsplit(demo_url).port
    for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", "LOCALHOST"):
        own = {"Host": host, "Origin": f"http://{host.lower()}"}
        assert httpx.post(f"{demo_url}{SOMEBODY}", headers=own).status_code == 200


def test_the_page_is_served_with_its_files(demo_url):
    page = httpx.get(demo_url)
    assert page.headers["content-type"].startswith("text/html")
    for name in ("page.css", "page.js", "shared/style.css", "shared/favicon.svg"):
        assert f'"{name}"' in page.text
    for where, folder in ((demo_url, PAGE), (f"{demo_url}/shared", paths.SHARED_PAGE)):
        for file in folder.iterdir():
            assert httpx.get(f"{where}/{file.name}").content == file.read_bytes()
    assert httpx.get(f"{demo_url}/../demo.py").status_code == 404
    assert httpx.get(f"{demo_url}/healthz").json() == {"status": "ok"}


def test_without_demo_there_is_neither_page_nor_people(http_settings, database_url):
    with running(http_settings) as url:
        assert httpx.get(url).status_code == 404
        assert httpx.post(f"{url}/demo/people").status_code == 404


def test_only_a_demo_with_a_secret_gets_the_page(http_settings):
    for settings in (http_settings, replace(http_settings, demo=True, jwt_secret=None, jwks={"keys": []})):
        with pytest.raises(UnsafeSettingsError):
            add_demo(Starlette(), settings, "")
