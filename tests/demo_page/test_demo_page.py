"""The page of ``wingman serve --demo`` in a real Chromium: the whole story clicked through."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from browsing import violations
from harness import Connection, People
from leaderboard.boards import complete
from playwright.sync_api import Browser, Locator, Page, Route, expect
from rows import ledger
from wingmanmatch.http.demo import PAGE

pytestmark = pytest.mark.browser
# on a busy machine
expect.set_options(timeout=20_000)

ONE_AND_OTHER = 2
EXPECTED = re.compile("status of (4|503)|ERR_FAILED")
"""The console messages of the browser itself about refused and blocked calls."""
CALLS = "**/rest/v1/rpc/*"
DEMO = "**/demo/**"


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Opens pages, each in a separate browser context; none may write to the console."""
    contexts = []
    complaints: list[str] = []

    def opened(url: str) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: None if EXPECTED.search(message.text) else complaints.append(message.text),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.clock.install()
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page: Callable[[str], Page], demo_url: str, db: Connection) -> Page:
    """The loaded page: three people have signed up, and the two on the page are nearest to each other."""
    page = open_page(demo_url)
    expect(page.get_by_role("button", name=re.compile("Find a wingman for"))).to_have_count(ONE_AND_OTHER)
    db.execute(
        "update public.user_locations as l"
        " set lng = f.lng, lat = f.lat + case when l.user_id = any(%(shown)s::uuid[]) then 0 else 0.2 end"
        " + case when l.user_id = (%(shown)s::uuid[])[2] then 0.05 else 0 end"
        " from public.user_locations as f where f.user_id = (%(shown)s::uuid[])[1]",
        {"shown": ids_of(page)},
    )
    return page


def people_of(page: Page) -> tuple[Locator, Locator]:
    """The two panes."""
    one, other = page.locator("section.person").all()
    return one, other


def name_of(person: Locator) -> str:
    return person.get_by_role("heading", level=2).inner_text()


def names_of(page: Page) -> list[str]:
    return [name_of(person) for person in people_of(page)]


def ids_of(page: Page) -> list[str]:
    """The ids in the address."""
    return page.evaluate("location.hash").removeprefix("#/").split("/")


def press(person: Locator, label: str) -> None:
    person.get_by_role("button", name=re.compile(label)).click()


def press_more(person: Locator, label: str) -> None:
    """Press a button of the person's menu."""
    menu = person.locator("details.menu")
    menu.locator("summary").click()
    menu.get_by_role("button", name=re.compile(label)).click()


def one_row(db: Connection, query: str) -> dict[str, object]:
    (row,) = db.execute(query).fetchall()
    return row


def everybody(db: Connection) -> list[str]:
    """The ids of all who have a profile."""
    return [
        row["id"] for row in db.execute("select id::text from public.user_profiles order by id").fetchall()
    ]


def offer(page: Page) -> tuple[Locator, Locator]:
    """Let the first person search: the two on the page get a pending match."""
    one, other = people_of(page)
    press(one, "Find a wingman")
    expect(one.get_by_role("status")).to_have_text("Wingman buddy match created successfully!")
    expect(other.get_by_role("button", name=f"Accept {name_of(one)}")).to_be_enabled()
    return one, other


def wingmen(page: Page) -> tuple[Locator, Locator]:
    """Let the two on the page be matched."""
    one, other = offer(page)
    press(other, "^Accept")
    expect(other.get_by_role("status")).to_contain_text("Match accepted!")
    return one, other


def meeting(page: Page, db: Connection) -> tuple[Locator, Locator]:
    """Let the two on the page have a meeting that has begun."""
    one, other = wingmen(page)
    press(one, "^Schedule")
    expect(other.get_by_role("button", name=re.compile("^Confirm"))).to_be_enabled()
    db.execute("update public.wingman_sessions set scheduled_time = statement_timestamp()")
    return one, other


def stop_clock(page: Page) -> None:
    """Stop the page's clock; the test moves it on."""
    page.clock.pause_at(page.evaluate("new Date(Date.now() + 1000).toISOString()"))


def steps_of(page: Page) -> tuple[list[str], str]:
    """The steps of the story that are ticked off, and the current one."""
    steps = page.locator(".story li")
    done = [
        step.inner_text().splitlines()[1]
        for step in steps.all()
        if "done" in (step.get_attribute("class") or "")
    ]
    current = page.locator(".story [aria-current=step]")
    return [text.removesuffix(" (done)") for text in done], (
        current.inner_text().splitlines()[1] if current.count() else ""
    )


# ---------------------------------------------------------------- the story


def test_the_whole_story(page: Page, db: Connection, tmp_path: Path):
    one, other = people_of(page)
    assert set(ids_of(page)) < set(everybody(db))
    assert steps_of(page) == ([], "Find a wingman")

    one, other = offer(page)
    assert steps_of(page) == (["Find a wingman"], "Decline, and get the next one")
    declined = name_of(other)

    press(one, f"Decline {declined}")
    expect(one.get_by_role("status")).to_contain_text("Here's your next potential wingman buddy!")
    buddy = name_of(other)
    assert buddy != declined
    assert steps_of(page)[1] == "The other accepts"

    press(other, f"Accept {name_of(one)}")
    expect(other.get_by_role("status")).to_contain_text("Match accepted!")
    found = db.execute("select status from public.wingman_matches order by id").fetchall()
    assert [row["status"] for row in found] == ["declined", "accepted"]
    assert steps_of(page)[1] == "Schedule a meeting"

    one.get_by_role("combobox").select_option("1 minute")
    press(one, "Schedule a meeting")
    expect(other.locator(".countdown")).to_have_text(re.compile("^Begins in .*[0-9] s, at "))
    assert steps_of(page)[1] == "Confirm too early"
    press(other, f"Confirm {name_of(one)} was there")
    refusal = other.get_by_role("status")
    expect(refusal).to_contain_text("Cannot confirm completion before scheduled time")
    expect(refusal).to_contain_text("session_not_started")
    assert one_row(db, "select status from public.wingman_sessions") == {"status": "scheduled"}
    assert steps_of(page)[1] == "Both confirm"

    # a minute passes, for the page and for the database
    page.clock.fast_forward("01:00")
    db.execute("update public.wingman_sessions set scheduled_time = scheduled_time - interval '1 minute'")
    expect(one.locator(".countdown")).to_have_text(re.compile("^It began at "))
    press(one, f"Confirm {buddy} was there")
    expect(other.get_by_text(f"{name_of(one)} confirmed you")).to_be_visible()
    press(one, f"Confirm {buddy} was there")
    expect(one.get_by_role("status")).to_contain_text("already_confirmed")
    page.screenshot(path=tmp_path / "waiting.png", full_page=True)
    press(other, f"Confirm {name_of(one)} was there")
    for person in (one, other):
        expect(person.locator(".reputation")).to_have_text("★ 1")
        expect(person.locator(".rise")).to_have_text("+1")
        expect(person.locator(".achievements li")).to_have_text(["First session"])
        expect(person.get_by_text("You met ")).to_be_visible()

    session = one_row(
        db,
        "select status, user1_completed_confirmed_by_user2 as one, venue_name from public.wingman_sessions",
    )
    assert session == {"status": "completed", "one": True, "venue_name": "Corner Café"}
    pair = one_row(db, "select user1_id, user2_id from public.wingman_matches where status = 'accepted'")
    assert {event["user_id"] for event in ledger(db)} == {UUID(str(id_)) for id_ in pair.values()}
    assert [event["delta"] for event in ledger(db)] == [1, 1]

    log = page.get_by_role("log").locator("> details")
    expect(log.first).to_contain_text(".rpc('confirm_session_completion', {")
    expect(log.first).to_contain_text('"both_confirmed": true')
    expect(log.nth(1)).to_contain_text("409 already_confirmed")
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "6")
    expect(page.locator(".story .now")).to_contain_text("The end.")
    page.screenshot(path=tmp_path / "after.png", full_page=True)


