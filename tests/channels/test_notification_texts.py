"""What is sent outside, in words: every kind has its texts, and what others may see names nobody."""

import re
from datetime import UTC, datetime, timedelta
from itertools import product

import psycopg
import pytest
from answers import refused
from harness import OPERATOR, Caller

CHANNELS = ("email", "web_push")
LANGUAGES = ("en", "de")
CONFIRMATION = "email_confirmation"
WHEN_AND_WHERE = (
    "session_scheduled",
    "session_moved",
    "session_agreed",
    "session_reminder",
    "agreement_reminder",
)
"""The kinds whose e-mails say so, unlike the inbox."""
SET = "wingman_admin.set_notification_text"
FRIDAY = datetime(2026, 12, 4, 17, 30, tzinfo=UTC)
BRACES = "must not contain braces: others may see it on a lock screen"
# what somebody would not like others to read over their shoulder
DELICATE = re.compile(
    r"suspend|block|report|no-show|miss|absent|declin(?!e\b)|end(ed|s)|reject|contest|reputation"
    r"|gesperrt|gemeldet|meldung|nicht gekommen|versäumt|abgelehnt|beendet|bestreite|reputation",
    re.IGNORECASE,
)


@pytest.fixture
def operator(rpc) -> Caller:
    """A login of wingman_admin."""
    return rpc.as_admin()


@pytest.fixture
def kinds(db):
    return [row["kind"] for row in db.execute("select kind from wingman.notification_kinds()")]


def texts(db, where="true"):
    return db.execute(f"select * from wingman.notification_texts where {where}").fetchall()


def text(db, kind="session_reminder", channel="email", language="en"):
    (row,) = db.execute(
        "select t.* from wingman.notification_text(%s, %s, %s) as t", [kind, channel, language]
    )
    return row


def rendered(db, *, kind="session_reminder", channel="email", language="en", **facts):
    facts = {"buddy": None, "venue": None, "at": None, "time_zone": None, **facts}
    (row,) = db.execute(
        """select r.* from wingman.rendered_text(
               %(kind)s, %(channel)s, %(language)s, %(buddy)s, %(venue)s, %(at)s, %(time_zone)s
           ) as r""",
        {"kind": kind, "channel": channel, "language": language, **facts},
    )
    return row


def write(db, body, kind="session_reminder", language="en"):
    """Give an e-mail another body, past the operators' function."""
    db.execute(
        """update wingman.notification_texts set body = %s
           where kind = %s and channel = 'email' and language = %s""",
        [body, kind, language],
    )


def time_text(db, moment=FRIDAY, time_zone="Europe/Berlin", language="en"):
    (row,) = db.execute("select wingman.time_text(%s, %s, %s) as said", [moment, time_zone, language])
    return row["said"]


# The texts that there are.


def test_every_kind_has_its_texts_in_every_channel_and_language(db, kinds):
    found = {(row["kind"], row["channel"], row["language"]) for row in texts(db)}
    assert found == {
        *product(kinds, CHANNELS, LANGUAGES),
        *((CONFIRMATION, "email", language) for language in LANGUAGES),
    }
    assert [row["language"] for row in db.execute("select * from wingman.text_languages()")] == [*LANGUAGES]


def test_titles_and_push_messages_name_nobody_and_fit_a_lock_screen(db):
    for row in texts(db):
        assert not re.search("[{}]", row["title"]), row
        assert len(row["title"]) <= 55, row
        if row["channel"] == "web_push":
            assert not re.search("[{}]", row["body"]), row
            assert len(row["body"]) <= 70, row


def test_titles_and_push_messages_give_nothing_delicate_away(db):
    for row in texts(db):
        seen = row["title"] if row["channel"] == "email" else f"{row['title']} {row['body']}"
        assert not DELICATE.search(seen), row
    assert DELICATE.search(text(db, "user_suspended", "email", "de")["body"])
    assert DELICATE.search(text(db, "no_show_reported", "email", "en")["body"])


def test_an_english_email_says_what_the_inbox_says(db, kinds):
    own = {
        row["kind"]: row["body"] for row in texts(db, "channel = 'email' and language = 'en'") if row["body"]
    }
    assert own.keys() == {CONFIRMATION, *WHEN_AND_WHERE}
    assert all("{time}, {venue}" in own[kind] for kind in WHEN_AND_WHERE)
    messages = {
        row["kind"]: row["message"] for row in db.execute("select * from wingman.notification_kinds()")
    }
    del own[CONFIRMATION]
    assert {kind: text(db, kind)["body"] for kind in kinds} == messages | own


