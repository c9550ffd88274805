"""The playground in a real Chromium: the whole story in a tab, without a server and without a network."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest
from browsing import violations
from playground.visiting import Host, visiting
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser
# on a busy machine
expect.set_options(timeout=30_000)

WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
MEGABYTES = 1_000_000
SEEDED = 2_000


# what the browser keeps: a data directory of this version, and empty
DAMAGE = """async () => {
    const { keep } = await import('./kept.js')
    const { INSTALLED } = await import('./made.js')
    await keep({ installed: INSTALLED, at: new Date(), directory: new Blob([]) })
}"""


def people_of(page: Page) -> tuple[Locator, Locator]:
    one, other = page.locator("section.person").all()
    return one, other


def name_of(person: Locator) -> str:
    return person.get_by_role("heading", level=2).inner_text()


def press(person: Locator, label: str) -> None:
    person.get_by_role("button", name=re.compile(label)).click()


def find_a_wingman(page: Page) -> tuple[Locator, Locator]:
    """Let the first person search; the second is the one whom the database has found."""
    one, other = people_of(page)
    press(one, "Find a wingman")
    expect(one.get_by_role("status")).to_have_text("Wingman buddy match created successfully!")
    expect(other.get_by_role("button", name="Accept")).to_be_enabled()
    return one, other


def run(page: Page, role: str, sql: str) -> Locator:
    """Run SQL in the console; the result."""
    page.get_by_label("As", exact=True).select_option(role)
    page.get_by_label("Statements").fill(sql)
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("button", name="Run")).to_be_enabled()
    return page.locator("#output")


def cells(result: Locator) -> list[list[str]]:
    """The rows of the result."""
    expect(result.locator("tbody")).to_be_visible()
    return [row.locator("td").all_inner_texts() for row in result.locator("tbody tr").all()]


def flawless(page: Page, name: str, shots: Path) -> None:
    """In light and dark: everything is accessible, and nothing sticks out."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=shots / f"{name}-{scheme}.png", full_page=True)
        assert violations(page) == [], (name, scheme)
        assert page.evaluate("document.documentElement.scrollWidth") == page.evaluate("innerWidth")


# ---------------------------------------------------------------- the story


@pytest.mark.parametrize(("size", "name"), [(WIDE, "wide"), (PHONE, "phone")], ids=["wide", "phone"])
def test_the_whole_story_without_a_network(
    browser: Browser,
    host: Host,
    size: dict[str, int],
    name: str,
    tmp_path: Path,
    record_property: Callable[[str, float], None],
) -> None:
    before, began = host.bytes_sent(), monotonic()
    with visiting(browser, host.url, viewport=size) as visit:
        page = visit.page
        visit.has_started()
        find_a_wingman(page)
        first_match = monotonic() - began
        visit.goes_offline()
        transferred = host.bytes_sent() - before
        record_property("first match, seconds", round(first_match, 2))
        record_property("transferred, bytes", transferred)
        assert transferred < 8 * MEGABYTES
        assert first_match < 60

        # the same address once more, from what the service worker has stored
        page.reload()
        visit.has_started()
        play_the_story(page, tmp_path, name)
        assert host.bytes_sent() - before == transferred