def test_a_step_is_over_once_its_time_has_passed(page: Page, db: Connection):
    one, _ = wingmen(page)
    one.get_by_role("combobox").select_option("1 minute")
    press(one, "Schedule a meeting")
    expect(page.locator(".story [aria-current]")).to_contain_text("Confirm too early")
    page.clock.fast_forward("01:00")
    expect(page.locator(".story [aria-current]")).to_contain_text("Both confirm")
    expect(page.locator(".story .done")).to_have_count(3)


def test_somebody_who_was_there_before_can_be_played(page: Page, db: Connection, people: People):
    one, other = people_of(page)
    place = db.execute(
        "select lat, lng from public.user_locations inner join public.user_profiles on id = user_id"
        " where first_name = %s",
        [name_of(one)],
    ).fetchone()
    assert place
    text = "<img src=x onerror=alert(1)>"
    neighbour = people.add(text, "intermediate", **place)
    press(one, "Find a wingman")
    expect(other.get_by_role("heading", level=2)).to_have_text(text)
    expect(other.locator(".came")).to_contain_text(f"{name_of(one)} searched, and the database found {text}.")
    press(other, "Accept")
    expect(other.get_by_role("status")).to_contain_text("Match accepted!")
    answered = one_row(db, "select status, responded_by from public.wingman_matches")
    assert answered == {"status": "accepted", "responded_by": neighbour}
    for label in ("Why <img", "What happened"):
        press_more(one, label)
        expect(one.locator(".insight")).to_contain_text(text)
    page.get_by_role("button", name="Both schedule").click()
    expect(page.locator(".race .lane.second")).to_contain_text(text)
    assert page.locator("img").count() == 0


def test_a_swap_of_persons_is_named(page: Page):
    one, other = offer(page)
    searched, declined = names_of(page)
    expect(page.locator(".came")).to_have_count(0)
    press(one, "Decline")
    expect(other.locator(".came")).to_contain_text(
        f"{searched} declined {declined}, and the same call found "
    )
    came = f"found {name_of(other)}. {name_of(other)} replaces {declined} here."
    expect(other.locator(".came")).to_contain_text(came)
    expect(page.locator("#announcement")).to_contain_text(came)
    press(other, "Accept")
    expect(other.get_by_role("status")).to_contain_text("Match accepted!")
    expect(page.locator(".came")).to_have_count(0)


# ---------------------------------------------------------------- the server is away, or slow


def test_a_search_without_success_and_a_lost_call_are_told(page: Page, db: Connection):
    one, other = people_of(page)
    db.execute(
        "update public.user_locations set lat = 10 * n.place"
        " from (select user_id, row_number() over () as place from public.user_locations) as n"
        " where user_locations.user_id = n.user_id"
    )
    press(one, "Find a wingman")
    expect(one.get_by_role("status")).to_contain_text("No compatible wingman buddies found")
    expect(one.get_by_role("status")).to_contain_text("Why no match?")
    page.route("**/rest/v1/rpc/create_automatic_match", lambda route: route.abort())
    press(other, "Find a wingman")
    expect(other.get_by_role("status")).to_contain_text("The server cannot be reached")
    expect(other.get_by_role("status")).to_contain_text("The call may have arrived or not")


def away(route: Route) -> None:
    """No connection."""
    route.abort()


def without_database(route: Route) -> None:
    """The server's answer when its database cannot be reached."""
    route.fulfill(status=503, json={"code": "PGRST001", "message": "No connection to the database"})


def broken_gateway(route: Route) -> None:
    """A proxy's answer when the server cannot be reached."""
    route.fulfill(status=503, content_type="text/html", body="<h1>503</h1>")


@pytest.mark.parametrize("how", [away, without_database, broken_gateway])
def test_what_is_known_stays_while_the_server_is_away(
    page: Page, db: Connection, how: Callable[[Route], None]
):
    one, other = wingmen(page)
    before = [
        person.locator(part).inner_text() for person in (one, other) for part in (".reputation", ".large")
    ]
    address = page.url
    banner = page.locator("#connection")
    expect(banner).to_be_empty()
    for calls in (CALLS, DEMO):
        page.route(calls, how)

    press(one, "^Schedule")
    expect(one.get_by_role("status")).to_contain_text("The server cannot be reached")
    expect(banner).to_contain_text("The server cannot be reached")
    expect(banner).to_contain_text("What you see may be out of date")
    page.get_by_role("button", name="New people").click()
    expect(page.get_by_role("button", name="New people")).to_be_focused()
    # it tries again, in vain
    page.clock.fast_forward(1500)
    expect(banner).to_contain_text(re.compile("Next in ([2-9]|1[0-9]) s"))
    after = [
        person.locator(part).inner_text() for person in (one, other) for part in (".reputation", ".large")
    ]
    assert after == before
    assert page.url == address

    for calls in (CALLS, DEMO):
        page.unroute(calls)
    db.execute("update public.user_profiles set first_name = 'Renamed'")
    page.clock.fast_forward("00:20")
    expect(banner).to_contain_text("The server is back")
    expect(one.get_by_role("heading", level=2)).to_have_text("Renamed")
    page.clock.fast_forward("00:10")
    expect(banner).to_be_empty()
    assert violations(page) == []