def test_a_translation_names_the_buddy_where_the_inbox_does(db, kinds):
    for kind in kinds:
        english, german = (text(db, kind, "email", language)["body"] for language in LANGUAGES)
        assert ("{buddy}" in english) == ("{buddy}" in german), kind


def test_the_german_name_of_nobody_fits_where_it_stands(db):
    """As a subject: "mit dein Buddy" would be wrong. It begins a body, or stands inside a sentence."""
    for row in texts(db, "language = 'de' and channel = 'email'"):
        assert not re.search(r"\b(an|auf|bei|für|gegen|mit|nach|ohne|um|von|vor|zu) \{buddy", row["body"]), (
            row
        )
        assert not re.search(r"[.?!] \{buddy", row["body"]), row


def test_every_text_is_a_sentence_also_where_the_name_may_not_be_said(db, kinds):
    for kind, channel, language, buddy in product(kinds, CHANNELS, LANGUAGES, (None, "Lin")):
        row = rendered(db, kind=kind, channel=channel, language=language, buddy=buddy)
        assert re.fullmatch(r"[A-ZÄÖÜ][^{}]*[.?!]", row["body"]), row
        assert re.fullmatch(r"[A-ZÄÖÜ][^{}.]*[^ .]", row["title"]), row
        assert row["language"] == language


def test_without_a_name_it_says_what_the_inbox_says_then(db, rpc, people, kinds):
    user_id = people.add()
    for number, kind in enumerate(kinds):
        db.execute(
            """insert into public.wingman_notifications (id, user_id, kind, event_id)
               values (wingman.id_at(now() + %s * interval '1 second'), %s, %s, %s)""",
            [number, user_id, kind, number],
        )
    for row in rpc.as_user(user_id).call("list_notifications", page_size=100):
        if row["kind"] not in WHEN_AND_WHERE:
            assert rendered(db, kind=row["kind"])["body"] == row["message"]


# The rules that a text keeps.

GOOD = {
    "kind": "session_reminder",
    "channel": "email",
    "language": "en",
    "title": "Soon",
    "body": "Now",
}
NO_KIND = "must be a kind of notification, or email_confirmation"
NO_TITLE, NO_BODY = "must be 1 to 80 characters", "must be 1 to 500 characters"
ONE_LINE, CONTROL = "must be one line without control characters", "must not contain control characters"
REQUIRED = "is required, except in English e-mail, which can use the sentence of the inbox"
OTHERS = "must not contain braces other than {buddy}, {venue}, {time}"
BROKEN = [
    ({"kind": "match_expired"}, "kind", NO_KIND),
    ({"kind": ""}, "kind", NO_KIND),
    ({"channel": "webhook"}, "channel", "must be email or web_push"),
    ({"channel": "Email"}, "channel", "must be email or web_push"),
    (
        {"kind": CONFIRMATION, "channel": "web_push"},
        "channel",
        "must be email, since this confirms an address",
    ),
    ({"language": "xx"}, "language", "must be en or de"),
    ({"language": "EN"}, "language", "must be en or de"),
    ({"title": ""}, "title", NO_TITLE),
    ({"title": " \u200b"}, "title", NO_TITLE),
    ({"title": "x" * 81}, "title", NO_TITLE),
    ({"title": "News\nBcc: all@example.org"}, "title", ONE_LINE),
    ({"title": "News\rBcc: all@example.org"}, "title", ONE_LINE),
    ({"title": "News\tx"}, "title", ONE_LINE),
    ({"title": "News \u202e"}, "title", ONE_LINE),
    ({"title": "{buddy} is here"}, "title", BRACES),
    ({"title": "}"}, "title", BRACES),
    ({"body": ""}, "body", NO_BODY),
    ({"body": "\u3164"}, "body", NO_BODY),
    ({"body": "x" * 501}, "body", NO_BODY),
    ({"body": "Now\x07"}, "body", CONTROL),
    ({"body": "Now\u2028"}, "body", CONTROL),
    ({"body": None, "language": "de"}, "body", REQUIRED),
    ({"body": None, "channel": "web_push"}, "body", REQUIRED),
    ({"body": None, "kind": CONFIRMATION}, "body", REQUIRED),
    ({"body": "{buddy}", "channel": "web_push"}, "body", BRACES),
    ({"body": "{name}"}, "body", OTHERS),
    ({"body": "{Buddy}"}, "body", OTHERS),
    ({"body": "{buddy"}, "body", OTHERS),
    ({"body": "{}"}, "body", OTHERS),
    ({"body": "{{buddy}}"}, "body", OTHERS),
    ({"body": "{ve{buddy}nue}"}, "body", OTHERS),
    ({"body": "{buddy}", "kind": CONFIRMATION}, "body", "must not contain braces"),
    ({"body": "{buddy}", "kind": "user_suspended"}, "body", "must not contain braces"),
    (
        {"body": "{venue}", "kind": "match_accepted"},
        "body",
        "must not contain braces other than {buddy}",
    ),
    ({"body": "{time}", "kind": "more_activity"}, "body", "must not contain braces other than {buddy}"),
]
TAKEN = [
    {"title": "x" * 80, "body": "ä" * 500},
    {"body": "One line.\n\n\tAnother one."},
    {"body": None},
    {"body": "{buddy}, {time}: {venue}, {buddy}"},
    {"kind": "no_show_reported", "body": "{time}, {venue}"},
    {"kind": "agreement_reminder", "body": "{time}, {venue}"},
    {"kind": "match_declined", "body": "{buddy}"},
    {"kind": CONFIRMATION, "language": "de", "body": "Los"},
    {"channel": "web_push", "body": "🎉"},
]


