"""The operators' page in a real Chromium: each view, each action and its rows in the database."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from browsing import violations
from channels.outbox import DEAD, make_message, message
from fairness.noshows import missed, report, report_in_state, reports, suspend
from harness import OPERATOR, Connection, People, Rpc, login_url
from operating import address_in, serving
from playwright.sync_api import Locator, Page, expect
from rows import make_match, make_pair, make_session, session_row, shorten_lock_timeout
from waiting import until

pytestmark = pytest.mark.browser
# on a busy machine
expect.set_options(timeout=4_000)

WHY = "Two witnesses say so"
VIEWS = {
    "#/overview": "Overview",
    "#/queues/reports": "Queues",
    "#/queues/no-shows": "Queues",
    "#/queues/overdue": "Queues",
    "#/queues/dead-deliveries": "Queues",
    "#/people?search=ana": "People",
    "#/people/{person}": "Ana",
    "#/places": "Places",
    "#/settings": "Settings",
    "#/decisions": "Decisions",
}


@pytest.fixture
def pair(db, people):
    return make_pair(db, people)


def cards(page: Page) -> Locator:
    return page.locator("article")


def unfold(within: Locator | Page, label: str) -> Locator:
    """Open a form; returns it."""
    fold = (
        within.locator("details.fold")
        .filter(
            has=within.page.locator("summary", has_text=label)
            if isinstance(within, Locator)
            else within.locator("summary", has_text=label)
        )
        .first
    )
    fold.locator("summary").click()
    return fold.locator("form")


def decide(form: Locator, choice: str | None = None, reason: str = WHY, press: str | None = None) -> None:
    """Fill in a form and send it."""
    if choice:
        form.get_by_label(choice).check()
    form.get_by_label("Reason").fill(reason)
    form.locator("button[type=submit]").filter(has_text=press or "").click()


def told(page: Page) -> Locator:
    """The result of the last decision."""
    return page.get_by_role("status", name="Results")


def decisions(db: Connection) -> list[dict[str, object]]:
    """What was decided, oldest first."""
    return db.execute(
        "select kind, subject_id, reason, login, details from wingman.operator_decisions order by id"
    ).fetchall()


def decided(db: Connection, kind: str, subject: UUID | None, reason: str = WHY, **details: object) -> None:
    """The last decision is this one."""
    last = decisions(db)[-1]
    assert (last["kind"], last["subject_id"], last["reason"], last["login"]) == (
        kind,
        subject,
        reason,
        OPERATOR,
    )
    assert last["details"] == details


def report_user(rpc, reporter, subject, reason="Was rude") -> UUID:
    rpc.as_user(reporter).call("report_user", subject_id=subject, reason=reason)
    return subject


def the_report(db: Connection) -> dict[str, object]:
    row = db.execute("select * from wingman.user_reports").fetchone()
    assert row
    return row


# opening


def test_the_address_opens_one_page(visit, operators_url):
    with serving(operators_url) as file:
        url, secret = address_in(file)
        first = visit.show(file.as_uri())
        expect(first.get_by_role("heading", level=1)).to_have_text("Overview")
        assert first.url == f"{url}/#/overview"
        assert secret not in first.evaluate("JSON.stringify([location.href, {...sessionStorage}])")
        second = visit.show(f"{url}/#{secret}")
        expect(second.get_by_role("heading", level=1)).to_have_text("This address was used already")
        expect(second.get_by_role("navigation")).to_be_hidden()
        assert secret not in second.url
        assert violations(second) == []
        stranger = visit.show(f"{url}/#/overview")
        expect(stranger.get_by_role("heading", level=1)).to_have_text("This tab has no access")
        # the first one goes on, also where its tab is led there again
        first.reload()
        expect(first.get_by_role("heading", level=1)).to_have_text("Overview")
        first.goto("about:blank")
        first.goto(f"{url}/#{secret}")
        expect(first.get_by_role("heading", level=1)).to_have_text("Overview")


def test_it_takes_everything_from_its_own_server(visit):
    page = visit()
    base = page.url.partition("#")[0]
    loaded = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert all(url.startswith(base) for url in loaded)
    icon = page.request.get(f"{base}{page.locator('link[rel=icon]').get_attribute('href')}")
    assert icon.headers["content-type"] == "image/svg+xml"


# what it shows


def test_the_overview(visit, db, people, pair):
    make_session(db, pair.match_id, "completed")
    make_message(db, people, DEAD)
    db.execute("select wingman.run_readers()")
    db.execute(
        "insert into wingman.match_statistics (offered_on, offered, accepted, ended, scheduled, completed)"
        " select (now() at time zone 'UTC')::date - 40, 10, 8, 0, 4, 2"
    )
    page = visit()
    steps = page.locator(".steps li")
    expect(steps).to_have_text(
        [
            re.compile(text)
            for text in ("Offered ?2", "Accepted ?1.*50%", "Scheduled ?1.*100%", "Completed ?1.*100%")
        ]
    )
    expect(page.locator(".plot canvas")).to_have_count(3)
    expect(page.get_by_text(re.compile("messages? (was|were) given up"))).to_be_visible()
    page.get_by_role("button", name="90 days").click()
    expect(steps.first).to_contain_text("12")
    assert page.url.endswith("#/overview?days=90")
    funnel = page.get_by_role("region", name="From offer to session")
    funnel.get_by_text("As a table").click()
    rows = funnel.locator("tbody tr")
    expect(rows).to_have_count(90)
    expect(rows.filter(has=page.locator("td", has_text=re.compile("^10$")))).to_have_count(1)
    expect(page.get_by_role("region", name="Waiting", exact=True)).to_contain_text("Up to an hour")
    expect(page.get_by_role("region", name="Standing")).to_contain_text(re.compile("With an offer ?2"))
    expect(page.get_by_role("region", name="Refusals")).to_contain_text("--serve-url")
    expect(page.get_by_role("region", name="Doctor")).to_contain_text(re.compile("Nothing to mend|:"))
    expect(page.get_by_role("region", name="Versions")).to_contain_text(OPERATOR)
    page.get_by_role("link", name="Decide what becomes of").click()
    expect(page.get_by_role("heading", name="Dead letters")).to_be_visible()


def test_an_empty_database_says_so(visit):
    page = visit()
    for text in (
        "No match was offered",
        "No session was due",
        "Nobody waits",
        "Nobody has a location",
        "Nothing waits to be sent",
    ):
        expect(page.get_by_text(text)).to_be_visible()
    for view, text in (
        ("queues/reports", "No report waits"),
        ("queues/no-shows", "No report of a no-show waits"),
        ("queues/overdue", "No session is overdue"),
        ("queues/dead-deliveries", "No message was given up"),
        ("people?search=nobody", "begins with “nobody”"),
        ("places", "Nowhere do five people"),
        ("settings", "No setting was ever changed"),
        ("decisions", "Nobody has decided anything yet"),
    ):
        page.evaluate("view => { location.hash = `#/${view}` }", view)
        expect(page.get_by_text(text)).to_be_visible()


def test_a_slow_part_holds_up_no_other(visit):
    page = visit("#/settings")
    page.route("**/api/findings", lambda _: None)
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("region", name="From offer to session")).to_contain_text("No match was offered")
    expect(page.get_by_role("region", name="Doctor")).to_contain_text("Loading")


@pytest.mark.parametrize("view", ["#/nowhere", "#/constructor", "#/%E0%A4%A"])
def test_an_address_of_no_view_says_so(visit, view):
    page = visit(view)
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")
    page.get_by_role("link", name="To the overview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


def test_places(visit, people):
    for _ in range(7):
        people.add()
    page = visit("#/places")
    expect(page.locator(".cells rect")).to_have_count(1)
    row = page.locator("tbody tr")
    expect(row).to_contain_text(re.compile("38.39° N, 9.10° W"))
    expect(row.locator("td").first).to_have_text("5")
    part = page.locator("svg.map")
    whole = part.get_attribute("viewBox")
    page.get_by_role("button", name="zoom in").click()
    assert part.get_attribute("viewBox") != whole
    page.get_by_role("button", name="World").click()
    assert part.get_attribute("viewBox") == whole
    row.get_by_role("button", name="Show").click()
    expect(page.get_by_role("group", name="Map")).to_be_focused()
    expect(page.locator(".cells .chosen")).to_have_count(1)
    x, y, width, height = map(float, (part.get_attribute("viewBox") or "").split())
    assert x < -9.5 < x + width
    assert y < -38.5 < y + height
    page.keyboard.press("ArrowRight")
    assert float((part.get_attribute("viewBox") or "").split()[0]) > x
    page.keyboard.press("0")
    assert part.get_attribute("viewBox") == whole


def test_people_and_their_timeline_by_pages(visit, db, people):
    ana = people.add("Ana", city="Lisbon")
    people.add("Ben", city="Porto")
    db.execute(
        """insert into wingman.operator_decisions (decided_at, kind, subject_id, reason)
           select now() - i * interval '1 minute', 'user_exported', %s, 'Letter ' || i
           from generate_series(1, 70) as i""",
        [ana],
    )
    page = visit("#/people")
    page.get_by_label("Name, city or id").fill("lisb")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Ana").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_role("region", name="Profile")).to_contain_text("Lisbon")
    events = page.locator(".timeline > li")
    expect(events).to_have_count(50)
    page.get_by_role("button", name="Show older").click()
    expect(events.filter(has_text="Letter 70")).to_be_visible()
    expect(events.nth(50).locator("b")).to_be_focused()
    expect(page.get_by_role("button", name="Show older")).to_have_count(0)


# decisions


def test_a_report_is_taken_and_resolved(visit, db, rpc, pair):
    report_user(rpc, pair.user1, pair.user2)
    page = visit("#/queues/reports", writes=True)
    expect(page.get_by_role("link", name="Queues")).to_contain_text("1")
    page.get_by_role("button", name="Take it").click()
    expect(told(page)).to_contain_text("Report taken.")
    expect(cards(page)).to_contain_text("Taken by you")
    row = the_report(db)
    assert (row["status"], row["taken_by"]) == ("taken", OPERATOR)
    expect(cards(page).get_by_role("heading")).to_be_focused()
    form = cards(page).locator("form")
    form.get_by_label("Resolved").check()
    form.get_by_role("button", name="Decide").click()
    # the browser asks for the reason
    assert the_report(db)["status"] == "taken"
    form.get_by_label("Reason").fill("   ")
    form.get_by_role("button", name="Decide").click()
    expect(form.get_by_role("alert")).to_contain_text("Say why")
    decide(form, "Resolved")
    expect(told(page)).to_contain_text("Report resolved.")
    expect(page.get_by_text("No report waits")).to_be_visible()
    expect(page.get_by_role("heading", level=2)).to_be_focused()
    assert the_report(db)["status"] == "resolved"
    decided(db, "report_resolved", row["id"])


def test_a_report_of_another_operator_is_taken_over_and_dismissed(visit, db, rpc, pair):
    report_user(rpc, pair.user1, pair.user2)
    row = the_report(db)
    db.execute("select wingman_admin.take_report(%s)", [row["id"]])
    page = visit("#/queues/reports", writes=True)
    expect(cards(page)).to_contain_text(f"Taken by {db.info.user}")
    decide(unfold(cards(page), "Take it over"))
    expect(told(page)).to_contain_text("taken over from")
    decided(db, "report_taken", row["id"], taken_from=db.info.user)
    decide(cards(page).locator("form"), "Dismissed")
    expect(told(page)).to_contain_text("Report dismissed.")
    decided(db, "report_dismissed", row["id"])


@pytest.mark.parametrize("choice", ["was absent", "both were absent", "Dismiss"])
def test_a_no_show_is_decided(visit, db, rpc, pair, choice):
    session_id = report_in_state(db, rpc, pair, "contested")
    page = visit("#/queues/no-shows", writes=True)
    decide(unfold(cards(page), "Decide"), re.compile(choice))
    expect(page.get_by_text("No report of a no-show waits")).to_be_visible()
    if choice == "Dismiss":
        expect(told(page)).to_contain_text("Report dismissed")
        decided(db, "no_show_dismissed", session_id)
        assert [row["status"] for row in reports(db)] == ["dismissed"]
        return
    expect(told(page)).to_contain_text("No-show upheld")
    absent = sorted((pair.user1, pair.user2)) if "both" in choice else [pair.user2]
    decided(db, "no_show_upheld", session_id, absent_user_ids=[*map(str, absent)])
    found = db.execute(
        "select user_id from wingman.reputation_events where no_shows = 1 order by user_id"
    ).fetchall()
    assert [row["user_id"] for row in found] == absent


def test_a_no_show_that_may_still_be_answered_waits(visit, db, rpc, pair):
    report(rpc, pair.user1, missed(db, pair), note="Waited an hour")
    page = visit("#/queues/no-shows", writes=True)
    expect(cards(page)).to_contain_text("Waited an hour")
    expect(cards(page)).to_contain_text("Can be decided once it is answered, or from")
    expect(cards(page).locator("form")).to_have_count(0)


@pytest.mark.parametrize(
    ("choice", "kind"),
    [
        ("did not come", "session_no_show"),
        ("Cancel the session", "session_cancelled"),
        ("End the match", "match_ended"),
    ],
)
def test_an_overdue_session_is_decided(visit, db, pair, choice, kind):
    session_id = make_session(db, pair.match_id, starts="-2 days")
    page = visit("#/queues/overdue", writes=True)
    form = unfold(cards(page), "Decide")
    form.get_by_label(choice).first.check()
    decide(form)
    expect(told(page)).not_to_be_empty()
    expect(page.get_by_text("No session is overdue")).to_be_visible()
    details = {"absent_user_id": str(pair.user1)} if kind == "session_no_show" else {}
    decided(db, kind, pair.match_id if kind == "match_ended" else session_id, **details)
    assert session_row(db, session_id)["status"] == ("no_show" if details else "cancelled")


@pytest.mark.parametrize(
    ("choice", "state", "kind"),
    [("Send it again", "waiting", "delivery_requeued"), ("Drop it", "dropped", "delivery_dropped")],
)
def test_a_dead_letter_is_decided(visit, db, people, choice, state, kind):
    message_id = make_message(db, people, DEAD)
    page = visit("#/queues/dead-deliveries", writes=True)
    expect(cards(page)).to_have_count(2)
    card = cards(page).filter(has_text=str(message_id)[-8:])
    expect(card).to_contain_text("http_503")
    decide(unfold(card, "Decide"), choice)
    expect(cards(page)).to_have_count(1)
    expect(cards(page).get_by_role("heading")).to_be_focused()
    assert message(db, message_id)["state"] == state
    assert (decisions(db)[-1]["kind"], decisions(db)[-1]["subject_id"]) == (kind, message_id)


def test_somebody_is_suspended_and_the_suspension_lifted(visit, db, people):
    ana = people.add("Ana")
    page = visit(f"#/people/{ana}", writes=True)
    suspension = page.get_by_role("region", name="Suspension")
    form = unfold(suspension, "Suspend")
    form.get_by_role("combobox", name="For").select_option("7 days")
    decide(form)
    expect(told(page)).to_contain_text("suspended")
    expect(suspension).to_contain_text("Suspended until")
    expect(suspension.get_by_role("heading")).to_be_focused()
    row = db.execute(
        "select ends_at - created_at between '6 days' and '8 days' as is_week from wingman.suspensions"
    ).fetchone()
    assert row == {"is_week": True}
    form = unfold(suspension, "Another end")
    form.get_by_role("combobox", name="For").select_option("Until…")
    form.get_by_label("Until, in the time zone").fill("")
    decide(form)
    # the browser asks for the time
    expect(suspension).to_contain_text("Suspended until")
    form.get_by_label("Until, in the time zone").fill("2090-05-01T12:00")
    decide(form)
    expect(suspension).to_contain_text("Suspended until May 1, 2090")
    form = unfold(suspension, "Another end")
    form.get_by_role("combobox", name="For").select_option("Without end")
    decide(form)
    expect(suspension).to_contain_text("without end")
    decided(db, "user_suspended", ana, until=None)
    decide(unfold(suspension, "Lift it"), reason="They are sorry")
    expect(suspension).to_contain_text("Not suspended.")
    decided(db, "suspension_lifted", ana, "They are sorry")
    expect(page.get_by_role("region", name="Decisions")).to_contain_text("They are sorry")
    expect(page.locator(".timeline")).to_contain_text("They are sorry")


@pytest.mark.parametrize(
    ("status", "choice", "kind"),
    [
        ("completed", "Take it back", "session_reverted"),
        ("scheduled", "Cancel the session", "session_cancelled"),
        ("scheduled", "Ana did not come", "session_no_show"),
        (None, "End the match", "match_ended"),
    ],
)
def test_an_operator_acts_on_a_timeline(visit, db, pair, status, choice, kind):
    session_id = status and make_session(db, pair.match_id, status)
    ana = db.execute("select id from public.user_profiles where first_name = 'Ana'").fetchone()["id"]
    page = visit(f"#/people/{ana}", writes=True)
    form = unfold(page, "Act on it")
    if form.get_by_role("radio").count():
        form.get_by_label(choice).check()
    decide(form)
    expect(told(page)).not_to_be_empty()
    details = {"absent_user_id": str(ana)} if kind == "session_no_show" else {}
    decided(db, kind, session_id or pair.match_id, **details)


def test_a_setting_is_changed(visit, db):
    page = visit("#/settings", writes=True)
    page.get_by_label("Show only settings with").fill("pending match")
    expect(page.locator(".setting:visible")).to_have_count(1)
    setting = page.locator("[data-name=match_lifetime]")
    setting.locator("summary").click()
    form = setting.locator("form")
    decide(form, reason="Fewer lapse")
    expect(form.get_by_role("alert")).to_contain_text("That is the value already")
    form.get_by_label("New value").fill("24 hours")
    decide(form, reason="Fewer lapse")
    expect(form.locator(".before-after")).to_contain_text(re.compile("before2 days.*After24 hours"))
    form.get_by_role("button", name="Back").click()
    expect(form.get_by_role("button", name="Review")).to_be_focused()
    assert decisions(db) == []
    form.get_by_role("button", name="Review").click()
    form.get_by_role("button", name="Change it").click()
    expect(told(page)).to_contain_text("Settings changed")
    expect(setting.locator("summary")).to_be_focused()
    expect(setting.locator("summary")).to_contain_text("1 day")
    assert db.execute("select match_lifetime::text as is from wingman.settings").fetchone() == {
        "is": "24:00:00"
    }
    decided(
        db,
        "settings_changed",
        None,
        "Fewer lapse",
        before={"match_lifetime": "48:00:00"},
        after={"match_lifetime": "24:00:00"},
    )
    expect(page.get_by_role("region", name="History")).to_contain_text("Fewer lapse")


def test_settings_of_every_type(visit, db):
    page = visit("#/settings", writes=True)
    for name, change, after in (
        ("cooldown_steps", lambda field: field.fill("0\n12 hours\n\n"), ["00:00:00", "12:00:00"]),
        ("realtime", lambda field: field.select_option("true"), True),
        ("level_relaxation", lambda field: field.fill("48 hours"), "48:00:00"),
        ("level_relaxation", lambda field: field.fill(""), None),
        ("settle_limit", lambda field: field.fill("5"), 5),
    ):
        setting = page.locator(f"[data-name={name}]")
        setting.locator("summary").click()
        change(setting.locator("[name=value]"))
        decide(setting.locator("form"))
        setting.get_by_role("button", name="Change it").click()
        expect(told(page)).to_contain_text("Settings changed")
        expect(setting.locator("summary")).to_be_focused()
        assert decisions(db)[-1]["details"]["after"] == {name: after if name != "settle_limit" else 5}


def test_decisions_are_listed_and_filtered(visit, db, people, rpc):
    ana = people.add("Ana")
    suspend(rpc.as_admin(), ana)
    db.execute("select wingman_admin.change_settings('{\"settle_limit\": 3}', 'Calmer')")
    page = visit("#/decisions")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text(re.compile("Settings changed.*Calmer.*2 → 3"))
    page.get_by_role("combobox", name="By").select_option(OPERATOR)
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("User suspended")
    page.get_by_role("combobox", name="Decision").select_option("All")
    rows.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana")


# refusals, rights, losses


def test_a_refusal_is_shown_and_the_queue_read_again(visit, db, rpc, people, pair):
    """Somebody else was faster."""
    session_id = report_in_state(db, rpc, pair, "contested")
    waiting_one = report_in_state(db, rpc, make_pair(db, people), "contested")
    page = visit("#/queues/no-shows", writes=True)
    expect(cards(page)).to_have_count(2)
    mine = cards(page).filter(has_text=str(session_id)[-8:])
    theirs = cards(page).filter(has_text=str(waiting_one)[-8:])
    unfold(theirs, "Decide").get_by_label("Reason").fill("I am still writing")
    form = unfold(mine, "Decide")
    db.execute("select wingman_admin.decide_no_show(%s, 'dismiss', null, 'Faster')", [session_id])
    decide(form, "Dismiss")
    expect(told(page)).to_contain_text("Report is already dismissed")
    expect(cards(page)).to_have_count(1)
    expect(theirs.get_by_label("Reason")).to_have_value("I am still writing")
    assert [row["reason"] for row in decisions(db)] == ["Faster"]


def test_busy_is_shown_and_can_be_tried_again(visit, db, rpc, pair, connect):
    message_id = dead_message(db, pair.user1)
    shorten_lock_timeout(db, "wingman_admin.drop_delivery")
    page = visit("#/queues/dead-deliveries", writes=True)
    form = unfold(cards(page), "Decide")
    with connect(user=db.info.user) as holder, holder.transaction():
        holder.execute("select from wingman.notification_deliveries where id = %s for update", [message_id])
        decide(form, "Drop it")
        expect(form.get_by_role("alert")).to_contain_text("busy")
        expect(form.get_by_role("button", name="Decide")).to_be_focused()
    expect(form.get_by_label("Reason")).to_have_value(WHY)
    form.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("No message was given up")).to_be_visible()
    assert message(db, message_id)["state"] == "dropped"


def dead_message(db: Connection, user_id: UUID) -> UUID:
    """The only message there is."""
    row = db.execute(
        """insert into wingman.notification_deliveries (channel, kind, user_id)
           values ('email', 'match_offered', %s) returning id""",
        [user_id],
    ).fetchone()
    assert row
    db.execute(f"update wingman.notification_deliveries set {DEAD}")
    return row["id"]


def test_without_write_there_are_no_forms(visit, db, rpc, people, pair):
    fill_everything(db, rpc, people, pair)
    page = visit()
    for view in VIEWS:
        page.evaluate("view => { location.hash = view }", view.format(person=pair.user1))
        expect(page.get_by_text("Decisions cannot be made here")).to_have_count(1)
        expect(page.locator("main [class=skeleton]")).to_have_count(0)
        expect(page.locator("form.decision, .fold")).to_have_count(0)
        expect(page.get_by_role("button", name="Take it")).to_have_count(0)


def test_a_function_that_the_login_may_not_call_is_named(visit, db, rpc, pair):
    make_session(db, pair.match_id, starts="-2 days")
    db.execute("revoke execute on function wingman_admin.cancel_session(uuid, text) from wingman_admin")
    page = visit("#/queues/overdue", writes=True)
    form = unfold(cards(page), "Decide")
    expect(form).to_contain_text("Your login may not call cancel_session.")
    expect(form.get_by_label("Cancel the session")).to_have_count(0)
    expect(form.get_by_label("End the match")).to_be_visible()


def test_a_login_that_loses_its_rights_is_told_which(visit, db, database_url):
    db.execute("create role wingman_test_leaver login in role wingman_admin")
    try:
        page = visit("#/decisions", url=login_url(database_url, "wingman_test_leaver"))
        expect(page.get_by_text("Nobody has decided anything yet")).to_be_visible()
        db.execute("revoke wingman_admin from wingman_test_leaver")
        page.get_by_role("link", name="Queues").click()
        expect(page.locator("main").get_by_role("alert")).to_contain_text("grant wingman_admin to")
        page.reload()
        expect(page.locator("main").get_by_role("alert")).to_contain_text("grant wingman_admin to")
        assert violations(page) == []
    finally:
        db.execute("drop role wingman_test_leaver")


@contextmanager
def unreachable(db: Connection) -> Iterator[None]:
    """The database takes no connections of operators, and ends those there are."""
    limit = f"alter database {db.info.dbname} connection limit"
    db.execute(f"{limit} 0")
    try:
        db.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [OPERATOR])
        yield
    finally:
        db.execute(f"{limit} -1")


def test_the_database_goes_away_and_returns(visit, db, rpc, pair):
    report_in_state(db, rpc, pair, "contested")
    page = visit("#/queues/no-shows", writes=True)
    form = unfold(cards(page), "Decide")
    banner = page.get_by_role("status", name="Connection")
    with unreachable(db):
        decide(form, "Dismiss")
        expect(banner).to_contain_text("The database cannot be reached")
        expect(banner).to_contain_text("retries automatically")
        expect(form.get_by_label("Reason")).to_have_value(WHY)
        page.get_by_role("link", name="Settings").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
        page.go_back()
        assert violations(page) == []
    expect(banner).to_contain_text("The server is back")
    expect(cards(page)).to_have_count(1)
    assert decisions(db) == []
    decide(unfold(cards(page), "Decide"), "Dismiss")
    expect(page.get_by_text("No report of a no-show waits")).to_be_visible()


def test_what_was_read_stays_while_the_database_is_away(visit, db, people):
    ana = people.add("Ana")
    page = visit(f"#/people/{ana}")
    banner = page.get_by_role("status", name="Connection")
    with unreachable(db):
        page.get_by_role("button", name="Refresh").click()
        expect(banner).to_contain_text("What you see may be out of date")
        expect(page.get_by_role("region", name="Profile")).to_contain_text("Beginner")
        db.execute("update public.user_profiles set first_name = 'Anna'")
        page.reload()
        expect(banner).to_contain_text("Nothing has been loaded yet")
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna")


def test_what_was_typed_stays_when_a_view_is_read_again(visit, db, pair):
    make_session(db, pair.match_id)
    ana = db.execute("select id from public.user_profiles where first_name = 'Ana'").fetchone()["id"]
    page = visit(f"#/people/{ana}", writes=True)
    unfold(page.get_by_role("region", name="Suspension"), "Suspend").get_by_label("Reason").fill("Rude")
    unfold(page.locator(".timeline"), "Act on it").get_by_label("Reason").fill("Asked to")
    db.execute("update public.user_locations set city = 'Faro'")
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("region", name="Profile")).to_contain_text("Faro")
    expect(page.get_by_role("region", name="Suspension").get_by_label("Reason")).to_have_value("Rude")
    expect(page.locator(".timeline").get_by_label("Reason")).to_have_value("Asked to")


def test_the_process_is_gone(visit, operators_url, people):
    people.add("Ana")
    with serving(operators_url) as file:
        page = visit.show(file.as_uri())
        expect(page.get_by_role("region", name="Standing")).to_contain_text("Free")
    page.get_by_role("button", name="Refresh").click()
    banner = page.get_by_role("status", name="Connection")
    expect(banner).to_contain_text("wingman admin is no longer running. It ends after 30 minutes without use")
    expect(page.get_by_role("region", name="Standing")).to_contain_text("Free")
    assert violations(page) == []
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
    expect(page.locator("main").get_by_role("alert")).to_contain_text("Nothing has been read yet")
    expect(banner).to_contain_text("no longer running")


def test_it_notices_by_itself_that_the_process_has_ended(visit, operators_url):
    with serving(operators_url) as file:
        page = visit.show(file.as_uri())
        page.clock.install()
        page.reload()
        page.wait_for_selector("main:not([aria-busy])")
    page.clock.run_for(21_000)
    expect(page.get_by_role("status", name="Connection")).to_contain_text("no longer running")


def test_looking_by_itself_is_not_use(visit, operators_url):
    with serving(operators_url) as file:
        page = visit.show(file.as_uri())
        page.clock.install()
        page.reload()
        page.wait_for_selector("main:not([aria-busy])")
        with page.expect_request("**/api/session") as asked:
            page.clock.run_for(21_000)
        assert asked.value.headers["x-wingman-polling"] == "1"


# texts of users


PAYLOADS = [
    "<script>hacked=1</script>",
    "<img src=x onerror=hacked=1>",
    "\"'><svg onload=hacked=1>",
    "</textarea></td><b>x</b>",
    "javascript:hacked=1//{{7*7}}&lt;",
]


def store(db: Connection, rpc: Rpc, people: People, text: str) -> UUID:
    """Write a text everywhere where somebody can write one; gives the person who did."""
    one, other = people.add(text, city=text), people.add("Ben")
    user1, user2 = sorted((one, other))
    session_id = make_session(db, make_match(db, one, other), starts="-2 days")
    db.execute(
        "update public.wingman_sessions set venue_name = %(text)s, notes = %(text)s where id = %(id)s",
        {"text": text, "id": session_id},
    )
    db.execute(
        """insert into wingman.no_show_reports
               (session_id, reporter_id, accused_id, reason, note, statement, status,
                answer_by, decide_by, answered_at)
           values (%(session)s, %(one)s, %(other)s, 'did_not_come', %(text)s, %(text)s, 'contested',
                   now() + interval '1 hour', now() + interval '2 hours', now())""",
        {"session": session_id, "one": user1, "other": user2, "text": text},
    )
    db.execute(
        """insert into wingman.user_reports (reporter_id, subject_id, reason)
           values (%(one)s, %(other)s, %(text)s), (%(other)s, %(one)s, %(text)s)""",
        {"one": one, "other": other, "text": text},
    )
    operator = rpc.as_admin()
    operator.call("wingman_admin.suspend_user", user_id=one, until=None, reason=text)
    limit = db.execute("select settle_limit from wingman.settings").fetchone()
    assert limit
    changes = f'{{"settle_limit": {limit["settle_limit"] + 1}}}'
    operator.call("wingman_admin.change_settings", changes=changes, reason=text)
    return one


def test_texts_of_users_are_shown_as_they_are(visit, db, rpc, people):
    stored = {text: store(db, rpc, people, text) for text in PAYLOADS}
    page = visit(writes=True)

    def shows(view: str, text: str, times: int) -> None:
        page.evaluate("view => { location.hash = view }", view)
        expect(page.locator("main").get_by_text(text, exact=True)).to_have_count(times)
        assert page.evaluate("typeof hacked") == "undefined"
        assert page.locator("main :is(script, iframe, object, img, svg[onload], b:text-is('x'))").count() == 0

    for text, person in stored.items():
        shows(f"#/people?search={person}", text, 2)
        page.wait_for_selector("main:not([aria-busy])")
        # heading, city; both reports, note and statement; the decision; in the timeline reports, decision
        page.evaluate("view => { location.hash = view }", f"#/people/{person}")
        expect(page.get_by_role("heading", level=1)).to_have_text(text)
        expect(page.get_by_role("region", name="Reports").get_by_text(text, exact=True)).to_have_count(4)
        expect(page.get_by_role("region", name="Decisions").get_by_text(text, exact=True)).to_have_count(1)
        expect(page.locator(".timeline").get_by_text(text, exact=True)).to_have_count(3)
        assert page.evaluate("typeof hacked") == "undefined"
    for text in PAYLOADS:
        shows("#/queues/reports", text, 2)
        shows("#/queues/no-shows", text, 2)
        shows("#/settings", text, 1)
        shows("#/decisions", text, 2)
    # what the address says is a text as well
    shows("#/people?search=%3Cimg src=x onerror=hacked=1%3E", "<img src=x onerror=hacked=1>", 2)


# for everybody

TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? []
    : [...document.querySelectorAll('main *')]
        .filter((each) => each.getBoundingClientRect().right > innerWidth && !each.closest('.scroll'))
        .map(({ outerHTML }) => outerHTML.slice(0, 200))"""