def test_it_tries_again_ever_more_seldom_and_when_asked(page: Page):
    tries: list[str] = []

    def refuse(route: Route) -> None:
        if route.request.url.endswith("/get_profile"):
            tries.append(route.request.url)
        route.abort()

    page.route(CALLS, refuse)
    one, _ = people_of(page)
    stop_clock(page)
    press(one, "Find a wingman")
    banner = page.locator("#connection")
    for seconds in (1, 2, 4, 8, 15, 15):
        expect(banner).to_contain_text(f"Next in {seconds} s.")
        made = len(tries)
        page.clock.run_for(1000 * seconds - 300)
        page.wait_for_timeout(50)
        assert len(tries) == made
        page.clock.run_for(600)
    expect(banner).to_contain_text("Next in 15 s.")
    page.unroute(CALLS)
    banner.get_by_role("button", name="Try now").click()
    expect(banner).to_contain_text("The server is back")


def test_the_first_load_waits_for_the_server(open_page: Callable[[str], Page], demo_url: str, db: Connection):
    page = open_page("about:blank")
    page.route(DEMO, away)
    page.goto(demo_url)
    expect(page.locator("#connection")).to_contain_text("Nothing has been loaded yet")
    assert violations(page) == []
    page.unroute(DEMO)
    page.clock.fast_forward("00:20")
    expect(page.get_by_role("button", name=re.compile("Find a wingman for"))).to_have_count(ONE_AND_OTHER)
    assert set(ids_of(page)) < set(everybody(db))


def test_new_people_come_whole_or_not_at_all(page: Page):
    before, address = names_of(page), page.url
    page.route("**/rest/v1/rpc/complete_profile", away)
    page.get_by_role("button", name="New people").click()
    expect(page.locator("#connection")).to_contain_text("The server cannot be reached")
    assert (names_of(page), page.url) == (before, address)
    page.unroute("**/rest/v1/rpc/complete_profile")
    page.get_by_role("button", name="New people").click()
    expect(page.locator("#connection")).to_contain_text("The server is back")
    assert page.url != address


def test_people_of_an_address_wait_for_the_server(open_page: Callable[[str], Page], page: Page):
    offer(page)
    elsewhere = open_page("about:blank")
    elsewhere.route(CALLS, away)
    elsewhere.goto(page.url)
    expect(elsewhere.locator("#connection")).to_contain_text("Nothing has been loaded yet")
    for person in people_of(elsewhere):
        expect(person).to_have_text("One moment…")
    elsewhere.unroute(CALLS)
    elsewhere.clock.fast_forward("00:20")
    expect(elsewhere.get_by_role("button", name=re.compile("^Accept"))).to_have_count(ONE_AND_OTHER)
    assert names_of(elsewhere) == names_of(page)
    assert elsewhere.url == page.url


def test_a_slow_call_shows_that_it_is_under_way(page: Page, db: Connection):
    held: list[Route] = []
    page.route("**/rest/v1/rpc/create_automatic_match", lambda route: held.append(route))
    one, _ = people_of(page)
    waiting = page.locator("#waiting")
    stop_clock(page)
    press(one, "Find a wingman")
    expect(one.get_by_role("button", name="Find a wingman")).to_be_disabled()
    page.clock.run_for(500)
    expect(waiting).to_be_empty()
    page.clock.run_for(200)
    expect(waiting).to_have_text(f"create_automatic_match for {name_of(one)}: still waiting for the answer…")
    page.clock.resume()
    assert violations(page) == []
    for route in held:
        route.continue_()
    expect(one.get_by_role("button", name="Accept")).to_be_enabled()
    expect(waiting).to_be_empty()
    assert one_row(db, "select status from public.wingman_matches") == {"status": "pending"}


# ---------------------------------------------------------------- who is played stands in the address


def test_a_reload_and_another_device_keep_the_people(
    open_page: Callable[[str], Page], page: Page, db: Connection
):
    one, _ = offer(page)
    press(one, "Decline")
    expect(one.get_by_role("status")).to_contain_text("Here's your next")
    names = names_of(page)
    there = everybody(db)
    page.reload()
    expect(one.get_by_role("button", name="Accept")).to_be_enabled()
    assert names_of(page) == names
    assert steps_of(page) == (["Find a wingman", "Decline, and get the next one"], "The other accepts")

    elsewhere = open_page(page.url)
    _, other = people_of(elsewhere)
    press(other, "Accept")
    expect(other.get_by_role("status")).to_contain_text("Match accepted!")
    assert names_of(elsewhere) == names
    # no new people
    assert everybody(db) == there
    # the first device sees it once somebody looks at it again
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(one.get_by_role("button", name="Schedule")).to_be_enabled()


def test_back_and_forward_go_through_the_people(page: Page):
    one, other = offer(page)
    before = names_of(page)
    press(one, "Decline")
    expect(other.locator(".came")).to_be_visible()
    after = names_of(page)
    page.go_back()
    expect(other.get_by_role("heading", level=2)).to_have_text(before[1])
    # the match is with somebody else, who can be fetched
    expect(one.locator(".beside")).to_contain_text(f"{after[1]} is not on this page.")
    page.go_forward()
    expect(other.get_by_role("heading", level=2)).to_have_text(after[1])
    page.go_back()
    press(one, f"Play {after[1]}")
    expect(other.locator(".came")).to_have_text(
        f"{after[1]} is matched with {after[0]}. {after[1]} replaces {before[1]} here."
    )
    page.get_by_role("button", name="New people").click()
    expect(page.get_by_role("button", name=re.compile("Find a wingman for"))).to_have_count(ONE_AND_OTHER)
    assert steps_of(page) == ([], "Find a wingman")
    page.go_back()
    expect(other.get_by_role("button", name=f"Accept {after[0]}")).to_be_enabled()
    assert names_of(page) == after


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ("01900000-0000-7000-8000-000000000000", "No user with a profile has this id."),
        ("nonsense", "This part of the address is not a user id."),
        ("%E0%A4%A", "This part of the address is not a user id."),
        ("<b>bold</b>", "This part of the address is not a user id."),
        ("", "The address has no user id for this place."),
        ("the first", "The address names the same person twice."),
    ],
)
def test_an_address_of_nobody_is_told(page: Page, db: Connection, second: str, told: str):
    one, other = people_of(page)
    first = ids_of(page)[0]
    name = name_of(one)
    address = f"#/{first}/{first if second == 'the first' else second}"
    page.evaluate("address => { location.hash = address }", address)
    expect(other.get_by_role("heading", name="Nobody here")).to_be_visible()
    expect(other).to_contain_text(told)
    assert name_of(one) == name
    assert violations(page) == []
    press(other, "Play new people")
    expect(page.get_by_role("button", name=re.compile("Find a wingman for"))).to_have_count(ONE_AND_OTHER)
    assert set(ids_of(page)) <= set(everybody(db)) - {first}