@pytest.mark.parametrize(("changed", "argument", "rule"), BROKEN)
def test_a_text_that_breaks_a_rule_is_refused(db, operator, changed, argument, rule):
    broken = {**GOOD, **changed}
    with refused(db, "invalid_argument", 400, f"{argument} {rule}", argument=argument, rule=rule):
        operator.call(SET, **broken, reason="Warmer")
    # and SQL by hand is too
    with pytest.raises(psycopg.errors.CheckViolation, match="notification_texts_check"):
        db.execute(
            """insert into wingman.notification_texts (kind, channel, language, title, body)
               values (%(kind)s, %(channel)s, %(language)s, %(title)s, %(body)s)""",
            broken,
        )


@pytest.mark.parametrize("changed", TAKEN)
def test_any_other_text_is_taken(db, operator, changed):
    new = {**GOOD, **changed}
    assert operator.call(SET, **new, reason="Warmer") == {"success": True, "message": "Text changed."}
    assert new in texts(db)


def test_there_is_one_text_for_each(db):
    with pytest.raises(psycopg.errors.UniqueViolation, match="notification_texts_pkey"):
        db.execute(
            """insert into wingman.notification_texts (kind, channel, language, title, body)
               values ('match_offered', 'email', 'en', 'x', 'x')"""
        )


# How placeholders are filled in.


def test_what_a_body_names(db):
    write(db, "{buddy}: {time}, {venue}. Bye, {buddy}!")
    facts = {"buddy": "Ana", "venue": "Corner Café", "at": FRIDAY, "time_zone": "Europe/Lisbon"}
    assert rendered(db, **facts)["body"] == "Ana: Fri 4 Dec, 17:30, Corner Café. Bye, Ana!"


def test_what_it_says_of_nobody_and_nowhere(db):
    for language, name in (("en", "Your buddy"), ("de", "Dein Buddy")):
        write(db, "{buddy}: {time}, {venue}", language=language)
        assert rendered(db, language=language)["body"] == f"{name}: \u2013, \u2013"


def test_a_fact_with_braces_is_not_filled_in_again(db):
    write(db, "{time}, {buddy}, {venue}")
    for name, venue in (("{venue}", "{buddy}"), ("{time}", "{{buddy}}"), ("}{", "{"), ("{buddy}", "{venue}")):
        body = rendered(db, buddy=name, venue=venue, at=FRIDAY, time_zone="UTC")["body"]
        assert body == f"Fri 4 Dec, 17:30 UTC, {name}, {venue}"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ana", "Ana"),
        ("Ana\r\nBcc: all@example.org", "Ana Bcc: all@example.org"),
        ("A\x1b[31mna", "A[31mna"),
        ("An\x07a\x85", "Ana"),
        ("\u202eanA\u202c", "anA"),
        ("\u2066Ana\u2069\u200f", "Ana"),
        ("A\u200bn\xada\ufeff", "Ana"),
        ("\u3000Ana \t Maria\xa0", "Ana Maria"),
        ("<b>Ana</b> & Co", "<b>Ana</b> & Co"),
        ("דנה", "דנה"),
        # a joiner belongs to the name, a variation selector to the sign
        ("\u0645\u06cc\u200c\u0646\u0627", "\u0645\u06cc\u200c\u0646\u0627"),
        ("👩\u200d🎤 ❤\ufe0f", "👩\u200d🎤 ❤\ufe0f"),
        ("\u200b\u3164\u2800", "your buddy"),
        ("", "your buddy"),
        (None, "your buddy"),
    ],
)
def test_a_name_is_shown_on_one_line(db, name, shown):
    write(db, "Meet {buddy}.")
    assert rendered(db, buddy=name)["body"] == f"Meet {shown}."


