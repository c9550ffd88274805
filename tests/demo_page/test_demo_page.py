"""The page of ``wingman serve --demo`` in a real Chromium: the whole story clicked through."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from harness import Connection, People
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from rows import ledger

pytestmark = pytest.mark.browser

ONE_AND_OTHER = 2
EXPECTED = re.compile("status of 4|ERR_FAILED")
"""What the browser itself says of a refused call, and of one that a test does not let through."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, demo_url: str) -> Iterator[Page]:
    """The loaded page; it must not write to the browser's console."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: None if EXPECTED.search(message.text) else complaints.append(message.text),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.clock.install()
    page.goto(demo_url)
    expect(page.get_by_role("button", name=re.compile("Find a wingman for"))).to_have_count(ONE_AND_OTHER)
    yield page
    context.close()
    assert complaints == []


def people_of(page: Page) -> tuple[Locator, Locator]:
    """The two panes."""
    one, other = page.locator("section.person").all()
    return one, other


def name_of(person: Locator) -> str:
    return person.get_by_role("heading").inner_text()


def press(person: Locator, label: str) -> None:
    person.get_by_role("button", name=re.compile(label)).click()


def one_row(db: Connection, query: str) -> dict[str, object]:
    (row,) = db.execute(query).fetchall()
    return row


def test_the_whole_story(page: Page, db: Connection, tmp_path: Path):
    one, other = people_of(page)
    assert one_row(db, "select count(*) from public.user_profiles") == {"count": 3}

    press(one, "Find a wingman")
    expect(one.get_by_role("status")).to_have_text("Wingman buddy match created successfully!")
    expect(other.get_by_role("button", name=f"Accept {name_of(one)}")).to_be_enabled()
    declined = name_of(other)

    press(one, f"Decline {declined}")
    expect(one.get_by_role("status")).to_contain_text("Here's your next potential wingman buddy!")
    buddy = name_of(other)
    assert buddy != declined

    press(other, f"Accept {name_of(one)}")
    expect(other.get_by_role("status")).to_contain_text("Match accepted!")
    found = db.execute("select status from public.wingman_matches order by id").fetchall()
    assert [row["status"] for row in found] == ["declined", "accepted"]

    one.get_by_role("combobox").select_option("1 minute")
    press(one, "Schedule a meeting")
    expect(other.locator(".countdown")).to_have_text(re.compile("^Begins in .*[0-9] s, at "))
    press(other, f"Confirm that {name_of(one)}")
    refusal = other.get_by_role("status")
    expect(refusal).to_contain_text("Cannot confirm completion before scheduled time")
    expect(refusal).to_contain_text("session_not_started")
    assert one_row(db, "select status from public.wingman_sessions") == {"status": "scheduled"}

    # a minute passes, for the page and for the database
    page.clock.fast_forward("01:00")
    db.execute("update public.wingman_sessions set scheduled_time = scheduled_time - interval '1 minute'")
    expect(one.locator(".countdown")).to_have_text(re.compile("^It began at "))
    press(one, f"Confirm that {buddy}")
    expect(other.get_by_text(f"{name_of(one)} confirmed you")).to_be_visible()
    press(one, f"Confirm that {buddy}")
    expect(one.get_by_role("status")).to_contain_text("already_confirmed")
    page.screenshot(path=tmp_path / "waiting.png", full_page=True)
    press(other, f"Confirm that {name_of(one)}")
    for person in (one, other):
        expect(person.locator(".reputation")).to_have_text("★ 1")
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
    page.screenshot(path=tmp_path / "after.png", full_page=True)


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
    expect(other.get_by_role("heading")).to_have_text(text)
    press(other, "Accept")
    expect(other.get_by_role("status")).to_contain_text("Match accepted!")
    answered = one_row(db, "select status, responded_by from public.wingman_matches")
    assert answered == {"status": "accepted", "responded_by": neighbour}
    assert page.locator("img").count() == 0


def test_a_search_without_success_and_a_lost_server_are_told(page: Page, db: Connection):
    one, other = people_of(page)
    db.execute(
        "update public.user_locations set lat = 10 * n.place"
        " from (select user_id, row_number() over () as place from public.user_locations) as n"
        " where user_locations.user_id = n.user_id"
    )
    press(one, "Find a wingman")
    expect(one.get_by_role("status")).to_contain_text("No compatible wingman buddies found")
    page.route("**/rest/v1/rpc/create_automatic_match", lambda route: route.abort())
    press(other, "Find a wingman")
    expect(other.get_by_role("status")).to_contain_text("The server cannot be reached")


def test_it_fits_a_narrow_dark_window(page: Page, tmp_path: Path):
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 740})
    one, other = people_of(page)
    press(one, "Find a wingman")
    expect(other.get_by_role("button", name="Decline")).to_be_visible()
    page.screenshot(path=tmp_path / "narrow.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") == page.evaluate("innerWidth")
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
    expect(other.get_by_role("button", name=f"Accept {name_of(one)}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(other.get_by_role("status")).to_contain_text("Match accepted!")
    assert one_row(db, "select status from public.wingman_matches") == {"status": "accepted"}