def play_the_story(page: Page, shots: Path, name: str) -> None:
    """Play it to its end, and look at the page on the way."""
    one, other = find_a_wingman(page)
    press(one, f"Decline {name_of(other)}")
    expect(one.get_by_role("status")).to_contain_text("Here's your next potential wingman buddy!")
    press(other, f"Accept {name_of(one)}")
    expect(other.get_by_role("status")).to_contain_text("Match accepted!")
    # the readers run by themselves
    expect(one.locator(".inbox")).to_contain_text("accepted")

    menu = one.locator("details.menu")
    menu.locator("summary").click()
    menu.get_by_role("button", name=re.compile(f"^Why {name_of(other)}")).click()
    expect(one.locator(".insight .checks li").first).to_be_visible()
    page.screenshot(path=shots / f"{name}-explained.png", full_page=True)

    one.get_by_role("combobox").first.select_option("5 seconds")
    press(one, "Schedule a meeting")
    expect(page.locator(".story [aria-current]")).to_contain_text("Confirm too early")
    press(other, f"Confirm {name_of(one)} was there")
    expect(other.get_by_role("status")).to_contain_text("session_not_started")
    expect(one.locator(".countdown")).to_have_text(re.compile("^It began at "))
    race = page.locator(".race")
    expect(race).to_contain_text("one after the other, in the order in which they arrive")
    race.get_by_role("button", name="Both confirm").click()
    expect(race.locator(".facts")).to_contain_text("The session is completed")
    for person in (one, other):
        expect(person.locator(".reputation")).to_have_text("★ 1")
        expect(person.get_by_text("You met ")).to_be_visible()
    expect(page.locator(".story .now")).to_contain_text("The end.")
    expect(page.locator("#journal li", has_text="session completed").first).to_be_visible()
    expect(page.locator("#journal-count")).to_have_text(re.compile("2,0[0-9]{2} events"))
    flawless(page, f"{name}-end", shots)

    mine = name_of(one)
    page.get_by_role("button", name="SQL").click()
    assert cells(run(page, "first", "select first_name from get_profile()")) == [[mine]]
    expect(page.locator("#source")).to_contain_text("CREATE OR REPLACE FUNCTION")
    flawless(page, f"{name}-sql", shots)


def test_the_operator_and_what_is_kept(browser: Browser, host: Host) -> None:
    with visiting(browser, host.url, viewport=WIDE) as visit:
        page = visit.page
        page.on("dialog", lambda dialog: dialog.accept())
        visit.has_started()
        find_a_wingman(page)
        page.reload()
        # nobody has asked to keep it
        visit.has_started()
        expect(page.locator("#journal")).not_to_contain_text("match offered")

        page.get_by_label("Both must accept a match").check()
        expect(page.locator(".operator .told")).to_have_text("Settings changed.")
        one, other = find_a_wingman(page)
        press(one, "^Accept")
        expect(other.get_by_text(f"✓ {name_of(one)} accepted")).to_be_visible()
        keep = page.get_by_label("Keep in this browser")
        keep.check()
        expect(page.locator("#keeping")).to_have_text(re.compile(r"^Kept at .*, [0-9.]+ MB\.$"))
        press(other, "^Accept")
        expect(other.get_by_role("status")).to_contain_text("Match accepted!")
        expect(page.locator("#journal")).to_contain_text("match accepted")
        expect(page.locator("#keeping")).to_have_text(re.compile("^Kept at "))

        names = [name_of(one), name_of(other)]
        page.get_by_role("button", name="SQL").click()
        page.get_by_label("Statements").fill("select pg_sleep(600)")
        page.get_by_role("button", name="Run").click()
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_text(f"You and {names[1]} are wingmen.")).to_be_visible()
        assert [name_of(person) for person in people_of(page)] == names
        expect(page.locator("#journal")).to_contain_text("match accepted")
        expect(keep).to_be_checked()

        page.get_by_label("A no-show can be reported at once").check()
        expect(page.locator(".operator .told")).to_have_text("Settings changed.")
        press(one, "^Schedule")
        press(other, "^Agree")
        expect(other.get_by_role("status")).to_have_text("You both agreed to the meeting.")
        page.get_by_role("button", name="SQL").click()
        run(page, "superuser", "update wingman_sessions set scheduled_time = statement_timestamp()")
        page.get_by_role("button", name="Play").click()
        # the page has read anew, and both were told
        expect(one.locator(".countdown")).to_have_text(re.compile("^It began at "))
        for person in (one, other):
            expect(person.locator(".inbox")).to_contain_text("has a new time or place")
        one.get_by_text("did not come?").click()
        press(one, "Report a no-show")
        press(other, "Contest")
        press(page.locator(".operator"), f"Uphold: {names[1]} did not come")
        expect(other.locator(".notice")).to_contain_text("cooldown")

        page.get_by_role("button", name="SQL").click()
        run(page, "superuser", "drop schema wingman cascade")
        expect(page.locator("#keeping")).to_contain_text("The readers of the journal cannot run")
        page.get_by_role("button", name="Reset").click()
        visit.has_started()
        expect(keep).not_to_be_checked()
        find_a_wingman(page)

        # a kept database that has been damaged is no dead end
        page.evaluate(DAMAGE)
        page.reload()
        expect(page.locator("#loading")).to_contain_text("PostgreSQL does not start")
        page.get_by_role("button", name="Reset").click()
        visit.has_started()


