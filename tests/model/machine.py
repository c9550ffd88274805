"""Anybody calls anything, time passes, people leave: the database must do what the model does."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import repeat
from typing import Any
from uuid import UUID

import choices
from choices import PEOPLE, STRANGER, UNKNOWN, Via
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from model import Caller, Rows, World
from model_inbox import (
    AGREEMENT_REMINDER_BEFORE,
    CONFIRMATION_REMINDER_AFTER,
    DAY,
    MATCH_EXPIRING_BEFORE,
    SESSION_REMINDERS_BEFORE,
)
from model_matches import EXPOSURE_LIMIT, EXPOSURE_WINDOW, GHOSTING_LIMIT, MATCH_LIFETIME, REMATCH_AFTER
from model_no_shows import ANSWER_WITHIN, DECIDE_WITHIN, NO_SHOW_GRACE, NO_SHOW_MEMORY, NO_SHOW_WINDOW
from model_sessions import SESSION_START_LEAD
from model_state import REPORT_LIMIT
from reality import Reality, Refused
from records import place_of
from refusals import Refusal

On = tuple[UUID, UUID]
"""The id of a match or session, and who acts on it."""

A_MINUTE = timedelta(minutes=1)

THOROUGH = settings(
    max_examples=90,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
BRIEF = settings(THOROUGH, max_examples=5)
LONG = settings(THOROUGH, max_examples=600, stateful_step_count=50, derandomize=False)


@st.composite
def on_match(draw: st.DrawFn, *statuses: str) -> On:
    """A match, preferably of these statuses, and somebody, preferably one of its two people."""
    machine: WingmanMachine = draw(st.runner())
    match_id = draw(st.sampled_from(machine.match_ids(*statuses)))
    return match_id, draw(st.sampled_from([*machine.people_of_match(match_id) * 8, *PEOPLE]))


@st.composite
def on_session(draw: st.DrawFn, *statuses: str) -> On:
    """A session, preferably of these statuses, and somebody, preferably one of its two people."""
    machine: WingmanMachine = draw(st.runner())
    session_id = draw(st.sampled_from(machine.session_ids(*statuses)))
    return session_id, draw(st.sampled_from([*machine.people_of_session(session_id) * 8, *PEOPLE]))


@st.composite
def on_report(draw: st.DrawFn, *statuses: str) -> On:
    """The session of a report of a no-show, preferably of these statuses, and one of its two, mostly."""
    machine: WingmanMachine = draw(st.runner())
    session_id = draw(st.sampled_from(machine.reported_session_ids(*statuses)))
    return session_id, draw(st.sampled_from([*machine.people_of_session(session_id) * 12, *PEOPLE]))


@st.composite
def on_notification(draw: st.DrawFn) -> On:
    """A notification, and somebody, mostly who was told."""
    machine: WingmanMachine = draw(st.runner())
    told = draw(st.sampled_from([*reversed(machine.world.notifications.values())]))
    return told.id, draw(st.sampled_from([*[told.user_id] * 16, *PEOPLE]))


changes_to_come = st.runner().flatmap(lambda machine: st.sampled_from(machine.moments_of_change()))


class WingmanMachine(RuleBasedStateMachine):
    """Over all examples, ``refusals`` collects the errors met, and ``told`` the kinds of notifications.

    A refusal is its name or, for operators', function and name.
    """

    def __init__(self, reality: Reality, refusals: set[str], told: set[str]) -> None:
        super().__init__()
        self.reality = reality
        self.refusals = refusals
        self.told = told
        self.world = World(reality.messages)
        self.unread_calls, self.readings_apart, self.reader_page = 0, 40, 1000
        reality.forget_everything()
        for user_id in PEOPLE:
            reality.sign_up(user_id)
            self.world.sign_up(user_id)

    # Both sides do the same.

    def call(self, function: str, me: UUID, via: Via = Via.TOKEN, **arguments: Any) -> None:
        """Make a call on both sides: their answers and states must be equal."""
        caller = Caller(None if via in (Via.SERVICE, Via.SERVICE_FOR_NOBODY) else me)
        if via in (Via.TOKEN_AND_NAME, Via.SERVICE):
            arguments["user_id"] = me
        elif via is Via.FOR_ANOTHER:
            arguments["user_id"] = next(user_id for user_id in PEOPLE if user_id != me)

        self.compare(
            self.reality.call(function, caller, **arguments),
            lambda now, rows: self.world.call(
                function, caller, now=now, new_ids=self.new_ids(rows), **arguments
            ),
        )
        self.count_a_call()

    def operate(self, function: str, **arguments: Any) -> None:
        """Like ``call``, by an operator; afterwards every counter must equal the ledger."""
        self.compare(
            self.reality.operate(function, **arguments),
            lambda now, _: self.world.operate(function, now=now, **arguments),
            named=f"{function} ",
        )
        assert self.reality.reputation_differences() == []
        self.count_a_call()

    def count_a_call(self) -> None:
        """The readers read every now and then, so that several calls gather."""
        self.unread_calls += 1
        if self.unread_calls >= self.readings_apart:
            self.read()

    def read(self) -> None:
        """Let the readers read: everybody must be told what the model tells them."""
        self.unread_calls = 0
        self.reality.run_readers(self.reader_page)
        now, rows = self.reality.moment_and_rows()
        told = rows["wingman_notifications"]
        new_ids: dict[Any, list[UUID]] = defaultdict(list)
        for told_id in sorted(told.keys() - self.world.notifications.keys()):
            new_ids[place_of(told[told_id])].append(told_id)
        self.world.run_readers(now=now, new_ids={place: iter(ids) for place, ids in new_ids.items()})
        assert rows == self.world.rows()
        self.told.update(one.kind for one in self.world.notifications.values())

    def compare(self, answer: Any, in_the_model: Callable[[datetime, Rows], Any], named: str = "") -> None:
        """Compare an answer, and the present content of the tables, with the model's."""
        now, rows = self.reality.moment_and_rows()
        try:
            expected = in_the_model(now, rows)
        except Refusal as refusal:
            expected = Refused.by(refusal, answer)
            self.refusals.add(named + refusal.name)

        assert answer == expected
        assert rows == self.world.rows()

    def new_ids(self, rows: Rows) -> Iterator[UUID]:
        """The ids of what the database has just made: the one thing that the model cannot know."""
        yield from rows["wingman_matches"].keys() - self.world.matches.keys()
        yield from rows["wingman_sessions"].keys() - self.world.sessions.keys()
        yield from rows["no_show_reports"].keys() - self.world.no_show_reports.keys()
        yield from repeat(UNKNOWN)

    def compare_rows(self) -> None:
        assert self.reality.moment_and_rows()[1] == self.world.rows()

    # What there is to choose from.

    def match_ids(self, *statuses: str) -> list[UUID]:
        matches = [*reversed(self.world.matches.values())]
        preferred = [match.id for match in matches if match.status_at(self.world.now) in statuses]
        return [*preferred * 8, *(match.id for match in matches)] or [UNKNOWN]

    def session_ids(self, *statuses: str) -> list[UUID]:
        sessions = [*reversed(self.world.sessions.values())]
        preferred = [session.id for session in sessions if session.status in statuses]
        return [*preferred * 8, *(session.id for session in sessions)] or [UNKNOWN]

    def reported_session_ids(self, *statuses: str) -> list[UUID]:
        reports = [*reversed(self.world.no_show_reports.values())]
        preferred = [r.session_id for r in reports if r.status_at(self.world.now) in statuses]
        return [*preferred * 8, *(report.session_id for report in reports)] or self.session_ids()

    def people_of_match(self, match_id: UUID) -> tuple[UUID, ...]:
        match = self.world.matches.get(match_id)
        return match.people if match else ()

    def people_of_session(self, session_id: UUID) -> tuple[UUID, ...]:
        session = self.world.sessions.get(session_id)
        return self.people_of_match(session.match_id) if session else ()

    def pending_match_id(self, user_id: UUID) -> UUID | None:
        seeker = self.world.seekers.get(user_id)
        return seeker.pending_match_id if seeker else None

    def free(self) -> list[UUID]:
        """Who can be found."""
        seekers = self.world.seekers.values()
        return [
            seeker.user_id
            for seeker in seekers
            if not seeker.paused
            and not seeker.pending_match_id
            and not seeker.is_suspended_at(self.world.now)
        ]

    def found(self, times: int = 1) -> list[UUID]:
        """People whom the searches of others have found that often, the most often found first."""
        seekers = [seeker for seeker in self.world.seekers.values() if len(seeker.exposures) >= times]
        return [seeker.user_id for seeker in sorted(seekers, key=lambda seeker: -len(seeker.exposures))]

    def moments_of_change(self) -> list[datetime]:
        """The moments to come at which something changes by itself."""
        moments = [
            *(match.expires_at for match in self.world.matches.values() if match.status == "pending"),
            *(match.created_at + REMATCH_AFTER for match in self.world.matches.values()),
            *(
                exposure + EXPOSURE_WINDOW
                for seeker in self.world.seekers.values()
                for exposure in seeker.exposures
            ),
            *(session.scheduled_time for session in self.world.sessions.values() if session.is_active),
            *(
                session.scheduled_time - SESSION_START_LEAD
                for session in self.world.sessions.values()
                if session.is_active
            ),
            *(
                session.scheduled_time + NO_SHOW_GRACE + longer
                for session in self.world.sessions.values()
                for longer in (timedelta(), NO_SHOW_WINDOW)
                if session.status in ("scheduled", "in_progress", "cancelled")
            ),
            *(
                moment
                for report in self.world.no_show_reports.values()
                for moment in (report.answer_by, report.decide_by)
                if report.closed_at is None
            ),
            *(
                moment
                for seeker in self.world.seekers.values()
                for moment in (seeker.cooldown_until, seeker.suspended_until)
                if moment
            ),
            *(reminder.due_at for reminder in self.world.reminders.values()),
        ]
        return [moment for moment in moments if moment > self.world.now + 2.5 * A_MINUTE]

    # Profiles.

    @initialize(
        profiles=st.lists(choices.matchable_profiles, min_size=len(PEOPLE), max_size=len(PEOPLE)),
        searchers=st.lists(choices.people, min_size=1, max_size=3, unique=True),
        appointments=st.lists(choices.times_to_try, min_size=1, max_size=3),
        acceptance=st.sampled_from(["either", "either", "both"]),
        most=choices.notifications_per_day,
        apart=choices.readings_apart,
    )
    def begin(
        self,
        profiles: list[dict[str, Any]],
        searchers: list[UUID],
        appointments: list[timedelta],
        acceptance: str,
        most: int,
        apart: int,
    ) -> None:
        """Some people know each other already, so that every rule has something to begin with."""
        for me, profile in zip(PEOPLE, profiles, strict=True):
            self.call("complete_profile", me, **profile)
        self.set_acceptance(acceptance)
        self.set_notifications_per_day(most)
        self.readings_apart = apart
        for me in searchers:
            self.call("create_automatic_match", me)
        for match, ahead in zip([*self.world.matches.values()], appointments, strict=False):
            self.agree_to_meet((match.id, match.user1_id), ahead)

    @rule(me=choices.anybody, via=choices.vias, profile=choices.profiles)
    def complete_profile(self, me: UUID, via: Via, profile: dict[str, Any]) -> None:
        self.call("complete_profile", me, via, **profile)

    @rule(me=choices.anybody, via=choices.vias, subject_id=choices.anybody)
    def read_about_people(self, me: UUID, via: Via, subject_id: UUID) -> None:
        for function in (
            "get_profile",
            "get_reputation",
            "list_achievements",
            "list_matches",
            "list_sessions",
            "list_no_show_reports",
            "list_notifications",
            "count_unread_notifications",
            "why_no_match",
        ):
            self.call(function, me, via)
        for function in ("get_reputation", "list_achievements"):
            self.call(function, me, subject_id=subject_id)

    @rule(me=choices.anybody, request=choices.bad_requests)
    def call_badly(self, me: UUID, request: tuple[str, dict[str, Any]]) -> None:
        function, arguments = request
        self.call(function, me, **arguments)

    @rule(me=choices.people, nothing=choices.nothing)
    def ask_for_nothing(self, me: UUID, nothing: UUID | None) -> None:
        for action in ("accept", "maybe"):
            self.call("respond_to_match", me, match_id=nothing, action=action)
        for function in ("end_match", "get_match", "explain_match"):
            self.call(function, me, match_id=nothing)
        for function in (
            "start_session",
            "cancel_session",
            "confirm_session_completion",
            "get_session",
            "agree_to_session",
            "withdraw_no_show",
        ):
            self.call(function, me, session_id=nothing)
        self.call("report_no_show", me, session_id=nothing, reason="did_not_come")
        self.call("answer_no_show", me, session_id=nothing, action="admit")
        self.call("reschedule_session", me, session_id=nothing, scheduled_time=self.reality.now() + A_MINUTE)
        self.call("mark_notifications_read", me, up_to=nothing)
        for function in ("block_user", "unblock_user"):
            self.call(function, me, subject_id=nothing)
        for nothing, reason in ((UNKNOWN, "Never met"), (None, "Never met"), (UNKNOWN, " ")):
            self.operate("mark_no_show", session_id=nothing, absent_user_id=me, reason=reason)
            self.operate("revert_completion", session_id=nothing, reason=reason)
            self.operate("cancel_session", session_id=nothing, reason=reason)
            self.operate("end_match", match_id=nothing, reason=reason)
            self.operate(
                "decide_no_show", session_id=nothing, outcome="dismiss", absent_user_ids=None, reason=reason
            )
            self.operate("suspend_user", user_id=nothing, until=None, reason=reason)
            self.operate("lift_suspension", user_id=nothing, reason=reason)

    # Matches.

    @rule(me=choices.people, via=choices.vias, radius=choices.radii)
    def create_automatic_match(self, me: UUID, via: Via, radius: dict[str, Any]) -> None:
        self.call("create_automatic_match", me, via, **radius)
        pending = self.pending_match_id(me)
        for user_id in self.people_of_match(pending) if pending else ():
            self.call("explain_match", user_id, match_id=pending)

    @rule(me=choices.people, via=choices.vias, radius=choices.radii)
    def why_no_match(self, me: UUID, via: Via, radius: dict[str, Any]) -> None:
        self.call("why_no_match", me, via, **radius)

    @rule(me=choices.people, via=choices.vias, function=choices.pauses)
    def pause_or_resume(self, me: UUID, via: Via, function: str) -> None:
        self.call(function, me, via)
        self.call("create_automatic_match", me)

    @rule(radius=choices.good_radii)
    def everybody_searches(self, radius: dict[str, Any]) -> None:
        for me in PEOPLE:
            if me in self.world.seekers and not self.pending_match_id(me):
                self.call("create_automatic_match", me, **radius)

    @precondition(lambda self: self.world.matches)
    @rule(on=on_match("pending"), via=choices.vias, action=choices.actions)
    def respond_to_match(self, on: On, via: Via, action: str | None) -> None:
        match_id, me = on
        self.call("respond_to_match", me, via, match_id=match_id, action=action)

    def set_acceptance(self, acceptance: str) -> None:
        self.reality.set_acceptance(acceptance)
        self.world.set_acceptance(acceptance)

    @rule(acceptance=choices.acceptances, me=choices.people)
    def change_acceptance(self, acceptance: str, me: UUID) -> None:
        """Matches that are there already keep the rule by which they were made."""
        self.set_acceptance(acceptance)
        self.decline_all(me, self.pending_match_id(me))
        self.everybody_searches({})

    @rule(
        people=st.permutations(PEOPLE),
        via=choices.vias,
        answers=choices.answers_of_the_second,
        acceptance=choices.acceptances,
    )
    def both_answer(self, people: list[UUID], via: Via, answers: list[str], acceptance: str) -> None:
        self.set_acceptance("both")
        for me, answer in zip(people[:3], answers, strict=False):
            offered = self.pending_match_id(me)
            if offered and not self.world.matches[offered].needs_both:
                self.call("respond_to_match", me, match_id=offered, action="decline")
            self.call("create_automatic_match", me)
            match_id = self.pending_match_id(me)
            if match_id is None:
                continue
            match = self.world.matches[match_id]
            buddy_id = match.buddy_of(me)
            for again in (via, Via.TOKEN):
                self.call("respond_to_match", me, again, match_id=match_id, action="accept")
            self.call("create_automatic_match", me)
            for user_id in (me, buddy_id):
                self.call("get_match", user_id, match_id=match_id)
            if answer == "nothing":
                self.reach(match.expires_at - MATCH_EXPIRING_BEFORE + A_MINUTE)
                self.read()
                self.reach(match.expires_at + A_MINUTE)
                self.call("create_automatic_match", buddy_id)
            else:
                self.call("respond_to_match", buddy_id, match_id=match_id, action=answer)
            self.call("respond_to_match", me, match_id=match_id, action="accept")
            for user_id in (me, buddy_id):
                self.call("get_match", user_id, match_id=match_id)
                self.call("get_profile", user_id)
        self.set_acceptance(acceptance)

    @precondition(lambda self: self.world.matches)
    @rule(on=on_match("accepted"), via=choices.vias)
    def end_match(self, on: On, via: Via) -> None:
        match_id, me = on
        self.call("end_match", me, via, match_id=match_id)

    @precondition(lambda self: self.world.matches)
    @rule(on=on_match(), page=choices.match_pages)
    def read_matches(self, on: On, page: dict[str, Any]) -> None:
        match_id, me = on
        self.call("get_match", me, match_id=match_id)
        for user_id in (*self.people_of_match(match_id), me):
            self.call("explain_match", user_id, match_id=match_id)
        self.call("list_matches", me, **page)
        self.call("list_matches", me, before=match_id)

    # Sessions.

    @precondition(lambda self: self.world.matches)
    @rule(on=on_match("accepted"), via=choices.vias, ahead=choices.times_to_try, texts=choices.session_texts)
    def create_session(self, on: On, via: Via, ahead: timedelta, texts: dict[str, Any]) -> None:
        match_id, me = on
        time = self.reality.now() + ahead
        self.call("create_session", me, via, match_id=match_id, scheduled_time=time, **texts)

    @precondition(lambda self: self.world.sessions)
    @rule(on=on_session("scheduled"), via=choices.vias, seen=st.booleans())
    def agree_to_session(self, on: On, via: Via, seen: bool) -> None:
        session_id, me = on
        proposal = {"proposed_at": self.world.sessions[session_id].proposed_at} if seen else {}
        self.call("agree_to_session", me, via, session_id=session_id, **proposal)
        self.call("agree_to_session", me, session_id=session_id)
        for user_id in self.people_of_session(session_id):
            self.call("get_session", user_id, session_id=session_id)

    @precondition(lambda self: self.world.sessions)
    @rule(
        on=on_session("scheduled"),
        via=choices.vias,
        ahead=choices.times_to_move_to,
        venue=choices.other_venues,
        agreed=st.booleans(),
    )
    def reschedule_session(
        self, on: On, via: Via, ahead: timedelta | None, venue: dict[str, Any], agreed: bool
    ) -> None:
        session_id, me = on
        session = self.world.sessions[session_id]
        first = {"session_id": session_id, "proposed_at": session.proposed_at}
        people = self.people_of_session(session_id)
        for user_id in people if agreed else ():
            self.call("agree_to_session", user_id, **first)
        time = session.scheduled_time if ahead is None else self.reality.now() + ahead
        for _ in range(2):
            self.call("reschedule_session", me, via, session_id=session_id, scheduled_time=time, **venue)
        for user_id in people:
            self.call("agree_to_session", user_id, **first)

    @rule(me=choices.people, ahead=choices.times_ahead, apart=choices.times_apart, agreed=st.booleans())
    def two_appointments_at_once(self, me: UUID, ahead: timedelta, apart: timedelta, agreed: bool) -> None:
        """The buddy of the first proposes; then the second is arranged."""
        matches = []
        for _ in range(2):
            self.call("create_automatic_match", me)
            match_id = self.pending_match_id(me)
            for user_id in self.people_of_match(match_id) if match_id else ():
                self.call("respond_to_match", user_id, match_id=match_id, action="accept")
            matches.append(match_id)
        time = self.reality.now() + ahead
        for match_id, starts in zip(matches, (time, time + apart), strict=True):
            if match_id:
                buddy_id = next(user_id for user_id in self.people_of_match(match_id) if user_id != me)
                by = buddy_id if match_id == matches[0] else me
                self.call("create_session", by, match_id=match_id, scheduled_time=starts, venue_name="Jardim")
        first = next((s for s in self.world.sessions.values() if s.match_id == matches[0]), None)
        if first:
            self.call("agree_to_session", me, session_id=first.id)
            self.call("reschedule_session", me, session_id=first.id, scheduled_time=time + apart)
            if agreed:
                far = time + 3 * A_MINUTE * 60
                proposed_at = first.proposed_at
                self.call("reschedule_session", me, session_id=first.id, scheduled_time=far)
                for user_id in self.people_of_session(first.id):
                    self.call("agree_to_session", user_id, session_id=first.id, proposed_at=proposed_at)

    @precondition(lambda self: self.world.sessions)
    @rule(on=on_session("scheduled"), via=choices.vias)
    def start_session(self, on: On, via: Via) -> None:
        session_id, me = on
        self.call("start_session", me, via, session_id=session_id)

    @precondition(lambda self: self.world.sessions)
    @rule(on=on_session(), via=choices.vias, reason=choices.reasons)
    def cancel_session(self, on: On, via: Via, reason: dict[str, Any]) -> None:
        session_id, me = on
        self.call("cancel_session", me, via, session_id=session_id, **reason)

    @precondition(lambda self: self.world.sessions)
    @rule(on=on_session("scheduled", "in_progress"), via=choices.vias, by_name=st.booleans())
    def confirm_session_completion(self, on: On, via: Via, by_name: bool) -> None:
        session_id, me = on
        for wrong_person in (me, STRANGER):
            self.call("confirm_session_completion", me, session_id=session_id, buddy_user_id=wrong_person)
        buddy_id = next(user_id for user_id in self.people_of_session(session_id) if user_id != me)
        name = {"buddy_user_id": buddy_id} if by_name else {}
        self.call("confirm_session_completion", me, via, session_id=session_id, **name)

    @precondition(lambda self: self.world.sessions)
    @rule(on=on_session(), page=choices.session_pages)
    def read_sessions(self, on: On, page: dict[str, Any]) -> None:
        session_id, me = on
        self.call("get_session", me, session_id=session_id)
        self.call("list_sessions", me, **page)
        self.call("list_sessions", me, before=session_id)

    # Operators.

    @precondition(lambda self: self.world.sessions)
    @rule(on=on_session("scheduled", "in_progress"), reason=choices.grounds, ended=st.booleans())
    def intervene(self, on: On, reason: str | None, ended: bool) -> None:
        session_id, me = on
        match_id = self.world.sessions[session_id].match_id
        time = self.reality.now() + A_MINUTE
        self.call("create_session", me, match_id=match_id, scheduled_time=time, venue_name="Cais")
        for _ in range(2 if ended else 0):
            self.operate("end_match", match_id=match_id, reason=reason)
        for _ in range(2):
            self.operate("cancel_session", session_id=session_id, reason=reason)
        self.call("get_session", me, session_id=session_id)
        self.call("get_match", me, match_id=match_id)

    @precondition(lambda self: self.world.sessions)
    @rule(on=on_session("completed", "no_show"), reason=choices.grounds)
    def revert_completion(self, on: On, reason: str | None) -> None:
        session_id, me = on
        self.operate("revert_completion", session_id=session_id, reason=reason)
        self.call("get_reputation", me)

    @precondition(lambda self: self.world.sessions)
    @rule(
        on=on_session("scheduled", "in_progress"),
        confirmed=st.booleans(),
        reason=choices.grounds,
        reverted=st.booleans(),
    )
    def stand_up(self, on: On, confirmed: bool, reason: str | None, reverted: bool) -> None:
        session_id, absent = on
        self.operate("mark_no_show", session_id=session_id, absent_user_id=STRANGER, reason="Never met")
        self.operate("mark_no_show", session_id=session_id, absent_user_id=absent, reason="Will not come")
        if self.world.sessions[session_id].is_active:
            self.reach(self.world.sessions[session_id].scheduled_time + A_MINUTE)
        if confirmed:
            self.call("confirm_session_completion", absent, session_id=session_id)
        for _ in range(2):
            self.operate("mark_no_show", session_id=session_id, absent_user_id=absent, reason=reason)
        for _ in range(2 if reverted else 0):
            self.operate("revert_completion", session_id=session_id, reason="Was at the other door")
        for user_id in self.people_of_session(session_id):
            self.call("confirm_session_completion", user_id, session_id=session_id)

    # No-shows.

    @precondition(lambda self: self.world.sessions)
    @rule(
        on=on_session("scheduled", "in_progress", "cancelled"),
        via=choices.vias,
        reason=choices.absences,
        note=choices.remarks,
    )
    def report_no_show(self, on: On, via: Via, reason: str | None, note: dict[str, Any]) -> None:
        session_id, me = on
        self.call("report_no_show", me, via, session_id=session_id, reason=reason, **note)
        self.call("get_session", me, session_id=session_id)

    @rule(
        people=st.permutations(PEOPLE),
        escapes=choices.escapes,
        agreed=choices.often,
        both=choices.seldom,
        ends=choices.ends_of_no_shows,
    )
    def some_wait_in_vain(
        self, people: list[UUID], escapes: list[str], agreed: bool, both: bool, ends: list[str]
    ) -> None:
        for me, escape, end in zip(people[:3], escapes, ends, strict=False):
            session_id = self.waits_in_vain(me, escape, agreed=agreed)
            if session_id:
                self.reports(session_id, me, both=both)
                self.ends(session_id, me, end)

    @rule(
        people=st.permutations(PEOPLE),
        escapes=choices.escapes,
        both=choices.seldom,
        decisions=choices.decisions,
    )
    def operators_decide_about_some(
        self, people: list[UUID], escapes: list[str], both: bool, decisions: list[str]
    ) -> None:
        for me, escape, decision in zip(people[:2], escapes, decisions, strict=False):
            session_id = self.waits_in_vain(me, escape, agreed=True)
            if session_id:
                self.reports(session_id, me, both=both)
                self.ends(session_id, me, decision)

    @rule(people=st.permutations(PEOPLE), decisions=choices.decisions_about_both)
    def both_say_that_the_other_did_not_come(self, people: list[UUID], decisions: list[str]) -> None:
        for me, decision in zip(people[:2], decisions, strict=False):
            session_id = self.waits_in_vain(me, "nothing", agreed=True)
            if session_id:
                self.reports(session_id, me, both=True)
                self.ends(session_id, me, decision)

    @rule(people=st.permutations(PEOPLE), ends=choices.ends_without_an_answer)
    def some_need_no_answer(self, people: list[UUID], ends: list[str]) -> None:
        for me, end in zip(people[:3], ends, strict=True):
            session_id = self.waits_in_vain(me, "nothing", agreed=True)
            if session_id:
                self.reports(session_id, me, both=False)
                self.ends(session_id, me, end)

    def waits_in_vain(self, me: UUID, escape: str, *, agreed: bool) -> UUID | None:
        session_id = self.appointment_of(me)
        if session_id is None:
            return None
        session = self.world.sessions[session_id]
        buddy_id = self.world.matches[session.match_id].buddy_of(me)
        self.call("start_session", buddy_id, session_id=session_id)
        if agreed:
            first, later = session.proposed_at, session.scheduled_time + 7 * A_MINUTE
            self.call("reschedule_session", me, session_id=session_id, scheduled_time=later)
            self.call("agree_to_session", buddy_id, session_id=session_id, proposed_at=first)
        for user_id in (me, buddy_id) if agreed else ():
            self.call("agree_to_session", user_id, session_id=session_id)
        self.reach(session.scheduled_time + A_MINUTE)
        self.call("report_no_show", me, session_id=session_id, reason="did_not_come")
        self.operate(
            "decide_no_show", session_id=session_id, outcome="dismiss", absent_user_ids=None, reason="Soon"
        )
        self.escape(escape, session_id, buddy_id)
        if session.scheduled_time + NO_SHOW_GRACE > self.world.now:
            self.reach(session.scheduled_time + NO_SHOW_GRACE + A_MINUTE)
        return session_id

    def reports(self, session_id: UUID, me: UUID, *, both: bool) -> None:
        buddy_id = self.world.matches[self.world.sessions[session_id].match_id].buddy_of(me)
        for user_id in (me, me, buddy_id) if both else (me, me):
            self.call(
                "report_no_show", user_id, session_id=session_id, reason="did_not_come", note="I waited"
            )

    def ends(self, session_id: UUID, me: UUID, how: str) -> None:
        """What becomes of a report."""
        buddy_id = self.world.matches[self.world.sessions[session_id].match_id].buddy_of(me)
        decision = {"session_id": session_id, "outcome": "uphold", "absent_user_ids": [buddy_id]}
        self.operate("decide_no_show", **decision, reason="Too soon")
        self.operate("decide_no_show", **decision | {"absent_user_ids": [STRANGER]}, reason="Who?")
        if how in ("admit", "contest"):
            for action in (how, "contest", "admit"):
                self.call("answer_no_show", buddy_id, session_id=session_id, action=action)
        elif how == "withdraw":
            self.call("withdraw_no_show", me, session_id=session_id)
        elif how == "confirm":
            for user_id in (buddy_id, me):
                self.call("confirm_session_completion", user_id, session_id=session_id)
        elif how == "cancel":
            self.call("cancel_session", me, session_id=session_id)
        elif how == "erase":
            self.call("erase_my_account", me, confirmation="erase")
        elif how == "mark":
            self.operate("mark_no_show", session_id=session_id, absent_user_id=buddy_id, reason="Saw it")
        elif how in ("uphold", "dismiss", "revert", "too late"):
            self.reach(self.world.now + (DECIDE_WITHIN if how == "too late" else ANSWER_WITHIN) + A_MINUTE)
            for action in ("contest", "admit"):
                self.call("answer_no_show", buddy_id, session_id=session_id, action=action)
            if how == "dismiss":
                decision |= {"outcome": "dismiss", "absent_user_ids": None}
            self.operate("decide_no_show", **decision, reason="Everybody saw it")
            self.call("create_automatic_match", buddy_id)
            if how == "revert":
                self.operate("revert_completion", session_id=session_id, reason="Was at the other door")
            if buddy_id not in self.world.profiles:
                self.comes_back(buddy_id)
        for user_id in (me, buddy_id):
            self.call("list_no_show_reports", user_id, session_id=session_id)
            self.call("create_automatic_match", user_id)

    def comes_back(self, user_id: UUID) -> None:
        place = choices.PLACES[0]
        self.call("complete_profile", user_id, first_name="Back", experience_level="intermediate", **place)

    def appointment_of(self, me: UUID) -> UUID | None:
        """A session still to come of somebody, who finds a buddy and arranges it if need be."""
        soon = self.reality.now() + A_MINUTE
        for session in self.world.sessions.values():
            is_mine = me in self.people_of_session(session.id)
            if is_mine and session.status == "scheduled" and session.scheduled_time > soon:
                return session.id
        self.call("create_automatic_match", me)
        pending = self.pending_match_id(me)
        for user_id in self.people_of_match(pending) if pending else ():
            self.call("respond_to_match", user_id, match_id=pending, action="accept")
        time = self.reality.now() + timedelta(minutes=97)
        for match in [*self.world.matches.values()]:
            if me in match.people and match.status == "accepted" and match.ended_at is None:
                before = {*self.world.sessions}
                self.call("create_session", me, match_id=match.id, scheduled_time=time, venue_name="Jardim")
                for session_id in self.world.sessions.keys() - before:
                    return session_id
        return None

    def escape(self, how: str, session_id: UUID, buddy_id: UUID) -> None:
        """What the one who did not come does within the grace."""
        match = self.world.matches[self.world.sessions[session_id].match_id]
        if how == "be waited for":
            session = self.world.sessions[session_id]
            self.reach(session.scheduled_time + NO_SHOW_GRACE + NO_SHOW_WINDOW + A_MINUTE)
        elif how == "cancel":
            self.call("cancel_session", buddy_id, session_id=session_id)
        elif how == "end":
            self.call("end_match", buddy_id, match_id=match.id)
        elif how == "block":
            self.call("block_user", buddy_id, subject_id=match.buddy_of(buddy_id))
        elif how == "erase":
            self.call("erase_my_account", buddy_id, confirmation="erase")
        elif how == "suspend":
            until = self.reality.now() + timedelta(days=1)
            self.operate("suspend_user", user_id=buddy_id, until=until, reason="Never comes")
        elif how == "decide":
            self.operate("cancel_session", session_id=session_id, reason="Rain")

    @precondition(lambda self: self.world.sessions)
    @rule(
        on=on_report("open"), via=choices.vias, action=choices.no_show_answers, statement=choices.statements
    )
    def answer_no_show(self, on: On, via: Via, action: str | None, statement: dict[str, Any]) -> None:
        session_id, me = on
        people = (me, *self.people_of_session(session_id))
        for user_id in people:
            self.call("answer_no_show", user_id, via, session_id=session_id, action=action, **statement)
        for user_id in people:
            self.call("list_no_show_reports", user_id, session_id=session_id)
            self.call("create_automatic_match", user_id)

    @precondition(lambda self: self.world.no_show_reports)
    @rule(on=on_report("open", "contested"), via=choices.vias, page=choices.report_pages)
    def read_no_shows(self, on: On, via: Via, page: dict[str, Any]) -> None:
        _, me = on
        self.call("list_no_show_reports", me, via, **page)
        newest = [*self.world.no_show_reports][-1]
        self.call("list_no_show_reports", me, before=newest)

    @precondition(lambda self: self.world.sessions)
    @rule(on=on_report("open", "contested"), via=choices.vias, again=st.booleans())
    def withdraw_no_show(self, on: On, via: Via, again: bool) -> None:
        session_id, me = on
        for _ in range(2):
            self.call("withdraw_no_show", me, via, session_id=session_id)
        if again:
            self.call("report_no_show", me, session_id=session_id, reason="did_not_come")

    @precondition(lambda self: self.world.no_show_reports)
    @rule(
        on=on_report("open", "contested"),
        outcome=choices.outcomes,
        absent=choices.who_was_absent,
        reason=choices.grounds,
        wait=choices.waits_for_an_answer,
        reverted=st.booleans(),
    )
    def decide_no_show(
        self, on: On, outcome: str | None, absent: str, reason: str | None, wait: str, reverted: bool
    ) -> None:
        session_id, me = on
        people = self.people_of_session(session_id)
        reports = [r for r in self.world.no_show_reports.values() if r.session_id == session_id]
        if wait == "contest":
            for report in reports:
                self.call("answer_no_show", report.accused_id, session_id=session_id, action="contest")
        elif wait != "no" and reports:
            side = -A_MINUTE if wait == "too short" else A_MINUTE
            self.reach(reports[-1].answer_by + side)
        who = {
            "accused": [report.accused_id for report in reports[:1]],
            "reporter": [report.reporter_id for report in reports[:1]],
            "both": [*people],
            "stranger": [STRANGER],
            "somebody": [me],
            "nobody": [],
        }[absent]
        ids = who if outcome != "dismiss" or absent == "somebody" else None
        for _ in range(2):
            self.operate(
                "decide_no_show", session_id=session_id, outcome=outcome, absent_user_ids=ids, reason=reason
            )
        for user_id in people:
            self.call("get_profile", user_id)
            self.call("create_automatic_match", user_id)
        for _ in range(2 if reverted else 0):
            self.operate("revert_completion", session_id=session_id, reason="Was at the other door")
        for user_id in people:
            self.call("report_no_show", user_id, session_id=session_id, reason="did_not_come")
            self.call("create_automatic_match", user_id)

    def cooling_down(self) -> list[UUID]:
        """Who cannot search because of no-shows."""
        seekers = self.world.seekers.values()
        return [seeker.user_id for seeker in seekers if seeker.is_cooling_down_at(self.world.now)]

    @precondition(lambda self: self.cooling_down())
    @rule(choice=st.data(), via=choices.vias, side=choices.sides, move=st.booleans())
    def search_during_a_cooldown(self, choice: st.DataObject, via: Via, side: timedelta, move: bool) -> None:
        me = choice.draw(st.sampled_from(self.cooling_down()))
        self.everybody_searches({})
        for function in ("create_automatic_match", "why_no_match", "get_profile"):
            self.call(function, me, via)
        self.decline_all(me, self.pending_match_id(me))
        if move:
            self.remove_location(me)
            self.call(
                "complete_profile", me, first_name="Ana", experience_level="beginner", **choices.PLACES[0]
            )
        cooldown_until = self.world.seekers[me].cooldown_until if me in self.world.seekers else None
        if cooldown_until:
            self.reach(cooldown_until + side)
        self.call("create_automatic_match", me)

    @precondition(lambda self: any(event.kind == "no_show" for event in self.world.ledger))
    @rule(choice=st.data(), side=choices.sides)
    def a_no_show_is_forgotten(self, choice: st.DataObject, side: timedelta) -> None:
        missed = [event.created_at for event in self.world.ledger if event.kind == "no_show"]
        self.reach(choice.draw(st.sampled_from(missed)) + NO_SHOW_MEMORY + side)

    # Suspensions.

    @rule(
        me=choices.anybody,
        length=choices.lengths_of_a_suspension,
        reason=choices.grounds,
        away=st.booleans(),
        lifted=choices.often,
    )
    def suspend_user(
        self, me: UUID, length: timedelta | None, reason: str | None, away: bool, lifted: bool
    ) -> None:
        if away:
            self.call("erase_my_account", me, confirmation="erase")
        until = None if length is None else self.reality.now() + length
        self.operate("suspend_user", user_id=me, until=until, reason=reason)
        if away:
            self.comes_back(me)
        self.everybody_searches({})
        for function in ("get_profile", "why_no_match", "create_automatic_match"):
            self.call(function, me)
        soon = self.reality.now() + A_MINUTE
        for match in [match for match in self.world.matches.values() if me in match.people][-2:]:
            for action in ("accept", "decline"):
                self.call("respond_to_match", me, match_id=match.id, action=action)
            self.call("create_session", me, match_id=match.id, scheduled_time=soon, venue_name="Cais")
        for session in [s for s in self.world.sessions.values() if me in self.people_of_session(s.id)][-2:]:
            self.call("get_session", me, session_id=session.id)
            self.call("agree_to_session", me, session_id=session.id)
            self.call("reschedule_session", me, session_id=session.id, scheduled_time=soon)
            self.call("report_no_show", me, session_id=session.id, reason="did_not_come")
        if lifted:
            self.lift_suspension(me, "Was somebody else")
        elif until:
            self.reach(until + A_MINUTE)
            self.everybody_searches({})

    @rule(me=choices.anybody, reason=choices.grounds)
    def lift_suspension(self, me: UUID, reason: str | None) -> None:
        for who in [*self.world.suspensions] or [me]:
            for _ in range(2):
                self.operate("lift_suspension", user_id=who, reason=reason)
            self.call("create_automatic_match", who)
        self.everybody_searches({})

    @invariant()
    def counters_are_the_sums_of_the_ledger(self) -> None:
        for profile in self.world.profiles.values():
            kinds = [event.kind for event in self.world.ledger if event.user_id == profile.id]
            assert profile.completed_sessions == kinds.count("completed") - kinds.count("completion_reverted")
            assert profile.no_shows == kinds.count("no_show") - kinds.count("no_show_reverted")

    @invariant()
    def sessions_say_what_was_decided(self) -> None:
        for session in self.world.sessions.values():
            decided = {
                decision.kind for decision in self.world.decisions if decision.subject_id == session.id
            }
            closed = {r.status for r in self.world.no_show_reports.values() if r.session_id == session.id}
            missed = "session_no_show" in decided or "no_show_upheld" in decided or "admitted" in closed
            assert missed == (session.status == "no_show")
            assert ("session_reverted" in decided) == (session.reverted_at is not None)
            given, taken_back = (
                [e.user_id for e in self.world.ledger if e.session_id == session.id and e.kind in kinds]
                for kinds in (("completed", "no_show"), ("completion_reverted", "no_show_reverted"))
            )
            if session.reverted_at:
                # nothing is taken from whoever had left
                assert [who for who in given if who in self.world.profiles or who in taken_back] == taken_back
            else:
                assert taken_back == []

    # Safety.

    @precondition(lambda self: self.world.matches)
    @rule(on=on_match("pending", "accepted", "expired"), via=choices.vias, back=st.booleans())
    def block_a_buddy(self, on: On, via: Via, back: bool) -> None:
        match_id, me = on
        buddy_id = next(user_id for user_id in self.people_of_match(match_id) if user_id != me)
        self.call("block_user", me, via, subject_id=buddy_id)
        if back:
            self.call("block_user", buddy_id, subject_id=me)
        for user_id, other in ((me, buddy_id), (buddy_id, me)):
            self.call("get_match", user_id, match_id=match_id)
            self.call("get_reputation", user_id, subject_id=other)
            self.call("create_automatic_match", user_id)

    @rule(me=choices.people, via=choices.vias, subject_id=choices.anybody)
    def block_somebody(self, me: UUID, via: Via, subject_id: UUID) -> None:
        self.call("block_user", me, via, subject_id=subject_id)
        self.call("why_no_match", me)

    @precondition(lambda self: self.world.blocks)
    @rule(choice=st.data(), via=choices.vias)
    def unblock(self, choice: st.DataObject, via: Via) -> None:
        me, subject_id = choice.draw(st.sampled_from([*self.world.blocks]))
        self.call("unblock_user", subject_id, subject_id=me)
        self.call("unblock_user", me, via, subject_id=subject_id)
        self.call("create_automatic_match", me)

    @rule(people=st.permutations(PEOPLE), via=choices.vias, forgiven=st.booleans())
    def who_is_blocked_leaves_and_comes_back(self, people: list[UUID], via: Via, forgiven: bool) -> None:
        me, other = people[:2]
        self.call("block_user", me, subject_id=other)
        self.call("erase_my_account", other, via, confirmation="erase")
        if forgiven:
            self.call("unblock_user", me, via, subject_id=other)
        if me in self.world.locations:
            place = {name: getattr(self.world.locations[me], name) for name in ("lat", "lng")}
            self.call("complete_profile", other, first_name="Ana", experience_level="intermediate", **place)
        self.call("create_automatic_match", me)

    @rule(
        me=choices.people,
        via=choices.vias,
        subject_id=choices.anybody,
        reason=choices.complaints,
        more=st.booleans(),
    )
    def report(self, me: UUID, via: Via, subject_id: UUID, reason: str | None, more: bool) -> None:
        self.call("report_user", me, via, subject_id=subject_id, reason=reason)
        for subject_id in PEOPLE[: REPORT_LIMIT + 2] if more else ():
            self.call("report_user", me, subject_id=subject_id, reason="Never comes")

    # The inbox.

    @rule(page=choices.reader_pages, apart=choices.readings_apart, most=choices.notifications_per_day)
    def the_readers_read(self, page: int, apart: int, most: int) -> None:
        """From now on at most so many events at a time, after so many calls, and so many in a day."""
        self.reader_page, self.readings_apart = page, apart
        self.set_notifications_per_day(most)
        self.read()

    @precondition(lambda self: self.world.notifications)
    @rule(on=on_notification(), via=choices.vias, page=choices.inbox_pages)
    def somebody_reads(self, on: On, via: Via, page: dict[str, Any]) -> None:
        told_id, me = on
        self.call("list_notifications", me, via, **page)
        self.call("list_notifications", me, before=told_id, **page)
        self.call("count_unread_notifications", me, via)

    @precondition(lambda self: self.world.notifications)
    @rule(on=on_notification(), via=choices.vias, page=choices.inbox_pages)
    def somebody_has_read(self, on: On, via: Via, page: dict[str, Any]) -> None:
        told_id, me = on
        for _ in range(2):
            self.call("mark_notifications_read", me, via, up_to=told_id)
        self.call("list_notifications", me, **page)

    @precondition(lambda self: self.world.reminders)
    @rule(choice=st.data(), side=choices.sides)
    def somebody_is_reminded(self, choice: st.DataObject, side: timedelta) -> None:
        reminders = [*self.world.reminders.values()]
        kind = choice.draw(st.sampled_from(sorted({reminder.kind for reminder in reminders})))
        reminder = choice.draw(st.sampled_from([r for r in reminders if r.kind == kind]))
        self.reach(reminder.due_at + side)
        self.read()
        for me in self.people_of_match(reminder.match_id):
            self.call("list_notifications", me, unread_only=True)

    @rule(
        people=st.permutations(PEOPLE),
        changes=choices.changes_of_an_appointment,
        looks=choices.looks,
        confirmed=st.booleans(),
    )
    def appointments_come_near(
        self, people: list[UUID], changes: list[str], looks: tuple[bool, ...], confirmed: bool
    ) -> None:
        time = self.reality.now() + timedelta(days=3, minutes=7)
        arranged = []
        for me, change in zip(people[:4], changes, strict=False):
            session_id = self.appointment_of(me)
            if session_id:
                self.call("reschedule_session", me, session_id=session_id, scheduled_time=time)
                self.changes(session_id, me, change)
                arranged.append((session_id, me))
        first, again = SESSION_REMINDERS_BEFORE
        waits = (
            time - self.reality.now() - first + A_MINUTE,
            first - AGREEMENT_REMINDER_BEFORE,
            AGREEMENT_REMINDER_BEFORE - again,
            again,
        )
        for wait, look in zip(waits, looks, strict=True):
            self.time_passes(wait)
            if look:
                self.read()
        for session_id, me in arranged if confirmed else ():
            self.call("confirm_session_completion", me, session_id=session_id)
        self.time_passes(CONFIRMATION_REMINDER_AFTER)
        self.read()
        for me in people[:4]:
            self.call("list_notifications", me)
            self.call("count_unread_notifications", me)

    def changes(self, session_id: UUID, me: UUID, how: str) -> None:
        session = self.world.sessions[session_id]
        time = session.scheduled_time
        if how == "cancel":
            self.call("cancel_session", me, session_id=session_id)
        elif how == "agree":
            buddy_id = self.world.matches[session.match_id].buddy_of(me)
            self.call("agree_to_session", buddy_id, session_id=session_id)
        for moved in {"move": [time + DAY], "move away and back": [time + DAY, time]}.get(how, []):
            self.call("reschedule_session", me, session_id=session_id, scheduled_time=moved)

    def set_notifications_per_day(self, most: int) -> None:
        self.reality.set_notifications_per_day(most)
        self.world.set_notifications_per_day(most)

    @rule(people=st.permutations(PEOPLE), looks=choices.looks, most=st.integers(1, 3), less=st.integers(1, 3))
    def somebody_is_told_much(
        self, people: list[UUID], looks: tuple[bool, ...], most: int, less: int
    ) -> None:
        """As much as is allowed in a day, or more; then less is allowed."""
        as_before = self.world.notifications_per_day
        for me in people[:2]:
            session_id = self.appointment_of(me)
            if session_id is None:
                continue
            self.set_notifications_per_day(most)
            time = self.world.sessions[session_id].scheduled_time
            for times, look in enumerate((*looks, True), start=1):
                moved = time + times * timedelta(minutes=7)
                self.call("reschedule_session", me, session_id=session_id, scheduled_time=moved)
                if look:
                    self.read()
                if times == 3:
                    self.set_notifications_per_day(less)
        self.set_notifications_per_day(as_before)

    # Stories which chance alone would seldom tell to their end.

    @precondition(lambda self: self.world.matches)
    @rule(on=on_match("pending", "accepted"), ahead=choices.times_ahead)
    def agree_to_meet(self, on: On, ahead: timedelta) -> None:
        match_id, me = on
        self.call("respond_to_match", me, match_id=match_id, action="accept")
        match = self.world.matches.get(match_id)
        if match and match.needs_both:
            self.call("respond_to_match", match.buddy_of(me), match_id=match_id, action="accept")
        time = self.reality.now() + ahead
        self.call("create_session", me, match_id=match_id, scheduled_time=time, venue_name="Jardim")
        for session in [*self.world.sessions.values()]:
            if session.match_id == match_id and session.scheduled_time > time - A_MINUTE:
                self.operate("mark_no_show", session_id=session.id, absent_user_id=me, reason="Will be late")

    @precondition(lambda self: self.world.sessions)
    @rule(on=on_session("scheduled", "in_progress"), ahead=choices.times_ahead)
    def postpone(self, on: On, ahead: timedelta) -> None:
        session_id, me = on
        self.call("cancel_session", me, session_id=session_id, reason="Another day")
        self.agree_to_meet((self.world.sessions[session_id].match_id, me), ahead)
        self.call("list_sessions", me)

    @precondition(lambda self: self.world.sessions)
    @rule(
        on=on_session("scheduled", "in_progress"),
        hasty=st.booleans(),
        both=st.booleans(),
        reverted=st.booleans(),
    )
    def meet(self, on: On, hasty: bool, both: bool, reverted: bool) -> None:
        session_id, me = on
        if hasty:
            self.call("start_session", me, session_id=session_id)
            self.call("confirm_session_completion", me, session_id=session_id)
        session = self.world.sessions[session_id]
        if session.is_active:
            self.reach(session.scheduled_time - SESSION_START_LEAD + A_MINUTE)
            self.call("start_session", me, session_id=session_id)
            self.reach(session.scheduled_time + A_MINUTE)
        self.call("confirm_session_completion", me, session_id=session_id)
        for user_id in self.people_of_session(session_id) if both else ():
            self.call("confirm_session_completion", user_id, session_id=session_id)
        for _ in range(2 if reverted else 0):
            self.operate("revert_completion", session_id=session_id, reason="Never met")
        self.call("start_session", me, session_id=session_id)

    @precondition(lambda self: self.world.matches)
    @rule(on=on_match("pending"))
    def decline_one_after_the_other(self, on: On) -> None:
        self.decline_all(on[1], on[0])

    def decline_all(self, me: UUID, offered: UUID | None) -> None:
        while offered:
            self.call("respond_to_match", me, match_id=offered, action="decline")
            pending = self.pending_match_id(me)
            offered = pending if pending != offered else None

    def many_have_offers(self) -> None:
        self.everybody_searches({})
        if sum(self.pending_match_id(user_id) is not None for user_id in PEOPLE) < 6:
            # whoever has met everybody may meet them again
            self.time_passes(REMATCH_AFTER + A_MINUTE)
            for me in PEOPLE:
                self.call("create_automatic_match", me)

    @rule(me=choices.people, first_block=st.booleans())
    def offers_lapse(self, me: UUID, first_block: bool) -> None:
        self.many_have_offers()
        self.time_passes(MATCH_LIFETIME + A_MINUTE)
        pending = self.pending_match_id(me)
        if pending and first_block:
            self.call("block_user", me, subject_id=self.world.matches[pending].buddy_of(me))
        self.call("create_automatic_match", me)

    @rule(people=st.permutations(PEOPLE))
    def some_decline_until_offers_of_others_lapse(self, people: list[UUID]) -> None:
        self.many_have_offers()
        for by in (MATCH_LIFETIME / 2 + 3 * A_MINUTE, MATCH_LIFETIME / 2):
            self.time_passes(by)
            for me in people[:3]:
                pending = self.pending_match_id(me)
                if pending:
                    self.call("respond_to_match", me, match_id=pending, action="decline")

    @rule(passer_by=choices.people, then=choices.ends_of_a_pause)
    def nobody_answers(self, passer_by: UUID, then: str) -> None:
        """Until everybody but one who goes on searching is left out."""
        for _ in range(GHOSTING_LIMIT):
            self.everybody_searches({})
            self.time_passes(MATCH_LIFETIME + A_MINUTE)
            self.call("create_automatic_match", passer_by)
        for user_id in [*self.world.seekers]:
            if self.world.seekers[user_id].paused_automatically:
                self.call(then, user_id)

    @rule(searchers=st.permutations(PEOPLE))
    def some_go_through_everybody(self, searchers: list[UUID]) -> None:
        """Until those near them have been found as often as is allowed."""
        for me in searchers[: EXPOSURE_LIMIT + 1]:
            self.call("create_automatic_match", me)
            self.decline_all(me, self.pending_match_id(me))

    @precondition(lambda self: len(self.free()) > 2)
    @rule(choice=st.data())
    def search_between_two_equally_far(self, choice: st.DataObject) -> None:
        me, *two, bystander = [*choice.draw(st.permutations(self.free())), None][:4]
        for user_id, place in zip((me, *two), choices.BETWEEN_TWO, strict=True):
            self.call("complete_profile", user_id, first_name="Ana", experience_level="intermediate", **place)
        for user_id in self.free():
            if user_id not in (me, *two):
                self.call("pause_matching", user_id)
        self.call("create_automatic_match", me)
        if bystander:
            self.call("resume_matching", bystander)

    @precondition(lambda self: self.found())
    @rule(choice=st.data(), side=choices.sides)
    def search_when_somebody_may_be_found_again(self, choice: st.DataObject, side: timedelta) -> None:
        star = choice.draw(st.sampled_from([*self.found(EXPOSURE_LIMIT) * 8, *self.found()]))
        self.decline_all(star, self.pending_match_id(star))
        self.reach(self.world.seekers[star].exposures[0] + EXPOSURE_WINDOW + side)
        for me in PEOPLE:
            self.call("why_no_match", me)
            self.call("create_automatic_match", me)

    @precondition(lambda self: self.world.matches)
    @rule(on=on_match("accepted", "declined", "expired"), side=choices.sides, apart=st.booleans())
    def search_when_a_pair_may_meet_again(self, on: On, side: timedelta, apart: bool) -> None:
        match_id, me = on
        if apart:
            self.call("end_match", me, match_id=match_id)
        self.reach(self.world.matches[match_id].created_at + REMATCH_AFTER + side)
        self.call("create_automatic_match", me)

    # What happens besides calls.

    @rule(by=choices.lapses)
    def time_passes(self, by: timedelta) -> None:
        self.reality.grow_older(by)
        self.world.grow_older(by)
        self.compare_rows()

    @precondition(lambda self: self.moments_of_change())
    @rule(moment=changes_to_come, side=choices.sides)
    def time_passes_until(self, moment: datetime, side: timedelta) -> None:
        self.reach(moment + side)

    def reach(self, moment: datetime) -> None:
        self.time_passes(max(moment - self.reality.now(), timedelta()))

    @precondition(lambda self: len(self.world.accounts) > len(PEOPLE) - 2)
    @rule(me=choices.people)
    def delete_account(self, me: UUID) -> None:
        if me in self.world.accounts:
            self.world.delete_account(me, now=self.reality.delete_account(me))
            self.compare_rows()

    @precondition(lambda self: len(self.world.profiles) > len(PEOPLE) - 3)
    @rule(me=choices.people, via=choices.vias, word=choices.confirmations, back=st.booleans())
    def erase_my_account(self, me: UUID, via: Via, word: str | None, back: bool) -> None:
        buddies = {
            match.buddy_of(me): match.id for match in self.world.matches.values() if me in match.people
        }
        self.call("erase_my_account", me, via, confirmation=word)
        for buddy_id, match_id in buddies.items():
            self.call("explain_match", buddy_id, match_id=match_id)
            self.call("list_sessions", buddy_id)
        if back:
            self.call(
                "complete_profile", me, first_name="Back", experience_level="beginner", **choices.PLACES[0]
            )

    @rule(me=choices.people)
    def remove_location(self, me: UUID) -> None:
        if me in self.world.locations:
            self.world.remove_location(me, now=self.reality.remove_location(me))
            self.compare_rows()
