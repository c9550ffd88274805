"""What two people can do to each other: their blocks, their matches, and the sessions of these.

It is written from docs/contract.md, not from sql/, and knows nothing of time: whether a match has lapsed or
a session may be confirmed by now is not judged.
"""

from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

ANSWERS = {"accept": "accepted", "decline": "declined"}
ACTIVE = ("scheduled", "in_progress")
ALWAYS_POSSIBLE = ("busy", "statement_timeout", "connection_lost", "invalid_schedule")
"""Refusals that say nothing about the state."""
SEARCHES = ("create_automatic_match", "respond_to_match")
READS = ("get_match", "get_session", "get_profile")


class Session(NamedTuple):
    id: str
    status: str = "scheduled"
    confirmed_by: frozenset[str] = frozenset()


class Match(NamedTuple):
    id: str
    status: str = "pending"
    responded_by: str | None = None
    has_ended: bool = False
    sessions: tuple[Session, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.status == "pending" or (self.status == "accepted" and not self.has_ended)


class Pair(NamedTuple):
    """Everything between two people."""

    blockers: frozenset[str] = frozenset()
    matches: tuple[Match, ...] = ()

    def in_order(self) -> "Pair":
        """The same with its matches and sessions by id."""
        matches = (match._replace(sessions=tuple(sorted(match.sessions, key=_id))) for match in self.matches)
        return self._replace(matches=tuple(sorted(matches, key=_id)))


def _id(thing: Match | Session) -> str:
    return thing.id


@dataclass(frozen=True)
class Step:
    """An operation as it concerns one pair.

    ``call`` is a function, or says what became of a search: ``offer``, it made the match; ``pending``, the
    match was there already; ``next``, one of the two.
    """

    call: str
    person: str
    invoked: float
    completed: float = inf
    match_id: str = ""
    session_id: str = ""
    action: str = ""
    answer: Any = None
    """None: it took effect, and nobody knows what the answer was."""
    refusal: str | None = None
    context: dict[str, Any] = field(default_factory=dict)
    is_required: bool = True

    @property
    def is_pure(self) -> bool:
        return self.refusal is not None or self.call in (*READS, "pending")

    @property
    def kind(self) -> tuple[str, ...]:
        return self.call, self.person, self.match_id, self.session_id, self.action


def apply(pair: Pair, step: Step) -> Pair | None:
    """The pair after a step; None if the step cannot have its answer there."""
    if step.call == "offer":
        return _offer(pair, step)
    if step.call in ("block_user", "unblock_user"):
        return _block(pair, step)
    match = next((match for match in pair.matches if match.id == step.match_id), None)
    if step.call == "next" and match is None:
        return _offer(pair, step)
    if match is None:
        return pair if step.refusal in (*ALWAYS_POSSIBLE, "match_not_found", "session_not_found") else None
    if step.session_id or step.call == "create_session":
        after = _session_step(match, step)
    else:
        after = _match_step(match, step)
    if after is None or after is match:
        return after and pair
    return pair._replace(matches=tuple(after if m is match else m for m in pair.matches))


def _offer(pair: Pair, step: Step) -> Pair | None:
    if pair.blockers or any(match.is_open or match.id == step.match_id for match in pair.matches):
        return None
    return pair._replace(matches=(*pair.matches, Match(step.match_id)))


def _block(pair: Pair, step: Step) -> Pair | None:
    if step.refusal:
        return pair if step.refusal in ALWAYS_POSSIBLE else None
    if step.call == "unblock_user":
        return pair._replace(blockers=pair.blockers - {step.person})
    matches = tuple(_separated(match, step.person) if match.is_open else match for match in pair.matches)
    return Pair(pair.blockers | {step.person}, matches)


def _separated(match: Match, person: str) -> Match:
    if match.status == "pending":
        return match._replace(status="declined", responded_by=person)
    return _ended(match)


def _ended(match: Match) -> Match:
    sessions = (s._replace(status="cancelled") if s.status in ACTIVE else s for s in match.sessions)
    return match._replace(has_ended=True, sessions=tuple(sessions))


def _match_step(match: Match, step: Step) -> Match | None:
    answer = step.answer
    match step.call, step.refusal:
        case _, refusal if refusal in ALWAYS_POSSIBLE:
            return match
        case "pending" | "next", None:
            return match if match.status == "pending" else None
        case "get_match", None:
            shown = answer["status"], answer["ended_at"] is not None, answer["responded_by_me"]
            is_so = match.status, match.has_ended, match.responded_by == step.person
            return match if shown == is_so else None
        case "respond_to_match", None:
            wanted = ANSWERS[step.action]
            if answer is not None and answer["match_status"] != wanted:
                return None
            if match.status == "pending":
                return match._replace(status=wanted, responded_by=step.person)
            return match if match.status == wanted else None
        case "respond_to_match", "match_already_resolved":
            said = step.context["status"]
            return match if match.status == said != ANSWERS[step.action] and said != "pending" else None
        case "end_match", None:
            if match.status != "accepted" or (answer is not None and answer["ended_at"] is None):
                return None
            return match if match.has_ended else _ended(match)
        case "end_match", "match_not_accepted":
            return match if match.status == step.context["status"] != "accepted" else None
    return None


def _session_step(match: Match, step: Step) -> Match | None:
    if step.refusal in ALWAYS_POSSIBLE:
        return match
    if step.call == "create_session":
        return _create_session(match, step)
    session = next((session for session in match.sessions if session.id == step.session_id), None)
    if session is None:
        return match if step.refusal == "session_not_found" else None
    after = _refused(session, step) if step.refusal else _changed(session, step)
    if after is None or after is session:
        return after and match
    return match._replace(sessions=tuple(after if s is session else s for s in match.sessions))


def _create_session(match: Match, step: Step) -> Match | None:
    is_running = match.status == "accepted" and not match.has_ended
    is_active = any(session.status in ACTIVE for session in match.sessions)
    match step.refusal:
        case None if is_running and not is_active:
            return match._replace(sessions=(*match.sessions, Session(step.session_id)))
        case "active_session_exists" if is_running and is_active:
            return match
        case "schedule_conflict" if is_running and not is_active:
            # with a session of another pair
            return match
        case "match_not_accepted" if not is_running:
            return match if step.context["status"] == ("ended" if match.has_ended else match.status) else None
    return None


def _refused(session: Session, step: Step) -> Session | None:
    """The session, if the refusal is right."""
    is_active, has_confirmed = session.status in ACTIVE, step.person in session.confirmed_by
    match step.call, step.refusal:
        case "confirm_session_completion", "already_confirmed":
            is_right = has_confirmed
        case "confirm_session_completion", "session_not_confirmable":
            is_right = not has_confirmed and not is_active and session.status == step.context["status"]
        case "confirm_session_completion", "session_not_started":
            is_right = not has_confirmed and is_active
        case "start_session" | "cancel_session", "invalid_session_state":
            is_right = not is_active and session.status == step.context["status"]
        case _:
            is_right = False
    return session if is_right else None


def _changed(session: Session, step: Step) -> Session | None:
    answer = step.answer
    match step.call:
        case "get_session":
            mine, theirs = answer["i_confirmed_buddy"], answer["buddy_confirmed_me"]
            others = session.confirmed_by - {step.person}
            is_so = session.status, step.person in session.confirmed_by, bool(others)
            return session if (answer["status"], mine, theirs) == is_so else None
        case "start_session" | "cancel_session":
            wanted = "in_progress" if step.call == "start_session" else "cancelled"
            if answer is not None and answer["status"] != wanted:
                return None
            if session.status == wanted:
                return session
            before = ("scheduled",) if step.call == "start_session" else ACTIVE
            return session._replace(status=wanted) if session.status in before else None
        case "confirm_session_completion":
            if session.status not in ACTIVE or step.person in session.confirmed_by:
                return None
            confirmed_by = session.confirmed_by | {step.person}
            is_complete = len(confirmed_by) == 2
            status = "completed" if is_complete else session.status
            told = answer and (
                answer["both_confirmed"],
                answer["reputation_updated"],
                answer["session_status"],
            )
            if told and told != (is_complete, is_complete, status):
                return None
            return session._replace(status=status, confirmed_by=confirmed_by)
    return None
