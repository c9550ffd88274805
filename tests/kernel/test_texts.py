"""Texts show something, and show what they are, whatever the server's locale."""

from collections.abc import Iterable

import pytest
from arranged import STORIES, Stage
from contract_errors import refused
from harness import LISBON, Connection, People, Rpc
from rows import all_rows

# escape, bell, delete, next line, right-to-left override, isolate, mark, line separator
CONTROLS = ["\x1b", "\x07", "\x7f", "\x85", "\u202e", "\u2066", "\u200f", "\u2028"]
# blanks of all kinds, soft hyphen, zero width space, braille blank, Hangul fillers, byte order mark, tag
INVISIBLE = [
    " ",
    "\t\n",
    "\xa0",
    "\xad",
    "\u200b",
    "\u2800",
    "\u3000",
    "\u3164",
    "\u115f",
    "\uffa0",
    "\ufeff",
    "\U000e0020",
]
VISIBLE = ["a", "é", "中", "한", "👍", "\u0627", "-", "\u0301"]
# whether it must show something
TEXTS = {
    ("complete_profile", "first_name"): True,
    ("complete_profile", "bio"): False,
    ("complete_profile", "confidence_archetype"): False,
    ("complete_profile", "city"): False,
    ("create_session", "venue_name"): True,
    ("create_session", "notes"): False,
    ("cancel_session", "reason"): False,
    ("reschedule_session", "venue_name"): True,
    ("report_user", "reason"): True,
    ("report_no_show", "note"): True,
    ("answer_no_show", "statement"): True,
    ("wingman_admin.mark_no_show", "reason"): True,
    ("wingman_admin.revert_completion", "reason"): True,
    ("wingman_admin.decide_no_show", "reason"): True,
    ("wingman_admin.suspend_user", "reason"): True,
    ("wingman_admin.lift_suspension", "reason"): True,
}


def attempt(
    db: Connection, rpc: Rpc, people: People, function: str, argument: str, texts: Iterable[str], rule: str
) -> None:
    """Make the call with each text; it must be refused by a rule, and change nothing."""
    arrange = next(arrange for call, _, arrange, _ in STORIES if call == function)
    user_id, arguments = arrange(Stage(db, people))
    caller = rpc.as_user(user_id) if user_id else rpc.as_admin()
    before = all_rows(db)
    for text in texts:
        with refused(db, "invalid_argument", argument=argument, rule=rule):
            caller.call(function, **{**arguments, argument: text})
    assert all_rows(db) == before


@pytest.mark.parametrize(("function", "argument"), TEXTS)
def test_no_text_has_control_characters(db, rpc, people, function, argument) -> None:
    texts = [f"Ana{control}" for control in CONTROLS]
    attempt(db, rpc, people, function, argument, texts, "must not contain control characters")


@pytest.mark.parametrize(
    ("function", "argument"), [text for text, is_required in TEXTS.items() if is_required]
)
def test_a_required_text_shows_something(db, rpc, people, function, argument) -> None:
    most = {
        "first_name": 80,
        "venue_name": 200,
        "reason": 2000 if function == "report_user" else 500,
        "note": 2000,
        "statement": 2000,
    }[argument]
    attempt(db, rpc, people, function, argument, INVISIBLE, f"must be 1 to {most} characters")


def test_a_city_that_is_shown_shows_something(db, rpc, people) -> None:
    profile = {**LISBON, "first_name": "Ana", "experience_level": "beginner", "privacy_mode": "city_only"}
    caller = rpc.as_user(people.auth_only())
    for blank in INVISIBLE:
        with refused(db, "invalid_argument", argument="city", rule="is required for privacy_mode city_only"):
            caller.call("complete_profile", **{**profile, "city": blank})


@pytest.mark.parametrize("text", VISIBLE)
def test_other_texts_show_something(db, text) -> None:
    row = db.execute(
        """select wingman.has_visible_character(t) as is, wingman.has_control_character(t) as has
           from (values (%s)) as v (t)""",
        [text],
    ).fetchone()
    assert row == {"is": True, "has": False}


def test_a_long_text_has_lines(db, rpc, people) -> None:
    caller = rpc.as_user(people.auth_only())
    bio = "One\r\n\tTwo"
    answer = caller.call("complete_profile", **LISBON, first_name="Ana", experience_level="beginner", bio=bio)
    assert answer["bio"] == bio


@pytest.mark.parametrize(
    "url", ["https://example.org/\u3164", "https://example.org/\u202e", "https://a b", "https://\xa0"]
)
def test_a_url_has_no_blanks(db, rpc, people, url) -> None:
    rule = "must be an https URL of at most 500 characters"
    attempt(db, rpc, people, "complete_profile", "photo_url", [url], rule)