def test_people_who_are_gone_are_told(page: Page, db: Connection):
    """As after a restart of the server, with a new database."""
    one, other = people_of(page)
    db.execute("delete from auth.users")
    press(one, "Find a wingman")
    for person in (one, other):
        expect(person).to_contain_text("No user with a profile has this id.")
    expect(page.locator(".race")).to_be_hidden()


def test_a_token_of_before_is_renewed(page: Page, db: Connection):
    stale: list[Route] = []

    def once(route: Route) -> None:
        stale.append(route)
        route.fulfill(status=401, json={"code": "PGRST301", "message": "Authentication required"})

    page.route("**/rest/v1/rpc/create_automatic_match", once, times=1)
    offer(page)
    assert len(stale) == 1


# ---------------------------------------------------------------- both at the same moment


def race(page: Page, label: str) -> list[str]:
    """Let both press at once; returns the result that the page shows."""
    page.get_by_role("button", name=label, exact=True).click()
    result = page.locator(".race .result")
    expect(result).to_be_focused()
    expect(result.locator(".lane")).to_have_count(ONE_AND_OTHER)
    for lane in result.locator(".lane").all():
        expect(lane.locator(".times")).to_have_text(
            re.compile(r"^sent at [0-9.]+ ms, answered at [0-9.]+ ms$")
        )
    return result.locator(".facts li").all_inner_texts()


def test_both_requests_leave_before_an_answer_comes(page: Page):
    offer(page)
    held: list[Route] = []
    page.route("**/rest/v1/rpc/respond_to_match", lambda route: held.append(route))
    page.get_by_role("button", name="Both accept").click()
    page.wait_for_function("document.querySelector('.race').ariaBusy === 'true'")
    for _ in range(100):
        if len(held) == ONE_AND_OTHER:
            break
        page.wait_for_timeout(20)
    # neither has been answered
    assert len(held) == ONE_AND_OTHER
    for route in held:
        route.continue_()
    expect(page.locator(".race .result")).to_be_focused()


def test_both_search(page: Page, db: Connection):
    facts = race(page, "Both search")
    pending = db.execute(
        "select user1_id, user2_id from public.wingman_matches where status = 'pending'"
    ).fetchall()
    shown = set(ids_of(page))
    together = [row for row in pending if {str(row["user1_id"]), str(row["user2_id"])} == shown]
    assert bool(together) == any("There is one match" in fact for fact in facts)
    people_with_one = [str(id_) for row in pending for id_ in row.values()]
    assert len(people_with_one) == len(set(people_with_one))


def test_both_accept(page: Page, db: Connection):
    offer(page)
    (fact,) = race(page, "Both accept")
    row = one_row(
        db,
        "select status, p.first_name from public.wingman_matches as m"
        " inner join public.user_profiles as p on p.id = m.responded_by",
    )
    assert row["status"] == "accepted"
    assert (
        fact
        == f"One answer decided: the match is accepted, by {row['first_name']}. Both people read the same."
    )
    assert steps_of(page)[1] == "Schedule a meeting"


@pytest.mark.parametrize("who_accepts", [0, 1])
def test_one_accepts_while_the_other_declines(page: Page, db: Connection, who_accepts: int):
    offer(page)
    names = names_of(page)
    does = ["declines", "declines"]
    does[who_accepts] = "accepts"
    facts = race(page, f"{names[0]} {does[0]}, {names[1]} {does[1]}")
    first = db.execute(
        "select status, p.first_name from public.wingman_matches as m"
        " inner join public.user_profiles as p on p.id = m.responded_by order by m.id"
    ).fetchall()
    (row,) = first
    assert row["first_name"] == names[who_accepts if row["status"] == "accepted" else 1 - who_accepts]
    assert (
        facts[0] == f"One answer decided: the match is {row['status']}, by {row['first_name']}. "
        "Both people read the same."
    )
    loser = page.locator(".lane.first, .lane.second").nth(names.index(str(row["first_name"])) ^ 1)
    expect(loser).to_contain_text("match_already_resolved")
    next_ones = one_row(db, "select count(*) from public.wingman_matches where status = 'pending'")["count"]
    assert next_ones == len(facts) - 1


def test_both_schedule(page: Page, db: Connection):
    wingmen(page)
    facts = race(page, "Both schedule")
    row = one_row(db, "select venue_name from public.wingman_sessions")
    assert facts[0] == "Active meetings of this match: 1"
    assert str(row["venue_name"]) in facts[1]
    expect(page.locator(".lane", has_text="active_session_exists")).to_have_count(1)


def test_both_confirm(page: Page, db: Connection):
    one, other = meeting(page, db)
    facts = race(page, "Both confirm")
    assert one_row(db, "select status from public.wingman_sessions") == {"status": "completed"}
    assert [event["delta"] for event in ledger(db)] == [1, 1]
    assert facts[0].startswith("The session is completed: ")
    assert facts[1:] == [f"{name}'s reputation: ★ 0 before, ★ 1 now." for name in names_of(page)]
    for person in (one, other):
        expect(person.locator(".reputation")).to_have_text("★ 1")
    assert steps_of(page)[1] == ""
    expect(page.get_by_role("button", name="Both search")).to_be_enabled()


def test_one_confirms_while_the_other_cancels(page: Page, db: Connection):
    meeting(page, db)
    one, other = names_of(page)
    facts = race(page, f"{one} confirms, {other} cancels")
    assert one_row(db, "select status from public.wingman_sessions") == {"status": "cancelled"}
    assert ledger(db) == []
    assert facts[0].startswith("The session is cancelled: ")
    assert facts[1:] == [f"{name}'s reputation: ★ 0 before, ★ 0 now." for name in (one, other)]


