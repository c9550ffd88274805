"""The checker passes histories that are right, and finds the one thing that is wrong with others."""

from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fire.checker import judge
from fire.effects import Violation
from fire.history import History, Operation
from fire.pair_machine import READS
from fire.rows_at_the_end import Match, Rows, Session
from fire.saved import load_saved, save_history, save_rows

ANA, BEN, EVE = "a", "b", "e"
PAIR = ANA, BEN
MADE = {"success": True, "message": "Wingman buddy match created successfully!", "match_id": "m"}
FOUND = {**MADE, "message": "You already have a pending wingman match"}
SESSION = {"id": "s", "match_id": "m", "status": "scheduled"}
ENDED = {"status": "accepted", "ended_at": "2025-01-01T00:00:00Z", "responded_by_me": False}
DONE = {"success": True, "message": "Done"}
PENDING = {"status": "pending", "ended_at": None, "responded_by_me": False}
ACCEPTED = {**PENDING, "status": "accepted"}


class Story:
    """A history written by hand. Without times, one call follows the other."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.rows = Rows(bios={ANA: None, BEN: None})
        self._clock = count(1)

    def call(
        self,
        person: str,
        call: str,
        answer: Any = None,
        *,
        at: tuple[float, float] | None = None,
        refused: str | None = None,
        unknown: bool = False,
        key: str | None = "",
        kept: Any = "",
        replayed: bool = False,
        context: dict[str, Any] | None = None,
        **arguments: Any,
    ) -> "Story":
        """Add a call. Its key is one of its own, and its answer is kept, unless the story says otherwise."""
        number = len(self.operations)
        begin, end = at or (next(self._clock), next(self._clock) - 0.5)
        key = f"key {number}" if key == "" else key
        is_read = call.startswith("get_")
        outcome = "unknown" if unknown else "refused" if refused else "answered"
        self.operations.append(
            Operation(
                number, "direct", person, call, arguments, begin, None if is_read else key, end,
                outcome, answer, replayed, refused, context or {},
            )
        )  # fmt: skip
        kept = answer if kept == "" else kept
        if key is not None and kept is not None and not is_read:
            self.rows.keys[person, key] = kept
        return self

    def match(self, status: str = "pending", by: str | None = None, **others: Any) -> "Story":
        self.rows.matches["m"] = Match(PAIR, status, by, searched_by=ANA, **others)
        return self

    def session(self, status: str = "scheduled", *confirmed_by: str, venue: str = "v") -> "Story":
        self.rows.sessions["s"] = Session("m", status, frozenset(confirmed_by), venue)
        return self

    def made(self) -> "Story":
        return self.call(ANA, "create_automatic_match", MADE)

    def accepted(self) -> "Story":
        return self.made().respond(BEN, "accept")

    def respond(self, person: str, action: str, **others: Any) -> "Story":
        answer = {"match_status": {"accept": "accepted", "decline": "declined"}[action], "next_match": None}
        if others.get("refused") or others.get("unknown"):
            answer = None  # type: ignore[assignment]
        return self.call(person, "respond_to_match", answer, match_id="m", action=action, **others)

    def scheduled(self) -> "Story":
        return self.accepted().call(ANA, "create_session", SESSION, match_id="m", venue_name="v")

    def confirm(self, person: str, both: bool, status: str = "scheduled", **others: Any) -> "Story":
        answer = {"both_confirmed": both, "reputation_updated": both, "session_status": status}
        if others.get("refused") or others.get("unknown"):
            answer = None  # type: ignore[assignment]
        return self.call(person, "confirm_session_completion", answer, session_id="s", **others)

    def violations(self) -> list[Violation]:
        judgement = judge(self.operations, self.rows)
        assert judgement.undecided == []
        return judgement.violations


def a_whole_story() -> Story:
    return (
        Story()
        .scheduled()
        .call(BEN, "start_session", {**SESSION, "status": "in_progress"}, session_id="s")
        .confirm(ANA, False, "in_progress")
        .call(
            ANA,
            "get_session",
            {"status": "in_progress", "i_confirmed_buddy": True, "buddy_confirmed_me": False},
            session_id="s",
        )
        .confirm(ANA, False, refused="already_confirmed")
        .confirm(BEN, True, "completed")
        .call(ANA, "end_match", ENDED, match_id="m")
        .call(BEN, "block_user", DONE, subject_id=ANA)
        .match("accepted", BEN, has_ended=True)
        .session("completed", ANA, BEN)
    )


def blocked(story: Story) -> Story:
    story.rows.blocks.add((BEN, ANA))
    return story


def with_reports(story: Story, *reasons: str) -> Story:
    story.rows.reports.update(reasons)
    return story


def with_bio(story: Story, bio: str) -> Story:
    story.rows.bios[ANA] = bio
    return story


LOST = {"unknown": True, "key": None, "kept": None}
"""Cancelled: nobody knows the outcome, nor the key."""

RIGHT = {
    "a whole story": lambda: blocked(a_whole_story()),
    "two answers overlap and the later one wins": lambda: (
        Story().made()
        .respond(ANA, "accept", at=(10, 20), refused="match_already_resolved", context={"status": "declined"})
        .respond(BEN, "decline", at=(19, 30))
        .match("declined", BEN)
    ),
    "an unknown accept took effect": lambda: (
        Story().made().respond(BEN, "accept", **LOST).match("accepted", BEN)
    ),
    "an unknown accept did not": lambda: Story().made().respond(BEN, "accept", **LOST).match(),
    "an unknown accept took effect long after it was given up": lambda: (
        Story().made()
        .respond(BEN, "accept", at=(10, 11), **LOST)
        .call(ANA, "get_match", PENDING, at=(20, 21), match_id="m")
        .match("accepted", BEN)
    ),
    "an unknown call with a key took effect": lambda: (
        Story().made()
        .respond(BEN, "accept", unknown=True, kept={"match_status": "accepted", "next_match": None})
        .match("accepted", BEN)
    ),
    "an unknown search made a match": lambda: (
        Story().call(ANA, "create_automatic_match", **LOST)
        .call(BEN, "create_automatic_match", FOUND)
        .match()
    ),
    "an unknown decline made the match that a repeated one is told of": lambda: (
        Story().call(ANA, "respond_to_match", **LOST, match_id="o", action="decline")
        .call(BEN, "create_automatic_match", FOUND)
        .call(ANA, "respond_to_match", {"match_status": "declined", "next_match": {"match_id": "m"}},
              match_id="o", action="decline")
        .match()
    ),
    "a decline made a match": lambda: (
        Story().call(ANA, "respond_to_match", {"match_status": "declined", "next_match": {"match_id": "m"}},
                     match_id="o", action="decline")
        .call(BEN, "create_automatic_match", FOUND).match()
    ),
    "asked again with its key": lambda: (
        Story().made()
        .respond(BEN, "accept", unknown=True, key="k", kept=None)
        .respond(BEN, "accept", key="k", replayed=True)
        .match("accepted", BEN)
    ),
    "a replay is as old as the first call": lambda: (
        Story().made()
        .respond(BEN, "accept", unknown=True, key="k", kept=None)
        .call(ANA, "end_match", ENDED, match_id="m")
        .respond(BEN, "accept", key="k", replayed=True)
        .match("accepted", BEN, has_ended=True)
    ),
    "one of two calls with one key came too early": lambda: (
        Story().made()
        .call(ANA, "create_session", at=(10, 12), key="k", kept=None, refused="match_not_accepted",
              context={"status": "pending"}, match_id="m", venue_name="v")
        .call(ANA, "create_session", SESSION, at=(10.1, 15), key="k", match_id="m", venue_name="v")
        .respond(BEN, "accept", at=(10.2, 11))
        .match("accepted", BEN).session()
    ),
    "a meeting with somebody else was too near": lambda: (
        Story().accepted()
        .call(ANA, "create_session", refused="schedule_conflict", match_id="m", venue_name="v")
        .match("accepted", BEN)
    ),
    "a report was written once": lambda: with_reports(
        Story().call(ANA, "report_user", DONE, subject_id=BEN, reason="r"), "r"
    ),
    "a bio is the last one written": lambda: with_bio(
        Story().call(ANA, "complete_profile", DONE, bio="1").call(ANA, "complete_profile", DONE, bio="2")
        .call(ANA, "get_profile", {"bio": "2"}), "2"
    ),
}  # fmt: skip

ORDER = "the calls of two people have an order"
WRONG = {
    "an acknowledged accept is lost": (ORDER, lambda: Story().accepted().match()),
    "an acknowledged match is lost": ("an acknowledged effect is there", lambda: Story().made()),
    "an acknowledged session is lost": (
        "an acknowledged effect is there",
        lambda: Story().scheduled().match("accepted", BEN),
    ),
    "an acknowledged block is lost": (ORDER, a_whole_story),
    "an acknowledged report is lost": (
        "an acknowledged effect is there",
        lambda: Story().call(ANA, "report_user", DONE, subject_id=BEN, reason="r"),
    ),
    "an acknowledged bio is lost": (
        "the profile calls of a person have an order",
        lambda: Story().call(ANA, "complete_profile", DONE, bio="1"),
    ),
    "a bio that was read had been replaced": (
        "the profile calls of a person have an order",
        lambda: with_bio(
            Story().call(ANA, "complete_profile", DONE, bio="1").call(ANA, "complete_profile", DONE, bio="2")
            .call(ANA, "get_profile", {"bio": "1"}), "2",
        ),
    ),
    "both answers were taken": (
        ORDER,
        lambda: Story().made().respond(ANA, "accept", at=(10, 20)).respond(BEN, "decline", at=(11, 19))
        .match("declined", BEN),
    ),
    "the later answer of two in a row won": (
        ORDER,
        lambda: Story().made().respond(ANA, "accept", at=(10, 11))
        .respond(BEN, "decline", at=(12, 13), refused="match_already_resolved",
                 context={"status": "accepted"})
        .match("declined", BEN),
    ),
    "a match was read as it had been": (
        ORDER,
        lambda: Story().accepted()
        .call(ANA, "get_match", PENDING, match_id="m")
        .match("accepted", BEN),
    ),
    "an answer was foretold": (
        ORDER,
        lambda: Story().made()
        .call(ANA, "get_match", ACCEPTED, match_id="m")
        .respond(BEN, "accept").match("accepted", BEN),
    ),
    "a refusal had no reason": (
        ORDER,
        lambda: Story().made()
        .respond(BEN, "accept", refused="match_already_resolved", context={"status": "declined"}).match(),
    ),
    "a refused accept took effect": (
        ORDER,
        lambda: Story().made().respond(BEN, "accept", refused="busy").match("accepted", BEN),
    ),
    "a refusal was kept under its key": (
        "a refusal changes nothing",
        lambda: Story().made().respond(BEN, "accept", refused="busy", kept={"match_status": "accepted"})
        .match("accepted", BEN),
    ),
    "a refused report was written": (
        "a refusal changes nothing",
        lambda: with_reports(
            Story().call(ANA, "report_user", refused="busy", subject_id=BEN, reason="r"), "r"
        ),
    ),
    "an unknown report was written twice": (
        "a call has at most one effect",
        lambda: with_reports(Story().call(ANA, "report_user", **LOST, subject_id=BEN, reason="r"), "r", "r"),
    ),
    "an unknown end took effect before it was called": (
        ORDER,
        lambda: Story().accepted().call(ANA, "get_match", ENDED, match_id="m")
        .call(ANA, "end_match", **LOST, match_id="m").match("accepted", BEN, has_ended=True),
    ),
    "one unknown search made two matches": (
        "a match comes from a search",
        lambda: two_matches(Story().call(ANA, "create_automatic_match", **LOST)),
    ),
    "nobody searched for a match": ("a match comes from a search", lambda: Story().match()),
    "two matches are pending": ("nobody has two pending matches", lambda: two_pending()),
    "a match was told of before it was made": (
        ORDER,
        lambda: Story().call(BEN, "create_automatic_match", FOUND)
        .call(ANA, "respond_to_match", {"match_status": "declined", "next_match": {"match_id": "m"}},
              match_id="o", action="decline")
        .match(),
    ),
    "a pair has two open matches": (ORDER, lambda: again(Story().accepted())),
    "a blocked pair is matched": (
        ORDER,
        lambda: blocked(Story().call(BEN, "block_user", DONE, subject_id=ANA).made().match()),
    ),
    "a key had two effects": (
        "a key has one effect",
        lambda: Story().made().respond(BEN, "accept", key="k").respond(BEN, "accept", key="k")
        .match("accepted", BEN),
    ),
    "a key had two answers": (
        "a key has one answer",
        lambda: Story().made().respond(BEN, "accept", key="k")
        .respond(BEN, "decline", key="k", replayed=True).match("accepted", BEN),
    ),
    "an answer was not kept": (
        "an answer is kept under its key",
        lambda: Story().made().respond(BEN, "accept", kept=None).match("accepted", BEN),
    ),
    "another answer was kept": (
        "the kept answer is the one given",
        lambda: Story().made().respond(BEN, "accept", kept={"match_status": "declined", "next_match": None})
        .match("accepted", BEN),
    ),
    "an answer was kept for nobody": ("a kept answer is that of a call", lambda: kept_for_nobody()),
    "a session was made for an ended match": (
        ORDER,
        lambda: Story().accepted().call(ANA, "end_match", ENDED, match_id="m")
        .call(ANA, "create_session", SESSION, match_id="m", venue_name="v")
        .match("accepted", BEN, has_ended=True).session(),
    ),
    "a meeting is too near before there are partners": (
        ORDER,
        lambda: Story().made()
        .call(ANA, "create_session", refused="schedule_conflict", match_id="m", venue_name="v")
        .respond(BEN, "accept").match("accepted", BEN),
    ),
    "the end of a match left its session": (
        ORDER,
        lambda: Story().scheduled().call(ANA, "end_match", ENDED, match_id="m")
        .match("accepted", BEN, has_ended=True).session(),
    ),
    "one confirmation completed a session": (
        ORDER,
        lambda: Story().scheduled().confirm(ANA, True, "completed").match("accepted", BEN)
        .session("completed", ANA, BEN),
    ),
    "both confirmed and nobody was told so": (
        ORDER,
        lambda: Story().scheduled().confirm(ANA, False).confirm(BEN, False).match("accepted", BEN)
        .session("completed", ANA, BEN),
    ),
    "a confirmation is lost": (
        ORDER,
        lambda: Story().scheduled().confirm(ANA, False).match("accepted", BEN).session(),
    ),
    "a cancelled session was confirmed": (
        ORDER,
        lambda: Story().scheduled()
        .call(ANA, "cancel_session", {**SESSION, "status": "cancelled"}, session_id="s", reason="w")
        .confirm(BEN, False).match("accepted", BEN).session("cancelled", BEN),
    ),
}  # fmt: skip


def two_matches(story: Story) -> Story:
    story.match().rows.matches["n"] = Match((ANA, EVE), "declined", EVE, searched_by=ANA)
    return story


def two_pending() -> Story:
    story = Story().made().call(EVE, "create_automatic_match", {**MADE, "match_id": "n"})
    story.match("declined", BEN).respond(BEN, "decline")
    story.rows.matches["n"] = Match((ANA, EVE), "pending", searched_by=EVE)
    return story


def again(story: Story) -> Story:
    story.call(ANA, "create_automatic_match", {**MADE, "match_id": "n"})
    story.match("accepted", BEN).rows.matches["n"] = Match(PAIR, searched_by=ANA)
    return story


def kept_for_nobody() -> Story:
    story = Story().made().match()
    story.rows.keys[ANA, "unheard of"] = DONE
    return story


def with_refused_twins(story: Story) -> Story:
    """The same, but each call with a key had a twin that was refused: before it, in the same time."""
    told, story.operations = story.operations, []
    for operation in told:
        if operation.key is not None and operation.call not in READS:
            twin = replace(operation, outcome="refused", error="busy", answer=None, replayed=False)
            story.operations.append(twin)
        story.operations.append(operation)
    return story


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_passes(name: str) -> None:
    assert RIGHT[name]().violations() == []
    assert with_refused_twins(RIGHT[name]()).violations() == []


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(name: str) -> None:
    rule, story = WRONG[name]
    assert rule in {violation.rule for violation in story().violations()}
    assert rule in {violation.rule for violation in with_refused_twins(story()).violations()}


def with_lost_blocks(story: Story) -> Story:
    for _ in range(30):
        for person, other in (PAIR, PAIR[::-1]):
            story.call(person, "block_user", **LOST, subject_id=other)
            story.call(person, "unblock_user", **LOST, subject_id=other)
    return story


def test_too_many_orders_are_not_passed_over() -> None:
    story = blocked(with_lost_blocks(Story().made().match()))
    judgement = judge(story.operations, story.rows, most_nodes=1)
    assert len(judgement.undecided) == 1


def test_that_nothing_leads_to_the_rows_is_found_however_many_calls_are_unknown() -> None:
    story = with_lost_blocks(Story().made().match("accepted", BEN))
    judgement = judge(story.operations, story.rows, most_nodes=100)
    assert judgement.undecided == []
    assert [violation.rule for violation in judgement.violations] == [ORDER]


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    history = History()
    history.answer(history.invoke("direct", ANA, "create_automatic_match", {}, None), MADE, "k", False)
    history.refuse(history.invoke("http", BEN, "end_match", {"match_id": "m"}, None), "busy", {"a": 1}, "l")
    history.lose(history.invoke("http", BEN, "end_match", {"match_id": "m"}, "n"), "cancelled", "n")
    history.invoke("proxied", BEN, "get_profile", {}, None)
    assert history.in_flight() == history.in_flight("proxied") == 1
    rows = with_reports(with_bio(blocked(a_whole_story()), "1"), "r", "r").rows
    save_history(tmp_path, history)
    save_rows(tmp_path, rows)
    assert load_saved(tmp_path) == (history.operations, rows)