def test_a_venue_is_shown_on_one_line(db):
    write(db, "At {venue}")
    assert rendered(db, venue="Hot\nClube \u202e<i>")["body"] == "At Hot Clube <i>"


def test_a_joiner_alone_is_no_name(db):
    write(db, "Meet {buddy}.")
    assert rendered(db, buddy="\u200d\ufe0f")["body"] == "Meet your buddy."


# What is missing.


def test_a_language_without_a_text_falls_back_to_english_in_all_it_says(db):
    db.execute("delete from wingman.notification_texts where kind = 'session_reminder' and language = 'de'")
    write(db, "{buddy}, {time}")
    for language in ("de", "xx"):
        row = rendered(db, language=language, at=FRIDAY, time_zone="UTC")
        assert row == {
            "language": "en",
            "title": "Your session is coming up",
            "body": "Your buddy, Fri 4 Dec, 17:30 UTC",
        }


def test_what_a_channel_does_not_send_has_no_text(db):
    nothing = {"language": None, "title": None, "body": None}
    for channel, kind in (("web_push", CONFIRMATION), ("webhook", "match_offered"), ("email", "no_kind")):
        assert text(db, kind, channel) == nothing
        assert rendered(db, kind=kind, channel=channel) == nothing


# Times.


@pytest.mark.parametrize(
    ("language", "time_zone", "said"),
    [
        ("en", "Europe/Berlin", "Fri 4 Dec, 18:30"),
        ("de", "Europe/Berlin", "Fr., 4. Dez., 18:30 Uhr"),
        ("en", "Asia/Tokyo", "Sat 5 Dec, 02:30"),
        ("de", "Asia/Tokyo", "Sa., 5. Dez., 02:30 Uhr"),
        # nobody's clock, as a rule
        ("en", "UTC", "Fri 4 Dec, 17:30 UTC"),
        ("de", None, "Fr., 4. Dez., 17:30 Uhr UTC"),
        ("en", "Nowhere/Land", "Fri 4 Dec, 17:30 UTC"),
    ],
)
def test_a_time_is_told_by_the_users_clock(db, language, time_zone, said):
    assert time_text(db, time_zone=time_zone, language=language) == said


def test_a_time_looks_the_same_under_every_configuration(db):
    with db.transaction(force_rollback=True):
        db.execute("set local datestyle = 'SQL, DMY'; set local timezone = 'Asia/Kolkata'")
        db.execute("set local intervalstyle = 'iso_8601'; set local lc_time = 'C'")
        assert time_text(db) == "Fri 4 Dec, 18:30"


def test_the_clock_is_that_of_the_day(db):
    summer = datetime(2026, 7, 4, 17, 30, tzinfo=UTC)
    assert [time_text(db, summer, "Europe/Berlin", language) for language in LANGUAGES] == [
        "Sat 4 Jul, 19:30",
        "Sa., 4. Juli, 19:30 Uhr",
    ]