# ---------------------------------------------------------------- fair play


BOTH = "Both must accept a match"
AT_ONCE = "A no-show can be reported at once"


def operator_of(page: Page) -> Locator:
    """The operator's part of the page."""
    return page.locator("section.operator")


def tick(page: Page, rule: str) -> None:
    """Let the operator change a rule."""
    box = operator_of(page).get_by_role("checkbox", name=re.compile(rule))
    box.click()
    expect(operator_of(page).get_by_role("status")).to_have_text("Settings changed.")
    expect(box).to_be_enabled()


def unfold(person: Locator, summary: str) -> Locator:
    """Open a part of a pane that is folded, and return it."""
    part = person.locator("details.more", has=person.page.locator("summary", has_text=summary))
    part.locator("summary").click()
    return part


def missed(page: Page, db: Connection) -> tuple[Locator, Locator]:
    """Let the first of the two report that the second did not come to a meeting to which both agreed."""
    tick(page, AT_ONCE)
    one, other = meeting(page, db)
    db.execute(
        "update public.wingman_sessions set agreed_at = proposed_at, agreed_by = case proposed_by"
        " when user1_id then user2_id else user1_id end"
    )
    unfold(one, "did not come")
    one.get_by_label("For operators only").fill("I waited at the door")
    press(one, "Report a no-show")
    expect(one.get_by_role("status")).to_contain_text("Reported. Your buddy can answer.")
    return one, other


def test_the_story_of_fair_play(page: Page, db: Connection, tmp_path: Path):
    one, other = people_of(page)
    names = names_of(page)
    press(page.locator(".story"), "Fair play")
    assert steps_of(page) == ([], "Both must accept")
    tick(page, BOTH)
    tick(page, AT_ONCE)
    assert steps_of(page)[1] == "The first accepts, and waits"

    offer(page)
    press(one, f"Accept {names[1]}")
    expect(one.get_by_role("status")).to_have_text("Accepted. Waiting for your buddy's answer.")
    expect(one.get_by_text(f"You accepted: waiting for {names[1]}")).to_be_visible()
    expect(one.get_by_role("button", name="Accept")).to_have_count(0)
    expect(one.get_by_role("button", name="Decline")).to_be_enabled()
    expect(other.get_by_text(f"✓ {names[0]} accepted")).to_be_visible()
    assert steps_of(page)[1] == "The second accepts"
    assert one_row(db, "select status, first_accepted_by::text as by from public.wingman_matches") == {
        "status": "pending",
        "by": ids_of(page)[0],
    }
    page.screenshot(path=tmp_path / "first.png", full_page=True)
    press(other, f"Accept {names[0]}")
    expect(other.get_by_role("status")).to_contain_text("Match accepted!")
    assert steps_of(page)[1] == "They agree on a time"

    one.get_by_role("combobox").select_option("1 minute")
    press(one, "^Schedule")
    expect(one.get_by_text(f"{names[1]} has not agreed to this")).to_be_visible()
    part = unfold(other, "Another time or place")
    part.get_by_label("Where").fill("River Bar")
    part.get_by_role("combobox").select_option("1 hour")
    press(other, "^Move")
    expect(other.get_by_role("status")).to_contain_text("your buddy has to agree anew")
    page.screenshot(path=tmp_path / "moved.png", full_page=True)
    press(one, f"Agree to what {names[1]} proposed")
    expect(one.get_by_role("status")).to_have_text("You both agreed to the meeting.")
    for person in (one, other):
        expect(person.get_by_text("You both agreed to this")).to_be_visible()
        expect(person.get_by_role("button", name="Agree")).to_have_count(0)
    session = one_row(
        db,
        "select venue_name, created_by::text, proposed_by::text, agreed_by::text,"
        " agreed_at > proposed_at as anew from public.wingman_sessions",
    )
    one_id, other_id = ids_of(page)
    assert session == {
        "venue_name": "River Bar",
        "created_by": one_id,
        "proposed_by": other_id,
        "agreed_by": one_id,
        "anew": True,
    }
    assert steps_of(page)[1] == "A no-show, contested"

    unfold(one, f"{names[1]} did not come?")
    press(one, f"Report a no-show of {names[1]}")
    expect(one.get_by_role("status")).to_contain_text("no_show_too_early")
    db.execute("update public.wingman_sessions set scheduled_time = statement_timestamp()")
    unfold(one, f"{names[1]} did not come?")
    one.get_by_label("For operators only").fill("I waited at the door")
    press(one, f"Report a no-show of {names[1]}")
    expect(one.get_by_text(f"You reported that {names[1]} did not come: open.")).to_be_visible()
    expect(other.get_by_text(f"{names[0]} reports that you did not come: open.")).to_be_visible()
    operator = operator_of(page)
    expect(operator).to_contain_text("I waited at the door")
    press(operator, f"Uphold: {names[1]} did not come")
    expect(operator.get_by_role("status")).to_contain_text("no_show_answer_pending")

    other.get_by_label("What you say to it").fill("I was at another door")
    press(other, f"Contest what {names[0]} reports")
    expect(other.get_by_text("did not come: contested.")).to_be_visible()
    expect(one.get_by_text(f"{names[1]} contests it.")).to_be_visible()
    # neither reads what the other one wrote for operators
    expect(one).not_to_contain_text("another door")
    expect(other).not_to_contain_text("I waited")
    expect(operator).to_contain_text("I was at another door")
    assert steps_of(page)[1] == "The operator decides"
    page.screenshot(path=tmp_path / "contested.png", full_page=True)

    press(operator, f"Uphold: {names[1]} did not come")
    expect(operator.get_by_role("status")).to_contain_text("No-show upheld")
    expect(operator).to_contain_text("No report of a no-show waits for a decision.")
    expect(one.locator(".reputation")).to_have_text("★ 0")
    expect(other.locator(".reputation")).to_have_text("★ -1")
    expect(other.locator(".notice")).to_contain_text("On a cooldown after a no-show: no searches before ")
    expect(page.locator(".story .now")).to_contain_text("The end.")
    assert one_row(db, "select status from public.wingman_sessions") == {"status": "no_show"}
    assert one_row(db, "select status, accused_id::text from wingman.no_show_reports") == {
        "status": "upheld",
        "accused_id": other_id,
    }
    log = page.get_by_role("log").locator("> details")
    expect(log.first).to_contain_text("select * from wingman_admin.decide_no_show(")
    page.screenshot(path=tmp_path / "decided.png", full_page=True)

    press_more(other, "End the match")
    expect(other.get_by_role("status")).to_have_text("The match has ended.")
    press(other, "Find a wingman")
    expect(other.get_by_role("status")).to_contain_text("matching_cooldown")
    page.clock.fast_forward("02:00")
    expect(other.locator(".notice")).to_have_text("The cooldown after a no-show is over.")