"""What stands out of the window, where the page can be scrolled sideways."""


FOCUSED = """() => {
    const focused = document.activeElement
    const { outlineStyle: outline } = getComputedStyle(focused)
    const name = focused.innerText || focused.ariaLabel || focused.labels?.[0]?.innerText || ''
    return { name, outline }
}"""


def test_a_decision_by_keyboard_alone(visit, db, rpc, pair):
    report_in_state(db, rpc, pair, "contested")
    page = visit(writes=True)
    keys = page.keyboard

    def tab_to(name: str) -> None:
        for _ in range(60):
            keys.press("Tab")
            focused = page.evaluate(FOCUSED)
            assert focused["outline"] != "none", focused
            if re.search(name, focused["name"]):
                return
        raise AssertionError(f"The focus does not reach {name}")

    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    tab_to("Queues")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    tab_to("No-shows")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=2)).to_have_text("No-shows")
    expect(cards(page)).to_have_count(1)
    tab_to("Decide…")
    keys.press("Enter")
    tab_to("Uphold")
    keys.press("ArrowUp")
    expect(page.get_by_label("Dismiss")).to_be_checked()
    tab_to("Reason")
    keys.type(WHY)
    tab_to("^Decide$")
    keys.press("Enter")
    expect(told(page)).to_contain_text("Report dismissed")
    expect(page.get_by_role("heading", level=2)).to_be_focused()
    assert [row["status"] for row in reports(db)] == ["dismissed"]