# ---------------------------------------------------------------- SQL


@pytest.fixture(scope="module")
def page(browser: Browser, host: Host) -> Iterator[Page]:
    """A page for all tests that follow: the first person has a match."""
    with visiting(browser, host.url, viewport=WIDE) as visit:
        visit.has_started()
        find_a_wingman(visit.page)
        yield visit.page


def test_the_console_as_everybody(page: Page) -> None:
    mine, theirs = map(name_of, people_of(page))
    page.get_by_role("button", name="SQL").click()
    everybody = run(page, "superuser", "select count(*)::int from public.user_profiles")
    assert int(cells(everybody)[0][0]) > SEEDED
    # of all these, row level security shows two
    shown = run(page, "first", "select first_name from user_profiles")
    assert sorted(row[0] for row in cells(shown)) == sorted([mine, theirs])
    expect(shown).to_contain_text(f"as {mine}")
    refused = run(page, "first", "update user_profiles set reputation_score = 100")
    expect(refused).to_contain_text("permission denied for table user_profiles")
    expect(refused).to_contain_text("42501")
    refused = run(page, "second", "select report_user(auth.uid(), 'It was me')")
    for part in ("invalid_argument", "PT400", "Hint"):
        expect(refused).to_contain_text(part)
    expect(run(page, "second", "select * from wingman_admin.audit_log")).to_contain_text("permission denied")
    log = run(page, "operator", "select call from wingman_admin.audit_log where call is not null")
    assert ["create_automatic_match"] in cells(log)
    expect(run(page, "operator", "select * from wingman.events")).to_contain_text("permission denied")
    expect(run(page, "superuser", "delete from wingman.events")).to_contain_text("is append-only")
    expect(run(page, "superuser", "selec 1")).to_contain_text("Line 1, at “selec”")
    several = run(page, "superuser", "select 1 as a, null as b; create temp table t (); select 2 as c")
    expect(several.locator("td")).to_have_text(["1", "null", "2"])

    # a role that was set stays with its statements, and a transaction that was left open ends with them
    run(page, "superuser", "commit; set role anon; begin")
    assert cells(run(page, "superuser", "select current_user::text")) == [["postgres"]]


def test_the_console_by_keyboard(page: Page) -> None:
    statements = page.get_by_label("Statements")
    for sql, answer in (("select 40 + 1", "41"), ("select 41 + 1", "42")):
        statements.fill(sql)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#output td")).to_have_text(answer)
    page.keyboard.press("Control+ArrowUp")
    page.keyboard.press("Control+ArrowUp")
    expect(statements).to_have_value("select 40 + 1")
    page.keyboard.press("Control+ArrowDown")
    expect(statements).to_have_value("select 41 + 1")


def test_no_example_is_wrong(page: Page) -> None:
    meant = {"42501", "23514", "PT400"}
    for example in page.locator("#examples button").all():
        example.click()
        expect(page.get_by_role("button", name="Run")).to_be_enabled()
        expect(page.locator("#output")).to_contain_text(re.compile("[0-9] ms, as "))
        codes = page.locator("#output .refusal code").all_inner_texts()
        assert set(codes) <= meant, example.inner_text()


def test_sources_are_found_and_followed(page: Page) -> None:
    source, found = page.locator("#source"), page.locator("#functions")
    expect(source).to_contain_text("CREATE OR REPLACE FUNCTION wingman.respond_to_match")
    source.get_by_role("button", name="wingman.begin_call").click()
    expect(source.get_by_role("heading")).to_have_text("wingman.begin_call")
    expect(source.get_by_role("heading")).to_be_focused()
    search = page.get_by_label("Search in names and sources")
    search.fill("skip locked")
    expect(found).not_to_contain_text("get_profile")
    expect(found).to_contain_text("in its source")
    search.fill("why_no_match")
    found.get_by_role("button", name="why_no_match").first.click()
    expect(source.get_by_role("heading")).to_have_text("public.why_no_match")


def test_it_runs_nothing_but_its_own_files(page: Page, host: Host) -> None:
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content") or ""
    assert "'unsafe-inline'" not in policy
    assert "'unsafe-eval'" not in policy
    assert page.locator("script:not([src])").count() == 0
    loaded = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert all(url.startswith(host.url) for url in loaded)