def test_two_windows_show_the_same_two_who_must_both_accept(
    open_page: Callable[[str], Page], page: Page, db: Connection
):
    tick(page, BOTH)
    one, _ = offer(page)
    press(one, "Accept")
    expect(one.get_by_role("status")).to_contain_text("Waiting for your buddy's answer.")

    elsewhere = open_page(page.url)
    expect(operator_of(elsewhere).get_by_role("checkbox", name=BOTH)).to_be_checked()
    first, second = people_of(elsewhere)
    expect(first.get_by_text("You accepted: waiting for")).to_be_visible()
    press(second, "Accept")
    expect(second.get_by_role("status")).to_contain_text("Match accepted!")
    # the first window still offers to decline: the database refuses, and the window shows how it stands
    press(one, "Decline")
    expect(one.get_by_role("status")).to_contain_text("match_already_resolved")
    expect(one.get_by_role("button", name="Schedule")).to_be_enabled()

    one.get_by_role("combobox").select_option("1 hour")
    press(one, "^Schedule")
    expect(one.get_by_role("button", name=re.compile("^Move"))).to_have_count(0)
    elsewhere.evaluate("window.dispatchEvent(new Event('focus'))")
    agree = second.get_by_role("button", name="Agree")
    expect(agree).to_be_enabled()
    part = unfold(one, "Another time or place")
    part.get_by_role("combobox").select_option("1 minute")
    press(one, "^Move")
    expect(one.get_by_role("status")).to_contain_text("your buddy has to agree anew")
    # what the second window shows is not what holds
    agree.click()
    expect(second.get_by_role("status")).to_contain_text("proposal_changed")
    agree.click()
    expect(second.get_by_role("status")).to_have_text("You both agreed to the meeting.")
    agreed = one_row(
        db, "select agreed_by::text, agreed_at > proposed_at as anew from public.wingman_sessions"
    )
    assert agreed == {"agreed_by": ids_of(page)[1], "anew": True}


def test_the_other_window_shows_what_happens_without_a_reload(
    open_page: Callable[[str], Page], page: Page, db: Connection
):
    """Nothing is done in the second window, not even a look at it."""
    elsewhere = open_page(page.url)
    first, second = people_of(elsewhere)
    expect(second.get_by_role("button", name="Find a wingman")).to_be_enabled()
    one, other = people_of(page)
    press(one, "Find a wingman")
    expect(one.get_by_role("button", name="Accept")).to_be_enabled()
    db.execute("select wingman.run_readers()")
    name, buddy = names_of(page)
    expect(second.locator(".inbox li")).to_have_text(f"You have a new match: {name}. Accept or decline.")
    expect(second.get_by_role("button", name="Accept")).to_be_enabled()
    expect(first.get_by_role("button", name="Accept")).to_be_enabled()

    press(other, "Accept")
    expect(other.get_by_role("status")).to_contain_text("Match accepted!")
    db.execute("select wingman.run_readers()")
    expect(first.locator(".inbox li")).to_have_text(
        f"{buddy} accepted your match. You can now arrange a session."
    )
    expect(first.get_by_role("button", name="Schedule")).to_be_enabled()
    press(second, "Read")
    expect(second.get_by_role("status")).to_have_text("Read.")
    expect(second.locator(".inbox")).to_have_count(0)
    unread = one_row(
        db,
        "select array_agg(user_id::text) as of from public.wingman_notifications where read_at is null",
    )
    assert unread == {"of": ids_of(page)[:1]}


def test_a_stream_that_breaks_off_goes_on_where_it_was(page: Page, db: Connection):
    """The first stream of each person ends after one message; the next one asks for what came after it."""
    asked: dict[str, list[str | None]] = {}
    before = "00000000-0000-7000-8000-000000000000"

    def broken_once(route: Route) -> None:
        headers = route.request.headers
        after = asked.setdefault(headers["authorization"], [])
        after.append(headers.get("last-event-id"))
        if len(after) == 1:
            body = f"id: {before}\nevent: ready\ndata: {{}}\n\n"
            route.fulfill(status=200, content_type="text/event-stream", body=body)
        else:
            route.continue_()

    one, other = people_of(page)
    press(one, "Find a wingman")
    expect(one.get_by_role("button", name="Accept")).to_be_enabled()
    db.execute("select wingman.run_readers()")
    page.route("**/api/notifications/stream", broken_once)
    page.reload()
    name = name_of(one)
    expect(page.locator("#announcement")).to_contain_text(f"is told: You have a new match: {name}.")
    expect(other.locator(".inbox li")).to_contain_text("You have a new match")
    assert [after[:2] for after in asked.values()] == [[None, before]] * 2


@pytest.mark.parametrize(
    ("how", "told", "status", "no_shows"),
    [
        ("Admit", "You admitted it.", "admitted", 1),
        ("Withdraw", "took it back.", "withdrawn", 0),
    ],
)
def test_a_report_ends_without_the_operator(
    page: Page, db: Connection, how: str, told: str, status: str, no_shows: int
):
    one, other = missed(page, db)
    press(other if how == "Admit" else one, how)
    expect(other.locator(".case")).to_contain_text(told)
    expect(operator_of(page)).to_contain_text("No report of a no-show waits for a decision.")
    assert one_row(db, "select status from wingman.no_show_reports") == {"status": status}
    assert one_row(db, "select sum(no_shows)::int as no_shows from public.user_profiles") == {
        "no_shows": no_shows
    }


def test_each_reports_the_other_and_the_operator_upholds_both(page: Page, db: Connection):
    one, other = missed(page, db)
    unfold(other, "did not come")
    press(other, "Report a no-show")
    for person in (one, other):
        expect(person.locator(".case")).to_have_count(2)
        expect(person.get_by_text("contested.")).to_have_count(2)
    press(operator_of(page), "Uphold: .* and .* did not come")
    for person in (one, other):
        expect(person.locator(".reputation")).to_have_text("★ -1")
        expect(person.locator(".notice")).to_contain_text("On a cooldown")
    reports = db.execute("select status from wingman.no_show_reports").fetchall()
    assert [row["status"] for row in reports] == ["upheld", "upheld"]