def test_every_day_of_a_year(db):
    english = ("Mon Tue Wed Thu Fri Sat Sun", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
    german = ("Mo. Di. Mi. Do. Fr. Sa. So.", "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.")
    days = [datetime(2026, 1, 1, 9, 5, tzinfo=UTC) + timedelta(days=day) for day in range(365)]
    for language, names, form in (
        ("en", english, "{} {} {}, 10:05"),
        ("de", german, "{}, {}. {}, 10:05 Uhr"),
    ):
        weekdays, months = (one.split() for one in names)
        rows = db.execute(
            """select wingman.time_text(d.day, 'Etc/GMT-1', %s) as said
               from unnest(%s::timestamptz[]) with ordinality as d (day, place) order by d.place""",
            [language, days],
        )
        assert [row["said"] for row in rows] == [
            form.format(weekdays[day.weekday()], day.day, months[day.month - 1]) for day in days
        ]


# What operators do.


def change(operator, **changed):
    new = {**GOOD, "reason": "Warmer", **changed}
    return operator.call(SET, **new)["message"]


def decisions(db):
    return db.execute(
        "select login, kind, subject_id, reason, details from wingman_admin.decisions order by id"
    ).fetchall()


def test_a_changed_text_is_sent_and_on_record(db, operator):
    before = text(db, "match_offered", "email", "de")
    new = {"title": "Lerne jemanden kennen", "body": "Das ist {buddy}."}
    what = {"kind": "match_offered", "channel": "email", "language": "de"}
    others = [row for row in texts(db) if row.items() < what.items()]
    assert change(operator, **what, **new) == "Text changed."
    assert rendered(db, **what, buddy="Ana") == {
        "language": "de",
        "title": "Lerne jemanden kennen",
        "body": "Das ist Ana.",
    }
    assert [row for row in texts(db) if row.items() < what.items()] == others
    assert decisions(db) == [
        {
            "login": OPERATOR,
            "kind": "text_changed",
            "subject_id": None,
            "reason": "Warmer",
            "details": {**what, "before": {"title": before["title"], "body": before["body"]}, "after": new},
        }
    ]
    # nothing of it is left for the next call
    (row,) = db.execute("select wingman.call_part(1) as call")
    assert row["call"] in (None, "")


def test_an_english_email_can_go_back_to_the_sentence_of_the_inbox(db, operator):
    of_inbox = text(db, "session_started")
    assert change(operator, kind="session_started", body="At {time}.") == "Text changed."
    assert text(db, "session_started")["body"] == "At {time}."
    title = of_inbox["title"]
    assert change(operator, kind="session_started", title=title, body=None) == "Text changed."
    assert text(db, "session_started") == of_inbox
    assert [(row["details"]["before"]["body"], row["details"]["after"]["body"]) for row in decisions(db)] == [
        (None, "At {time}."),
        ("At {time}.", None),
    ]


def test_a_language_gets_a_text_that_it_lacks(db, operator):
    db.execute("delete from wingman.notification_texts where kind = 'session_reminder' and language = 'de'")
    assert change(operator, language="de", title="Bald", body="Bis gleich!") == "Text changed."
    assert text(db, language="de") == {"language": "de", "title": "Bald", "body": "Bis gleich!"}
    (decision,) = decisions(db)
    assert decision["details"]["before"] is None


def test_what_is_so_already_is_no_decision(db, operator):
    for row in texts(db, "kind in ('session_reminder', 'email_confirmation')"):
        assert change(operator, **row) == "This is the text already."
    assert decisions(db) == []


@pytest.mark.parametrize("argument", ["kind", "channel", "language", "title", "reason"])
def test_every_argument_but_the_body_is_needed(db, operator, argument):
    with refused(db, "missing_argument", 400, f"{argument} is required", argument=argument):
        change(operator, **{argument: None})


@pytest.mark.parametrize("reason", ["", " ", "x" * 501])
def test_the_reason_is_a_text_that_shows(db, operator, reason):
    rule = "must be 1 to 500 characters"
    with refused(db, "invalid_argument", 400, f"reason {rule}", argument="reason", rule=rule):
        change(operator, reason=reason)


def test_it_needs_a_transaction_that_can_write_at_read_committed(db, operator):
    operator.connection.execute("set default_transaction_read_only = on")
    with refused(db, "read_only_transaction", 400, "Call this function in a read-write transaction"):
        change(operator)
    operator.connection.execute("set default_transaction_read_only = off")
    operator.connection.execute("set default_transaction_isolation = 'repeatable read'")
    with refused(db, "unsupported_isolation", 400, "Call this function at READ COMMITTED"):
        change(operator)


def test_operators_see_what_is_sent(db, operator):
    rows = operator.connection.execute("select * from wingman_admin.notification_texts").fetchall()
    assert len(rows) == len(texts(db))
    for row in rows:
        said = text(db, row["kind"], row["channel"], row["language"])
        assert {key: row[key] for key in said} == said
    assert {row["kind"] for row in rows if not row["body_of_inbox"]} >= {CONFIRMATION, "match_offered"}
    of_inbox = {(row["channel"], row["language"]) for row in rows if row["body_of_inbox"]}
    assert of_inbox == {("email", "en")}


def test_users_neither_read_nor_change_texts(rpc, people):
    caller = rpc.as_user(people.add())
    for statement in (
        "select from wingman_admin.notification_texts",
        "select from wingman.notification_texts",
        "select wingman_admin.set_notification_text('match_offered', 'email', 'en', 'x', 'x', 'x')",
        "select wingman.rendered_text('match_offered', 'email', 'en', 'x', 'x', null, null)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), caller.transaction():
            caller.connection.execute("set local role authenticated")
            caller.connection.execute(statement)
