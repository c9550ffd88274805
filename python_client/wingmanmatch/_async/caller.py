# Generated from the database's catalog by `make regenerate`: change the SQL instead.
"""The functions of the database, one method each."""

from collections.abc import Sequence
from datetime import date, datetime

from .._rpc import DEFAULT, Array, Default, Id, Time
from ..models import (
    Achievement,
    Acknowledgement,
    AutomaticMatch,
    DataExport,
    ExperienceLevel,
    Leaderboard,
    LeaderboardPeriod,
    LeaderboardVisibility,
    MatchAnswer,
    MatchDetails,
    MatchEvent,
    MatchExplanation,
    MatchResponse,
    MatchStatus,
    NoMatchExplanation,
    NoShowAnswer,
    NoShowReason,
    NoShowReport,
    Notification,
    NotificationChannel,
    NotificationCount,
    NotificationKind,
    NotificationSettings,
    PrivacyMode,
    ProfileDetails,
    Reputation,
    SessionConfirmation,
    SessionDetails,
    SessionStatus,
    TextLanguage,
)
from .base_caller import AsyncBaseCaller


class AsyncCaller(AsyncBaseCaller):
    """The functions, called as one user or service. Made by a client; cheap and immutable.

    An argument left out takes the database's default, and ``None`` is SQL's null.

    Every method that writes has ``idempotency_key``: the same call with the same key has one effect and one
    answer, however often it is made. If you leave it out, the client makes a key; ``None`` sends none.
    Answers and errors carry the key as ``idempotency_key``, and an answer says in ``replayed`` whether it was
    given before.

    Any method may raise, besides the errors in its own description:

    - NotAuthenticated, ActingForAnother, MissingArgument, UserNotFound.
    - Where it writes: UnsupportedIsolation, ReadOnlyTransaction, IdempotencyKeyReused, IdempotencyKeyInvalid,
      Busy.
    - InvalidInput, PermissionDenied, StatementTimeout, ConnectionLost: the call did not complete.
    """

    async def agree_to_session(
        self,
        session_id: Id,
        *,
        proposed_at: datetime | Default | None = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> SessionDetails:
        """Agrees to the time and venue of a session that the buddy proposed, before its time.

        Agreement is not needed to meet or to confirm; only who has arranged, agreed to or started a session
        can be reported for not coming. To decline, cancel the session or propose something else with
        reschedule_session. Agreeing again changes nothing.

        Args:
            session_id: A session of the caller that the buddy arranged or moved.
            proposed_at: Proposed_at of the session that the caller saw, if the call should fail once the
                buddy has proposed something else.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            The session. The detail of proposal_changed carries the session under state, that of
                schedule_conflict the other session.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            SessionNotFound: Session not found.
            NotSessionParticipant: Access denied - user is not a participant in this session.
            SelfAgreement: Cannot agree to your own proposal - only your buddy can agree to it.
            AccountSuspended: This account is suspended.
            ProposalChanged: Your buddy has proposed something else meanwhile.
            InvalidSessionState: Session cannot be <verb> - current status: <status>.
            SessionTimePassed: Session cannot be <verb> - its time was <time>.
            ScheduleConflict: You have another session at <time>.
        """
        return await self._write(
            SessionDetails,
            "agree_to_session",
            session_id=session_id,
            proposed_at=Time.of(proposed_at),
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def answer_no_show(
        self,
        session_id: Id,
        action: NoShowAnswer,
        *,
        statement: str | Default | None = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> NoShowReport:
        """Answers the report that the caller did not come to a session.

        Who admits it ends the session as a no-show, which counts against their reputation. Who contests it
        leaves it to the operators, who decide on what both say. Who does not answer loses nothing by it; a
        late answer counts until operators decide. The same answer again changes nothing.

        Args:
            session_id: The session.
            action: One of admit or contest.
            statement: What the caller says to it, 1 to 2000 characters; only operators see it.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            The report.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            InvalidArgument: <argument> <rule>.
            SessionNotFound: Session not found.
            NotSessionParticipant: Access denied - user is not a participant in this session.
            NoShowNotFound: No no-show is reported in this session.
            NoShowAlreadyAnswered: Report has already been answered.
            NoShowAlreadyDecided: Report is already <status>.
        """
        return await self._write(
            NoShowReport,
            "answer_no_show",
            session_id=session_id,
            action=action,
            statement=statement,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def block_user(
        self,
        subject_id: Id,
        *,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> Acknowledgement:
        """Blocks another user: from now on neither is matched with the other or sees the other's profile or
        reputation.

        A pending match between them is declined, an accepted one ends and its active session is cancelled.
        Blocking again changes nothing. The other person is not notified, and comes back to the same block
        after an erasure.

        Args:
            subject_id: The user to block.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            Success and a message.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            InvalidArgument: <argument> <rule>.
        """
        return await self._write(
            Acknowledgement,
            "block_user",
            subject_id=subject_id,
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
        """Cancels a scheduled or running session.

        Cancelling it again changes nothing.

        Args:
            session_id: A session of the caller.
            reason: At most 500 characters.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            The session.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            InvalidArgument: <argument> <rule>.
            SessionNotFound: Session not found.
            NotSessionParticipant: Access denied - user is not a participant in this session.
            InvalidSessionState: Session cannot be <verb> - current status: <status>.
        """
        return await self._write(
            SessionDetails,
            "cancel_session",
            session_id=session_id,
            reason=reason,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def complete_profile(
        self,
        first_name: str,
        experience_level: ExperienceLevel,
        lat: float,
        lng: float,
        *,
        city: str | Default | None = DEFAULT,
        bio: str | Default | None = DEFAULT,
        photo_url: str | Default | None = DEFAULT,
        confidence_archetype: str | Default | None = DEFAULT,
        max_travel_miles: int | Default = DEFAULT,
        privacy_mode: PrivacyMode | Default = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> ProfileDetails:
        """Replaces the caller's profile and location, and makes the caller matchable.

        Arguments that are left out take their defaults; waiting time and pause stay.

        Args:
            first_name: 1 to 80 characters.
            experience_level: One of beginner, intermediate or advanced.
            lat: Latitude in degrees, WGS 84, north positive.
            lng: Longitude in degrees, east positive.
            city: At most 100 characters, required for city_only.
            bio: At most 400 characters.
            photo_url: Https, at most 500 characters.
            confidence_archetype: At most 100 characters.
            max_travel_miles: 1 to 100, the furthest buddy to meet.
            privacy_mode: One of precise or city_only, how coarse the grid is that distances are computed
                from.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            The profile as it now is.

        Raises:
            InvalidArgument: <argument> <rule>.
            RateLimited: Too many requests - retry in <retry_after> seconds.
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

    async def confirm_session_completion(
        self,
        session_id: Id,
        *,
        buddy_user_id: Id | Default | None = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> SessionConfirmation:
        """Confirms that the caller's buddy completed the session, from its scheduled time on.

        The second of the two confirmations completes the session and raises both reputations, once.

        Args:
            session_id: A session of the caller.
            buddy_user_id: The buddy, if you want the id checked.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            The status after the call and what the caller gained. The detail of already_confirmed carries the
                session under state.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            SessionNotFound: Session not found.
            NotSessionParticipant: Access denied - user is not a participant in this session.
            SelfConfirmation: Cannot confirm your own completion - only your buddy can confirm you.
            BuddyNotInSession: The user to confirm is not your buddy in this session.
            AlreadyConfirmed: You have already confirmed completion for this session.
            SessionNotConfirmable: Session cannot be completed - current status: <status>.
            SessionNotStarted: Cannot confirm completion before scheduled time (<time>).
            RateLimited: Too many requests - retry in <retry_after> seconds.
        """
        return await self._write(
            SessionConfirmation,
            "confirm_session_completion",
            session_id=session_id,
            buddy_user_id=buddy_user_id,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def count_unread_notifications(
        self, *, user_id: Id | Default | None = DEFAULT
    ) -> NotificationCount:
        """Counts the caller's notifications that are unread and still useful.

        Args:
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.

        Returns:
            How many; 0 for a user without a profile.
        """
        return await self._one(NotificationCount, "count_unread_notifications", user_id=user_id)

    async def create_automatic_match(
        self,
        *,
        max_radius_miles: int | Default | None = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> AutomaticMatch:
        """Finds the nearest compatible buddy and creates a pending match, or returns the caller's pending
        match.

        Compatible: experience levels at most one apart, within both people's distances, not matched with each
        other in the last 7 days, no accepted match between them that has not ended, no block between them;
        people whom others have found too often lately are left out, see wingman.settings. Closest first;
        ties: longer waiting, then smaller id. A search ends an automatic pause; during a pause that the
        caller chose it is refused.

        Args:
            max_radius_miles: 1 to 100 whole miles; null: the caller's max_travel_miles.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            The pending match; success is false, without a match, when nobody was found, which is not an
                error.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            InvalidRadius: Radius must be between 1 and 100 miles.
            AccountSuspended: This account is suspended.
            MatchingCooldown: Matching is on a cooldown until <until>.
            MatchingPaused: Matching is paused - resume it first.
            RateLimited: Too many requests - retry in <retry_after> seconds.
        """
        return await self._write(
            AutomaticMatch,
            "create_automatic_match",
            max_radius_miles=max_radius_miles,
            user_id=user_id,
            idempotency_key=idempotency_key,
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
        """Schedules a session of an accepted match.

        A match has one active session at a time.

        Args:
            match_id: An accepted match of the caller that has not ended.
            scheduled_time: In the future, at most 90 days ahead.
            venue_name: 1 to 200 characters.
            notes: At most 2000 characters.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            The session.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            InvalidArgument: <argument> <rule>.
            InvalidSchedule: Scheduled_time must be in the future.
            MatchNotFound: Match not found.
            NotMatchParticipant: Not authorized - user is not a participant in this match.
            AccountSuspended: This account is suspended.
            MatchNotAccepted: Match status must be 'accepted' (current: <status>).
            ActiveSessionExists: Match already has an active session.
            ScheduleConflict: You have another session at <time>.
            RateLimited: Too many requests - retry in <retry_after> seconds.
        """
        return await self._write(
            SessionDetails,
            "create_session",
            match_id=match_id,
            scheduled_time=Time.of(scheduled_time),
            venue_name=venue_name,
            notes=notes,
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
        """Ends an accepted match and cancels its active session.

        Ending it again changes nothing. The two can be matched again 7 days after they were matched.

        Args:
            match_id: A match of the caller.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            The match.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            MatchNotFound: Match not found.
            NotMatchParticipant: Not authorized - user is not a participant in this match.
            MatchNotAccepted: Match status must be 'accepted' (current: <status>).
        """
        return await self._write(
            MatchDetails, "end_match", match_id=match_id, user_id=user_id, idempotency_key=idempotency_key
        )

    async def erase_my_account(
        self,
        confirmation: str,
        *,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> Acknowledgement:
        """Erases everything that WingmanMatch holds about the caller, at once and for good, except for what
        docs/privacy.md lists.

        Profile, place, texts, settings and kept answers go. A pending match is declined, accepted ones end,
        and their sessions are cancelled. The account of the sign-in service stays; deleting that erases the
        same. Erasing again does nothing.

        Args:
            confirmation: The word erase, so that nobody calls this by mistake.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            Success and a message.

        Raises:
            InvalidArgument: <argument> <rule>.
        """
        return await self._write(
            Acknowledgement,
            "erase_my_account",
            confirmation=confirmation,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def explain_match(
        self, match_id: Id, *, user_id: Id | Default | None = DEFAULT
    ) -> MatchExplanation:
        """Explains why a match was made: each rule with its outcome at that time, and why this person came
        first.

        Args:
            match_id: A match of the caller.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.

        Returns:
            The explanation as the caller may see it.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            MatchNotFound: Match not found.
            NotMatchParticipant: Not authorized - user is not a participant in this match.
        """
        return await self._one(MatchExplanation, "explain_match", match_id=match_id, user_id=user_id)

    async def export_my_data(self, *, user_id: Id | Default | None = DEFAULT) -> DataExport:
        """Reads everything that WingmanMatch holds about the caller, also what is left of it after an
        erasure.

        It names nobody who reported or blocked the caller, and has no texts of others.

        Args:
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.

        Returns:
            One export.
        """
        return await self._one(DataExport, "export_my_data", user_id=user_id)

    async def get_leaderboard(
        self,
        period: LeaderboardPeriod,
        *,
        starting: date | Default | None = DEFAULT,
        city: str | Default | None = DEFAULT,
        around_me: bool | Default = DEFAULT,
        after: str | Default | None = DEFAULT,
        page_size: int | Default = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
    ) -> Leaderboard:
        """Reads a page of the leaderboard: who has met the most buddies.

        Only people who have opted in with set_leaderboard_visibility are on it, and nobody who is suspended.
        The count is the number of buddies with whom a person has completed a session, each counted once a
        week; what operators revert does not count. People without one are not listed. Exact at the moment of
        the call.

        Args:
            period: One of all_time, month or week.
            starting: Any day of the week or month; null for the current one. Must be left out for all_time.
            city: Only people whose current city has this name, whatever the case and the blanks. Empty if
                they are fewer than settings.leaderboard_city_minimum; null for everybody.
            around_me: Begin half a page before the caller; empty if the caller is not on the board.
            after: Next_after of the previous page.
            page_size: 1 to 100 people.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.

        Returns:
            A page, how many people are on the board, and the caller's own rank and count.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            InvalidArgument: <argument> <rule>.
        """
        return await self._one(
            Leaderboard,
            "get_leaderboard",
            period=period,
            starting=starting,
            city=city,
            around_me=around_me,
            after=after,
            page_size=page_size,
            user_id=user_id,
        )

    async def get_match(self, match_id: Id, *, user_id: Id | Default | None = DEFAULT) -> MatchDetails:
        """Reads one match of the caller, with its status as of now.

        Args:
            match_id: A match of the caller.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.

        Returns:
            The match.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            MatchNotFound: Match not found.
            NotMatchParticipant: Not authorized - user is not a participant in this match.
        """
        return await self._one(MatchDetails, "get_match", match_id=match_id, user_id=user_id)

    async def get_match_history(
        self, match_id: Id, *, user_id: Id | Default | None = DEFAULT
    ) -> list[MatchEvent]:
        """Reads what happened to one match of the caller and to its sessions, oldest first, as far back as
        the journal is kept.

        Args:
            match_id: A match of the caller.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.

        Returns:
            What happened, when, and which of the two did it.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            MatchNotFound: Match not found.
            NotMatchParticipant: Not authorized - user is not a participant in this match.
        """
        return await self._many(MatchEvent, "get_match_history", match_id=match_id, user_id=user_id)

    async def get_notification_settings(
        self, *, user_id: Id | Default | None = DEFAULT
    ) -> list[NotificationSettings]:
        """Reads which notifications the caller gets outside the app, by e-mail and by web push, and when.

        Args:
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.

        Returns:
            One row for each channel, email first.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
        """
        return await self._many(NotificationSettings, "get_notification_settings", user_id=user_id)

    async def get_profile(self, *, user_id: Id | Default | None = DEFAULT) -> ProfileDetails:
        """Reads the caller's own profile with location and settings.

        Args:
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.

        Returns:
            One profile.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
        """
        return await self._one(ProfileDetails, "get_profile", user_id=user_id)

    async def get_reputation(
        self, *, subject_id: Id | Default | None = DEFAULT, user_id: Id | Default | None = DEFAULT
    ) -> Reputation:
        """Reads the reputation of the caller or of a current partner.

        Args:
            subject_id: The person; null: the caller.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.

        Returns:
            Score, counters and badge.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            ReputationNotVisible: Reputation is visible to the user and to current partners only.
        """
        return await self._one(Reputation, "get_reputation", subject_id=subject_id, user_id=user_id)

    async def get_session(self, session_id: Id, *, user_id: Id | Default | None = DEFAULT) -> SessionDetails:
        """Reads one session of the caller.

        Args:
            session_id: A session of the caller.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.

        Returns:
            The session.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            SessionNotFound: Session not found.
            NotSessionParticipant: Access denied - user is not a participant in this session.
        """
        return await self._one(SessionDetails, "get_session", session_id=session_id, user_id=user_id)

    async def list_achievements(
        self, *, subject_id: Id | Default | None = DEFAULT, user_id: Id | Default | None = DEFAULT
    ) -> list[Achievement]:
        """Lists the achievements of the caller, earned and in progress, or those that a current partner has
        earned.

        Args:
            subject_id: The person; null: the caller.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.

        Returns:
            The achievements by metric and threshold. They follow from the completed sessions and are exact at
                once; the notification achievement_earned comes a moment later.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            ReputationNotVisible: Reputation is visible to the user and to current partners only.
        """
        return await self._many(Achievement, "list_achievements", subject_id=subject_id, user_id=user_id)

    async def list_matches(
        self,
        *,
        status: MatchStatus | Default | None = DEFAULT,
        before: Id | Default | None = DEFAULT,
        page_size: int | Default = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
    ) -> list[MatchDetails]:
        """Reads a page of the caller's matches, newest first.

        Args:
            status: One of pending, accepted, declined or expired, as of now; null: all.
            before: The last id of the previous page.
            page_size: 1 to 100 rows.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.

        Returns:
            A page of matches; empty for a user without a profile.

        Raises:
            InvalidArgument: <argument> <rule>.
        """
        return await self._many(
            MatchDetails, "list_matches", status=status, before=before, page_size=page_size, user_id=user_id
        )

    async def list_no_show_reports(
        self,
        *,
        session_id: Id | Default | None = DEFAULT,
        before: Id | Default | None = DEFAULT,
        page_size: int | Default = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
    ) -> list[NoShowReport]:
        """Lists the reports of no-shows by and about the caller, newest first.

        Args:
            session_id: Only those of this session.
            before: Only reports older than this id; the id of the last report of the page before.
            page_size: 1 to 100.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.

        Returns:
            The reports; none for a user without a profile.

        Raises:
            InvalidArgument: <argument> <rule>.
        """
        return await self._many(
            NoShowReport,
            "list_no_show_reports",
            session_id=session_id,
            before=before,
            page_size=page_size,
            user_id=user_id,
        )

    async def list_notifications(
        self,
        *,
        before: Id | Default | None = DEFAULT,
        page_size: int | Default = DEFAULT,
        unread_only: bool | Default = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
    ) -> list[Notification]:
        """Reads a page of the caller's inbox, newest first.

        Args:
            before: The last id of the previous page.
            page_size: 1 to 100 rows.
            unread_only: Leave out notifications that are marked as read.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.

        Returns:
            A page of notifications; empty for a user without a profile.

        Raises:
            InvalidArgument: <argument> <rule>.
        """
        return await self._many(
            Notification,
            "list_notifications",
            before=before,
            page_size=page_size,
            unread_only=unread_only,
            user_id=user_id,
        )

    async def list_sessions(
        self,
        *,
        status: SessionStatus | Default | None = DEFAULT,
        before: Id | Default | None = DEFAULT,
        page_size: int | Default = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
    ) -> list[SessionDetails]:
        """Reads a page of the caller's sessions, newest first.

        Args:
            status: One of scheduled, in_progress, completed, cancelled or no_show; null: all.
            before: The last id of the previous page.
            page_size: 1 to 100 rows.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.

        Returns:
            A page of sessions; empty for a user without a profile.

        Raises:
            InvalidArgument: <argument> <rule>.
        """
        return await self._many(
            SessionDetails,
            "list_sessions",
            status=status,
            before=before,
            page_size=page_size,
            user_id=user_id,
        )

    async def mark_notifications_read(
        self,
        up_to: Id,
        *,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> NotificationCount:
        """Marks the caller's notifications as read, from the oldest up to a given one.

        Those already marked stay as they are.

        Args:
            up_to: The newest id that the caller has seen; it need not exist any more.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            How many are unread now.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
        """
        return await self._write(
            NotificationCount,
            "mark_notifications_read",
            up_to=up_to,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def pause_matching(
        self, *, user_id: Id | Default | None = DEFAULT, idempotency_key: str | Default | None = DEFAULT
    ) -> Acknowledgement:
        """Leaves the caller out of matching until resume_matching.

        A pending match stays and can be answered; the waiting time goes on.

        Args:
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            Success and a message.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
        """
        return await self._write(
            Acknowledgement, "pause_matching", user_id=user_id, idempotency_key=idempotency_key
        )

    async def register_push_subscription(
        self,
        endpoint: str,
        p256dh: str,
        auth: str,
        *,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> Acknowledgement:
        """Lets a browser receive the caller's notifications as push messages.

        The arguments are those of the browser's PushSubscription. An endpoint belongs to the user who
        registered it last. A user has at most 10; beyond that, the oldest are removed.

        Args:
            endpoint: Its endpoint, an https address, at most 1000 characters, of a push service that
                operators allow.
            p256dh: Its key p256dh, in base64url.
            auth: Its key auth, in base64url.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            An acknowledgement.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            InvalidArgument: <argument> <rule>.
        """
        return await self._write(
            Acknowledgement,
            "register_push_subscription",
            endpoint=endpoint,
            p256dh=p256dh,
            auth=auth,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def remove_push_subscription(
        self,
        endpoint: str,
        *,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> Acknowledgement:
        """Stops push messages to a browser.

        If it is not registered for the caller, nothing happens.

        Args:
            endpoint: The endpoint of the browser's PushSubscription.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            An acknowledgement.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
        """
        return await self._write(
            Acknowledgement,
            "remove_push_subscription",
            endpoint=endpoint,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def report_no_show(
        self,
        session_id: Id,
        reason: NoShowReason,
        *,
        note: str | Default | None = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> NoShowReport:
        """Reports that the buddy did not come to a session, once a session and person.

        Possible from settings.no_show_grace after its time on, for settings.no_show_window, about somebody
        who arranged, agreed to or started it; also if it was cancelled, or the match ended, after its time.
        The buddy can admit or contest it; silence costs nobody anything.

        Args:
            session_id: A session of the caller.
            reason: One of did_not_come, came_too_late or left_early; the buddy sees it.
            note: Anything else, 1 to 2000 characters; only operators see it.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            The report; the existing one, unchanged, if the caller has reported before and it is undecided.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            InvalidArgument: <argument> <rule>.
            SessionNotFound: Session not found.
            NotSessionParticipant: Access denied - user is not a participant in this session.
            NoShowAlreadyDecided: Report is already <status>.
            AccountSuspended: This account is suspended.
            AlreadyConfirmed: You have already confirmed completion for this session.
            InvalidSessionState: Session cannot be <verb> - current status: <status>.
            BuddyNotCommitted: Your buddy had neither arranged this session nor agreed to it.
            NoShowTooEarly: A no-show can be reported from <time> on.
            NoShowWindowClosed: A no-show could be reported until <time>.
            RateLimited: Too many requests - retry in <retry_after> seconds.
        """
        return await self._write(
            NoShowReport,
            "report_no_show",
            session_id=session_id,
            reason=reason,
            note=note,
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
        """Reports another user to the operators.

        A report does not block; use block_user for that.

        Args:
            subject_id: The user to report.
            reason: What happened, 1 to 2000 characters.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            Success and a message.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            InvalidArgument: <argument> <rule>.
            RateLimited: Too many requests - retry in <retry_after> seconds.
        """
        return await self._write(
            Acknowledgement,
            "report_user",
            subject_id=subject_id,
            reason=reason,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def reschedule_session(
        self,
        session_id: Id,
        scheduled_time: datetime,
        *,
        venue_name: str | Default | None = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> SessionDetails:
        """Moves a scheduled session, before its time, to another time or venue, to which the buddy has to
        agree anew.

        Either of the two can do it. The same time and venue again change nothing.

        Args:
            session_id: A session of the caller.
            scheduled_time: In the future, at most 90 days ahead, and at least settings.session_spacing from
                other sessions in the caller's diary.
            venue_name: 1 to 200 characters; null keeps the venue.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            The session. The detail of schedule_conflict names the other session.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            InvalidArgument: <argument> <rule>.
            InvalidSchedule: Scheduled_time must be in the future.
            SessionNotFound: Session not found.
            NotSessionParticipant: Access denied - user is not a participant in this session.
            AccountSuspended: This account is suspended.
            InvalidSessionState: Session cannot be <verb> - current status: <status>.
            SessionTimePassed: Session cannot be <verb> - its time was <time>.
            ScheduleConflict: You have another session at <time>.
            RateLimited: Too many requests - retry in <retry_after> seconds.
        """
        return await self._write(
            SessionDetails,
            "reschedule_session",
            session_id=session_id,
            scheduled_time=Time.of(scheduled_time),
            venue_name=venue_name,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def respond_to_match(
        self,
        match_id: Id,
        action: MatchAnswer,
        *,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> MatchResponse:
        """Accepts or declines a pending match; one answer by either person decides.

        A match with needs_both takes an accept of each: the first one leaves it pending, and until the second
        either of the two can still decline. A decline also looks for the caller's next match, in the same
        transaction. Repeating the answer changes nothing and returns the current state.

        Args:
            match_id: A match of the caller.
            action: One of accept or decline.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            The status of the match and, after a decline, the caller's next match or null.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            InvalidAction: Invalid action: must be 'accept' or 'decline'.
            MatchNotFound: Match not found.
            NotMatchParticipant: Not authorized - user is not a participant in this match.
            AccountSuspended: This account is suspended.
            MatchExpired: Match has expired.
            MatchAlreadyResolved: Match is already <status> - cannot respond.
            RateLimited: Too many requests - retry in <retry_after> seconds.
        """
        return await self._write(
            MatchResponse,
            "respond_to_match",
            match_id=match_id,
            action=action,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def resume_matching(
        self, *, user_id: Id | Default | None = DEFAULT, idempotency_key: str | Default | None = DEFAULT
    ) -> Acknowledgement:
        """Ends the caller's pause, chosen or automatic.

        Args:
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            Success and a message.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
        """
        return await self._write(
            Acknowledgement, "resume_matching", user_id=user_id, idempotency_key=idempotency_key
        )

    async def set_leaderboard_visibility(
        self,
        visibility: LeaderboardVisibility,
        *,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> Acknowledgement:
        """Opts in to the leaderboard or out of it.

        Everybody is off until then. On the leaderboard, every user sees the caller's count, with or without
        the first name, and that the caller lives in a city, if they ask for that city. Otherwise only
        partners see a reputation. People whom the caller has blocked, or who have blocked the caller, never
        see the name.

        Args:
            visibility: One of off, nameless or named; off keeps the caller out of all ranks and totals.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            Success and a message.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            InvalidArgument: <argument> <rule>.
            RateLimited: Too many requests - retry in <retry_after> seconds.
        """
        return await self._write(
            Acknowledgement,
            "set_leaderboard_visibility",
            visibility=visibility,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def set_notification_settings(
        self,
        channel: NotificationChannel,
        *,
        kinds: Sequence[NotificationKind] | Default | None = DEFAULT,
        language: TextLanguage | Default = DEFAULT,
        quiet_from: str | Default | None = DEFAULT,
        quiet_until: str | Default | None = DEFAULT,
        time_zone: str | Default = DEFAULT,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> NotificationSettings:
        """Replaces the caller's settings of one channel.

        Arguments that are left out take their defaults. The e-mail address is the claim email of the access
        token; it is used once the link sent to it has been opened. service_role and operators cannot set it.
        Web push needs register_push_subscription.

        Args:
            channel: One of email or web_push.
            kinds: The kinds of notifications to send, each one of match_offered, match_first_accepted,
                match_accepted, match_declined, match_ended, session_scheduled, session_moved, session_agreed,
                session_started, session_confirmed, session_completed, session_cancelled, session_no_show,
                session_reverted, no_show_reported, no_show_admitted, no_show_contested, no_show_withdrawn,
                no_show_dismissed, matching_paused, user_suspended, suspension_lifted, achievement_earned,
                match_expiring, session_reminder, agreement_reminder, confirmation_reminder or more_activity;
                null for all, empty for none.
            language: One of en or de.
            quiet_from: When the quiet hours begin, such as 22:00; null for no quiet hours. A cancelled
                session and the last reminder of a session are sent even then.
            quiet_until: When they end, such as 07:00.
            time_zone: The time zone of the quiet hours, and of the times in texts, such as Europe/Berlin.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            The settings as they now are.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            InvalidArgument: <argument> <rule>.
            RateLimited: Too many requests - retry in <retry_after> seconds.
        """
        return await self._write(
            NotificationSettings,
            "set_notification_settings",
            channel=channel,
            kinds=Array.of(kinds),
            language=language,
            quiet_from=quiet_from,
            quiet_until=quiet_until,
            time_zone=time_zone,
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
        """Marks a scheduled session as in progress, from 30 minutes before its time.

        Starting it again changes nothing.

        Args:
            session_id: A session of the caller.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            The session.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            SessionNotFound: Session not found.
            NotSessionParticipant: Access denied - user is not a participant in this session.
            InvalidSessionState: Session cannot be <verb> - current status: <status>.
            TooEarly: Session cannot be started before <time>.
        """
        return await self._write(
            SessionDetails,
            "start_session",
            session_id=session_id,
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
        """Removes the caller's block of another user; what the block ended stays ended.

        Without a block nothing changes.

        Args:
            subject_id: The user to unblock, who may have left.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            Success and a message.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            InvalidArgument: <argument> <rule>.
        """
        return await self._write(
            Acknowledgement,
            "unblock_user",
            subject_id=subject_id,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )

    async def why_no_match(
        self, *, max_radius_miles: int | Default | None = DEFAULT, user_id: Id | Default | None = DEFAULT
    ) -> NoMatchExplanation:
        """Explains why a search finds nobody: how many people are near, how many of them each rule removes,
        and what would help.

        The answer is too coarse to locate or recognise anybody: numbers are rounded up to a multiple of
        three, and a block looks like any other absence.

        Args:
            max_radius_miles: 1 to 100 whole miles; null: the caller's max_travel_miles.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.

        Returns:
            The counts and suggestions.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            InvalidRadius: Radius must be between 1 and 100 miles.
        """
        return await self._one(
            NoMatchExplanation, "why_no_match", max_radius_miles=max_radius_miles, user_id=user_id
        )

    async def withdraw_no_show(
        self,
        session_id: Id,
        *,
        user_id: Id | Default | None = DEFAULT,
        idempotency_key: str | Default | None = DEFAULT,
    ) -> NoShowReport:
        """Takes back the caller's report of a no-show, as long as it is undecided.

        Confirming the session, or cancelling it oneself, does so as well. A session can be reported only
        once. Withdrawing again changes nothing.

        Args:
            session_id: The session.
            user_id: The user on whose behalf the call is made; users may leave it out, service_role and
                operators must name it.
            idempotency_key: The same call with the same key gets the first answer again, and nothing is done
                twice.

        Returns:
            The report.

        Raises:
            ProfileIncomplete: Profile and location are required before matching.
            SessionNotFound: Session not found.
            NotSessionParticipant: Access denied - user is not a participant in this session.
            NoShowNotFound: No no-show is reported in this session.
            NoShowAlreadyDecided: Report is already <status>.
        """
        return await self._write(
            NoShowReport,
            "withdraw_no_show",
            session_id=session_id,
            user_id=user_id,
            idempotency_key=idempotency_key,
        )