def test_the_skip_link_leads_to_the_content(visit):
    page = visit("#/decisions")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    assert page.url.endswith("#/decisions")


def fill_everything(db, rpc, people, pair) -> None:
    """Something to show in each view."""
    session_id = make_session(db, pair.match_id, "completed")
    report_in_state(db, rpc, make_pair(db, people), "contested")
    report_user(rpc, pair.user1, pair.user2)
    rpc.as_user(pair.user2).call(
        "report_user", subject_id=pair.user1, reason="A word without end: " + "x" * 200
    )
    make_session(db, make_pair(db, people).match_id, starts="-2 days")
    make_message(db, people, DEAD)
    for _ in range(5):
        people.add()
    suspend(rpc.as_admin(), pair.user1)
    rpc.as_admin().call("wingman_admin.revert_completion", session_id=session_id, reason="They did not meet")
    rpc.as_admin().call("wingman_admin.change_settings", changes='{"settle_limit": 3}', reason="Calmer")
    db.execute("select wingman.run_readers()")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_it_fits(visit, db, rpc, people, pair, scheme, width):
    fill_everything(db, rpc, people, pair)
    ana = db.execute(
        "select id from public.user_profiles where first_name = 'Ana' order by id limit 1"
    ).fetchone()["id"]
    page = visit(writes=True, context={"color_scheme": scheme, "viewport": {"width": width, "height": 800}})
    for view, heading in VIEWS.items():
        page.evaluate("view => { location.hash = view }", view.format(person=ana))
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        page.wait_for_selector("main:not([aria-busy])")
        expect(page.locator(".skeleton")).to_have_count(0)
        for summary in page.locator("main summary").all()[:6]:
            summary.click()
        assert violations(page) == [], view
        assert page.evaluate(TOO_WIDE) == [], view


def test_charts_follow_the_color_scheme(visit, db, people, pair):
    db.execute("select wingman.run_readers()")
    page = visit(context={"color_scheme": "light"})
    expect(page.locator(".plot canvas")).not_to_have_count(0)
    pixels = "document.querySelector('.plot canvas').toDataURL()"
    before = page.evaluate(pixels)
    page.emulate_media(color_scheme="dark")
    until(lambda: page.evaluate(pixels) != before)