def test_the_operator_dismisses_a_report(page: Page, db: Connection):
    one, other = missed(page, db)
    press(other, "Contest")
    expect(other.get_by_role("status")).to_have_text("Your answer is noted.")
    press(operator_of(page), "Dismiss")
    expect(operator_of(page).get_by_role("status")).to_have_text("Report dismissed: no reputation changes.")
    expect(one.locator(".case")).to_contain_text("The operators dismissed it.")
    assert one_row(db, "select status from public.wingman_sessions") == {"status": "scheduled"}
    assert ledger(db) == []
    press(one, "^Confirm")
    expect(one.get_by_role("status")).to_contain_text("Waiting for your buddy to confirm.")


def test_cancelling_after_the_time_leaves_the_right_to_report(page: Page, db: Connection):
    tick(page, AT_ONCE)
    one, other = meeting(page, db)
    press(other, "Agree")
    expect(other.get_by_role("status")).to_contain_text("session_time_passed")
    press(one, "^Cancel")
    expect(one.get_by_role("status")).to_have_text("The meeting is cancelled.")
    unfold(other, "did not come?")
    press(other, "Report a no-show")
    expect(one.locator(".case")).to_contain_text("reports that you did not come: open.")
    press(one, "Admit")
    expect(one.locator(".case")).to_contain_text("You admitted it.")
    assert one_row(db, "select status from public.wingman_sessions") == {"status": "no_show"}


def test_the_operator_suspends_somebody_and_lifts_it(page: Page, db: Connection):
    one, _ = people_of(page)
    name = name_of(one)
    press(operator_of(page), f"Suspend {name} for a day")
    expect(operator_of(page).get_by_role("status")).to_contain_text("User suspended")
    expect(one.locator(".badge", has_text="suspended")).to_be_visible()
    expect(one.locator(".notice")).to_contain_text("Suspended until ")
    suspended = "select user_id::text from wingman.suspensions"
    assert one_row(db, suspended) == {"user_id": ids_of(page)[0]}
    press(one, "Find a wingman")
    expect(one.get_by_role("status")).to_contain_text("account_suspended")
    press(operator_of(page), f"Lift the suspension of {name}")
    expect(one.locator(".notice")).to_have_count(0)
    assert db.execute(suspended).fetchall() == []


def test_both_accept_at_once_where_both_must(page: Page, db: Connection):
    tick(page, BOTH)
    offer(page)
    (fact,) = race(page, "Both accept")
    row = one_row(
        db,
        "select status, p.first_name from public.wingman_matches as m"
        " inner join public.user_profiles as p on p.id = m.responded_by",
    )
    assert row["status"] == "accepted"
    assert fact == f"It took both: the match is accepted, by {row['first_name']}. Both people read the same."
    expect(page.locator(".lane", has_text="Waiting for your buddy's answer.")).to_have_count(1)


# ---------------------------------------------------------------- the menu of a person


def test_pause_and_resume(page: Page, db: Connection):
    one, _ = people_of(page)
    press_more(one, "Pause matching")
    expect(one.locator(".badge", has_text="paused")).to_be_visible()
    paused = "select count(*) from wingman.matchmaking_pool where paused"
    assert one_row(db, paused) == {"count": 1}
    press(one, "Find a wingman")
    expect(one.get_by_role("status")).to_contain_text("matching_paused")
    press_more(one, "Resume matching")
    expect(one.locator(".badge", has_text="paused")).to_have_count(0)
    assert one_row(db, paused) == {"count": 0}


def test_block_and_unblock(page: Page, db: Connection):
    one, other = offer(page)
    blocker, blocked = ids_of(page)
    press_more(one, f"Block {name_of(other)}")
    expect(one.get_by_text("No wingman yet.")).to_be_visible()
    assert one_row(db, "select blocker_id::text, blocked_id::text from public.user_blocks") == {
        "blocker_id": blocker,
        "blocked_id": blocked,
    }
    expect(other.get_by_text("No wingman yet.")).to_be_visible()
    press_more(one, f"Unblock {name_of(other)}")
    expect(one.get_by_role("status")).to_have_text("User unblocked.")
    assert db.execute("select from public.user_blocks").fetchall() == []


def test_report(page: Page, db: Connection):
    one, other = people_of(page)
    reporter, subject = ids_of(page)
    one.locator("details.menu summary").click()
    one.get_by_label(f"What {name_of(other)} did").fill("Sang too loud")
    press(one, f"Report {name_of(other)}")
    expect(one.get_by_role("status")).to_contain_text("Report received.")
    assert one_row(db, "select reporter_id::text, subject_id::text, reason from wingman.user_reports") == {
        "reporter_id": reporter,
        "subject_id": subject,
        "reason": "Sang too loud",
    }


def test_why_nobody_is_found(page: Page, db: Connection, people: People):
    one, _ = people_of(page)
    place = db.execute(
        "select lat, lng from public.user_locations where user_id = %s", [ids_of(page)[0]]
    ).fetchone()
    assert place
    people.add("Far", "intermediate", max_travel_miles=1, lat=place["lat"] + 0.3, lng=place["lng"])
    press_more(one, "Why no match")
    insight = one.locator(".insight")
    expect(insight).to_contain_text("About 3 people within 50 miles.")
    expect(insight.locator(".bars")).to_contain_text("too far away for them")
    expect(insight).to_contain_text("Search now: somebody within this radius fits")
    insight.get_by_role("button", name="Close").click()
    expect(insight).to_have_count(0)
    expect(one.get_by_role("status")).to_be_focused()


def test_the_leaderboard(page: Page, db: Connection):
    one, _ = wingmen(page)
    complete(db, *map(UUID, ids_of(page)))
    press_more(one, "The leaderboard")
    expect(one.locator(".insight")).to_contain_text(f"{name_of(one)} is not on it. Buddies met: 1")
    press_more(one, "Join the leaderboard")
    expect(one.get_by_role("status")).to_have_text("You are on the leaderboard, with your first name.")
    press_more(one, "The leaderboard")
    expect(one.locator(".insight")).to_contain_text(f"{name_of(one)} is number 1 of 1.")
    expect(one.locator(".insight .events li")).to_have_text([f"1. {name_of(one)}: 1"])
    press_more(one, "Leave the leaderboard")
    expect(one.get_by_role("status")).to_have_text("You are not on the leaderboard.")
    rows = db.execute("select visibility from wingman.leaderboard_members").fetchall()
    assert rows == [{"visibility": "off"}]


