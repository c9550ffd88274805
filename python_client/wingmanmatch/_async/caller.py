"""The functions of the database, one method each."""

from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import uuid4

from pydantic import BaseModel, ValidationError

from .._rpc import DEFAULT, Call, Default, Id, Receipt, Reply, Value
from ..errors import WingmanError
from ..models import (
    Acknowledgement,
    AutomaticMatch,
    MatchDetails,
    MatchEvent,
    MatchExplanation,
    MatchResponse,
    NoMatchExplanation,
    ProfileDetails,
    Reputation,
    SessionConfirmation,
    SessionDetails,
)
from .transport import AsyncTransport, Who

Response = TypeVar("Response", bound=BaseModel)


class AsyncCaller:
    """Somebody who calls the functions. Made by a client; cheap, unchangeable, to be shared as the client is.

    An argument left out takes the database's default, and ``None`` is SQL's null. Every method has
    ``user_id``: whom the service acts for; a person may leave it out.

    Every method that writes has ``idempotency_key``: the same call with the same key has one effect and one
    answer, however often it is made. Left out, the client makes a key; ``None`` sends none. The answer tells
    it as ``idempotency_key``, an error as well, and ``replayed`` tells whether the answer was given before.

    Any method may raise, besides what it names itself:

    - NotAuthenticated, ActingForAnother: the caller is not who it must be.
    - ProfileIncomplete, UserNotFound: the caller, or the person named, has no profile.
    - MissingArgument, InvalidArgument, InvalidInput: a value is missing, breaks a rule, or cannot be read.
    - PermissionDenied, StatementTimeout, ConnectionLost: the database could not or would not do it.
    - UnsupportedIsolation, and where it writes Busy, ReadOnlyTransaction, RateLimited, IdempotencyKeyReused
      and IdempotencyKeyInvalid.
    """

    def __init__(self, transport: AsyncTransport[Who], who: Who) -> None:
        self._perform = partial(transport.perform, who=who)

    async def complete_profile(
        self,
        first_name: str,
        experience_level: str,
        lat: float,
        lng: float,
        *,
        city: str | Default | None = DEFAULT,
        bio: str | Default | None = DEFAULT,
        photo_url: str | Default | None = DEFAULT,
        confidence_archetype: str | Default | None = DEFAULT,
        max_travel_miles: int | Default = DEFAULT,
        privacy_mode: str | Default = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> ProfileDetails:
        """Write the profile and the location, replacing all there was; the person can then be matched.

        Args:
            first_name: First name.
            experience_level: ``beginner``, ``intermediate`` or ``advanced``.
            lat: Latitude in degrees, north positive.
            lng: Longitude in degrees, east positive.
            city: Name of the city.
            bio: A few words about the person.
            photo_url: An https URL.
            confidence_archetype: Style of courage.
            max_travel_miles: The furthest buddy that the person will meet, in miles.
            privacy_mode: ``precise``, or ``city_only`` to be placed more coarsely.
            user_id: See the class.
            idempotency_key: See the class.

        Raises:
            InvalidArgument: a value breaks its rule.
            UserNotFound: the person has no account.
        """
        return await self._write(
            ProfileDetails,
            "complete_profile",
            first_name=first_name,
            experience_level=experience_level,
            lat=lat,
            lng=lng,
            city=city,
            bio=bio,
            photo_url=photo_url,
            confidence_archetype=confidence_archetype,
            max_travel_miles=max_travel_miles,
            privacy_mode=privacy_mode,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def get_profile(self, *, user_id: Id | Default | None = DEFAULT) -> ProfileDetails:
        """Read one's own profile, location and settings.

        Args:
            user_id: See the class.
        """
        return await self._one(ProfileDetails, "get_profile", user_id=user_id)

    async def create_automatic_match(
        self,
        *,
        max_radius_miles: int | Default | None = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> AutomaticMatch:
        """Match the caller with the nearest compatible person; a match that is pending already is the answer.

        Nobody compatible is no error: ``success`` is then false.

        Args:
            max_radius_miles: How far to look, in miles; null: as far as the caller's profile says.
            user_id: See the class.
            idempotency_key: See the class.

        Raises:
            InvalidRadius: the radius is out of range.
            MatchingPaused: the caller has paused matching.
            Busy: everybody compatible is being matched at this moment.
        """
        return await self._write(
            AutomaticMatch,
            "create_automatic_match",
            max_radius_miles=max_radius_miles,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def respond_to_match(
        self,
        match_id: Id,
        action: str,
        *,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> MatchResponse:
        """Answer a pending match. A decline looks for the caller's next match in the same transaction.

        The same answer again changes nothing and is no error.

        Args:
            match_id: The match.
            action: ``accept`` or ``decline``.
            user_id: See the class.
            idempotency_key: See the class.

        Raises:
            InvalidAction: the action is neither.
            MatchNotFound: there is no such match.
            NotMatchParticipant: the match is other people's.
            MatchAlreadyResolved: it was answered the other way.
            MatchExpired: nobody answered it in time.
        """
        return await self._write(
            MatchResponse,
            "respond_to_match",
            match_id=match_id,
            action=action,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def end_match(
        self,
        match_id: Id,
        *,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> MatchDetails:
        """End an accepted match and cancel its session; again changes nothing and is no error.

        Args:
            match_id: The match.
            user_id: See the class.
            idempotency_key: See the class.

        Raises:
            MatchNotFound: there is no such match.
            NotMatchParticipant: the match is other people's.
            MatchNotAccepted: it is not accepted.
        """
        return await self._write(
            MatchDetails,
            "end_match",
            match_id=match_id,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def get_match(self, match_id: Id, *, user_id: Id | Default | None = DEFAULT) -> MatchDetails:
        """Read one of the caller's matches.

        Args:
            match_id: The match.
            user_id: See the class.

        Raises:
            MatchNotFound: there is no such match.
            NotMatchParticipant: the match is other people's.
        """
        return await self._one(MatchDetails, "get_match", match_id=match_id, user_id=user_id)

    async def list_matches(
        self,
        *,
        status: str | Default | None = DEFAULT,
        before: Id | Default | None = DEFAULT,
        page_size: int | Default = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
    ) -> list[MatchDetails]:
        """Read a page of the caller's matches, newest first; empty where there are none.

        Args:
            status: Only matches of this status.
            before: Only matches older than this one: the last id of the page before.
            page_size: How many at most.
            user_id: See the class.

        Raises:
            InvalidArgument: an unknown status, or a page too large.
        """
        return await self._many(
            MatchDetails, "list_matches", status=status, before=before, page_size=page_size, user_id=user_id
        )

    async def get_match_history(
        self, match_id: Id, *, user_id: Id | Default | None = DEFAULT
    ) -> list[MatchEvent]:
        """Read what happened to one of the caller's matches and its sessions, oldest first.

        Args:
            match_id: The match.
            user_id: See the class.

        Raises:
            MatchNotFound: there is no such match.
            NotMatchParticipant: the match is other people's.
        """
        return await self._many(MatchEvent, "get_match_history", match_id=match_id, user_id=user_id)

    async def pause_matching(
        self,
        *,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> Acknowledgement:
        """Leave the caller out of matching until ``resume_matching``. A pending match can still be answered.

        Args:
            user_id: See the class.
            idempotency_key: See the class.
        """
        return await self._write(
            Acknowledgement,
            "pause_matching",
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def resume_matching(
        self,
        *,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> Acknowledgement:
        """End a pause, the caller's own or an automatic one; without a pause nothing changes.

        Args:
            user_id: See the class.
            idempotency_key: See the class.
        """
        return await self._write(
            Acknowledgement,
            "resume_matching",
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def explain_match(
        self, match_id: Id, *, user_id: Id | Default | None = DEFAULT
    ) -> MatchExplanation:
        """Read why one of the caller's matches was made.

        Args:
            match_id: The match.
            user_id: See the class.

        Raises:
            MatchNotFound: there is no such match.
            NotMatchParticipant: the match is other people's.
        """
        return await self._one(MatchExplanation, "explain_match", match_id=match_id, user_id=user_id)

    async def why_no_match(
        self,
        *,
        max_radius_miles: int | Default | None = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
    ) -> NoMatchExplanation:
        """Read why a search by the caller finds nobody, in coarse numbers, and what would help.

        Args:
            max_radius_miles: How far to look, in miles; null: as far as the caller's profile says.
            user_id: See the class.

        Raises:
            InvalidRadius: the radius is out of range.
        """
        return await self._one(
            NoMatchExplanation, "why_no_match", max_radius_miles=max_radius_miles, user_id=user_id
        )

    async def create_session(
        self,
        match_id: Id,
        scheduled_time: datetime,
        venue_name: str,
        *,
        notes: str | Default | None = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> SessionDetails:
        """Arrange a meeting of the two people of an accepted match.

        Args:
            match_id: The match.
            scheduled_time: When to meet; with a time zone.
            venue_name: Where to meet.
            notes: Anything else worth knowing.
            user_id: See the class.
            idempotency_key: See the class.

        Raises:
            MatchNotFound: there is no such match.
            NotMatchParticipant: the match is other people's.
            MatchNotAccepted: it is not accepted, or has ended.
            InvalidSchedule: the time is not in the future.
            ActiveSessionExists: the match has a session which is not over.
        """
        return await self._write(
            SessionDetails,
            "create_session",
            match_id=match_id,
            scheduled_time=scheduled_time,
            venue_name=venue_name,
            notes=notes,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def start_session(
        self,
        session_id: Id,
        *,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> SessionDetails:
        """Note that a session has begun; again changes nothing and is no error.

        Args:
            session_id: The session.
            user_id: See the class.
            idempotency_key: See the class.

        Raises:
            SessionNotFound: there is no such session.
            NotSessionParticipant: the session is other people's.
            InvalidSessionState: it is over.
            TooEarly: its time is too far off.
        """
        return await self._write(
            SessionDetails,
            "start_session",
            session_id=session_id,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def cancel_session(
        self,
        session_id: Id,
        *,
        reason: str | Default | None = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> SessionDetails:
        """Call a session off; again changes nothing and is no error.

        Args:
            session_id: The session.
            reason: Why, in a few words.
            user_id: See the class.
            idempotency_key: See the class.

        Raises:
            SessionNotFound: there is no such session.
            NotSessionParticipant: the session is other people's.
            InvalidSessionState: it is over.
        """
        return await self._write(
            SessionDetails,
            "cancel_session",
            session_id=session_id,
            reason=reason,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def confirm_session_completion(
        self,
        session_id: Id,
        *,
        buddy_user_id: Id | Default | None = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> SessionConfirmation:
        """Confirm that the buddy was there. The second confirmation completes the session.

        Both reputations rise then, once.

        Args:
            session_id: The session.
            buddy_user_id: The buddy, to be sure that it is the one.
            user_id: See the class.
            idempotency_key: See the class.

        Raises:
            SessionNotFound: there is no such session.
            NotSessionParticipant: the session is other people's.
            SelfConfirmation: ``buddy_user_id`` is the caller.
            BuddyNotInSession: ``buddy_user_id`` is not the buddy.
            AlreadyConfirmed: the caller has confirmed before.
            SessionNotConfirmable: the session is over otherwise.
            SessionNotStarted: its time has not come.
        """
        return await self._write(
            SessionConfirmation,
            "confirm_session_completion",
            session_id=session_id,
            buddy_user_id=buddy_user_id,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def get_session(self, session_id: Id, *, user_id: Id | Default | None = DEFAULT) -> SessionDetails:
        """Read one of the caller's sessions.

        Args:
            session_id: The session.
            user_id: See the class.

        Raises:
            SessionNotFound: there is no such session.
            NotSessionParticipant: the session is other people's.
        """
        return await self._one(SessionDetails, "get_session", session_id=session_id, user_id=user_id)

    async def list_sessions(
        self,
        *,
        status: str | Default | None = DEFAULT,
        before: Id | Default | None = DEFAULT,
        page_size: int | Default = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
    ) -> list[SessionDetails]:
        """Read a page of the caller's sessions, newest first; empty where there are none.

        Args:
            status: Only sessions of this status.
            before: Only sessions older than this one: the last id of the page before.
            page_size: How many at most.
            user_id: See the class.

        Raises:
            InvalidArgument: an unknown status, or a page too large.
        """
        return await self._many(
            SessionDetails,
            "list_sessions",
            status=status,
            before=before,
            page_size=page_size,
            user_id=user_id,
        )

    async def get_reputation(
        self,
        *,
        subject_id: Id | Default | None = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
    ) -> Reputation:
        """Read the reputation of the caller or of a current partner.

        Args:
            subject_id: Whose; null: the caller's.
            user_id: See the class.

        Raises:
            ReputationNotVisible: the person is no current partner.
        """
        return await self._one(Reputation, "get_reputation", subject_id=subject_id, user_id=user_id)

    async def block_user(
        self,
        subject_id: Id,
        *,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> Acknowledgement:
        """Block somebody, for both directions, and end at once what there is between the two.

        Again changes nothing and is no error. The other person is not told.

        Args:
            subject_id: Whom to block.
            user_id: See the class.
            idempotency_key: See the class.

        Raises:
            InvalidArgument: the subject is the caller.
            UserNotFound: the subject has no profile.
        """
        return await self._write(
            Acknowledgement,
            "block_user",
            subject_id=subject_id,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def unblock_user(
        self,
        subject_id: Id,
        *,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> Acknowledgement:
        """Take the caller's block of somebody back; what it ended stays ended.

        Without a block nothing changes.

        Args:
            subject_id: Whom to unblock.
            user_id: See the class.
            idempotency_key: See the class.

        Raises:
            InvalidArgument: the subject is the caller.
            UserNotFound: the subject has no profile.
        """
        return await self._write(
            Acknowledgement,
            "unblock_user",
            subject_id=subject_id,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def report_user(
        self,
        subject_id: Id,
        reason: str,
        *,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> Acknowledgement:
        """Report somebody to the operators. It does not block.

        Args:
            subject_id: Whom to report.
            reason: What happened.
            user_id: See the class.
            idempotency_key: See the class.

        Raises:
            InvalidArgument: the subject is the caller, or the reason breaks its rule.
            UserNotFound: the subject has no profile.
        """
        return await self._write(
            Acknowledgement,
            "report_user",
            subject_id=subject_id,
            reason=reason,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def _one(self, model: type[Response], function: str, **arguments: Value | Default) -> Response:
        (response,) = await self._many(model, function, **arguments)
        return response

    async def _many(
        self, model: type[Response], function: str, **arguments: Value | Default
    ) -> list[Response]:
        call = Call.of(function, arguments)
        return _read(model, call, await self._perform(call))

    async def _write(
        self,
        model: type[Response],
        function: str,
        *,
        idempotency_key: str | Default | None,
        **arguments: Value | Default,
    ) -> Response:
        key = str(uuid4()) if isinstance(idempotency_key, Default) else idempotency_key
        try:
            keyed = {**arguments, "idempotency_key": DEFAULT if key is None else key}
            call = Call.of(function, keyed, writes=True)
            (response,) = _read(model, call, await self._perform(call), key)
        except WingmanError as error:
            error.idempotency_key = key
            raise
        return response


def _read(
    model: type[Response], call: Call, reply: Reply, idempotency_key: str | None = None
) -> list[Response]:
    receipt = Receipt(idempotency_key, reply.replayed)
    try:
        return [model.model_validate(row, context=receipt) for row in reply.rows]
    except ValidationError as error:
        raise WingmanError(f"This client does not understand the answer of {call.function}") from error