def test_why_somebody_is_found_what_happened_and_the_end(page: Page, db: Connection):
    one, other = wingmen(page)
    press_more(one, f"Why {name_of(other)}")
    insight = one.locator(".insight")
    expect(insight).to_contain_text(f"{name_of(one)} searched. Nobody nearer met all rules")
    expect(insight.locator(".checks li").first).to_have_text(re.compile("^✓ "))
    assert insight.locator(".checks li").count() > 3
    press_more(one, "What happened")
    expect(insight.locator(".events li")).to_have_text(
        [
            re.compile(f"match offered, by {name_of(one)}$"),
            re.compile(f"match accepted, by {name_of(other)}$"),
        ]
    )
    expect(page.locator(".story .now")).to_contain_text("Press “Schedule”")
    press_more(one, "End the match")
    expect(one.get_by_role("status")).to_have_text("The match has ended.")
    # the story goes on where things stand
    expect(page.locator(".story .now")).to_contain_text("Press “Find a wingman”")
    ended = one_row(db, "select ended_by::text, ended_at is not null as over from public.wingman_matches")
    assert ended == {"ended_by": ids_of(page)[0], "over": True}


# ---------------------------------------------------------------- for everybody


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, db: Connection, scheme: str):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    def flawless(state: str) -> None:
        assert (state, violations(page)) == (state, [])

    flawless("new people")
    one, other = offer(page)
    flawless("an offer")
    press(one, "Decline")
    expect(other.locator(".came")).to_be_visible()
    press_more(one, "Why no match")
    expect(one.locator(".insight")).to_be_visible()
    flawless("why no match, and an open menu")
    race(page, "Both accept")
    flawless("both have accepted")
    press_more(other, f"Why {name_of(one)}")
    expect(other.locator(".insight")).to_be_visible()
    flawless("why this match")
    press(one, "^Schedule")
    press(other, "^Confirm")
    expect(other.get_by_role("status")).to_contain_text("session_not_started")
    page.locator(".call .reads summary").first.click()
    flawless("refused")
    db.execute("update public.wingman_sessions set scheduled_time = statement_timestamp()")
    race(page, "Both confirm")
    flawless("they have met")
    page.route(CALLS, away)
    press(one, "Find another wingman")
    expect(page.locator("#connection")).to_contain_text("cannot be reached")
    flawless("the server is away")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_in_fair_play_and_it_fits(
    page: Page, db: Connection, tmp_path: Path, scheme: str, width: int
):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})

    def flawless(state: str) -> None:
        assert (state, violations(page)) == (state, [])
        assert page.evaluate("document.documentElement.scrollWidth") == page.evaluate("innerWidth")
        page.screenshot(path=tmp_path / f"{state}.png", full_page=True)

    tick(page, BOTH)
    one, other = offer(page)
    press(one, "Accept")
    expect(one.get_by_role("status")).to_contain_text("Waiting for your buddy's answer.")
    flawless("one has accepted")
    press(other, "Accept")
    expect(other.get_by_role("status")).to_contain_text("Match accepted!")
    tick(page, AT_ONCE)
    one.get_by_role("combobox").select_option("1 hour")
    press(one, "^Schedule")
    expect(other.get_by_role("button", name="Agree")).to_be_enabled()
    unfold(one, "Another time or place")
    unfold(other, "did not come?")
    flawless("a proposal, with open forms")
    press(other, "Agree")
    expect(other.get_by_role("status")).to_have_text("You both agreed to the meeting.")
    db.execute("update public.wingman_sessions set scheduled_time = statement_timestamp()")
    unfold(one, "did not come?")
    press(one, "Report a no-show")
    expect(other.get_by_role("button", name="Contest")).to_be_enabled()
    flawless("a report")
    press(other, "Contest")
    expect(other.get_by_role("status")).to_have_text("Your answer is noted.")
    flawless("a contested report")
    press(operator_of(page), "Uphold")
    expect(other.locator(".notice")).to_be_visible()
    press(operator_of(page), f"Suspend {name_of(one)} for a day")
    expect(one.locator(".notice")).to_be_visible()
    flawless("a cooldown and a suspension")


@pytest.mark.parametrize("width", [360, 820, 1280])
def test_it_fits_a_dark_window(page: Page, db: Connection, tmp_path: Path, width: int):
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": width, "height": 740})

    def fits() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") == page.evaluate("innerWidth")

    one, _ = offer(page)
    fits()
    one.locator("details.menu summary").click()
    race(page, "Both accept")
    page.screenshot(path=tmp_path / "window.png", full_page=True)
    fits()
    ground, ink = (
        page.evaluate(f"getComputedStyle(document.body).{what}.match(/\\d+/g).map(Number)")
        for what in ("backgroundColor", "color")
    )
    assert max(ground) < 64 < 192 < min(ink)


def test_it_is_played_by_keyboard(page: Page, db: Connection):
    one, other = people_of(page)
    search = one.get_by_role("button", name="Find a wingman")
    search.focus()
    page.keyboard.press("Enter")
    expect(one.get_by_role("status")).to_be_focused()
    expect(one.get_by_role("status")).to_have_text("Wingman buddy match created successfully!")
    page.keyboard.press("Tab")
    expect(one.locator("details.menu summary")).to_be_focused()
    page.keyboard.press("Tab")
    expect(other.get_by_role("button", name=f"Accept {name_of(one)}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(other.get_by_role("status")).to_contain_text("Match accepted!")
    assert one_row(db, "select status from public.wingman_matches") == {"status": "accepted"}


def test_it_takes_everything_from_its_own_server(page: Page, demo_url: str):
    policy = page.locator("meta[http-equiv=Content-Security-Policy]")
    expect(policy).to_have_attribute("content", "default-src 'self'")
    loaded = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert all(url.startswith(demo_url) for url in loaded)
    icon = page.request.get(f"{demo_url}/{page.locator('link[rel=icon]').get_attribute('href')}")
    assert icon.headers["content-type"] == "image/svg+xml"


def test_one_module_alone_talks_to_the_server(demo_url: str):
    """So that it can be replaced."""
    talking = {
        path.name
        for path in PAGE.glob("*.js")
        if re.search(r"\bfetch\(|XMLHttpRequest|/rest/v1|/demo/", path.read_text())
    }
    assert talking == {"transport.js"}
